// UdpSocket and Datagram: single messages, each whole and with its sender.

#include "support.hpp"

#include <future>
#include <type_traits>

using namespace support;

namespace {

template <class T, class = void>
struct CanListen : std::false_type {};
template <class T>
struct CanListen<T, std::void_t<decltype(std::declval<T&>().listen())>> : std::true_type {};
template <class T, class = void>
struct CanAccept : std::false_type {};
template <class T>
struct CanAccept<T, std::void_t<decltype(std::declval<T&>().accept())>> : std::true_type {};
template <class T, class = void>
struct CanSendAll : std::false_type {};
template <class T>
struct CanSendAll<T, std::void_t<decltype(std::declval<T&>().send_all(""))>> : std::true_type {};
template <class T, class = void>
struct CanRecvExactly : std::false_type {};
template <class T>
struct CanRecvExactly<T, std::void_t<decltype(std::declval<T&>().recv_exactly(1))>> : std::true_type {};

static_assert(CanListen<Socket>() && CanAccept<Socket>() && CanSendAll<Socket>() && CanRecvExactly<Socket>());
static_assert(!CanListen<UdpSocket>() && !CanAccept<UdpSocket>());
static_assert(!CanSendAll<UdpSocket>() && !CanRecvExactly<UdpSocket>(), "a datagram goes and comes whole");
static_assert(!std::is_copy_constructible_v<UdpSocket> && !std::is_copy_assignable_v<UdpSocket>);
static_assert(std::is_nothrow_move_constructible_v<UdpSocket> &&
              std::is_nothrow_move_assignable_v<UdpSocket>);
static_assert(!std::is_convertible_v<int, UdpSocket> && !std::is_convertible_v<Address, UdpSocket>);
static_assert(!std::is_convertible_v<Socket, UdpSocket> && !std::is_convertible_v<UdpSocket, Socket>);
static_assert(std::is_nothrow_move_constructible_v<Datagram> && std::is_copy_constructible_v<Datagram>);
static_assert(std::is_same_v<decltype(std::declval<UdpSocket&>().recv_from()), Datagram>);

/// A port where nobody receives: it was somebody's a moment ago.
Address nobody(Family family) { return UdpSocket(Address::loopback(0, family)).local_address(); }

} // namespace

TEST_CASE("send_to, recv_from: a message and where it came from") {
    for (const Family family : ip_families()) {
        UdpSocket server(Address::loopback(0, family));
        UdpSocket client(family);
        CHECK(client.send_to("hola", server.local_address()) == 4);
        const Datagram question = server.recv_from();
        CHECK(question.data == "hola");
        CHECK(question.sender.host() == Address::loopback(0, family).host());
        CHECK(question.sender.port() == client.local_address().port());
        server.send_to("pues hola", question.sender);
        const Datagram answer = client.recv_from();
        CHECK(answer.data == "pues hola");
        CHECK(answer.sender == server.local_address());
    }
}

TEST_CASE("send_to, recv_from: into the caller's memory, nothing filled") {
    for (const Family family : ip_families()) {
        UdpSocket server(Address::loopback(0, family));
        UdpSocket client(Address::loopback(0, family));
        const char text[] = "hola";
        CHECK(client.send_to(text, 4, server.local_address()) == 4);
        char buffer[16];
        for (char& byte : buffer) byte = '#';
        Address sender;
        CHECK(server.recv_from(buffer, sizeof buffer, sender) == 4);
        CHECK(std::string(buffer, sizeof buffer) == "hola############");
        CHECK(sender == client.local_address());
    }
}

TEST_CASE("recv_from: messages keep their ends") {
    UdpSocket server(Address::loopback(0));
    UdpSocket client;
    for (const char* text : {"one", "", "three", "four"}) client.send_to(text, server.local_address());
    CHECK(server.recv_from(5).data == "one");
    CHECK(server.recv_from(0).data.empty());
    CHECK(server.recv_from(5).data == "three");
    CHECK(server.recv_from().data == "four");
    CHECK(!server.try_recv_from());
}

TEST_CASE("recv_from: an empty datagram is a datagram, in every way to receive one") {
    for (const Family family : ip_families()) {
        UdpSocket server(Address::loopback(0, family));
        UdpSocket client(Address::loopback(0, family));
        char buffer[4];
        Address sender;
        for (int way = 0; way < 8; ++way) {
            CAPTURE(way);
            CHECK(client.send_to("", server.local_address()) == 0);
            CHECK(server.wait_readable(patience));
            if (way == 0) CHECK(server.recv_from().sender == client.local_address());
            if (way == 1) CHECK(server.recv_from(0).data.empty());
            if (way == 2) CHECK(server.recv_from(buffer, sizeof buffer, sender) == 0);
            if (way == 3) CHECK(server.try_recv_from()->data.empty());
            if (way == 4)
                CHECK(server.try_recv_from(buffer, sizeof buffer, sender) == std::optional<std::size_t>(0));
            if (way == 5) CHECK(server.recv(10).empty());
            if (way == 6) CHECK(server.try_recv(10) == std::optional<std::string>(""));
            if (way == 7) CHECK(server.recv(buffer, 0) == 0);
            CHECK(!server.try_recv_from());
        }
    }
}

