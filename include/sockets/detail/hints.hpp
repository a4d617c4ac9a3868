/// @file
/// @brief What to check when something fails: the mistakes that everybody makes once.
#pragma once

#include <cstring>
#include <system_error>

namespace sockets::detail {

/// One line of the table: what to check when one of the primitives gives this reason.
struct Hint {
    std::errc reason;
    const char* primitives; ///< Their names; "" is all of them.
    const char* check;
};

/// The first line that fits counts.
inline constexpr Hint hints[] = {
    {std::errc::connection_refused, "", "is a server listening there?"},
    {std::errc::address_in_use, "", "another program, or an earlier run of this one, holds the port"},
    {std::errc::address_not_available, "bind listen",
     "bind takes an address of this machine, such as 127.0.0.1 or 0.0.0.0"},
    {std::errc::address_not_available, "", "is that an address and a port that one can connect to?"},
    {std::errc::operation_not_permitted, "socket", "raw and packet sockets are for the administrator"},
    {std::errc::permission_denied, "socket", "raw and packet sockets are for the administrator"},
    {std::errc::permission_denied, "bind listen",
     "ports below 1024 are for the administrator: take a higher one"},
    {std::errc::permission_denied, "connect", "is a firewall in between?"},
    {std::errc::permission_denied, "", "sending to everybody needs set_broadcast(true)"},
    {std::errc::timed_out, "connect", "is the address right, is a firewall in between?"},
    {std::errc::connection_reset, "", "the peer ended before it had read everything"},
    {std::errc::connection_aborted, "", "the peer ended before it had read everything"},
    {std::errc::broken_pipe, "", "there is no connection: not yet, or no more"},
    {std::errc::not_connected, "", "there is no connection: not yet, or no more"},
    {std::errc::network_unreachable, "", "is this machine connected to that network?"},
    {std::errc::host_unreachable, "", "is the address right, is that machine on?"},
    {std::errc::too_many_files_open, "", "are sockets closed when they are no longer needed?"},
    {std::errc::too_many_files_open_in_system, "", "are sockets closed when they are no longer needed?"},
    {std::errc::message_size, "recv recv_from", "the datagram is longer than what was asked for"},
    {std::errc::message_size, "", "a UDP datagram carries at most 65507 bytes"},
    {std::errc::destination_address_required, "", "send_to says where to, or connect comes first"},
    {std::errc::already_connected, "", "one socket, one connection: a new one needs a new socket"},
    {std::errc::operation_in_progress, "", "wait_writable tells when it is done"},
    {std::errc::address_family_not_supported, "",
     "socket and address must be of one family, and the system must have it"},
    {std::errc::invalid_argument, "accept", "bind and listen come first"},
    {std::errc::invalid_argument, "bind", "is it bound already?"},
    {std::errc::operation_not_supported, "accept listen", "only a stream socket accepts connections"},
};

/// What usually helps when @p primitive gives this reason; "" where nothing better than the system's words is
/// known.
inline const char* usual_hint(std::errc reason, const char* primitive) noexcept {
    for (const Hint& hint : hints)
        if (hint.reason == reason && std::strstr(hint.primitives, *hint.primitives ? primitive : ""))
            return hint.check;
    return "";
}

} // namespace sockets::detail
