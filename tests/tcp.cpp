// TcpSocket and TcpListener: what each can do, and what neither can; streams of bytes as students meet them.

#include "support.hpp"

#include <cstdlib>
#include <future>
#include <type_traits>

#ifndef _WIN32
#include <fcntl.h>
#endif

using namespace support;

namespace {

// What a class has: each is asked with any of its own types, so that a wrong argument cannot hide a method.
template <class T>
using BindOf = decltype(std::declval<T&>().bind(std::declval<const Address&>()));
template <class T>
using ListenOf = decltype(std::declval<T&>().listen());
template <class T>
using AcceptOf = decltype(std::declval<T&>().accept());
template <class T>
using TryAcceptOf = decltype(std::declval<T&>().try_accept());
template <class T>
using ConnectOf = decltype(std::declval<T&>().connect(std::declval<const Address&>()));
template <class T>
using SendOf = decltype(std::declval<T&>().send(""));
template <class T>
using SendAllOf = decltype(std::declval<T&>().send_all(""));
template <class T>
using RecvOf = decltype(std::declval<T&>().recv(1));
template <class T>
using TryRecvOf = decltype(std::declval<T&>().try_recv(1));
template <class T>
using SendToOf = decltype(std::declval<T&>().send_to("", std::declval<const Address&>()));
template <class T>
using RecvFromOf = decltype(std::declval<T&>().recv_from());
template <class T>
using RemoteAddressOf = decltype(std::declval<T&>().remote_address());
template <class T>
using ShutdownOf = decltype(std::declval<T&>().shutdown());

template <template <class> class Method, class T, class = void>
struct Has : std::false_type {};
template <template <class> class Method, class T>
struct Has<Method, T, std::void_t<Method<T>>> : std::true_type {};
template <template <class> class Method, class T>
constexpr bool has = Has<Method, T>::value;

static_assert(has<ConnectOf, TcpSocket> && has<SendOf, TcpSocket> && has<SendAllOf, TcpSocket>);
static_assert(has<RecvOf, TcpSocket> && has<TryRecvOf, TcpSocket> && has<RemoteAddressOf, TcpSocket>);
static_assert(!has<BindOf, TcpSocket> && !has<ListenOf, TcpSocket> && !has<AcceptOf, TcpSocket>);
static_assert(!has<TryAcceptOf, TcpSocket> && !has<SendToOf, TcpSocket> && !has<RecvFromOf, TcpSocket>);

static_assert(has<BindOf, TcpListener> && has<ListenOf, TcpListener> && has<AcceptOf, TcpListener>);
static_assert(has<TryAcceptOf, TcpListener>);
static_assert(!has<ConnectOf, TcpListener> && !has<SendOf, TcpListener> && !has<SendAllOf, TcpListener>);
static_assert(!has<RecvOf, TcpListener> && !has<TryRecvOf, TcpListener> && !has<SendToOf, TcpListener>);
static_assert(!has<RecvFromOf, TcpListener> && !has<RemoteAddressOf, TcpListener> &&
              !has<ShutdownOf, TcpListener>);

static_assert(has<BindOf, Socket> && has<AcceptOf, Socket> && has<SendToOf, Socket>,
              "the question itself works");

template <class T>
constexpr bool is_owner = !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> &&
                          std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>;
static_assert(is_owner<TcpSocket> && is_owner<TcpListener> && is_owner<TcpListener::Accepted>);

// No kind becomes another, nor does a number or a family become a socket, without a word.
static_assert(!std::is_convertible_v<Socket, TcpSocket> && !std::is_convertible_v<Socket, TcpListener>);
static_assert(!std::is_convertible_v<TcpSocket, Socket> && !std::is_convertible_v<TcpListener, Socket>);
static_assert(!std::is_convertible_v<int, TcpListener> && !std::is_convertible_v<Family, TcpListener>);
static_assert(!std::is_convertible_v<Family, TcpSocket> && !std::is_convertible_v<Address, TcpListener>);
static_assert(!std::is_constructible_v<TcpSocket, TcpListener> &&
              !std::is_constructible_v<TcpListener, TcpSocket>);
static_assert(!std::is_constructible_v<TcpSocket, int>, "8000 alone is not a peer");

static_assert(std::is_same_v<decltype(TcpListener::Accepted::socket), TcpSocket>);
static_assert(std::is_same_v<decltype(std::declval<TcpListener&>().accept(soon)),
                             std::optional<TcpListener::Accepted>>);

} // namespace