TEST_CASE("recv_from: a datagram longer than max is an Error, never cut, in every way to receive one") {
    for (const Family family : ip_families()) {
        UdpSocket server(Address::loopback(0, family));
        UdpSocket client(Address::loopback(0, family));
        char buffer[4] = {'#', '#', '#', '#'};
        Address sender;
        for (int way = 0; way < 10; ++way) {
            CAPTURE(way);
            client.send_to("five!", server.local_address());
            CHECK(server.wait_readable(patience));
            if (way == 9) server.set_recv_timeout(patience);
            const Error error = error_of([&] {
                if (way == 0 || way == 9) server.recv_from(4);
                if (way == 1) server.recv_from(buffer, 4, sender);
                if (way == 2) (void)server.try_recv_from(4);
                if (way == 3) (void)server.try_recv_from(buffer, 4, sender);
                if (way == 4) server.recv(4);
                if (way == 5) server.recv(buffer, 4);
                if (way == 6) (void)server.try_recv(4);
                if (way == 7) (void)server.try_recv(buffer, 4);
                if (way == 8) server.recv_from(0);
            });
            CAPTURE(error);
            CHECK(error.code() == std::errc::message_size);
            CHECK(error.primitive() == ((way >= 4 && way <= 7) ? "recv" : "recv_from"));
            CHECK(!server.try_recv_from()); // it is lost, and the socket goes on
        }
        client.send_to("four", server.local_address());
        CHECK(server.recv_from(4).data == "four");
    }
}

TEST_CASE("recv_from: its usual max takes the longest datagram that there is") {
    UdpSocket server(Address::loopback(0));
    UdpSocket client;
    client.set_option(SOL_SOCKET, SO_SNDBUF, 1 << 20);
    server.set_option(SOL_SOCKET, SO_RCVBUF, 1 << 20);
    const std::string longest(65507, 'x');
    CHECK(client.send_to(longest, server.local_address()) == longest.size());
    server.set_recv_timeout(patience);
    CHECK((server.recv_from().data == longest));
}

TEST_CASE("send_to: a datagram that is too long is an Error, and nothing goes") {
    for (const Family family : ip_families()) {
        UdpSocket server(Address::loopback(0, family));
        UdpSocket client(family);
        const std::string much(70000, 'x');
        const auto errors = {error_of([&] { client.send_to(much, server.local_address()); }),
                             error_of([&] { (void)client.try_send_to(much, server.local_address()); }),
                             error_of([&] {
                                 client.connect(server.local_address());
                                 client.send(much);
                             }),
                             error_of([&] { (void)client.try_send(much); })};
        for (const Error& error : errors) {
            CAPTURE(error);
            CHECK(error.code() == std::errc::message_size);
        }
        CHECK(!server.wait_readable(soon));
    }
}

TEST_CASE("send_to: above INT_MAX bytes too it is message_size, before the system sees it") {
    constexpr std::size_t huge = std::size_t{3} << 30;
    const char byte = 'x'; // nobody may read on from here
    UdpSocket server(Address::loopback(0));
    UdpSocket client;
    const Address peer = server.local_address();
    const Error to = error_of([&] { client.send_to(&byte, huge, peer); });
    const Error try_to = error_of([&] { (void)client.try_send_to(&byte, huge, peer); });
    client.connect(peer);
    const Error plain = error_of([&] { client.send(&byte, huge); });
    const Error tried = error_of([&] { (void)client.try_send(&byte, huge); });
    for (const Error* error : {&to, &try_to, &plain, &tried}) CHECK(error->code() == std::errc::message_size);
    CHECK(to.primitive() == "send_to");
    CHECK(try_to.primitive() == "send_to");
    CHECK(plain.primitive() == "send");
    CHECK(!server.wait_readable(milliseconds(0)));
}

