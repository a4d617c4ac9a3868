/// @file
/// @brief Socket: where it is, how it behaves, and what is underneath. Part of socket.hpp.

namespace sockets {

// --- where it is, and how it behaves ------------------------------------------------------------------

/// This side's address: after bind() to port 0, or connect(), the one that the system chose.
///
/// System call: `getsockname` (POSIX.1-2017; Winsock 2).
///
/// @throws Error  `bad_file_descriptor`; on Windows `invalid_argument` before bind(), connect() or send_to()
/// @snippet each_socket.cpp local_address
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
/// @snippet each_socket.cpp remote_address
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
/// @param on  true: may bind again at once
/// @throws Error  `bad_file_descriptor`
/// @snippet each_socket.cpp set_reuse_address
inline void Socket::set_reuse_address(bool on) {
    set_option(SOL_SOCKET, detail::reuse_option(type_ == Type::stream), on);
}

/// TCP: small messages leave at once instead of waiting for the acknowledgement of earlier ones (Nagle's
/// algorithm).
///
/// System call: `setsockopt` with TCP_NODELAY. RFC 896.
///
/// @param on  true: without waiting
/// @throws Error  `bad_file_descriptor`; `operation_not_supported` or the like where it is not TCP
/// @snippet each_socket.cpp set_no_delay
inline void Socket::set_no_delay(bool on) { set_option(IPPROTO_TCP, TCP_NODELAY, on); }

/// UDP: allows send_to() a broadcast address, such as 255.255.255.255: everybody on the local network.
///
/// System call: `setsockopt` with SO_BROADCAST.
///
/// @param on  true: allowed
/// @throws Error  `bad_file_descriptor`
/// @snippet each_socket.cpp set_broadcast
inline void Socket::set_broadcast(bool on) { set_option(SOL_SOCKET, SO_BROADCAST, on); }

/// Any option that has no method of its own: `socket.option<int>(SOL_SOCKET, SO_RCVBUF)`.
///
/// System call: `getsockopt` (POSIX.1-2017; Winsock 2).
///
/// @tparam T  what the system's manual says: `int`, `linger`, ...; `bool` is read as the int that it is there
/// @throws Error  `no_protocol_option`, `bad_file_descriptor`
/// @snippet each_socket.cpp option
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

/// Any option that has no method of its own: `socket.set_option(SOL_SOCKET, SO_KEEPALIVE, true)`. What it is not
/// given by: a pointer or a string (give the characters, `"eth0"`, or a structure), a duration (give its count()).
///
/// System call: `setsockopt` (POSIX.1-2017; Winsock 2).
///
/// @param value  what the system's manual says: an `int`, a structure, `"eth0"`; a `bool` is given as the int
///               that it is there
/// @throws Error  `no_protocol_option`, `invalid_argument`, `bad_file_descriptor`
/// @snippet each_socket.cpp set_option
template <class T>
void Socket::set_option(int level, int name, const T& value) {
    static_assert(!std::is_pointer_v<T> && !std::is_null_pointer_v<T>,
                  "give the value itself, not a pointer to it");
    static_assert(!std::is_same_v<T, std::string_view>,
                  "give the characters themselves: \"eth0\", or a char array");
    static_assert(!detail::is_duration<T>, "give a number, such as time.count(), or a timeval");
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
/// @snippet each_socket.cpp is_open
inline bool Socket::is_open() const noexcept { return handle_.is_open(); }

/// The file descriptor (POSIX) or SOCKET (Windows), for calls that this library does not wrap. It still
/// belongs to this object; -1 or INVALID_SOCKET if that is closed. After try_accept() or accept(timeout), and
/// outside Linux after any other try_ or limited call, the system's socket itself may not block any more.
/// @snippet each_socket.cpp native_handle
inline NativeHandle Socket::native_handle() const noexcept { return handle_; }

/// Hands the system's socket over to the caller, who closes it; this object is closed afterwards.
///
/// System call: `fcntl` (POSIX) or `ioctlsocket` (Winsock), so that it waits again if it should.
/// @snippet each_socket.cpp release
inline NativeHandle Socket::release() noexcept {
    if (is_open() && blocking_) (void)detail::set_blocking(handle_, true); // a try_ may have changed it
    return handle_.release();
}

/// Takes over a system's socket that another call has made; from now on the Socket closes it.
///
/// System call: `getsockopt` (SO_TYPE), `getsockname` (POSIX) or `getsockopt` (Winsock) for the family, and `fcntl`
/// (POSIX) to see whether it blocks; Windows cannot tell: there it is taken to.
///
/// @param handle  a file descriptor (POSIX) or SOCKET (Windows)
/// @throws Error  `bad_file_descriptor`, `not_a_socket`; then it still belongs to the caller
/// @snippet each_socket.cpp adopt
inline Socket Socket::adopt(NativeHandle handle) {
    int type = 0;
    socklen_t size = sizeof type;
    if (const int failed = detail::start()) detail::raise(failed, "adopt");
    if (detail::get_option(handle, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
        detail::raise(detail::last_error(), "adopt");
    const int blocks = detail::blocks(handle);
    if (blocks < 0) detail::raise(detail::last_error(), "adopt");
    Socket socket(handle, static_cast<Type>(type), detail::domain_of(handle));
    socket.blocking_ = blocks != 0;
    detail::prevent_sigpipe(handle);
    return socket;
}

// --- multicast ----------------------------------------------------------------------------------------

namespace detail {

/// IP_ADD_MEMBERSHIP and IP_DROP_MEMBERSHIP. 0, or why not.
inline int change_ipv4_group(NativeHandle handle, bool in, const Sockaddr& group,
                             const Sockaddr& own) noexcept {
    const ip_mreq wanted{group.ipv4.sin_addr, own.ipv4.sin_addr};
    const int option = in ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
    return set_option(handle, IPPROTO_IP, option, &wanted, sizeof wanted) == 0 ? 0 : last_error();
}

/// What IPv6 calls them. 0, or why not.
inline int change_ipv6_group(NativeHandle handle, bool in, const Sockaddr& group) noexcept {
    const ipv6_mreq wanted{group.ipv6.sin6_addr, group.ipv6.sin6_scope_id};
    const int option = in ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP;
    return set_option(handle, IPPROTO_IPV6, option, &wanted, sizeof wanted) == 0 ? 0 : last_error();
}

/// What is wrong with what join() is given; "" if nothing is.
inline const char* refuse_group(const Sockaddr& group, const Sockaddr& own) noexcept {
    if (!is_group(group)) return "a group is 224.0.0.0 to 239.255.255.255, or ff00::/8";
    if (own.size == 0) return "";
    if (group.domain() == AF_INET6) return "the group's zone names the interface: ff02::1%eth0";
    return own.domain() == AF_INET ? "" : "the interface is named by its IPv4 address";
}

} // namespace detail

inline void Socket::change_group(bool in, const Address& group, const Address& local) {
    const Step step{in ? "join" : "leave", detail::Event::readable, &group};
    require_open(step.primitive);
    const detail::Sockaddr to = group.unmapped().address_;
    const detail::Sockaddr own = local.unmapped().address_;
    const char* const wrong = detail::refuse_group(to, own);
    if (*wrong != '\0') fail(step, detail::error_of(std::errc::invalid_argument), wrong);
    const detail::Watch* const watch = detail::watching();
    if (watch) watch->begins(step.primitive, handle_, group.data(), group.size());
    const int error = to.domain() == AF_INET6 ? detail::change_ipv6_group(handle_, in, to)
                                              : detail::change_ipv4_group(handle_, in, to, own);
    if (watch) watch->ends(step.primitive, handle_, group.data(), group.size(), error);
    if (error != 0) fail(step, error);
}

} // namespace sockets
