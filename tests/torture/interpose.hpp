/// @file
/// @brief The stand-ins for the system's socket calls: how the driver tells them what shall fail.
///
/// A program that was not made for it is told by its environment, with the library in LD_PRELOAD:
///
///     TORTURE=accept4:3:ENOMEM      the third accept4 fails with ENOMEM; several are separated by commas
///     TORTURE=accept4:3+:ENOMEM     every one from the third on
///     TORTURE_BYTE=1                every send and recv of a stream moves one byte
///     TORTURE_REPORT=1              how many calls were made, on standard error, as the program ends
#pragma once

#include <cstddef>
#include <cstdint>

namespace torture {

/// Every call that is stood in for. `accept4` and `accept` are two, and so are `recvfrom` and `recvmsg`.
enum Call : int {
    call_socket,
    call_bind,
    call_listen,
    call_accept,
    call_accept4,
    call_connect,
    call_send,
    call_sendto,
    call_recv,
    call_recvfrom,
    call_recvmsg,
    call_poll,
    call_epoll_create1,
    call_epoll_ctl,
    call_epoll_wait,
    call_setsockopt,
    call_getsockopt,
    call_getsockname,
    call_getpeername,
    call_fcntl,
    call_close,
    call_shutdown,
    call_getaddrinfo,
    call_socketpair,
    call_fstat,
    call_count
};

/// A call that was made while armed.
struct Made {
    int call;
    int handle; ///< What it was about; of socket and accept what they gave, of socketpair the first one.
    int error;  ///< 0: it went well. Of getaddrinfo its own number.
    bool epoll; ///< A close: of an epoll instance.
};

using Hook = void (*)(void* argument);

} // namespace torture

extern "C" {

/// The name of a call, and the call of a name (-1: none).
const char* torture_name(int call);
int torture_call(const char* name);

/// From now on calls are counted, written down, and fail as planned; 0: they do not.
void torture_arm(int on);
int torture_is_armed();

/// The n-th call (from 1 on) fails with @p error; @p every: the later ones too. Replaces what was planned.
void torture_plan(int call, long n, int error, int every);

/// Every transfer of a stream moves one byte.
void torture_byte(int on);

/// How many calls were made while armed.
long torture_made(int call);

/// Whether what was planned has happened.
int torture_has_failed();

/// What was made, in its order; gives how many.
std::size_t torture_log(const torture::Made** made);

/// Calls @p hook once, unarmed, before the next armed @p call; -1: before the next poll or epoll_wait that would wait
/// for @p least milliseconds or longer. nullptr: no more.
void torture_before(int call, long least, torture::Hook hook, void* argument);

/// Waits of poll and epoll_wait that are this long are cut to @p to.
void torture_hurry(long from, int to);

/// Everything forgotten: counts, log, plan, hooks; not armed.
void torture_reset();

} // extern "C"
