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
    case std::errc::not_connected: return true;
    default: return false;
    }
}

/// Errors of connect that leave the attempt, or an earlier connection, standing.
inline bool is_under_way(int error) noexcept {
    switch (reason_of(error)) {
    case std::errc::operation_in_progress:
    case std::errc::already_connected:
    case std::errc::connection_already_in_progress: return true;
    default: return would_block(error);
    }
}

} // namespace sockets::detail
