/// @file
/// @brief WaitSet: who is inside a Selector, as Linux keeps it. Empty elsewhere: selector_poll.hpp.
#pragma once

#ifdef __linux__

#include "platform.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

#include <sys/epoll.h>

#include "handle.hpp"

namespace sockets::detail {

/// It is no socket: a trace does not see it go.
struct CloseEpoll {
    static int close(NativeHandle handle) noexcept { return native::close(handle); }
};

/// The system has the sockets itself (epoll): nobody goes over those for whom nothing has happened.
class WaitSet {
public:
    using Events = std::uint32_t;
    static constexpr Events read = EPOLLIN;
    static constexpr Events write = EPOLLOUT;

    int open() {
        epoll_ = Owner<CloseEpoll>(::epoll_create1(EPOLL_CLOEXEC));
        if (!is_open()) return last_error();
        found_.resize(64);
        return 0;
    }

    bool is_open() const noexcept { return epoll_.is_open(); }

    /// Sockets that were closed may still count: they left without a word.
    bool is_empty() const noexcept { return count_ == 0; }

    int add(NativeHandle handle, Events wanted) {
        const auto number = static_cast<std::size_t>(handle);
        if (number >= wanted_.size()) wanted_.resize(number + 1);
        return change(EPOLL_CTL_ADD, handle, wanted);
    }

    int modify(NativeHandle handle, Events wanted) { return change(EPOLL_CTL_MOD, handle, wanted); }

    int remove(NativeHandle handle) { return change(EPOLL_CTL_DEL, handle, 0); }

    /// Whether somebody is ready now; nothing changes by it.
    bool is_ready() const noexcept { return detail::wait(epoll_, Event::readable, 0) != 0; }

    /// Waits until somebody is ready (how many), the time in milliseconds has run out (0), or something is wrong (-1).
    int wait(long long time) {
        if (ready_ == found_.size()) found_.resize(2 * ready_); // there were more than had room
        const int count =
            ::epoll_wait(epoll_, found_.data(), static_cast<int>(found_.size()), poll_time(time));
        ready_ = count > 0 ? static_cast<std::size_t>(count) : 0;
        return count;
    }

    /// Calls @p report with the handle, whether it is readable and whether it is writable, for everybody whom
    /// wait() has found.
    template <class Report>
    void report(Report report) const {
        for (std::size_t i = 0; i < ready_; ++i) {
            const NativeHandle handle = found_[i].data.fd;
            Events events = found_[i].events;
            const Events wanted = wanted_[static_cast<std::size_t>(handle)];
            if ((events & (EPOLLERR | EPOLLHUP)) != 0) events |= read | write;
            events &= wanted;
            if (events == 0) { // the peer's end, for who waits for room alone: not again and again
                events = wanted;
                (void)control(EPOLL_CTL_MOD, handle, wanted);
            }
            report(handle, (events & read) != 0, (events & write) != 0);
        }
    }

private:
    int change(int operation, NativeHandle handle, Events wanted) noexcept {
        if (control(operation, handle, wanted | EPOLLRDHUP) != 0) return last_error();
        note(static_cast<std::size_t>(handle), wanted);
        return 0;
    }

    int control(int operation, NativeHandle handle, Events wanted) const noexcept {
        epoll_event event{};
        event.events = wanted;
        event.data.fd = handle;
        return ::epoll_ctl(epoll_, operation, handle, &event);
    }

    void note(std::size_t number, Events wanted) noexcept {
        if (wanted_[number] != 0) --count_;
        if (wanted != 0) ++count_;
        wanted_[number] = wanted;
    }

    Owner<CloseEpoll> epoll_;
    std::vector<Events> wanted_;     // by handle, which are small numbers here; 0: not inside
    std::size_t count_ = 0;          // how many of them are not 0
    std::vector<epoll_event> found_; // room for what the system finds
    std::size_t ready_ = 0;          // how many it has found
};

} // namespace sockets::detail

#endif
