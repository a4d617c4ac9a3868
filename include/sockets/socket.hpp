/// @file
/// @brief Socket: the eight primitives of the slides, for any family and any type.
#pragma once

#include "detail/platform.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include "address.hpp"
#include "detail/arguments.hpp"
#include "detail/deadline.hpp"
#include "detail/handle.hpp"
#include "detail/reasons.hpp"
#include "detail/what_compiles.hpp"
#include "error.hpp"

#include "detail/cold_begin.hpp"

namespace sockets {

/// The second argument of the slides' `socket(domain, type, protocol)`.
/// @ingroup primitives
enum class Type {
    stream = SOCK_STREAM,  ///< A stream of bytes, reliable and in order; with ipv4 or ipv6 that is TCP.
    datagram = SOCK_DGRAM, ///< Single messages, which may get lost; with ipv4 or ipv6 that is UDP.
    raw = SOCK_RAW         ///< The protocol's own packets, for the administrator.
};

/// Which side of a connection shutdown() ends.
/// @ingroup primitives
enum class Shutdown {
    send = detail::shutdown_send,       ///< This side says no more: the peer's recv gives "" at the end.
    receive = detail::shutdown_receive, ///< This side listens no more.
    both = detail::shutdown_both        ///< Both at once.
};

struct Accepted;
struct Datagram;

/// An endpoint of communication. Owns the system's socket: it can be moved, not copied, and its destructor
/// closes it.
///
/// @note Threads: different sockets from any threads. On one socket one thread may send while another
///       receives, and shutdown() may come meanwhile; everything else, close() included, by one thread at a time.
/// @ingroup primitives
/// @include docs/snippets/socket.cpp
class Socket {
public:
    using milliseconds = std::chrono::milliseconds; ///< `seconds(5)` will do; `seconds::max()` does not fit.

    // The eight primitives, in the slides' order.
    Socket(Family family, Type type, int protocol = 0); ///< SOCKET: creates an endpoint.
    void bind(const Address& local);                    ///< BIND: gives it an address of this machine.
    void listen(int backlog = SOMAXCONN);               ///< LISTEN: is ready for connections from now on.
    [[nodiscard]] Accepted accept();                    ///< ACCEPT: waits until a client comes.
    void connect(const Address& peer);                  ///< CONNECT: waits for the answer; datagrams do not.
    std::size_t send(std::string_view bytes);           ///< SEND: says how many bytes went.
    std::string recv(std::size_t max);                  ///< RECEIVE: waits; of a stream, "" is the end.
    void close();                                       ///< CLOSE: ends this side.

    // Copying and moving.
    Socket(const Socket&) = delete; ///< Move it: `std::move(socket)`.
    Socket& operator=(const Socket&) = delete;
    Socket(Socket&&) noexcept = default;            ///< The other one is closed afterwards.
    Socket& operator=(Socket&&) noexcept = default; ///< Closes what was here.

    // Everything, or an Error.
    void send_all(std::string_view bytes);        ///< SEND, again and again until all bytes went.
    std::string recv_exactly(std::size_t size);   ///< RECEIVE, again and again until all bytes came.
    void shutdown(Shutdown how = Shutdown::send); ///< Half a CLOSE: the other direction goes on.

    // Datagrams: each with its address.
    std::size_t send_to(std::string_view bytes, const Address& peer); ///< SEND to somebody.
    Datagram recv_from(std::size_t max = 65535);                      ///< RECEIVE, and from whom.

    // The caller's memory: no copy, nothing allocated.
    std::size_t send(const void* bytes, std::size_t size); ///< SEND.
    std::size_t recv(void* buffer, std::size_t size);      ///< RECEIVE; of a stream, 0 is the end.
    void send_all(const void* bytes, std::size_t size);    ///< SEND, until all went.
    void recv_exactly(void* buffer, std::size_t size);     ///< RECEIVE, until all came.
    std::size_t send_to(const void* bytes, std::size_t size, const Address& peer); ///< SEND to somebody.
    std::size_t recv_from(void* buffer, std::size_t size, Address& sender); ///< RECEIVE, and from whom.

