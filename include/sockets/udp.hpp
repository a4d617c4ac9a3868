/// @file
/// @brief UdpSocket: single messages, each with its address, without a connection.
#pragma once

#include "detail/platform.hpp"

#include <utility>

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
    explicit UdpSocket(const Address& local); ///< SOCKET and BIND (to it): a server.
    explicit UdpSocket(int port);             ///< The same on every interface, by IPv4: open to the network.
    explicit UdpSocket(Socket socket);        ///< From the slides' way, or from adopt().

    void join(const Address& group,
              const Address& local = Address()); ///< Receives what is sent to a group, too.
    void leave(const Address& group, const Address& local = Address()); ///< No more.

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
    using Socket::try_connect;
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
/// @snippet each_udp.cpp client
inline UdpSocket::UdpSocket(Family family) : Socket(family, Type::datagram) {}

/// Creates a UDP socket that others can find.
///
/// System calls: `socket`, `bind`.
///
/// @param local  where
/// @throws Error  as Socket::bind(); `address_in_use` if another program has the port
/// @snippet each_udp.cpp address
inline UdpSocket::UdpSocket(const Address& local) : UdpSocket(local.family()) { bind(local); }

/// Creates a UDP socket on every interface of this machine, for IPv4: other computers can reach it.
///
/// System calls: `socket`, `bind`.
///
/// @param port  0 to 65535; 0: any free one
/// @throws Error  as UdpSocket(const Address&)
/// @snippet each_udp.cpp port
inline UdpSocket::UdpSocket(int port) : UdpSocket(Address::any(port)) {}

/// Takes over a datagram socket that was made the slides' way.
///
/// @throws Error  `wrong_protocol_type` if it is not a datagram socket
/// @snippet each_udp.cpp of_socket
inline UdpSocket::UdpSocket(Socket socket) : Socket(std::move(socket)) { require_type(Type::datagram); }

// --- multicast ----------------------------------------------------------------------------------------

/// From now on it also receives what is sent to @p group, at the port that it is bound to. Does not block.
///
/// To send to a group nothing has to be joined, but there must be a route to it, or the option IP_MULTICAST_IF names
/// the interface. Two receivers on one machine share the port: set_reuse_address(true) before bind() in both (macOS and
/// the BSDs: SO_REUSEPORT). Linux gives a socket that is bound to every address also what other programs have joined:
/// bind() to the group itself keeps that away, on POSIX; Windows cannot.
///
/// @include docs/snippets/multicast.cpp
///
/// System call: `setsockopt` with IP_ADD_MEMBERSHIP or IPV6_JOIN_GROUP (POSIX systems; Winsock 2). RFC 1112, RFC 3493.
///
/// @param group  224.0.0.0 to 239.255.255.255, or an IPv6 one (ff00::/8), whose zone names the interface
///               (`ff02::1%eth0`); its port does not count
/// @param local  for an IPv4 group the interface that has this address; the empty address: the system chooses
/// @throws Error  `invalid_argument` if it is no group, and for @p local with an IPv6 one; `address_in_use` if it
///                has joined already; `no_such_device` or `address_not_available` if no interface is found
inline void UdpSocket::join(const Address& group, const Address& local) { change_group(true, group, local); }

/// The end of join(). Does not block.
///
/// System call: `setsockopt` with IP_DROP_MEMBERSHIP or IPV6_LEAVE_GROUP.
///
/// @param group  as in join()
/// @param local  as in join()
/// @throws Error  `address_not_available` if it has not joined; `invalid_argument` as join()
/// @snippet each_udp.cpp leave
inline void UdpSocket::leave(const Address& group, const Address& local) {
    change_group(false, group, local);
}

} // namespace sockets
