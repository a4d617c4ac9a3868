/// @file
/// @brief What to check when something fails: the mistakes that everybody makes once.
#pragma once

#include <cstring>
#include <system_error>

#include "platform.hpp"

namespace sockets::detail {

/// What a hint is good for: hosts and ports are no help where there is a file.
enum class Kind { any, ip, ipv6, local };

constexpr Kind kind_of(int domain) noexcept {
    return domain == AF_UNIX    ? Kind::local
           : domain == AF_INET6 ? Kind::ipv6
           : domain == AF_INET  ? Kind::ip
                                : Kind::any;
}

/// One line of the table: what to check when one of the primitives gives this reason.
struct Hint {
    std::errc reason;
    Kind kind;              ///< `any` fits all of them, `ip` those with a host and port.
    const char* primitives; ///< Their names; "" is all of them.
    const char* check;
};

/// The first line that fits counts.
inline constexpr Hint hints[] = {
    {std::errc::connection_refused, Kind::local, "",
     "the file is there, but no server listens: an old one left it behind"},
    {std::errc::connection_refused, Kind::any, "", "is a server listening there?"},
    {std::errc::address_in_use, Kind::local, "",
     "the file is there already: of a server that runs, or left behind by one that does not; then remove it"},
    {std::errc::address_in_use, Kind::any, "join", "it has joined already"},
    {std::errc::address_in_use, Kind::any, "", in_use_hint},
    {std::errc::no_such_file_or_directory, Kind::local, "bind", "is there such a folder?"},
    {std::errc::no_such_file_or_directory, Kind::local, "", "is the path right, is the server running?"},
    {std::errc::address_not_available, Kind::any, "bind listen",
     "bind takes an address of this machine, such as 127.0.0.1 or 0.0.0.0"},
    {std::errc::address_not_available, Kind::any, "leave", "it has not joined"},
    {std::errc::address_not_available, Kind::any, "join", "is there such an interface?"},
    {std::errc::no_such_device, Kind::any, "join leave", "is there such an interface?"},
    {std::errc::address_not_available, Kind::any, "",
     "is that an address and a port that one can connect to?"},
    {std::errc::operation_not_permitted, Kind::any, "socket",
     "raw and packet sockets are for the administrator"},
    {std::errc::permission_denied, Kind::any, "socket", "raw and packet sockets are for the administrator"},
    {std::errc::permission_denied, Kind::local, "bind listen", "may this user write in the folder?"},
    {std::errc::permission_denied, Kind::local, "", "may this user write to the file?"},
    {std::errc::permission_denied, Kind::any, "bind listen",
     "ports below 1024 are for the administrator: take a higher one"},
    {std::errc::permission_denied, Kind::any, "connect",
     "is a firewall in between? To everybody on the network: set_broadcast(true)"},
    {std::errc::permission_denied, Kind::any, "", "sending to everybody needs set_broadcast(true)"},
    {std::errc::timed_out, Kind::local, "connect", "the server accepts nobody, and its queue is full"},
    {std::errc::timed_out, Kind::any, "connect", "is the address right, is a firewall in between?"},
    {std::errc::connection_reset, Kind::any, "", "the peer ended before it had read everything"},
    {std::errc::connection_aborted, Kind::any, "", "the peer ended before it had read everything"},
    {std::errc::broken_pipe, Kind::any, "", "there is no connection: not yet, or no more"},
    {std::errc::not_connected, Kind::any, "", "there is no connection: not yet, or no more"},
    {std::errc::network_unreachable, Kind::any, "", "is this machine connected to that network?"},
    {std::errc::host_unreachable, Kind::any, "", "is the address right, is that machine on?"},
    {std::errc::too_many_files_open, Kind::any, "", "are sockets closed when they are no longer needed?"},
    {std::errc::too_many_files_open_in_system, Kind::any, "",
     "are sockets closed when they are no longer needed?"},
    {std::errc::message_size, Kind::any, "recv recv_from", "the datagram is longer than what was asked for"},
    {std::errc::message_size, Kind::local, "",
     "a datagram must fit into the system's buffer: option SO_SNDBUF"},
    {std::errc::message_size, Kind::ipv6, "", "a UDP datagram over IPv6 carries at most 65527 bytes"},
    {std::errc::message_size, Kind::any, "", "a UDP datagram carries at most 65507 bytes"},
    {std::errc::destination_address_required, Kind::any, "", "send_to says where to, or connect comes first"},
    {std::errc::already_connected, Kind::any, "", "one socket, one connection: a new one needs a new socket"},
    {std::errc::operation_in_progress, Kind::any, "", "wait_writable tells when it is done"},
    {std::errc::operation_would_block, Kind::local, "connect",
     "the server's queue is full: try again after a pause"},
    {std::errc::address_family_not_supported, Kind::any, "",
     "socket and address must be of one family, and the system must have it"},
    {std::errc::invalid_argument, Kind::any, "accept", "bind and listen come first"},
    {std::errc::invalid_argument, Kind::any, "bind", "is it bound already?"},
    {std::errc::operation_not_supported, Kind::any, "accept listen",
     "only a stream socket accepts connections"},
};

constexpr bool fits(Kind hint, Kind kind) noexcept {
    return hint == Kind::any || hint == kind || (hint == Kind::ip && kind == Kind::ipv6);
}

/// What usually helps when @p primitive gives this reason; "" where nothing better than the system's words is
/// known.
inline const char* usual_hint(std::errc reason, const char* primitive, Kind kind = Kind::any) noexcept {
    for (const Hint& hint : hints) {
        const bool named = *hint.primitives == '\0' || std::strstr(hint.primitives, primitive) != nullptr;
        if (hint.reason == reason && named && fits(hint.kind, kind)) return hint.check;
    }
    return "";
}

} // namespace sockets::detail