// Provable on POSIX; under Wine it passes whether or not the library helps, because Linux does the work: only Windows
// itself answers the next recv with WSAECONNRESET (10054).
TEST_CASE("recv_from: does not fail because an earlier message went to a closed port") {
    for (const Family family : ip_families()) {
        UdpSocket client(Address::loopback(0, family));
        client.set_recv_timeout(patience);
        for (int i = 0; i < 3; ++i) client.send_to("is there anybody?", nobody(family));
        CHECK(!client.try_recv_from());
        CHECK(!client.wait_readable(soon));
        UdpSocket friendly(family);
        friendly.send_to("yes", client.local_address());
        CHECK(client.recv_from().data == "yes");
    }
}

// On POSIX; Windows says WSAECONNRESET, which becomes a refusal: see "datagram_error" in platform.cpp. Under Wine it
// cannot be shown.
TEST_CASE("recv: on a connected socket, connection_refused tells that nobody receives") {
    if (under_wine()) return; // it keeps the answer from its programs, whatever they ask for
    for (const Family family : ip_families()) {
        for (int way = 0; way < 4; ++way) {
            UdpSocket client(family);
            if (way < 2) client.connect(nobody(family));
            else CHECK(client.try_connect(nobody(family)));
            client.send("is there anybody?");
            client.set_recv_timeout(patience);
            REQUIRE(client.wait_readable(patience));
            const Error error = error_of([&] {
                if (way == 0) (void)client.recv(10);
                if (way == 1) (void)client.recv(10, patience);
                if (way == 2) (void)client.try_recv(10);
                if (way == 3) (void)client.recv_from(patience);
            });
            CAPTURE(error);
            CHECK(error.code() == std::errc::connection_refused);
            CHECK(std::string(error.what()).find("(is a server listening there?)") != std::string::npos);
            CHECK(client.is_open());
        }
    }
}

TEST_CASE("connect: fixes the peer; others are not heard") {
    for (const Family family : ip_families()) {
        UdpSocket server(Address::loopback(0, family));
        UdpSocket client(family);
        client.connect(server.local_address());
        CHECK(client.remote_address() == server.local_address());
        UdpSocket stranger(family);
        stranger.send_to("listen to me", client.local_address());
        CHECK(client.send("hola") == 4);
        const Datagram question = server.recv_from();
        CHECK(question.sender == client.local_address());
        server.send_to("pues hola", question.sender);
        CHECK(client.recv(100) == "pues hola");
        CHECK(!client.try_recv(100));
    }
}

TEST_CASE("connect: a failure leaves a datagram socket open") {
    if (!has_ipv6() || under_wine()) return; // Wine's socket can do nothing any more
    UdpSocket client(Family::ipv4);
    CHECK(error_of([&] { client.connect(Address::loopback(9, Family::ipv6)); }).code());
    CHECK(client.is_open());
    UdpSocket server(Address::loopback(0));
    client.send_to("x", server.local_address());
    CHECK(server.recv_from().data == "x");
}

TEST_CASE("send: needs a peer") {
    if (under_wine()) return; // it calls that an invalid argument
    UdpSocket client;
    const Error error = error_of([&] { client.send("x"); });
    CAPTURE(error);
    // Windows calls it not connected.
    CHECK((error.code() == std::errc::destination_address_required ||
           error.code() == std::errc::not_connected));
    CHECK(std::string(error.what()).back() == ')'); // and what to do
}

TEST_CASE("recv_from: timed_out once the limit is over") {
    for (const Family family : ip_families()) {
        UdpSocket server(Address::loopback(0, family));
        server.set_recv_timeout(soon);
        char buffer[8];
        Address sender = Address::loopback(7);
        const auto start = std::chrono::steady_clock::now();
        const auto errors = {error_of([&] { server.recv_from(); }),
                             error_of([&] { server.recv_from(buffer, 8, sender); })};
        CHECK(std::chrono::steady_clock::now() - start >= 2 * soon);
        for (const Error& error : errors) {
            CHECK(error.code() == std::errc::timed_out);
            CHECK(error.primitive() == "recv_from");
        }
        CHECK(sender == Address::loopback(7)); // nobody sent anything
        UdpSocket client(family);
        client.send_to("in time", server.local_address());
        CHECK(server.recv_from().data == "in time");
    }
}

