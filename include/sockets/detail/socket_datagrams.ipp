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
///                set_broadcast(true); `network_unreachable`; `address_family_not_supported` if the socket is of
///                another family; `timed_out` after set_send_timeout(); `no_buffer_space` (BSDs) if the network is
///                too busy; `already_connected` on some systems
/// @snippet each_socket.cpp send_to
inline std::size_t Socket::send_to(std::string_view bytes, const Address& peer) {
    return send_to(bytes.data(), bytes.size(), peer);
}

/// As send_to(std::string_view, const Address&).
/// @snippet each_socket.cpp datagram_into_memory
inline std::size_t Socket::send_to(const void* bytes, std::size_t size, const Address& peer) {
    require_address("send_to", peer);
    if (is_ipv4_in_ipv6(peer)) return send_to_unmapped(bytes, size, peer);
    size = send_size(size, "send_to");
    const std::ptrdiff_t count = detail::send_to(handle_, bytes, size, send_flags_, peer.data(), peer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    return send_to_again(bytes, size, peer);
}

SOCKETS_COLD inline std::size_t Socket::send_to_again(const void* bytes, std::size_t size,
                                                      const Address& peer) {
    return repeat({"send_to", detail::Event::writable, &peer}, [&] {
        return detail::send_to(handle_, bytes, size, send_flags_, peer.data(), peer.size());
    });
}

SOCKETS_COLD inline std::size_t Socket::send_to_unmapped(const void* bytes, std::size_t size,
                                                         const Address& peer) {
    return send_to(bytes, size, peer.unmapped());
}

// --- RECEIVE, and from whom -----------------------------------------------------------------------------

/// Blocks until a datagram has come; tells who sent it.
///
/// System call: `recvfrom` (Linux; Winsock 2), `recvmsg` (other POSIX systems).
///
/// @param max  the longest datagram that is expected, 0 to INT_MAX bytes; more, as of recv_from(-1), is
///             `invalid_argument`
/// @returns the bytes, "" being a datagram too, and the sender
/// @throws Error  `message_size` for one longer than @p max, which is lost; `timed_out` after
///                set_recv_timeout(); on a socket set non-blocking `operation_would_block`
/// @snippet each_socket.cpp recv_from
inline Datagram Socket::recv_from(std::size_t max) {
    Datagram datagram;
    datagram.data.resize(detail::string_size(max, "recv_from"));
    datagram.data.resize(recv_from(datagram.data.data(), max, datagram.sender));
    return datagram;
}

/// As recv_from(std::size_t), into the caller's memory.
///
/// @param sender  who sent it
/// @returns how many bytes came
/// @snippet each_socket.cpp datagram_into_memory
inline std::size_t Socket::recv_from(void* buffer, std::size_t size, Address& sender) {
    size = recv_size(size, "recv_from");
    detail::Sockaddr& from = sender.address_; // filled in where it belongs
    const socklen_t before = from.size;
    from.size = sizeof from.room;
    const std::ptrdiff_t count = detail::recv_from(handle_, buffer, size, recv_flags_, &from.any, &from.size);
    if (detail::is_usual(count, size) && from.any.sa_family != AF_UNIX)
        return static_cast<std::size_t>(count);
    return recv_from_again(buffer, size, sender, count, before);
}

SOCKETS_COLD inline std::size_t Socket::recv_from_again(void* buffer, std::size_t size, Address& sender,
                                                        std::ptrdiff_t count, socklen_t before) {
    const Step step{"recv_from", detail::Event::readable};
    if (count < 0) {
        sender.address_.size = before;
        const auto call = [&] { return recv_from_once(buffer, size, recv_flags_, sender.address_); };
        return fitting(step, repeat(step, call), size);
    }
    detail::forget_unnamed(sender.address_);
    return fitting(step, static_cast<std::size_t>(count), size);
}

/// The sender stays as it was if nothing has come.
inline std::ptrdiff_t Socket::recv_from_once(void* buffer, std::size_t size, int flags,
                                             detail::Sockaddr& from) const noexcept {
    const socklen_t before = from.size;
    from.size = sizeof from.room;
    const std::ptrdiff_t count = detail::recv_from(handle_, buffer, size, flags, &from.any, &from.size);
    if (count < 0) from.size = before;
    else detail::forget_unnamed(from);
    return count;
}

// --- not longer than this -------------------------------------------------------------------------------

/// As recv_from(std::size_t), but not longer than @p timeout, whatever set_recv_timeout() says.
///
/// @include docs/snippets/recv_from_limit.cpp
///
/// System call: `recvfrom` (Linux; Winsock 2), `recvmsg` (other POSIX systems), and `poll` (POSIX) or `select`
/// (Winsock) to wait.
///
/// @param timeout  0: do not wait; milliseconds::max(): no limit
/// @returns empty if nothing came in time
/// @throws Error  as recv_from(), but for `timed_out`; `invalid_argument` for a negative time
inline std::optional<Datagram> Socket::recv_from(milliseconds timeout) { return recv_from(65535, timeout); }

/// As recv_from(milliseconds).
///
/// @param max      the longest datagram that is expected, 0 to INT_MAX bytes
/// @param timeout  0: do not wait; milliseconds::max(): no limit
/// @returns empty if nothing came in time
/// @throws Error  as recv_from(); `invalid_argument` for a negative time
/// @snippet each_socket.cpp recv_from_limit
inline std::optional<Datagram> Socket::recv_from(std::size_t max, milliseconds timeout) {
    const detail::Deadline limit = detail::deadline_in(timeout, "recv_from");
    Datagram datagram;
    datagram.data.resize(detail::string_size(max, "recv_from"));
    const std::size_t size = recv_size(max, "recv_from");
    const Step step{"recv_from", detail::Event::readable};
    const auto count = call_within(step, limit, [&] {
        return recv_from_once(datagram.data.data(), size, recv_flags_ | detail::no_wait,
                              datagram.sender.address_);
    });
    if (!count) return std::nullopt;
    datagram.data.resize(fitting(step, *count, size));
    return datagram;
}

// --- never waiting --------------------------------------------------------------------------------------

/// As send_to(), but never blocks, whatever set_blocking() says.
///
/// System call: as try_send(), with `sendto`.
///
/// @param bytes  up to 65507 for UDP over IPv4; none at all is a datagram too
/// @param peer   where to
/// @returns how many bytes went; empty if there is no room now
/// @throws Error  as send_to()
/// @snippet each_socket.cpp try_datagram
inline std::optional<std::size_t> Socket::try_send_to(std::string_view bytes, const Address& peer) {
    return try_send_to(bytes.data(), bytes.size(), peer);
}

/// As try_send_to(std::string_view, const Address&).
/// @snippet each_socket.cpp try_datagram_into_memory
inline std::optional<std::size_t> Socket::try_send_to(const void* bytes, std::size_t size,
                                                      const Address& peer) {
    require_address("send_to", peer);
    if (is_ipv4_in_ipv6(peer)) return try_send_to(bytes, size, peer.unmapped());
    size = send_size(size, "send_to");
    const int flags = send_flags_ | detail::no_wait;
    return call_once({"send_to", detail::Event::writable, &peer},
                     [&] { return detail::send_to(handle_, bytes, size, flags, peer.data(), peer.size()); });
}

/// As recv_from(), but never blocks, whatever set_blocking() says.
///
/// System call: `recvfrom` (Linux; Winsock 2), `recvmsg` (other POSIX systems), with MSG_DONTWAIT; on Windows the
/// socket is set non-blocking first.
///
/// @param max  the longest datagram that is expected, 0 to INT_MAX bytes
/// @returns empty if no datagram is there now
/// @throws Error  as recv_from()
/// @snippet each_socket.cpp try_datagram
inline std::optional<Datagram> Socket::try_recv_from(std::size_t max) {
    Datagram datagram;
    datagram.data.resize(detail::string_size(max, "recv_from"));
    const auto count = try_recv_from(datagram.data.data(), max, datagram.sender);
    if (!count) return std::nullopt;
    datagram.data.resize(*count);
    return datagram;
}

/// As try_recv_from(std::size_t), into the caller's memory.
/// @snippet each_socket.cpp try_datagram_into_memory
inline std::optional<std::size_t> Socket::try_recv_from(void* buffer, std::size_t size, Address& sender) {
    size = recv_size(size, "recv_from");
    const Step step{"recv_from", detail::Event::readable};
    const auto count = call_once(
        step, [&] { return recv_from_once(buffer, size, recv_flags_ | detail::no_wait, sender.address_); });
    if (count) (void)fitting(step, *count, size);
    return count;
}

} // namespace sockets
