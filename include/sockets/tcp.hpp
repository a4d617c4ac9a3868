/// @file
/// @brief TcpSocket and TcpListener: the two ends of a TCP connection, each with just the primitives that it
/// can do.
#pragma once

#include "detail/platform.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "address.hpp"
#include "error.hpp"
#include "socket.hpp"

namespace sockets {

/// One end of a connection: what a client makes, and what TcpListener::accept() gives to a server. It cannot
/// bind, listen or accept: a wrong call does not compile.
///
/// @note Threads: different sockets from any threads. On one socket one thread may send while another receives, and
///       shutdown() may come meanwhile; everything else, close() included, by one thread at a time.
/// @ingroup connections
/// @include docs/snippets/tcp_socket.cpp
class TcpSocket : private Socket {
public:
    TcpSocket(const std::string& host, int port); ///< getaddrinfo, SOCKET and CONNECT in one step.
    TcpSocket(const std::string& host, int port, milliseconds timeout); ///< The same, not longer than this.
    explicit TcpSocket(const Address& peer);              ///< SOCKET and CONNECT: connects to this address.
    TcpSocket(const Address& peer, milliseconds timeout); ///< The same, not longer than this.
    explicit TcpSocket(Family family = Family::ipv4);     ///< SOCKET only; connect() comes later.
    explicit TcpSocket(Socket socket);                    ///< From the slides' way, or from adopt().
    template <class T, class = detail::NoHost<T>>
    TcpSocket(T host, int port) = delete; ///< A host is text.
    template <class T, class = detail::NoHost<T>>
    TcpSocket(T host, int port, milliseconds timeout) = delete; ///< A host is text.

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
    using Socket::try_connect;
    using Socket::try_recv;
    using Socket::try_send;
    using Socket::wait_readable;
    using Socket::wait_writable;

private:
    friend class LineReader;  // one limit for a whole line
    friend class TcpListener; // accepts into it

    static Socket connect_to_any(const std::vector<Address>& addresses, const std::string& host,
                                 milliseconds timeout);
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
    TcpListener(const std::string& host, int port,
                int backlog); ///< The same, with a queue of its own length.
    explicit TcpListener(const Address& local, int backlog = SOMAXCONN); ///< SOCKET, BIND (to it) and LISTEN.
    explicit TcpListener(int port,
                         int backlog = SOMAXCONN);       ///< The same, open to the network, by IPv6 and IPv4.
    TcpListener(std::nullptr_t host, int port) = delete; ///< A host is text.
    template <class T, class = detail::NoHost<T>>
    TcpListener(T host, int port, int backlog) = delete; ///< A host is text.
    explicit TcpListener(Family family = Family::ipv4);  ///< SOCKET only; then bind(), listen(), accept().
    explicit TcpListener(Socket socket);                 ///< From the slides' way, or from adopt().

