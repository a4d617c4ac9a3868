/// @file
/// @brief What a fuzz target promises of its parser.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

/// Ends the program where a fuzzer sees it, in every build.
inline void promise(bool holds) {
    if (!holds) std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}
