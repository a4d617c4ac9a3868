// Selector: one thread waits for many sockets. On Linux by epoll, elsewhere, and in the portable build, by poll.

#include "support.hpp"

#include <cstdlib>
#include <new>
#include <sstream>
#include <type_traits>

#ifndef _WIN32
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>

#include <cerrno>
#endif
#ifdef __gnu_linux__
#include <poll.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#endif

using namespace support;

static_assert(!std::is_copy_constructible_v<Selector> && !std::is_copy_assignable_v<Selector>);
static_assert(std::is_nothrow_move_constructible_v<Selector> && std::is_nothrow_move_assignable_v<Selector>);
static_assert(std::is_aggregate_v<Ready> && std::is_trivially_copyable_v<Ready>);
static_assert(std::is_same_v<decltype(std::declval<Selector&>().select()),
                             decltype(std::declval<Selector&>().select(soon))> &&
              std::is_same_v<decltype(std::declval<Selector&>().select()), const std::vector<Ready>&>);
static_assert(detail::poll_time(0) == 0 && detail::poll_time(7) == 7);
static_assert(detail::poll_time(milliseconds::max().count()) == -1);
static_assert(detail::poll_time(1LL + INT_MAX) == INT_MAX, "not cut to an int");
static_assert(detail::poll_time(milliseconds::max().count() - 1) == INT_MAX);

// --- stand-ins ----------------------------------------------------------------------------------------

namespace {

std::size_t allocations = 0;

#if defined(__linux__) || defined(__gnu_linux__)
constexpr bool on_linux = true;
#else
constexpr bool on_linux = false;
#endif
#ifdef __linux__
constexpr bool kept_by_system = true; // epoll
#else
constexpr bool kept_by_system = false;
#endif

} // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

#ifdef __gnu_linux__ // the real calls behind the stand-ins are reached by their numbers

namespace {

struct Calls {
    int creates = 0;
    int controls = 0;
    int waits = 0;
    int last_time = 0;
} calls;

int create_error = 0;        // what the next epoll_create1 fails with
int created = -1;            // what the last one gave
int control_error = 0;       // what the next epoll_ctl fails with
int wait_error = 0;          // what the next wait fails with
int time_is_over = 0;        // so many waits come back as if their time had run out
unsigned instead_of_all = 0; // what every ready socket has, instead of what it has

/// Whether the wait is not to happen; its result is then in @p result.
bool stands_in(int time, int& result) {
    ++calls.waits;
    calls.last_time = time;
    if (wait_error != 0) {
        errno = std::exchange(wait_error, 0);
        result = -1;
        return true;
    }
    result = 0;
    return time_is_over > 0 && time_is_over-- > 0;
}

/// The thread sanitizer keeps signals back until one of the calls that it knows; the stand-ins are none.
void let_signals_in() {
    const int error = errno;
    (void)::usleep(0);
    errno = error;
}

} // namespace

extern "C" {

int epoll_create1(int flags) SYSTEM_NOEXCEPT {
    ++calls.creates;
    if (create_error != 0) {
        errno = std::exchange(create_error, 0);
        return -1;
    }
    created = static_cast<int>(::syscall(SYS_epoll_create1, flags));
    return created;
}

int epoll_ctl(int epoll, int operation, int handle, epoll_event* event) SYSTEM_NOEXCEPT {
    ++calls.controls;
    if (control_error != 0) {
        errno = std::exchange(control_error, 0);
        return -1;
    }
    return static_cast<int>(::syscall(SYS_epoll_ctl, epoll, operation, handle, event));
}

int epoll_wait(int epoll, epoll_event* events, int size, int time) {
    int result = 0;
    if (stands_in(time, result)) return result;
    result = static_cast<int>(::syscall(SYS_epoll_pwait, epoll, events, size, time, nullptr, 8));
    if (result < 0) let_signals_in();
    for (int i = 0; i < result; ++i)
        if (instead_of_all != 0) events[i].events = instead_of_all;
    return result;
}

int poll(pollfd* entries, nfds_t count, int time) {
    int result = 0;
    if (stands_in(time, result)) return result;
    const timespec limit{time / 1000, time % 1000 * 1000000L};
    result = static_cast<int>(::syscall(SYS_ppoll, entries, count, time < 0 ? nullptr : &limit, nullptr, 8));
    if (result < 0) let_signals_in();
    for (nfds_t i = 0; i < count; ++i)
        if (instead_of_all != 0 && entries[i].revents != 0)
            entries[i].revents = static_cast<short>(instead_of_all);
    return result;
}

} // extern "C"

#endif

namespace {

/// The result that is about @p socket; one that is ready for nothing if there is none.
template <class S>
Ready about(const std::vector<Ready>& all, const S& socket) {
    for (const Ready& ready : all)
        if (ready.is(socket)) return ready;
    return {detail::no_handle, false, false};
}

/// What a result says, to compare it at a glance.
std::string said(const Ready& ready) {
    return std::string(ready.readable ? "r" : "-") + (ready.writable ? "w" : "-");
}

/// Fills what the system holds for the peer, so that there is no room.
void fill(TcpSocket& socket) {
    const std::string much(1 << 20, 'x');
    do {
        while (socket.try_send(much)) {}
    } while (socket.wait_writable(milliseconds(50)));
}

} // namespace

