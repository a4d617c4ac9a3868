// The signs of which HTTP is made: tokens, blanks, percent signs. Knows no socket and no file.
#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace http {

// What is answered instead; the connection ends with it.
struct Refused {
    int status;
};

inline std::string lower(std::string_view text) {
    std::string small(text);
    for (char& letter : small)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return small;
}

// Letters, digits and these: names of methods and fields.
inline bool is_token(std::string_view text) {
    const auto fits = [](char byte) {
        return std::isalnum(static_cast<unsigned char>(byte)) ||
               std::string_view("!#$%&'*+-.^_`|~").find(byte) != std::string_view::npos;
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

inline std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

inline int hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

// "a%20b" is "a b".
inline std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t at = 0; at < text.size(); ++at) {
        char byte = text[at];
        if (byte == '%') {
            const int high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
            const int low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
            if (high < 0 || low < 0) throw Refused{400};
            byte = static_cast<char>(high * 16 + low);
            at += 2;
        }
        if (byte == '\0') throw Refused{400};
        decoded += byte;
    }
    return decoded;
}

inline std::string percent_encoded(std::string_view text) {
    std::string encoded;
    for (const char byte : text) {
        const auto value = static_cast<unsigned char>(byte);
        const bool plain =
            std::isalnum(value) || std::string_view("-._~/").find(byte) != std::string_view::npos;
        if (plain) encoded += byte;
        else encoded.append({'%', "0123456789ABCDEF"[value >> 4], "0123456789ABCDEF"[value & 15]});
    }
    return encoded;
}

} // namespace http