// --- the slides' conversation -------------------------------------------------------------------------

TEST_CASE("TcpListener, TcpSocket: the slides' server and client") {
    for (const Family family : ip_families()) {
        TcpListener server(family);
        server.bind(Address::loopback(0, family));
        server.listen(1);
        TcpSocket client(family);
        client.connect(server.local_address());
        auto [socket, address] = server.accept();
        CHECK(address == client.local_address());
        client.send("question");
        CHECK(socket.recv(1024) == "question");
        socket.send_all("answer");
        CHECK(client.recv_exactly(6) == "answer");
        client.close();
        CHECK(socket.recv(1024).empty());
    }
}

TEST_CASE("TcpListener, TcpSocket: the short way") {
    for (const Family family : ip_families()) {
        const std::string host = Address::loopback(0, family).host();
        TcpListener server(host, 0);
        TcpSocket client(host, server.local_address().port());
        auto [socket, address] = server.accept();
        CHECK(address == client.local_address());
        CHECK(client.remote_address() == server.local_address());
        CHECK(server.local_address().host() == host);
    }
    if (!has_localhost()) return;
    TcpListener server("localhost", 0);
    const TcpSocket client("localhost", server.local_address().port());
    const TcpSocket limited("localhost", server.local_address().port(), patience);
    CHECK(server.accept().address == client.local_address());
    CHECK(server.accept(patience)->address == limited.local_address());
    CHECK(!server.accept(milliseconds(0)));
    CHECK(!server.try_accept());
}

TEST_CASE("TcpListener: on a port alone it serves IPv4 and IPv6 on one socket") {
    TcpListener server(0);
    const int port = server.local_address().port();
    TcpSocket four("127.0.0.1", port);
    auto [socket, address] = server.accept();
    CHECK(address == four.local_address()); // however it came, an IPv4 client reads as one
    CHECK(address.to_string() == "127.0.0.1:" + std::to_string(four.local_address().port()));
    CHECK(socket.remote_address() == four.local_address());
    four.send("x");
    CHECK(socket.recv(1) == "x");
    if (!has_ipv6()) return;
    const TcpSocket six("::1", port);
    CHECK(server.accept().address == six.local_address());
    CHECK(six.local_address().host() == "::1");
}

TEST_CASE("TcpListener: Family::unspecified, and an address without one, are refused") {
    for (const Error& error : {error_of([] { TcpListener server{Family::unspecified}; }),
                               error_of([] { TcpListener server{Address()}; }),
                               error_of([] { TcpSocket socket{Family::unspecified}; })}) {
        CHECK(error.code() == std::errc::invalid_argument);
        CHECK(error.primitive() == "socket");
    }
}

TEST_CASE("TcpListener: the backlog is the caller's") {
    TcpListener server(Address::loopback(0), 5);
    std::vector<TcpSocket> clients;
    for (int i = 0; i < 5; ++i) clients.emplace_back("127.0.0.1", server.local_address().port(), patience);
    for (int i = 0; i < 5; ++i) CHECK(server.accept(patience));
}

TEST_CASE("TcpListener: with a host, the backlog is the caller's too") {
    TcpListener server("127.0.0.1", 0, 5);
    CHECK(server.local_address().host() == "127.0.0.1");
    std::vector<TcpSocket> clients;
    for (int i = 0; i < 5; ++i) clients.emplace_back(server.local_address(), patience);
    for (int i = 0; i < 5; ++i) CHECK(server.accept(patience));
#ifdef __gnu_linux__ // which tells, in a place of its own
    if (std::getenv("SOCKETS_QEMU")) return;
    CHECK(server.option<tcp_info>(IPPROTO_TCP, TCP_INFO).tcpi_sacked == 5);
    CHECK(TcpListener("127.0.0.1", 0).option<tcp_info>(IPPROTO_TCP, TCP_INFO).tcpi_sacked > 5);
#endif
}

