// What the system seldom does: stand-ins for its calls fail, or look at what they are given, when a test tells them to.

#include "support.hpp"

#ifdef __gnu_linux__ // the real calls behind the stand-ins are reached by their numbers

#include <sys/syscall.h>

#include <algorithm>
#include <cstdarg>
#include <deque>
#include <sstream>

using namespace support;

namespace {

std::deque<int> accept_errors;  // what the next accepts fail with
std::deque<int> recv_errors;    // the same for recv
std::deque<int> send_errors;    // and for send
std::deque<int> close_errors;   // close: the handle is gone all the same
std::deque<int> poll_errors;    // and for poll
std::deque<int> connect_errors; // and for connect
int fcntl_error = 0;            // what fcntl fails with when it is to change something
int fcntl_changes = 0;          // how many of those still go well
int no_ipv6 = 0;                // what socket fails with for IPv6
int ipv6_bind_error = 0;        // and bind
std::size_t largest = 0;        // of the sizes given to send and recv
int last_send_flags = 0;
bool cut = false;            // send takes one byte at a time
bool slow = false;           // so do both, and each byte takes longer than `soon`
bool mode_inherited = false; // accept gives what a non-blocking listener gives on the BSDs
int sockets_made = 0;
int polls = 0;                   // for a socket
int addresses_asked = 0;         // how often getsockname was called
bool is_its_own_peer = false;    // getsockname says what getpeername does
bool flag_is_overlooked = false; // send looks at the socket's mode alone, as on macOS
int blocked = 0;                 // how often it would have blocked then, though it was told not to

void take_long(std::size_t& size) {
    if (!slow) return;
    size = 1;
    (void)::poll(nullptr, 0, static_cast<int>(2 * soon.count()));
}

/// What has been sent, or not, where MSG_DONTWAIT does not count: without room, and in blocking mode, it would hang.
ssize_t as_on_macos(int handle, int flags, ssize_t result) {
    if (!flag_is_overlooked || (flags & MSG_DONTWAIT) == 0 || result >= 0 || errno != EAGAIN) return result;
    if ((::syscall(SYS_fcntl, handle, F_GETFL) & O_NONBLOCK) == 0) ++blocked;
    errno = EAGAIN;
    return -1;
}

bool fails(std::deque<int>& errors) {
    if (errors.empty()) return false;
    errno = errors.front();
    errors.pop_front();
    return true;
}

int real_accept(int listener, sockaddr* address, socklen_t* size, int flags) {
    if (fails(accept_errors)) return -1;
    return static_cast<int>(::syscall(SYS_accept4, listener, address, size, flags));
}

} // namespace

extern "C" {

int accept4(int listener, sockaddr* address, socklen_t* size, int flags) {
    return real_accept(listener, address, size, flags);
}

int accept(int listener, sockaddr* address, socklen_t* size) {
    return real_accept(listener, address, size, mode_inherited ? SOCK_NONBLOCK : 0);
}

ssize_t recv(int handle, void* buffer, size_t size, int flags) {
    largest = std::max(largest, size);
    if (fails(recv_errors)) return -1;
    take_long(size);
    return ::syscall(SYS_recvfrom, handle, buffer, size, flags, nullptr, nullptr);
}

ssize_t send(int handle, const void* bytes, size_t size, int flags) {
    largest = std::max(largest, size);
    last_send_flags = flags;
    if (fails(send_errors)) return -1;
    if (cut && size > 1) size = 1;
    take_long(size);
    return as_on_macos(handle, flags, ::syscall(SYS_sendto, handle, bytes, size, flags, nullptr, 0));
}

ssize_t sendto(int handle, const void* bytes, size_t size, int flags, const sockaddr* peer,
               socklen_t peer_size) {
    return as_on_macos(handle, flags, ::syscall(SYS_sendto, handle, bytes, size, flags, peer, peer_size));
}

int connect(int handle, const sockaddr* peer, socklen_t size) {
    if (fails(connect_errors)) return -1;
    return static_cast<int>(::syscall(SYS_connect, handle, peer, size));
}

int getsockname(int handle, sockaddr* address, socklen_t* size) SYSTEM_NOEXCEPT {
    ++addresses_asked;
    const long number = is_its_own_peer ? SYS_getpeername : SYS_getsockname;
    return static_cast<int>(::syscall(number, handle, address, size));
}

int close(int handle) {
    const auto result = static_cast<int>(::syscall(SYS_close, handle));
    return fails(close_errors) ? -1 : result;
}

int poll(pollfd* entries, nfds_t count, int time) {
    if (count != 0) ++polls;
    if (fails(poll_errors)) return -1;
    timespec limit{time / 1000, time % 1000 * 1000000L}; // newer machines have no number for poll itself
    return static_cast<int>(::syscall(SYS_ppoll, entries, count, time < 0 ? nullptr : &limit, nullptr, 0));
}

int fcntl(int handle, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    const long argument = command == F_GETFL ? 0 : va_arg(arguments, long);
    va_end(arguments);
    if (command != F_GETFL && fcntl_error != 0 && fcntl_changes-- == 0) {
        errno = fcntl_error;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_fcntl, handle, command, argument));
}

