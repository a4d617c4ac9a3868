// RECEIVE with a time limit of its own, and sizes that no receive can have.

#include "support.hpp"

#include <algorithm>
#include <cstdlib>
#include <future>
#include <new>
#include <sstream>

using namespace support;

namespace {

std::size_t largest = 0; // of what was asked of the heap

/// Nothing of what is tested here is known to work without a limit: should it hang, it fails instead.
template <class S>
void end_some_time(S& socket) {
    socket.set_recv_timeout(patience);
}

/// The largest size that there is: what recv(-1) asks for.
constexpr auto minus_one = static_cast<std::size_t>(-1);

Socket taken_out(TcpSocket socket) { return Socket::adopt(socket.release()); }

bool is_over_since(std::chrono::steady_clock::time_point start, milliseconds time) {
    return std::chrono::steady_clock::now() - start >= time;
}

/// Of a stream, whatever its class is called.
template <class Client, class Server>
void three_outcomes(Client& client, Server& server) {
    end_some_time(server);
    const auto start = std::chrono::steady_clock::now();
    CHECK(!server.recv(10, soon)); // nothing yet
    CHECK(is_over_since(start, soon));
    CHECK(!server.recv(10, milliseconds(0)));
    client.send_all("abc");
    CHECK(server.recv(2, patience) == std::optional<std::string>("ab"));
    CHECK(server.recv(2, patience) == std::optional<std::string>("c"));
    client.send_all("d");
    REQUIRE(server.wait_readable(patience));
    CHECK(server.recv(2, milliseconds(0)) == std::optional<std::string>("d"));
    client.shutdown();
    for (int i = 0; i < 3; ++i) CHECK(server.recv(2, patience) == std::optional<std::string>("")); // the end
    CHECK(server.recv(2, milliseconds(0)) == std::optional<std::string>(""));
}

/// Of datagrams: whether sender or not.
template <class S>
void datagrams_in_time(S& server, UdpSocket& client) {
    const Address there = server.local_address();
    const auto start = std::chrono::steady_clock::now();
    CHECK(!server.recv_from(soon));
    CHECK(is_over_since(start, soon));
    CHECK(!server.recv_from(10, soon));
    CHECK(!server.recv(10, soon));
    CHECK(!server.recv_from(milliseconds(0)));

    client.send_to("hola", there);
    const std::optional<Datagram> first = server.recv_from(patience);
    REQUIRE(first);
    CHECK(first->data == "hola");
    CHECK(first->sender.port() == client.local_address().port());
    client.send_to("12345", there);
    const std::optional<Datagram> exact = server.recv_from(5, patience);
    REQUIRE(exact);
    CHECK(exact->data == "12345");
    client.send_to("adios", there);
    CHECK(server.recv(5, patience) == std::optional<std::string>("adios"));
    client.send_to("", there); // is one, and no end
    const std::optional<Datagram> empty = server.recv_from((milliseconds::max)());
    REQUIRE(empty);
    CHECK(empty->data.empty());
    client.send_to(std::string(60000, 'x'), there);
    const std::optional<Datagram> large = server.recv_from(patience);
    REQUIRE(large);
    CHECK(large->data.size() == 60000);
}

} // namespace

