// CONNECT that never waits: how it begins, how one looks after it, and how it ends.

#include "support.hpp"

#include <sstream>

#ifndef _WIN32
#include <cstdlib>
#endif
#ifdef __gnu_linux__ // the real call behind the stand-in is reached by its number
#include <sys/syscall.h>
#endif

using namespace support;

#ifdef __gnu_linux__

namespace {

int connects = 0; // how often the system was asked to connect

} // namespace

extern "C" int connect(int handle, const sockaddr* peer, socklen_t size) {
    ++connects;
    return static_cast<int>(::syscall(SYS_connect, handle, peer, size));
}

#endif

namespace {

/// Asks until it is connected, whenever there is something to see; the Error, if it fails.
template <class S>
void connect_patiently(S& socket, const Address& peer) {
    for (int i = 0; i < 100; ++i) {
        if (socket.try_connect(peer)) return;
        REQUIRE(socket.wait_writable(patience));
    }
    FAIL("writable, and never done");
}

/// Makes room: a handshake that got no answer is tried again.
void make_room(Busy& busy) {
    while (busy.listener().try_accept()) {}
}

/// Connected to @p peer, and good for something.
template <class S>
void check_connected(S& client, const Address& peer) {
    CHECK(client.is_open());
    CHECK(client.remote_address() == peer);
}

} // namespace

TEST_CASE("try_connect: false while nobody answers, true once connected, and the socket waits as before") {
    for (const Family family : ip_families()) {
        Busy busy(family);
        TcpSocket client(family);
        for (int i = 0; i < 3; ++i) CHECK(!client.try_connect(busy.address()));
        CHECK(!client.wait_writable(milliseconds(0)));
        CHECK(client.is_open());
        make_room(busy);
        connect_patiently(client, busy.address());
        check_connected(client, busy.address());
        CHECK(blocks(client.native_handle()));
    }
}

TEST_CASE("try_connect: true at once or soon where somebody listens, and both ends may talk") {
    for (const Family family : ip_families()) {
        TcpListener server(Address::loopback(0, family));
        Socket client(family, Type::stream);
        connect_patiently(client, server.local_address());
        auto accepted = server.accept(patience);
        REQUIRE(accepted);
        CHECK(client.send("hola") == 4);
        CHECK(accepted->socket.recv_exactly(4) == "hola");
        accepted->socket.send("adios");
        client.set_recv_timeout(patience);
        CHECK(client.recv_exactly(5) == "adios");
        CHECK(client.local_address() == accepted->address);
    }
}

TEST_CASE("try_connect: once connected, the same peer is true again, another one already_connected") {
    for (const Family family : ip_families()) {
        TcpListener server(Address::loopback(0, family));
        TcpListener other(Address::loopback(0, family));
        TcpSocket client(family);
        connect_patiently(client, server.local_address());
        for (int i = 0; i < 2; ++i) {
            CHECK(client.try_connect(server.local_address()));
            CHECK(blocks(client.native_handle()));
            const Error error = error_of([&] { (void)client.try_connect(other.local_address()); });
            CHECK(error.code() == std::errc::already_connected);
            CHECK(error.primitive() == "connect");
            CHECK(blocks(client.native_handle()));
            check_connected(client, server.local_address());
        }
        CHECK(!other.try_accept());
        TcpSocket waited(family); // however it was connected
        waited.connect(server.local_address());
        CHECK(waited.try_connect(server.local_address()));
    }
}

TEST_CASE("try_connect: a failure is seen by wait_writable, is an Error, and closes the socket") {
    for (const Family family : ip_families()) {
        const Nobody nobody(family);
        for (const bool waits : {true, false}) {
            TcpSocket client(family);
            const Error error = error_of([&] {
                if (client.try_connect(nobody.address())) return;
                if (waits)
                    CHECK(client.wait_writable(patience)); // on Windows it is a set of its own that says so
                for (int i = 0; i < 1000000 && !client.try_connect(nobody.address()); ++i) {}
            });
            CAPTURE(error);
            CHECK(error.code() == std::errc::connection_refused);
            CHECK(error.primitive() == "connect");
            const std::string text = error.what();
            CHECK(text.find("connect to " + nobody.address().to_string() + ": ") == 0);
            CHECK(text.find("(is a server listening there?)") != std::string::npos);
            CHECK(!client.is_open());
            const Error closed = error_of([&] { (void)client.try_connect(nobody.address()); });
            CHECK(closed.code() == std::errc::bad_file_descriptor);
            CHECK(closed.primitive() == "connect");
        }
    }
}

TEST_CASE("try_connect: on a socket set non-blocking, which it stays") {
    Busy busy;
    TcpSocket client;
    client.set_blocking(false);
    CHECK(!client.try_connect(busy.address()));
    make_room(busy);
    connect_patiently(client, busy.address());
    CHECK(!blocks(client.native_handle()));
    CHECK(client.try_connect(busy.address()));
    CHECK(!blocks(client.native_handle()));
}

