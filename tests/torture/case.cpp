// One case: runs it in a child process, and judges how it ended.

#include "driver.hpp"
#include "scene.hpp"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <streambuf>

namespace torture {

namespace {

// --- in the child -------------------------------------------------------------------------------------

/// Where the trace goes: memory that is there already.
class Lines : public std::streambuf {
public:
    std::string_view text() const { return {room_, size_}; }

protected:
    std::streamsize xsputn(const char* bytes, std::streamsize count) override {
        const auto size = static_cast<std::size_t>(count);
        if (torture_is_armed() == 0) return count; // of the preparation nothing is looked at
        if (size_ + size > sizeof room_) return 0;
        std::memcpy(room_ + size_, bytes, size);
        size_ += size;
        return count;
    }
    int_type overflow(int_type byte) override {
        const char one = traits_type::to_char_type(byte);
        return xsputn(&one, 1) == 1 ? byte : traits_type::eof();
    }

private:
    char room_[1 << 18];
    std::size_t size_ = 0;
};

/// A bit for each handle that is open.
class Handles {
public:
    Handles() {
        for (int handle = 0; handle < most; ++handle)
            open_[handle] = ::syscall(SYS_fcntl, handle, F_GETFD) >= 0;
    }
    int more_than(const Handles& before) const {
        int count = 0;
        for (int handle = 0; handle < most; ++handle) {
            if (open_[handle] && !before.open_[handle]) ++count;
            if (!open_[handle] && before.open_[handle]) return -1; // somebody else's was closed
        }
        return count;
    }

private:
    static constexpr int most = 256;
    bool open_[most];
};

void set_words(char (&room)[160], const char* words) { std::snprintf(room, sizeof room, "%s", words); }

void set_error(Outcome& outcome, int code, const char* primitive) {
    outcome.how = How::error;
    outcome.code = code;
    std::snprintf(outcome.primitive, sizeof outcome.primitive, "%s", primitive);
}

void play(const Scenario& scenario, Outcome& outcome) {
    const auto stop = [] {
        torture_arm(0);
        memory::arm(false);
    };
    try {
        scenario.body();
        stop();
        outcome.how = How::done;
        if (noted.is) set_error(outcome, noted.code, noted.primitive);
    } catch (const Wrong& wrong) {
        stop();
        outcome.how = How::wrong;
        set_words(outcome.words, wrong.what);
    } catch (const Error& error) {
        stop();
        set_error(outcome, code_of(error), error.primitive().c_str());
        set_words(outcome.words, error.what());
    } catch (const std::bad_alloc&) {
        stop();
        outcome.how = How::no_memory;
    } catch (const std::exception& error) {
        stop();
        outcome.how = How::other;
        set_words(outcome.words, error.what());
    }
}

// --- the trace and what was made ----------------------------------------------------------------------

/// How many lines tell of @p primitive; those of a time that ran out have no argument: "[3] recv(): ...".
int lines_of(std::string_view text, std::string_view primitive) {
    int count = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        const std::size_t open = line.find('(');
        const std::string_view head = line.substr(0, open);
        const bool is = open != line.npos && head.size() > primitive.size() &&
                        head.substr(head.size() - primitive.size()) == primitive &&
                        head[head.size() - primitive.size() - 1] == ' ';
        const bool transfer = primitive.substr(0, 4) == "recv" || primitive.substr(0, 4) == "send";
        const bool late = transfer && line.substr(open, 3) == "():";
        if (is && !late && line.find(" ... ") == line.npos) ++count;
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return count;
}

bool goes_on(int error) { return error == EINTR || error == EAGAIN; }

/// How many calls of @p call say how something ended; a connect that is tried again is one.
int ends_of(const Made* made, std::size_t size, int call) {
    int count = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const Made& one = made[i];
        if (one.call != call || one.epoll) continue;
        const bool close_ended = call == call_close && one.error == EINTR;
        if (!goes_on(one.error) || close_ended) ++count;
    }
    return count;
}

struct Traced {
    const char* primitive;
    std::vector<int> calls;
};

/// A connect that was interrupted has ended all the same, and has its line, though no call says so.
bool fits(const char* primitive, int lines, int calls, int made, const Case& what) {
    const int silent = goes_on(what.error) ? 1 : 0; // and so may what it comes to
    if (std::strcmp(primitive, "connect") == 0) return lines >= calls - silent && lines <= made;
    // "Not now" of a blocking one is a time that ran out, which has a line.
    if (std::strcmp(primitive, "accept") == 0) return lines >= calls && lines <= made;
    // A socket that could not be made safe goes again without having had a line.
    if (std::strcmp(primitive, "close") == 0 && what.call == call_fcntl)
        return lines <= made && lines >= made - 2; // both of a pair
#ifndef __linux__
    // There a send that must not wait sets the mode first: what fails then is a send that has failed.
    const bool send = std::strcmp(primitive, "send") == 0 || std::strcmp(primitive, "send_to") == 0;
    if (send && what.call == call_fcntl) return lines == calls || lines == calls + 1;
#endif
    if (std::strcmp(primitive, "select") == 0) return lines > 0 || calls == 0;
    return lines == calls;
}

void look_at_trace(std::string_view text, const Case& what, Outcome& outcome) {
    const Made* made = nullptr;
    const std::size_t size = torture_log(&made);
    const Traced all[] = {
        {"socket", {call_socket}},   {"bind", {call_bind}},
        {"listen", {call_listen}},   {"accept", {call_accept, call_accept4}},
        {"connect", {call_connect}}, {"send", {call_send}},
        {"send_to", {call_sendto}},  {"shutdown", {call_shutdown}},
        {"close", {call_close}},     {"select", {call_epoll_wait}},
        {"pair", {call_socketpair}},
    };
    const auto sum = [&](std::initializer_list<int> calls) {
        int ends = 0;
        for (const int call : calls) ends += ends_of(made, size, call);
        return ends;
    };
    const auto miss = [&](const char* primitive, int lines, int ends) {
        std::snprintf(outcome.untraced, sizeof outcome.untraced, "%s: %d lines for %d calls", primitive,
                      lines, ends);
    };
    for (const Traced& one : all) {
        int ends = 0;
        int calls = 0;
        for (const int call : one.calls) {
            ends += ends_of(made, size, call);
            calls += static_cast<int>(outcome.made[call]);
        }
        const int lines = lines_of(text, one.primitive);
        if (!fits(one.primitive, lines, ends, calls, what)) miss(one.primitive, lines, ends);
    }
    const int lines = lines_of(text, "recv") + lines_of(text, "recv_from"); // recvmsg may be either
    const int ends = sum({call_recv, call_recvfrom, call_recvmsg});
    if (lines != ends) miss("recv, recv_from", lines, ends);
}

[[noreturn]] void child(const Scenario& scenario, const Case& what, Outcome& outcome) {
    ::alarm(10);
    static Lines lines;
    std::ostream out(&lines);
    sockets::TraceStyle one_line_a_call;
    one_line_a_call.waiting = nullptr;
    if (what.trace) trace_to(&out, one_line_a_call);
    torture_reset();
    torture_byte(what.byte ? 1 : 0);
    if (what.call >= 0) torture_plan(what.call, what.n, what.error, 0);
    memory::plan(what.allocation, what.lasting);
    const Handles before;
    const long living = memory::living();
    play(scenario, outcome);
    trace_to(nullptr);
    outcome.leaked = memory::living() - living;
    outcome.left_over = Handles().more_than(before);
    outcome.has_failed = torture_has_failed() != 0;
    outcome.allocations = memory::made();
    for (int call = 0; call < call_count; ++call) outcome.made[call] = torture_made(call);
    if (what.trace && what.allocation == 0) look_at_trace(lines.text(), what, outcome);
    ::_exit(0);
}

std::string end_of(int status) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
    if (!WIFSIGNALED(status)) return "exited with " + std::to_string(WEXITSTATUS(status));
    const int signal = WTERMSIG(status);
    if (signal == SIGALRM) return no_end;
    return signal == SIGABRT ? "std::terminate" : std::string("killed: ") + ::strsignal(signal);
}

} // namespace

