/// @file
/// @brief The primitives as Socket calls them: each is the system's own, `native::send` being the system's send,
/// unless somebody watches. CONNECT is not here: it may take several system calls, and the watcher is told of its
/// begin and its end (socket_connect.ipp).
#pragma once

#include "platform.hpp"
#include "watch.hpp"

#include <cstddef>

namespace sockets::detail {

inline NativeHandle make(int domain, int type, int protocol) noexcept {
    if (const Watch* watch = watching()) return watch->make(domain, type, protocol);
    return native::make(domain, type, protocol);
}

inline int getaddrinfo(const char* host, const char* service, const AddressInfo* wanted,
                       AddressInfo** found) noexcept {
    const Watch* const watch = watching();
    return (watch ? watch->getaddrinfo : native::getaddrinfo)(host, service, wanted, found);
}

inline int bind(NativeHandle handle, const sockaddr* address, socklen_t size) noexcept {
    const Watch* const watch = watching();
    return (watch ? watch->bind : native::bind)(handle, address, size);
}

inline int listen(NativeHandle handle, int backlog) noexcept {
    const Watch* const watch = watching();
    return (watch ? watch->listen : native::listen)(handle, backlog);
}

/// @param waits  whether Socket waits until somebody comes: the trace says so
inline NativeHandle accept(NativeHandle listener, sockaddr* address, socklen_t* size, bool waits) noexcept {
    if (const Watch* watch = watching()) return watch->accept(listener, address, size, waits);
    return native::accept(listener, address, size);
}

inline std::ptrdiff_t send(NativeHandle handle, const void* bytes, std::size_t size, int flags) noexcept {
    const Watch* const watch = watching();
    return (watch ? watch->send : native::send)(handle, bytes, size, flags);
}

inline std::ptrdiff_t recv(NativeHandle handle, void* buffer, std::size_t size, int flags) noexcept {
    const Watch* const watch = watching();
    return (watch ? watch->recv : native::recv)(handle, buffer, size, flags);
}

inline std::ptrdiff_t send_to(NativeHandle handle, const void* bytes, std::size_t size, int flags,
                              const sockaddr* peer, socklen_t peer_size) noexcept {
    const Watch* const watch = watching();
    return (watch ? watch->send_to : native::send_to)(handle, bytes, size, flags, peer, peer_size);
}

inline std::ptrdiff_t recv_from(NativeHandle handle, void* buffer, std::size_t size, int flags,
                                sockaddr* sender, socklen_t* sender_size) noexcept {
    const Watch* const watch = watching();
    return (watch ? watch->recv_from : native::recv_from)(handle, buffer, size, flags, sender, sender_size);
}

inline int shutdown(NativeHandle handle, int how) noexcept {
    const Watch* const watch = watching();
    return (watch ? watch->shutdown : native::shutdown)(handle, how);
}

inline int close(NativeHandle handle) noexcept {
    if (const Watch* watch = watching()) return watch->close(handle);
    return native::close(handle);
}

inline int pair(NativeHandle (&ends)[2]) noexcept {
    if (const Watch* watch = watching()) return watch->pair(ends);
    return native::pair(ends);
}

} // namespace sockets::detail