    void bind(const Address& local); ///< BIND, with the option that gives a port back at once.
    [[nodiscard]] Accepted accept(); ///< ACCEPT: waits until a client comes.
    [[nodiscard]] std::optional<Accepted>
    accept(milliseconds timeout);                       ///< ACCEPT; empty if nobody came in time.
    [[nodiscard]] std::optional<Accepted> try_accept(); ///< ACCEPT, never waiting: empty means "not now".

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
    bool bind_both_families(const Address& ipv6);
};

// --- TcpSocket ----------------------------------------------------------------------------------------

/// Connects to a server. Looks the name up and tries its addresses one after another, the IPv4 ones first, each
/// with a fresh socket, until one answers. Blocks meanwhile.
///
/// On a loopback port from 32768 on, where nobody listens, TCP may connect a client to itself, if the system gives it
/// that very port: then it is `connection_refused`, as everywhere else.
///
/// System calls: `getaddrinfo`, `socket`, `connect` (POSIX.1-2017; Winsock 2); `getsockname` on such a port.
///
/// @param host  a name (`localhost`) or a number (`127.0.0.1`, `::1`)
/// @param port  0 to 65535
/// @throws Error  as Address::resolve() and Socket::connect(); if all addresses fail, the code is the last
///                one's and the text names each address with its reason
/// @snippet each_tcp.cpp client
inline TcpSocket::TcpSocket(const std::string& host, int port)
    : TcpSocket(host, port, (milliseconds::max)()) {}

/// As TcpSocket(host, port), but gives up after @p timeout.
///
/// @param host     a name or a number
/// @param port     0 to 65535
/// @param timeout  for all addresses together, each getting an equal share of what is left; looking the name
///                 up does not count
/// @throws Error  as TcpSocket(host, port); `timed_out`; `invalid_argument` for a negative time
/// @snippet each_tcp.cpp client_limit
inline TcpSocket::TcpSocket(const std::string& host, int port, milliseconds timeout)
    : Socket(
          connect_to_any(detail::ipv4_first(Address::resolve(host, std::to_string(port))), host, timeout)) {}

/// Connects to a server at one address, with the same look at a connection with oneself as TcpSocket(host, port).
/// Blocks meanwhile.
///
/// System calls: `socket`, `connect` (POSIX.1-2017; Winsock 2); `getsockname` on a loopback port from 32768 on.
///
/// @param peer  where a server listens: from Address, Address::resolve() or local_address()
/// @throws Error  as Socket's constructor and Socket::connect(); `invalid_argument` for the empty address
/// @snippet each_tcp.cpp client_address
inline TcpSocket::TcpSocket(const Address& peer) : TcpSocket(peer, (milliseconds::max)()) {}

/// As TcpSocket(const Address&), but gives up after @p timeout.
///
/// @param peer     where a server listens
/// @param timeout  0: do not wait; milliseconds::max(): no limit
/// @throws Error  as TcpSocket(const Address&); `timed_out`; `invalid_argument` for a negative time
/// @snippet each_tcp.cpp client_address_limit
inline TcpSocket::TcpSocket(const Address& peer, milliseconds timeout)
    : Socket(connect_to_any({peer}, "", timeout)) {}

/// Creates a TCP socket. Does not block.
///
/// System call: `socket`.
///
/// @param family  ipv4 or ipv6: that of the address for connect()
/// @throws Error  as Socket's constructor
/// @snippet each_tcp.cpp client_later
inline TcpSocket::TcpSocket(Family family) : Socket(family, Type::stream) {}

/// Takes over a stream socket that was made the slides' way.
///
/// @throws Error  `wrong_protocol_type` if it is not a stream
/// @snippet each_tcp.cpp client_of_socket
inline TcpSocket::TcpSocket(Socket socket) : Socket(std::move(socket)) { require_type(Type::stream); }

/// Each address gets a fresh socket, and an equal share of the time that is left.
inline Socket TcpSocket::connect_to_any(const std::vector<Address>& addresses, const std::string& host,
                                        milliseconds timeout) {
    const detail::Deadline limit = detail::deadline_in(timeout, "connect"); // the look-up does not count
    std::string tried = "to " + host;
    int left = static_cast<int>(addresses.size());
    for (const Address& peer : addresses) {
        Socket socket;
        require_address("connect", peer);
        int failed = socket.open(static_cast<int>(peer.family()), Type::stream, 0);
        if (failed != 0 && addresses.size() == 1) socket.fail_open(failed);
        if (failed == 0) failed = socket.connect_within(peer, limit.share(left), true);
        if (failed == 0 && socket.is_connected_to_itself(peer))
            failed = detail::error_of(std::errc::connection_refused);
        if (failed == 0) return socket;
        if (addresses.size() == 1) socket.fail_connect(failed, peer, limit);
        tried += ", " + peer.to_string();
        if (--left == 0) detail::raise(failed, "connect", tried);
        tried += ": " + detail::category().message(failed);
    }
    detail::raise(std::errc::invalid_argument, "connect", "", "no address to connect to");
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
/// @snippet each_tcp.cpp server
inline TcpListener::TcpListener(const std::string& host, int port) : TcpListener(host, port, SOMAXCONN) {}

/// As TcpListener(host, port), with a queue of its own length.
///
/// @param host     a name or a number of this machine
/// @param port     0 to 65535; 0: any free one
/// @param backlog  how many connections may wait for accept(); the system caps it
/// @snippet each_tcp.cpp server_queue
inline TcpListener::TcpListener(const std::string& host, int port, int backlog)
    : TcpListener(Address(host, port), backlog) {}

/// A server at one address.
///
/// System calls: `socket`, `bind`, `listen`.
///
/// @param local    where clients will find it
/// @param backlog  how many connections may wait for accept()
/// @throws Error  as Socket::bind() and Socket::listen()
/// @snippet each_tcp.cpp server_address
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
/// @snippet each_tcp.cpp server_open
inline TcpListener::TcpListener(int port, int backlog) {
    if (!bind_both_families(Address::any(port, Family::ipv6))) {
        if (const int failed = open(AF_INET, Type::stream, 0)) fail_open(failed);
        bind(Address::any(port));
    }
    listen(backlog);
}

/// False: there is no IPv6 here, or no way to have both on one socket. Other trouble is an Error.
inline bool TcpListener::bind_both_families(const Address& ipv6) {
    int failed = open(AF_INET6, Type::stream, 0);
    const char* primitive = handle_.is_open() ? "set_option" : "socket";
    if (failed == 0) failed = set_number(IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (failed == 0) failed = set_number(SOL_SOCKET, detail::reuse_option(true), 1);
    if (failed == 0) {
        primitive = "bind";
        failed = bind_to(ipv6);
    }
    if (failed != 0 && !detail::is_ipv6_missing(failed))
        fail({primitive, detail::Event::writable, &ipv6}, failed);
    if (failed != 0) (void)handle_.close();
    return failed == 0;
}

/// A listener that has no address yet: bind() and listen() follow, as on the slide.
///
/// System call: `socket`.
///
/// @param family  ipv4 or ipv6
/// @throws Error  as Socket's constructor
/// @snippet each_tcp.cpp server_later
inline TcpListener::TcpListener(Family family) : Socket(family, Type::stream) {}

/// Takes over a stream socket that was made the slides' way; bind() and listen() may have been called.
///
/// @throws Error  `wrong_protocol_type` if it is not a stream
/// @snippet each_tcp.cpp server_of_socket
inline TcpListener::TcpListener(Socket socket) : Socket(std::move(socket)) { require_type(Type::stream); }

/// As Socket::bind(), with set_reuse_address() before it: a server that starts again gets its port back at
/// once, and no two share one.
/// @snippet each_tcp.cpp bind
inline void TcpListener::bind(const Address& local) {
    require_open("bind");
    set_reuse_address(true);
    Socket::bind(local);
}

/// As Socket::accept().
/// @snippet each_tcp.cpp accept
inline TcpListener::Accepted TcpListener::accept() {
    Accepted client{TcpSocket(Socket()), Address()};
    accept_client(client.socket, client.address);
    return client;
}

/// As Socket::accept(milliseconds).
/// @snippet each_tcp.cpp accept_limit
inline std::optional<TcpListener::Accepted> TcpListener::accept(milliseconds timeout) {
    Accepted client{TcpSocket(Socket()), Address()};
    if (!accept_client_within(client.socket, client.address, timeout)) return std::nullopt;
    return client;
}

/// As Socket::try_accept().
/// @snippet each_tcp.cpp try_accept
inline std::optional<TcpListener::Accepted> TcpListener::try_accept() { return accept(milliseconds(0)); }

} // namespace sockets
