/// @file
/// @brief Socket: single messages, each with its address. Part of socket.hpp.

namespace sockets {

// --- SEND to somebody -----------------------------------------------------------------------------------

/// Sends one datagram to @p peer. Blocks while the system's buffer is full.
///
/// System call: `sendto` (POSIX.1-2017; Winsock 2).
///
/// @param bytes  up to 65507 for UDP over IPv4; none at all is a datagram too
/// @param peer   where to
/// @returns how many bytes went: all of them
/// @throws Error  `message_size` if it is too long; `permission_denied` for a broadcast without
///                set_broadcast(true); `network_unreachable`; `timed_out` after set_send_timeout();
///                `already_connected` on some systems
inline std::size_t Socket::send_to(std::string_view bytes, const Address& peer) {
    return send_to(bytes.data(), bytes.size(), peer);
}

/// As send_to(std::string_view, const Address&).
inline std::size_t Socket::send_to(const void* bytes, std::size_t size, const Address& peer) {
    require_open("send_to");
    require_address("send_to", peer);
    size = send_size(size, "send_to");
    const Step step{"send_to", detail::Event::writable, &peer};
    const detail::Deadline limit = deadline(step.event);
    while (true) {
        const std::ptrdiff_t count =
            detail::send_to(handle_, bytes, size, send_flags_, peer.data(), peer.size());
        if (count >= 0) return static_cast<std::size_t>(count);
        recover(step, limit, blocking_);
    }
}

// --- RECEIVE, and from whom -----------------------------------------------------------------------------

/// Blocks until a datagram has come; tells who sent it.
///
/// System call: `recvfrom` (Linux; Winsock 2), `recvmsg` (other POSIX systems).
///
/// @param max  the longest datagram that is expected
/// @returns the bytes, "" being a datagram too, and the sender
/// @throws Error  `message_size` for one longer than @p max, which is lost; `timed_out` after
///                set_recv_timeout(); on a socket set non-blocking `operation_would_block`
inline Datagram Socket::recv_from(std::size_t max) {
    Datagram datagram;
    datagram.data.resize(detail::at_most(max));
    datagram.data.resize(recv_from(datagram.data.data(), datagram.data.size(), datagram.sender));
    return datagram;
}

/// As recv_from(std::size_t), into the caller's memory.
///
/// @param sender  who sent it
/// @returns how many bytes came
inline std::size_t Socket::recv_from(void* buffer, std::size_t size, Address& sender) {
    require_open("recv_from");
    size = recv_size(size, "recv_from");
    const Step step{"recv_from", detail::Event::readable};
    const detail::Deadline limit = deadline(step.event);
    detail::Sockaddr from;
    std::ptrdiff_t count = recv_from_once(buffer, size, recv_flags_, from);
    while (count < 0) {
        recover(step, limit, blocking_);
        count = recv_from_once(buffer, size, recv_flags_, from);
    }
    size = fitting(step, count, size);
    sender = Address(from);
    return size;
}

/// A local peer that was never bound has no address; Linux gives its family all the same.
inline std::ptrdiff_t Socket::recv_from_once(void* buffer, std::size_t size, int flags,
                                             detail::Sockaddr& from) {
    from.size = sizeof from.room;
    const std::ptrdiff_t count = detail::recv_from(handle_, buffer, size, flags, &from.any, &from.size);
    if (detail::is_unnamed(from)) from.size = 0;
    return count;
}

// --- never waiting --------------------------------------------------------------------------------------

/// As send_to(), but never blocks.
///
/// @returns how many bytes went; empty if there is no room now
/// @throws Error  as send_to()
inline std::optional<std::size_t> Socket::try_send_to(std::string_view bytes, const Address& peer) {
    return try_send_to(bytes.data(), bytes.size(), peer);
}

/// As try_send_to(std::string_view, const Address&).
inline std::optional<std::size_t> Socket::try_send_to(const void* bytes, std::size_t size,
                                                      const Address& peer) {
    require_open("send_to");
    require_address("send_to", peer);
    size = send_size(size, "send_to");
    const int flags = send_flags_ | detail::no_wait;
    std::ptrdiff_t count = 0;
    do count = detail::send_to(handle_, bytes, size, flags, peer.data(), peer.size());
    while (is_interrupted({"send_to", detail::Event::writable, &peer}, count));
    return transferred(count);
}

/// As recv_from(), but never blocks.
///
/// @returns empty if no datagram is there now
/// @throws Error  as recv_from()
inline std::optional<Datagram> Socket::try_recv_from(std::size_t max) {
    Datagram datagram;
    datagram.data.resize(detail::at_most(max));
    const auto count = try_recv_from(datagram.data.data(), datagram.data.size(), datagram.sender);
    if (!count) return std::nullopt;
    datagram.data.resize(*count);
    return datagram;
}

/// As try_recv_from(std::size_t), into the caller's memory.
inline std::optional<std::size_t> Socket::try_recv_from(void* buffer, std::size_t size, Address& sender) {
    require_open("recv_from");
    size = recv_size(size, "recv_from");
    const Step step{"recv_from", detail::Event::readable};
    detail::Sockaddr from;
    std::ptrdiff_t count = 0;
    do count = recv_from_once(buffer, size, recv_flags_ | detail::no_wait, from);
    while (is_interrupted(step, count));
    if (count >= 0) {
        (void)fitting(step, count, size);
        sender = Address(from);
    }
    return transferred(count);
}

} // namespace sockets
