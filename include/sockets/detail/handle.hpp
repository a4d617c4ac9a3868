/// @file
/// @brief Handle: owns the system's socket, so that nobody else has to remember to close it.
#pragma once

#include "platform.hpp"
#include "primitives.hpp"

namespace sockets::detail {

/// How a socket is given back to the system, as the trace sees it. A type and no function: where inline functions are
/// hidden (`-fvisibility-inlines-hidden`), a class made of one would be too.
struct CloseSocket {
    static int close(NativeHandle handle) noexcept { return detail::close(handle); }
};

/// Owns it; @p Closer gives it back to the system.
template <class Closer>
class Owner {
public:
    Owner() noexcept = default;
    explicit Owner(NativeHandle handle) noexcept : handle_(handle) {}
    Owner(Owner&& other) noexcept : handle_(other.release()) {}
    Owner& operator=(Owner&& other) noexcept {
        const NativeHandle handle = other.release(); // first: it may be this one
        (void)close();
        take(handle);
        return *this;
    }
    ~Owner() { (void)close(); }

    bool is_open() const noexcept { return handle_ != no_handle; }
    operator NativeHandle() const noexcept { return handle_; }
    NativeHandle release() noexcept {
        const NativeHandle handle = handle_;
        handle_ = no_handle;
        return handle;
    }
    /// From now on its own. It must be closed: what it had would be lost.
    void take(NativeHandle handle) noexcept { handle_ = handle; }
    int close() noexcept {
        const NativeHandle handle = handle_;
        handle_ = no_handle;
        return handle == no_handle ? 0 : Closer::close(handle);
    }

private:
    NativeHandle handle_ = no_handle;
};

using Handle = Owner<CloseSocket>;

} // namespace sockets::detail
