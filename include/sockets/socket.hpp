/// @file
/// @brief Socket: the eight primitives of the slides, for any family and any type.
#pragma once

#include "detail/platform.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "address.hpp"
#include "detail/deadline.hpp"
#include "detail/handle.hpp"
#include "error.hpp"

namespace sockets {

namespace detail {

/// A limit given by the user, in milliseconds from now.
inline Deadline deadline_in(long long limit, const char* primitive) {
    if (limit < 0) raise(std::errc::invalid_argument, primitive, "", "a time limit is not negative");
    return Deadline(limit);
}

} // namespace detail

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
///       receives; everything else, close() included, by one thread at a time.
/// @ingroup primitives
/// @include docs/snippets/socket.cpp
class Socket {
public:
    using milliseconds = std::chrono::milliseconds; ///< Every time limit; `std::chrono::seconds(5)` will do.

    // The eight primitives, in the slides' order.
    Socket(Family family, Type type, int protocol = 0); ///< SOCKET: creates an endpoint.
    void bind(const Address& local);                    ///< BIND: gives it an address of this machine.
    void listen(int backlog = SOMAXCONN);               ///< LISTEN: is ready for connections from now on.
    Accepted accept();                                  ///< ACCEPT: waits until a client comes.
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
    std::optional<Accepted> accept(milliseconds timeout);    ///< ACCEPT; empty if nobody came in time.
    bool wait_readable(milliseconds timeout) const; ///< Whether recv or accept has something to give.
    bool wait_writable(milliseconds timeout) const; ///< Whether send has room.
    void set_recv_timeout(milliseconds timeout);    ///< For every recv; 0: no limit.
    void set_send_timeout(milliseconds timeout);    ///< For every send; 0: no limit.

    // Never wait: empty means "not now".
    std::optional<Accepted> try_accept();                                     ///< ACCEPT.
    std::optional<std::size_t> try_send(std::string_view bytes);              ///< SEND.
    std::optional<std::size_t> try_send(const void* bytes, std::size_t size); ///< SEND.
    std::optional<std::string> try_recv(std::size_t max);                     ///< RECEIVE.
    std::optional<std::size_t> try_recv(void* buffer, std::size_t size);      ///< RECEIVE.
    std::optional<std::size_t> try_send_to(std::string_view bytes,
                                           const Address& peer); ///< SEND to somebody.
    std::optional<std::size_t> try_send_to(const void* bytes, std::size_t size,
                                           const Address& peer);    ///< SEND to somebody.
    std::optional<Datagram> try_recv_from(std::size_t max = 65535); ///< RECEIVE, and from whom.
    std::optional<std::size_t> try_recv_from(void* buffer, std::size_t size,
                                             Address& sender); ///< RECEIVE, and from whom.
    void set_blocking(bool on); ///< Whether the plain calls wait: usually they do.

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
    bool is_open() const noexcept;               ///< Whether the socket is open.
    NativeHandle native_handle() const noexcept; ///< For calls that this library does not wrap; stays ours.
    NativeHandle release() noexcept;             ///< Hands it over: the caller closes it.
    static Socket adopt(NativeHandle handle);    ///< Takes one over: the Socket closes it.

protected:
    Socket() noexcept = default; ///< Closed.
    void require_open(const char* primitive) const;
    void require_type(Type type) const;
    static void require_address(const char* primitive, const Address& address);

private:
    friend class TcpSocket;  // tries one address after another
    friend class LineReader; // one limit for a whole line, and what it holds is a part of what is to come

    /// What is being done, for the loops below and for the error's sentence.
    struct Step {
        const char* primitive;
        detail::Event event;
        const Address* to = nullptr;
        std::size_t done = 0; ///< Of `size` bytes, when the time ran out.
        std::size_t size = 0;
        const char* missing = "nothing"; ///< Or what had not come, if none was done.

        detail::Text progress() const;
    };

    Socket(NativeHandle handle, Type type) noexcept : handle_(handle), type_(type) {}