    // Not longer than this.
    void connect(const Address& peer, milliseconds timeout); ///< CONNECT, or Error(timed_out).
    [[nodiscard]] std::optional<Accepted>
    accept(milliseconds timeout); ///< ACCEPT; empty if nobody came in time.
    [[nodiscard]] std::optional<std::string>
    recv(std::size_t max, milliseconds timeout); ///< RECEIVE; empty if nothing came in time, "" at the end.
    [[nodiscard]] std::optional<Datagram>
    recv_from(milliseconds timeout); ///< RECEIVE, and from whom; empty if nothing came in time.
    [[nodiscard]] std::optional<Datagram>
    recv_from(std::size_t max, milliseconds timeout); ///< The same, of at most so many bytes.
    [[nodiscard]] bool
    wait_readable(milliseconds timeout) const; ///< Whether recv or accept has something to give.
    [[nodiscard]] bool wait_writable(milliseconds timeout) const; ///< Whether send has room.
    void set_recv_timeout(milliseconds timeout);                  ///< For every recv; 0: no limit.
    void set_send_timeout(milliseconds timeout);                  ///< For every send; 0: no limit.

    // Never wait: empty, or false, means "not now".
    [[nodiscard]] bool try_connect(const Address& peer); ///< CONNECT; ask again when it is writable.
    [[nodiscard]] std::optional<Accepted> try_accept();  ///< ACCEPT.
    [[nodiscard]] std::optional<std::size_t> try_send(std::string_view bytes);              ///< SEND.
    [[nodiscard]] std::optional<std::size_t> try_send(const void* bytes, std::size_t size); ///< SEND.
    [[nodiscard]] std::optional<std::string> try_recv(std::size_t max);                     ///< RECEIVE.
    [[nodiscard]] std::optional<std::size_t> try_recv(void* buffer, std::size_t size);      ///< RECEIVE.
    [[nodiscard]] std::optional<std::size_t> try_send_to(std::string_view bytes,
                                                         const Address& peer); ///< SEND to somebody.
    [[nodiscard]] std::optional<std::size_t> try_send_to(const void* bytes, std::size_t size,
                                                         const Address& peer);    ///< SEND to somebody.
    [[nodiscard]] std::optional<Datagram> try_recv_from(std::size_t max = 65535); ///< RECEIVE, and from whom.
    [[nodiscard]] std::optional<std::size_t> try_recv_from(void* buffer, std::size_t size,
                                                           Address& sender); ///< RECEIVE, and from whom.
    void set_blocking(bool on); ///< Whether the plain calls wait: usually they do.

    // Two at once.
    [[nodiscard]] static std::pair<Socket, Socket> pair(); ///< Two connected ends inside this program.

    // Where it is, and how it behaves.
    Address local_address() const;   ///< This side's address: the port that the system chose, for example.
    Address remote_address() const;  ///< The peer's address.
    void set_reuse_address(bool on); ///< A server that starts again gets its port back at once.
    void set_no_delay(bool on);      ///< TCP: small messages leave at once.
    void set_broadcast(bool on);     ///< UDP: may send to everybody.
    template <class T>
    T option(int level, int name) const; ///< getsockopt: any other option.
    template <class T>
    void set_option(int level, int name, const T& value); ///< setsockopt.