// --- who is ready -------------------------------------------------------------------------------------

TEST_CASE("select: says which sockets have something, and only those") {
    for (const Family family : ip_families()) {
        Connection first = connection(family);
        Connection second = connection(family);
        Connection third = connection(family);
        Selector selector;
        for (const Connection* both : {&first, &second, &third}) selector.add(both->server);
        CHECK(selector.select(milliseconds(0)).empty());

        second.client.send("x");
        const std::vector<Ready>& ready = selector.select(patience);
        REQUIRE(ready.size() == 1);
        CHECK(ready[0].handle == second.server.native_handle());
        CHECK(ready[0].is(second.server));
        CHECK(!ready[0].is(first.server));
        CHECK(said(ready[0]) == "r-");

        third.client.send("y");
        REQUIRE(third.server.wait_readable(patience));
        CHECK(&selector.select() == &ready);
        REQUIRE(ready.size() == 2);
        CHECK(said(about(ready, second.server)) == "r-");
        CHECK(said(about(ready, third.server)) == "r-");
    }
}

TEST_CASE("select: takes every class of socket") {
    for (const Family family : ip_families()) {
        TcpListener listener(Address::loopback(0, family));
        TcpSocket client(family);
        Socket generic(family, Type::datagram);
        generic.bind(Address::loopback(0, family));
        UdpSocket datagrams(Address::loopback(0, family));
        Selector selector;
        selector.add(listener);
        selector.add(generic);
        selector.add(datagrams);
        CHECK(selector.select(milliseconds(0)).empty());

        client.connect(listener.local_address(), patience);
        CHECK(selector.select(patience).size() == 1);
        CHECK(said(about(selector.select(patience), listener)) == "r-");
        selector.add(client, Interest::read_write);
        CHECK(said(about(selector.select(patience), client)) == "-w");
        auto accepted = listener.accept(patience);
        REQUIRE(accepted);
        CHECK(!about(selector.select(patience), listener).readable);
        accepted->socket.send("x");
        REQUIRE(client.wait_readable(patience));
        CHECK(said(about(selector.select(patience), client)) == "rw");

        datagrams.send_to("x", generic.local_address());
        generic.send_to("x", datagrams.local_address());
        REQUIRE(generic.wait_readable(patience));
        REQUIRE(datagrams.wait_readable(patience));
        CHECK(selector.select().size() == 3);
        CHECK(said(about(selector.select(), generic)) == "r-");
        CHECK(said(about(selector.select(), datagrams)) == "r-");
    }
}

TEST_CASE("select: an empty datagram is something") {
    UdpSocket server(Address::loopback(0));
    UdpSocket client;
    Selector selector;
    selector.add(server);
    client.send_to("", server.local_address());
    CHECK(said(about(selector.select(patience), server)) == "r-");
    CHECK(server.try_recv_from()->data.empty());
    CHECK(selector.select(milliseconds(0)).empty());
}

TEST_CASE("select: only what was asked for") {
    Connection both = connection();
    both.client.send("x");
    REQUIRE(both.server.wait_readable(patience));
    Selector selector;
    selector.add(both.server, Interest::write);
    CHECK(said(about(selector.select(patience), both.server)) == "-w");
    selector.modify(both.server, Interest::read);
    CHECK(said(about(selector.select(patience), both.server)) == "r-");
    selector.modify(both.server, Interest::read_write);
    CHECK(said(about(selector.select(patience), both.server)) == "rw");
    CHECK(both.server.recv(1) == "x");
    CHECK(said(about(selector.select(patience), both.server)) == "-w");
    selector.modify(both.server, Interest::read);
    CHECK(selector.select(milliseconds(0)).empty());
}

TEST_CASE("select: as long as something is there, it says so") {
    Connection both = connection();
    both.client.send("ab");
    Selector selector;
    selector.add(both.server);
    for (int i = 0; i < 3; ++i) CHECK(selector.select(patience).size() == 1);
    CHECK(both.server.recv(1) == "a");
    CHECK(selector.select(patience).size() == 1);
    CHECK(both.server.recv(1) == "b");
    CHECK(selector.select(milliseconds(0)).empty());
}

TEST_CASE("select: what it gives is valid until the next one") {
    Connection first = connection();
    Connection second = connection();
    Connection third = connection();
    first.client.send("x");
    second.client.send("x");
    REQUIRE(first.server.wait_readable(patience));
    REQUIRE(second.server.wait_readable(patience));
    Selector selector;
    selector.add(first.server);
    selector.add(second.server);
    const std::vector<Ready>& ready = selector.select(patience);
    REQUIRE(ready.size() == 2);
    const Ready* data = ready.data();
    selector.add(third.server);
    selector.modify(first.server, Interest::read_write);
    selector.remove(second.server);
    CHECK(ready.size() == 2);
    CHECK(ready.data() == data);
    CHECK(said(about(ready, first.server)) == "r-");
    CHECK(said(about(ready, second.server)) == "r-");
    CHECK(said(about(selector.select(patience), first.server)) == "rw");
    CHECK(ready.size() == 1);
    third.client.send("x");
}

