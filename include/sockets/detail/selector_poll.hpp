/// @file
/// @brief WaitSet: who is inside a Selector, where the system does not keep it. Empty on Linux, which does:
/// selector_epoll.hpp.
#pragma once

#ifndef __linux__

#include "platform.hpp"

#include <cstddef>
#include <system_error>
#include <utility>
#include <vector>

namespace sockets::detail {

/// Goes over all sockets with each call: `poll` on POSIX, `WSAPoll` on Windows.
class WaitSet {
public:
    using Events = short;
    static constexpr Events read = POLLRDNORM; // the names that Winsock has too
    static constexpr Events write = POLLWRNORM;

    WaitSet() noexcept = default;
    WaitSet(const WaitSet&) = delete;
    WaitSet& operator=(const WaitSet&) = delete;
    WaitSet(WaitSet&& other) noexcept
        : entries_(std::move(other.entries_)), identities_(std::move(other.identities_)),
          open_(std::exchange(other.open_, false)) {}
    WaitSet& operator=(WaitSet&& other) noexcept {
        entries_ = std::move(other.entries_);
        identities_ = std::move(other.identities_);
        open_ = std::exchange(other.open_, false);
        return *this;
    }
    ~WaitSet() = default;

    int open() noexcept {
        open_ = true;
        return start();
    }

    bool is_open() const noexcept { return open_; }

    /// Sockets that were closed count until the next wait().
    bool is_empty() const noexcept { return entries_.empty(); }

    /// A number that is inside already may be that of a socket that was closed, and this is another one.
    int add(NativeHandle handle, Events wanted) {
        const auto identity = identity_of(handle);
        pollfd* const same = find(handle);
        if (same != nullptr && (identity == 0 || identity == identities_[index_of(*same)]))
            return error_of(std::errc::file_exists);
        if (same != nullptr) drop(*same);
        pollfd entry{};
        entry.fd = handle;
        entry.events = asked(wanted);
        identities_.reserve(identities_.size() + 1); // both or none, if there is no memory
        entries_.push_back(entry);
        identities_.push_back(identity);
        return 0;
    }

    int modify(NativeHandle handle, Events wanted) noexcept {
        pollfd* entry = find(handle);
        if (entry == nullptr) return error_of(std::errc::no_such_file_or_directory);
        entry->events = asked(wanted);
        return 0;
    }

    int remove(NativeHandle handle) noexcept {
        pollfd* entry = find(handle);
        if (entry == nullptr) return error_of(std::errc::no_such_file_or_directory);
        drop(*entry);
        return 0;
    }

    /// Whether somebody is ready now; nothing changes by it.
    bool is_ready() noexcept { return wait_any(entries_.data(), entries_.size(), 0) != 0; }

    /// Waits until somebody is ready or was found closed (how many), the time in milliseconds has run out (0)
    /// or something is wrong (-1).
    int wait(long long time) noexcept {
        const int count = wait_any(entries_.data(), entries_.size(), poll_time(time));
        if (count > 0) drop_closed();
        return count;
    }

    /// Calls @p report with the handle, whether it is readable and whether it is writable, for everybody whom
    /// wait() has found.
    template <class Report>
    void report(Report report) {
        for (pollfd& entry : entries_) {
            int events = entry.revents;
            if (events == 0) continue;
            if ((events & (POLLERR | POLLHUP)) != 0) events |= read | write;
            const int wanted = entry.events & (read | write);
            events &= wanted;
            if (events == 0) { // the peer's end, for who waits for room alone: not again and again
                events = wanted;
                entry.events = static_cast<Events>(wanted);
            }
            report(entry.fd, (events & read) != 0, (events & write) != 0);
        }
    }

private:
    pollfd* find(NativeHandle handle) noexcept {
        for (pollfd& entry : entries_)
            if (entry.fd == handle) return &entry;
        return nullptr;
    }

    std::size_t index_of(const pollfd& entry) const noexcept {
        return static_cast<std::size_t>(&entry - entries_.data());
    }

    /// Who waits for room alone would not hear of the peer's end.
    static constexpr Events asked(Events wanted) noexcept {
        return static_cast<Events>(wanted == write ? wanted | peer_end : wanted);
    }

    void drop(pollfd& entry) noexcept {
        identities_[index_of(entry)] = identities_.back();
        identities_.pop_back();
        entry = entries_.back();
        entries_.pop_back();
    }

    void drop_closed() noexcept {
        for (std::size_t i = entries_.size(); i-- > 0;)
            if ((entries_[i].revents & POLLNVAL) != 0) drop(entries_[i]);
    }

    std::vector<pollfd> entries_;
    std::vector<unsigned long long> identities_; // of the same sockets
    bool open_ = false;
};

} // namespace sockets::detail

#endif