int socket(int domain, int type, int protocol) SYSTEM_NOEXCEPT {
    ++sockets_made;
    if (domain == AF_INET6 && no_ipv6 != 0) {
        errno = no_ipv6;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_socket, domain, type, protocol));
}

int bind(int handle, const sockaddr* address, socklen_t size) SYSTEM_NOEXCEPT {
    if (address->sa_family == AF_INET6 && ipv6_bind_error != 0) {
        errno = ipv6_bind_error;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_bind, handle, address, size));
}

} // extern "C"

TEST_CASE("accept: goes on by itself over connections that were given up while they waited") {
    for (const int error : {ECONNABORTED, ECONNRESET, EPROTO, ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN,
                            ENONET, ENOPROTOOPT, EINTR}) {
        for (int way = 0; way < 3; ++way) {
            CAPTURE(error);
            CAPTURE(way);
            TcpListener server(Address::loopback(0));
            const TcpSocket client("127.0.0.1", server.local_address().port());
            accept_errors = {error, error, error};
            std::optional<TcpListener::Accepted> accepted;
            if (way == 0) accepted = server.accept();
            if (way == 1) accepted = server.accept(patience);
            if (way == 2) accepted = server.try_accept();
            REQUIRE(accepted);
            CHECK(accepted->address == client.local_address());
            CHECK(accept_errors.empty());
        }
    }
}

TEST_CASE("accept: after connections that were given up, empty when nobody else came") {
    TcpListener server(Address::loopback(0));
    accept_errors = {ECONNABORTED, ECONNABORTED};
    CHECK(!server.try_accept());
    accept_errors = {ECONNABORTED, EINTR};
    CHECK(!server.accept(soon));
    CHECK(accept_errors.empty());
}

TEST_CASE("accept: out of handles is an Error, and does not spin") {
    for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM}) {
        TcpListener server(Address::loopback(0));
        const TcpSocket client("127.0.0.1", server.local_address().port());
        accept_errors = {error, error, error};
        for (int way = 0; way < 3; ++way) {
            const Error thrown = error_of([&] {
                if (way == 0) (void)server.accept();
                if (way == 1) (void)server.accept(patience);
                if (way == 2) (void)server.try_accept();
            });
            CHECK(thrown.code() == std::error_code(error, std::system_category()));
            CHECK(thrown.primitive() == "accept");
        }
        CHECK(accept_errors.empty());
        CHECK(server.accept().address == client.local_address()); // the client has waited
    }
}

#ifndef __linux__ // whose own call never inherits the mode

TEST_CASE("accept: the new socket blocks, also where it would inherit the listener's mode") {
    TcpListener server(Address::loopback(0));
    const TcpSocket client("127.0.0.1", server.local_address().port());
    mode_inherited = true;
    const auto accepted = server.try_accept();
    mode_inherited = false;
    REQUIRE(accepted);
    CHECK(blocks(accepted->socket.native_handle()));
}

#endif