TEST_CASE("remove: it is waited for no more, and may come again") {
    Connection first = connection();
    Connection second = connection();
    first.client.send("x");
    second.client.send("x");
    REQUIRE(first.server.wait_readable(patience));
    REQUIRE(second.server.wait_readable(patience));
    Selector selector;
    selector.add(first.server);
    selector.add(second.server);
    selector.remove(first.server);
    CHECK(selector.select(patience).size() == 1);
    CHECK(said(about(selector.select(patience), second.server)) == "r-");
    selector.add(first.server);
    CHECK(selector.select(patience).size() == 2);
    selector.remove(second.server);
    CHECK(selector.select(patience).size() == 1);
    CHECK(said(about(selector.select(patience), first.server)) == "r-");
    first.server.recv(1); // the socket itself is left alone
}

TEST_CASE("is: about this socket alone, never about a closed one") {
    Connection both = connection();
    Selector selector;
    selector.add(both.server, Interest::write);
    const Ready ready = selector.select(patience).at(0);
    CHECK(ready.is(both.server));
    CHECK(!ready.is(both.client));
    both.server.close();
    CHECK(!ready.is(both.server));
    CHECK(!Ready{detail::no_handle, true, true}.is(both.server));
}

// --- the end and errors -------------------------------------------------------------------------------

TEST_CASE("select: the peer's end makes it readable") {
    for (const bool half : {true, false}) {
        Connection both = connection();
        Selector selector;
        selector.add(both.server);
        if (half) both.client.shutdown();
        else both.client.close();
        CHECK(said(about(selector.select(patience), both.server)) == "r-");
        CHECK(both.server.try_recv(1) == std::optional<std::string>(""));
    }
}

#ifdef __gnu_linux__ // by poll too; elsewhere the system may say so as long as it lasts, or not at all

TEST_CASE("select: the peer's end wakes who has no room and waits for it alone, once") {
    Connection both = connection();
    fill(both.server);
    Selector selector;
    selector.add(both.server, Interest::write);
    CHECK(selector.select(milliseconds(0)).empty());
    both.client.shutdown();
    CHECK(said(about(selector.select(patience), both.server)) == "-w");
    CHECK(selector.select(soon).empty()); // or a server would spin until the peer reads on
    selector.modify(both.server, Interest::read_write);
    for (int i = 0; i < 2; ++i) CHECK(said(about(selector.select(patience), both.server)) == "r-");
    CHECK(both.server.recv(1).empty());
    selector.modify(both.server, Interest::write);
    CHECK(said(about(selector.select(patience), both.server)) == "-w");
    CHECK(selector.select(milliseconds(0)).empty());
    while (both.client.try_recv(1 << 20)) {} // room again
    CHECK(said(about(selector.select(patience), both.server)) == "-w");
    CHECK(both.server.try_send("x"));
    CHECK(selector.select(patience).size() == 1); // as long as there is room
}

#endif

TEST_CASE("select: a reset wakes whatever was asked") {
    for (const Interest interest : {Interest::read, Interest::write, Interest::read_write}) {
        Connection both = connection();
        fill(both.server);
        Selector selector;
        selector.add(both.server, interest);
        REQUIRE(selector.select(milliseconds(0)).empty());
        reset(both.client);
        const std::string wanted = interest == Interest::read    ? "r-"
                                   : interest == Interest::write ? "-w"
                                                                 : "rw";
        CHECK(said(about(selector.select(patience), both.server)) == wanted);
        const Error error = error_of([&] { (void)both.server.try_recv(1); });
        CAPTURE(error);
        if (under_wine()) continue; // which may have forgotten the error
        CHECK((error.code() == std::errc::connection_reset || error.code() == std::errc::connection_aborted));
    }
}

TEST_CASE("select: a connect under way makes it writable when it has succeeded") {
    Busy busy;
    TcpSocket client;
    client.set_blocking(false);
    const Error error = error_of([&] { client.connect(busy.address()); });
    CAPTURE(error);
    REQUIRE(error.code() == std::errc::operation_in_progress);
    Selector selector;
    selector.add(client, Interest::write);
    CHECK(selector.select(milliseconds(0)).empty());
    // One that is refused makes room in the queue for the handshake to be tried again.
    while (busy.listener().try_accept()) {}
    CHECK(said(about(selector.select(patience), client)) == "-w");
    CHECK(client.option<int>(SOL_SOCKET, SO_ERROR) == 0);
    CHECK(client.remote_address() == busy.address());
}

TEST_CASE("select: a connect under way makes it writable when it has failed") {
    if (under_wine()) return; // and Windows 10 before version 2004: WSAPoll does not report it
    const Nobody nobody;
    Socket client(Family::ipv4, Type::stream);
    client.set_blocking(false);
    const Error error = error_of([&] { client.connect(nobody.address()); });
    if (error.code() != std::errc::operation_in_progress) return; // told at once, by some systems
    Selector selector;
    selector.add(client, Interest::write);
    CHECK(said(about(selector.select(patience), client)) == "-w");
    CHECK(std::error_code(client.option<int>(SOL_SOCKET, SO_ERROR), detail::category()) ==
          std::errc::connection_refused);
}

