/// @file
/// @brief Text: a sentence out of pieces. Cheap for the compiler, who reads it in every program.
#pragma once

#include <cstdio>
#include <cstring>
#include <string>

namespace sockets::detail {

/// A sentence that grows: `Text() << "to " << host << ":" << port`. No stream and no std::string: those cost
/// every program dearly. There is room for 4095 bytes; what goes beyond is cut.
class Text {
public:
    Text() noexcept { *words_ = '\0'; }
    Text& operator<<(const char* words) noexcept {
        std::strncat(words_, words, sizeof words_ - 1 - std::strlen(words_));
        return *this;
    }
    Text& operator<<(const std::string& words) noexcept { return *this << words.c_str(); }
    Text& operator<<(long long number) noexcept {
        char digits[24];
        std::snprintf(digits, sizeof digits, "%lld", number);
        return *this << digits;
    }
    operator const char*() const noexcept { return words_; }

private:
    char words_[4096];
};

} // namespace sockets::detail
