/// @file
/// @brief Socket: where it is, how it behaves, and what is underneath. Part of socket.hpp.

namespace sockets {

// --- where it is, and how it behaves ------------------------------------------------------------------

/// This side's address: after bind() to port 0, or connect(), the one that the system chose.
///
/// System call: `getsockname` (POSIX.1-2017; Winsock 2).
///
/// @throws Error  `bad_file_descriptor`; on Windows `invalid_argument` before bind(), connect() or send_to()
inline Address Socket::local_address() const {
    require_open("local_address");
    Address address;
    if (!ask_address(false, address)) detail::raise(detail::last_error(), "local_address");
    return address;
}

/// The peer's address.
///
/// System call: `getpeername` (POSIX.1-2017; Winsock 2).
///
/// @throws Error  `not_connected`
inline Address Socket::remote_address() const {
    require_open("remote_address");
    Address address;
    if (!ask_address(true, address)) detail::raise(detail::last_error(), "remote_address");
    return address;
}

/// Before bind(): a server that starts again gets its port back at once, though old connections are still in
/// TIME_WAIT. Of two TCP servers only one can listen. TcpListener does it by itself. On a UDP socket it lets
/// several programs share the port, which is seldom meant.
///
/// System call: `setsockopt` with SO_REUSEADDR; for streams on Windows, where that would steal a port in use,
/// SO_EXCLUSIVEADDRUSE.
///
/// @throws Error  `bad_file_descriptor`
inline void Socket::set_reuse_address(bool on) {
    set_option(SOL_SOCKET, detail::reuse_option(type_ == Type::stream), on);
}

/// TCP: small messages leave at once instead of waiting for the acknowledgement of earlier ones (Nagle's
/// algorithm).
///
/// System call: `setsockopt` with TCP_NODELAY. RFC 896.
///
/// @throws Error  `bad_file_descriptor`; `operation_not_supported` or the like where it is not TCP
inline void Socket::set_no_delay(bool on) { set_option(IPPROTO_TCP, TCP_NODELAY, on); }

/// UDP: allows send_to() a broadcast address, such as 255.255.255.255: everybody on the local network.
///
/// System call: `setsockopt` with SO_BROADCAST.
///
/// @throws Error  `bad_file_descriptor`
inline void Socket::set_broadcast(bool on) { set_option(SOL_SOCKET, SO_BROADCAST, on); }

/// Any option that has no method of its own: `socket.option<int>(SOL_SOCKET, SO_RCVBUF)`.
///
/// System call: `getsockopt` (POSIX.1-2017; Winsock 2).
///
/// @tparam T  what the system's manual says: `int`, `linger`, ...; `bool` is read as the int that it is there
/// @throws Error  `no_protocol_option`, `bad_file_descriptor`
template <class T>
T Socket::option(int level, int name) const {
    static_assert(std::is_trivially_copyable_v<T>, "the system fills an option in byte by byte");
    using Value = std::conditional_t<std::is_same_v<T, bool>, int, T>;
    require_open("option");
    Value value{};
    auto size = static_cast<socklen_t>(sizeof value);
    if (detail::get_option(handle_, level, name, &value, &size) != 0)
        fail({"option", detail::Event::readable}, detail::last_error());
    return static_cast<T>(value);
}

/// Any option that has no method of its own: `socket.set_option(SOL_SOCKET, SO_KEEPALIVE, true)`.
///
/// System call: `setsockopt` (POSIX.1-2017; Winsock 2).
///
/// @param value  what the system's manual says: an `int`, a structure, `"eth0"`; a `bool` is given as the int
///               that it is there
/// @throws Error  `no_protocol_option`, `invalid_argument`, `bad_file_descriptor`
template <class T>
void Socket::set_option(int level, int name, const T& value) {
    static_assert(std::is_trivially_copyable_v<T>, "the system reads an option byte by byte");
    if constexpr (std::is_same_v<T, bool>) {
        set_option<int>(level, name, value);
    } else {
        require_open("set_option");
        if (detail::set_option(handle_, level, name, &value, sizeof value) != 0)
            fail({"set_option", detail::Event::readable}, detail::last_error());
    }
}

// --- the system's socket underneath -------------------------------------------------------------------

/// False after close(), release(), a failed connect(), and for a moved-from socket.
inline bool Socket::is_open() const noexcept { return handle_.is_open(); }

/// The file descriptor (POSIX) or SOCKET (Windows), for calls that this library does not wrap. It still
/// belongs to this object; -1 or INVALID_SOCKET if that is closed. After try_accept() or accept(timeout), and on
/// Windows after any other try_ or limited call, the system's socket itself does not block any more.
inline NativeHandle Socket::native_handle() const noexcept { return handle_; }

/// Hands the system's socket over to the caller, who closes it; this object is closed afterwards.
inline NativeHandle Socket::release() noexcept {
    if (is_open() && blocking_) (void)detail::set_blocking(handle_, true); // try_accept may have changed it
    return handle_.release();
}

/// Takes over a system's socket that another call has made; from now on the Socket closes it.
///
/// System call: `getsockopt` (SO_TYPE), and `fcntl` (POSIX) to see whether it blocks; Windows cannot tell:
/// there it is taken to.
///
/// @param handle  a file descriptor (POSIX) or SOCKET (Windows)
/// @throws Error  `bad_file_descriptor`, `not_a_socket`; then it still belongs to the caller
inline Socket Socket::adopt(NativeHandle handle) {
    int type = 0;
    socklen_t size = sizeof type;
    if (const int failed = detail::start()) detail::raise(failed, "adopt");
    if (detail::get_option(handle, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
        detail::raise(detail::last_error(), "adopt");
    Socket socket(handle, static_cast<Type>(type));
    socket.recv_flags_ = socket.type_ == Type::stream ? 0 : detail::whole;
    socket.blocking_ = detail::is_blocking(handle, true);
    detail::tame(handle);
    return socket;
}

} // namespace sockets
