/// @file
/// @brief TcpSocket and TcpListener: the two ends of a TCP connection, each with just the primitives that it
/// can do.
#pragma once

#include "detail/platform.hpp"

#include <chrono>
#include <optional>
#include <string>

#include "address.hpp"
#include "error.hpp"
#include "socket.hpp"

namespace sockets {

/// One end of a connection: what a client makes, and what TcpListener::accept() gives to a server. It cannot
/// bind, listen or accept: a wrong call does not compile.
///
/// @note Threads: different sockets from any threads. On one socket one thread may send while another receives;
///       everything else, close() included, by one thread at a time.
/// @ingroup connections
/// @include docs/snippets/tcp_socket.cpp
class TcpSocket : private Socket {
public:
    TcpSocket(const std::string& host, int port); ///< getaddrinfo, SOCKET and CONNECT in one step.
    TcpSocket(const std::string& host, int port, milliseconds timeout); ///< The same, not longer than this.
    explicit TcpSocket(Family family = Family::ipv4); ///< SOCKET only; connect() comes later.
    explicit TcpSocket(Socket socket);                ///< From the slides' way, or from adopt().

    // Socket has the details.
    using Socket::close;
    using Socket::connect;
    using Socket::local_address;
    using Socket::recv;
    using Socket::recv_exactly;
    using Socket::remote_address;
    using Socket::send;
    using Socket::send_all;
    using Socket::shutdown;

    using Socket::is_open;
    using Socket::milliseconds;
    using Socket::native_handle;
    using Socket::option;
    using Socket::release;
    using Socket::set_blocking;
    using Socket::set_no_delay;
    using Socket::set_option;
    using Socket::set_recv_timeout;
    using Socket::set_send_timeout;
    using Socket::try_recv;
    using Socket::try_send;
    using Socket::wait_readable;
    using Socket::wait_writable;

private:
    friend class LineReader; // one limit for a whole line

    static Socket connect_to_any(const std::string& host, int port, long long timeout);
};

/// A server's door: it waits for clients and gives each a TcpSocket. It cannot send, receive or connect.
/// @ingroup connections
/// @include docs/snippets/tcp_listener.cpp
class TcpListener : private Socket {
public:
    /// What ACCEPT gives: `auto [client, address] = server.accept();`
    /// @include docs/snippets/tcp_listener.cpp
    struct Accepted {
        TcpSocket socket; ///< The connection to this client.
        Address address;  ///< Where the client is.
    };

    TcpListener(const std::string& host, int port); ///< getaddrinfo, SOCKET, BIND and LISTEN in one step.
    explicit TcpListener(const Address& local, int backlog = SOMAXCONN); ///< SOCKET, BIND and LISTEN.
    explicit TcpListener(int port,
                         int backlog = SOMAXCONN);      ///< The same, open to the network, by IPv6 and IPv4.
    explicit TcpListener(Family family = Family::ipv4); ///< SOCKET only; then bind(), listen(), accept().
    explicit TcpListener(Socket socket);                ///< From the slides' way, or from adopt().

    void bind(const Address& local); ///< BIND, with the option that gives a port back at once.
    Accepted accept();               ///< ACCEPT: waits until a client comes.
    std::optional<Accepted> accept(milliseconds timeout); ///< ACCEPT; empty if nobody came in time.
    std::optional<Accepted> try_accept();                 ///< ACCEPT, never waiting: empty means "not now".

    // Socket has the details.
    using Socket::close;
    using Socket::listen;
    using Socket::local_address;

