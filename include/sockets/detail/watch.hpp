/// @file
/// @brief Watch: who carries out the primitives while a program watches them: the trace. The core knows no more
/// of it than this.
#pragma once

#include "platform.hpp"

#include <atomic>
#include <cstddef>

namespace sockets::detail {

/// Carries out each primitive as `native` would, with its result and the system's last error, and without an
/// exception. A table of functions and no class with virtual ones: the arguments stay in their registers.
struct Watch {
    NativeHandle (*make)(int domain, int type, int protocol) noexcept;
    int (*getaddrinfo)(const char* host, const char* service, const AddressInfo* wanted,
                       AddressInfo** found) noexcept;
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
    int (*pair)(NativeHandle (&ends)[2]) noexcept;

    // These take several system calls, or none of the primitives above; they are told of.
    void (*begins)(const char* primitive, NativeHandle handle, const sockaddr* peer, socklen_t size) noexcept;
    void (*ends)(const char* primitive, NativeHandle handle, const sockaddr* peer, socklen_t size,
                 int error) noexcept;
    void (*select_begins)() noexcept;
    void (*select_ends)(const void* ready, std::size_t count, int error) noexcept;

    // A time limit is running; it has run out.
    void (*waits)(const char* primitive, NativeHandle handle, Event event) noexcept;
    void (*gives_up)(const char* primitive, NativeHandle handle) noexcept;
};

/// Who watches now; nobody, unless trace_to() was called, which may be at any time in any thread.
inline std::atomic<const Watch*> watch_target = nullptr;

/// Nobody, nearly always: where a compiler can be told so, the usual case is a straight line.
inline const Watch* watching() noexcept {
    const Watch* const watch = watch_target.load(std::memory_order_acquire);
#ifdef __GNUC__
    if (__builtin_expect(watch == nullptr, true)) return nullptr;
#endif
    return watch;
}

inline void set_watching(const Watch* watch) noexcept {
    watch_target.store(watch, std::memory_order_release);
}

} // namespace sockets::detail
