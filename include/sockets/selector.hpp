/// @file
/// @brief Selector: one thread waits for many sockets at once.
#pragma once

#include "detail/platform.hpp"

#include <chrono>
#include <cstddef>
#include <system_error>
#include <utility>
#include <vector>

#include "detail/deadline.hpp"
#include "detail/selector_epoll.hpp"
#include "detail/selector_poll.hpp"
#include "error.hpp"
#include "socket.hpp"

namespace sockets {

/// What a Selector waits for on a socket.
/// @ingroup waiting
enum class Interest {
    read,      ///< Until recv, recv_from or accept has something to give.
    write,     ///< Until send has room, or a connect under way has come to its end.
    read_write ///< Until one of the two.
};

/// One socket for which something has happened.
///
/// | on                  | readable                             | writable                       |
/// |---------------------|--------------------------------------|--------------------------------|
/// | a connection        | bytes are there                      | there is room for some bytes   |
/// | no connection yet   | on Linux at once: send, recv throw   | the same                       |
/// | its end             | the peer has ended: recv gives ""    |                                |
/// | a connect under way |                                      | it has succeeded or failed     |
/// | a listener          | a client waits for accept            |                                |
/// | a UDP socket        | a datagram is there, empty or not    | there is room                  |
/// | an error            | if asked for: recv, accept throw it  | if asked for: send throws it   |
///
/// It is a hint: what was there may be gone again, a client before accept, a damaged datagram before
/// recv_from. The try_ methods never wait; recv on a stream has something to give, unless somebody else took
/// it.
/// @ingroup waiting
/// @include docs/snippets/selector.cpp
struct Ready {
    NativeHandle handle; ///< The socket's native_handle().
    bool readable;       ///< Only what was asked for.
    bool writable;       ///< Only what was asked for.

    template <class S>
    bool is(const S& socket) const noexcept; ///< Whether it is this one.
};

/// Waits for many sockets at once, so that one thread serves them all. Takes any of the socket classes and neither
/// owns nor closes them: only their handles count, so they may be moved, in a vector for example. Can be moved
/// itself, not copied.
///
/// @include docs/snippets/selector.cpp
///
/// **Level-triggered**: as long as something is there, every select() says so. Ask for `write` only while
/// there is something to send, or every select() comes back at once.
///
/// **Close.** A socket that is closed while inside leaves by itself and is not reported any more, even if a
/// new socket gets its number. That is so on Linux, unless a copy of the handle is left, in a child process
/// or by dup: then the system goes on reporting it. Elsewhere the next select() notices, and a new socket that
/// gets the number before that is taken for the old one. So: remove(), then close().
///
/// **Many.** There is no limit on their number but the system's on open handles. On Linux (epoll) the cost of
/// select() depends on how many are ready, not on how many are inside; elsewhere (poll, WSAPoll) it grows
/// with those inside, as does that of add(), modify() and remove().
///
/// After it was moved from it is closed: every method throws Error(bad_file_descriptor).
///
/// @note Threads: one thread each, and nobody else closes a socket that is inside.
/// @note Windows before version 10 2004 (WSAPoll) does not report that a connect under way has failed:
///       connect(peer, timeout) does.
/// @ingroup waiting
class Selector {
public:
    using milliseconds = std::chrono::milliseconds; ///< Every time limit; `std::chrono::seconds(5)` will do.

    Selector(); ///< With nobody inside.

    Selector(const Selector&) = delete; ///< Move it: `std::move(selector)`.
    Selector& operator=(const Selector&) = delete;
    Selector(Selector&&) noexcept = default;        ///< The other one is closed afterwards.
    Selector& operator=(Selector&& other) noexcept; ///< Who was inside is not waited for any more.
    ~Selector() = default;

    template <class S>
    void add(const S& socket,
             Interest interest = Interest::read); ///< From now on the Selector waits for it too.
    template <class S>
    void modify(const S& socket, Interest interest); ///< Changes what the Selector waits for on it.
    template <class S>
    void remove(const S& socket); ///< It is not waited for any more.

