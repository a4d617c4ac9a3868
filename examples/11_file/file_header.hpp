// What stands in front of a file: how long its name is (2 bytes), its size (8 bytes), its name.
// Knows no socket and no file.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "big_endian.hpp"

struct FileHeader {
    static constexpr std::size_t fixed_size = 10; // then comes the name
    static constexpr std::size_t longest_name = 255;

    std::string name;
    std::uint64_t size = 0;

    std::string bytes() const {
        return big_endian(static_cast<std::uint16_t>(name.size())) + big_endian(size) + name;
    }
};

// Of the first ten bytes.
inline std::size_t name_size_of(std::string_view fixed) {
    return from_big_endian<std::uint16_t>(fixed);
}
inline std::uint64_t file_size_of(std::string_view fixed) {
    return from_big_endian<std::uint64_t>(fixed.substr(2));
}

// CON, nul.txt, com1: on Windows these are devices, in every folder.
inline bool is_device(std::string_view name) {
    std::string stem(name.substr(0, name.find('.')));
    while (!stem.empty() && stem.back() == ' ') stem.pop_back();
    for (char& letter : stem)
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    for (const char* device : {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"})
        if (stem == device) return true;
    const bool numbered = stem.size() == 4 && stem[3] >= '0' && stem[3] <= '9';
    return numbered && (stem.compare(0, 3, "COM") == 0 || stem.compare(0, 3, "LPT") == 0);
}

inline bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at++]);
        const int more = lead < 0x80 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
        if (lead > 0xf4 || (lead >= 0x80 && lead < 0xc2)) return false;
        for (int i = 0; i < more; ++i, ++at)
            if (at >= text.size() || (text[at] & 0xc0) != 0x80) return false;
    }
    return true;
}

// Why the receiver takes no file of this name; empty: it does. A name comes from a stranger: it
// must not leave the folder, nor mean something else on some system.
inline std::optional<std::string> refusal(std::string_view name) {
    const auto control = [](char byte) {
        return static_cast<unsigned char>(byte) < 32 || byte == 127;
    };
    if (name.empty() || name.size() > FileHeader::longest_name) return "nombre de largo imposible";
    if (name.find_first_of("/\\:*?\"<>|") != std::string_view::npos)
        return "el nombre lleva un signo prohibido";
    if (std::any_of(name.begin(), name.end(), control))
        return "el nombre lleva un signo de control";
    if (name.front() == '.') return "el nombre empieza con un punto"; // . and .. and what is hidden
    if (name.back() == '.' || name.back() == ' ') return "el nombre termina con punto o espacio";
    if (!is_utf8(name)) return "el nombre no está en UTF-8";
    if (is_device(name)) return "el nombre es el de un dispositivo";
    return std::nullopt;
}