#ifndef _WIN32 // under Wine no ICMP message comes

TEST_CASE("select: an unreachable UDP peer makes it readable") {
    UdpSocket client;
    {
        const UdpSocket gone(Address::loopback(0));
        client.connect(gone.local_address());
    }
    Selector selector;
    selector.add(client);
    client.send("x");
    CHECK(said(about(selector.select(patience), client)) == "r-");
    CHECK(error_of([&] { client.recv(1); }).code() == std::errc::connection_refused);
}

#endif

#ifdef __gnu_linux__

TEST_CASE("select: an error or a hang-up alone wakes whatever was asked") {
    Connection both = connection();
    for (const unsigned event : {unsigned{EPOLLERR}, unsigned{EPOLLHUP}, unsigned{EPOLLERR | EPOLLHUP}}) {
        Selector selector;
        selector.add(both.client, Interest::write);
        instead_of_all = event;
        CHECK(said(about(selector.select(patience), both.client)) == "-w");
        selector.modify(both.client, Interest::read_write);
        CHECK(said(about(selector.select(patience), both.client)) == "rw");
        instead_of_all = 0;
        both.server.send("x");
        REQUIRE(both.client.wait_readable(patience));
        selector.modify(both.client, Interest::read);
        instead_of_all = event;
        CHECK(said(about(selector.select(patience), both.client)) == "r-");
        instead_of_all = 0;
        (void)both.client.recv(1);
    }
}

#endif

#ifndef _WIN32 // Wine has no AF_UNIX

TEST_CASE("select: local sockets too") {
    int ends[2] = {-1, -1};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    Socket here = Socket::adopt(ends[0]);
    Socket there = Socket::adopt(ends[1]);
    Selector selector;
    selector.add(here);
    CHECK(selector.select(milliseconds(0)).empty());
    there.send("x");
    CHECK(said(about(selector.select(patience), here)) == "r-");
    CHECK(here.recv(1) == "x");
    there.close();
    CHECK(said(about(selector.select(patience), here)) == "r-");
    CHECK(here.recv(1).empty());
}

#endif

// --- time ---------------------------------------------------------------------------------------------

TEST_CASE("select: empty when the time runs out") {
    Connection both = connection();
    Selector selector;
    for (const bool somebody : {false, true}) {
        if (somebody) selector.add(both.server);
        const auto start = std::chrono::steady_clock::now();
        CHECK(selector.select(soon).empty());
        CHECK(std::chrono::steady_clock::now() - start >= soon);
    }
    both.client.send("x");
    CHECK(selector.select(patience).size() == 1);
    both.server.recv(1);
    CHECK(selector.select(milliseconds(0)).empty()); // and what was there before is gone
}

TEST_CASE("select: a negative time is an Error") {
    Connection both = connection();
    Selector selector;
    for (const bool somebody : {false, true}) {
        if (somebody) selector.add(both.server);
        for (const milliseconds time : {milliseconds(-1), milliseconds::min()}) {
            const Error error = error_of([&] { (void)selector.select(time); });
            CAPTURE(error);
            CHECK(error.code() == std::errc::invalid_argument);
            CHECK(error.primitive() == "select");
        }
    }
}

TEST_CASE("select: the longest times are no trouble") {
    Connection both = connection();
    Selector selector;
    selector.add(both.server);
    both.client.send("x");
    for (const milliseconds time :
         {milliseconds::max(), milliseconds::max() - milliseconds(1), milliseconds(INT_MAX),
          milliseconds(std::int64_t{INT_MAX} + 1), milliseconds(std::int64_t{1} << 32)})
        CHECK(selector.select(time).size() == 1);
}

TEST_CASE("select: on nothing, without a limit, is an Error") {
    Connection both = connection();
    Selector selector;
    for (const bool used : {false, true}) {
        if (used) {
            selector.add(both.server);
            selector.modify(both.server, Interest::write);
            selector.remove(both.server);
        }
        const auto errors = {error_of([&] { (void)selector.select(); }),
                             error_of([&] { (void)selector.select(milliseconds::max()); })};
        for (const Error& error : errors) {
            CAPTURE(error);
            CHECK(error.code() == std::errc::invalid_argument);
            CHECK(error.primitive() == "select");
            CHECK(std::string(error.what()).find("add comes first") != std::string::npos);
        }
        CHECK(selector.select(milliseconds(0)).empty());
    }
}

#ifdef __gnu_linux__

TEST_CASE("select: a time longer than the system can count goes on in rounds") {
    Connection both = connection();
    Selector selector;
    selector.add(both.server);
    both.client.send("x");
    REQUIRE(both.server.wait_readable(patience));
    time_is_over = 2;
    calls = {};
    CHECK(selector.select(milliseconds(std::int64_t{INT_MAX} * 3)).size() == 1);
    CHECK(calls.waits == 3);
    CHECK(calls.last_time == INT_MAX);
}