TEST_CASE("send, recv: no more than INT_MAX bytes are handed to the system") {
    constexpr std::size_t huge = std::size_t{3} << 30;
    Connection both = connection();
    const char byte = 'x';
    char back = 0;
    const std::function<void()> ways[] = {
        // The stand-in fails before anybody reads what is not there.
        [&] { both.client.send(&byte, huge); },           [&] { both.client.send_all(&byte, huge); },
        [&] { (void)both.client.try_send(&byte, huge); }, [&] { both.client.recv(&back, huge); },
        [&] { both.client.recv_exactly(&back, huge); },   [&] { (void)both.client.try_recv(&back, huge); },
    };
    for (const auto& way : ways) {
        largest = 0;
        send_errors = recv_errors = {ENOBUFS};
        CHECK(error_of(way).code() == std::errc::no_buffer_space);
        CHECK(largest == INT_MAX);
        send_errors.clear();
        recv_errors.clear();
    }
}

TEST_CASE("send: always asks for no SIGPIPE") {
    Connection both = connection();
    for (int way = 0; way < 4; ++way) {
        last_send_flags = 0;
        if (way == 0) both.client.send("x");
        if (way == 1) both.client.send_all("x");
        if (way == 2) (void)both.client.try_send("x");
        if (way == 3) {
            both.client.set_send_timeout(patience);
            both.client.send("x");
            both.client.set_send_timeout(milliseconds(0));
            both.client.send("x");
        }
        CHECK((last_send_flags & MSG_NOSIGNAL) != 0);
    }
}

TEST_CASE("send, recv: one call, one system call, no flag that was not asked for") {
    Connection both = connection();
    both.client.send("x");
    CHECK(last_send_flags == MSG_NOSIGNAL);
    largest = 0;
    both.client.send("12345");
    CHECK(largest == 5);
    largest = 0;
    CHECK(both.server.recv(100).size() == 6);
    CHECK(largest == 100);
}

TEST_CASE("send_all: goes on after every partial step and interruption") {
    Connection both = connection();
    cut = true;
    send_errors = {EINTR, EINTR};
    both.client.send_all("one by one");
    cut = false;
    CHECK(both.server.recv_exactly(10) == "one by one");
    cut = true;
    CHECK(both.client.send("x and no more") == 1); // send says so instead
    cut = false;
}

TEST_CASE("recv: goes on after an interruption, and reports everything else") {
    Connection both = connection();
    both.client.send("ab");
    recv_errors = {EINTR, EINTR};
    CHECK(both.server.recv(1) == "a");
    recv_errors = {EINTR};
    CHECK(both.server.try_recv(1) == std::optional<std::string>("b"));
    recv_errors = {ENOMEM};
    CHECK(error_of([&] { both.server.recv(1); }).code() == std::errc::not_enough_memory);
    recv_errors = {ETIMEDOUT}; // the connection's own end, not the limit's
    CHECK(error_of([&] { both.server.recv(1); }).code() == std::errc::timed_out);
}

TEST_CASE("recv: readiness is a hint; nothing there after all, it waits on") {
    Connection both = connection();
    both.client.send("x");
    both.server.set_recv_timeout(patience);
    recv_errors = {EAGAIN, EAGAIN};
    CHECK(both.server.recv(1) == "x");
    CHECK(recv_errors.empty());
}

TEST_CASE("set_recv_timeout, set_send_timeout: for the whole, though there always is room or a byte more") {
    Connection both = connection();
    both.client.send("abcde\n");
    LineReader reader(both.server);
    both.client.set_send_timeout(soon);
    both.server.set_recv_timeout(soon);
    const auto late = [](const Error& error, const std::string& how_far) {
        CAPTURE(error);
        CHECK(error.code() == std::errc::timed_out);
        CHECK(std::string(error.what()).find("(" + how_far + ")") != std::string::npos);
    };
    slow = true;
    late(error_of([&] { (void)both.server.recv_exactly(3); }), "1 of 3 bytes within 100 ms");
    CHECK(both.server.recv_exactly(1) == "b"); // what has come by then is given
    late(error_of([&] { (void)reader.next(); }), "no whole line within 100 ms; 1 byte so far: \"c\"");
    late(error_of([&] { (void)reader.recv_exactly(3); }), "2 of 3 bytes within 100 ms");
    late(error_of([&] { both.client.send_all("xyz"); }), "1 of 3 bytes within 100 ms");
    both.client.send_all("x");
    slow = false;
    CHECK(reader.next() == std::optional<std::string>("cde"));
    CHECK(reader.recv_exactly(2) == "xx");
}

