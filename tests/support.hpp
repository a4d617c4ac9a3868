/// @file
/// @brief What several tests need: both families, pairs of connected sockets, an Error to look at.
#pragma once

#include <sockets/all.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>
#endif

/// What a stand-in for one of the system's calls must promise: glibc says of those that never wait that they throw
/// nothing, musl of none.
#ifdef __GLIBC__
#define SYSTEM_NOEXCEPT noexcept
#else
#define SYSTEM_NOEXCEPT
#endif

/// So that CAPTURE shows the sentence.
template <>
struct doctest::StringMaker<sockets::Error> {
    static doctest::String convert(const sockets::Error& error) { return error.what(); }
};

namespace support {

using namespace sockets;
using std::chrono::milliseconds;

/// The bound for what must come in any case: no measure of speed, only that a broken library fails and does not hang.
constexpr milliseconds patience = std::chrono::seconds(30);

/// A limit that is meant to run out.
constexpr milliseconds soon(100);

/// The code with which the system would say so. Winsock has no number for some of std::errc.
inline std::error_code code_of(std::errc reason) {
    const std::error_code code(detail::error_of(reason), detail::category());
    return code == reason ? code : std::make_error_code(reason);
}

/// The words of the C library that this program runs with: glibc, musl and macOS do not all choose the same.
inline std::string system_words(std::errc reason) { return std::make_error_code(reason).message(); }

/// Asks the system itself, so that a fault of the library cannot leave the IPv6 half of the tests out.
inline bool has_ipv6() {
    static const bool has = [] {
        if (detail::start()) return false;
        const NativeHandle probe = ::socket(AF_INET6, SOCK_STREAM, 0);
        if (probe == detail::no_handle) return false;
        sockaddr_in6 loopback{};
        loopback.sin6_family = AF_INET6;
        loopback.sin6_addr.s6_addr[15] = 1;
        const bool bound = ::bind(probe, reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback) == 0;
        (void)detail::close(probe);
        if (!bound) MESSAGE("no IPv6 on this machine: half of the tests is left out");
        return bound;
    }();
    return has;
}

/// Whether the name `localhost` has an address, which /etc/hosts says; some machines have no such file. Asks the
/// system itself too.
inline bool has_localhost() {
    static const bool has = [] {
        if (detail::start()) return false;
        addrinfo* list = nullptr;
        if (::getaddrinfo("localhost", nullptr, nullptr, &list) != 0) {
            MESSAGE("this machine does not know the name localhost: what needs it is left out");
            return false;
        }
        ::freeaddrinfo(list);
        return true;
    }();
    return has;
}

/// The families that every test of a primitive runs with.
inline std::vector<Family> ip_families() {
    return has_ipv6() ? std::vector<Family>{Family::ipv4, Family::ipv6} : std::vector<Family>{Family::ipv4};
}

/// Wine is not Windows: some tests are of Windows alone.
inline bool under_wine() {
#ifdef _WIN32
    return ::GetProcAddress(::GetModuleHandleA("ntdll.dll"), "wine_get_version") != nullptr;
#else
    return false;
#endif
}

/// The Error that @p action throws; one with code 0, which no check expects, if it throws none.
template <class Action>
Error error_of(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    return Error(std::error_code(), "nothing", "was thrown");
}

template <class SocketClass>
void be_patient(SocketClass& socket) {
    socket.set_recv_timeout(patience);
    socket.set_send_timeout(patience);
}

/// Two ends of a TCP connection.
struct Connection {
    TcpSocket client;
    TcpSocket server;
};

/// One thread is enough: the backlog holds the connection until it is accepted.
inline Connection connection(Family family = Family::ipv4) {
    TcpListener listener(Address::loopback(0, family));
    TcpSocket client(family);
    client.connect(listener.local_address(), patience);
    auto accepted = listener.accept(patience);
    REQUIRE(accepted);
    return {std::move(client), std::move(accepted->socket)};
}

/// The same for those who wait for another thread.
inline Connection patient_connection(Family family = Family::ipv4) {
    Connection both = connection(family);
    be_patient(both.client);
    be_patient(both.server);
    return both;
}

/// An address that is this machine's and where nobody listens, as long as the object lives.
class Nobody {
public:
    explicit Nobody(Family family = Family::ipv4) : socket_(family, Type::stream) {
        socket_.bind(Address::loopback(0, family));
    }
    Address address() const { return socket_.local_address(); }

private:
    Socket socket_;
};

/// A listener whose queue is full: whoever else connects gets no answer.
class Busy {
public:
    explicit Busy(Family family = Family::ipv4) : listener_(Address::loopback(0, family), 0) {
        for (int i = 0; i < 64; ++i) { // systems put something on top of the backlog
            Socket client(family, Type::stream);
            client.set_blocking(false);
            (void)error_of([&] { client.connect(address()); });
            if (!client.wait_writable(milliseconds(300))) return;
            waiting_.push_back(std::move(client));
        }
        FAIL("the queue does not fill up");
    }
    Address address() const { return listener_.local_address(); }
    TcpListener& listener() { return listener_; }

private:
    TcpListener listener_;
    std::vector<Socket> waiting_;
};

/// Bytes that repeat nowhere near, so that a lost or doubled piece shows.
class Bytes {
public:
    char next() {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<char>(state_ >> 56);
    }
    std::string next(std::size_t size) {
        std::string bytes(size, '\0');
        for (char& byte : bytes) byte = next();
        return bytes;
    }

private:
    std::uint64_t state_ = 1;
};

/// Ends a connection with a reset instead of a farewell.
template <class SocketClass>
void reset(SocketClass& socket) {
    linger at_once{};
    at_once.l_onoff = 1;
    socket.set_option(SOL_SOCKET, SO_LINGER, at_once);
    socket.close();
}

/// Whether the system's socket blocks, whatever its object says.
inline bool blocks(NativeHandle handle) {
#ifndef _WIN32
    return detail::is_blocking(handle, false);
#else
    // Windows cannot be asked: a blocking recv runs into its time limit, the other one comes back at once.
    const DWORD time = 20;
    (void)detail::set_option(handle, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    char byte = 0;
    REQUIRE(::recv(handle, &byte, 1, MSG_PEEK) < 0);
    const bool waited = ::WSAGetLastError() == WSAETIMEDOUT;
    const DWORD none = 0;
    (void)detail::set_option(handle, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
    return waited;
#endif
}

#ifndef _WIN32 // Windows has no fork

/// Runs @p action in a child process, which may change what belongs to a whole process, and gives what it says.
inline std::string in_child(const std::function<std::string()>& action) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::alarm(60);
        std::string said;
        try {
            said = action();
        } catch (const std::exception& error) {
            said = error.what();
        }
        const bool told = ::write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size());
        ::_exit(told ? 0 : 1);
    }
    (void)::close(ends[1]);
    std::string said;
    char piece[4096];
    for (ssize_t count = 0; (count = ::read(ends[0], piece, sizeof piece)) > 0;)
        said.append(piece, static_cast<std::size_t>(count));
    (void)::close(ends[0]);
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    return said;
}

#endif

} // namespace support