    // The system's socket underneath.
    bool is_open() const noexcept;                 ///< Whether the socket is open.
    NativeHandle native_handle() const noexcept;   ///< For calls that this library does not wrap; stays ours.
    [[nodiscard]] NativeHandle release() noexcept; ///< Hands it over: the caller closes it.
    [[nodiscard]] static Socket adopt(NativeHandle handle); ///< Takes one over: the Socket closes it.

#include "detail/socket_refusals.ipp" // what cannot be meant does not compile

protected:
    Socket() noexcept = default; ///< Closed.
    void require_open(const char* primitive) const;
    void require_type(Type type) const;
    void accept_client(Socket& client, Address& address) const;
    bool accept_client_within(Socket& client, Address& address, milliseconds timeout);
    void change_group(bool in, const Address& group, const Address& local);

private:
    friend class TcpSocket;   // tries one address after another
    friend class TcpListener; // by IPv6 and IPv4, or by IPv4 alone
    friend class LineReader;  // one limit for a whole line, and what it holds is a part of what is to come

    /// What is being done, for the loops of detail/socket_steps.ipp and for the error's sentence.
    struct Step {
        const char* primitive;
        detail::Event event;
        const Address* to = nullptr;
        std::size_t done = 0; ///< Of `size` bytes, when the time ran out.
        std::size_t size = 0;
        const char* missing = "nothing"; ///< Or what had not come, if none was done.
        std::string_view so_far = {};    ///< What of it had come.
        bool woken = false;              ///< It has been waited for already.

        std::string progress() const;
    };

    Socket(NativeHandle handle, Type type, int domain) noexcept;

#include "detail/socket_inside.ipp" // what the methods are made of