    // What the methods are made of: detail/socket_steps.ipp.
    std::size_t recv_size(std::size_t size, const char* primitive) const;
    std::size_t send_size(std::size_t size, const char* primitive) const;
    std::size_t send_again(const void* bytes, std::size_t size);
    std::size_t recv_again(void* buffer, std::size_t size, std::ptrdiff_t count);
    std::size_t recv_within(void* buffer, std::size_t size, const detail::Deadline& limit,
                            const char* missing);
    void recv_rest(void* buffer, Step& step);
    std::size_t fitting(const Step& step, std::ptrdiff_t count, std::size_t size) const;
    bool is_interrupted(const Step& step, std::ptrdiff_t count) const;
    static std::optional<std::size_t> transferred(std::ptrdiff_t count);
    std::size_t unusual_size(const Step& step, std::size_t size) const;
    int open(int domain, Type type, int protocol);
    int connect_by(const Address& peer, const detail::Deadline& limit, bool may_wait);
    int connect_within(const Address& peer, const detail::Deadline& limit);
    int pending_error() const noexcept;
    bool accept_once(Accepted& client, bool waits);
    std::ptrdiff_t recv_from_once(void* buffer, std::size_t size, int flags, detail::Sockaddr& from);
    void recover(const Step& step, const detail::Deadline& limit, bool may_wait) const;
    bool wait(const Step& step, const detail::Deadline& limit) const;
    bool goes_on(const Step& step, const detail::Deadline& limit) const;
    detail::Deadline deadline(detail::Event event) const;
    bool ask_address(bool peer, Address& address) const noexcept;
    [[noreturn]] void fail(const Step& step, int error, const char* hint = "") const;
    [[noreturn]] void fail_connect(int error, const Address& peer, const detail::Deadline& limit) const;
    [[noreturn]] void give_up(const Step& step, const detail::Deadline& limit) const;
    [[noreturn]] void fail_late(const Step& step, const detail::Deadline& limit) const;

