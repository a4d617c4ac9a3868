/// @file
/// @brief Bytes that are no letters, shown: what a stranger wrote must not move the reader's cursor.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sockets::detail {

/// `\n`, `\r`, `\t`, or `\x1b`.
inline std::string escape(unsigned char byte) {
    static constexpr char digits[] = "0123456789abcdef";
    switch (byte) {
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return {'\\', 'x', digits[byte / 16], digits[byte % 16]};
    }
}

/// The same text with its control characters as escapes: a host, a path, a line of the trace.
inline std::string visible(std::string_view words) {
    std::string text;
    for (const char letter : words) {
        const auto byte = static_cast<unsigned char>(letter);
        if (byte < ' ' || byte == 0x7f) text += escape(byte);
        else text += letter;
    }
    return text;
}

/// Bytes of any kind between quotes, cut after so many letters: `"pues hola"`, `"\xc3\xb1"...`.
inline std::string quoted(std::string_view bytes, std::size_t most) {
    std::string text = "\"";
    for (const char letter : bytes) {
        if (text.size() > most) return text + "\"..."; // the quote counts as well
        const auto byte = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\') text += {'\\', letter};
        else if (byte < ' ' || byte > '~') text += escape(byte);
        else text += letter;
    }
    return text + "\"";
}

} // namespace sockets::detail