// --- ports --------------------------------------------------------------------------------------------

TEST_CASE("TcpListener: a taken port is address_in_use") {
    for (const Family family : ip_families()) {
        const TcpListener first(Address::loopback(0, family));
        const Address taken = first.local_address();
        const int port = taken.port();
        const auto errors = {error_of([&] { TcpListener second(taken); }),
                             error_of([&] { TcpListener second(port); }),
                             error_of([&] { TcpListener second(taken.host(), port); }), error_of([&] {
                                 TcpListener second(family);
                                 second.bind(taken);
                                 second.listen();
                             })};
        for (const Error& error : errors) {
            CAPTURE(error);
            CHECK(error.code() == std::errc::address_in_use);
            CHECK((error.primitive() == "bind" || error.primitive() == "listen"));
            CHECK(std::string(error.what()).find(std::to_string(port)) != std::string::npos);
        }
    }
}

TEST_CASE("TcpListener: two on every interface do not share a port") {
    const TcpListener first(0);
    const int port = first.local_address().port();
    CHECK(error_of([=] { TcpListener second(port); }).code() == std::errc::address_in_use);
    CHECK(error_of([=] { TcpListener second(Address::any(port)); }).code() == std::errc::address_in_use);
    if (has_ipv6())
        CHECK(error_of([=] { TcpListener second(Address::any(port, Family::ipv6)); }).code() ==
              std::errc::address_in_use);
}

TEST_CASE("TcpListener: a port is free again once its server has closed it") {
    for (const Family family : ip_families()) {
        TcpListener first(Address::loopback(0, family));
        const Address address = first.local_address();
        first.close();
        CHECK(TcpListener(address).local_address() == address);
    }
}

#ifndef _WIN32 // Wine's sockets are Linux' underneath: what Windows does in TIME_WAIT cannot be proved there

TEST_CASE("TcpListener: a server that starts again gets its port back at once, in TIME_WAIT too") {
    for (const Family family : ip_families()) {
        TcpListener server(Address::loopback(0, family));
        const Address address = server.local_address();
        TcpSocket client(address.host(), address.port());
        auto [socket, from] = server.accept();
        socket.close(); // who closes first keeps the port in TIME_WAIT
        CHECK(client.recv(1).empty());
        client.close();
        server.close();

        // Without the option the port is in use: so it is in TIME_WAIT indeed.
        Socket plain(family, Type::stream);
        CHECK(error_of([&, &to = address] { plain.bind(to); }).code() == std::errc::address_in_use);

        TcpListener again(address);
        const TcpSocket next(address.host(), address.port(), patience);
        CHECK(again.accept(patience));
    }
}

TEST_CASE("TcpListener: a server that starts again gets its port back, with a client still connected") {
    TcpListener server(Address::loopback(0));
    const Address address = server.local_address();
    TcpSocket client(address.host(), address.port());
    auto [socket, from] = server.accept();
    server.close();
    TcpListener again(address);
    client.send("x");
    CHECK(socket.recv(1) == "x");
}

#endif

TEST_CASE("TcpListener: bind sets the option that fits the system, and no other") {
    TcpListener server;
    server.bind(Address::loopback(0));
#ifndef _WIN32
    CHECK(server.option<bool>(SOL_SOCKET, SO_REUSEADDR));
#else
    CHECK(server.option<bool>(SOL_SOCKET, ~SO_REUSEADDR)); // SO_EXCLUSIVEADDRUSE
    CHECK(!server.option<bool>(SOL_SOCKET, SO_REUSEADDR));
#endif
#ifdef SO_REUSEPORT
    CHECK(!server.option<bool>(SOL_SOCKET, SO_REUSEPORT));
    CHECK(!TcpListener(0).option<bool>(SOL_SOCKET, SO_REUSEPORT));
#endif
}

TEST_CASE("bind: on a closed listener it is bind that says so") {
    TcpListener server;
    server.close();
    const Error error = error_of([&] { server.bind(Address::loopback(0)); });
    CHECK(error.code() == std::errc::bad_file_descriptor);
    CHECK(error.primitive() == "bind");
}

