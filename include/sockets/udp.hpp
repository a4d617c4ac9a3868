/// @file
/// @brief UdpSocket: single messages, each with its address, without a connection.
#pragma once

#include "detail/platform.hpp"

#include "address.hpp"
#include "error.hpp"
#include "socket.hpp"

namespace sockets {

/// Sends and receives datagrams: whole messages, which may get lost, come twice or overtake each other. It
/// cannot listen or accept: a wrong call does not compile.
/// @ingroup datagrams
/// @include docs/snippets/udp_socket.cpp
class UdpSocket : private Socket {
public:
    explicit UdpSocket(
        Family family = Family::ipv4);        ///< SOCKET only: a client, whose port the system chooses.
    explicit UdpSocket(const Address& local); ///< SOCKET and BIND: a server.
    explicit UdpSocket(int port);             ///< The same on every interface, by IPv4: open to the network.
    explicit UdpSocket(Socket socket);        ///< From the slides' way, or from adopt().

    // Socket has the details.
    using Socket::bind;
    using Socket::close;
    using Socket::local_address;
    using Socket::recv_from;
    using Socket::send_to;

    using Socket::connect;
    using Socket::recv;
    using Socket::remote_address;
    using Socket::send;

    using Socket::is_open;
    using Socket::milliseconds;
    using Socket::native_handle;
    using Socket::option;
    using Socket::release;
    using Socket::set_blocking;
    using Socket::set_broadcast;
    using Socket::set_option;
    using Socket::set_recv_timeout;
    using Socket::set_reuse_address;
    using Socket::set_send_timeout;
    using Socket::try_recv;
    using Socket::try_recv_from;
    using Socket::try_send;
    using Socket::try_send_to;
    using Socket::wait_readable;
    using Socket::wait_writable;
};

/// Creates a UDP socket. It gets a port with its first send_to(). Does not block.
///
/// System call: `socket`.
///
/// @param family  ipv4 or ipv6: that of the peers
/// @throws Error  as Socket's constructor
inline UdpSocket::UdpSocket(Family family) : Socket(family, Type::datagram) {}

/// Creates a UDP socket that others can find.
///
/// System calls: `socket`, `bind`.
///
/// @param local  where
/// @throws Error  as Socket::bind(); `address_in_use` if another program has the port
inline UdpSocket::UdpSocket(const Address& local) : UdpSocket(local.family()) { bind(local); }

/// Creates a UDP socket on every interface of this machine, for IPv4: other computers can reach it.
///
/// System calls: `socket`, `bind`.
///
/// @param port  0 to 65535; 0: any free one
/// @throws Error  as UdpSocket(const Address&)
inline UdpSocket::UdpSocket(int port) : UdpSocket(Address::any(port)) {}

/// Takes over a datagram socket that was made the slides' way.
///
/// @throws Error  `wrong_protocol_type` if it is not a datagram socket
inline UdpSocket::UdpSocket(Socket socket) : Socket(std::move(socket)) { require_type(Type::datagram); }

} // namespace sockets
