/// @file
/// @brief Socket: everything, or an Error; and half a CLOSE. Part of socket.hpp.

namespace sockets {

// --- SEND, all of it ----------------------------------------------------------------------------------

/// send(), again and again until every byte went. Blocks until then, also on a socket set non-blocking.
///
/// System call: `send`, and `poll` (POSIX) or `select` (Winsock) where it has to wait.
///
/// @param bytes  any bytes, of any number
/// @throws Error  as send(); `timed_out` tells how much went
/// @snippet each_socket.cpp send_all
inline void Socket::send_all(std::string_view bytes) { send_all(bytes.data(), bytes.size()); }

/// As send_all(std::string_view).
///
/// @param bytes  the first of them
/// @param size   how many
/// @snippet each_socket.cpp into_memory
inline void Socket::send_all(const void* bytes, std::size_t size) {
    const detail::Deadline limit = deadline(detail::Event::writable);
    const std::ptrdiff_t count = detail::send(handle_, bytes, send_size(size, "send"), send_flags_);
    if (!detail::is_all(count, size)) send_rest(bytes, size, limit, count);
}

SOCKETS_COLD inline void Socket::send_rest(const void* bytes, std::size_t size, const detail::Deadline& limit,
                                           std::ptrdiff_t count) {
    Step step{"send", detail::Event::writable, nullptr, 0, size};
    repeat_until_done(step, limit, count, [&] {
        const char* const rest = static_cast<const char*>(bytes) + step.done;
        return detail::send(handle_, rest, detail::at_most(size - step.done), send_flags_);
    });
}

// --- RECEIVE, all of it -------------------------------------------------------------------------------

/// recv(), again and again until @p size bytes of a stream have come. Blocks until then, also on a socket set
/// non-blocking.
///
/// @include docs/snippets/length_prefix.cpp
///
/// System call: `recv`, and `poll` (POSIX) or `select` (Winsock) where it has to wait.
///
/// @param size  how many bytes; 0 asks nobody
/// @returns exactly so many
/// @throws Error  as recv(); StreamErrc::ended if the peer ends before the first of them: that is the way out of
///                a loop over messages, and only where one may begin (behind its size it is a message that was
///                cut); `connection_reset` if it ends within them, and `timed_out`, both telling how many came:
///                those are lost, unless they went into the caller's memory; `operation_not_supported` on a
///                datagram socket
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
/// @snippet each_socket.cpp into_memory
inline void Socket::recv_exactly(void* buffer, std::size_t size) {
    if (type_ != Type::stream) fail_not_stream();
    if (size == 0) return require_open("recv");
    const detail::Deadline limit = deadline(detail::Event::readable);
    const std::ptrdiff_t count = detail::recv(handle_, buffer, detail::at_most(size), recv_flags_);
    if (!detail::is_all(count, size)) recv_rest(buffer, size, limit, count);
}

SOCKETS_COLD inline void Socket::recv_rest(void* buffer, std::size_t size, const detail::Deadline& limit,
                                           std::ptrdiff_t count) {
    Step step{"recv", detail::Event::readable, nullptr, 0, size};
    repeat_until_done(step, limit, count, [&] { return recv_next(buffer, step); });
}

/// Behind what has come already.
inline std::ptrdiff_t Socket::recv_next(void* buffer, const Step& step) const noexcept {
    char* const rest = static_cast<char*>(buffer) + step.done;
    return detail::recv(handle_, rest, detail::at_most(step.size - step.done), recv_flags_);
}

// --- half a CLOSE -------------------------------------------------------------------------------------

/// Ends one direction of a connection. With Shutdown::send the peer's recv gives "" after the last byte,
/// while this side still receives what the peer has to say. Does not block. Another thread may call it while one
/// receives or sends here: with Shutdown::both the receiver gets its end, and so a waiting call can be ended; not on
/// Windows, where who waits already goes on waiting: recv with a limit is the way there.
///
/// System call: `shutdown` (POSIX.1-2017; Winsock 2).
///
/// @param how  which direction
/// @throws Error  `not_connected`
/// @snippet each_socket.cpp shutdown
inline void Socket::shutdown(Shutdown how) {
    require_open("shutdown");
    if (detail::shutdown(handle_, static_cast<int>(how)) != 0)
        fail({"shutdown", detail::Event::readable}, detail::last_error());
}

} // namespace sockets
