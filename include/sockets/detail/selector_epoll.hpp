/// @file
/// @brief WaitSet: who is inside a Selector, as Linux keeps it. Empty elsewhere: selector_poll.hpp.
#pragma once

#ifdef __linux__

#include "platform.hpp"

#include <cstdint>
#include <vector>

#include <sys/epoll.h>

#include "handle.hpp"

namespace sockets::detail {

/// The system has the sockets itself (epoll): nobody goes over those for whom nothing has happened.
class WaitSet {
public:
    using Events = std::uint32_t;
    static constexpr Events read = EPOLLIN;
    static constexpr Events write = EPOLLOUT;

    int open() {
        epoll_ = Owner<native::close>(::epoll_create1(EPOLL_CLOEXEC));
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

    /// Waits until somebody is ready (how many), the time in milliseconds has run out or nobody is inside
    /// (0), or something is wrong (-1).
    int wait(long long time) {
        if (ready_ == found_.size()) found_.resize(2 * ready_); // there were more than had room
        const int limit = poll_time(time);
        // All who are inside were found last time, or nobody was: they may all be closed since. Otherwise
        // there is no limit to ask for: it would cost the system a look at its clock with every call.
        const bool in_doubt = limit < 0 && (ready_ == 0 || ready_ >= count_);
        int count = wait_once(in_doubt ? a_second : limit);
        if (count == 0 && in_doubt && anybody()) count = wait_once(limit);
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
    static constexpr int a_second = 1000;

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

    int wait_once(int limit) noexcept {
        return ::epoll_wait(epoll_, found_.data(), static_cast<int>(found_.size()), limit);
    }

    /// Who was closed has left without a word. Before waiting for ever, and only when nothing comes anyway,
    /// the system is asked whether somebody is left; who is not is forgotten.
    bool anybody() noexcept {
        for (std::size_t number = 0; number < wanted_.size(); ++number) {
            if (wanted_[number] == 0) continue;
            if (control(EPOLL_CTL_MOD, static_cast<NativeHandle>(number), wanted_[number]) == 0) return true;
            note(number, 0);
        }
        return false;
    }

    Owner<native::close> epoll_;     // no socket: a trace does not see it go
    std::vector<Events> wanted_;     // by handle, which are small numbers here; 0: not inside
    std::size_t count_ = 0;          // how many of them are not 0
    std::vector<epoll_event> found_; // room for what the system finds
    std::size_t ready_ = 0;          // how many it has found
};

} // namespace sockets::detail

#endif