    detail::Handle handle_;
    int recv_flags_ = 0;
    int send_flags_ = detail::no_signal;
    Type type_ = Type::stream;
    bool blocking_ = true; ///< As the user wants it: the system's socket may have been set not to, meanwhile.
    long long recv_timeout_ = detail::forever; // in milliseconds
    long long send_timeout_ = detail::forever;
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
inline Socket::Socket(Family family, Type type, int protocol) {
    if (family == Family::unspecified)
        detail::raise(std::errc::invalid_argument, "socket", "", "which family: ipv4 or ipv6?");
    const int domain = static_cast<int>(family);
    if (domain < 0)
        detail::raise(std::errc::address_family_not_supported, "socket", "",
                      "this system has no packet sockets");
    if (const int failed = open(domain, type, protocol)) detail::raise(failed, "socket");
}

// --- BIND ---------------------------------------------------------------------------------------------

/// Gives the socket an address of this machine: a server's, where clients find it. Does not block.
///
/// System call: `bind` (POSIX.1-2017; Winsock 2).
///
/// @param local  host and port; port 0: any free one, which local_address() then tells
/// @throws Error  `address_in_use`; `address_not_available` if it is not this machine's; `permission_denied`
///                for ports below 1024; `invalid_argument` if it has one already
inline void Socket::bind(const Address& local) {
    const Step step{"bind", detail::Event::writable, &local};
    require_open(step.primitive);
    require_address(step.primitive, local);
    if (detail::bind(handle_, local.data(), local.size()) != 0) fail(step, detail::last_error());
}

// --- LISTEN -------------------------------------------------------------------------------------------

/// From now on clients may connect: the system completes their handshakes and queues them for accept(). Does
/// not block.
///
/// System call: `listen` (POSIX.1-2017; Winsock 2).
///
/// @param backlog  how many connections may wait for accept(), not how many there may be; the system caps it
/// @throws Error  `address_in_use`; `operation_not_supported` for a socket that is not a stream
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
inline Accepted Socket::accept() {
    require_open("accept");
    Accepted client{Socket(), Address()};
    while (!accept_once(client, blocking_))
        recover({"accept", detail::Event::readable}, detail::Deadline::never(), blocking_);
    return client;
}

// --- CONNECT ------------------------------------------------------------------------------------------

/// Blocks until the three-way handshake with @p peer is complete or has failed; afterwards both ends may
/// send() and recv(). On a datagram socket it only fixes the peer and does not block.
///
/// A stream socket whose connect has failed is closed: systems differ in what else it is good for.
///
/// System call: `connect` (POSIX.1-2017; Winsock 2). TCP handshake: RFC 9293, section 3.5.
///
/// @param peer  where a server listens
/// @throws Error  `connection_refused` if nothing listens there; `timed_out` if nothing answers;
///                `network_unreachable`, `host_unreachable`; on a socket set non-blocking
///                `operation_in_progress`, and it stays open
inline void Socket::connect(const Address& peer) {
    require_open("connect");
    require_address("connect", peer);
    const detail::Deadline never = detail::Deadline::never();
    if (const int failed = connect_by(peer, never, blocking_)) fail_connect(failed, peer, never);
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
///                set_send_timeout(); `message_size` for a datagram that is too long; on a socket set non-blocking
///                `operation_would_block`
inline std::size_t Socket::send(std::string_view bytes) { return send(bytes.data(), bytes.size()); }

/// As send(std::string_view).
///
/// @param bytes  the first of them
/// @param size   how many
inline std::size_t Socket::send(const void* bytes, std::size_t size) {
    size = send_size(size, "send");
    const std::ptrdiff_t count = detail::send(handle_, bytes, size, send_flags_);
    return count >= 0 ? static_cast<std::size_t>(count) : send_again(bytes, size);
}

/// send(), again and again until every byte went. Blocks until then, also on a socket set non-blocking.
///
/// System call: `send`, and `poll` (POSIX) or `select` (Winsock) where it has to wait.
///
/// @param bytes  any bytes, of any number
/// @throws Error  as send(); `timed_out` tells how much went
inline void Socket::send_all(std::string_view bytes) { send_all(bytes.data(), bytes.size()); }

/// As send_all(std::string_view).
///
/// @param bytes  the first of them
/// @param size   how many
inline void Socket::send_all(const void* bytes, std::size_t size) {
    require_open("send");
    Step step{"send", detail::Event::writable, nullptr, 0, size};
    const detail::Deadline limit = deadline(step.event);
    do {
        const char* rest = static_cast<const char*>(bytes) + step.done;
        const std::ptrdiff_t count =
            detail::send(handle_, rest, send_size(size - step.done, "send"), send_flags_);
        if (count < 0) recover(step, limit, true);
        else step.done += static_cast<std::size_t>(count);
    } while (goes_on(step, limit));
}

// --- RECEIVE ------------------------------------------------------------------------------------------

/// Blocks until something has come, then gives what is there: 1 to @p max bytes of a stream, cut wherever the
/// network cut them, or one datagram. One send of the peer is not one recv here.
///
/// System call: `recv` (POSIX.1-2017; Winsock 2).
///
/// @param max  at most so many bytes, 1 to INT_MAX
/// @returns the bytes; on a stream "" means that the peer has ended its side, and only that
/// @throws Error  `connection_reset` if the connection broke; `not_connected`; `timed_out` after
///                set_recv_timeout(); `message_size` for a datagram longer than @p max, which is lost;
///                `connection_refused` on a connected datagram socket whose peer does not listen;
///                `invalid_argument` for 0 bytes of a stream; on a socket set non-blocking
///                `operation_would_block`
inline std::string Socket::recv(std::size_t max) {
    std::string bytes;
    bytes.resize(detail::at_most(max));
    bytes.resize(recv(bytes.data(), bytes.size()));
    return bytes;
}

/// As recv(std::size_t), into the caller's memory.
///
/// @param buffer  where to
/// @param size    how much room there is
/// @returns how many bytes came; 0 on a stream: the end
inline std::size_t Socket::recv(void* buffer, std::size_t size) {
    size = recv_size(size, "recv");
    const std::ptrdiff_t count = detail::recv(handle_, buffer, size, recv_flags_);
    if (static_cast<std::size_t>(count) <= size)
        return static_cast<std::size_t>(count); // -1 is more than any size
    return recv_again(buffer, size, count);
}

/// recv(), again and again until @p size bytes of a stream have come. Blocks until then, also on a socket set
/// non-blocking.
///
/// System call: `recv`, and `poll` (POSIX) or `select` (Winsock) where it has to wait.
///
/// @param size  how many bytes; 0 asks nobody
/// @returns exactly so many
/// @throws Error  as recv(); `connection_reset` if the peer ends earlier, and `timed_out`, both telling how
///                many came: those are lost, unless they went into the caller's memory;
///                `operation_not_supported` on a datagram socket
/// @throws std::bad_alloc, std::length_error  if there is no memory for so many
inline std::string Socket::recv_exactly(std::size_t size) {
    std::string bytes;
    bytes.resize(size);
    recv_exactly(bytes.data(), size);
    return bytes;
}

/// As recv_exactly(std::size_t), into the caller's memory.
///
/// @param buffer  where to
/// @param size    how many bytes
inline void Socket::recv_exactly(void* buffer, std::size_t size) {
    require_open("recv");
    Step step{"recv", detail::Event::readable, nullptr, 0, size};
    if (type_ != Type::stream)
        fail(step, detail::error_of(std::errc::operation_not_supported), "a datagram comes whole");
    recv_rest(buffer, step);
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
inline void Socket::close() {
    if (handle_.close() != 0) detail::raise(detail::last_error(), "close");
}

/// Ends one direction of a connection. With Shutdown::send the peer's recv gives "" after the last byte,
/// while this side still receives what the peer has to say. Does not block.
///
/// System call: `shutdown` (POSIX.1-2017; Winsock 2).
///
/// @param how  which direction
/// @throws Error  `not_connected`
inline void Socket::shutdown(Shutdown how) {
    require_open("shutdown");
    if (detail::shutdown(handle_, static_cast<int>(how)) != 0)
        fail({"shutdown", detail::Event::readable}, detail::last_error());
}

} // namespace sockets

#include "detail/socket_datagrams.ipp"
#include "detail/socket_limits.ipp"
#include "detail/socket_options.ipp"
#include "detail/socket_steps.ipp"