TEST_CASE(
    "connect: within a time, when waiting fails it is an Error, the socket is closed and the trace whole") {
    for (const int error : {ENOMEM, EINVAL}) {
        const TcpListener server(Address::loopback(0));
        Socket client(Family::ipv4, Type::stream);
        std::ostringstream lines;
        trace_to(&lines);
        const Error thrown = error_of([&] {
            poll_errors = {EINTR, error};
            client.connect(server.local_address(), patience);
        });
        trace_to(nullptr);
        if (!poll_errors.empty()) { // it was there at once: nothing to wait for
            poll_errors.clear();
            continue;
        }
        CHECK(thrown.code() == std::error_code(error, std::system_category()));
        CHECK(thrown.primitive() == "connect");
        CHECK(!client.is_open());
        CHECK(lines.str().find("connect(") != std::string::npos);
    }
}

TEST_CASE("fcntl: that the mode could not be changed is an Error of what was asked for") {
    TcpListener server(Address::loopback(0));
    const TcpSocket waiting("127.0.0.1", server.local_address().port());
    fcntl_error = ENOMEM;
    fcntl_changes = 0;
    const Error accept = error_of([&] { (void)server.try_accept(); });
    for (int changes = 0; changes < 2; ++changes) { // to not waiting, and back
        Socket client(Family::ipv4, Type::stream);
        fcntl_changes = changes;
        const Error connect = error_of([&] { client.connect(server.local_address(), patience); });
        CHECK(connect.code() == std::errc::not_enough_memory);
        CHECK(connect.primitive() == "connect");
    }
    fcntl_error = 0;
    CHECK(accept.code() == std::errc::not_enough_memory);
    CHECK(accept.primitive() == "accept");
    CHECK(server.accept(patience)); // the client has waited
}

TEST_CASE("fcntl: that the mode could not be changed is an Error of try_connect and set_blocking too") {
    TcpListener server(Address::loopback(0));
    fcntl_error = ENOMEM;
    for (int changes = 0; changes < 2; ++changes) { // to not waiting, and back
        Socket client(Family::ipv4, Type::stream);
        fcntl_changes = changes;
        const Error error = error_of([&] {
            for (int i = 0; i < 100 && !client.try_connect(server.local_address()); ++i)
                (void)client.wait_writable(patience);
        });
        CHECK(error.code() == std::errc::not_enough_memory);
        CHECK(error.primitive() == "connect");
        CHECK(!client.is_open());
    }
    Socket socket(Family::ipv4, Type::stream);
    fcntl_changes = 0;
    const Error error = error_of([&] { socket.set_blocking(false); });
    fcntl_error = 0;
    CHECK(error.code() == std::errc::not_enough_memory);
    CHECK(error.primitive() == "set_blocking");
    CHECK(blocks(socket.native_handle()));
    TcpSocket client(server.local_address());
    CHECK(blocks(client.native_handle()));
}

#ifndef __linux__ // whose calls make them so at once

TEST_CASE("fcntl: a new socket that would be inherited is none, but an Error, and its handle is given back") {
    TcpListener server(Address::loopback(0));
    const TcpSocket waiting(server.local_address());
    int next = 0;
    {
        const Socket probe(Family::ipv4, Type::stream);
        next = probe.native_handle();
    }
    fcntl_error = ENOMEM;
    fcntl_changes = 0;
    const Error socket = error_of([] { Socket(Family::ipv4, Type::stream); });
    fcntl_changes = 0;
    const Error accept = error_of([&] { (void)server.accept(); });
    fcntl_changes = 0;
    const Error first_end = error_of([] { (void)Socket::pair(); });
    fcntl_changes = 1;
    const Error second_end = error_of([] { (void)Socket::pair(); });
    fcntl_error = 0;
    CHECK(socket.primitive() == "socket");
    CHECK(accept.primitive() == "accept");
    CHECK(first_end.primitive() == "pair");
    CHECK(second_end.primitive() == "pair");
    for (const Error* error : {&socket, &accept, &first_end, &second_end})
        CHECK(error->code() == std::errc::not_enough_memory);
    const Socket probe(Family::ipv4, Type::stream);
    CHECK(probe.native_handle() == next);
}

