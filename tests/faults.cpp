// What the system seldom does: stand-ins for its calls fail, or look at what they are given, when a test tells them to.

#include "support.hpp"

#ifdef __gnu_linux__ // the real calls behind the stand-ins are reached by their numbers

#include <sys/syscall.h>

#include <algorithm>
#include <deque>

using namespace support;

namespace {

std::deque<int> accept_errors; // what the next accepts fail with
std::deque<int> recv_errors;   // the same for recv
std::deque<int> send_errors;   // and for send
std::deque<int> close_errors;  // close: the handle is gone all the same
int no_ipv6 = 0;               // what socket fails with for IPv6
int ipv6_bind_error = 0;       // and bind
std::size_t largest = 0;       // of the sizes given to send and recv
int last_send_flags = 0;
bool cut = false;            // send takes one byte at a time
bool slow = false;           // so do both, and each byte takes longer than `soon`
bool mode_inherited = false; // accept gives what a non-blocking listener gives on the BSDs
int sockets_made = 0;

void take_long(std::size_t& size) {
    if (!slow) return;
    size = 1;
    (void)::poll(nullptr, 0, static_cast<int>(2 * soon.count()));
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
    return ::syscall(SYS_sendto, handle, bytes, size, flags, nullptr, 0);
}

int close(int handle) {
    const auto result = static_cast<int>(::syscall(SYS_close, handle));
    return fails(close_errors) ? -1 : result;
}

int socket(int domain, int type, int protocol) noexcept {
    ++sockets_made;
    if (domain == AF_INET6 && no_ipv6 != 0) {
        errno = no_ipv6;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_socket, domain, type, protocol));
}

int bind(int handle, const sockaddr* address, socklen_t size) noexcept {
    if (address->sa_family == AF_INET6 && ipv6_bind_error != 0) {
        errno = ipv6_bind_error;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_bind, handle, address, size));
}

} // extern "C"

TEST_CASE("accept: goes on by itself over connections that were given up while they waited") {
    for (const int error : {ECONNABORTED, ECONNRESET, EPROTO, ENETUNREACH, EHOSTUNREACH, EINTR}) {
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
                if (way == 0) server.accept();
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
        CHECK(std::string(error.what()).find("(" + how_far + " within 100 ms)") != std::string::npos);
    };
    slow = true;
    late(error_of([&] { (void)both.server.recv_exactly(3); }), "1 of 3 bytes");
    CHECK(both.server.recv_exactly(1) == "b"); // what has come by then is given
    late(error_of([&] { (void)reader.next(); }), "no whole line");
    late(error_of([&] { (void)reader.recv_exactly(3); }), "2 of 3 bytes");
    late(error_of([&] { both.client.send_all("xyz"); }), "1 of 3 bytes");
    both.client.send_all("x");
    slow = false;
    CHECK(reader.next() == std::optional<std::string>("cde"));
    CHECK(reader.recv_exactly(2) == "xx");
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