    using Socket::is_open;
    using Socket::milliseconds;
    using Socket::native_handle;
    using Socket::option;
    using Socket::release;
    using Socket::set_blocking;
    using Socket::set_option;
    using Socket::set_reuse_address;
    using Socket::wait_readable;

private:
    static Socket both_families(const Address& ipv6);
    static std::optional<Accepted> as_tcp(std::optional<sockets::Accepted> client);
};

// --- TcpSocket ----------------------------------------------------------------------------------------

/// Connects to a server. Looks the name up and tries its addresses one after another, the IPv4 ones first, each
/// with a fresh socket, until one answers. Blocks meanwhile.
///
/// System calls: `getaddrinfo`, `socket`, `connect` (POSIX.1-2017; Winsock 2).
///
/// @param host  a name (`localhost`) or a number (`127.0.0.1`, `::1`)
/// @param port  0 to 65535
/// @throws Error  as Address::resolve() and Socket::connect(); if all addresses fail, the code is the last
///                one's and the text names each address with its reason
inline TcpSocket::TcpSocket(const std::string& host, int port)
    : Socket(connect_to_any(host, port, detail::forever)) {}

/// As TcpSocket(host, port), but gives up after @p timeout.
///
/// @param host     a name or a number
/// @param port     0 to 65535
/// @param timeout  for all addresses together, each getting an equal share of what is left; looking the name
///                 up does not count
/// @throws Error  as TcpSocket(host, port); `timed_out`; `invalid_argument` for a negative time
inline TcpSocket::TcpSocket(const std::string& host, int port, milliseconds timeout)
    : Socket(connect_to_any(host, port, detail::deadline_in(timeout.count(), "connect").limit)) {}

/// Creates a TCP socket. Does not block.
///
/// System call: `socket`.
///
/// @param family  ipv4 or ipv6: that of the address for connect()
/// @throws Error  as Socket's constructor
inline TcpSocket::TcpSocket(Family family) : Socket(family, Type::stream) {}

/// Takes over a stream socket that was made the slides' way.
///
/// @throws Error  `wrong_protocol_type` if it is not a stream
inline TcpSocket::TcpSocket(Socket socket) : Socket(std::move(socket)) { require_type(Type::stream); }

inline Socket TcpSocket::connect_to_any(const std::string& host, int port, long long timeout) {
    const detail::AddrinfoList list(host, detail::Text() << detail::checked_port(port), true,
                                    Family::unspecified);
    const detail::Deadline limit(timeout);
    detail::Text tried;
    tried << "to " << host;
    int left = list.count();
    const bool alone = left == 1;
    Socket socket;
    for (const addrinfo* entry = list.ipv4_first(); true; entry = list.ipv4_first(entry), --left) {
        const Address address = list.address(entry);
        int failed = socket.open(address.address_.domain(), Type::stream, 0);
        if (failed && alone) detail::raise(failed, "socket");
        if (!failed) failed = socket.connect_within(address, limit.share(left));
        if (!failed) return socket;
        if (alone) socket.fail_connect(failed, address, limit);
        tried << ", " << address.address_;
        if (left == 1) detail::raise(failed, "connect", tried);
        tried << ": " << detail::category().message(failed);
    }
}

// --- TcpListener --------------------------------------------------------------------------------------

/// A server in one step: other programs of this machine, or with `0.0.0.0` as host other computers too, can
/// connect from now on. Blocks while the name is looked up.
///
/// System calls: `getaddrinfo`, `socket`, `bind`, `listen` (POSIX.1-2017; Winsock 2).
///
/// @param host  a name or a number of this machine; of several addresses an IPv4 one comes first
/// @param port  0 to 65535; 0: any free one, which local_address() then tells
/// @throws Error  as Address's constructor, Socket::bind() and Socket::listen(); `address_in_use` if another
///                server has the port
inline TcpListener::TcpListener(const std::string& host, int port) : TcpListener(Address(host, port)) {}

/// A server at one address.
///
/// System calls: `socket`, `bind`, `listen`.
///
/// @param local    where clients will find it
/// @param backlog  how many connections may wait for accept()
/// @throws Error  as Socket::bind() and Socket::listen()
inline TcpListener::TcpListener(const Address& local, int backlog) : TcpListener(local.family()) {
    bind(local);
    listen(backlog);
}

/// A server on every interface of this machine, open to the network: by IPv6 and IPv4 on one socket where the
/// system can, by IPv4 alone where there is no IPv6. An IPv4 client's address reads `127.0.0.1`, however it
/// came.
///
/// System calls: `socket`, `setsockopt` (IPV6_V6ONLY off), `bind`, `listen`.
///
/// @param port     0 to 65535; 0: any free one
/// @param backlog  how many connections may wait for accept()
/// @throws Error  as Socket::bind() and Socket::listen()
inline TcpListener::TcpListener(int port, int backlog)
    : TcpListener(both_families(Address::any(port, Family::ipv6))) {
    listen(backlog);
}

/// A listener that has no address yet: bind() and listen() follow, as on the slide.
///
/// System call: `socket`.
///
/// @param family  ipv4 or ipv6
/// @throws Error  as Socket's constructor
inline TcpListener::TcpListener(Family family) : Socket(family, Type::stream) {}

/// Takes over a stream socket that was made the slides' way; bind() and listen() may have been called.
///
/// @throws Error  `wrong_protocol_type` if it is not a stream
inline TcpListener::TcpListener(Socket socket) : Socket(std::move(socket)) { require_type(Type::stream); }

/// As Socket::bind(), with set_reuse_address() before it: a server that starts again gets its port back at
/// once, and no two share one.
inline void TcpListener::bind(const Address& local) {
    require_open("bind");
    set_reuse_address(true);
    Socket::bind(local);
}

/// As Socket::accept().
inline TcpListener::Accepted TcpListener::accept() {
    sockets::Accepted client = Socket::accept();
    return {TcpSocket(std::move(client.socket)), client.address};
}

/// As Socket::accept(milliseconds).
inline std::optional<TcpListener::Accepted> TcpListener::accept(milliseconds timeout) {
    return as_tcp(Socket::accept(timeout));
}

/// As Socket::try_accept().
inline std::optional<TcpListener::Accepted> TcpListener::try_accept() { return as_tcp(Socket::try_accept()); }

inline std::optional<TcpListener::Accepted> TcpListener::as_tcp(std::optional<sockets::Accepted> client) {
    std::optional<Accepted> tcp;
    if (client) tcp.emplace(Accepted{TcpSocket(std::move(client->socket)), client->address});
    return tcp;
}

/// Where there is no IPv6, or no way to have both on one socket, IPv4 alone is the answer; other trouble is
/// trouble.
inline Socket TcpListener::both_families(const Address& ipv6) {
    try {
        TcpListener both(Family::ipv6);
        both.set_option(IPPROTO_IPV6, IPV6_V6ONLY, false);
        both.bind(ipv6);
        return Socket(std::move(both));
    } catch (const Error& error) {
        const std::errc reason = detail::reason_of(error.code().value());
        const bool no_ipv6 = reason == std::errc::address_family_not_supported ||
                             reason == std::errc::address_not_available ||
                             reason == std::errc::protocol_not_supported ||
                             reason == std::errc::no_protocol_option || reason == std::errc::invalid_argument;
        if (!no_ipv6) throw;
    }
    TcpListener ipv4(Family::ipv4);
    ipv4.bind(Address::any(ipv6.port()));
    return Socket(std::move(ipv4));
}

} // namespace sockets