TEST_CASE("try_connect: while one is under way, the first call's peer counts") {
    Busy busy;
    TcpListener other(Address::loopback(0));
    TcpSocket client;
    CHECK(!client.try_connect(busy.address()));
    CHECK(!client.try_connect(other.local_address()));
    make_room(busy);
    connect_patiently(client, other.local_address());
    check_connected(client, busy.address());
    CHECK(!other.try_accept());
    const Error error = error_of([&] { (void)client.try_connect(other.local_address()); });
    CHECK(error.code() == std::errc::already_connected);
}

TEST_CASE("try_connect: finishes a connect that is in progress, good or bad") {
    for (const Family family : ip_families()) {
        Busy busy(family);
        const Nobody nobody(family);
        TcpSocket good(family);
        good.set_blocking(false);
        const Error begun = error_of([&] { good.connect(busy.address()); });
        CHECK(begun.code() == std::errc::operation_in_progress);
        CHECK(!good.try_connect(busy.address()));
        make_room(busy);
        connect_patiently(good, busy.address());
        check_connected(good, busy.address());

        TcpSocket bad(family);
        bad.set_blocking(false);
        if (error_of([&] { bad.connect(nobody.address()); }).code() != std::errc::operation_in_progress)
            continue; // told at once, by some systems
        const Error refused = error_of([&] { connect_patiently(bad, nobody.address()); });
        CHECK(refused.code() == std::errc::connection_refused);
        CHECK(!bad.is_open());
    }
}

TEST_CASE("try_connect: what it has begun goes on in the object that it was moved to, and connect finishes "
          "it too") {
    for (const bool limited : {false, true}) {
        Busy busy;
        TcpSocket client;
        CHECK(!client.try_connect(busy.address()));
        TcpSocket next(std::move(client));
        CHECK(!next.try_connect(busy.address()));
        make_room(busy);
        if (limited) next.connect(busy.address(), patience);
        else next.connect(busy.address());
        check_connected(next, busy.address());
        CHECK(blocks(next.native_handle()));
        const Error again = error_of([&] { next.connect(busy.address()); });
        CHECK(again.code() == std::errc::already_connected);
    }
}

TEST_CASE("try_connect: of a datagram socket it is always true, and the last peer counts") {
    for (const Family family : ip_families()) {
        UdpSocket first(Address::loopback(0, family));
        UdpSocket second(Address::loopback(0, family));
        UdpSocket client(family);
        for (const UdpSocket* server : {&first, &second, &second}) {
            CHECK(client.try_connect(server->local_address()));
            CHECK(client.remote_address() == server->local_address());
        }
        client.send("x");
        CHECK(second.recv(1, patience) == std::optional<std::string>("x"));
    }
}

TEST_CASE("try_connect: the empty address is refused, and the socket stays open") {
    TcpSocket client;
    UdpSocket datagrams;
    for (const Error& error : {error_of([&] { (void)client.try_connect(Address()); }),
                               error_of([&] { (void)datagrams.try_connect(Address()); })}) {
        CHECK(error.code() == std::errc::invalid_argument);
        CHECK(error.primitive() == "connect");
    }
    CHECK(client.is_open());
}

TEST_CASE("try_connect: false leaves no line in the trace, its end leaves one, good or bad") {
    Busy busy;
    const Nobody nobody;
    const auto count = [](const std::string& lines) {
        std::size_t found = 0;
        for (std::size_t at = 0; (at = lines.find("connect(", at)) != std::string::npos; ++at) ++found;
        return found;
    };
    TcpSocket good;
    TcpSocket bad;
    std::ostringstream lines;
    trace_to(&lines);
    bool under_way = false;
    for (int i = 0; i < 3; ++i) under_way = !good.try_connect(busy.address());
    trace_to(nullptr);
    CHECK(under_way);
    CHECK(lines.str().empty());
    make_room(busy);
    trace_to(&lines);
    Error error = error_of([&] { connect_patiently(good, busy.address()); });
    const std::string after_good = lines.str();
    const bool again = good.try_connect(busy.address());
    const std::string after_again = lines.str();
    lines.str("");
    error = error_of([&] { connect_patiently(bad, nobody.address()); });
    trace_to(nullptr);
    CHECK(count(after_good) == 1);
    CHECK(after_good.find(busy.address().to_string() + ") = " + good.local_address().to_string()) !=
          std::string::npos);
    CHECK(again);
    CHECK(after_again == after_good);
    CHECK(error.code() == std::errc::connection_refused);
    CHECK(count(lines.str()) == 1);
    CHECK(lines.str().find(nobody.address().to_string() + "): ") != std::string::npos);
}

// --- in a Selector ------------------------------------------------------------------------------------

