/// @file
/// @brief The seam of the trace: every primitive goes through here, and whoever watches carries it out instead.
#pragma once

#include "platform.hpp"

namespace sockets::detail {

/// Who watches: carries out each primitive as `native` would, with its result and the system's last error, and
/// without an exception. A table of functions and no class with virtual ones: the arguments stay in their
/// registers.
struct Watch {
    NativeHandle (*make)(int domain, int type, int protocol) noexcept;
    int (*getaddrinfo)(const char* host, const char* service, const addrinfo* wanted,
                       addrinfo** found) noexcept;
    int (*bind)(NativeHandle handle, const sockaddr* address, socklen_t size) noexcept;
    int (*listen)(NativeHandle handle, int backlog) noexcept;
    NativeHandle (*accept)(NativeHandle listener, sockaddr* address, socklen_t* size, bool waits) noexcept;
    std::ptrdiff_t (*send)(NativeHandle handle, const void* bytes, std::size_t size, int flags) noexcept;
    std::ptrdiff_t (*recv)(NativeHandle handle, void* buffer, std::size_t size, int flags) noexcept;
    std::ptrdiff_t (*send_to)(NativeHandle handle, const void* bytes, std::size_t size, int flags,
                              const sockaddr* peer, socklen_t peer_size) noexcept;
    std::ptrdiff_t (*recv_from)(NativeHandle handle, void* buffer, std::size_t size, int flags,
                                sockaddr* sender, socklen_t* sender_size) noexcept;
    int (*shutdown)(NativeHandle handle, int how) noexcept;
    int (*close)(NativeHandle handle) noexcept;

    // These take several system calls; they are told of.
    void (*connect_begins)(NativeHandle handle, const sockaddr* peer, socklen_t size) noexcept;
    void (*connect_ends)(NativeHandle handle, const sockaddr* peer, socklen_t size, int error) noexcept;
    void (*select_begins)() noexcept;
    void (*select_ends)(const void* ready, std::size_t count) noexcept;

    // A time limit is running; it has run out.
    void (*waits)(const char* primitive, NativeHandle handle, Event event) noexcept;
    void (*gives_up)(const char* primitive, NativeHandle handle) noexcept;
};

/// Who watches now; nobody, unless trace_to() was called, which may be at any time in any thread. <atomic> would
/// cost every program compile time.
#ifdef _MSC_VER
inline const Watch* volatile watch_target = nullptr;
inline const Watch* watching() noexcept { return watch_target; }
inline void set_watching(const Watch* watch) noexcept { watch_target = watch; }
#else
inline const Watch* watch_target = nullptr;
inline const Watch* watching() noexcept {
    const bool nobody = __atomic_load_n(&watch_target, __ATOMIC_RELAXED) == nullptr;
    return __builtin_expect(nobody, true) ? nullptr : __atomic_load_n(&watch_target, __ATOMIC_ACQUIRE);
}
inline void set_watching(const Watch* watch) noexcept {
    __atomic_store_n(&watch_target, watch, __ATOMIC_RELEASE);
}
#endif

} // namespace sockets::detail
