/// @file
/// @brief Winsock 2, made to behave as POSIX says. The names are listed in platform.hpp.
#pragma once

#if defined(_WINSOCKAPI_) && !defined(_WINSOCK2API_)
#error                                                                                                       \
    "<windows.h> came first and brought the old winsock.h: include <sockets/...> before it, or define WIN32_LEAN_AND_MEAN"
#include "see the error above" // as in platform.hpp
#endif
#if defined(_WIN32_WINNT) && _WIN32_WINNT < 0x0600
#error "sockets needs Windows Vista or newer: define _WIN32_WINNT as 0x0600 or more, or not at all"
#include "see the error above"
#endif
#ifndef NOMINMAX
#define NOMINMAX // stays: or std::min and std::max would not compile after some other header of Windows
#endif
#ifndef WIN32_LEAN_AND_MEAN
// For our own includes alone. But a program's later <windows.h> finds itself included already: what the lean one
// leaves out (<shellapi.h>, <mmsystem.h>) the program includes by name, or <windows.h> after <winsock2.h> before us.
#define WIN32_LEAN_AND_MEAN
#define SOCKETS_LEAN
#endif

#include <winsock2.h>
#include <ws2tcpip.h>

#ifdef SOCKETS_LEAN
#undef WIN32_LEAN_AND_MEAN
#undef SOCKETS_LEAN
#endif

#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <system_error>

#if __has_include(<afunix.h>)
#include <afunix.h>
#else
struct sockaddr_un {
    unsigned short sun_family;
    char sun_path[108];
};
#endif

#ifdef _MSC_VER
#pragma comment(lib, "ws2_32")
#endif

#include "winsock_errors.hpp"