TEST_CASE(
    "try_send: does not block where the system looks at the socket's mode alone, nor does a limited send") {
    Connection both = connection();
    const std::string much(1 << 20, 'x');
    flag_is_overlooked = true;
    blocked = 0;
    for (int full = 0; full < 3;) full = both.client.try_send(much) ? 0 : full + 1;
    CHECK(!both.client.try_send("x", 1).has_value());
    both.client.set_send_timeout(soon);
    const Error all = error_of([&] { both.client.send_all(much); });
    const Error some = error_of([&] {
        for (int i = 0; i < 100; ++i) both.client.send(much);
    });
    flag_is_overlooked = false;
    CHECK(blocked == 0);
    CHECK(all.code() == std::errc::timed_out);
    CHECK(some.code() == std::errc::timed_out);
}

TEST_CASE(
    "try_send_to: does not block where the system looks at the socket's mode alone, nor does a limited one") {
    Socket server(Family::local, Type::datagram);
    const Address door = Address::local(std::string("\0sockets-", 9) + std::to_string(::getpid()));
    server.bind(door);
    Socket client(Family::local, Type::datagram);
    flag_is_overlooked = true;
    blocked = 0;
    for (int full = 0; full < 3;) full = client.try_send_to("x", door) ? 0 : full + 1;
    client.set_send_timeout(soon);
    const Error error = error_of([&] { client.send_to("x", door); });
    flag_is_overlooked = false;
    CHECK(blocked == 0);
    CHECK(error.code() == std::errc::timed_out);
}

#endif

TEST_CASE("recv_from: an error that lasts does not make a limited one ask again and again") {
    UdpSocket socket(Address::loopback(0));
    socket.set_option(IPPROTO_IP, IP_RECVERR, 1);
    Address nobody;
    {
        const UdpSocket gone(Address::loopback(0));
        nobody = gone.local_address();
    }
    socket.send_to("x", nobody);
    REQUIRE(socket.wait_readable(patience));
    CHECK(error_of([&] { (void)socket.recv_from(patience); }).code() == std::errc::connection_refused);
    // Nobody reads the socket's error queue: poll says POLLERR from now on, and recv that there is nothing.
    for (int way = 0; way < 4; ++way) {
        socket.set_recv_timeout(soon);
        polls = 0;
        const Error error = error_of([&] {
            if (way == 0) (void)socket.recv_from();
            if (way == 1) (void)socket.recv(10);
            if (way == 2) CHECK(!socket.recv_from(soon));
            if (way == 3) CHECK(!socket.recv(10, soon));
        });
        if (way < 2) CHECK(error.code() == std::errc::timed_out);
        else CHECK(!error.code());
        CHECK(polls > 0);
        CHECK(polls < 50); // every 5 ms, where it could be many thousands
    }
}

TEST_CASE("connect: that waits and says EAGAIN is not late: it is an Error of its own") {
    const TcpListener server(Address::loopback(0));
    TcpSocket client;
    connect_errors = {EAGAIN}; // as Linux has it where nothing is left to route with
    const Error error = error_of([&] { client.connect(server.local_address()); });
    CHECK(error.code() == std::errc::resource_unavailable_try_again);
    CHECK(error.code() != std::errc::timed_out);
    CHECK(!client.is_open());
}

// --- a connection with oneself ------------------------------------------------------------------------

namespace {

/// The four ways of TcpSocket to connect.
TcpSocket connected(int way, const Address& to) {
    if (way == 0) return TcpSocket(to.host(), to.port());
    if (way == 1) return TcpSocket(to.host(), to.port(), patience);
    return way == 2 ? TcpSocket(to) : TcpSocket(to, patience);
}

/// A listener at a port below those where clients may meet themselves.
TcpListener listener_below(const std::string& host, int most) {
    for (int port = most - 1; port > most - 1000; --port) {
        try {
            return TcpListener(Address(host, port));
        } catch (const Error& error) {
            if (error.code() != std::errc::address_in_use) throw;
        }
    }
    throw std::runtime_error("no port is free");
}

} // namespace

