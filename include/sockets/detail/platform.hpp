/// @file
/// @brief The one place that knows which system this is: it chooses posix.hpp or winsock.hpp.
///
/// Both define the same names, so that nothing above has to ask:
///
/// | name                                       | what it is                                                |
/// |--------------------------------------------|-----------------------------------------------------------|
/// | `NativeHandle`, `no_handle`                | the system's own word for a socket, and the value of none |
/// | `category`, `last_error`, `set_last_error` | what went wrong, by the system's own number               |
/// | `reason_of`, `error_of`, `is_interrupted`, `would_block` | what that number means on every system, and back |
/// | `lookup_error`, `lookup_no_family`, `lookup_no_address` | what getaddrinfo says                        |
/// | `start`                                    | makes the network usable (Winsock; nothing to do on POSIX) |
/// | `native::make`, `accept`, `close`          | SOCKET, ACCEPT and CLOSE, not inherited by child processes |
/// | `native::bind`, `connect`                  | BIND and CONNECT, with the errors that POSIX has          |
/// | `native::send`, `send_to`, `recv`, `recv_from` | SEND and RECEIVE                                      |
/// | `native::getaddrinfo`, `listen`, `shutdown` | as everywhere                                            |
/// | `no_signal`, `no_wait`, `whole`            | their flags: no SIGPIPE, come back at once, no datagram cut |
/// | `get_option`, `set_option`, `reuse_option` | getsockopt and setsockopt                                 |
/// | `report_unreachable`                       | whether an unreachable peer makes a UDP socket's recv fail |
/// | `now`                                      | a clock that nobody sets, in milliseconds                 |
/// | `wait`, `pause`, `set_blocking`, `is_blocking`      | waiting for one socket, and who does the waiting          |
/// | `wait_any`                                 | waiting for many, by poll                                 |
/// | `stamp`, `packet_domain`                   | the start of a sockaddr; AF_PACKET where there is such a thing |
/// | `shutdown_receive`, `_send`, `_both`       | what shutdown() may be told                               |
#pragma once

#if !(__cplusplus >= 201703L || (defined(_MSVC_LANG) && _MSVC_LANG >= 201703L))
#error "sockets needs C++17: add -std=c++17 to the compiler's command line (MSVC: /std:c++17)"
#endif

#include <climits>
#include <cstddef>
#include <system_error>

namespace sockets::detail {

/// What a socket can be waited for.
enum class Event { readable, writable };

/// The most bytes that every system takes in one call: some take the size as an int.
inline constexpr std::size_t max_transfer = INT_MAX;

/// A time without a limit, in milliseconds.
inline constexpr long long forever = LLONG_MAX;

constexpr std::size_t at_most(std::size_t size) noexcept { return size < max_transfer ? size : max_transfer; }

/// A time as poll and its kin take it: -1 is no limit. Of more than an int holds it is only the first part.
constexpr int poll_time(long long time) noexcept {
    if (time == forever) return -1;
    return time < INT_MAX ? static_cast<int>(time) : INT_MAX;
}

} // namespace sockets::detail

#ifdef _WIN32
#include "winsock.hpp"
#else
#include "posix.hpp"
#endif