void* operator new(std::size_t size) {
    largest = std::max(largest, size);
    if (size < (std::size_t{1} << 40)) // or a sanitizer ends the program
        if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

TEST_CASE("recv: with a time limit it has three outcomes: bytes, nothing in time, the end") {
    for (const Family family : ip_families()) {
        Connection both = connection(family);
        three_outcomes(both.client, both.server);
        Connection plain = connection(family);
        Socket client = taken_out(std::move(plain.client));
        Socket server = taken_out(std::move(plain.server));
        three_outcomes(client, server);
    }
}

TEST_CASE("recv: with a time limit, `while (auto data = ...)` goes round for ever at the end") {
    Connection both = connection();
    both.client.send_all("the last words");
    both.client.shutdown();
    std::string all;
    int rounds = 0;
    while (auto data = both.server.recv(4, patience)) { // the trap
        all += *data;
        if (++rounds == 1000) break;
    }
    CHECK(rounds == 1000);
    CHECK(all == "the last words");
}

TEST_CASE("recv: with a time limit, the loop that asks for all three outcomes ends") {
    Connection both = connection();
    std::string all;
    int nothing = 0;
    for (int i = 0; i < 1000; ++i) {
        const std::optional<std::string> data = both.server.recv(4, milliseconds(1));
        if (!data && ++nothing == 3) { // nothing yet
            both.client.send_all("the last words");
            both.client.shutdown();
        }
        if (!data) continue;
        if (data->empty()) break; // the end
        all += *data;
    }
    CHECK(nothing >= 3);
    CHECK(all == "the last words");
}

TEST_CASE("recv: its own time limit counts, whatever set_recv_timeout says, which counts again afterwards") {
    Connection both = connection();
    const auto late = [&, &client = both.client](milliseconds limit) {
        auto receiving =
            std::async(std::launch::async, [&] { return both.server.recv(10, limit).value_or("nothing"); });
        CHECK(receiving.wait_for(soon) == std::future_status::timeout); // longer than the usual limit
        client.send_all("x");
        return receiving.get();
    };
    both.server.set_recv_timeout(milliseconds(1));
    CHECK(late(patience) == "x");
    CHECK(late((milliseconds::max)()) == "x");
    CHECK(error_of([&] { (void)both.server.recv(10); }).code() == std::errc::timed_out);
    both.server.set_recv_timeout(patience);
    const auto start = std::chrono::steady_clock::now();
    CHECK(!both.server.recv(10, soon)); // shorter
    CHECK(!is_over_since(start, patience));
    both.server.set_recv_timeout(milliseconds(0));
    CHECK(late(patience) == "x");
}

TEST_CASE("recv: with a time limit, it waits also on a socket set non-blocking, which it stays") {
    for (const bool blocking : {false, true}) {
        Connection both = connection();
        both.server.set_blocking(blocking);
        CHECK(!both.server.recv(10, soon));
        auto receiving = std::async(std::launch::async, [&] { return both.server.recv(10, patience); });
        CHECK(receiving.wait_for(soon) == std::future_status::timeout);
        both.client.send_all("x");
        CHECK(receiving.get() == std::optional<std::string>("x"));
        if (!blocking) {
            CHECK(error_of([&] { (void)both.server.recv(10); }).code() == std::errc::operation_would_block);
            continue;
        }
        auto plain = std::async(std::launch::async, [&] { return both.server.recv(10); }); // still waits
        CHECK(plain.wait_for(soon) == std::future_status::timeout);
        both.client.send_all("y");
        CHECK(plain.get() == "y");
    }
}

TEST_CASE("recv, recv_from: a negative time limit is refused, and nothing is lost") {
    Connection both = connection();
    UdpSocket datagrams(Address::loopback(0));
    UdpSocket client;
    both.client.send_all("x");
    client.send_to("y", datagrams.local_address());
    const Error errors[] = {error_of([&] { (void)both.server.recv(1, milliseconds(-1)); }),
                            error_of([&] { (void)datagrams.recv(1, milliseconds(-1)); }),
                            error_of([&] { (void)datagrams.recv_from(milliseconds(-1)); }),
                            error_of([&] { (void)datagrams.recv_from(1, milliseconds(-1)); })};
    for (std::size_t i = 0; i < 4; ++i) {
        CAPTURE(errors[i]);
        CHECK(errors[i].code() == std::errc::invalid_argument);
        CHECK(errors[i].primitive() == (i < 2 ? "recv" : "recv_from"));
        CHECK(std::string(errors[i].what()).find("milliseconds::max()") != std::string::npos);
    }
    CHECK(both.server.recv(1, patience) == std::optional<std::string>("x"));
    CHECK(datagrams.recv(1, patience) == std::optional<std::string>("y"));
}

TEST_CASE("recv, recv_from: with a time limit, other trouble is an Error") {
    Connection both = connection();
    const Error none = error_of([&] { (void)both.server.recv(0, soon); });
    CHECK(none.code() == std::errc::invalid_argument); // 0 bytes could not be told from the end
    reset(both.client);
    REQUIRE(both.server.wait_readable(patience));
    if (!under_wine()) { // which may have forgotten the reset
        const Error broken = error_of([&] { (void)both.server.recv(1, patience); });
        CHECK(broken.code() == std::errc::connection_reset);
        CHECK(broken.primitive() == "recv");
    }
    both.server.close();
    CHECK(error_of([&] { (void)both.server.recv(1, soon); }).code() == std::errc::bad_file_descriptor);
    UdpSocket datagrams(Address::loopback(0));
    UdpSocket client;
    for (int way = 0; way < 2; ++way) {
        client.send_to("12345", datagrams.local_address());
        const Error cut = error_of([&] {
            if (way == 0) (void)datagrams.recv(4, patience);
            else (void)datagrams.recv_from(4, patience);
        });
        CHECK(cut.code() == std::errc::message_size);
        CHECK(cut.primitive() == (way == 0 ? "recv" : "recv_from"));
    }
    datagrams.close();
    CHECK(error_of([&] { (void)datagrams.recv_from(soon); }).code() == std::errc::bad_file_descriptor);
}

TEST_CASE("recv_from: with a time limit, a datagram and its sender, or nothing in time") {
    for (const Family family : ip_families()) {
        UdpSocket client(Address::loopback(0, family));
        UdpSocket server(Address::loopback(0, family));
        datagrams_in_time(server, client);
        Socket plain(family, Type::datagram);
        plain.bind(Address::loopback(0, family));
        datagrams_in_time(plain, client);
        server.set_recv_timeout(milliseconds(1));
        server.set_blocking(false);
        datagrams_in_time(server, client);
        CHECK(error_of([&] { (void)server.recv_from(); }).code());
    }
}

TEST_CASE("recv, recv_from: with a time limit that runs out they leave no line in the trace") {
    Connection both = connection();
    UdpSocket datagrams(Address::loopback(0));
    std::ostringstream lines;
    TraceStyle style;
    style.waiting = nullptr;
    trace_to(&lines, style);
    const bool nothing = !both.server.recv(10, milliseconds(1)) && !datagrams.recv_from(milliseconds(1));
    const std::string none = lines.str();
    both.client.send("x");
    const auto one = both.server.recv(10, patience);
    trace_to(nullptr);
    CHECK(nothing);
    CHECK(none.empty());
    CHECK(one == std::optional<std::string>("x"));
    CHECK(lines.str().find("] recv(10) = 1: \"x\"\n") != std::string::npos);
}

TEST_CASE("recv: of more than INT_MAX bytes into a string, as of recv(-1), it is refused before any memory "
          "is taken") {
    Connection both = connection();
    Socket plain = taken_out(std::move(connection().server));
    UdpSocket datagrams(Address::loopback(0));
    UdpSocket client;
    LineReader reader(both.server);
    both.client.send_all("line\nx");
    client.send_to("y", datagrams.local_address());
    for (const std::size_t max : {minus_one, std::size_t{INT_MAX} + 1}) {
        const std::function<void()> of_recv[] = {
            [&] { (void)both.server.recv(max); },     [&] { (void)both.server.recv(max, patience); },
            [&] { (void)both.server.try_recv(max); }, [&] { (void)plain.recv(max); },
            [&] { (void)plain.recv(max, patience); }, [&] { (void)plain.try_recv(max); },
            [&] { (void)datagrams.recv(max); },       [&] { (void)datagrams.recv(max, patience); },
            [&] { (void)datagrams.try_recv(max); },   [&] { (void)reader.recv(max); },
        };
        const std::function<void()> of_recv_from[] = {
            [&] { (void)datagrams.recv_from(max); },
            [&] { (void)datagrams.recv_from(max, patience); },
            [&] { (void)datagrams.try_recv_from(max); },
        };
        const auto check = [](const std::function<void()>& way, const std::string& primitive) {
            largest = 0;
            const Error error = error_of(way);
            CHECK(largest < 4096);
            CAPTURE(error);
            CHECK(error.code() == std::errc::invalid_argument);
            CHECK(error.primitive() == primitive);
            CHECK(std::string(error.what()).find("at most so many bytes at once: 2147483647") !=
                  std::string::npos);
        };
        for (const auto& way : of_recv) check(way, "recv");
        for (const auto& way : of_recv_from) check(way, "recv_from");
    }
    CHECK(reader.next() == std::optional<std::string>("line")); // nothing is lost
    CHECK(error_of([&] { (void)reader.recv(minus_one); }).code() ==
          std::errc::invalid_argument); // it holds some
    CHECK(reader.recv(10) == "x");
    CHECK(datagrams.recv_from(patience).value().data == "y");
}