// --- connecting ---------------------------------------------------------------------------------------

TEST_CASE("TcpSocket: refused where nobody listens") {
    for (const Family family : ip_families()) {
        const Nobody nobody(family);
        const std::string host = nobody.address().host();
        const int port = nobody.address().port();
        const auto errors = {error_of([&] { TcpSocket(host, port); }),
                             error_of([&] { TcpSocket(host, port, patience); })};
        for (const Error& error : errors) {
            CAPTURE(error);
            CHECK(error.code() == std::errc::connection_refused);
            CHECK(error.primitive() == "connect");
            CHECK(std::string(error.what()).find("connect to " + nobody.address().to_string() + ": ") == 0);
        }
    }
}

TEST_CASE("TcpSocket: timed_out where nobody answers") {
    for (const Family family : ip_families()) {
        const Busy busy(family);
        const auto start = std::chrono::steady_clock::now();
        const Error error = error_of([&] { TcpSocket(busy.address().host(), busy.address().port(), soon); });
        CHECK(error.code() == std::errc::timed_out);
        CHECK(std::chrono::steady_clock::now() - start >= soon);
    }
}

TEST_CASE("TcpSocket: a negative time limit is refused, the largest is none") {
    TcpListener server(Address::loopback(0));
    const int port = server.local_address().port();
    const Error error = error_of([=] { TcpSocket("127.0.0.1", port, milliseconds(-1)); });
    CHECK(error.code() == std::errc::invalid_argument);
    CHECK(error.primitive() == "connect");
    CHECK(!server.try_accept()); // nothing was tried
    CHECK(TcpSocket("127.0.0.1", port, milliseconds::max()).is_open());
    CHECK(TcpSocket("127.0.0.1", port, milliseconds::max() - milliseconds(1)).is_open());
}

TEST_CASE("TcpSocket: connected with a time limit, it blocks and has none for what follows") {
    TcpListener server(Address::loopback(0));
    TcpSocket client("127.0.0.1", server.local_address().port(), soon);
    CHECK(blocks(client.native_handle()));
    auto [socket, address] = server.accept();
    auto receiving = std::async(std::launch::async, [&] { return client.recv(1); });
    CHECK(receiving.wait_for(soon * 3) == std::future_status::timeout);
    socket.send("x");
    CHECK(receiving.get() == "x");
}

TEST_CASE("TcpSocket: connects to an Address, with and without a time limit") {
    for (const Family family : ip_families()) {
        TcpListener server(Address::loopback(0, family));
        const Address there = server.local_address();
        const TcpSocket client(there);
        const TcpSocket limited(there, patience);
        const TcpSocket unlimited(there, (milliseconds::max)());
        for (const TcpSocket* socket : {&client, &limited, &unlimited}) {
            CHECK(socket->remote_address() == there);
            const auto accepted = server.accept(patience);
            REQUIRE(accepted);
            CHECK(accepted->address == socket->local_address());
        }
        const Nobody nobody(family);
        const Error errors[] = {error_of([&] { TcpSocket{nobody.address()}; }),
                                error_of([&] { TcpSocket(nobody.address(), patience); })};
        for (const Error& error : errors) {
            CAPTURE(error);
            CHECK(error.code() == std::errc::connection_refused);
            CHECK(error.primitive() == "connect");
            const std::string text = error.what();
            CHECK(text.find("connect to " + nobody.address().to_string() + ": ") == 0);
            CHECK(text.find("(is a server listening there?)") != std::string::npos);
        }
        const Busy busy(family);
        const Error late = error_of([&] { TcpSocket(busy.address(), soon); });
        CHECK(late.code() == std::errc::timed_out);
        CHECK(std::string(late.what()).find("(no answer within 100 ms)") != std::string::npos);
    }
    const Error negative = error_of([] { TcpSocket(Address::loopback(9), milliseconds(-1)); });
    CHECK(negative.code() == std::errc::invalid_argument);
    const Error empty = error_of([] { TcpSocket{Address()}; });
    CHECK(empty.code() == std::errc::invalid_argument);
    CHECK(empty.primitive() == "connect");
}