TEST_CASE("TcpSocket: connected to itself is connection_refused, and it is closed") {
    for (const Family family : ip_families()) {
        TcpListener server(Address::loopback(0, family));
        const Address there = server.local_address();
        if (there.port() < 32768) return; // this machine gives others to clients
        for (int way = 0; way < 4; ++way) {
            is_its_own_peer = true;
            const Error error = error_of([&] { (void)connected(way, there); });
            is_its_own_peer = false;
            CAPTURE(error);
            CHECK(error.code() == std::errc::connection_refused);
            CHECK(error.primitive() == "connect");
            CHECK(std::string(error.what()).find("connect to " + there.to_string() + ": ") == 0);
            auto accepted = server.accept(patience);
            REQUIRE(accepted);
            CHECK(accepted->socket.recv(1, patience) == std::optional<std::string>("")); // closed
        }
    }
}

TEST_CASE("connect, try_connect: do not look whether they are connected to themselves") {
    TcpListener server(Address::loopback(0));
    const Address there = server.local_address();
    is_its_own_peer = true;
    addresses_asked = 0;
    TcpSocket plain;
    plain.connect(there);
    TcpSocket limited;
    limited.connect(there, patience);
    TcpSocket tried;
    while (!tried.try_connect(there)) REQUIRE(tried.wait_writable(patience));
    CHECK(addresses_asked == 0);
    is_its_own_peer = false;
    CHECK(plain.is_open());
    CHECK(limited.is_open());
    CHECK(tried.is_open());
}

TEST_CASE("TcpSocket: it asks for its own address once, and on loopback ports from 32768 on alone") {
    struct Place {
        TcpListener server;
        int asked;
    };
    std::vector<Place> places;
    places.push_back({listener_below("127.0.0.1", 32768), 0});
    TcpListener high(Address::loopback(0));
    if (high.local_address().port() >= 32768) places.push_back({std::move(high), 1});
    UdpSocket outwards; // which address this machine has in a network, if any; nothing is sent
    if (!error_of([&] { outwards.connect(Address("198.51.100.1", 9)); }).code()) {
        const Address own(outwards.local_address().host(), 0);
        if (own.host().find("127.") != 0) places.push_back({TcpListener(own), 0});
    }
    for (Place& place : places) {
        const Address there = place.server.local_address();
        CAPTURE(there);
        for (int way = 0; way < 4; ++way) {
            addresses_asked = 0;
            const TcpSocket client = connected(way, there);
            CHECK(addresses_asked == place.asked);
            CHECK(place.server.accept(patience));
        }
    }
}

TEST_CASE("close: an interruption is no Error, and it is not done again") {
    Socket socket(Family::ipv4, Type::stream);
    close_errors = {EINTR};
    CHECK(!error_of([&] { socket.close(); }).code());
    CHECK(close_errors.empty());
    CHECK(!socket.is_open());
    Socket other(Family::ipv4, Type::stream);
    close_errors = {EIO};
    CHECK(error_of([&] { other.close(); }).code() == std::errc::io_error);
    CHECK(!other.is_open());
    { // the destructor throws nothing
        const Socket third(Family::ipv4, Type::stream);
        close_errors = {EIO};
    }
    CHECK(close_errors.empty());
}

TEST_CASE("TcpListener: on a port alone, by IPv4 where there is no IPv6") {
    for (const bool bind_says_so : {false, true}) {
        (bind_says_so ? ipv6_bind_error : no_ipv6) = bind_says_so ? EADDRNOTAVAIL : EAFNOSUPPORT;
        TcpListener server(0);
        no_ipv6 = ipv6_bind_error = 0;
        CHECK(server.local_address().host() == "0.0.0.0");
        const TcpSocket client("127.0.0.1", server.local_address().port());
        CHECK(server.accept().address == client.local_address());
    }
}

TEST_CASE("TcpListener: on a port alone, what is in use or forbidden is not tried again by IPv4") {
    for (const int error : {EADDRINUSE, EACCES}) {
        ipv6_bind_error = error;
        sockets_made = 0;
        const Error thrown = error_of([] { TcpListener server(0); });
        ipv6_bind_error = 0;
        CHECK(thrown.code() == std::error_code(error, std::system_category()));
        CHECK(thrown.primitive() == "bind");
        CHECK(sockets_made == 1);
    }
}

#endif
