/// @file
/// @brief trace_to: watch every primitive as it happens.
#pragma once

#include "detail/platform.hpp"

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <ios>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>

#include "address.hpp"
#include "detail/escapes.hpp"
#include "detail/lock.hpp"
#include "detail/primitives.hpp"
#include "error.hpp"
#include "selector.hpp"

namespace sockets {

/// How trace_to() writes.
///
/// One thing cannot be told as it begins: that a long send will stop halfway, because the peer does not read.
/// @ingroup watching
/// @include docs/snippets/trace_style.cpp
struct TraceStyle {
    using Clock = std::chrono::steady_clock; ///< One that nobody sets.

    int columns = 80; ///< No line is longer; less than 48 is taken as 48.
    const char* waiting =
        ""; ///< Stands behind the `...` of a primitive that begins to wait; nullptr: no such lines.
    void (*before)(const std::string& call) =
        nullptr;                 ///< Is called before each primitive; may end the trace.
    Clock::time_point zero = {}; ///< Where times count from; by default from trace_to() on.
};

void trace_to(std::ostream* out); ///< Every primitive from now on, a line each; nullptr: none any more.
void trace_to(std::ostream* out, const TraceStyle& style); ///< The same, in this style.

} // namespace sockets

#include "detail/trace_text.ipp"

namespace sockets {
namespace detail {

// --- who watches --------------------------------------------------------------------------------------

/// Carries out every primitive and writes a line about it. Whatever goes wrong in writing stays here: the
/// caller sees the primitive's result and the system's error as if nobody had watched.
class Trace {
public:
    static void write_to(std::ostream* out, const TraceStyle& style) {
        const Locked locked(lock_);
        if (out && !out_) start_ = Clock::now();
        if (style.zero != Clock::time_point()) start_ = style.zero;
        out_ = out;
        base_ = out;
        style_ = style;
        if (style_.columns < 48) style_.columns = 48;
        if (out) stop_with(*out);
        set_watching(out ? &table : nullptr);
    }

    static NativeHandle make(int domain, int type, int protocol) noexcept {
        const auto call = [&] { return TraceText::socket(domain, type); };
        begins(call);
        return came(native::make(domain, type, protocol), call,
                    [](NativeHandle handle) { return TraceText::name(handle); });
    }

    static int getaddrinfo(const char* host, const char* service, const AddressInfo* wanted,
                           AddressInfo** found) noexcept {
        const auto call = [&] {
            return std::string("getaddrinfo(").append(host).append(", ").append(service).append(")");
        };
        begins(call);
        const int lookup = native::getaddrinfo(host, service, wanted, found);
        ends(lookup == 0 ? std::error_code() : lookup_code(lookup), call,
             [&] { return TraceText::addresses(*found); });
        return lookup;
    }

    static int bind(NativeHandle handle, const sockaddr* address, socklen_t size) noexcept {
        const auto call = [&] { return on(handle, "bind", TraceText::address(address, size)); };
        begins(call);
        return came(native::bind(handle, address, size), call,
                    [&](int) { return own_address(handle, TraceText::address(address, size)); });
    }

    static int listen(NativeHandle handle, int backlog) noexcept {
        const auto call = [&] { return on(handle, "listen", std::to_string(backlog)); };
        begins(call);
        return came(native::listen(handle, backlog), call, nothing);
    }

    static NativeHandle accept(NativeHandle listener, sockaddr* address, socklen_t* size,
                               bool waits) noexcept {
        const auto call = [&] { return on(listener, "accept"); };
        begins(call, waits, listener, Event::readable);
        return came(native::accept(listener, address, size), call, [&](NativeHandle handle) {
            return TraceText::name(handle) + TraceText::space_and_address(address, *size);
        });
    }

    static void begins(const char* primitive, NativeHandle handle, const sockaddr* peer,
                       socklen_t size) noexcept {
        begins([&] { return on(handle, primitive, TraceText::address(peer, size)); });
    }

    static void ends(const char* primitive, NativeHandle handle, const sockaddr* peer, socklen_t size,
                     int error) noexcept {
        const bool connect = *primitive == 'c'; // the others give this side no address
        ends(
            error, [&] { return on(handle, primitive, TraceText::address(peer, size)); },
            [&] { return connect ? own_address(handle) : ""; }, connect ? began() : Clock::now());
    }

