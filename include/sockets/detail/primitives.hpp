/// @file
/// @brief The primitives, one system call each. Nobody else calls the system's, so that a trace misses none.
#pragma once

#include "watch.hpp"

namespace sockets::detail {

inline NativeHandle make(int domain, int type, int protocol) noexcept {
    const Watch* const watch = watching();
    return (watch ? watch->make : native::make)(domain, type, protocol);
}

inline int getaddrinfo(const char* host, const char* service, const addrinfo* wanted,
                       addrinfo** found) noexcept {
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

/// @param waits  false: comes back at once, and perhaps with nobody
inline NativeHandle accept(NativeHandle listener, sockaddr* address, socklen_t* size, bool waits) noexcept {
    const Watch* const watch = watching();
    return watch ? watch->accept(listener, address, size, waits) : native::accept(listener, address, size);
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
    const Watch* const watch = watching();
    return (watch ? watch->close : native::close)(handle);
}

} // namespace sockets::detail