TEST_CASE("select: without a limit it waits for ever") {
    Connection both = connection();
    Selector selector;
    selector.add(both.server);
    both.client.send("x");
    REQUIRE(both.server.wait_readable(patience));
    for (const bool limited : {false, true}) {
        time_is_over = 1;
        calls = {};
        CHECK((limited ? selector.select(milliseconds::max()) : selector.select()).size() == 1);
        CHECK(calls.waits == 2);
        CHECK(calls.last_time == -1);
        CHECK(calls.controls == 0);
    }
}

#ifdef __linux__

TEST_CASE("select: without a limit it asks for none, and for nothing else") {
    Connection both = connection();
    Selector selector;
    selector.add(both.client);
    selector.add(both.server);
    both.client.send("x");
    REQUIRE(both.server.wait_readable(patience));
    for (int i = 0; i < 2; ++i) { // none found yet; one of two
        calls = {};
        CHECK(selector.select().size() == 1);
        CHECK(calls.waits == 1);
        CHECK(calls.last_time == -1);
    }
    both.server.send("x");
    REQUIRE(both.client.wait_readable(patience));
    CHECK(selector.select().size() == 2);
    CHECK(calls.last_time == -1);
    CHECK(calls.controls == 0);
}

TEST_CASE("select: who watches does not change how it waits") {
    const UdpSocket first(Address::loopback(0));
    UdpSocket second(Address::loopback(0));
    for (const bool watched : {false, true}) {
        Selector selector;
        selector.add(first);
        selector.add(second);
        second.send_to("x", second.local_address());
        CHECK(selector.select().size() == 1); // one of two: who is left is no question
        std::ostringstream out;
        TraceStyle style;
        style.waiting = "waits";
        if (watched) {
            trace_to(&out, style);
            time_is_over = 1; // so that it seems as if it had to wait
        }
        CHECK(selector.select().size() == 1);
        trace_to(nullptr);
        CHECK(calls.last_time == -1);
        CHECK((out.str().find("select() ... waits\n") != std::string::npos) == watched);
        (void)second.recv_from();
    }
}

#endif

TEST_CASE("select: what the system refuses is an Error") {
    Connection both = connection();
    Selector selector;
    selector.add(both.server);
    wait_error = ENOMEM;
    const Error error = error_of([&] { (void)selector.select(patience); });
    CAPTURE(error);
    CHECK(error.code() == std::errc::not_enough_memory);
    CHECK(error.primitive() == "select");
    wait_error = EINTR;
    CHECK(selector.select(milliseconds(0)).empty());
}

TEST_CASE("select: after an interruption nothing old is reported") {
    Connection both = connection();
    Selector selector;
    selector.add(both.server);
    both.client.send("x");
    CHECK(selector.select(patience).size() == 1);
    both.server.recv(1);
    wait_error = EINTR;
    CHECK(selector.select(milliseconds(0)).empty());
}

#endif

#ifndef _WIN32 // Windows has no signals that interrupt a call

namespace {

volatile sig_atomic_t delivered = 0;
volatile int send_after_twenty = -1;

/// An alarm clock that interrupts every millisecond, and after twenty times sends a byte where told to.
class Interruptions {
public:
    explicit Interruptions(NativeHandle to = -1) {
        delivered = 0;
        send_after_twenty = to;
        struct sigaction handler {};
        handler.sa_handler = [](int) {
            delivered = delivered + 1;
            if (delivered == 20 && send_after_twenty >= 0) (void)::send(send_after_twenty, "x", 1, 0);
        };
        handler.sa_flags = 0; // no SA_RESTART: calls come back with EINTR
        REQUIRE(::sigaction(SIGALRM, &handler, nullptr) == 0);
        set(1000);
    }
    ~Interruptions() {
        set(0);
        (void)::signal(SIGALRM, SIG_IGN);
    }
    Interruptions(const Interruptions&) = delete;
    Interruptions& operator=(const Interruptions&) = delete;

private:
    static void set(int microseconds) {
        itimerval every{};
        every.it_interval.tv_usec = microseconds;
        every.it_value.tv_usec = microseconds;
        REQUIRE(::setitimer(ITIMER_REAL, &every, nullptr) == 0);
    }
};

} // namespace

TEST_CASE("select: goes on after an interruption") {
    for (const bool limited : {false, true}) {
        Connection both = connection();
        Selector selector;
        selector.add(both.server);
        const Interruptions interruptions(both.client.native_handle());
        CHECK((limited ? selector.select(patience) : selector.select()).size() == 1);
        CHECK(delivered >= 20);
    }
}

TEST_CASE("select: its time is counted down over interruptions") {
    constexpr milliseconds limit(300);
    Connection both = connection();
    Selector selector;
    for (const bool somebody : {false, true}) {
        if (somebody) selector.add(both.server);
        const Interruptions interruptions;
        const auto start = std::chrono::steady_clock::now();
        CHECK(selector.select(limit).empty());
        CHECK(std::chrono::steady_clock::now() - start >= limit);
        CHECK(delivered > 5);
#ifdef __gnu_linux__
        CHECK(calls.last_time < 150); // the last wait was only for the rest
#endif
    }
}

#endif

// --- mistakes -----------------------------------------------------------------------------------------

