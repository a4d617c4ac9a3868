// One urgent byte (MSG_OOB) from the peer is nothing that this library gives: it makes nobody believe that something
// is there. Winsock's select has a set of its own for it, which belongs to a connect under way alone.

#include "support.hpp"

#include <atomic>
#include <future>
#include <sstream>

using namespace support;

namespace {

std::atomic<int> sends{0};

template <class S>
void send_urgent_byte(S& socket) {
    const char byte = '!';
    REQUIRE(::send(socket.native_handle(), &byte, 1, MSG_OOB) == 1);
}

void fill(TcpSocket& socket) {
    const std::string much(1 << 20, 'x');
    do {
        while (socket.try_send(much) || socket.try_send("x")) {}
    } while (socket.wait_writable(soon) || socket.try_send("x"));
}

} // namespace

TEST_CASE("wait_readable: an urgent byte alone is nothing to receive") {
    for (const Family family : ip_families()) {
        Connection both = connection(family);
        send_urgent_byte(both.client);
        CHECK(!both.server.wait_readable(soon));
        CHECK(!both.server.try_recv(1));
        CHECK(!both.server.recv(1, soon));
        both.server.set_recv_timeout(soon);
        CHECK(error_of([&] { (void)both.server.recv(1); }).code() == std::errc::timed_out);
        both.client.send_all("x");
        CHECK(both.server.wait_readable(patience));
        CHECK(both.server.recv(1) == "x");
    }
}

TEST_CASE("wait_writable: an urgent byte makes no room, also after a connect that did not wait") {
    TcpListener listener(Address::loopback(0));
    for (const bool tried : {false, true}) {
        TcpSocket client;
        if (tried) {
            while (!client.try_connect(listener.local_address())) REQUIRE(client.wait_writable(patience));
        } else {
            client.connect(listener.local_address());
        }
        auto accepted = listener.accept(patience);
        REQUIRE(accepted);
        fill(client);
        send_urgent_byte(accepted->socket);
        CHECK(!client.wait_writable(soon));
        CHECK(!client.try_send("x"));
    }
}

TEST_CASE("send_all: an urgent byte does not make it ask for room again and again") {
    Connection both = connection();
    fill(both.server);
    send_urgent_byte(both.client);
    both.server.set_send_timeout(soon * 5);
    std::ostringstream lines;
    TraceStyle style;
    style.before = [](const std::string&) { ++sends; };
    sends = 0;
    trace_to(&lines, style);
    const Error error = error_of([&] { both.server.send_all("x"); });
    trace_to(nullptr);
    CHECK(error.code() == std::errc::timed_out);
    CHECK(sends < 150); // not more often than every 5 ms, where it could be many thousands
}