namespace sockets {

/// The system's own word for a socket: a SOCKET here, a file descriptor on POSIX.
using NativeHandle = SOCKET;

namespace detail {

inline constexpr NativeHandle no_handle = ~NativeHandle{0}; // INVALID_SOCKET

/// One entry of what getaddrinfo gives.
using AddressInfo = ADDRINFOW;

inline constexpr int shutdown_receive = SD_RECEIVE;
inline constexpr int shutdown_send = SD_SEND;
inline constexpr int shutdown_both = SD_BOTH;

/// Flag of the transfers: come back at once. Winsock has no such flag: the socket is set non-blocking and
/// stays so; from then on Socket does the waiting.
inline constexpr int no_wait = 1 << 30;

/// Flag of recv and recv_from: nothing to ask for, Winsock tells by itself (WSAEMSGSIZE).
inline constexpr int whole = 0;

/// Flag of send and send_to: Windows has no SIGPIPE.
inline constexpr int no_signal = 0;

inline constexpr int pair_domain = AF_INET;
inline constexpr int packet_domain = -1;

// --- errors -------------------------------------------------------------------------------------------

/// The category of the numbers that the system calls fail with.
inline const std::error_category& category() noexcept { return winsock_category(); }

inline int last_error() noexcept { return ::WSAGetLastError(); }

inline void set_last_error(int error) noexcept { ::WSASetLastError(error); }

/// What the system's number means on every system; a value that std::errc does not have where it has no name.
inline std::errc reason_of(int error) noexcept {
    const WinsockError* known = find_winsock_error(error);
    return known ? known->condition : std::errc();
}

inline bool is_interrupted(int error) noexcept { return error == WSAEINTR; }
inline bool would_block(int error) noexcept { return error == WSAEWOULDBLOCK; }

/// For a datagram socket: that a connected peer is unreachable is a reset here, and a refusal on POSIX.
inline int datagram_error(int error) noexcept { return error == WSAECONNRESET ? WSAECONNREFUSED : error; }

/// Windows says "access denied" of both, and they cannot be told apart.
inline constexpr const char* in_use_hint =
    "another program holds the port, or the system has reserved it: "
    "netsh int ipv4 show excludedportrange protocol=tcp (udp for datagrams)";

/// What a client's network says of it; std::errc has no words for it.
inline bool host_is_down(int error) noexcept { return error == WSAEHOSTDOWN; }

/// The number with which the system itself would say so. Every reason that this library gives is in the table.
inline int error_of(std::errc reason) noexcept {
    for (const WinsockError& error : winsock_errors)
        if (error.condition == reason) return error.code;
    return WSASYSCALLFAILURE;
}

/// What getaddrinfo says of a name without an address.
inline constexpr int lookup_no_family = WSANO_DATA;
inline constexpr int lookup_no_address = WSANO_DATA;

/// What getaddrinfo says besides the four reasons of ResolveErrc.
inline int lookup_error(int lookup) noexcept { return lookup; }

// --- sockets ------------------------------------------------------------------------------------------

/// Once, before the first call of any kind, and never taken back: a socket may outlive main.
inline int start() noexcept {
    static const int result = [] {
        WSADATA data;
        return ::WSAStartup(MAKEWORD(2, 2), &data);
    }();
    return result;
}

/// Writes the family.
inline void set_family(sockaddr& address, int domain, socklen_t /*size*/) noexcept {
    address.sa_family = static_cast<decltype(address.sa_family)>(domain);
}

inline int get_option(NativeHandle handle, int level, int name, void* value, socklen_t* size) noexcept {
    return ::getsockopt(handle, level, name, static_cast<char*>(value), size);
}

inline int set_option(NativeHandle handle, int level, int name, const void* value, socklen_t size) noexcept {
    return ::setsockopt(handle, level, name, static_cast<const char*>(value), size);
}

/// The family that the socket was made with; `getsockname` would ask for an address, which it may not have yet.
inline int domain_of(NativeHandle handle) noexcept {
    WSAPROTOCOL_INFOW about{};
    socklen_t size = sizeof about;
    const bool known = get_option(handle, SOL_SOCKET, SO_PROTOCOL_INFOW, &about, &size) == 0;
    return known ? about.iAddressFamily : AF_UNSPEC;
}

/// On Windows SO_REUSEADDR would let a second server take a port that is in use; a port is free again at once
/// without any option, and the exclusive one keeps others away.
constexpr int reuse_option(bool stream) noexcept { return stream ? ~SO_REUSEADDR : SO_REUSEADDR; }

/// Whether an ICMP "port unreachable" or "time exceeded", the answer to an earlier send, makes a UDP socket's
/// next recv fail (SIO_UDP_CONNRESET, SIO_UDP_NETRESET). POSIX does so for connected sockets alone.
inline void report_unreachable(NativeHandle handle, bool on) noexcept {
    constexpr DWORD udp_connreset = IOC_IN | IOC_VENDOR | 12; // MinGW keeps its name in mswsock.h
    constexpr DWORD udp_netreset = IOC_IN | IOC_VENDOR | 15;  // and knows no name for this one
    BOOL value = on ? TRUE : FALSE;
    DWORD unused = 0;
    const int error = ::WSAGetLastError();
    for (const DWORD code : {udp_connreset, udp_netreset})
        (void)::WSAIoctl(handle, code, &value, sizeof value, nullptr, 0, &unused, nullptr, nullptr);
    ::WSASetLastError(error);
}

/// Winsock cannot tell: a new one does.
inline int blocks(NativeHandle) noexcept { return 1; }

/// Winsock cannot tell: the answer is @p unknown.
inline bool is_blocking(NativeHandle, bool unknown) noexcept { return unknown; }

inline int set_blocking(NativeHandle handle, bool on) noexcept {
    u_long non_blocking = on ? 0 : 1;
    constexpr long fionbio = static_cast<long>(0x8004667e); // FIONBIO, without its macro's C casts
    return ::ioctlsocket(handle, fionbio, &non_blocking);
}

/// Windows has no SIGPIPE.
inline void prevent_sigpipe(NativeHandle) noexcept {}

/// The primitives as the system has them, made to behave as POSIX says; whoever watches sees those of
/// primitives.hpp.
namespace native {

/// Host and service are UTF-8; the function without W would take them for text of the system's code page.
inline int getaddrinfo(const char* host, const char* service, const AddressInfo* wanted,
                       AddressInfo** found) noexcept {
    wchar_t wide_host[NI_MAXHOST];
    wchar_t wide_service[NI_MAXHOST];
    const bool fit =
        ::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, host, -1, wide_host, NI_MAXHOST) > 0 &&
        ::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, service, -1, wide_service, NI_MAXHOST) > 0;
    return fit ? ::GetAddrInfoW(wide_host, wide_service, wanted, found) : EAI_NONAME;
}

inline void freeaddrinfo(AddressInfo* found) noexcept { ::FreeAddrInfoW(found); }

inline int listen(NativeHandle handle, int backlog) noexcept { return ::listen(handle, backlog); }

inline int shutdown(NativeHandle handle, int how) noexcept { return ::shutdown(handle, how); }

inline NativeHandle make(int domain, int type, int protocol) noexcept {
    constexpr DWORD not_inherited = 0x80; // WSA_FLAG_NO_HANDLE_INHERIT
    const NativeHandle handle =
        ::WSASocketW(domain, type, protocol, nullptr, 0, WSA_FLAG_OVERLAPPED | not_inherited);
    if (handle != no_handle && type == SOCK_DGRAM) report_unreachable(handle, false);
    return handle;
}

/// The new socket would be inherited by child processes, and non-blocking if the listener is.
inline NativeHandle accept(NativeHandle listener, sockaddr* address, socklen_t* size) noexcept {
    const NativeHandle handle = ::accept(listener, address, size);
    if (handle == no_handle) return handle;
    (void)::SetHandleInformation(reinterpret_cast<HANDLE>(handle), HANDLE_FLAG_INHERIT, 0);
    if (set_blocking(handle, true) == 0) return handle;
    const int error = ::WSAGetLastError();
    (void)::closesocket(handle);
    ::WSASetLastError(error);
    return no_handle;
}

/// A port that somebody holds exclusively is reported as "access denied"; it is in use.
inline int bind(NativeHandle handle, const sockaddr* address, socklen_t size) noexcept {
    const int result = ::bind(handle, address, size);
    if (result != 0 && ::WSAGetLastError() == WSAEACCES) ::WSASetLastError(WSAEADDRINUSE);
    return result;
}

/// A connection under way is reported as "would block"; POSIX calls it "in progress".
inline int connect(NativeHandle handle, const sockaddr* address, socklen_t size) noexcept {
    const int result = ::connect(handle, address, size);
    if (result != 0 && ::WSAGetLastError() == WSAEWOULDBLOCK) ::WSASetLastError(WSAEINPROGRESS);
    return result;
}

inline int close(NativeHandle handle) noexcept { return ::closesocket(handle); }

/// A TCP socket at a loopback address, which @p address then is.
inline NativeHandle make_loopback(sockaddr_in& address) noexcept {
    address = sockaddr_in{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    const NativeHandle handle = make(AF_INET, SOCK_STREAM, 0);
    if (handle == no_handle) return handle;
    if (::bind(handle, any, size) == 0 && ::getsockname(handle, any, &size) == 0) return handle;
    const int error = ::WSAGetLastError();
    (void)::closesocket(handle);
    ::WSASetLastError(error);
    return no_handle;
}

/// Accepts until the client at @p address has come: whoever else connects to this port is sent away.
inline NativeHandle accept_only(NativeHandle listener, const sockaddr_in& address) noexcept {
    while (true) {
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        const NativeHandle handle = native::accept(listener, reinterpret_cast<sockaddr*>(&peer), &size);
        const bool same =
            peer.sin_port == address.sin_port && peer.sin_addr.s_addr == address.sin_addr.s_addr;
        if (handle == no_handle || same) return handle;
        (void)::closesocket(handle);
    }
}

/// Winsock has no socketpair: a connection of the program with itself. Small messages leave at once.
inline int pair(NativeHandle (&ends)[2]) noexcept {
    sockaddr_in server{};
    sockaddr_in client{};
    const NativeHandle listener = make_loopback(server);
    ends[0] = listener == no_handle ? no_handle : make_loopback(client);
    ends[1] = no_handle;
    const auto* const peer = reinterpret_cast<const sockaddr*>(&server);
    if (ends[0] != no_handle && ::listen(listener, 1) == 0 && ::connect(ends[0], peer, sizeof server) == 0)
        ends[1] = accept_only(listener, client);
    const int error = ::WSAGetLastError();
    if (listener != no_handle) (void)::closesocket(listener);
    if (ends[1] == no_handle && ends[0] != no_handle) (void)::closesocket(ends[0]);
    ::WSASetLastError(error);
    if (ends[1] == no_handle) return -1;
    const int on = 1;
    for (const NativeHandle end : ends) (void)set_option(end, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return 0;
}

// --- SEND and RECEIVE ---------------------------------------------------------------------------------

/// Carries out `no_wait`, which Winsock must not see. False: it could not, and last_error() says why.
inline bool prepare(NativeHandle handle, int& flags) noexcept {
    const bool waits = (flags & no_wait) == 0;
    flags &= ~no_wait;
    return waits || set_blocking(handle, false) == 0;
}

inline std::ptrdiff_t send(NativeHandle handle, const void* bytes, std::size_t size, int flags) noexcept {
    if (!prepare(handle, flags)) return -1;
    return ::send(handle, static_cast<const char*>(bytes), static_cast<int>(size), flags);
}

inline std::ptrdiff_t send_to(NativeHandle handle, const void* bytes, std::size_t size, int flags,
                              const sockaddr* peer, socklen_t peer_size) noexcept {
    if (!prepare(handle, flags)) return -1;
    return ::sendto(handle, static_cast<const char*>(bytes), static_cast<int>(size), flags, peer, peer_size);
}

/// After this side's own shutdown of receiving POSIX gives the end (0), Winsock an error.
inline std::ptrdiff_t recv(NativeHandle handle, void* buffer, std::size_t size, int flags) noexcept {
    if (!prepare(handle, flags)) return -1;
    const int count = ::recv(handle, static_cast<char*>(buffer), static_cast<int>(size), flags);
    return count < 0 && ::WSAGetLastError() == WSAESHUTDOWN ? 0 : count;
}

/// On a connection Winsock says nothing of the sender; POSIX says that it is nobody.
inline std::ptrdiff_t recv_from(NativeHandle handle, void* buffer, std::size_t size, int flags,
                                sockaddr* sender, socklen_t* sender_size) noexcept {
    if (!prepare(handle, flags)) return -1;
    const auto family = sender->sa_family;
    sender->sa_family = AF_UNSPEC;
    const int count =
        ::recvfrom(handle, static_cast<char*>(buffer), static_cast<int>(size), flags, sender, sender_size);
    if (count < 0) sender->sa_family = family;
    else if (sender->sa_family == AF_UNSPEC) *sender_size = 0;
    return count;
}

} // namespace native

// --- waiting ------------------------------------------------------------------------------------------

inline long long now() noexcept {
    const auto time = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

/// Waits until the socket is ready (1), the time in milliseconds has run out (0) or something is wrong (-1).
/// By select, because WSAPoll reports a failed connect only since Windows 10 version 2004. The third set has the
/// connects that have failed; for any other socket it would have urgent bytes, which nobody asked for.
inline int wait(NativeHandle handle, Event event, long long time) noexcept {
    fd_set wanted{};
    wanted.fd_count = 1;
    wanted.fd_array[0] = handle;
    fd_set failed = wanted;
    const long long most = time < INT_MAX ? time : INT_MAX;
    timeval limit{static_cast<long>(most / 1000), static_cast<long>(most % 1000 * 1000)};
    const bool read = event == Event::readable;
    const int count =
        ::select(0, read ? &wanted : nullptr, read ? nullptr : &wanted,
                 event == Event::connected ? &failed : nullptr, time == no_limit ? nullptr : &limit);
    return count > 0 ? 1 : count;
}

/// Windows has no other number for a socket than its handle.
inline unsigned long long identity_of(NativeHandle) noexcept { return 0; }

/// WSAPoll has no word for the peer's end to who waits for room alone.
inline constexpr short peer_end = 0;

inline void pause(int milliseconds) noexcept { ::Sleep(static_cast<DWORD>(milliseconds)); }

/// Marks who is no socket any more, as poll does on POSIX, and counts them.
inline int mark_closed(pollfd* entries, std::size_t count) noexcept {
    int closed = 0;
    for (std::size_t i = 0; i < count; ++i) {
        int type = 0;
        socklen_t size = sizeof type;
        const bool open = get_option(entries[i].fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
        entries[i].revents = open ? 0 : POLLNVAL;
        closed += open ? 0 : 1;
    }
    return closed;
}

/// Waits until one of the sockets is ready; who is no socket any more counts too, with POLLNVAL. WSAPoll
/// refuses to wait for nobody, and fails if nobody is a socket any more.
inline int wait_any(pollfd* entries, std::size_t count, int milliseconds) noexcept {
    if (count == 0) {
        pause(milliseconds);
        return 0;
    }
    const int ready = ::WSAPoll(entries, static_cast<ULONG>(count), milliseconds);
    if (ready >= 0 || ::WSAGetLastError() != WSAENOTSOCK) return ready;
    const int closed = mark_closed(entries, count);
    ::WSASetLastError(WSAENOTSOCK);
    return closed > 0 ? closed : -1;
}

} // namespace detail
} // namespace sockets