TEST_CASE("add: twice is an Error, and nothing changes") {
    Connection both = connection();
    Selector selector;
    selector.add(both.server);
    for (const Interest interest : {Interest::read, Interest::write}) {
        const Error error = error_of([&] { selector.add(both.server, interest); });
        CAPTURE(error);
        CHECK(error.code() == std::errc::file_exists);
        CHECK(error.primitive() == "add");
        CHECK(std::string(error.what()).find("modify changes what for") != std::string::npos);
    }
    CHECK(selector.select(milliseconds(0)).empty());
    selector.remove(both.server);
    CHECK(error_of([&] { (void)selector.select(); }).code() == std::errc::invalid_argument);
}

TEST_CASE("modify, remove: who is not inside is an Error") {
    Connection both = connection();
    Selector selector;
    for (const bool was_inside : {false, true}) {
        if (was_inside) {
            selector.add(both.server);
            selector.remove(both.server);
        }
        for (const char* primitive : {"modify", "remove"}) {
            const Error error = error_of([&] {
                if (*primitive == 'm') selector.modify(both.server, Interest::read);
                else selector.remove(both.server);
            });
            CAPTURE(error);
            CHECK(error.code() == std::errc::no_such_file_or_directory);
            CHECK(error.primitive() == primitive);
            CHECK(std::string(error.what()).find("add comes first") != std::string::npos);
        }
    }
}

TEST_CASE("add, modify, remove: a closed or moved-from socket is an Error") {
    Connection closed = connection();
    Connection moved = connection();
    Selector selector;
    closed.server.close();
    const TcpSocket elsewhere = std::move(moved.server);
    for (const TcpSocket* socket : {&closed.server, &moved.server}) {
        for (const std::string primitive : {"add", "modify", "remove"}) {
            const Error error = error_of([&] {
                if (primitive == "add") selector.add(*socket);
                if (primitive == "modify") selector.modify(*socket, Interest::write);
                if (primitive == "remove") selector.remove(*socket);
            });
            CAPTURE(error);
            CHECK(error.code() == std::errc::bad_file_descriptor);
            CHECK(error.primitive() == primitive);
            CHECK(std::string(error.what()).find("this socket is closed") != std::string::npos);
        }
    }
    CHECK(error_of([&] { (void)selector.select(); }).code() == std::errc::invalid_argument);
}

TEST_CASE("Selector: moved to itself it stays as it is") {
    Connection both = connection();
    Selector selector;
    selector.add(both.server);
    Selector& same = selector;
    selector = std::move(same);
    both.client.send("x");
    CHECK(said(about(selector.select(patience), both.server)) == "r-");
    selector.modify(both.server, Interest::read_write);
    selector.remove(both.server);
}

TEST_CASE("Selector: a moved one goes on elsewhere, the other one is closed") {
    Connection first = connection();
    Connection second = connection();
    first.client.send("x");
    Selector selector;
    selector.add(first.server);
    Selector other = std::move(selector);
    CHECK(said(about(other.select(patience), first.server)) == "r-");
    other.add(second.server);

    Selector third;
    third.add(second.client, Interest::write);
    third = std::move(other); // what was inside is forgotten
    CHECK(third.select(patience).size() == 1);
    CHECK(said(about(third.select(patience), first.server)) == "r-");
    CHECK(error_of([&] { third.add(second.server); }).code() == std::errc::file_exists);
    third.add(second.client);

    for (Selector* moved : {&selector, &other}) { // NOLINT(bugprone-use-after-move)
        for (const std::string primitive : {"add", "modify", "remove", "select", "select within"}) {
            const Error error = error_of([&] {
                if (primitive == "add") moved->add(first.client);
                if (primitive == "modify") moved->modify(first.client, Interest::read);
                if (primitive == "remove") moved->remove(first.client);
                if (primitive == "select") (void)moved->select();
                if (primitive == "select within") (void)moved->select(milliseconds(0));
            });
            CAPTURE(error);
            CHECK(error.code() == std::errc::bad_file_descriptor);
            CHECK(error.primitive() == primitive.substr(0, primitive.find(' ')));
            CHECK(std::string(error.what()).find("this Selector was moved from") != std::string::npos);
        }
        *moved = Selector(); // and may be used again
        moved->add(first.client, Interest::write);
        CHECK(moved->select(patience).size() == 1);
    }
}

// --- closed while inside ------------------------------------------------------------------------------

TEST_CASE("select: a socket closed while inside leaves by itself") {
    UdpSocket sender;
    UdpSocket stays(Address::loopback(0));
    UdpSocket leaves(Address::loopback(0));
    for (const UdpSocket* to : {&stays, &leaves}) sender.send_to("x", to->local_address());
    REQUIRE(stays.wait_readable(patience));
    REQUIRE(leaves.wait_readable(patience));
    Selector selector;
    selector.add(leaves);
    selector.add(stays);
    CHECK(selector.select(patience).size() == 2);
    leaves.close();
    for (int i = 0; i < 2; ++i) {
        CHECK(selector.select(patience).size() == 1);
        CHECK(selector.select(patience).at(0).is(stays));
    }
    (void)stays.recv_from();
    CHECK(selector.select(milliseconds(0)).empty());
    CHECK(selector.select(soon).empty());
}

