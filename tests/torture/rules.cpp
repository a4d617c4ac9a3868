// Which errors a call may give (its manual page, Linux), and what the library makes of them.

#include "scene.hpp"

#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <map>

namespace torture {

namespace {

using Errors = std::vector<int>;

const std::map<int, Errors>& manual_pages() {
    static const std::map<int, Errors> pages = {
        {call_socket, {EACCES, EAFNOSUPPORT, EINVAL, EMFILE, ENFILE, EPROTONOSUPPORT}},
        {call_bind,
         {EACCES, EADDRINUSE, EBADF, EINVAL, ENOTSOCK, EADDRNOTAVAIL, EFAULT, ELOOP, ENAMETOOLONG, ENOENT,
          ENOTDIR, EROFS}},
        {call_listen, {EADDRINUSE, EBADF, ENOTSOCK, EOPNOTSUPP}},
        {call_accept4,
         {EBADF, ECONNABORTED, EFAULT, EINVAL, EMFILE, ENFILE, ENOTSOCK, EOPNOTSUPP, EPERM, EPROTO, ENETDOWN,
          ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT}},
        {call_connect,
         {EACCES, EPERM, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EALREADY, EBADF, ECONNREFUSED, EFAULT,
          EINPROGRESS, EISCONN, ENETUNREACH, EHOSTUNREACH, ENOTSOCK, EPROTOTYPE, ETIMEDOUT}},
        {call_send,
         {EACCES, EALREADY, EBADF, ECONNRESET, EDESTADDRREQ, EFAULT, EINVAL, EISCONN, EMSGSIZE, ENOTCONN,
          ENOTSOCK, EOPNOTSUPP, EPIPE, ENETUNREACH}},
        {call_recv, {EBADF, ECONNREFUSED, ECONNRESET, EFAULT, EINVAL, ENOTCONN, ENOTSOCK, ETIMEDOUT}},
        {call_poll, {EFAULT, EINVAL}},
        {call_epoll_create1, {EINVAL, EMFILE, ENFILE}},
        {call_epoll_ctl, {EBADF, EEXIST, EINVAL, ELOOP, ENOENT, ENOSPC, EPERM}},
        {call_epoll_wait, {EBADF, EFAULT, EINVAL}},
        {call_setsockopt, {EBADF, EFAULT, EINVAL, ENOPROTOOPT, ENOTSOCK, EDOM, EPERM}},
        {call_getsockopt, {EBADF, EFAULT, EINVAL, ENOPROTOOPT, ENOTSOCK}},
        {call_getsockname, {EBADF, EFAULT, EINVAL, ENOTSOCK}},
        {call_getpeername, {EBADF, EFAULT, EINVAL, ENOTCONN, ENOTSOCK}},
        {call_fcntl, {EACCES, EBADF, EINVAL, EPERM}},
        {call_close, {EBADF, EIO, ENOSPC, EDQUOT}},
        {call_shutdown, {EBADF, EINVAL, ENOTCONN, ENOTSOCK}},
        {call_socketpair, {EAFNOSUPPORT, EFAULT, EMFILE, ENFILE, EOPNOTSUPP, EPROTONOSUPPORT}},
        {call_fstat, {EBADF, EFAULT, EOVERFLOW}},
    };
    return pages;
}

/// Calls that say the same.
int page_of(int call) {
    if (call == call_accept) return call_accept4;
    if (call == call_sendto) return call_send;
    if (call == call_recvfrom || call == call_recvmsg) return call_recv;
    return call;
}

bool matches(const char* pattern, int call) {
    const std::size_t size = std::strlen(pattern);
    if (size > 0 && pattern[size - 1] == '*') return std::strncmp(pattern, torture_name(call), size - 1) == 0;
    return std::strcmp(pattern, torture_name(call)) == 0;
}

/// Errors of accept that belong to one client who has gone again: accept(2), "Error handling".
bool is_of_one_client(int error) {
    const Errors passing = {ECONNABORTED, ECONNRESET, EPROTO,      ENETUNREACH, EHOSTUNREACH,
                            ENETDOWN,     EHOSTDOWN,  ENOPROTOOPT, ENONET};
    return std::find(passing.begin(), passing.end(), error) != passing.end();
}

/// A blocking socket that would block has been given a limit of the system's own (SO_RCVTIMEO), and that is over.
Expect transfer(const char* primitives, int error) {
    if (error == EINTR) return same();
    return fails(primitives, error == EAGAIN ? ETIMEDOUT : 0);
}

Expect connection(int error) {
    if (error == EINTR) return same();
    // Not to the end, though nobody has set a limit: the system's own (SO_SNDTIMEO) is over.
    if (error == EINPROGRESS) return fails("connect", ETIMEDOUT);
    return error == EAGAIN ? fails("connect", EAGAIN, ETIMEDOUT) : fails("connect");
}

/// What getaddrinfo says is none of errno's.
Expect lookup(int error) {
    if (error == EAI_MEMORY) return fails("getaddrinfo", ENOMEM);
    if (error == EAI_NONAME) return fails("getaddrinfo", resolve_code + 1);
    if (error == EAI_AGAIN) return fails("getaddrinfo", resolve_code + 2);
    return fails("getaddrinfo", EIO); // EAI_SYSTEM: the stand-in says so in errno
}

/// Calls that wait for nothing are never interrupted; if they were, going on and saying so are both right.
Expect at_once(const char* primitives, int error) {
    return error == EINTR ? may_fail(primitives) : fails(primitives);
}

/// What holds for every scenario that says nothing else.
Expect usual(const Scenario& scenario, int call, int error) {
    switch (call) {
    case call_socket: return at_once("socket", error);
    case call_bind: return at_once("bind", error);
    case call_listen: return at_once("listen", error);
    case call_accept:
    case call_accept4: return is_of_one_client(error) ? same() : transfer("accept", error);
    case call_connect: return connection(error);
    case call_send: return transfer("send", error);
    case call_sendto: return transfer("send_to", error);
    case call_recv: return transfer("recv", error);
    case call_recvfrom: return transfer("recv_from", error);
    case call_recvmsg: return transfer("recv|recv_from", error);
    case call_shutdown: return at_once("shutdown", error);
    case call_socketpair: return at_once("pair", error);
    case call_getaddrinfo: return lookup(error);
    // Nobody is left to hear what a destructor could say.
    case call_close: return same();
    // An Error's sentence names addresses; without them it is the same Error.
    case call_getsockname:
    case call_getpeername: return same();
    // A Selector by poll asks who it is that has this number; if it cannot be told, it is who had it.
    case call_fstat: return same();
    case call_poll:
    case call_epoll_wait: return error == EINTR ? same() : fails(scenario.subject);
    case call_setsockopt: return at_once("set_option", error);
    default: return at_once(scenario.subject, error); // a step of the method that was called
    }
}

struct Known {
    const char* scenario; ///< How its name begins.
    const char* call;     ///< "*": any, or none.
    const char* shows;    ///< What stands in the line about it.
    const char* reason;
};

/// What the library does not do yet. The driver counts these, and does not fail for them.
const std::vector<Known>& known_faults() {
    static const std::vector<Known> faults = {};
    return faults;
}

} // namespace

const std::vector<int>& errors_of(int call) {
    static std::map<int, Errors> complete;
    Errors& errors = complete[call];
    if (!errors.empty()) return errors;
    if (call == call_getaddrinfo) return errors = {EAI_AGAIN, EAI_FAIL, EAI_MEMORY, EAI_NONAME, EAI_SYSTEM};
    errors = manual_pages().at(page_of(call));
    for (const int error : {EINTR, EAGAIN, ENOMEM, ENOBUFS}) {
        const bool of_locks = call == call_fcntl && (error == EINTR || error == EAGAIN); // not of the mode
        if (!of_locks) errors.push_back(error);
    }
    return errors;
}

Expect expected(const Scenario& scenario, int call, int error) {
    for (const Rule& rule : scenario.rules)
        if (matches(rule.call, call) && (rule.error == 0 || rule.error == error)) return rule.expect;
    return usual(scenario, call, error);
}

int known_fault(const Scenario& scenario, int call, const std::string& line) {
    const std::vector<Known>& faults = known_faults();
    for (std::size_t i = 0; i < faults.size(); ++i) {
        const Known& fault = faults[i];
        const bool any = std::strcmp(fault.call, "*") == 0;
        const bool meant = any || (call >= 0 && matches(fault.call, call));
        if (meant && scenario.name.rfind(fault.scenario, 0) == 0 &&
            line.find(fault.shows) != std::string::npos)
            return static_cast<int>(i);
    }
    return -1;
}

const char* known_reason(int number) {
    const bool is = number >= 0 && static_cast<std::size_t>(number) < known_faults().size();
    return is ? known_faults()[static_cast<std::size_t>(number)].reason : nullptr;
}

std::string error_name(int call, int error) {
    if (call == call_getaddrinfo) return ::gai_strerror(error);
    if (error > resolve_code)
        return make_error_code(static_cast<ResolveErrc>(error - resolve_code)).message();
    const char* const name = ::strerrorname_np(error);
    return name ? name : std::to_string(error);
}

Scenarios all_scenarios() {
    Scenarios all;
    add_opening(all);
    add_accepting(all);
    add_connecting(all);
    add_connecting_further(all);
    add_streams(all);
    add_limits(all);
    add_datagrams(all);
    add_options(all);
    add_selector(all);
    add_lines(all);
    add_above(all);
    return all;
}

} // namespace torture