void run(const Scenario& scenario, const Case& what, Outcome& outcome, std::string& died) {
    std::memset(static_cast<void*>(&outcome), 0, sizeof outcome);
    const pid_t process = ::fork();
    if (process == 0) child(scenario, what, outcome);
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {}
    died = process < 0 ? "fork failed" : end_of(status);
}

// --- how it ended -------------------------------------------------------------------------------------

namespace {

bool is_one_of(const char* names, const char* name) {
    const std::string list = std::string("|") + names + "|";
    return list.find(std::string("|") + name + "|") != std::string::npos;
}

bool alike(const Outcome& a, const Outcome& b) {
    return a.how == b.how && a.code == b.code && std::strcmp(a.primitive, b.primitive) == 0;
}

bool is_expected(const Expect& expect, int error, const Outcome& usual, const Outcome& outcome) {
    if (expect.same && alike(usual, outcome)) return true;
    if (!expect.primitives || outcome.how != How::error) return false;
    const int code = expect.code != 0 ? expect.code : error;
    const bool right = outcome.code == code || (expect.or_code != 0 && outcome.code == expect.or_code);
    return right && is_one_of(expect.primitives, outcome.primitive);
}

std::string in_words(const Expect& expect, int error, const Outcome& usual) {
    std::string words = expect.same ? in_words(usual) : "";
    if (!expect.primitives) return words;
    const int code = expect.code != 0 ? expect.code : error;
    return words + (words.empty() ? "" : " or ") + "Error(" + expect.primitives + ", " +
           error_name(-1, code) + ")";
}

} // namespace