// Where nobody listens on a port of the system's own range, TCP connects a client to itself as soon as the system gives
// it that very port: some thousand tries are enough, because it goes through its range.
TEST_CASE("TcpSocket: it is never connected to itself") {
    for (const Family family : ip_families()) {
        Address nobody;
        {
            TcpListener listener(Address::loopback(0, family));
            const TcpSocket probe(listener.local_address());
            nobody =
                probe.local_address(); // a port of those that the system gives to clients, free again soon
            (void)listener.accept(patience);
        }
        int refused = 0;
        const int tries = under_wine() ? 2000 : 20000; // which takes ten times as long
        for (int i = 0; i < tries; ++i) {
            const Error error = error_of([&] { TcpSocket{nobody}; });
            if (error.code() == std::errc::connection_refused) ++refused;
            else FAIL_CHECK(error.what());
        }
        CHECK(refused == tries);
    }
}

TEST_CASE("TcpSocket: takes over a stream made the slides' way, and nothing else") {
    for (const bool listener : {false, true}) {
        const Error error = error_of([=] {
            Socket datagrams(Family::ipv4, Type::datagram);
            if (listener) TcpListener server{std::move(datagrams)};
            else TcpSocket client{std::move(datagrams)};
        });
        CAPTURE(error);
        CHECK(error.code() == std::errc::wrong_protocol_type);
        CHECK(std::string(error.what()).find("(TCP needs a stream socket)") != std::string::npos);
    }
    Socket made(Family::ipv4, Type::stream);
    made.bind(Address::loopback(0));
    made.listen();
    TcpListener server(std::move(made));
    Socket slides(Family::ipv4, Type::stream);
    slides.connect(server.local_address());
    TcpSocket client(std::move(slides));
    auto [socket, address] = server.accept();
    client.send("x");
    CHECK(socket.recv(1) == "x");
    TcpSocket again(Socket::adopt(client.release()));
    again.send("y");
    CHECK(socket.recv(1) == "y");
}

TEST_CASE("TcpSocket, TcpListener: closed and moved from, they say so") {
    Connection both = connection();
    TcpSocket moved = std::move(both.client);
    CHECK(error_of([&] { both.client.send("x"); }).code() ==
          std::errc::bad_file_descriptor); // NOLINT(bugprone-use-after-move)
    moved.close();
    moved.close();
    CHECK(error_of([&] { moved.recv(1); }).code() == std::errc::bad_file_descriptor);
    TcpListener server(Address::loopback(0));
    TcpListener other = std::move(server);
    const auto errors = {error_of([&] { (void)server.accept(); }),
                         error_of([&] { (void)server.accept(soon); }), // NOLINT(bugprone-use-after-move)
                         error_of([&] { (void)server.try_accept(); }), error_of([&] { server.listen(); }),
                         error_of([&] { (void)server.local_address(); })};
    for (const Error& error : errors) CHECK(error.code() == std::errc::bad_file_descriptor);
    CHECK(other.is_open());
}

// --- a stream of bytes --------------------------------------------------------------------------------

TEST_CASE("stream: a peer that sends byte by byte") {
    for (const Family family : ip_families()) {
        Connection both = patient_connection(family);
        both.client.set_no_delay(true);
        const std::string hola("hola\0adios", 10);
        auto sending = std::async(std::launch::async, [&] {
            for (int i = 0; i < 100; ++i)
                for (const char& byte : hola) both.client.send_all(&byte, 1);
        });
        for (int i = 0; i < 100; ++i) CHECK(both.server.recv_exactly(hola.size()) == hola);
        sending.get();
    }
}

TEST_CASE("stream: messages that arrive glued") {
    Connection both = patient_connection();
    both.client.send_all("holaadios");
    both.client.send_all("hola");
    both.client.shutdown();
    CHECK(both.server.recv_exactly(4) == "hola");
    CHECK(both.server.recv_exactly(5) == "adios");
    CHECK(both.server.recv_exactly(4) == "hola");
    CHECK(both.server.recv(1).empty());
}

