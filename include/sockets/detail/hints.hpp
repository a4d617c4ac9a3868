/// @file
/// @brief What to check when something fails: the mistakes that everybody makes once.
#pragma once

#include "text.hpp"

#include <cstring>
#include <system_error>

namespace sockets::detail {

/// What usually helps with @p code in @p primitive; "" where nothing better than the system's words is known.
inline const char* usual_hint(const std::error_code& code, const char* primitive) {
    const char first = *primitive;
    const bool accepting = first == 'a';
    const bool naming = first == 'b' || first == 'l'; // bind, listen
    const bool connecting = first == 'c';
    const bool receiving = first == 'r';
    const bool creating = std::strcmp(primitive, "socket") == 0;

    switch (reason_of(code)) {
    case std::errc::connection_refused: return "is a server listening there?";
    case std::errc::address_in_use: return "another program, or an earlier run of this one, holds the port";
    case std::errc::address_not_available:
        return naming ? "bind takes an address of this machine, such as 127.0.0.1 or 0.0.0.0"
                      : "is that an address and a port that one can connect to?";
    case std::errc::operation_not_permitted:
        return creating ? "raw and packet sockets are for the administrator" : "";
    case std::errc::permission_denied:
        return creating     ? "raw and packet sockets are for the administrator"
               : naming     ? "ports below 1024 are for the administrator: take a higher one"
               : connecting ? "is a firewall in between?"
                            : "sending to everybody needs set_broadcast(true)";
    case std::errc::timed_out: return connecting ? "is the address right, is a firewall in between?" : "";
    case std::errc::connection_reset:
    case std::errc::connection_aborted:
        return "the peer ended without reading everything, or its program was killed";
    case std::errc::broken_pipe: return "there is no connection: not yet, or no more";
    case std::errc::network_unreachable:
    case std::errc::host_unreachable: return "is this machine connected to that network?";
    case std::errc::too_many_files_open:
    case std::errc::too_many_files_open_in_system:
        return "are sockets closed when they are no longer needed?";
    case std::errc::message_size:
        return receiving ? "the datagram is longer than what was asked for"
                         : "a UDP datagram carries at most 65507 bytes";
    case std::errc::not_connected: return "there is no connection: not yet, or no more";
    case std::errc::destination_address_required: return "send_to says where to, or connect comes first";
    case std::errc::already_connected: return "one socket, one connection: a new one needs a new socket";
    case std::errc::operation_in_progress: return "wait_writable tells when it is done";
    case std::errc::address_family_not_supported:
        return "socket and address must be of one family, and the system must have it";
    case std::errc::invalid_argument:
        return accepting ? "bind and listen come first" : first == 'b' ? "is it bound already?" : "";
    case std::errc::operation_not_supported:
        return accepting || naming ? "only a stream socket accepts connections" : "";
    default: break;
    }
    const bool unknown_host =
        code.value() == 1 && *code.category().name() == 'g' && first == 'g'; // getaddrinfo
    return unknown_host ? "is the name spelled right, is the network there?" : "";
}

} // namespace sockets::detail