    static std::ptrdiff_t send(NativeHandle handle, const void* bytes, std::size_t size, int flags) noexcept {
        const auto call = [&] { return on(handle, "send", bytes_of(bytes, size)); };
        begins(call, (flags & no_wait) == 0, handle, Event::writable);
        return went(native::send(handle, bytes, size, flags), call, count_of);
    }

    static std::ptrdiff_t recv(NativeHandle handle, void* buffer, std::size_t size, int flags) noexcept {
        const auto call = [&] { return on(handle, "recv", std::to_string(size)); };
        begins(call, (flags & no_wait) == 0, handle, Event::readable);
        return came(native::recv(handle, buffer, size, flags), call, [&](std::ptrdiff_t count) {
            return count == 0 && TraceText::is_stream(handle) ? "0 (end)" : bytes_of(buffer, size, count);
        });
    }

    static std::ptrdiff_t send_to(NativeHandle handle, const void* bytes, std::size_t size, int flags,
                                  const sockaddr* peer, socklen_t peer_size) noexcept {
        const auto call = [&] {
            return on(handle, "send_to",
                      bytes_of(bytes, size).append(", ").append(TraceText::address(peer, peer_size)));
        };
        begins(call, (flags & no_wait) == 0, handle, Event::writable);
        return went(native::send_to(handle, bytes, size, flags, peer, peer_size), call, count_of);
    }

    static std::ptrdiff_t recv_from(NativeHandle handle, void* buffer, std::size_t size, int flags,
                                    sockaddr* sender, socklen_t* sender_size) noexcept {
        const auto call = [&] { return on(handle, "recv_from", std::to_string(size)); };
        begins(call, (flags & no_wait) == 0, handle, Event::readable);
        const std::ptrdiff_t result = native::recv_from(handle, buffer, size, flags, sender, sender_size);
        return came(result, call, [&](std::ptrdiff_t count) {
            return bytes_of(buffer, size, count) + TraceText::space_and_address(sender, *sender_size);
        });
    }

    static int shutdown(NativeHandle handle, int how) noexcept {
        const auto call = [&] { return on(handle, "shutdown", TraceText::side(how)); };
        begins(call);
        return went(native::shutdown(handle, how), call, nothing);
    }

    static int close(NativeHandle handle) noexcept {
        const auto call = [&] { return on(handle, "close"); };
        begins(call);
        return went(native::close(handle), call, nothing);
    }

    static int pair(NativeHandle (&ends)[2]) noexcept {
        const auto call = [] { return std::string("pair()"); };
        begins(call);
        return came(native::pair(ends), call,
                    [&](int) { return TraceText::name(ends[0]) + " " + TraceText::name(ends[1]); });
    }

    static void select_begins() noexcept {
        begins([] { return std::string("select()"); });
    }

    static void select_ends(const void* ready, std::size_t count, int error) noexcept {
        ends(
            error, [] { return std::string("select()"); },
            [&] { return TraceText::ready(static_cast<const Ready*>(ready), count); });
    }

    static void waits(const char* primitive, NativeHandle handle, Event event) noexcept {
        if (*primitive == 'w') return; // wait_readable() is no primitive: nothing would say how it ended
        const KeepError keep;
        if (handle != no_handle && wait(handle, event, 0) != 0) return; // it need not
        print([&] {
            const std::string call = handle == no_handle ? "select()" : on(handle, primitive);
            return style_.waiting && !has_said_so() ? waiting(call) : "";
        });
    }

    static void gives_up(const char* primitive, NativeHandle handle) noexcept {
        ends(
            error_of(std::errc::timed_out), [&] { return on(handle, primitive); },
            [] { return std::string(); });
    }

private:
    using Clock = TraceStyle::Clock;

    /// What the caller sees of the system's last error stays, whatever writing does.
    class KeepError {
    public:
        KeepError() = default;
        KeepError(const KeepError&) = delete;
        KeepError& operator=(const KeepError&) = delete;
        ~KeepError() { set_last_error(error_); }

    private:
        int error_ = last_error();
    };

    static std::string nothing(int /*result*/) { return ""; }
    static std::string count_of(std::ptrdiff_t count) { return std::to_string(count); }

    static std::string on(NativeHandle handle, const char* primitive, const std::string& argument = "") {
        return TraceText::name(handle) + " " + primitive + "(" + argument + ")";
    }