#ifndef __linux__ // which does not tell, and waits for ever

TEST_CASE("select: when all have left by themselves, nobody can wake it, which is an Error") {
    UdpSocket first(Address::loopback(0));
    UdpSocket second(Address::loopback(0));
    Selector selector;
    selector.add(first);
    selector.add(second);
    first.close();
    second.close();
    CHECK(selector.select(milliseconds(0)).empty());
    CHECK(selector.select(soon).empty());
    for (int i = 0; i < 2; ++i) {
        const Error error = error_of([&] { (void)selector.select(); });
        CAPTURE(error);
        CHECK(error.code() == std::errc::invalid_argument);
        CHECK(error.primitive() == "select");
    }
    UdpSocket third(Address::loopback(0)); // which may have the handle of one of them
    selector.add(third, Interest::write);
    CHECK(said(about(selector.select(), third)) == "-w");
    selector.remove(third);
    CHECK(error_of([&] { (void)selector.select(); }).code() == std::errc::invalid_argument);
}

#endif

TEST_CASE("select: as long as one is left, it waits") {
    UdpSocket first(Address::loopback(0));
    UdpSocket second(Address::loopback(0));
    Selector selector;
    selector.add(first);
    selector.add(second);
    first.close();
    UdpSocket().send_to("x", second.local_address());
    REQUIRE(second.wait_readable(patience));
#ifdef __gnu_linux__
    time_is_over = 1; // so that it looks after who is left
#endif
    CHECK(said(about(selector.select(), second)) == "r-");
}

#ifdef __linux__ // elsewhere poll takes the new socket for the old one

namespace {

/// Closes @p socket and makes another with the same handle, where the system gives the lowest free number.
void reopen(UdpSocket& socket, const Address& local) {
    const NativeHandle handle = socket.native_handle();
    socket.close();
    socket = UdpSocket(local);
    REQUIRE(socket.native_handle() == handle);
}

} // namespace

TEST_CASE("select: a socket closed while inside is never reported, even if its number is used again") {
    UdpSocket sender;
    UdpSocket socket(Address::loopback(0));
    Selector selector;
    selector.add(socket);
    reopen(socket, Address::loopback(0));
    sender.send_to("x", socket.local_address());
    REQUIRE(socket.wait_readable(patience));
    CHECK(selector.select(milliseconds(0)).empty());
    CHECK(error_of([&] { selector.remove(socket); }).code() == std::errc::no_such_file_or_directory);
    CHECK(error_of([&] { selector.modify(socket, Interest::read); }).code() ==
          std::errc::no_such_file_or_directory);
    CHECK(selector.select(milliseconds(0)).empty());

    selector.add(socket); // it is a new one: not twice
    CHECK(selector.select(patience).size() == 1);
    CHECK(error_of([&] { selector.add(socket); }).code() == std::errc::file_exists);
    reopen(socket, Address::loopback(0));
    selector.add(socket, Interest::write);
    CHECK(said(about(selector.select(patience), socket)) == "-w");
    selector.remove(socket);
    CHECK(error_of([&] { (void)selector.select(); }).code() ==
          std::errc::invalid_argument); // each counted once
}

#endif

TEST_CASE("add: what is left to read of the results is not about a new socket with the same handle") {
    for (const bool remove_first : {true, false}) {
        if (!remove_first && !kept_by_system) continue;
        UdpSocket sender;
        UdpSocket first(Address::loopback(0));
        UdpSocket second(Address::loopback(0));
        for (const UdpSocket* to : {&first, &second}) sender.send_to("x", to->local_address());
        REQUIRE(first.wait_readable(patience));
        REQUIRE(second.wait_readable(patience));
        Selector selector;
        selector.add(first);
        selector.add(second);
        const std::vector<Ready>& ready = selector.select(patience);
        REQUIRE(ready.size() == 2);
        UdpSocket& later = ready[1].is(first) ? first : second;
        UdpSocket& sooner = &later == &first ? second : first;
        const NativeHandle handle = later.native_handle();
        if (remove_first) selector.remove(later);
        later.close();
        CHECK(!ready[1].is(later));
        later = UdpSocket(Address::loopback(0));
        if (on_linux) REQUIRE(later.native_handle() == handle);
        selector.add(later);
        REQUIRE(ready.size() == 2);
        CHECK(ready[0].is(sooner));
        CHECK(said(ready[0]) == "r-");
        CHECK(!ready[1].is(later));
        CHECK(said(about(ready, later)) == "--");
        CHECK(selector.select(patience).size() == 1);
        sender.send_to("x", later.local_address());
        REQUIRE(later.wait_readable(patience));
        CHECK(said(about(selector.select(patience), later)) == "r-");
    }
}

#ifndef _WIN32

TEST_CASE("add: a handle that somebody else has closed is an Error") {
    UdpSocket socket(Address::loopback(0));
    Selector selector;
    REQUIRE(::close(socket.native_handle()) == 0);
    if (kept_by_system)
        CHECK(error_of([&] { selector.add(socket); }).code() == std::errc::bad_file_descriptor);
    else selector.add(socket); // and it leaves by itself
    CHECK(error_of([&] { (void)selector.select(); }).code() == std::errc::invalid_argument);
    (void)socket.release();
}

