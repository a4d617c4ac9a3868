/// @file
/// @brief The one place that knows which system this is: it chooses posix.hpp or winsock.hpp.
///
/// Both define the same names, so that nothing above has to ask:
///
/// | name                                       | what it is                                                |
/// |--------------------------------------------|-----------------------------------------------------------|
/// | `NativeHandle`, `no_handle`                | the system's own word for a socket, and the value of none |
/// | `category`, `last_error`, `set_last_error` | what went wrong, by the system's own number               |
/// | `reason_of`, `error_of`, `is_interrupted`, `would_block`, `host_is_down` | what that number means on every system, and back |
/// | `datagram_error`                           | the same for a datagram socket: an unreachable peer's       |
/// | `AddressInfo`, `lookup_error`, `lookup_no_family`, `lookup_no_address` | what getaddrinfo gives and says |
/// | `start`                                    | makes the network usable (Winsock; nothing to do on POSIX) |
/// | `native::make`, `accept`, `close`, `pair`  | SOCKET, ACCEPT, CLOSE and two connected ends, not inherited by child processes |
/// | `native::bind`, `connect`                  | BIND and CONNECT, with the errors that POSIX has          |
/// | `native::send`, `send_to`, `recv`, `recv_from` | SEND and RECEIVE                                      |
/// | `native::getaddrinfo`, `freeaddrinfo`, `listen`, `shutdown` | as everywhere; hosts are UTF-8            |
/// | `no_signal`, `no_wait`, `whole`            | their flags: no SIGPIPE, come back at once, no datagram cut |
/// | `get_option`, `set_option`, `reuse_option` | getsockopt and setsockopt                                 |
/// | `domain_of`                                | the family that a socket was made with                    |
/// | `report_unreachable`                       | whether an unreachable peer makes a UDP socket's recv fail |
/// | `now`                                      | a clock that nobody sets, in milliseconds                 |
/// | `wait`, `pause`, `set_blocking`, `blocks`, `is_blocking` | waiting for one socket, and who does the waiting          |
/// | `wait_any`, `peer_end`, `identity_of`      | waiting for many, by poll; which sockets they are         |
/// | `set_family`, `packet_domain`, `pair_domain` | the start of a sockaddr; AF_PACKET where there is such a thing; what a pair is of |
/// | `in_use_hint`                              | what to check when a port is taken                        |
/// | `shutdown_receive`, `_send`, `_both`       | what shutdown() may be told                               |
#pragma once

#if !(__cplusplus >= 201703L || (defined(_MSVC_LANG) && _MSVC_LANG >= 201703L))
#error "sockets needs C++17: add -std=c++17 to the compiler's command line (MSVC: /std:c++17)"
#include "see the error above" // no such file: compilers stop here, and do not complain of all the rest
#endif

#if defined(__wasi__)
#error "sockets needs a system with sockets: WASI has none that a program could open"
#include "see the error above"
#endif

#include <climits>
#include <cstddef>
#include <system_error>

namespace sockets::detail {

/// What a socket can be waited for; `connected`: a connect under way has come to its end, good or bad.
enum class Event { readable, writable, connected };

/// The most bytes that every system takes in one call: some take the size as an int.
inline constexpr std::size_t max_transfer = INT_MAX;

/// A time without a limit, in milliseconds.
inline constexpr long long no_limit = LLONG_MAX;

constexpr std::size_t at_most(std::size_t size) noexcept { return size < max_transfer ? size : max_transfer; }

/// A call went through, and gave no more than was asked for.
constexpr bool is_usual(std::ptrdiff_t count, std::size_t size) noexcept {
    return count >= 0 && static_cast<std::size_t>(count) <= size;
}

/// All of it went, or came, with one call.
constexpr bool is_all(std::ptrdiff_t count, std::size_t size) noexcept {
    return count >= 0 && static_cast<std::size_t>(count) == size;
}

/// A time as poll and its kin take it: -1 is no limit. Of more than an int holds it is only the first part.
constexpr int poll_time(long long time) noexcept {
    if (time == no_limit) return -1;
    return time < INT_MAX ? static_cast<int>(time) : INT_MAX;
}

} // namespace sockets::detail

#ifdef _WIN32
#include "winsock.hpp"
#else
#include "posix.hpp"
#endif