    /// Unless it is the one that was asked for; where there is little room, the port alone.
    static std::string own_address(NativeHandle handle, const std::string& asked = "") {
        const std::string own = TraceText::local_address(handle);
        const std::size_t port = own.rfind(':');
        if (own == asked) return "";
        return style_.columns < 80 && port != std::string::npos ? own.substr(port) : own;
    }

    /// Of a datagram that was cut, only what there was room for.
    static std::string bytes_of(const void* bytes, std::size_t room, std::ptrdiff_t count) {
        const auto most = static_cast<std::ptrdiff_t>(room);
        return TraceText::bytes(bytes, count < most ? count : most, style_.columns < 80 ? 10 : 30);
    }
    static std::string bytes_of(const void* bytes, std::size_t size) {
        return bytes_of(bytes, size, static_cast<std::ptrdiff_t>(size));
    }

    /// Without the lock: it may do anything, end the trace or the program included.
    template <class Call>
    static void begins(Call call) noexcept {
        const KeepError keep;
        has_said_so() = false;
        void (*before)(const std::string&) = nullptr;
        std::string text; // made with the lock: it goes by the style
        write([&] {
            before = style_.before;
            if (before) text = call();
        });
        if (before) apart([&] { before(text); });
        began() = Clock::now();
    }

    /// The system is asked, without waiting, whether the primitive will have to wait.
    template <class Call>
    static void begins(Call call, bool waits, NativeHandle handle, Event event) noexcept {
        begins(call);
        const KeepError keep;
        if (waits && is_blocking(handle, true))
            print([&] {
                has_said_so() = style_.waiting && wait(handle, event, 0) == 0;
                return has_said_so() ? waiting(call()) : "";
            });
        began() = Clock::now();
    }

    static std::string waiting(const std::string& call) {
        return *style_.waiting == '\0' ? call + " ..." : call + " ... " + style_.waiting;
    }

    /// What goes out bears the time at which it began, what comes in the time at which it came: on one machine no
    /// effect is older than its cause.
    template <class Result, class Call, class Outcome>
    static Result went(Result result, Call call, Outcome outcome) noexcept {
        return returns(result, call, outcome, began());
    }
    template <class Result, class Call, class Outcome>
    static Result came(Result result, Call call, Outcome outcome) noexcept {
        return returns(result, call, outcome, Clock::now());
    }

    /// -1 is a failure, and so is no_handle, which is -1 in its own way.
    template <class Result, class Call, class Outcome>
    static Result returns(Result result, Call call, Outcome outcome, Clock::time_point when) noexcept {
        const KeepError keep;
        const bool good = result != static_cast<Result>(-1);
        ends(
            good ? 0 : last_error(), call, [&] { return outcome(result); }, when);
        return result;
    }

    /// Not now, or interrupted: that is no end, it goes on.
    template <class Call, class Outcome>
    static void ends(int error, Call call, Outcome outcome, Clock::time_point when = Clock::now()) noexcept {
        if (!would_block(error) && !is_interrupted(error))
            ends(std::error_code(error, category()), call, outcome, when);
    }

    template <class Call, class Outcome>
    static void ends(const std::error_code& failed, Call call, Outcome outcome,
                     Clock::time_point when = Clock::now()) noexcept {
        const KeepError keep;
        print(
            [&] {
                if (failed) return call() + ": " + failed.message();
                const std::string result = outcome();
                return result.empty() ? call() : call() + " = " + result;
            },
            when);
    }

    /// One whole line, at once, whatever the other threads do.
    template <class Words>
    static void print(Words words, Clock::time_point when = Clock::now()) noexcept {
        write([&] {
            const std::string what = words();
            if (what.empty()) return;
            std::string line = TraceText::time(when < start_ ? Clock::duration() : when - start_) + thread();
            line = TraceText::cut(line + visible(what), static_cast<std::size_t>(style_.columns));
            line += '\n';
            out_->write(line.data(), static_cast<std::streamsize>(line.size())).flush();
        });
    }

    template <class Action>
    static void write(Action action) noexcept {
        apart([&] {
            const Locked locked(lock_);
            if (out_) action();
        });
    }

    /// Of what this itself does with sockets, nothing is written: the stream may be a TcpStream.
    template <class Action>
    static void apart(Action action) noexcept {
        if (is_writing()) return;
        is_writing() = true;
        try {
            action();
        } catch (...) { // writing is not what the program is for
        }
        is_writing() = false;
    }