TEST_CASE("stream: 50 MiB through a slow reader arrive byte for byte") {
    Connection both = patient_connection();
    constexpr std::size_t size = 50 << 20;
    const std::string much = Bytes().next(size); // before anybody's time runs
    auto sending = std::async(std::launch::async, [&] {
        both.client.send_all(much);
        both.client.close();
    });
    // Slow: it asks for little, never for the same, into its own memory.
    Bytes expected;
    char buffer[10007];
    std::size_t came = 0;
    std::size_t wrong = 0;
    while (const std::size_t count = both.server.recv(buffer, 1 + came % sizeof buffer)) {
        for (std::size_t i = 0; i < count; ++i) wrong += buffer[i] == expected.next() ? 0U : 1U;
        came += count;
    }
    sending.get();
    CHECK(came == size);
    CHECK(wrong == 0);
}

namespace {

std::string framed(const std::string& message) {
    return std::string(1, static_cast<char>(message.size())) + message; // its length, in a byte, comes first
}

} // namespace

TEST_CASE("recv_exactly: a loop over messages that ends by asking for the clean end") {
    for (const bool by_reader : {false, true}) {
        for (const Family family : ip_families()) {
            Connection both = patient_connection(family);
            both.client.send_all(framed("hola") + framed("") + framed("adios"));
            both.client.close();
            LineReader reader(both.server);
            const auto next = [&](std::size_t size) {
                return by_reader ? reader.recv_exactly(size) : both.server.recv_exactly(size);
            };
            std::string all;
            std::string how;
            for (int i = 0; i < 10; ++i) {
                try {
                    const auto size = static_cast<std::size_t>(next(1)[0]);
                    all += next(size) + ";";
                } catch (const Error& error) {
                    how = error.code() == StreamErrc::ended ? "between two messages" : error.what();
                    break;
                }
            }
            CHECK(all == "hola;;adios;");
            CHECK(how == "between two messages");
        }
    }
}

TEST_CASE(
    "recv_exactly: the peer's end before the first byte is StreamErrc::ended, within it connection_reset") {
    for (const bool in_string : {true, false}) {
        for (const std::size_t came : {0U, 1U, 3U}) {
            Connection both = patient_connection();
            const std::string from = both.client.local_address().to_string();
            both.client.send_all(std::string(came, 'x'));
            both.client.shutdown();
            char buffer[4] = "";
            const Error error = error_of([&] {
                if (in_string) (void)both.server.recv_exactly(4);
                else both.server.recv_exactly(buffer, 4);
            });
            CAPTURE(error);
            CHECK(error.primitive() == "recv");
            const std::string text = error.what();
            if (came == 0) {
                CHECK(error.code() == StreamErrc::ended);
                CHECK(error.code() != std::errc::connection_reset);
                CHECK(text == "recv from " + from + ": The peer has ended (no message of 4 bytes begins)");
            } else {
                CHECK(error.code() == std::errc::connection_reset);
                CHECK(error.code() != StreamErrc::ended);
                CHECK(text.find("(the peer ended after " + std::to_string(came) + " of 4 bytes)") !=
                      std::string::npos);
            }
        }
    }
}

TEST_CASE(
    "recv_exactly: what a LineReader holds makes the end none between messages, and the hint names it") {
    Connection both = patient_connection();
    LineReader reader(both.server);
    both.client.send_all("head\nab");
    both.client.close();
    CHECK(reader.next() == std::optional<std::string>("head"));
    const Error cut = error_of([&] { (void)both.server.recv_exactly(2); }); // the reader has them
    CAPTURE(cut);
    CHECK(cut.code() == std::errc::connection_reset);
    CHECK(std::string(cut.what())
              .find("(the peer ended after 0 of 2 bytes; a LineReader has received 2 more: use its "
                    "recv_exactly)") != std::string::npos);
    CHECK(reader.recv_exactly(1) == "a");
    const Error less = error_of([&] { (void)both.server.recv_exactly(1); });
    CHECK(less.code() == std::errc::connection_reset);
    CHECK(std::string(less.what()).find("a LineReader has received 1 more") != std::string::npos);
    CHECK(reader.rest() == "b");
    CHECK(error_of([&] { (void)both.server.recv_exactly(1); }).code() ==
          StreamErrc::ended); // it holds nothing more
    CHECK(error_of([&] { (void)reader.recv_exactly(1); }).code() == StreamErrc::ended);
}

