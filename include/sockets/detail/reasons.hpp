/// @file
/// @brief What the system's error numbers mean for whoever made the call.
#pragma once

#include "platform.hpp"

#include <system_error>

namespace sockets::detail {

/// Errors of accept that belong to one client who has gone again; the next one may be fine.
inline bool is_of_one_client(int error) noexcept {
    switch (reason_of(error)) {
    case std::errc::connection_aborted:
    case std::errc::connection_reset:
    case std::errc::protocol_error:
    case std::errc::host_unreachable:
    case std::errc::network_unreachable:
    case std::errc::network_down:
    case std::errc::no_protocol_option:
    case std::errc::not_connected: return true;
    default: return host_is_down(error);
    }
}

/// Errors of setsockopt where there is no such option.
inline bool is_no_option(int error) noexcept {
    const std::errc reason = reason_of(error);
    return reason == std::errc::no_protocol_option || reason == std::errc::invalid_argument ||
           reason == std::errc::operation_not_supported;
}

/// Errors of a server's first steps where there is no IPv6, or no way to have IPv4 on the same socket.
inline bool is_ipv6_missing(int error) noexcept {
    switch (reason_of(error)) {
    case std::errc::address_family_not_supported:
    case std::errc::address_not_available:
    case std::errc::protocol_not_supported:
    case std::errc::no_protocol_option:
    case std::errc::invalid_argument: return true;
    default: return false;
    }
}

/// Errors of connect after which it goes on by itself.
inline bool is_under_way(int error) noexcept {
    const std::errc reason = reason_of(error);
    return reason == std::errc::operation_in_progress || reason == std::errc::connection_already_in_progress;
}

} // namespace sockets::detail
