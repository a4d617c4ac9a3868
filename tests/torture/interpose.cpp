// Stand-ins for the system's socket calls: they count, fail when told to, or move one byte at a time, and else hand
// over to the real ones. How they are told: interpose.hpp. They allocate nothing and may be called by any thread.

#include "interpose.hpp"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>

using namespace torture;

namespace {

constexpr const char* names[call_count] = {
    "socket",     "bind",        "listen",     "accept",      "accept4",     "connect",       "send",
    "sendto",     "recv",        "recvfrom",   "recvmsg",     "poll",        "epoll_create1", "epoll_ctl",
    "epoll_wait", "setsockopt",  "getsockopt", "getsockname", "getpeername", "fcntl",         "close",
    "shutdown",   "getaddrinfo", "socketpair", "fstat",
};

// --- what is planned, and what has happened -----------------------------------------------------------

struct Plan {
    std::atomic<int> call{-1};
    std::atomic<long> n{0};
    std::atomic<int> error{0};
    std::atomic<bool> every{false};
};

struct Waiting { // a hook
    std::atomic<Hook> hook{nullptr};
    void* argument = nullptr;
    int call = -1;
    long least = 0;
};

constexpr std::size_t most_plans = 8;
constexpr std::size_t most_made = 8192;
constexpr int most_handles = 4096;

std::atomic<bool> armed{false};
std::atomic<bool> one_byte{false};
std::atomic<bool> has_failed{false};
std::atomic<long> counts[call_count];
Plan plans[most_plans];
Waiting hook;
std::atomic<long> hurry_from{0};
std::atomic<int> hurry_to{0};
Made made[most_made];
std::atomic<std::size_t> made_count{0};
std::atomic<bool> is_epoll[most_handles];

/// The error that this call fails with; 0: none.
int planned(Call call) {
    if (!armed) return 0;
    const long number = ++counts[call];
    for (Plan& plan : plans) {
        if (plan.call != call) continue;
        if (number == plan.n || (plan.every && number > plan.n)) {
            has_failed = true;
            return plan.error;
        }
    }
    return 0;
}

void note(Call call, int handle, int error, bool epoll = false) {
    if (!armed) return;
    const std::size_t place = made_count++;
    if (place < most_made) made[place] = {call, handle, error, epoll};
}

/// Notes how a call has ended, and gives its result.
template <class Result>
Result ended(Call call, int handle, Result result) {
    const int error = errno;
    note(call, handle, result == static_cast<Result>(-1) ? error : 0);
    errno = error;
    return result;
}

int fails(Call call, int handle, int error) {
    note(call, handle, error);
    errno = error;
    return -1;
}

void tell(Call call, long waits = 0) {
    const bool any_wait = hook.call < 0 && (call == call_poll || call == call_epoll_wait);
    const bool meant = hook.call == call || (any_wait && waits >= hook.least);
    if (!armed || !meant) return;
    const Hook found = hook.hook.exchange(nullptr);
    if (!found) return;
    armed = false;
    found(hook.argument);
    armed = true;
}

/// The real one, of the same type as the stand-in.
template <class Function>
Function* real(std::atomic<void*>& kept, Function* /*stand_in*/, const char* name) {
    void* symbol = kept;
    if (!symbol) kept = symbol = ::dlsym(RTLD_NEXT, name);
    Function* found = nullptr;
    std::memcpy(&found, &symbol, sizeof found);
    return found;
}

#define REAL(name)                                                                                           \
    ([] {                                                                                                    \
        static std::atomic<void*> kept{nullptr};                                                             \
        return real(kept, &::name, #name);                                                                   \
    }())

// --- what kind of handle it is ------------------------------------------------------------------------

int type_of(int handle) {
    int type = 0;
    socklen_t size = sizeof type;
    const int error = errno;
    const bool is_socket = ::syscall(SYS_getsockopt, handle, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
    errno = error;
    return is_socket ? type : 0;
}

bool knows_epoll(int handle) { return handle >= 0 && handle < most_handles && is_epoll[handle]; }
bool counts_as_ours(int handle) { return knows_epoll(handle) || type_of(handle) != 0; }

std::size_t cut(int handle, std::size_t size) {
    return armed && one_byte && size > 1 && type_of(handle) == SOCK_STREAM ? 1 : size;
}

int hurried(int time) { return armed && hurry_from > 0 && time >= hurry_from ? hurry_to.load() : time; }

long waiting_of(int time) { return time < 0 ? 0x7fffffff : time; }

// --- the environment ----------------------------------------------------------------------------------

int error_of(const char* name) {
    for (int error = 1; error < 200; ++error) {
        const char* const known = ::strerrorname_np(error);
        if (known && std::strcmp(known, name) == 0) return error;
    }
    return std::atoi(name);
}

[[noreturn]] void refuse(const char* what) {
    std::fprintf(stderr, "TORTURE: not understood: %s\n", what);
    std::_Exit(2);
}

/// One "accept4:3+:ENOMEM".
void plan_from(Plan& plan, char* words) {
    char* const number = std::strchr(words, ':');
    char* const error = number ? std::strchr(number + 1, ':') : nullptr;
    if (!error) refuse(words);
    *number = *error = '\0';
    const int call = torture_call(words);
    char* end = nullptr;
    const long n = std::strtol(number + 1, &end, 10);
    plan.n = n;
    plan.every = *end == '+';
    plan.error = error_of(error + 1);
    if (call < 0 || n < 1 || plan.error == 0) refuse(words);
    plan.call = call;
}

void report() {
    for (int call = 0; call < call_count; ++call)
        if (counts[call] > 0) std::fprintf(stderr, "TORTURE: %s %ld\n", names[call], counts[call].load());
}

__attribute__((constructor)) void read_environment() {
    static char words[1024];
    const char* const given = std::getenv("TORTURE");
    const char* const byte = std::getenv("TORTURE_BYTE");
    one_byte = byte && *byte == '1';
    std::snprintf(words, sizeof words, "%s", given ? given : "");
    std::size_t place = 0;
    char* rest = nullptr;
    for (char* word = ::strtok_r(words, ",", &rest); word; word = ::strtok_r(nullptr, ",", &rest)) {
        if (place == most_plans) refuse("too many");
        plan_from(plans[place++], word);
    }
    if (std::getenv("TORTURE_REPORT")) std::atexit(report);
    armed = given || one_byte;
}

/// The loopback's first two addresses, for a name with several.
struct TwoAddresses {
    addrinfo entries[2];
    sockaddr_in rooms[2];
};
TwoAddresses two;

int find_two(const char* service, addrinfo** found) {
    for (int i = 0; i < 2; ++i) {
        two.rooms[i] = {};
        two.rooms[i].sin_family = AF_INET;
        two.rooms[i].sin_port = htons(static_cast<std::uint16_t>(std::atoi(service)));
        two.rooms[i].sin_addr.s_addr = htonl(0x7f000001 + static_cast<std::uint32_t>(i));
        two.entries[i] = {};
        two.entries[i].ai_family = AF_INET;
        two.entries[i].ai_socktype = SOCK_STREAM;
        two.entries[i].ai_addrlen = sizeof two.rooms[i];
        two.entries[i].ai_addr = reinterpret_cast<sockaddr*>(&two.rooms[i]);
        two.entries[i].ai_next = i == 0 ? &two.entries[1] : nullptr;
    }
    *found = two.entries;
    return 0;
}

/// An interruption leaves a connection under way, and so does "in progress": it is really begun.
int connect_under_way(int handle, const sockaddr* address, socklen_t size, int error) {
    const int flags = REAL(fcntl)(handle, F_GETFL);
    REAL(fcntl)(handle, F_SETFL, flags | O_NONBLOCK);
    const int result = REAL(connect)(handle, address, size);
    const int said = errno;
    REAL(fcntl)(handle, F_SETFL, flags);
    return fails(call_connect, handle, result == 0 || said == EINPROGRESS ? error : said);
}

int close_file(int handle, bool epoll) {
    if (epoll) is_epoll[handle] = false;
    return REAL(close)(handle);
}

int stand_in_fcntl(int handle, int command, void* argument, decltype(::fcntl)* system) {
    if (counts_as_ours(handle))
        if (const int error = planned(call_fcntl)) return fails(call_fcntl, handle, error);
    return ended(call_fcntl, handle, system(handle, command, argument));
}

} // namespace

// --- for the driver -----------------------------------------------------------------------------------

extern "C" {

const char* torture_name(int call) { return names[call]; }

int torture_call(const char* name) {
    for (int call = 0; call < call_count; ++call)
        if (std::strcmp(names[call], name) == 0) return call;
    return -1;
}

void torture_arm(int on) { armed = on != 0; }
int torture_is_armed() { return armed ? 1 : 0; }

void torture_plan(int call, long n, int error, int every) {
    plans[0].n = n;
    plans[0].error = error;
    plans[0].every = every != 0;
    plans[0].call = call;
}

void torture_byte(int on) { one_byte = on != 0; }
long torture_made(int call) { return counts[call]; }
int torture_has_failed() { return has_failed ? 1 : 0; }

std::size_t torture_log(const Made** all) {
    *all = made;
    return made_count < most_made ? made_count.load() : most_made;
}

void torture_before(int call, long least, Hook what, void* argument) {
    hook.argument = argument;
    hook.least = least;
    hook.call = call;
    hook.hook = what;
}

void torture_hurry(long from, int to) {
    hurry_from = from;
    hurry_to = to;
}

void torture_reset() {
    armed = false;
    one_byte = false;
    has_failed = false;
    made_count = 0;
    hurry_from = 0;
    hook.hook = nullptr;
    for (auto& count : counts) count = 0;
    for (Plan& plan : plans) plan.call = -1;
}

// --- the stand-ins ------------------------------------------------------------------------------------

int socket(int domain, int type, int protocol) noexcept {
    if (const int error = planned(call_socket)) return fails(call_socket, -1, error);
    const int handle = REAL(socket)(domain, type, protocol);
    return ended(call_socket, handle, handle);
}

int socketpair(int domain, int type, int protocol, int* ends) noexcept {
    if (const int error = planned(call_socketpair)) return fails(call_socketpair, -1, error);
    const int result = REAL(socketpair)(domain, type, protocol, ends);
    return ended(call_socketpair, result == 0 ? ends[0] : -1, result);
}

int fstat(int handle, struct stat* status) noexcept {
    if (!counts_as_ours(handle)) return REAL(fstat)(handle, status);
    if (const int error = planned(call_fstat)) return fails(call_fstat, handle, error);
    return ended(call_fstat, handle, REAL(fstat)(handle, status));
}

int bind(int handle, const sockaddr* address, socklen_t size) noexcept {
    if (const int error = planned(call_bind)) return fails(call_bind, handle, error);
    return ended(call_bind, handle, REAL(bind)(handle, address, size));
}

int listen(int handle, int backlog) noexcept {
    if (const int error = planned(call_listen)) return fails(call_listen, handle, error);
    return ended(call_listen, handle, REAL(listen)(handle, backlog));
}

int accept(int handle, sockaddr* address, socklen_t* size) {
    tell(call_accept);
    if (const int error = planned(call_accept)) return fails(call_accept, handle, error);
    const int client = REAL(accept)(handle, address, size);
    return ended(call_accept, client, client);
}

int accept4(int handle, sockaddr* address, socklen_t* size, int flags) {
    tell(call_accept4);
    if (const int error = planned(call_accept4)) return fails(call_accept4, handle, error);
    const int client = REAL(accept4)(handle, address, size, flags);
    return ended(call_accept4, client, client);
}

int connect(int handle, const sockaddr* address, socklen_t size) {
    tell(call_connect);
    const int error = planned(call_connect);
    const bool stream = error != 0 && type_of(handle) == SOCK_STREAM;
    if (address->sa_family != AF_UNIX && (error == EINTR || (stream && error == EINPROGRESS)))
        return connect_under_way(handle, address, size, error);
    if (error != 0) return fails(call_connect, handle, error);
    return ended(call_connect, handle, REAL(connect)(handle, address, size));
}

ssize_t send(int handle, const void* bytes, size_t size, int flags) {
    tell(call_send);
    if (const int error = planned(call_send)) return fails(call_send, handle, error);
    return ended(call_send, handle, REAL(send)(handle, bytes, cut(handle, size), flags));
}

ssize_t sendto(int handle, const void* bytes, size_t size, int flags, const sockaddr* peer, socklen_t room) {
    tell(call_sendto);
    if (const int error = planned(call_sendto)) return fails(call_sendto, handle, error);
    return ended(call_sendto, handle, REAL(sendto)(handle, bytes, cut(handle, size), flags, peer, room));
}

ssize_t recv(int handle, void* buffer, size_t size, int flags) {
    tell(call_recv);
    if (const int error = planned(call_recv)) return fails(call_recv, handle, error);
    return ended(call_recv, handle, REAL(recv)(handle, buffer, cut(handle, size), flags));
}

ssize_t recvfrom(int handle, void* buffer, size_t size, int flags, sockaddr* sender, socklen_t* room) {
    tell(call_recvfrom);
    if (const int error = planned(call_recvfrom)) return fails(call_recvfrom, handle, error);
    return ended(call_recvfrom, handle,
                 REAL(recvfrom)(handle, buffer, cut(handle, size), flags, sender, room));
}

ssize_t recvmsg(int handle, msghdr* message, int flags) {
    tell(call_recvmsg);
    if (const int error = planned(call_recvmsg)) return fails(call_recvmsg, handle, error);
    return ended(call_recvmsg, handle, REAL(recvmsg)(handle, message, flags));
}

int poll(pollfd* entries, nfds_t count, int time) {
    tell(call_poll, waiting_of(time));
    if (count > 0 && counts_as_ours(entries[0].fd))
        if (const int error = planned(call_poll)) return fails(call_poll, entries[0].fd, error);
    return ended(call_poll, count > 0 ? entries[0].fd : -1, REAL(poll)(entries, count, hurried(time)));
}

int epoll_create1(int flags) noexcept {
    if (const int error = planned(call_epoll_create1)) return fails(call_epoll_create1, -1, error);
    const int handle = REAL(epoll_create1)(flags);
    if (handle >= 0 && handle < most_handles) is_epoll[handle] = true;
    return ended(call_epoll_create1, handle, handle);
}

int epoll_ctl(int epoll, int operation, int handle, epoll_event* event) noexcept {
    if (const int error = planned(call_epoll_ctl)) return fails(call_epoll_ctl, handle, error);
    return ended(call_epoll_ctl, handle, REAL(epoll_ctl)(epoll, operation, handle, event));
}

int epoll_wait(int epoll, epoll_event* events, int room, int time) {
    tell(call_epoll_wait, waiting_of(time));
    if (const int error = planned(call_epoll_wait)) return fails(call_epoll_wait, epoll, error);
    return ended(call_epoll_wait, epoll, REAL(epoll_wait)(epoll, events, room, hurried(time)));
}

int setsockopt(int handle, int level, int name, const void* value, socklen_t size) noexcept {
    if (const int error = planned(call_setsockopt)) return fails(call_setsockopt, handle, error);
    return ended(call_setsockopt, handle, REAL(setsockopt)(handle, level, name, value, size));
}

int getsockopt(int handle, int level, int name, void* value, socklen_t* size) noexcept {
    if (const int error = planned(call_getsockopt)) return fails(call_getsockopt, handle, error);
    return ended(call_getsockopt, handle, REAL(getsockopt)(handle, level, name, value, size));
}

int getsockname(int handle, sockaddr* address, socklen_t* size) noexcept {
    if (const int error = planned(call_getsockname)) return fails(call_getsockname, handle, error);
    return ended(call_getsockname, handle, REAL(getsockname)(handle, address, size));
}

int getpeername(int handle, sockaddr* address, socklen_t* size) noexcept {
    if (const int error = planned(call_getpeername)) return fails(call_getpeername, handle, error);
    return ended(call_getpeername, handle, REAL(getpeername)(handle, address, size));
}

int fcntl(int handle, int command, ...) {
    va_list rest;
    va_start(rest, command);
    void* const argument = va_arg(rest, void*);
    va_end(rest);
    return stand_in_fcntl(handle, command, argument, REAL(fcntl));
}

int fcntl64(int handle, int command, ...) {
    va_list rest;
    va_start(rest, command);
    void* const argument = va_arg(rest, void*);
    va_end(rest);
    return stand_in_fcntl(handle, command, argument, REAL(fcntl64));
}

int close(int handle) {
    const bool epoll = knows_epoll(handle);
    if (!epoll && type_of(handle) == 0) return REAL(close)(handle);
    if (const int error = planned(call_close)) { // the handle is gone all the same
        close_file(handle, epoll);
        note(call_close, handle, error, epoll);
        errno = error;
        return -1;
    }
    const int result = close_file(handle, epoll);
    const int error = errno;
    note(call_close, handle, result == 0 ? 0 : error, epoll);
    errno = error;
    return result;
}

int shutdown(int handle, int how) noexcept {
    if (const int error = planned(call_shutdown)) return fails(call_shutdown, handle, error);
    return ended(call_shutdown, handle, REAL(shutdown)(handle, how));
}

/// The name "two.test" has two addresses, wherever it is asked for; no name server hears of it.
int getaddrinfo(const char* host, const char* service, const addrinfo* wanted, addrinfo** found) {
    if (const int error = planned(call_getaddrinfo)) {
        note(call_getaddrinfo, -1, error);
        errno = EIO; // for EAI_SYSTEM
        return error;
    }
    const bool ours = host && std::strcmp(host, "two.test") == 0;
    const int result = ours ? find_two(service, found) : REAL(getaddrinfo)(host, service, wanted, found);
    note(call_getaddrinfo, -1, result);
    return result;
}

void freeaddrinfo(addrinfo* first) noexcept {
    if (first != two.entries) REAL(freeaddrinfo)(first);
}

} // extern "C"
