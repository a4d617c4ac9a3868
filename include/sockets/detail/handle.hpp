/// @file
/// @brief Handle: owns the system's socket, so that nobody else has to remember to close it.
#pragma once

#include "primitives.hpp"

namespace sockets::detail {

/// Owns it; @p End gives it back to the system.
template <int (*End)(NativeHandle) noexcept>
class Owner {
public:
    Owner() noexcept = default;
    explicit Owner(NativeHandle handle) noexcept : handle_(handle) {}
    Owner(Owner&& other) noexcept : handle_(other.release()) {}
    Owner& operator=(Owner&& other) noexcept {
        reset(other.release());
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
    void reset(NativeHandle handle) noexcept {
        (void)close();
        handle_ = handle;
    }
    int close() noexcept {
        const NativeHandle handle = handle_;
        handle_ = no_handle;
        return handle == no_handle ? 0 : End(handle);
    }

private:
    NativeHandle handle_ = no_handle;
};

using Handle = Owner<close>;

} // namespace sockets::detail
