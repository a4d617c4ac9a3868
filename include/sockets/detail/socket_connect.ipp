/// @file
/// @brief Socket: CONNECT in its two steps, how it begins and how it ends. Part of socket.hpp.

namespace sockets {

// --- not longer than this, and never waiting ----------------------------------------------------------

/// As connect(), but gives up after @p timeout.
///
/// System call: `connect`, `poll` (POSIX) or `select` (Winsock) to wait, `getsockopt` (SO_ERROR) for the
/// outcome; before and after it `fcntl` (POSIX) or `ioctlsocket` (Winsock).
///
/// @param timeout  0: do not wait; milliseconds::max(): no limit
/// @throws Error  as connect(); `timed_out` if nothing answered in time; `invalid_argument` for a negative
///                time
/// @snippet each_socket.cpp connect_limit
inline void Socket::connect(const Address& peer, milliseconds timeout) {
    require_open("connect");
    require_address("connect", peer);
    const detail::Deadline limit = detail::deadline_in(timeout, "connect");
    if (const int failed = connect_within(peer, limit, true)) fail_connect(failed, peer, limit);
}

/// As connect(), but never blocks. The first call begins; while it is under way each later one, the same call, looks
/// how far it has come: when a Selector (Interest::write) or wait_writable() says that there is something to see.
/// On a datagram socket it does what connect() does.
///
/// It also finishes a connect() that has thrown `operation_in_progress`. While one is under way its peer counts,
/// not the one that is named later. Once it is true the plain calls wait as they did before. A call that fails closes
/// the socket: if it is in a Selector, remove() it first. No guard against a connection with oneself: connect().
/// Windows before version 10 2004 does not tell a Selector that it has failed.
///
/// @include docs/snippets/try_connect.cpp
///
/// System call: `connect`, once, because a second one would begin anew or hide the reason; then `poll` (POSIX) or
/// `select` (Winsock) without waiting, and `getsockopt` (SO_ERROR); `fcntl` (POSIX) or `ioctlsocket` (Winsock).
///
/// @param peer  where a server listens
/// @returns true: connected, perhaps since an earlier call; false: under way
/// @throws Error  as connect(); `already_connected` if it is connected to somebody else; on a local socket whose
///                server's queue is full `operation_would_block`, and it stays open: ask again after a pause
inline bool Socket::try_connect(const Address& peer) {
    require_open("connect");
    require_address("connect", peer);
    if (type_ == Type::datagram) {
        connect(peer);
        return true;
    }
    const detail::Deadline never = detail::Deadline::never();
    if (const int failed = prepare_connect(peer)) fail_connect(failed, peer, never);
    int error = connecting_ ? finish_connect(detail::Deadline(0)) : begin_without_waiting(peer);
    if (connecting_) return false;
    if (detail::reason_of(error) == std::errc::already_connected && is_connected_to(peer)) error = 0;
    if (detail::set_blocking(handle_, blocking_) != 0 && error == 0) error = detail::last_error();
    if (connected_ && error == 0)
        return true; // since an earlier call: nobody was asked, so no line of the trace
    end_connect(peer, error);
    if (error != 0) fail_connect(error, peer, never);
    return true;
}

// --- two ends at once ---------------------------------------------------------------------------------

/// Two connected stream sockets, both in this program: what one sends, the other receives. For a thread that is
/// to wake another one out of its Selector, and for tests. Does not block. What addresses they have, and whether
/// options of TCP exist, differs; for a TcpSocket move one in.
///
/// @include docs/snippets/pair.cpp
///
/// System call: `socketpair` (POSIX.1-2017); Winsock has none: there it is a connection with itself over loopback,
/// nobody else's, with set_no_delay(true).
///
/// @returns the two ends, neither better than the other
/// @throws Error  `too_many_files_open`
/// @snippet each_socket.cpp pair
inline std::pair<Socket, Socket> Socket::pair() {
    NativeHandle ends[2];
    if (const int failed = detail::start()) detail::raise(failed, "pair");
    if (detail::pair(ends) != 0) detail::raise(detail::last_error(), "pair");
    return {Socket(ends[0], Type::stream, detail::pair_domain),
            Socket(ends[1], Type::stream, detail::pair_domain)};
}

// --- the two steps ------------------------------------------------------------------------------------

/// Both steps. 0, or why not.
inline int Socket::connect_or_close(const Address& peer, const detail::Deadline& limit,
                                    bool may_wait) noexcept {
    if (const detail::Watch* watch = detail::watching())
        watch->begins("connect", handle_, peer.data(), peer.size());
    int error = connecting_ ? detail::error_of(std::errc::operation_in_progress) : begin_connect(peer);
    if (error != 0) error = connect_further(peer, limit, may_wait, error);
    end_connect(peer, error);
    return error;
}

/// CONNECT begins: 0, or what the system says.
inline int Socket::begin_connect(const Address& peer) noexcept {
    if (connected_) return detail::error_of(std::errc::already_connected);
    if (is_ipv4_in_ipv6(peer)) return begin_connect_unmapped(peer);
    return detail::native::connect(handle_, peer.data(), peer.size()) == 0 ? 0 : detail::last_error();
}

SOCKETS_COLD inline int Socket::begin_connect_unmapped(const Address& peer) noexcept {
    return begin_connect(peer.unmapped());
}

/// It is not done at once: it may be under way, or worth another try.
SOCKETS_COLD inline int Socket::connect_further(const Address& peer, const detail::Deadline& limit,
                                                bool may_wait, int error) noexcept {
    const bool begun = connecting_; // by an earlier call
    while (detail::would_block(error) && !limit.is_never() && !limit.is_over()) {
        detail::pause(5); // nothing tells when there is room again, or a port: ask every now and then
        error = begin_connect(peer);
    }
    while (detail::is_interrupted(error) && peer.family() == Family::local) error = begin_connect(peer);
    if (is_queue_full(peer, error)) return may_wait ? detail::error_of(std::errc::timed_out) : error;
    // "Already in progress" is not this one's: somebody else has begun.
    if (!detail::is_interrupted(error) && detail::reason_of(error) != std::errc::operation_in_progress)
        return error;
    // A blocking socket that did not wait to the end: somebody has set SO_SNDTIMEO, and that time is over.
    const bool system_gave_up = !begun && !detail::is_interrupted(error) && limit.is_never() && blocking_ &&
                                detail::is_blocking(handle_, false);
    if (system_gave_up) return detail::error_of(std::errc::timed_out);
    connecting_ = true;
    if (may_wait) return finish_connect(limit);
    const int outcome =
        begun ? finish_connect(detail::Deadline(0)) : 0; // it may have come to its end meanwhile
    return connecting_ ? detail::error_of(std::errc::operation_in_progress) : outcome;
}

/// CONNECT ends: 0, or why not; still under way, as connecting_ tells, if the time is over. That the socket has
/// become writable does not say that the connection stands; SO_ERROR does.
inline int Socket::finish_connect(const detail::Deadline& limit) noexcept {
    const int ready = wait_until({"connect", detail::Event::connected}, limit);
    if (ready == 0) return detail::error_of(std::errc::timed_out);
    connecting_ = false;
    return ready > 0 ? pending_error() : detail::last_error();
}

/// Never waiting.
inline int Socket::begin_without_waiting(const Address& peer) noexcept {
    if (const detail::Watch* watch = detail::watching())
        watch->begins("connect", handle_, peer.data(), peer.size());
    int error = begin_connect(peer);
    while (detail::is_interrupted(error) && peer.family() == Family::local) error = begin_connect(peer);
    connecting_ = detail::is_under_way(error) || detail::is_interrupted(error);
    return error;
}

/// The system's connect must not wait by itself. 0, or why not: then it has failed.
inline int Socket::prepare_connect(const Address& peer) noexcept {
    if (connecting_ || detail::set_blocking(handle_, false) == 0) return 0;
    const int failed = detail::last_error();
    close_unless_standing(peer, failed);
    return failed;
}

inline void Socket::end_connect(const Address& peer, int error) noexcept {
    if (const detail::Watch* watch = detail::watching())
        watch->ends("connect", handle_, peer.data(), peer.size(), error);
    if (error == 0 && type_ == Type::datagram) detail::report_unreachable(handle_, true);
    if (error == 0 && type_ == Type::stream) connected_ = true;
    if (error != 0) close_unless_standing(peer, error);
}

/// A stream socket whose connect has failed is closed, because systems differ in what else it is good for.
SOCKETS_COLD inline void Socket::close_unless_standing(const Address& peer, int error) noexcept {
    const bool stands = detail::is_under_way(error) || is_queue_full(peer, error) ||
                        detail::reason_of(error) == std::errc::already_connected;
    if (!stands && type_ == Type::stream) (void)handle_.close();
}

/// Both steps, with a limit; the system's socket does not wait by itself then, nor after try_connect().
SOCKETS_COLD inline int Socket::connect_within(const Address& peer, const detail::Deadline& limit,
                                               bool may_wait) noexcept {
    if (limit.is_never() && !connecting_) return connect_or_close(peer, limit, may_wait);
    if (const int failed = prepare_connect(peer)) return failed;
    const int error = connect_or_close(peer, limit, may_wait);
    if (!handle_.is_open() || detail::set_blocking(handle_, blocking_) == 0) return error;
    const int failed = detail::last_error();
    (void)handle_.close(); // connected or not: it would not wait where it should
    return failed;
}

/// A local listener's: then nothing of the connect goes on by itself.
inline bool Socket::is_queue_full(const Address& peer, int error) noexcept {
    return error != 0 && detail::would_block(error) && peer.family() == Family::local;
}

inline bool Socket::is_connected_to(const Address& peer) const noexcept {
    Address other;
    return ask_address(true, other) && other == peer;
}

/// Where nobody listens on a port of the system's own range, TCP may connect a client to itself.
inline bool Socket::is_connected_to_itself(const Address& peer) const noexcept {
    if (peer.port() < 32768 || !detail::is_loopback(peer.address_)) return false;
    Address own;
    return ask_address(false, own) && own.port() == peer.port() && own == peer;
}

inline int Socket::pending_error() const noexcept {
    int error = 0;
    socklen_t size = sizeof error;
    const bool asked = detail::get_option(handle_, SOL_SOCKET, SO_ERROR, &error, &size) == 0;
    return asked ? error : detail::last_error();
}

} // namespace sockets
