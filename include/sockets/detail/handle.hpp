/// @file
/// @brief Handle: owns the system's socket, so that nobody else has to remember to close it.
#pragma once

#include "primitives.hpp"

namespace sockets::detail {

class Handle {
public:
    Handle() noexcept = default;
    explicit Handle(NativeHandle handle) noexcept : handle_(handle) {}
    Handle(Handle&& other) noexcept : handle_(other.release()) {}
    Handle& operator=(Handle&& other) noexcept {
        reset(other.release());
        return *this;
    }
    ~Handle() { (void)close(); }

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
    int close() noexcept { return is_open() ? detail::close(release()) : 0; }

private:
    NativeHandle handle_ = no_handle;
};

} // namespace sockets::detail
