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
inline bool Socket::wait_readable(milliseconds timeout) const {
    require_open("wait_readable");
    return wait({"wait_readable", detail::Event::readable},
                detail::deadline_in(timeout.count(), "wait_readable"));
}

/// Waits until send() has room, or a connect() under way has come to its end.
///
/// System call: `poll` (POSIX.1-2017), `select` (Winsock 2).
///
/// @param timeout  0: do not wait; milliseconds::max(): no limit
/// @returns false if the time ran out
/// @throws Error  `bad_file_descriptor`; `invalid_argument` for a negative time
inline bool Socket::wait_writable(milliseconds timeout) const {
    require_open("wait_writable");
    return wait({"wait_writable", detail::Event::writable},
                detail::deadline_in(timeout.count(), "wait_writable"));
}

/// From now on every recv(), recv_exactly(), recv_from(), and call of a LineReader, as a whole takes at most so long;
/// then Error(timed_out). The object keeps the limit, not the system (SO_RCVTIMEO), so that it is alike
/// everywhere.
///
/// @param timeout  0: no limit
/// @throws Error  `invalid_argument` for a negative time; `bad_file_descriptor`
inline void Socket::set_recv_timeout(milliseconds timeout) {
    require_open("set_recv_timeout");
    const bool none =
        timeout.count() == 0 || detail::deadline_in(timeout.count(), "set_recv_timeout").is_never();
    recv_timeout_ = none ? detail::forever : timeout.count();
    recv_flags_ = none ? recv_flags_ & ~detail::no_wait : recv_flags_ | detail::no_wait;
}

/// As set_recv_timeout(), for send(), send_all() and send_to().
///
/// @param timeout  0: no limit
/// @throws Error  `invalid_argument` for a negative time; `bad_file_descriptor`
inline void Socket::set_send_timeout(milliseconds timeout) {
    require_open("set_send_timeout");
    const bool none =
        timeout.count() == 0 || detail::deadline_in(timeout.count(), "set_send_timeout").is_never();
    send_timeout_ = none ? detail::forever : timeout.count();
    send_flags_ = none ? send_flags_ & ~detail::no_wait : send_flags_ | detail::no_wait;
}

/// Blocks until a client has connected or the time has run out, never longer.
///
/// System call: `accept`, and `poll` (POSIX) or `select` (Winsock) to wait.
///
/// @param timeout  0: do not wait
/// @returns empty if nobody came in time
/// @throws Error  as accept(); `invalid_argument` for a negative time
inline std::optional<Accepted> Socket::accept(milliseconds timeout) {
    const detail::Deadline deadline = detail::deadline_in(timeout.count(), "accept");
    while (true) {
        std::optional<Accepted> client = try_accept();
        if (client || !wait({"accept", detail::Event::readable}, deadline)) return client;
    }
}

/// As connect(), but gives up after @p timeout.
///
/// System call: `connect`, `poll` (POSIX) or `select` (Winsock) to wait, `getsockopt` (SO_ERROR) for the
/// outcome.
///
/// @param timeout  0: do not wait; milliseconds::max(): no limit
/// @throws Error  as connect(); `timed_out` if nothing answered in time; `invalid_argument` for a negative
///                time
inline void Socket::connect(const Address& peer, milliseconds timeout) {
    require_open("connect");
    require_address("connect", peer);
    const detail::Deadline limit = detail::deadline_in(timeout.count(), "connect");
    if (const int failed = connect_within(peer, limit)) fail_connect(failed, peer, limit);
}

// --- never wait ---------------------------------------------------------------------------------------

/// As accept(), but never blocks.
///
/// @returns empty if nobody is waiting now
/// @throws Error  as accept()
inline std::optional<Accepted> Socket::try_accept() {
    require_open("accept");
    (void)detail::set_blocking(handle_, false); // and so it stays: accept() waits by itself then
    std::optional<Accepted> client;
    client.emplace(Accepted{Socket(), Address()});
    while (!accept_once(*client, false)) {
        if (is_interrupted({"accept", detail::Event::readable}, -1)) continue;
        client.reset();
        break;
    }
    return client;
}

/// As send(), but never blocks, whatever set_blocking() says.
///
/// System call: `send` (with MSG_DONTWAIT; on Windows the socket is set non-blocking).
///
/// @returns how many bytes went; empty if there is no room now
/// @throws Error  as send()
inline std::optional<std::size_t> Socket::try_send(std::string_view bytes) {
    return try_send(bytes.data(), bytes.size());
}

/// As try_send(std::string_view).
inline std::optional<std::size_t> Socket::try_send(const void* bytes, std::size_t size) {
    require_open("send");
    size = send_size(size, "send");
    std::ptrdiff_t count = 0;
    do count = detail::send(handle_, bytes, size, send_flags_ | detail::no_wait);
    while (is_interrupted({"send", detail::Event::writable}, count));
    return transferred(count);
}

/// As recv(), but never blocks, whatever set_blocking() says.
///
/// System call: `recv` (with MSG_DONTWAIT; on Windows the socket is set non-blocking).
///
/// @returns the bytes ("": the end of a stream, or an empty datagram); empty if nothing is there now
/// @throws Error  as recv()
inline std::optional<std::string> Socket::try_recv(std::size_t max) {
    std::string bytes;
    bytes.resize(detail::at_most(max));
    const std::optional<std::size_t> count = try_recv(bytes.data(), bytes.size());
    if (!count) return std::nullopt;
    bytes.resize(*count);
    return bytes;
}

/// As try_recv(std::size_t), into the caller's memory.
///
/// @returns how many bytes came, 0 being the end of a stream; empty if nothing is there now
inline std::optional<std::size_t> Socket::try_recv(void* buffer, std::size_t size) {
    require_open("recv");
    size = recv_size(size, "recv");
    const Step step{"recv", detail::Event::readable};
    std::ptrdiff_t count = 0;
    do count = detail::recv(handle_, buffer, size, recv_flags_ | detail::no_wait);
    while (is_interrupted(step, count));
    if (count >= 0) (void)fitting(step, count, size);
    return transferred(count);
}

/// Whether the plain calls wait. A socket waits until it is told not to; then they
/// throw Error(operation_would_block) instead, and connect() throws Error(operation_in_progress). The try_
/// calls never wait anyway.
///
/// System call: `fcntl` (O_NONBLOCK), `ioctlsocket` (FIONBIO).
///
/// @throws Error  `bad_file_descriptor`
inline void Socket::set_blocking(bool on) {
    require_open("set_blocking");
    if (detail::set_blocking(handle_, on) != 0)
        fail({"set_blocking", detail::Event::readable}, detail::last_error());
    blocking_ = on;
}

} // namespace sockets
