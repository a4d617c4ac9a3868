/// @file
/// @brief BSD sockets as Linux, macOS and the BSDs have them. The names are listed in platform.hpp.
#pragma once

#include <cerrno>
#include <cstddef>
#include <ctime>
#include <system_error>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace sockets {

/// The system's own word for a socket: a file descriptor here, a SOCKET on Windows.
using NativeHandle = int;

namespace detail {

inline constexpr NativeHandle no_handle = -1;

/// One entry of what getaddrinfo gives.
using AddressInfo = addrinfo;

inline constexpr int shutdown_receive = SHUT_RD;
inline constexpr int shutdown_send = SHUT_WR;
inline constexpr int shutdown_both = SHUT_RDWR;

/// Flag of the transfers: come back at once, whatever the socket's own mode is.
inline constexpr int no_wait = MSG_DONTWAIT;

/// Flag of recv and recv_from: a datagram that does not fit must not be cut without a word. Not for streams:
/// there Linux would throw bytes away.
inline constexpr int whole = MSG_TRUNC;

/// Flag of send and send_to: no SIGPIPE, which would end the program without a word.
#ifdef MSG_NOSIGNAL
inline constexpr int no_signal = MSG_NOSIGNAL;
#else
inline constexpr int no_signal = 0; // SO_NOSIGPIPE, an option, does it
#endif

inline constexpr int pair_domain = AF_UNIX;

#ifdef __linux__
inline constexpr int packet_domain = AF_PACKET;
#else
inline constexpr int packet_domain = -1;
#endif

// --- errors -------------------------------------------------------------------------------------------

/// The category of the numbers that the system calls fail with.
inline constexpr auto& category = std::system_category;

inline int last_error() noexcept { return errno; }

inline void set_last_error(int error) noexcept { errno = error; }

/// What the system's number means on every system: std::errc has errno's own numbers.
inline std::errc reason_of(int error) noexcept { return static_cast<std::errc>(error); }

inline bool is_interrupted(int error) noexcept { return error == EINTR; }
inline bool would_block(int error) noexcept { return error == EAGAIN || error == EWOULDBLOCK; }

/// For a datagram socket: an unreachable peer is connection_refused already.
inline int datagram_error(int error) noexcept { return error; }

inline constexpr const char* in_use_hint = "another program, or an earlier run of this one, holds the port";

/// What a client's network says of it; std::errc has no words for these.
inline bool host_is_down(int error) noexcept {
#ifdef ENONET
    if (error == ENONET) return true;
#endif
    return error == EHOSTDOWN;
}

/// The number with which the system itself would say so.
inline int error_of(std::errc reason) noexcept { return static_cast<int>(reason); }

/// What getaddrinfo says of a name without an address of the family, or without any; some systems have no word
/// for it.
#ifdef EAI_ADDRFAMILY
inline constexpr int lookup_no_family = EAI_ADDRFAMILY;
#else
inline constexpr int lookup_no_family = EAI_NONAME;
#endif
#ifdef EAI_NODATA
inline constexpr int lookup_no_address = EAI_NODATA;
#else
inline constexpr int lookup_no_address = EAI_NONAME;
#endif

/// What getaddrinfo says besides the four reasons of ResolveErrc.
inline int lookup_error(int lookup) noexcept {
    switch (lookup) {
    case EAI_SYSTEM: return last_error();
    case EAI_MEMORY: return ENOMEM;
    case EAI_FAMILY: return EAFNOSUPPORT;
    default: return EIO;
    }
}

// --- sockets ------------------------------------------------------------------------------------------

inline int start() noexcept { return 0; }

/// Writes the family, and the size where the system keeps it inside the address.
inline void set_family(sockaddr& address, int domain, [[maybe_unused]] socklen_t size) noexcept {
    address.sa_family = static_cast<sa_family_t>(domain);
#ifdef SIN6_LEN
    address.sa_len = static_cast<unsigned char>(size);
#endif
}

inline constexpr auto& get_option = ::getsockopt;
inline constexpr auto& set_option = ::setsockopt;

/// The family that the socket was made with.
inline int domain_of(NativeHandle handle) noexcept {
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    const bool known = ::getsockname(handle, reinterpret_cast<sockaddr*>(&own), &size) == 0;
    return known ? own.ss_family : AF_UNSPEC;
}

/// A server that starts again must get its port back while old connections are still in TIME_WAIT.
constexpr int reuse_option(bool /*stream*/) noexcept { return SO_REUSEADDR; }

inline void report_unreachable(NativeHandle, bool) noexcept {}

/// 1 if it blocks, 0 if not, -1 if it cannot be asked.
inline int blocks(NativeHandle handle) noexcept {
    const int flags = ::fcntl(handle, F_GETFL);
    return flags < 0 ? -1 : (flags & O_NONBLOCK) == 0;
}

/// @p unknown is the answer where it cannot be told.
inline bool is_blocking(NativeHandle handle, bool unknown) noexcept {
    const int answer = blocks(handle);
    return answer < 0 ? unknown : answer == 1;
}

inline int set_blocking(NativeHandle handle, bool on) noexcept {
    const int flags = ::fcntl(handle, F_GETFL);
    if (flags < 0) return -1;
    const int wanted = on ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    return wanted == flags ? 0 : ::fcntl(handle, F_SETFL, wanted);
}

/// Where send has no flag for it. On a connection that was reset before it was accepted it fails: there it is
/// inherited from the listener.
inline void prevent_sigpipe([[maybe_unused]] NativeHandle handle) noexcept {
#ifdef SO_NOSIGPIPE
    const int on = 1;
    (void)set_option(handle, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
}

/// The primitives as the system has them; whoever watches sees those of primitives.hpp.
namespace native {

using ::bind;
using ::connect;
using ::freeaddrinfo;
using ::getaddrinfo;
using ::listen;
using ::shutdown;

#ifdef __linux__

inline NativeHandle make(int domain, int type, int protocol) noexcept {
    return ::socket(domain, type | SOCK_CLOEXEC, protocol);
}

inline NativeHandle accept(NativeHandle listener, sockaddr* address, socklen_t* size) noexcept {
    return ::accept4(listener, address, size, SOCK_CLOEXEC);
}

inline int pair(NativeHandle (&ends)[2]) noexcept {
    return ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
}

#else

/// Not inherited by child processes, no SIGPIPE, and blocking, even where the listener's mode is inherited.
inline NativeHandle made_safe(NativeHandle handle) noexcept {
    if (handle == no_handle) return handle;
    prevent_sigpipe(handle);
    if (::fcntl(handle, F_SETFD, FD_CLOEXEC) == 0 && set_blocking(handle, true) == 0) return handle;
    const int error = errno;
    (void)::close(handle);
    errno = error;
    return no_handle;
}

inline NativeHandle make(int domain, int type, int protocol) noexcept {
    return made_safe(::socket(domain, type, protocol));
}

inline NativeHandle accept(NativeHandle listener, sockaddr* address, socklen_t* size) noexcept {
    return made_safe(::accept(listener, address, size));
}

inline int pair(NativeHandle (&ends)[2]) noexcept {
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return -1;
    const NativeHandle first = made_safe(ends[0]);
    if (first == no_handle || made_safe(ends[1]) == no_handle) {
        const int error = errno;
        (void)::close(first == no_handle ? ends[1] : first); // the other one is closed already
        errno = error;
        return -1;
    }
    return 0;
}

#endif

/// After an interruption too the handle is gone: closing it again could hit somebody else's.
inline int close(NativeHandle handle) noexcept { return ::close(handle) == 0 || errno == EINTR ? 0 : -1; }

#ifdef __linux__

using ::recv;
using ::send;
inline constexpr auto& send_to = ::sendto;

/// With `whole`, gives the datagram's full length, as recv does: more than was asked for means that it was cut.
inline constexpr auto& recv_from = ::recvfrom;

#else

/// macOS looks at the socket's own mode alone when it has to wait for room (XNU, sosendcheck): MSG_DONTWAIT
/// would block. The socket stays non-blocking; from then on Socket does the waiting.
inline bool prepare_send(NativeHandle handle, int flags) noexcept {
    return (flags & no_wait) == 0 || set_blocking(handle, false) == 0;
}

inline std::ptrdiff_t send(NativeHandle handle, const void* bytes, std::size_t size, int flags) noexcept {
    return prepare_send(handle, flags) ? ::send(handle, bytes, size, flags) : -1;
}

inline std::ptrdiff_t send_to(NativeHandle handle, const void* bytes, std::size_t size, int flags,
                              const sockaddr* peer, socklen_t peer_size) noexcept {
    return prepare_send(handle, flags) ? ::sendto(handle, bytes, size, flags, peer, peer_size) : -1;
}

/// Elsewhere only recvmsg tells that a datagram was cut; then one more than @p size comes back.
inline std::ptrdiff_t recv_from(NativeHandle handle, void* buffer, std::size_t size, int flags,
                                sockaddr* sender, socklen_t* sender_size) noexcept {
    iovec part{buffer, size};
    msghdr message{};
    message.msg_name = sender;
    message.msg_namelen = sender_size ? *sender_size : 0;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    const std::ptrdiff_t count = ::recvmsg(handle, &message, flags & ~whole);
    if (sender_size) *sender_size = message.msg_namelen;
    const bool cut = count >= 0 && (flags & whole) != 0 && (message.msg_flags & MSG_TRUNC) != 0;
    return cut ? static_cast<std::ptrdiff_t>(size) + 1 : count;
}

inline std::ptrdiff_t recv(NativeHandle handle, void* buffer, std::size_t size, int flags) noexcept {
    if ((flags & whole) == 0) return ::recv(handle, buffer, size, flags);
    return recv_from(handle, buffer, size, flags, nullptr, nullptr);
}

#endif

} // namespace native

// --- waiting ------------------------------------------------------------------------------------------

inline long long now() noexcept {
    timespec time{};
    (void)::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<long long>(time.tv_sec) * 1000 + time.tv_nsec / 1000000;
}

/// Waits until the socket is ready (1), the time in milliseconds has run out (0) or something is wrong (-1).
inline int wait(NativeHandle handle, Event event, long long time) noexcept {
    const int wanted = event == Event::readable ? POLLIN : POLLOUT;
    pollfd entry{handle, static_cast<short>(wanted), 0};
    const int count = ::poll(&entry, 1, poll_time(time));
    if (count > 0 && (entry.revents & POLLNVAL) != 0) {
        errno = EBADF;
        return -1;
    }
    return count;
}

/// A number for the socket itself, other than its handle, which is used again after it is closed; 0: not known.
inline unsigned long long identity_of(NativeHandle handle) noexcept {
    struct stat status {};
    return ::fstat(handle, &status) == 0 ? static_cast<unsigned long long>(status.st_ino) : 0;
}

/// What poll says of the peer's end to who waits for room alone, where it has a word for it.
#ifdef POLLRDHUP
inline constexpr short peer_end = POLLRDHUP;
#else
inline constexpr short peer_end = 0;
#endif

/// Waits until one of the sockets is ready; who is no socket any more counts too, with POLLNVAL.
inline int wait_any(pollfd* entries, std::size_t count, int milliseconds) noexcept {
    return ::poll(entries, static_cast<nfds_t>(count), milliseconds);
}

inline void pause(int milliseconds) noexcept { (void)::poll(nullptr, 0, milliseconds); }

} // namespace detail
} // namespace sockets