TEST_CASE("try_recv_from: empty when nothing is there, and a blocking socket still blocks afterwards") {
    for (const Family family : ip_families()) {
        for (const bool blocking : {false, true}) {
            UdpSocket server(Address::loopback(0, family));
            UdpSocket client(family);
            server.set_blocking(blocking);
            char buffer[8];
            Address sender;
            CHECK(!server.try_recv_from());
            CHECK(!server.try_recv_from(buffer, sizeof buffer, sender));
            CHECK(!server.try_recv(8));
            CHECK(client.try_send_to("x", server.local_address()) == std::optional<std::size_t>(1));
            CHECK(client.try_send_to("y", 1, server.local_address()) == std::optional<std::size_t>(1));
            CHECK(server.wait_readable(patience));
            CHECK(server.try_recv_from()->data == "x");
            CHECK(server.recv_from().data == "y");
            if (!blocking) {
                CHECK(error_of([&] { server.recv_from(); }).code() == std::errc::operation_would_block);
                continue;
            }
            auto receiving = std::async(std::launch::async, [&] { return server.recv_from().data; });
            CHECK(receiving.wait_for(soon) == std::future_status::timeout);
            client.send_to("z", server.local_address());
            CHECK(receiving.get() == "z");
        }
    }
}

TEST_CASE("UdpSocket: a taken port is address_in_use") {
    for (const Family family : ip_families()) {
        const UdpSocket first(Address::loopback(0, family));
        const Error error = error_of([&] { UdpSocket second(first.local_address()); });
        CHECK(error.code() == std::errc::address_in_use);
        CHECK(error.primitive() == "bind");
    }
    const UdpSocket first(0);
    const int port = first.local_address().port();
    CHECK(first.local_address() == Address::any(port));
    CHECK(error_of([=] { UdpSocket second(port); }).code() == std::errc::address_in_use);
}

TEST_CASE("UdpSocket: TCP's ports are others") {
    Error error = error_of([] {});
    for (int i = 0; i < 20; ++i) { // by chance somebody else may have that port
        const TcpListener tcp(Address::loopback(0));
        error =
            error_of([&] { CHECK(UdpSocket(tcp.local_address()).local_address() == tcp.local_address()); });
        if (!error.code()) break;
    }
    CHECK(!error.code());
}

TEST_CASE("UdpSocket: Family::unspecified, and an address without one, are refused") {
    for (const Error& error : {error_of([] { UdpSocket socket{Family::unspecified}; }),
                               error_of([] { UdpSocket socket{Address()}; })}) {
        CHECK(error.code() == std::errc::invalid_argument);
        CHECK(error.primitive() == "socket");
    }
}

TEST_CASE("UdpSocket: takes over a datagram socket made the slides' way, and nothing else") {
    const Error error = error_of([] { UdpSocket socket{Socket(Family::ipv4, Type::stream)}; });
    CHECK(error.code() == std::errc::wrong_protocol_type);
    CHECK(std::string(error.what()).find("(UDP needs a datagram socket)") != std::string::npos);
    Socket made(Family::ipv4, Type::datagram);
    made.bind(Address::loopback(0));
    UdpSocket server(std::move(made));
    UdpSocket client;
    client.send_to("x", server.local_address());
    CHECK(server.recv_from().data == "x");
}

TEST_CASE("UdpSocket: closed and moved from, it says so") {
    UdpSocket server(Address::loopback(0));
    UdpSocket moved = std::move(server);
    CHECK(moved.is_open());
    CHECK(error_of([&] { server.recv_from(); }).code() ==
          std::errc::bad_file_descriptor); // NOLINT(bugprone-use-after-move)
    CHECK(error_of([&] { server.send_to("x", moved.local_address()); }).code() ==
          std::errc::bad_file_descriptor);
    CHECK(error_of([&] { server.send_to("", moved.local_address()); }).code() ==
          std::errc::bad_file_descriptor);
    moved.close();
    moved.close();
    CHECK(!moved.is_open());
}

TEST_CASE("set_broadcast: without it, sending to everybody is refused") {
    UdpSocket client;
    CHECK(!client.option<bool>(SOL_SOCKET, SO_BROADCAST));
    const Error error = error_of([&] { client.send_to("x", Address("255.255.255.255", 9)); });
    CAPTURE(error);
    // Without any network there is no way out at all.
    CHECK((error.code() == std::errc::permission_denied || error.code() == std::errc::network_unreachable));
    if (error.code() == std::errc::permission_denied)
        CHECK(std::string(error.what()).find("(sending to everybody needs set_broadcast(true))") !=
              std::string::npos);
}

TEST_CASE("send_to: the sender of a datagram that came over IPv6 for IPv4 can be answered") {
    if (!has_ipv6()) return;
    Socket both(Family::ipv6, Type::datagram);
    both.set_option(IPPROTO_IPV6, IPV6_V6ONLY, false);
    both.bind(Address::any(0, Family::ipv6));
    const int port = both.local_address().port();
    UdpSocket client;
    client.send_to("hola", Address::loopback(port));
    const Datagram question = both.recv_from();
    CHECK(question.sender.host() == "127.0.0.1");
    both.send_to("pues hola", question.sender);
    CHECK(client.recv_from().data == "pues hola");
}