    [[nodiscard]] const std::vector<Ready>& select(); ///< SELECT: waits until somebody is ready.
    [[nodiscard]] const std::vector<Ready>&
    select(milliseconds timeout); ///< SELECT; empty if nobody was in time.

private:
    using Set = detail::WaitSet;

    static Set::Events events(Interest interest) noexcept;
    void require_open(const char* primitive, NativeHandle handle) const;
    void require_open(const char* primitive) const;
    void forget(NativeHandle handle) noexcept;
    void report(std::size_t count);
    [[noreturn]] static void fail_select(int error);
    static void fail_if(int error, const char* primitive);
    [[noreturn]] static void fail(int error, const char* primitive);

    Set set_;
    std::vector<Ready> ready_;
};

// --- Ready --------------------------------------------------------------------------------------------

/// Whether the result is about @p socket; never about a closed one. It goes by the handle: ask before closing a
/// socket and opening another one, which may get the same number.
///
/// @param socket  any of the socket classes
/// @snippet each_selector.cpp is
template <class S>
bool Ready::is(const S& socket) const noexcept {
    return handle != detail::no_handle && handle == socket.native_handle();
}

// --- who is inside ------------------------------------------------------------------------------------

/// Creates a Selector. Does not block.
///
/// System call: `epoll_create1` (Linux, a handle of its own, which child processes do not inherit); none
/// elsewhere.
///
/// @throws Error  `too_many_files_open`
/// @snippet each_selector.cpp constructor
inline Selector::Selector() { fail_if(set_.open(), "select"); }

inline Selector& Selector::operator=(Selector&& other) noexcept {
    if (this != &other) {
        set_ = std::move(other.set_);
        ready_ = std::move(other.ready_);
    }
    return *this;
}

/// From now on select() waits for @p socket too. Does not block. The socket may be in several Selectors.
///
/// A result of the last select() that is about an earlier socket with the same handle, closed meanwhile, is
/// about nobody from now on.
///
/// System call: `epoll_ctl` (Linux); none elsewhere.
///
/// @param socket    any of the socket classes; it may be moved afterwards: only its handle counts
/// @param interest  what to wait for on it
/// @throws Error  `file_exists` if it is inside already; `bad_file_descriptor` if it is closed
/// @snippet each_selector.cpp add
template <class S>
void Selector::add(const S& socket, Interest interest) {
    const NativeHandle handle = socket.native_handle();
    require_open("add", handle);
    fail_if(set_.add(handle, events(interest)), "add");
    forget(handle);
}

/// From now on select() waits for something else on @p socket. Does not block.
///
/// System call: `epoll_ctl` (Linux); none elsewhere.
///
/// @param socket    one that is inside
/// @param interest  what to wait for on it, instead of what was said before
/// @throws Error  `no_such_file_or_directory` if it is not inside; `bad_file_descriptor` if it is closed
/// @snippet each_selector.cpp modify
template <class S>
void Selector::modify(const S& socket, Interest interest) {
    require_open("modify", socket.native_handle());
    fail_if(set_.modify(socket.native_handle(), events(interest)), "modify");
}

/// From now on select() does not wait for @p socket any more. Does not block. Comes before close(), if it is
/// to be right on every system.
///
/// System call: `epoll_ctl` (Linux); none elsewhere.
///
/// @param socket  one that is inside
/// @throws Error  `no_such_file_or_directory` if it is not inside; `bad_file_descriptor` if it is closed
/// @snippet each_selector.cpp remove
template <class S>
void Selector::remove(const S& socket) {
    require_open("remove", socket.native_handle());
    fail_if(set_.remove(socket.native_handle()), "remove");
}

// --- SELECT -------------------------------------------------------------------------------------------

/// Blocks until at least one socket is ready for what it is waited for, and gives all that are. The peer's
/// end, or an error, makes it ready for whatever was asked; who asked for `write` alone, and has no room, learns of
/// the peer's end once (on Linux and FreeBSD; elsewhere poll has no word for it).
///
/// System call: `epoll_wait` (Linux), `poll` (POSIX.1-2017), `WSAPoll` (Winsock 2).
///
/// If all sockets have left by being closed, nobody can wake it any more, and without a limit it may wait for ever:
/// remove() comes before close().
///
/// @returns who is ready; valid until the next select()
/// @throws Error  `invalid_argument` if nobody is inside
/// @snippet each_selector.cpp select
inline const std::vector<Ready>& Selector::select() { return select((milliseconds::max)()); }

/// As select(), but not longer than @p timeout. With nobody inside it waits for the time to run out.
///
/// @param timeout  0: do not wait; milliseconds::max(): no limit
/// @returns who is ready, valid until the next select(); empty if the time ran out
/// @throws Error  `invalid_argument` for a negative time, and if nobody is inside and there is no limit
/// @snippet each_selector.cpp select_limit
inline const std::vector<Ready>& Selector::select(milliseconds timeout) {
    require_open("select");
    const detail::Deadline limit = detail::deadline_in(timeout, "select");
    const detail::Watch* const watch = detail::watching();
    if (watch) watch->select_begins();
    if (watch && !limit.is_over() && !set_.is_ready())
        watch->waits("select", detail::no_handle, detail::Event::readable);
    ready_.clear();
    while (ready_.empty()) {
        if (limit.is_never() && set_.is_empty())
            detail::raise(std::errc::invalid_argument, "select", "",
                          "nobody is inside, so it would wait for ever: add comes first");
        const int count = set_.wait(limit.rest());
        const int error = count < 0 ? detail::last_error() : 0;
        if (count > 0) report(static_cast<std::size_t>(count));
        else if (error != 0 && !detail::is_interrupted(error)) fail_select(error);
        else if (limit.is_over()) break;
    }
    if (watch) watch->select_ends(ready_.data(), ready_.size(), 0);
    return ready_;
}

// --- inside -------------------------------------------------------------------------------------------

inline Selector::Set::Events Selector::events(Interest interest) noexcept {
    constexpr Set::Events both = Set::read | Set::write;
    return interest == Interest::read ? Set::read : interest == Interest::write ? Set::write : both;
}

inline void Selector::require_open(const char* primitive, NativeHandle handle) const {
    require_open(primitive);
    if (handle == detail::no_handle)
        detail::raise(std::errc::bad_file_descriptor, primitive, "", "this socket is closed");
}

inline void Selector::require_open(const char* primitive) const {
    if (!set_.is_open())
        detail::raise(std::errc::bad_file_descriptor, primitive, "", "this Selector was moved from");
}

/// Whoever had this handle when it was found ready is gone: what is left to read of the results must not be
/// taken for the new one's.
inline void Selector::forget(NativeHandle handle) noexcept {
    for (Ready& ready : ready_)
        if (ready.handle == handle) ready = {detail::no_handle, false, false};
}

/// The memory first: what is reported once must not be lost for want of it.
inline void Selector::report(std::size_t count) {
    ready_.reserve(count);
    set_.report([this](NativeHandle handle, bool readable, bool writable) {
        ready_.push_back({handle, readable, writable});
    });
}

inline void Selector::fail_select(int error) {
    if (const detail::Watch* watch = detail::watching()) watch->select_ends(nullptr, 0, error);
    fail(error, "select");
}

inline void Selector::fail_if(int error, const char* primitive) {
    if (error != 0) fail(error, primitive);
}

inline void Selector::fail(int error, const char* primitive) {
    const std::errc reason = detail::reason_of(error);
    detail::raise(error, primitive, "",
                  reason == std::errc::file_exists ? "it is inside already: modify changes what for"
                  : reason == std::errc::no_such_file_or_directory ? "it is not inside: add comes first"
                                                                   : "");
}

} // namespace sockets