    static bool& is_writing() noexcept {
        static thread_local bool writing = false;
        return writing;
    }

    /// When this thread's primitive began.
    static Clock::time_point& began() noexcept {
        static thread_local Clock::time_point time;
        return time;
    }

    /// Whether this thread has said that it waits: Winsock's non-blocking sockets cannot be told before.
    static bool& has_said_so() noexcept {
        static thread_local bool said = false;
        return said;
    }

    /// "#2 " for the second thread; nothing for the first one.
    static std::string thread() {
        static thread_local int number = 0;
        if (number == 0) number = ++threads_;
        return number == 1 ? "" : "#" + std::to_string(number) + " ";
    }

    /// A stream that is destroyed takes the trace with it.
    static void stop_with(std::ostream& out) {
        static const int known = std::ios_base::xalloc();
        if (out.iword(known) != 0) return;
        out.register_callback(
            [](std::ios_base::event event, std::ios_base& stream, int) {
                if (event == std::ios_base::erase_event) forget(stream);
            },
            0);
        out.iword(known) = 1;
    }

    static void forget(const std::ios_base& stream) {
        const Locked locked(lock_);
        if (base_ != &stream) return; // of out_ itself nothing is left to compare
        out_ = nullptr;
        set_watching(nullptr);
    }

    // None of these has a destructor: a socket may be closed after main has ended.
    static inline Lock lock_;
    static inline std::ostream* out_ = nullptr;
    static inline const std::ios_base* base_ = nullptr;
    static inline TraceStyle style_;
    static inline Clock::time_point start_;
    static inline int threads_ = 0;
    static const Watch table;
};

inline const Watch Trace::table = {
    Trace::make,        Trace::getaddrinfo, Trace::bind,     Trace::listen,    Trace::accept,
    Trace::send,        Trace::recv,        Trace::send_to,  Trace::recv_from, Trace::shutdown,
    Trace::close,       Trace::pair,        Trace::begins,   Trace::ends,      Trace::select_begins,
    Trace::select_ends, Trace::waits,       Trace::gives_up,
};

} // namespace detail

// --- trace_to -----------------------------------------------------------------------------------------

/// Writes a line about every primitive of every socket from now on, as it returns: seconds since this call,
/// the thread (`#2`, from the second one on), the socket (`[3]`), the method's name with its arguments, and
/// what came of it. A primitive that has to wait has a line of its own as it begins, so that a program that hangs
/// shows where.
///
/// @code{.unparsed}
///  0.000213 socket(ipv4, stream) = [3]
///  0.000240 [3] connect(127.0.0.1:8000) = 127.0.0.1:52312
///  0.000267 [3] send(4: "hola") = 4
///  0.000271 [3] recv(1024) ...
///  0.000391 [3] recv(1024) = 9: "pues hola"
///  0.000402 [3] close()
/// @endcode
///
/// What goes out (connect, send, shutdown, close) bears the time at which it began, all else the time at which it
/// was over: on one machine no effect is older than its cause.
///
/// After a failure come the system's words instead. A try_ method that finds nothing leaves no line. A line
/// has at most 80 columns and comes whole, from whatever thread. May be called at any time from any thread.
///
/// The trace does not touch the program: what a primitive gives and throws stays as it is, even if the stream
/// throws or fails. The stream may be a TcpStream: its own primitives leave no line. It must not be destroyed
/// while other threads use sockets; when it is, or when its `copyfmt` is called, the trace ends.
/// With nullptr nothing is left of it: two or three instructions a primitive.
///
/// There is one trace in a program. Where shared libraries hide their symbols (`-fvisibility=hidden`, and always on
/// Windows), each of them has its own: trace_to() then watches the sockets of the module that calls it.
///
/// @param out  std::cerr, or any other; nullptr: the trace ends
/// @ingroup watching
/// @include docs/snippets/trace_to.cpp
inline void trace_to(std::ostream* out) { trace_to(out, TraceStyle()); }

/// As trace_to(std::ostream*), in another style.
///
/// @param out    std::cerr, or any other; nullptr: the trace ends
/// @param style  how long a line may be, whether waiting is shown, and what is called before each primitive:
///               of the sockets that it uses itself nothing is written
/// @ingroup watching
/// @snippet trace_style.cpp style
inline void trace_to(std::ostream* out, const TraceStyle& style) { detail::Trace::write_to(out, style); }

} // namespace sockets
