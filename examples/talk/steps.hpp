// The steps of a conversation, a word and what belongs to it: send hola\n. Knows no socket.
#pragma once

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

struct Step {
    enum class Kind { send, pause, expect, expect_line, expect_end, silence, end, reset, use };
    Kind kind;
    std::string text;                 // what goes, what must come, or a connection's name
    std::size_t piece = 0;            // bytes at a time; 0: all at once
    std::chrono::milliseconds time{}; // of a pause or a silence
};

// Why it is no step.
struct NoStep : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline int hex_value(char digit) {
    const std::string_view digits = "0123456789abcdef";
    const std::size_t place =
        digits.find(static_cast<char>(std::tolower(static_cast<unsigned char>(digit))));
    return place == std::string_view::npos ? -1 : static_cast<int>(place);
}

inline char byte_of(std::string_view two) {
    const int high = two.size() == 2 ? hex_value(two[0]) : -1;
    const int low = two.size() == 2 ? hex_value(two[1]) : -1;
    if (high < 0 || low < 0) throw NoStep("un byte son dos cifras hexadecimales: 0a");
    return static_cast<char>(high * 16 + low);
}

// \n \r \t \0 \\ and \x0a; whatever else stands for itself.
inline std::string unescaped(std::string_view text) {
    std::string bytes;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\') {
            bytes += text[at];
            continue;
        }
        const char sign = ++at < text.size() ? text[at] : ' ';
        const std::size_t known = std::string_view("nrt0\\").find(sign);
        if (known != std::string_view::npos) {
            bytes += std::string_view("\n\r\t\0\\", 5)[known];
        } else if (sign == 'x') {
            bytes += byte_of(text.substr(at + 1, 2));
            at += 2;
        } else {
            throw NoStep("después de \\ va n, r, t, 0, x o \\");
        }
    }
    return bytes;
}

// "13 89", or 1389
inline std::string from_hex(std::string_view text) {
    std::string digits(text);
    digits.erase(std::remove(digits.begin(), digits.end(), ' '), digits.end());
    std::string bytes;
    for (std::size_t at = 0; at < digits.size(); at += 2)
        bytes += byte_of(std::string_view(digits).substr(at, 2));
    if (bytes.empty()) throw NoStep("faltan los bytes");
    return bytes;
}

// Seconds: 2 or 0.5
inline std::chrono::milliseconds seconds_of(std::string_view text) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    std::string whole(text.substr(0, dot));
    std::string part(dot < text.size() ? text.substr(dot + 1) : "0");
    const bool digits = (whole + part).find_first_not_of("0123456789") == std::string::npos;
    if (whole.empty() || part.empty() || !digits || whole.size() > 4 || part.size() > 3)
        throw NoStep("los segundos se escriben 2 o 0.5");
    part.resize(3, '0');
    return std::chrono::seconds(std::stoi(whole)) + std::chrono::milliseconds(std::stoi(part));
}

inline std::size_t count_of(std::string_view text) {
    const bool digits = !text.empty() && text.size() < 7 &&
                        text.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits || std::stoi(std::string(text)) == 0)
        throw NoStep("después de pieces va cuántos bytes, y el texto");
    return static_cast<std::size_t>(std::stoi(std::string(text)));
}

// One word of the command line, or one line of a file. Throws NoStep.
inline Step step_of(std::string_view line) {
    const std::size_t blank = line.find(' ');
    const std::string_view name = line.substr(0, blank);
    const std::string_view rest = blank == std::string_view::npos ? "" : line.substr(blank + 1);
    const auto alone = [&](Step::Kind kind) {
        if (blank != std::string_view::npos) throw NoStep(std::string(name) + " va solo");
        return Step{kind, "", 0, {}};
    };
    if (name == "send") return {Step::Kind::send, unescaped(rest), 0, {}};
    if (name == "line") return {Step::Kind::send, unescaped(rest) + "\n", 0, {}};
    if (name == "hex") return {Step::Kind::send, from_hex(rest), 0, {}};
    if (name == "bytes") return {Step::Kind::send, unescaped(rest), 1, {}};
    if (name == "pieces") {
        const std::size_t after = std::min(rest.find(' '), rest.size());
        return {Step::Kind::send,
                unescaped(rest.substr(std::min(after + 1, rest.size()))),
                count_of(rest.substr(0, after)),
                {}};
    }
    if (name == "pause") return {Step::Kind::pause, "", 0, seconds_of(rest)};
    if (name == "expect") return {Step::Kind::expect, unescaped(rest), 0, {}};
    if (name == "expect-hex") return {Step::Kind::expect, from_hex(rest), 0, {}};
    if (name == "expect-line") return {Step::Kind::expect_line, unescaped(rest), 0, {}};
    if (name == "expect-end") return alone(Step::Kind::expect_end);
    if (name == "silence") return {Step::Kind::silence, "", 0, seconds_of(rest)};
    if (name == "end") return alone(Step::Kind::end);
    if (name == "reset") return alone(Step::Kind::reset);
    if (name == "use") {
        if (rest.empty()) throw NoStep("después de use va un nombre");
        return {Step::Kind::use, std::string(rest), 0, {}};
    }
    throw NoStep("no hay paso " + std::string(name));
}