#endif

// --- many ---------------------------------------------------------------------------------------------

TEST_CASE("select: more than 1024 sockets") {
    constexpr std::size_t many = 1500;
#ifndef _WIN32
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_cur < many + 100) {
        limit.rlim_cur = limit.rlim_max < many + 100 ? limit.rlim_max : many + 100;
        (void)::setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur < many + 100) {
        MESSAGE("not so many handles are allowed here: left out");
        return;
    }
#endif
    std::vector<UdpSocket> sockets;
    Selector selector;
    for (std::size_t i = 0; i < many; ++i) {
        sockets.emplace_back(Address::loopback(0));
        selector.add(sockets.back());
    }
    CHECK(selector.select(milliseconds(0)).empty());
    const UdpSocket& last = sockets.back();
    UdpSocket sender;
    sender.send_to("x", last.local_address());
    REQUIRE(selector.select(patience).size() == 1);
    CHECK(selector.select(patience).at(0).is(last));

    for (const UdpSocket& socket : sockets) sender.send_to("x", socket.local_address());
    for (const UdpSocket& socket : sockets) REQUIRE(socket.wait_readable(patience));
    int wakes = 1;
    while (wakes < 10 && selector.select(patience).size() < many) ++wakes; // the room doubles each time
    CHECK(wakes <= 6);
    REQUIRE(selector.select(patience).size() == many);
    const std::size_t before = allocations;
    const std::size_t all = selector.select(patience).size();
    const std::size_t after = allocations;
    CHECK(all == many);
    CHECK(after == before); // no memory is asked for any more

    for (std::size_t i = 0; i < many; i += 2) selector.remove(sockets[i]);
    CHECK(selector.select(patience).size() == many / 2);
    bool right = true;
    for (const Ready& ready : selector.select(patience))
        for (std::size_t i = 0; i < many; i += 2) right = right && !ready.is(sockets[i]);
    CHECK(right);
}

// --- the system calls ---------------------------------------------------------------------------------

#ifdef __linux__

TEST_CASE("Selector: each method is one system call") {
    Connection both = connection();
    both.client.send("x");
    REQUIRE(both.server.wait_readable(patience));
    calls = {};
    Selector selector;
    CHECK(calls.creates == 1);
    selector.add(both.server);
    CHECK(calls.controls == 1);
    selector.modify(both.server, Interest::read_write);
    CHECK(calls.controls == 2);
    (void)selector.select();
    (void)selector.select(patience);
    (void)selector.select(milliseconds(0));
    CHECK(calls.waits == 3);
    CHECK(calls.controls == 2);
    CHECK(calls.last_time == 0);
    selector.remove(both.server);
    CHECK(calls.controls == 3);
    CHECK(selector.select(milliseconds(0)).empty());
    CHECK(calls.waits == 4);
    CHECK(calls.creates == 1);
}

TEST_CASE("Selector: its handle is not inherited, and is closed at the end") {
    {
        const Selector selector;
        CHECK((::fcntl(created, F_GETFD) & FD_CLOEXEC) != 0);
    }
    CHECK(::fcntl(created, F_GETFD) == -1);
}

TEST_CASE("Selector: out of handles is an Error") {
    create_error = EMFILE;
    const Error error = error_of([] { const Selector selector; });
    CAPTURE(error);
    CHECK(error.code() == std::errc::too_many_files_open);
    CHECK(error.primitive() == "select");
}

TEST_CASE("add, modify, remove: what the system refuses is an Error, and nothing changes") {
    UdpSocket socket(Address::loopback(0));
    for (const int error : {ENOMEM, ENOSPC, EPERM}) {
        Selector selector;
        for (int way = 0; way < 3; ++way) {
            if (way == 1) selector.add(socket, Interest::write);
            control_error = error;
            const Error thrown = error_of([&] {
                if (way == 0) selector.add(socket);
                if (way == 1) selector.modify(socket, Interest::read);
                if (way == 2) selector.remove(socket);
            });
            CHECK(thrown.code() == std::error_code(error, std::system_category()));
            CHECK(thrown.primitive() == (way == 0 ? "add" : way == 1 ? "modify" : "remove"));
            if (way == 0)
                CHECK(error_of([&] { (void)selector.select(); }).code() == std::errc::invalid_argument);
            else CHECK(said(about(selector.select(patience), socket)) == "-w");
        }
        selector.remove(socket);
    }
}

TEST_CASE("add: what the system cannot wait for is an Error") {
    struct File {
        int handle = ::open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
        ~File() { (void)::close(handle); }
        NativeHandle native_handle() const { return handle; }
    } const file;
    Selector selector;
    const Error error = error_of([&] { selector.add(file); });
    CAPTURE(error);
    CHECK(error.code() == std::errc::operation_not_permitted);
    CHECK(error.primitive() == "add");
    CHECK(error_of([&] { (void)selector.select(); }).code() == std::errc::invalid_argument);
}

#endif
