// Text that a stranger wrote: what of it a screen may show, and what may be a name. Knows no
// socket.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "../console.hpp"

namespace chat {

constexpr std::size_t longest_name = 32; // characters

struct Character {
    char32_t code = 0xfffd;
    std::string bytes = "\xef\xbf\xbd"; // U+FFFD, which stands for what is no UTF-8
    bool sound = false;
};

std::vector<Character> characters(std::string_view bytes); // broken ones too
std::string printable(std::string_view bytes);             // one line that does a screen no harm
std::string shortened(std::string_view name);              // hardly longer than a name may be
std::string_view trimmed(std::string_view text);           // without the spaces around it
bool is_name(std::string_view text);                       // whether a client may have it
bool is_reserved(std::string_view name);                   // nobody may speak as the server
bool moves(char32_t code);                                 // the cursor, the line, its direction
bool is_unseen(char32_t code);                             // so that a name looks like another

// --- characters ----------------------------------------------------------------------------------

// A broken character goes as far as its bytes could have begun a sound one: Unicode's "maximal
// subpart", and what Python's errors="replace" replaces by one U+FFFD.
inline std::size_t broken_size(const std::string& text, std::size_t at) {
    std::size_t size = 1;
    while (at + size < text.size() && console::character_size(text.substr(at, size + 1), 0) < 0)
        ++size;
    return size;
}

inline char32_t code_of(const std::string& character) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
    if (character.size() == 1) return byte(0);
    char32_t code = byte(0) & (0x7fU >> character.size());
    for (std::size_t i = 1; i < character.size(); ++i) code = (code << 6U) | (byte(i) & 0x3fU);
    return code;
}

inline std::vector<Character> characters(std::string_view bytes) {
    const std::string text(bytes);
    std::vector<Character> all;
    for (std::size_t at = 0; at < text.size();) {
        const int size = console::character_size(text, at);
        Character character;
        if (size > 0) {
            character.bytes = text.substr(at, static_cast<std::size_t>(size));
            character.code = code_of(character.bytes);
            character.sound = true;
        }
        at += character.sound ? character.bytes.size() : broken_size(text, at);
        all.push_back(character);
    }
    return all;
}

// --- the screen ----------------------------------------------------------------------------------

inline std::string escape(char32_t code) {
    if (code == '\t') return "\\t";
    if (code == '\n') return "\\n";
    if (code == '\r') return "\\r";
    const bool ascii = code < 0x80;
    std::string shown = ascii ? "\\x" : "\\u";
    for (int shift = ascii ? 4 : 12; shift >= 0; shift -= 4)
        shown += "0123456789abcdef"[(code >> static_cast<unsigned>(shift)) & 0xfU];
    return shown;
}

// An escape is plain text: who shows it through here once more changes nothing.
inline std::string printable(std::string_view bytes) {
    std::string shown;
    for (const Character& character : characters(bytes))
        shown += moves(character.code) ? escape(character.code) : character.bytes;
    return shown;
}

// --- which characters ----------------------------------------------------------------------------

struct Range {
    char32_t first;
    char32_t last;
};

template <std::size_t Count>
bool is_in(const Range (&ranges)[Count], char32_t code) {
    return std::any_of(std::begin(ranges), std::end(ranges), [code](const Range& range) {
        return code >= range.first && code <= range.last;
    });
}

// The controls of ASCII and of Latin-1, Unicode's ends of a line, and its Bidi_Control.
inline bool moves(char32_t code) {
    static constexpr Range ranges[] = {{0, 0x1f},        {0x7f, 0x9f},     {0x61c, 0x61c},
                                       {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}};
    return is_in(ranges, code);
}

// Unicode's Default_Ignorable_Code_Point, every space but the usual one, and two kinds that are
// drawn empty. A message may have them: emoji and some scripts are joined with U+200D.
inline bool is_unseen(char32_t code) {
    static constexpr Range ranges[] = {{0xa0, 0xa0},       {0xad, 0xad},       {0x34f, 0x34f},
                                       {0x61c, 0x61c},     {0x115f, 0x1160},   {0x1680, 0x1680},
                                       {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x2000, 0x200f},
                                       {0x2028, 0x202f},   {0x205f, 0x206f},   {0x2800, 0x2800},
                                       {0x3000, 0x3000},   {0x3164, 0x3164},   {0xfe00, 0xfe0f},
                                       {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},
                                       {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};
    return is_in(ranges, code);
}

// --- names ---------------------------------------------------------------------------------------

inline std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// A name has no '-', which ends it in :p-name-msg, and no '<' or '>', which stand around it on the
// screen.
inline bool is_name(std::string_view text) {
    const std::vector<Character> all = characters(text);
    return !all.empty() && all.size() <= longest_name &&
           std::all_of(all.begin(), all.end(), [](const Character& character) {
               return character.sound && !moves(character.code) && !is_unseen(character.code) &&
                      std::string_view("-<>").find(character.bytes) == std::string_view::npos;
           });
}

inline bool is_reserved(std::string_view name) {
    std::string lower(name);
    for (char& letter : lower)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return lower == "servidor" || lower == "server";
}

// Somebody may ask for a name that nobody could have.
inline std::string shortened(std::string_view name) {
    std::string shown;
    std::size_t count = 0;
    for (const Character& character : characters(printable(name))) {
        if (++count > longest_name) return shown + "...";
        shown += character.bytes;
    }
    return shown;
}

} // namespace chat