    detail::Handle handle_;
    int recv_flags_ = 0;
    int send_flags_ = detail::no_signal;
    int domain_ = AF_UNSPEC; ///< The family that it was made with.
    Type type_ = Type::stream;
    bool blocking_ = true; ///< As the user wants it: the system's socket may have been set not to, meanwhile.
    bool connecting_ = false; ///< A connect is under way.
    bool connected_ = false;  ///< One has gone well: of a second one Linux does not always say so.
    std::size_t ahead_ = 0;   ///< Bytes that a LineReader has received and nobody has taken.
    long long recv_timeout_ = detail::no_limit; // in milliseconds
    long long send_timeout_ = detail::no_limit;
};

/// What ACCEPT gives: `auto [client, address] = server.accept();`
/// @ingroup primitives
/// @include docs/snippets/socket.cpp
struct Accepted {
    Socket socket;   ///< The connection to this client; the listening socket goes on listening.
    Address address; ///< Where the client is.
};

/// A message and where it came from.
/// @ingroup datagrams
/// @include docs/snippets/udp_socket.cpp
struct Datagram {
    std::string data; ///< The bytes; "" is a message too.
    Address sender;   ///< Who sent it: where the answer goes.
};

// --- SOCKET -------------------------------------------------------------------------------------------

/// Creates an endpoint. It has no address yet. Does not block. An ipv6 one takes IPv6 alone, on every system.
///
/// System call: `socket` (POSIX.1-2017), `WSASocketW` (Winsock 2). Child processes do not inherit it.
///
/// @param family    ipv4, ipv6, local, or packet where the system has it
/// @param type      stream, datagram or raw
/// @param protocol  0: the usual one of family and type; for packet as the system's manual says, in network
///                  order
/// @throws Error  `invalid_argument` for Family::unspecified; `address_family_not_supported`,
///                `protocol_not_supported`; `operation_not_permitted` for raw and packet without the right;
///                `too_many_files_open`
/// @snippet each_socket.cpp constructor
inline Socket::Socket(Family family, Type type, int protocol) {
    if (family == Family::unspecified)
        detail::raise(std::errc::invalid_argument, "socket", "", "which family: ipv4 or ipv6?");
    const int domain = static_cast<int>(family);
    if (domain < 0)
        detail::raise(std::errc::address_family_not_supported, "socket", "",
                      "this system has no packet sockets");
    if (const int failed = open(domain, type, protocol)) fail_open(failed);
}

// --- BIND ---------------------------------------------------------------------------------------------

/// Gives the socket an address of this machine: a server's, where clients find it. Does not block.
///
/// System call: `bind` (POSIX.1-2017; Winsock 2).
///
/// @param local  host and port; port 0: any free one, which local_address() then tells
/// @throws Error  `address_in_use`; `address_not_available` if it is not this machine's; `permission_denied`
///                for ports below 1024; `invalid_argument` if it has one already
/// @snippet each_socket.cpp bind
inline void Socket::bind(const Address& local) {
    const Step step{"bind", detail::Event::writable, &local};
    require_open(step.primitive);
    require_address(step.primitive, local);
    if (const int failed = bind_to(local)) fail(step, failed);
}

// --- LISTEN -------------------------------------------------------------------------------------------

/// From now on clients may connect: the system completes their handshakes and queues them for accept(). Does
/// not block.
///
/// System call: `listen` (POSIX.1-2017; Winsock 2).
///
/// @param backlog  how many connections may wait for accept(), not how many there may be; the system caps it
/// @throws Error  `address_in_use`; `operation_not_supported` for a socket that is not a stream
/// @snippet each_socket.cpp listen
inline void Socket::listen(int backlog) {
    require_open("listen");
    if (detail::listen(handle_, backlog) != 0)
        fail({"listen", detail::Event::readable}, detail::last_error());
}

// --- ACCEPT -------------------------------------------------------------------------------------------

/// Blocks until a client has connected. The socket that comes back is for this client; this one goes on
/// listening. Connections that were given up while they waited are passed over.
///
/// System call: `accept4` (Linux), `accept` (POSIX.1-2017; Winsock 2). Child processes do not inherit the new
/// socket, and it blocks, whatever this one does.
///
/// @returns the connection and the client's address
/// @throws Error  `invalid_argument` if bind() or listen() is missing; `too_many_files_open`; on a socket set
///                non-blocking `operation_would_block`
/// @snippet each_socket.cpp accept
inline Accepted Socket::accept() {
    Accepted client{Socket(), Address()};
    accept_client(client.socket, client.address);
    return client;
}

// --- CONNECT ------------------------------------------------------------------------------------------

/// Blocks until the three-way handshake with @p peer is complete or has failed; afterwards both ends may
/// send() and recv(). On a datagram socket it only fixes the peer and does not block.
///
/// A stream socket whose connect has failed is closed: systems differ in what else it is good for. Not so one that
/// is connected already. If nobody listens on a loopback port from 32768 on, TCP may connect a client to itself:
/// the constructors of TcpSocket look, this primitive does not.
///
/// System call: `connect` (POSIX.1-2017; Winsock 2). TCP handshake: RFC 9293, section 3.5.
///
/// @param peer  where a server listens
/// @throws Error  `connection_refused` if nothing listens there; `timed_out` if nothing answers;
///                `network_unreachable`, `host_unreachable`; `address_family_not_supported` if the socket is of another
///                family; `no_such_file_or_directory` for a local one that is not there; `already_connected`; on a
///                socket set non-blocking `operation_in_progress`, and it stays open: try_connect() finishes it
/// @snippet each_socket.cpp connect
inline void Socket::connect(const Address& peer) {
    require_open("connect");
    require_address("connect", peer);
    const detail::Deadline never = detail::Deadline::never();
    const int failed =
        connecting_ ? connect_within(peer, never, blocking_) : connect_or_close(peer, never, blocking_);
    if (failed != 0) fail_connect(failed, peer, never);
}

// --- SEND ---------------------------------------------------------------------------------------------

/// Gives bytes to the system, which sends them on. Blocks while the system's buffer is full. A stream may
/// take only some: the count says; send_all() goes on until the end. A datagram goes whole or not at all.
///
/// That the bytes were taken does not mean that the peer has them: after the peer has gone, the first send()
/// still succeeds, a later one fails.
///
/// System call: `send` (POSIX.1-2017, with MSG_NOSIGNAL: no SIGPIPE; Winsock 2).
///
/// @param bytes  any bytes, NUL included; of more than INT_MAX a stream takes the first INT_MAX
/// @returns how many went
/// @throws Error  `broken_pipe`, `connection_reset`, `connection_aborted` if the connection is over, or this side
///                was shut down; `not_connected` (Linux: `broken_pipe`) if it has never begun; `timed_out` after
///                set_send_timeout(); `message_size` for a datagram that is too long; on a connected datagram
///                socket `connection_refused` if nobody listens there, on one that is not
///                `destination_address_required`; `no_buffer_space` (BSDs) if the network is too busy for a
///                datagram; on a socket set non-blocking `operation_would_block`
/// @snippet each_socket.cpp send
inline std::size_t Socket::send(std::string_view bytes) { return send(bytes.data(), bytes.size()); }

/// As send(std::string_view).
///
/// @param bytes  the first of them
/// @param size   how many
/// @snippet each_socket.cpp some_into_memory
inline std::size_t Socket::send(const void* bytes, std::size_t size) {
    size = send_size(size, "send");
    const std::ptrdiff_t count = detail::send(handle_, bytes, size, send_flags_);
    if (count >= 0) return static_cast<std::size_t>(count);
    return send_again(bytes, size);
}

// --- RECEIVE ------------------------------------------------------------------------------------------

/// Blocks until something has come, then gives what is there: 1 to @p max bytes of a stream, cut wherever the
/// network cut them, or one datagram. One send of the peer is not one recv here.
///
/// System call: `recv` (POSIX.1-2017; Winsock 2).
///
/// @param max  at most so many bytes, 1 to INT_MAX; more, as of recv(-1), is `invalid_argument`
/// @returns the bytes; on a stream "" means that the peer has ended its side, and only that
/// @throws Error  `connection_reset` if the connection broke; `not_connected`; `timed_out` after
///                set_recv_timeout(); `message_size` for a datagram longer than @p max, which is lost;
///                `connection_refused` on a connected datagram socket whose peer does not listen;
///                `invalid_argument` for 0 bytes of a stream and more than INT_MAX; on a socket set non-blocking
///                `operation_would_block`
/// @snippet each_socket.cpp recv
inline std::string Socket::recv(std::size_t max) {
    std::string bytes(detail::string_size(max, "recv"), '\0');
    bytes.resize(recv(bytes.data(), max));
    return bytes;
}

/// As recv(std::size_t), into the caller's memory.
///
/// @param buffer  where to
/// @param size    how much room there is
/// @returns how many bytes came; 0 on a stream: the end
/// @snippet each_socket.cpp some_into_memory
inline std::size_t Socket::recv(void* buffer, std::size_t size) {
    size = recv_size(size, "recv");
    const std::ptrdiff_t count = detail::recv(handle_, buffer, size, recv_flags_);
    if (detail::is_usual(count, size)) return static_cast<std::size_t>(count);
    return recv_again(buffer, size, count);
}

// --- CLOSE --------------------------------------------------------------------------------------------

/// Ends this side and gives the socket back to the system. What was sent still arrives, unless the peer's
/// bytes lie here unread: then both directions are reset. To be sure, shutdown(), recv until "", then close.
/// Does not block. On a closed socket it does nothing; the destructor does the same, without an Error. Clients
/// that a listener has not accepted yet are reset.
///
/// System call: `close` (POSIX.1-2017), `closesocket` (Winsock 2).
///
/// @throws Error  `bad_file_descriptor` if somebody else has closed the system's socket
/// @snippet each_socket.cpp close
inline void Socket::close() {
    if (handle_.close() != 0) detail::raise(detail::last_error(), "close");
}

} // namespace sockets

#include "detail/socket_connect.ipp"
#include "detail/socket_datagrams.ipp"
#include "detail/socket_errors.ipp"
#include "detail/socket_limits.ipp"
#include "detail/socket_options.ipp"
#include "detail/socket_steps.ipp"
#include "detail/socket_whole.ipp"

#include "detail/cold_end.hpp"
