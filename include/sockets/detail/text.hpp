/// @file
/// @brief Sentences out of pieces, and the reason inside an error code: cheap for the compiler, who reads
/// this in every program.
#pragma once

#include <cstdio>
#include <string>
#include <system_error>

namespace sockets::detail {

/// A sentence that grows: `Text() << "to " << host << ":" << port`. No stream: those cost every program
/// dearly.
class Text {
public:
    Text& operator<<(const char* words) {
        words_ += words;
        return *this;
    }
    Text& operator<<(const std::string& words) { return *this << words.c_str(); }
    Text& operator<<(long long number) {
        char digits[24];
        std::snprintf(digits, sizeof digits, "%lld", number);
        return *this << digits;
    }
    operator const char*() const noexcept { return words_.c_str(); }

private:
    std::string words_;
};

/// What the code means on every system, for a switch; a value that std::errc does not have where it does not
/// know.
inline std::errc reason_of(const std::error_code& code) noexcept {
    const std::error_condition condition = code.default_error_condition();
    const bool known = &condition.category() == &std::generic_category();
    return static_cast<std::errc>(known ? condition.value() : 0);
}

inline bool is_interrupted(const std::error_code& code) noexcept {
    return reason_of(code) == std::errc::interrupted;
}

inline bool would_block(const std::error_code& code) noexcept {
    const std::errc reason = reason_of(code);
    return reason == std::errc::operation_would_block || reason == std::errc::resource_unavailable_try_again;
}

/// Errors of accept that belong to one client who has gone again; the next one may be fine.
inline bool is_of_one_client(const std::error_code& code) noexcept {
    const std::errc reason = reason_of(code);
    return reason == std::errc::connection_aborted || reason == std::errc::connection_reset ||
           reason == std::errc::protocol_error || reason == std::errc::host_unreachable ||
           reason == std::errc::network_unreachable || reason == std::errc::not_connected;
}

} // namespace sockets::detail
