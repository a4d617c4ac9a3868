/// @file
/// @brief Socket: not longer than a time, and never waiting. Part of socket.hpp.

namespace sockets {

// --- not longer than this -----------------------------------------------------------------------------

/// Waits until recv() or accept() has something to give: bytes, a datagram, a client, but also the end or an
/// error.
///
/// System call: `poll` (POSIX.1-2017), `select` (Winsock 2).
///
/// @param timeout  0: do not wait; milliseconds::max(): no limit
/// @returns false if the time ran out
/// @throws Error  `bad_file_descriptor`; `invalid_argument` for a negative time
/// @snippet each_socket.cpp wait_readable
inline bool Socket::wait_readable(milliseconds timeout) const {
    require_open("wait_readable");
    Step step{"wait_readable", detail::Event::readable};
    return wait(step, detail::deadline_in(timeout, "wait_readable"));
}

/// Waits until send() has room, or a connect() under way has come to its end.
///
/// System call: `poll` (POSIX.1-2017), `select` (Winsock 2).
///
/// @param timeout  0: do not wait; milliseconds::max(): no limit
/// @returns false if the time ran out
/// @throws Error  `bad_file_descriptor`; `invalid_argument` for a negative time
/// @snippet each_socket.cpp wait_writable
inline bool Socket::wait_writable(milliseconds timeout) const {
    require_open("wait_writable");
    Step step{"wait_writable", connecting_ ? detail::Event::connected : detail::Event::writable};
    return wait(step, detail::deadline_in(timeout, "wait_writable"));
}

/// From now on every recv(), recv_exactly(), recv_from(), and call of a LineReader, as a whole takes at most so long;
/// then Error(timed_out). The object keeps the limit, not the system (SO_RCVTIMEO), so that it is alike
/// everywhere.
///
/// @param timeout  0: no limit
/// @throws Error  `invalid_argument` for a negative time; `bad_file_descriptor`
/// @snippet each_socket.cpp set_recv_timeout
inline void Socket::set_recv_timeout(milliseconds timeout) {
    require_open("set_recv_timeout");
    const bool none = timeout.count() == 0 || detail::deadline_in(timeout, "set_recv_timeout").is_never();
    recv_timeout_ = none ? detail::no_limit : timeout.count();
    recv_flags_ = none ? recv_flags_ & ~detail::no_wait : recv_flags_ | detail::no_wait;
}

/// As set_recv_timeout(), for send(), send_all() and send_to().
///
/// @param timeout  0: no limit
/// @throws Error  `invalid_argument` for a negative time; `bad_file_descriptor`
/// @snippet each_socket.cpp set_send_timeout
inline void Socket::set_send_timeout(milliseconds timeout) {
    require_open("set_send_timeout");
    const bool none = timeout.count() == 0 || detail::deadline_in(timeout, "set_send_timeout").is_never();
    send_timeout_ = none ? detail::no_limit : timeout.count();
    send_flags_ = none ? send_flags_ & ~detail::no_wait : send_flags_ | detail::no_wait;
}

/// Blocks until a client has connected or the time has run out, never longer.
///
/// System call: `accept`, and `poll` (POSIX) or `select` (Winsock) to wait; before it `fcntl` (POSIX) or
/// `ioctlsocket` (Winsock), because the system's accept would wait.
///
/// @param timeout  0: do not wait
/// @returns empty if nobody came in time
/// @throws Error  as accept(); `invalid_argument` for a negative time
/// @snippet each_socket.cpp accept_limit
inline std::optional<Accepted> Socket::accept(milliseconds timeout) {
    Accepted client{Socket(), Address()};
    if (!accept_client_within(client.socket, client.address, timeout)) return std::nullopt;
    return client;
}

/// Blocks until something has come or the time has run out, whatever set_recv_timeout() says. Three things may come
/// of it: nothing yet (`!data`), the end (`data->empty()`), or bytes. At the end it does not wait any more, so a loop
/// that is made with `while (auto data = ...)` would go round for ever. Ask twice:
///
/// @include docs/snippets/recv_limit.cpp
///
/// System call: `recv`, and `poll` (POSIX) or `select` (Winsock) to wait.
///
/// @param max      at most so many bytes, 1 to INT_MAX
/// @param timeout  0: do not wait; milliseconds::max(): no limit
/// @returns the bytes; on a stream "" is the end; empty if nothing came in time
/// @throws Error  as recv(), but for `timed_out`; `invalid_argument` for a negative time
inline std::optional<std::string> Socket::recv(std::size_t max, milliseconds timeout) {
    const detail::Deadline limit = detail::deadline_in(timeout, "recv");
    std::string bytes(detail::string_size(max, "recv"), '\0');
    const std::size_t size = recv_size(max, "recv");
    const Step step{"recv", detail::Event::readable};
    const auto count = call_within(step, limit, [&] {
        return detail::recv(handle_, bytes.data(), size, recv_flags_ | detail::no_wait);
    });
    if (!count) return std::nullopt;
    bytes.resize(fitting(step, *count, size));
    return bytes;
}

// --- never wait ---------------------------------------------------------------------------------------

/// As accept(), but never blocks.
///
/// System call: `accept`; before it `fcntl` (POSIX) or `ioctlsocket` (Winsock).
///
/// @returns empty if nobody is waiting now
/// @throws Error  as accept()
/// @snippet each_socket.cpp try_accept
inline std::optional<Accepted> Socket::try_accept() {
    Accepted client{Socket(), Address()};
    if (!accept_client_within(client.socket, client.address, milliseconds(0))) return std::nullopt;
    return client;
}

/// As send(), but never blocks, whatever set_blocking() says.
///
/// System call: `send`, with MSG_DONTWAIT on Linux; elsewhere the socket is set non-blocking first (`fcntl`,
/// `ioctlsocket`), because macOS and Windows look at nothing else.
///
/// @param bytes  any bytes, NUL included
/// @returns how many bytes went; empty if there is no room now
/// @throws Error  as send()
/// @snippet each_socket.cpp try_send
inline std::optional<std::size_t> Socket::try_send(std::string_view bytes) {
    return try_send(bytes.data(), bytes.size());
}

/// As try_send(std::string_view).
/// @snippet each_socket.cpp try_into_memory
inline std::optional<std::size_t> Socket::try_send(const void* bytes, std::size_t size) {
    size = send_size(size, "send");
    return call_once({"send", detail::Event::writable},
                     [&] { return detail::send(handle_, bytes, size, send_flags_ | detail::no_wait); });
}

/// As recv(), but never blocks, whatever set_blocking() says.
///
/// System call: `recv` (with MSG_DONTWAIT; on Windows the socket is set non-blocking).
///
/// @param max  at most so many bytes, 1 to INT_MAX
/// @returns the bytes ("": the end of a stream, or an empty datagram); empty if nothing is there now
/// @throws Error  as recv()
/// @snippet each_socket.cpp try_recv
inline std::optional<std::string> Socket::try_recv(std::size_t max) {
    std::string bytes(detail::string_size(max, "recv"), '\0');
    const std::optional<std::size_t> count = try_recv(bytes.data(), bytes.size());
    if (!count) return std::nullopt;
    bytes.resize(*count);
    return bytes;
}

/// As try_recv(std::size_t), into the caller's memory.
///
/// @returns how many bytes came, 0 being the end of a stream; empty if nothing is there now
/// @snippet each_socket.cpp try_into_memory
inline std::optional<std::size_t> Socket::try_recv(void* buffer, std::size_t size) {
    size = recv_size(size, "recv");
    const Step step{"recv", detail::Event::readable};
    const auto count =
        call_once(step, [&] { return detail::recv(handle_, buffer, size, recv_flags_ | detail::no_wait); });
    if (count) (void)fitting(step, *count, size);
    return count;
}

/// Whether the plain calls wait. A socket waits until it is told not to; then they
/// throw Error(operation_would_block) instead, and connect() throws Error(operation_in_progress). The try_
/// calls never wait anyway.
///
/// System call: `fcntl` (O_NONBLOCK), `ioctlsocket` (FIONBIO).
///
/// @param on  true: they wait, as from the beginning
/// @throws Error  `bad_file_descriptor`
/// @snippet each_socket.cpp set_blocking
inline void Socket::set_blocking(bool on) {
    require_open("set_blocking");
    if (detail::set_blocking(handle_, on) != 0)
        fail({"set_blocking", detail::Event::readable}, detail::last_error());
    blocking_ = on;
}

} // namespace sockets