TEST_CASE(
    "recv_exactly: of a LineReader, an end after some of the bytes is a cut one, also if it held them") {
    Connection both = patient_connection();
    LineReader reader(both.server);
    both.client.send_all("head\nab");
    both.client.close();
    CHECK(reader.next() == std::optional<std::string>("head"));
    const Error cut = error_of([&] { (void)reader.recv_exactly(3); });
    CAPTURE(cut);
    CHECK(cut.code() == std::errc::connection_reset);
    CHECK(std::string(cut.what()).find("2 of 3 bytes") != std::string::npos);
    CHECK(reader.recv_exactly(2) == "ab"); // not lost
    CHECK(error_of([&] { (void)reader.recv_exactly(3); }).code() == StreamErrc::ended);
}

TEST_CASE("stream: NUL bytes are bytes like all others") {
    Connection both = connection();
    const std::string text("a\0b\0\0", 5);
    CHECK(both.client.send(text) == 5);
    const std::string came = both.server.recv_exactly(5);
    CHECK(came.size() == 5);
    CHECK(came == text);
}

TEST_CASE("stream: what is sent before this side ends arrives; the answer comes back") {
    Connection both = patient_connection();
    both.client.send_all("the whole question");
    both.client.shutdown();
    std::string question;
    for (std::string piece; !(piece = both.server.recv(5)).empty();) question += piece;
    CHECK(question == "the whole question");
    both.server.send_all("the answer");
    both.server.close();
    std::string answer;
    for (std::string piece; !(piece = both.client.recv(3)).empty();) answer += piece;
    CHECK(answer == "the answer");
}

TEST_CASE("stream: closed while the peer's bytes lie unread, the connection is reset") {
    if (under_wine()) return; // its recv gives 0 after a reset, also when it is called by hand
    Connection both = connection();
    both.client.send("unread");
    CHECK(both.server.wait_readable(patience));
    both.server.close();
    CHECK(both.client.wait_readable(patience));
    CHECK(error_of([&] { both.client.recv(1); }).code() == std::errc::connection_reset);
}

// --- child processes ----------------------------------------------------------------------------------

TEST_CASE("TcpSocket, TcpListener: are not inherited by child processes") {
    TcpListener server(Address::loopback(0));
    const TcpSocket client("127.0.0.1", server.local_address().port());
    const TcpSocket accepted = server.accept().socket;
    const TcpSocket second("127.0.0.1", server.local_address().port());
    const TcpSocket tried = std::move(server.accept(patience)->socket);
    const TcpListener both(0);
    const UdpSocket datagrams(Address::loopback(0));
    for (const NativeHandle handle :
         {server.native_handle(), client.native_handle(), accepted.native_handle(), second.native_handle(),
          tried.native_handle(), both.native_handle(), datagrams.native_handle()}) {
#ifndef _WIN32
        CHECK((::fcntl(handle, F_GETFD) & FD_CLOEXEC) != 0);
#else
        DWORD flags = 0;
        CHECK(::GetHandleInformation(reinterpret_cast<HANDLE>(handle), &flags) != 0);
        CHECK((flags & HANDLE_FLAG_INHERIT) == 0);
#endif
    }
}

#ifndef _WIN32 // the same, seen from the child: Windows has no fork

TEST_CASE("TcpSocket: a program that is started sees none of the connections") {
    const auto seen_by_child = [](NativeHandle handle) {
        const std::string number = std::to_string(handle);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            ::execl("/bin/sh", "sh", "-c", "[ -e /dev/fd/$0 ]", number.c_str(), nullptr);
            ::_exit(2);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFEXITED(status));
        REQUIRE(WEXITSTATUS(status) < 2);
        return WEXITSTATUS(status) == 0;
    };
    const Connection both = connection();
    CHECK(!seen_by_child(both.client.native_handle()));
    CHECK(!seen_by_child(both.server.native_handle()));
    // A child that could see nothing at all would prove nothing.
    const int plain = ::socket(AF_INET, SOCK_STREAM, 0);
    CHECK(seen_by_child(plain));
    (void)::close(plain);
}

#endif