TEST_CASE("try_connect: a Selector says when to ask again, and remove comes before the call that may fail") {
    for (const bool fails : {false, true}) {
        if (fails && under_wine()) continue; // and Windows 10 before version 2004: WSAPoll does not report it
        Busy busy;
        const Nobody nobody;
        const Address peer = fails ? nobody.address() : busy.address();
        TcpSocket client;
        Selector selector;
        const Error error = error_of([&] {
            if (client.try_connect(peer)) return;
            selector.add(client, Interest::write);
            if (!fails) {
                CHECK(selector.select(milliseconds(0)).empty());
                make_room(busy);
            }
            const std::vector<Ready>& ready = selector.select(patience);
            REQUIRE(ready.size() == 1);
            CHECK(ready[0].is(client));
            CHECK(ready[0].writable);
            selector.remove(client);
            const bool connected = client.try_connect(peer);
            CHECK(connected);
        });
        CHECK(client.is_open() == !fails);
        if (fails) CHECK(error.code() == std::errc::connection_refused);
        else CHECK(!error.code());
        CHECK(selector.select(milliseconds(0)).empty());
    }
}

#ifndef _WIN32 // which has no number for a socket but its handle: there remove() must come first

TEST_CASE("try_connect: one that has failed inside a Selector is gone, also if its number is used again") {
    const Nobody nobody;
    Selector selector;
    Socket client(Family::ipv4, Type::stream);
    const NativeHandle number = client.native_handle();
    const Error error = error_of([&] {
        if (client.try_connect(nobody.address())) return;
        selector.add(client, Interest::write);
        CHECK(selector.select(patience).size() == 1);
        (void)client.try_connect(nobody.address());
    });
    CHECK(error.code() == std::errc::connection_refused);
    REQUIRE(!client.is_open());
    CHECK(error_of([&] { selector.remove(client); }).code() == std::errc::bad_file_descriptor);
    UdpSocket next(Address::loopback(0));
    REQUIRE(next.native_handle() == number);
    selector.add(next, Interest::read); // not "it is inside already"
    CHECK(error_of([&] { selector.add(next); }).code() == std::errc::file_exists);
    CHECK(selector.select(milliseconds(0)).empty()); // of the old one, nothing
    UdpSocket().send_to("x", next.local_address());
    const std::vector<Ready>& ready = selector.select(patience);
    REQUIRE(ready.size() == 1);
    CHECK(ready[0].is(next));
    selector.remove(next);
    CHECK(error_of([&] { (void)selector.select(); }).code() == std::errc::invalid_argument); // counted once
}

// --- to a local socket --------------------------------------------------------------------------------

TEST_CASE("try_connect: a local server's full queue is operation_would_block, and the socket stays open") {
    char name[] = "/tmp/sockets-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    const Address door = Address::local(std::string(name) + "/door");
    Socket server(Family::local, Type::stream);
    server.bind(door);
    server.listen(0);
    std::vector<Socket> waiting;
    Error error = error_of([] {});
    for (int i = 0; i < 64 && !error.code(); ++i) {
        waiting.emplace_back(Family::local, Type::stream);
        error = error_of([&] { (void)waiting.back().try_connect(door); });
    }
    Socket late = std::move(waiting.back());
    for (int i = 0; i < 2; ++i) {
        CAPTURE(error);
#ifdef __gnu_linux__ // the BSDs refuse
        CHECK(error.code() == std::errc::operation_would_block);
        CHECK(std::string(error.what()).find("(the server's queue is full: try again after a pause)") !=
              std::string::npos);
        REQUIRE(late.is_open());
        CHECK(blocks(late.native_handle()));
        error = error_of([&] { (void)late.try_connect(door); });
#endif
    }
#ifdef __gnu_linux__
    while (server.try_accept()) {}
    CHECK(late.try_connect(door));
    CHECK(late.try_connect(door)); // the same peer
    late.send("x");
    CHECK(server.accept().socket.recv(1) == "x");
#endif
    (void)::unlink(door.host().c_str());
    (void)::rmdir(name);
}

#endif

TEST_CASE("connect: with a limit it waits on a socket set non-blocking too, also with one that never ends") {
    for (const milliseconds limit : {patience, (milliseconds::max)()}) {
        const TcpListener server(Address::loopback(0));
        TcpSocket client;
        client.set_blocking(false);
        client.connect(server.local_address(), limit);
        CHECK(client.remote_address() == server.local_address());
    }
}

TEST_CASE("connect: asked again on a socket set non-blocking, it sees that it has come to its end") {
    const TcpListener server(Address::loopback(0));
    TcpSocket client;
    client.set_blocking(false);
    const Error first = error_of([&] { client.connect(server.local_address()); });
    if (!first.code()) return; // it was done at once
    CHECK(first.code() == std::errc::operation_in_progress);
    REQUIRE(client.wait_writable(patience));
    client.connect(server.local_address());
    CHECK(client.remote_address() == server.local_address());
}

#ifdef __gnu_linux__

TEST_CASE("try_connect: the system is asked to connect once, however often one looks") {
    for (const bool begun_by_connect : {false, true}) {
        Busy busy;
        TcpSocket client;
        connects = 0;
        if (begun_by_connect) {
            client.set_blocking(false);
            (void)error_of([&] { client.connect(busy.address()); });
        }
        for (int i = 0; i < 5; ++i) CHECK(!client.try_connect(busy.address()));
        make_room(busy);
        connect_patiently(client, busy.address());
        CHECK(connects == 1);
    }
}

#endif