std::string judge(const Scenario& scenario, const Case& what, const Outcome& usual, const Outcome& outcome) {
    if (outcome.left_over != 0)
        return outcome.left_over < 0 ? "somebody else's handle was closed"
                                     : std::to_string(outcome.left_over) + " handles left over";
    if (outcome.leaked > usual.leaked)
        return std::to_string(outcome.leaked - usual.leaked) + " allocations leaked";
    if (*outcome.untraced != '\0') return std::string("the trace is not complete: ") + outcome.untraced;
    if (what.allocation > 0 && (outcome.how == How::no_memory || alike(usual, outcome))) return "";
    if (what.call < 0 || !outcome.has_failed)
        return alike(usual, outcome) ? "" : "expected " + in_words(usual);
    const Expect expect = expected(scenario, what.call, what.error);
    if (is_expected(expect, what.error, usual, outcome)) return "";
    // Some of these the trace asks for by itself, and then nothing comes of it.
    const bool asked = what.call == call_fcntl || what.call == call_getsockname ||
                       what.call == call_getsockopt || what.call == call_poll ||
                       what.call == call_getpeername;
    if (what.trace && asked && alike(usual, outcome)) return "";
    return "expected " + in_words(expect, what.error, usual);
}

std::string in_words(const Outcome& outcome) {
    switch (outcome.how) {
    case How::done: return "done";
    case How::error:
        return std::string("Error(") + outcome.primitive + ", " + error_name(-1, outcome.code) + ")";
    case How::no_memory: return "bad_alloc";
    case How::wrong: return std::string("wrong: ") + outcome.words;
    case How::other: return std::string("exception: ") + outcome.words;
    default: return "no end";
    }
}

std::string in_words(const Case& what) {
    std::string words;
    if (what.call >= 0)
        words = torture_name(what.call) + (" " + std::to_string(what.n)) + ": " +
                error_name(what.call, what.error);
    if (what.allocation > 0)
        words += (words.empty() ? "" : ", ") + ("allocation " + std::to_string(what.allocation)) +
                 (what.lasting ? " and all later ones" : "");
    if (what.byte) words += words.empty() ? "byte by byte" : ", byte by byte";
    if (what.trace) words += words.empty() ? "traced" : ", traced";
    return words.empty() ? "nothing fails" : words;
}

} // namespace torture
