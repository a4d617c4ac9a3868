// Socket: the eight primitives, in the slides' order, and what stands around them. The tests use TCP over IPv4 and IPv6;
// local.cpp has AF_UNIX, udp.cpp datagrams.

#include "support.hpp"

#include <array>
#include <atomic>
#include <cstdlib>
#include <functional> // std::bind must stay a stranger
#include <future>
#include <type_traits>

#ifndef _WIN32
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#endif

using namespace support;

static_assert(!std::is_copy_constructible_v<Socket> && !std::is_copy_assignable_v<Socket>, "one owner");
static_assert(std::is_nothrow_move_constructible_v<Socket> && std::is_nothrow_move_assignable_v<Socket>);
static_assert(!std::is_default_constructible_v<Socket>, "a socket has a family and a type");
static_assert(!std::is_convertible_v<NativeHandle, Socket>, "taking over is visible: adopt");
static_assert(std::is_nothrow_destructible_v<Socket>);
static_assert(
    noexcept(std::declval<Socket&>().is_open()) && noexcept(std::declval<Socket&>().native_handle()));
static_assert(noexcept(std::declval<Socket&>().release()));
static_assert(std::is_same_v<decltype(std::declval<Socket&>().recv(1)), std::string>);
static_assert(std::is_same_v<decltype(std::declval<Socket&>().send("")), std::size_t>);
static_assert(std::is_same_v<decltype(std::declval<Socket&>().accept(soon)), std::optional<Accepted>>);
static_assert(std::is_same_v<decltype(std::declval<Socket&>().try_recv(1)), std::optional<std::string>>);
static_assert(std::is_same_v<decltype(std::declval<Socket&>().try_send("")), std::optional<std::size_t>>);
static_assert(std::is_same_v<decltype(std::declval<Socket&>().try_recv_from()), std::optional<Datagram>>);
static_assert(std::is_same_v<decltype(std::declval<Socket&>().wait_readable(soon)), bool>);
static_assert(std::is_nothrow_move_constructible_v<Accepted>);

// As every student's file begins. The primitives are members only: a free bind(socket, address) must not be ours, or
// it would be std::bind without a word as soon as the arguments fit it better.
namespace probe {

struct Stranger {};
template <class... Any>
Stranger bind(Any&&...);
template <class... Any>
Stranger listen(Any&&...);
template <class... Any>
Stranger accept(Any&&...);
template <class... Any>
Stranger connect(Any&&...);
template <class... Any>
Stranger send(Any&&...);
template <class... Any>
Stranger recv(Any&&...);
template <class... Any>
Stranger close(Any&&...);
template <class... Any>
Stranger shutdown(Any&&...);

// Looks in namespace sockets too, because the arguments are from there.
static_assert(
    std::is_same_v<decltype(bind(std::declval<Socket&>(), std::declval<const Address&>())), Stranger>);
static_assert(std::is_same_v<decltype(listen(std::declval<Socket&>(), 1)), Stranger>);
static_assert(std::is_same_v<decltype(accept(std::declval<Socket&>())), Stranger>);
static_assert(
    std::is_same_v<decltype(connect(std::declval<Socket&>(), std::declval<const Address&>())), Stranger>);
static_assert(std::is_same_v<decltype(send(std::declval<Socket&>(), "x")), Stranger>);
static_assert(std::is_same_v<decltype(recv(std::declval<Socket&>(), 1)), Stranger>);
static_assert(std::is_same_v<decltype(close(std::declval<Socket&>())), Stranger>);
static_assert(std::is_same_v<decltype(shutdown(std::declval<Socket&>())), Stranger>);

} // namespace probe

namespace students {

using namespace std;
using namespace sockets;

string first_hour() {
    Socket server(Family::ipv4, Type::stream);
    server.bind(Address("127.0.0.1", 0));
    server.listen(1);
    Socket socket(Family::ipv4, Type::stream);
    socket.connect(server.local_address());
    auto [client, address] = server.accept();
    client.send("hola");
    client.close();
    return socket.recv(1024);
}

} // namespace students

namespace {

Socket listening(Family family) {
    Socket server(family, Type::stream);
    server.bind(Address::loopback(0, family));
    server.listen();
    return server;
}

struct Ends {
    Socket client;
    Socket server;
};

Ends ends(Family family) {
    Socket listener = listening(family);
    Socket client(family, Type::stream);
    client.connect(listener.local_address());
    return {std::move(client), listener.accept().socket};
}

const std::string piece(65536, 'x');

/// Sends until nothing more fits. The system makes room for a while, moving bytes on to the peer's side; now and then
/// it still finds a little.
void fill(Socket& socket) {
    do {
        while (socket.try_send(piece) && socket.try_send(piece.data(), piece.size())) {}
    } while (socket.wait_writable(soon) || socket.try_send(piece));
}

/// More bytes than an int counts.
constexpr std::size_t huge = std::size_t{3} << 30;

#if SIZE_MAX > UINT32_MAX // a program of 32 bits has no room for them

/// So many, without having them.
class HugeBytes {
public:
#ifndef _WIN32
    HugeBytes()
        : first_(
              ::mmap(nullptr, huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0)) {
        REQUIRE(first_ != MAP_FAILED);
    }
    ~HugeBytes() { (void)::munmap(first_, huge); }
#else
    HugeBytes() : first_(::VirtualAlloc(nullptr, huge, MEM_RESERVE | MEM_COMMIT, PAGE_READONLY)) {
        REQUIRE(first_);
    }
    ~HugeBytes() { (void)::VirtualFree(first_, 0, MEM_RELEASE); }
#endif
    HugeBytes(const HugeBytes&) = delete;
    HugeBytes& operator=(const HugeBytes&) = delete;
    void* data() const { return first_; }

private:
    void* first_;
};

#endif

} // namespace

TEST_CASE("Socket: a student's first hour compiles beside `using namespace std`") {
    CHECK(students::first_hour() == "hola");
}

// --- SOCKET -------------------------------------------------------------------------------------------

TEST_CASE("socket: creates an endpoint that is open and has no address") {
    for (const Family family : ip_families()) {
        for (const Type type : {Type::stream, Type::datagram}) {
            const Socket socket(family, type);
            CHECK(socket.is_open());
            CHECK(socket.native_handle() != detail::no_handle);
            CHECK(socket.option<int>(SOL_SOCKET, SO_TYPE) ==
                  (type == Type::stream ? SOCK_STREAM : SOCK_DGRAM));
        }
    }
}

TEST_CASE("socket: the family must be one") {
    for (const Type type : {Type::stream, Type::datagram}) {
        const Error error = error_of([=] { Socket(Family::unspecified, type); });
        CHECK(error.code() == std::errc::invalid_argument);
        CHECK(error.primitive() == "socket");
        CHECK(std::string(error.what()).find("ipv4 or ipv6") != std::string::npos);
    }
}

TEST_CASE("socket: family and protocol must fit") {
    const Error error = error_of([] { Socket(Family::ipv4, Type::stream, IPPROTO_UDP); });
    CAPTURE(error);
    CHECK(error.primitive() == "socket");
    CHECK((error.code() == std::errc::protocol_not_supported ||
           error.code() == std::errc::wrong_protocol_type));
    CHECK(Socket(Family::ipv4, Type::stream, IPPROTO_TCP).is_open());
}

TEST_CASE("socket: packet where the system has it, and with the right, else a clear error") {
    try {
        const Socket socket(Family::packet, Type::raw); // no protocol: it receives nothing
        CHECK(socket.is_open());
        CHECK(socket.option<int>(SOL_SOCKET, SO_TYPE) == SOCK_RAW);
    } catch (const Error& error) {
        CAPTURE(error);
        CHECK(error.primitive() == "socket");
        const bool none = error.code() == std::errc::address_family_not_supported;
        CHECK((none || error.code() == std::errc::operation_not_permitted));
        CHECK(
            std::string(error.what()).find(none ? "(this system has no packet sockets)" : "administrator") !=
            std::string::npos);
#ifdef __linux__
        CHECK(!none);
#endif
    }
#ifndef __linux__
    CHECK(error_of([] { Socket(Family::packet, Type::raw); }).code() ==
          std::errc::address_family_not_supported);
#endif
}

TEST_CASE("socket: raw with the right, else a clear error") {
    try {
        const Socket socket(Family::ipv4, Type::raw, IPPROTO_ICMP);
        CHECK(socket.option<int>(SOL_SOCKET, SO_TYPE) == SOCK_RAW);
    } catch (const Error& error) {
        CAPTURE(error);
        CHECK(error.primitive() == "socket");
        CHECK((error.code() == std::errc::operation_not_permitted ||
               error.code() == std::errc::permission_denied));
        CHECK(std::string(error.what()).find("administrator") != std::string::npos);
    }
}

#ifndef _WIN32 // Windows gives no rights away to a child

TEST_CASE("socket: raw and packet sockets are for the administrator") {
    for (const Family family : {Family::ipv4, Family::packet}) {
        const std::string said = in_child([=]() -> std::string {
            if (::getuid() == 0 && ::setuid(65534) != 0) return "cannot become nobody";
            Socket(family, Type::raw, family == Family::ipv4 ? IPPROTO_ICMP : 0);
            return "allowed";
        });
        CAPTURE(said);
        if (said == "allowed" || said == "cannot become nobody") continue; // a container may be odd here
        const bool right = said.find("raw and packet sockets are for the administrator") != std::string::npos;
        CHECK((right || (family == Family::packet && said.find("no packet sockets") != std::string::npos)));
    }
}

#endif

TEST_CASE("socket: an IPv6 one takes IPv6 alone, on every system") {
    if (!has_ipv6()) return;
    CHECK(Socket(Family::ipv6, Type::stream).option<bool>(IPPROTO_IPV6, IPV6_V6ONLY));
    CHECK(Socket(Family::ipv6, Type::datagram).option<bool>(IPPROTO_IPV6, IPV6_V6ONLY));
    // An IPv4 server can have the same port, unless by chance somebody else has it.
    Error error = error_of([] {});
    for (int i = 0; i < 20; ++i) {
        Socket six(Family::ipv6, Type::stream);
        six.bind(Address::any(0, Family::ipv6));
        six.listen();
        Socket four(Family::ipv4, Type::stream);
        error = error_of([&] { four.bind(Address::any(six.local_address().port())); });
        if (!error.code()) break;
    }
    CHECK(!error.code());
}

TEST_CASE("socket: the slides' way sets no option by itself") {
    const Socket socket(Family::ipv4, Type::stream);
    CHECK(socket.option<int>(SOL_SOCKET, SO_REUSEADDR) == 0);
#ifdef SO_REUSEPORT
    CHECK(socket.option<int>(SOL_SOCKET, SO_REUSEPORT) == 0);
#endif
}

// --- BIND and LISTEN ----------------------------------------------------------------------------------

TEST_CASE("bind: port 0 is any free one") {
    for (const Family family : ip_families()) {
        Socket socket(family, Type::stream);
        socket.bind(Address::loopback(0, family));
        CHECK(socket.local_address().port() != 0);
        CHECK(socket.local_address().host() == Address::loopback(0, family).host());
    }
}

TEST_CASE("bind: one address per socket") {
    Socket socket(Family::ipv4, Type::stream);
    socket.bind(Address::loopback(0));
    const Error error = error_of([&] { socket.bind(Address::loopback(0)); });
    CHECK(error.code() == std::errc::invalid_argument);
    CHECK(error.primitive() == "bind");
    CHECK(std::string(error.what()).find("(is it bound already?)") != std::string::npos);
    CHECK(socket.is_open());
}

TEST_CASE("bind: the address must be of the socket's family") {
    if (!has_ipv6()) return;
    Socket six(Family::ipv6, Type::stream);
    const Error error = error_of([&] { six.bind(Address::loopback(0)); });
    CAPTURE(error);
    // Windows finds the address too short, Linux too.
    CHECK((error.code() == std::errc::invalid_argument ||
           error.code() == std::errc::address_family_not_supported ||
           error.code() == std::errc::bad_address));
    CHECK(error.primitive() == "bind");
}

TEST_CASE("bind, listen: two servers never share a port, the slides' way") {
    for (const Family family : ip_families()) {
        for (const bool reuse : {false, true}) {
            Socket first(family, Type::stream);
            Socket second(family, Type::stream);
            first.set_reuse_address(reuse);
            second.set_reuse_address(reuse);
            first.bind(Address::loopback(0, family));
            first.listen();
            const Error error = error_of([&] {
                second.bind(first.local_address());
                second.listen();
            });
            CHECK(error.code() == std::errc::address_in_use);
            CHECK((error.primitive() == "bind" || error.primitive() == "listen"));
        }
    }
}

TEST_CASE("bind, listen: of two that are bound, one may listen") {
    // Linux lets both bind if both set the option; then listen is the one to say it.
    Socket first(Family::ipv4, Type::stream);
    Socket second(Family::ipv4, Type::stream);
    first.set_reuse_address(true);
    second.set_reuse_address(true);
    first.bind(Address::loopback(0));
    const Error error = error_of([&] {
        second.bind(first.local_address());
        first.listen();
        second.listen();
    });
    CAPTURE(error);
    CHECK(error.code() == std::errc::address_in_use);
    const std::string ours = error.primitive() + (error.primitive() == "bind" ? " to " : " on ");
    CHECK(std::string(error.what()).rfind(ours + first.local_address().to_string(), 0) == 0);
    CHECK(std::string(error.what()).find(detail::in_use_hint) != std::string::npos);
}

TEST_CASE("listen: is for streams") {
    Socket socket(Family::ipv4, Type::datagram);
    socket.bind(Address::loopback(0));
    const Error error = error_of([&] { socket.listen(); });
    CHECK(error.code() == std::errc::operation_not_supported);
    CHECK(error.primitive() == "listen");
    CHECK(std::string(error.what()).find("(only a stream socket accepts connections)") != std::string::npos);
}

TEST_CASE("set_reuse_address: can be taken back") {
    Socket socket(Family::ipv4, Type::stream);
    socket.set_reuse_address(true);
#ifndef _WIN32 // Windows has the exclusive option instead
    CHECK(socket.option<bool>(SOL_SOCKET, SO_REUSEADDR));
    socket.set_reuse_address(false);
    CHECK(!socket.option<bool>(SOL_SOCKET, SO_REUSEADDR));
#else
    CHECK(!socket.option<bool>(SOL_SOCKET, SO_REUSEADDR)); // it would steal a port in use
    CHECK(socket.option<bool>(SOL_SOCKET, ~SO_REUSEADDR));
    socket.set_reuse_address(false);
    CHECK(!socket.option<bool>(SOL_SOCKET, ~SO_REUSEADDR));
#endif
}

// --- ACCEPT -------------------------------------------------------------------------------------------

TEST_CASE("accept: gives the connection and the client's address") {
    for (const Family family : ip_families()) {
        Socket server = listening(family);
        Socket client(family, Type::stream);
        client.connect(server.local_address());
        auto [socket, address] = server.accept();
        CHECK(address == client.local_address());
        CHECK(socket.remote_address() == client.local_address());
        CHECK(socket.local_address() == server.local_address());
        CHECK(client.remote_address() == server.local_address());
        socket.send("x");
        CHECK(client.recv(10) == "x");
    }
}

TEST_CASE("accept: clients come in their order, and the listener goes on") {
    Socket server = listening(Family::ipv4);
    std::vector<Socket> clients;
    for (int i = 0; i < 5; ++i) {
        clients.emplace_back(Family::ipv4, Type::stream);
        clients.back().connect(server.local_address());
    }
    for (const Socket& client : clients) CHECK(server.accept().address == client.local_address());
    CHECK(!server.try_accept());
}

TEST_CASE("accept: with a time limit, empty if nobody came") {
    for (const Family family : ip_families()) {
        Socket server = listening(family);
        CHECK(!server.accept(milliseconds(0)));
        const auto start = std::chrono::steady_clock::now();
        CHECK(!server.accept(soon));
        CHECK(std::chrono::steady_clock::now() - start >= soon);
        CHECK(!server.try_accept());
        CHECK(server.is_open());

        Socket client(family, Type::stream);
        client.connect(server.local_address());
        for (const milliseconds limit : {milliseconds(0), soon, milliseconds::max()}) {
            if (limit != milliseconds(0)) {
                client = Socket(family, Type::stream);
                client.connect(server.local_address());
            }
            const auto accepted = server.accept(limit);
            REQUIRE(accepted);
            CHECK(accepted->address == client.local_address());
        }
    }
}

TEST_CASE("accept: waits again after it was called with a limit, and after try_accept") {
    Socket server = listening(Family::ipv4);
    CHECK(!server.try_accept());
    CHECK(!server.accept(milliseconds(1)));
    auto waiting = std::async(std::launch::async, [&] { return server.accept().address; });
    CHECK(waiting.wait_for(soon) == std::future_status::timeout); // it does not say "not now"
    Socket client(Family::ipv4, Type::stream);
    client.connect(server.local_address());
    CHECK(waiting.get() == client.local_address());
}

TEST_CASE("accept: never blocks longer, even if the client has gone meanwhile") {
    Socket server = listening(Family::ipv4);
    {
        Socket client(Family::ipv4, Type::stream);
        client.connect(server.local_address());
        CHECK(server.wait_readable(patience));
        reset(client);
    }
    // Some systems give the dead connection, others nothing. None may wait for the next client.
    (void)server.accept(soon);
    CHECK(!server.accept(milliseconds(0)));
    Socket client(Family::ipv4, Type::stream);
    client.connect(server.local_address());
    CHECK(server.accept().address == client.local_address());
}

TEST_CASE("accept: passes over who has gone again") {
    Socket server = listening(Family::ipv4);
    for (int i = 0; i < 3; ++i) {
        Socket client(Family::ipv4, Type::stream);
        client.connect(server.local_address());
        reset(client);
    }
    Socket client(Family::ipv4, Type::stream);
    client.connect(server.local_address());
    for (int i = 0; i < 4; ++i) // Linux gives the dead ones first; none is an Error
        if (server.accept(patience)->address == client.local_address()) return;
    FAIL("the living client was lost");
}

TEST_CASE("accept: the new socket blocks, whatever the listener does") {
    for (const Family family : ip_families()) {
        Socket server = listening(family);
        server.set_blocking(false);
        for (int i = 0; i < 2; ++i) {
            Socket client(family, Type::stream);
            client.connect(server.local_address());
            CHECK(server.wait_readable(patience));
            const Accepted accepted = i == 0 ? server.accept() : *server.try_accept();
            CHECK(blocks(accepted.socket.native_handle()));
        }
    }
}

TEST_CASE("accept: needs bind and listen") {
    for (const bool bound : {false, true}) {
        Socket socket(Family::ipv4, Type::stream);
        if (bound) socket.bind(Address::loopback(0));
        const auto errors = {error_of([&] { (void)socket.try_accept(); }),
                             error_of([&] { (void)socket.accept(soon); }),
                             error_of([&] { (void)socket.accept(); })};
        for (const Error& error : errors) {
            CAPTURE(error);
            CHECK(error.code() == std::errc::invalid_argument);
            CHECK(error.primitive() == "accept");
        }
    }
}

// --- CONNECT ------------------------------------------------------------------------------------------

TEST_CASE("connect: after a failure the socket is closed") {
    for (const Family family : ip_families()) {
        const Nobody nobody(family);
        for (const bool limited : {false, true}) {
            Socket socket(family, Type::stream);
            const Error error = error_of([&] {
                if (limited) socket.connect(nobody.address(), patience);
                else socket.connect(nobody.address());
            });
            CHECK(error.code() == std::errc::connection_refused); // with a limit too, and not "timed out"
            CHECK(error.primitive() == "connect");
            CHECK(!socket.is_open());
            CHECK(socket.native_handle() == detail::no_handle);
            CHECK(error_of([&] { socket.connect(nobody.address()); }).code() ==
                  std::errc::bad_file_descriptor);
        }
    }
}

TEST_CASE("connect: with a time limit, timed_out if nobody answers") {
    for (const Family family : ip_families()) {
        const Busy busy(family);
        Socket socket(family, Type::stream);
        const auto start = std::chrono::steady_clock::now();
        const Error error = error_of([&] { socket.connect(busy.address(), soon); });
        CHECK(error.code() == std::errc::timed_out);
        CHECK(error.primitive() == "connect");
        CHECK(std::chrono::steady_clock::now() - start >= soon);
        CHECK(!socket.is_open());

        Socket hasty(family, Type::stream);
        CHECK(error_of([&] { hasty.connect(busy.address(), milliseconds(0)); }).code() ==
              std::errc::timed_out);
        CHECK(!hasty.is_open());
    }
}

TEST_CASE("connect: with a time limit, the socket blocks afterwards as before") {
    for (const milliseconds limit : {patience, milliseconds::max()}) {
        Socket server = listening(Family::ipv4);
        Socket client(Family::ipv4, Type::stream);
        client.connect(server.local_address(), limit);
        CHECK(blocks(client.native_handle()));
        CHECK(client.remote_address() == server.local_address());
    }
}

TEST_CASE("connect: one socket, one connection") {
    for (const Family family : ip_families()) {
        Socket listener = listening(family);
        Socket client(family, Type::stream);
        client.connect(listener.local_address());
        Socket server = listener.accept().socket;
        for (const bool limited : {false, true}) {
            const Error error = error_of([&] {
                if (limited) client.connect(listener.local_address(), patience);
                else client.connect(listener.local_address());
            });
            CHECK(error.code() == std::errc::already_connected);
            CHECK(client.is_open());
        }
        CHECK(blocks(client.native_handle()));
        client.send("still here");
        CHECK(server.recv(100) == "still here");
    }
}

TEST_CASE("connect: on a socket set non-blocking it is under way, and the socket stays open") {
    for (const Family family : ip_families()) {
        Socket server = listening(family);
        Socket client(family, Type::stream);
        client.set_blocking(false);
        const Error error = error_of([&] { client.connect(server.local_address()); });
        CHECK(error.code() == std::errc::operation_in_progress);
        CHECK(std::string(error.what()).find("(wait_writable tells when it is done)") != std::string::npos);
        REQUIRE(client.is_open());
        CHECK(client.wait_writable(patience));
        CHECK(client.option<int>(SOL_SOCKET, SO_ERROR) == 0);
        CHECK(client.send("x") == 1);
        CHECK(!blocks(client.native_handle()));
        CHECK(server.accept().socket.recv(1) == "x");
    }
}

TEST_CASE("connect: with a time limit it waits, also on a socket set non-blocking, which it stays") {
    Socket server = listening(Family::ipv4);
    Socket client(Family::ipv4, Type::stream);
    client.set_blocking(false);
    client.connect(server.local_address(), patience);
    CHECK(client.remote_address() == server.local_address());
    CHECK(error_of([&] { client.recv(1); }).code() == std::errc::operation_would_block);
    const Nobody nobody;
    Socket refused(Family::ipv4, Type::stream);
    refused.set_blocking(false);
    const Error error = error_of([&] { refused.connect(nobody.address(), patience); });
    CHECK(error.code() == std::errc::connection_refused);
    CHECK(!refused.is_open());
}

TEST_CASE("connect: a failure on a socket set non-blocking shows when it is done") {
    const Nobody nobody;
    Socket client(Family::ipv4, Type::stream);
    client.set_blocking(false);
    const Error error = error_of([&] { client.connect(nobody.address()); });
    CAPTURE(error);
    if (error.code() == std::errc::connection_refused) return; // the system was quick
    CHECK(error.code() == std::errc::operation_in_progress);
    CHECK(client.wait_writable(patience));
    CHECK(std::error_code(client.option<int>(SOL_SOCKET, SO_ERROR), detail::category()) ==
          std::errc::connection_refused);
}

TEST_CASE("connect: a mapped IPv4 address is reached") {
    Socket server = listening(Family::ipv4);
    const TcpSocket client("::ffff:127.0.0.1", server.local_address().port());
    CHECK(client.remote_address() == server.local_address());
}

// --- SEND ---------------------------------------------------------------------------------------------

TEST_CASE("send: any bytes, from text or memory") {
    for (const Family family : ip_families()) {
        auto [client, server] = ends(family);
        std::string all(256, '\0');
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<char>(i);
        CHECK(client.send(all) == 256);
        CHECK(server.recv_exactly(256) == all);
        CHECK(client.send(all.data(), all.size()) == 256);
        char back[256];
        server.recv_exactly(back, sizeof back);
        CHECK(std::string(back, sizeof back) == all);
        CHECK(client.send("") == 0);
        client.send_all("");
        client.send_all(nullptr, 0);
        CHECK(!server.try_recv(1));
    }
}

TEST_CASE("send: may take only some; the count says") {
    auto [client, server] = ends(Family::ipv4);
    const std::string much(32 << 20, 'm');
    client.set_send_timeout(soon); // nobody reads
    const std::size_t count = client.send(much);
    CHECK(count > 0);
    CHECK(count < much.size());
    const std::string came = server.recv_exactly(count);
    CHECK(came == much.substr(0, count));
    CHECK(!server.try_recv(1));
}

TEST_CASE("send: to a peer that has gone is an Error, and no signal") {
    for (const Family family : ip_families()) {
        for (int way = 0; way < 4; ++way) {
            CAPTURE(way);
            auto [client, server] = ends(family);
            if (way == 3) client.set_send_timeout(patience);
            server.close();
            CHECK(client.send("taken all the same") > 0);
            Error error = error_of([] {});
            // The answer to the first one decides; it is on its way.
            for (int i = 0; i < 100000 && !error.code(); ++i) {
                error = error_of([&, &socket = client] {
                    if (way == 0 || way == 3) socket.send("x");
                    if (way == 1) socket.send_all("x");
                    if (way == 2) (void)socket.try_send("x");
                });
            }
            CAPTURE(error);
            CHECK((error.code() == std::errc::broken_pipe || error.code() == std::errc::connection_reset ||
                   error.code() == std::errc::connection_aborted));
            CHECK(error.primitive() == "send");
            CHECK(client.is_open());
        }
    }
}

#if SIZE_MAX > UINT32_MAX

TEST_CASE("send: of more than INT_MAX bytes a stream takes at most so many") {
    const HugeBytes bytes;
    auto [client, server] = ends(Family::ipv4);
    const auto count = client.try_send(bytes.data(), huge);
    REQUIRE(count);
    CHECK(*count > 0);
    CHECK(*count <= INT_MAX);
    CHECK(server.recv_exactly(16) == std::string(16, '\0'));
    // So many that an int would make 10 of them.
    constexpr std::size_t wrapping = (std::size_t{1} << 32) + 10;
    Ends others = ends(Family::ipv4);
    CHECK(others.client.try_send(bytes.data(), wrapping).value() > 10);
    client.set_send_timeout(soon);
    const Error error = error_of([&, &socket = client] { socket.send_all(bytes.data(), huge); });
    CHECK(error.code() == std::errc::timed_out);
    CHECK(std::string(error.what()).find(" of 3221225472 bytes") != std::string::npos);
}

#ifndef _WIN32 // Windows may look whether all that room is there, and Wine touches every page of it

TEST_CASE("recv: room for more than INT_MAX bytes is no trouble") {
    const HugeBytes room;
    auto [client, server] = ends(Family::ipv4);
    client.send("x");
    CHECK(server.recv(room.data(), huge) == 1);
    CHECK(*static_cast<const char*>(room.data()) == 'x');
}

#endif
#endif

TEST_CASE("send_all: everything, however small the pieces are that the system takes") {
    auto [client, server] = ends(Family::ipv4);
    for (const bool blocking : {true, false}) {
        client.set_blocking(blocking); // it waits either way
        client.set_send_timeout(patience);
        server.set_recv_timeout(patience);
        Bytes bytes;
        const std::string much = bytes.next(32 << 20); // more than the system takes at once
        auto sending = std::async(std::launch::async, [&, &socket = client] { socket.send_all(much); });
        std::string came;
        while (came.size() < much.size()) came += server.recv(100000);
        sending.get();
        CHECK((came == much)); // without printing 32 MiB
    }
}

TEST_CASE("send_all: timed_out tells how much went") {
    auto [client, server] = ends(Family::ipv4);
    client.set_send_timeout(soon);
    const std::string much(64 << 20, 'x');
    const auto start = std::chrono::steady_clock::now();
    const Error error = error_of([&, &socket = client] { socket.send_all(much); });
    CHECK(std::chrono::steady_clock::now() - start >= soon);
    CHECK(error.code() == std::errc::timed_out);
    CHECK(error.primitive() == "send");
    const std::string said = error.what();
    CAPTURE(said);
    const std::size_t of = said.find(" of 67108864 bytes within 100 ms)");
    REQUIRE(of != std::string::npos);
    const std::size_t before = said.rfind('(', of) + 1;
    const std::size_t went = std::stoul(said.substr(before, of - before));
    CHECK(went > 0);
    // Exactly so much can be read.
    CHECK(server.recv_exactly(went).size() == went);
    CHECK(!server.try_recv(1));
}

TEST_CASE("send: timed_out once the limit is set and nobody reads") {
    auto [client, server] = ends(Family::ipv4);
    fill(client);
    client.set_send_timeout(soon);
    auto start = std::chrono::steady_clock::now();
    const Error error = error_of([&, &socket = client] {
        while (socket.send(piece) > 0) start = std::chrono::steady_clock::now();
    });
    CHECK(std::chrono::steady_clock::now() - start >= soon);
    CHECK(error.code() == std::errc::timed_out);
    CHECK(error.primitive() == "send");
    CHECK(!client.wait_writable(milliseconds(0)));
}

// --- RECEIVE ------------------------------------------------------------------------------------------

TEST_CASE("recv: gives what is there, at most max") {
    for (const Family family : ip_families()) {
        auto [client, server] = ends(family);
        client.send("hola");
        client.send("adios");
        CHECK(server.wait_readable(patience));
        CHECK(server.recv_exactly(2) == "ho");
        CHECK(server.recv(2) == "la"); // glued, or cut: bytes have no ends
        CHECK(server.recv_exactly(5) == "adios");
    }
}

TEST_CASE("recv_from: a stream has no sender, on every system") {
    for (const Family family : ip_families()) {
        auto [client, server] = ends(family);
        client.send("hola");
        Address sender = client.local_address();
        char buffer[4];
        CHECK(server.recv_from(buffer, 1, sender) == 1);
        CHECK(sender == Address());
        CHECK(server.try_recv_from(3)->sender.size() == 0);
    }
}

TEST_CASE("recv: empty once the peer has ended, and only then") {
    for (const Family family : ip_families()) {
        auto [client, server] = ends(family);
        client.send("last");
        client.close();
        CHECK(server.recv_exactly(4) == "last");
        for (int i = 0; i < 3; ++i) { // and so it stays
            CHECK(server.recv(10).empty());
            char buffer[10];
            CHECK(server.recv(buffer, sizeof buffer) == 0);
            CHECK(server.try_recv(10) == std::optional<std::string>(""));
            CHECK(server.try_recv(buffer, sizeof buffer) == std::optional<std::size_t>(0));
        }
    }
}

TEST_CASE("recv: 0 bytes of a stream could not be told from the end") {
    auto [client, server] = ends(Family::ipv4);
    client.send("x");
    char byte = 0;
    const std::pair<const char*, Error> errors[] = {
        {"recv", error_of([&, &socket = server] { socket.recv(0); })},
        {"recv", error_of([&, &socket = server] { socket.recv(&byte, 0); })},
        {"recv", error_of([&, &socket = server] { (void)socket.try_recv(0); })},
        {"recv", error_of([&, &socket = server] { (void)socket.try_recv(&byte, 0); })},
        {"recv_from", error_of([&, &socket = server] { socket.recv_from(0); })},
        {"recv_from", error_of([&, &socket = server] { (void)socket.try_recv_from(0); })},
    };
    for (const auto& pair : errors) {
        const Error& error = pair.second;
        CAPTURE(error);
        CHECK(error.code() == std::errc::invalid_argument);
        CHECK(error.primitive() == std::string(pair.first));
    }
    CHECK(server.recv(1) == "x"); // nothing was lost
}

TEST_CASE("recv: a reset is an Error, not an end") {
    if (under_wine()) return; // its recv gives 0 there, also when it is called by hand
    for (const Family family : ip_families()) {
        for (int way = 0; way < 4; ++way) {
            CAPTURE(way);
            auto [client, server] = ends(family);
            reset(server);
            const Error error = error_of([&, &socket = client] {
                if (way == 0) socket.recv(1);
                if (way == 1) socket.recv_exactly(1);
                if (way == 2) (void)socket.try_recv(1);
                if (way == 3) {
                    socket.set_recv_timeout(patience);
                    socket.recv(1);
                }
            });
            CHECK(error.code() == std::errc::connection_reset);
        }
    }
}

TEST_CASE("recv: needs a connection") {
    Socket socket(Family::ipv4, Type::stream);
    CHECK(error_of([&] { socket.recv(1); }).code() == std::errc::not_connected);
    CHECK(error_of([&] { socket.recv_exactly(1); }).code() == std::errc::not_connected);
}

TEST_CASE("recv: timed_out once the limit is over, and the limit can be taken back") {
    for (const Family family : ip_families()) {
        auto [client, server] = ends(family);
        server.set_recv_timeout(soon);
        for (int i = 0; i < 2; ++i) { // for every call, not once
            const auto start = std::chrono::steady_clock::now();
            const Error error = error_of([&, &socket = server] { socket.recv(1); });
            CHECK(error.code() == std::errc::timed_out);
            CHECK(error.primitive() == "recv");
            CHECK(std::chrono::steady_clock::now() - start >= soon);
        }
        client.send("x");
        CHECK(server.recv(1) == "x");
        server.set_recv_timeout(milliseconds(0));
        auto waiting = std::async(std::launch::async, [&, &socket = server] { return socket.recv(1); });
        CHECK(waiting.wait_for(soon * 3) == std::future_status::timeout);
        client.send("y");
        CHECK(waiting.get() == "y");
    }
}

TEST_CASE("recv: the largest limit is none") {
    const milliseconds largest = milliseconds::max();
    for (const milliseconds limit : // the first is one that from the next moment on cannot be counted
         {largest - milliseconds(detail::now() + 3), largest, largest - milliseconds(1), largest / 2}) {
        auto [client, server] = ends(Family::ipv4);
        server.set_recv_timeout(limit);
        client.set_send_timeout(limit);
        client.send_all("x");
        CHECK(server.recv(1) == "x");
        CHECK(!server.wait_readable(soon / 10)); // the time goes on meanwhile
        auto waiting =
            std::async(std::launch::async, [&, &socket = server] { return socket.recv_exactly(2); });
        CHECK(waiting.wait_for(soon) == std::future_status::timeout);
        client.send("yz");
        CHECK(waiting.get() == "yz");
    }
}

TEST_CASE("recv_exactly: as many as asked for, however they come") {
    for (const Family family : ip_families()) {
        auto [client, server] = ends(family);
        server.set_recv_timeout(patience);
        client.set_no_delay(true);
        for (const bool blocking : {true, false}) { // it waits either way
            server.set_blocking(blocking);
            const std::string message = "one byte at a time, and every one of them counts";
            auto sending = std::async(std::launch::async, [&, &socket = client] {
                for (const char& byte : message) socket.send(&byte, 1);
            });
            CHECK(server.recv_exactly(message.size()) == message);
            sending.get();
        }
        CHECK(server.recv_exactly(0).empty());
        server.recv_exactly(nullptr, 0);
    }
}

TEST_CASE("recv_exactly: ended early, it tells how much came") {
    for (const Family family : ip_families()) {
        auto [client, server] = ends(family);
        client.send("abc");
        client.close();
        const Error error = error_of([&, &socket = server] { socket.recv_exactly(10); });
        CHECK(error.code() == std::errc::connection_reset);
        CHECK(std::string(error.what()).find("3 of 10 bytes") != std::string::npos);
    }
}

TEST_CASE("recv_exactly: timed_out, it tells how much came; the limit is for all the bytes together") {
    auto [client, server] = ends(Family::ipv4);
    client.send("abc");
    server.set_recv_timeout(soon);
    const Error error = error_of([&, &socket = server] { socket.recv_exactly(10); });
    CHECK(error.code() == std::errc::timed_out);
    CHECK(error.primitive() == "recv");
    CHECK(std::string(error.what()).find("(3 of 10 bytes within 100 ms)") != std::string::npos);

    // A peer that always sends a little must not win more time; should it, the peer ends some time.
    std::atomic<bool> over{false};
    auto sending = std::async(std::launch::async, [&, &socket = client] {
        for (int i = 0; i < 1000 && !over; ++i) {
            socket.send("x");
            (void)socket.wait_readable(milliseconds(5)); // nothing comes: it only paces
        }
        socket.close();
    });
    const Error slow = error_of([&, &socket = server] { socket.recv_exactly(1 << 20); });
    CHECK(slow.code() == std::errc::timed_out);
    over = true;
    sending.get();
}

TEST_CASE("recv_exactly: is for streams") {
    Socket socket(Family::ipv4, Type::datagram);
    const Error error = error_of([&] { socket.recv_exactly(1); });
    CHECK(error.code() == std::errc::operation_not_supported);
    CHECK(error.primitive() == "recv");
}

#ifndef _WIN32 // Winsock's own limit does not reach the calls: they come back by themselves, see set_recv_timeout

TEST_CASE("recv: a limit that was set by hand (SO_RCVTIMEO) is timed_out too") {
    timeval time{};
    time.tv_usec = 50000;
    auto [client, server] = ends(Family::ipv4);
    server.set_option(SOL_SOCKET, SO_RCVTIMEO, time);
    CHECK(error_of([&, &socket = server] { socket.recv(1); }).code() == std::errc::timed_out);
    CHECK(error_of([&, &socket = server] { socket.recv_exactly(1); }).code() == std::errc::timed_out);
    client.send("x");
    CHECK(server.recv(1) == "x");

    client.set_option(SOL_SOCKET, SO_SNDTIMEO, time);
    const std::string much(32 << 20, 'x');
    const Error error = error_of([&, &socket = client] { socket.send_all(much); });
    CHECK(error.code() == std::errc::timed_out);
    CHECK(std::string(error.what()).find(" of 33554432 bytes") != std::string::npos);

    Socket listener = listening(Family::ipv4);
    listener.set_option(SOL_SOCKET, SO_RCVTIMEO, time);
    CHECK(error_of([&] { (void)listener.accept(); }).code() == std::errc::timed_out);

    Socket datagrams(Family::ipv4, Type::datagram);
    datagrams.bind(Address::loopback(0));
    datagrams.set_option(SOL_SOCKET, SO_RCVTIMEO, time);
    CHECK(error_of([&] { datagrams.recv_from(); }).code() == std::errc::timed_out);
}

#endif

// --- CLOSE --------------------------------------------------------------------------------------------

TEST_CASE("close: ends this side; a second time it does nothing") {
    auto [client, server] = ends(Family::ipv4);
    client.close();
    CHECK(!client.is_open());
    CHECK(client.native_handle() == detail::no_handle);
    client.close();
    client.close();
    CHECK(server.recv(1).empty());
}

TEST_CASE("close: the destructor does it") {
    auto [client, server] = ends(Family::ipv4);
    const NativeHandle handle = client.native_handle();
    { const Socket gone = std::move(client); }
    int type = 0;
    socklen_t size = sizeof type;
    CHECK(detail::get_option(handle, SOL_SOCKET, SO_TYPE, &type, &size) != 0);
    CHECK(server.recv(1).empty());
}

TEST_CASE("close: what somebody else has closed is an Error, and the object is closed") {
    Socket socket(Family::ipv4, Type::stream);
    (void)detail::close(socket.native_handle());
    const Error error = error_of([&] { socket.close(); });
    CHECK((error.code() == std::errc::bad_file_descriptor ||
           error.code() == std::errc::not_a_socket)); // Windows: the second
    CHECK(error.primitive() == "close");
    CHECK(!socket.is_open());
    socket.close();
}

TEST_CASE("Socket: moving hands everything over") {
    auto [client, server] = ends(Family::ipv4);
    server.set_recv_timeout(soon);
    server.set_blocking(true);
    const NativeHandle handle = server.native_handle();
    Socket moved = std::move(server);
    CHECK(moved.native_handle() == handle);
    CHECK(!server.is_open());                                               // NOLINT(bugprone-use-after-move)
    CHECK(error_of([&] { moved.recv(1); }).code() == std::errc::timed_out); // the limit has come along
    client.send("x");
    CHECK(moved.recv(1) == "x");

    auto [other_client, other_server] = ends(Family::ipv4);
    other_client = std::move(moved); // closes what was there
    CHECK(other_server.recv(1).empty());
    CHECK(other_client.native_handle() == handle);

    std::vector<Socket> many; // a vector that grows moves
    many.push_back(std::move(other_client));
    for (int i = 0; i < 10; ++i) many.emplace_back(Family::ipv4, Type::stream);
    client.send("y");
    CHECK(many.front().recv(1) == "y");

    std::swap(many.front(), many.back());
    CHECK(many.back().native_handle() == handle);
}

TEST_CASE("Socket: closed or moved from, every method says so") {
    const Address here = Address::loopback(1);
    const std::string text = "x";
    char buffer[1];
    Address sender;
    const std::vector<std::pair<std::string, std::function<void(Socket&)>>> methods = {
        {"bind", [&](Socket& s) { s.bind(here); }},
        {"listen", [&](Socket& s) { s.listen(); }},
        {"accept", [&](Socket& s) { (void)s.accept(); }},
        {"accept", [&](Socket& s) { (void)s.accept(soon); }},
        {"accept", [&](Socket& s) { (void)s.try_accept(); }},
        {"connect", [&](Socket& s) { s.connect(here); }},
        {"connect", [&](Socket& s) { s.connect(here, soon); }},
        {"send", [&](Socket& s) { s.send(text); }},
        {"send", [&](Socket& s) { s.send(text.data(), 1); }},
        {"send", [&](Socket& s) { s.send(text.data(), 0); }},
        {"send", [&](Socket& s) { s.send(text.data(), huge); }},
        {"send", [&](Socket& s) { s.send_all(text); }},
        {"send", [&](Socket& s) { s.send_all(""); }},
        {"send", [&](Socket& s) { s.send_all(text.data(), 1); }},
        {"send", [&](Socket& s) { (void)s.try_send(text); }},
        {"send", [&](Socket& s) { (void)s.try_send(text.data(), 1); }},
        {"recv", [&](Socket& s) { s.recv(1); }},
        {"recv", [&](Socket& s) { s.recv(buffer, 1); }},
        {"recv", [&](Socket& s) { s.recv(buffer, 0); }},
        {"recv", [&](Socket& s) { s.recv(buffer, huge); }},
        {"recv", [&](Socket& s) { s.recv_exactly(1); }},
        {"recv", [&](Socket& s) { s.recv_exactly(0); }},
        {"recv", [&](Socket& s) { s.recv_exactly(buffer, 1); }},
        {"recv", [&](Socket& s) { (void)s.try_recv(1); }},
        {"recv", [&](Socket& s) { (void)s.try_recv(buffer, 1); }},
        {"send_to", [&](Socket& s) { s.send_to(text, here); }},
        {"send_to", [&](Socket& s) { s.send_to(text.data(), 1, here); }},
        {"send_to", [&](Socket& s) { (void)s.try_send_to(text, here); }},
        {"send_to", [&](Socket& s) { (void)s.try_send_to(text.data(), 1, here); }},
        {"recv_from", [&](Socket& s) { s.recv_from(); }},
        {"recv_from", [&](Socket& s) { s.recv_from(buffer, 1, sender); }},
        {"recv_from", [&](Socket& s) { (void)s.try_recv_from(); }},
        {"recv_from", [&](Socket& s) { (void)s.try_recv_from(buffer, 1, sender); }},
        {"shutdown", [&](Socket& s) { s.shutdown(); }},
        {"wait_readable", [&](Socket& s) { (void)s.wait_readable(soon); }},
        {"wait_writable", [&](Socket& s) { (void)s.wait_writable(soon); }},
        {"set_recv_timeout", [&](Socket& s) { s.set_recv_timeout(soon); }},
        {"set_send_timeout", [&](Socket& s) { s.set_send_timeout(soon); }},
        {"set_blocking", [&](Socket& s) { s.set_blocking(false); }},
        {"set_reuse_address", [&](Socket& s) { s.set_reuse_address(true); }},
        {"set_no_delay", [&](Socket& s) { s.set_no_delay(true); }},
        {"set_broadcast", [&](Socket& s) { s.set_broadcast(true); }},
        {"option", [&](Socket& s) { (void)s.option<int>(SOL_SOCKET, SO_TYPE); }},
        {"set_option", [&](Socket& s) { s.set_option(SOL_SOCKET, SO_KEEPALIVE, true); }},
        {"local_address", [&](Socket& s) { (void)s.local_address(); }},
        {"remote_address", [&](Socket& s) { (void)s.remote_address(); }},
    };
    for (const Type type : {Type::stream, Type::datagram}) {
        for (int how = 0; how < 5; ++how) {
            for (const auto& method : methods) {
                const std::string& primitive = method.first;
                if (primitive == "recv" && type == Type::datagram) continue; // recv_exactly is not for these
                Socket socket(Family::ipv4, type);
                if (how == 4) socket.set_blocking(false);
                if (how == 2 || how == 4) socket.close();
                if (how == 0) const Socket other = std::move(socket);
                if (how == 1) (void)detail::close(socket.release());
                if (how == 3) {
                    socket.set_recv_timeout(soon);
                    socket.set_send_timeout(soon);
                    socket.close();
                }
                CAPTURE(primitive);
                CAPTURE(how);
                const Error error =
                    error_of([&] { method.second(socket); }); // NOLINT(bugprone-use-after-move)
                CAPTURE(error);
                CHECK(error.code() == std::errc::bad_file_descriptor);
                // An option's own method may name the system's call.
                const bool option = primitive.rfind("set_", 0) == 0 && error.primitive() == "set_option";
                CHECK((error.primitive() == primitive || option));
                CHECK(std::string(error.what()).find("(this socket is closed)") != std::string::npos);
            }
        }
    }
}

// --- shutdown -----------------------------------------------------------------------------------------

TEST_CASE("shutdown: ends one direction, the other goes on") {
    for (const Family family : ip_families()) {
        auto [client, server] = ends(family);
        client.send("question");
        client.shutdown();
        CHECK(server.recv_exactly(8) == "question");
        CHECK(server.recv(1).empty());
        server.send("answer");
        server.close();
        CHECK(client.recv_exactly(6) == "answer");
        CHECK(client.recv(1).empty());
        CHECK(error_of([&, &socket = client] { socket.send("x"); }).code() == std::errc::broken_pipe);
    }
}

TEST_CASE("shutdown: of receiving, this side is at the end") {
    auto [client, server] = ends(Family::ipv4);
    client.set_recv_timeout(patience);
    client.shutdown(Shutdown::receive);
    CHECK(client.recv(1).empty());
    client.send("x");
    CHECK(server.recv(1) == "x");
}

TEST_CASE("shutdown: of both") {
    auto [client, server] = ends(Family::ipv4);
    client.shutdown(Shutdown::both);
    CHECK(server.recv(1).empty());
    CHECK(error_of([&, &socket = client] { socket.send("x"); }).code() == std::errc::broken_pipe);
    CHECK(client.recv(1).empty());
}

TEST_CASE("close: what was sent before arrives, if this side has read everything") {
    auto [client, server] = ends(Family::ipv4);
    const std::string much(100000, 'x');
    server.set_recv_timeout(patience);
    auto sending = std::async(std::launch::async, [&, &socket = client] {
        socket.send_all(much);
        socket.shutdown();
        const bool ended = socket.recv(1).empty();
        socket.close();
        return ended;
    });
    CHECK((server.recv_exactly(much.size()) == much));
    CHECK(server.recv(1).empty());
    server.close();
    CHECK(sending.get());
}

// --- not longer than this -----------------------------------------------------------------------------

TEST_CASE("wait_readable: true for bytes, an end, a client; false when the time is over") {
    auto [client, server] = ends(Family::ipv4);
    CHECK(!server.wait_readable(milliseconds(0)));
    const auto start = std::chrono::steady_clock::now();
    CHECK(!server.wait_readable(soon));
    CHECK(std::chrono::steady_clock::now() - start >= soon);
    client.send("x");
    for (const milliseconds limit :
         {patience, milliseconds(0), milliseconds::max(), milliseconds::max() / 2}) {
        CHECK(server.wait_readable(limit));
        CHECK(server.wait_writable(limit));
    }
    CHECK(server.recv(1) == "x"); // waiting takes nothing away
    client.close();
    CHECK(server.wait_readable(patience));

    Socket listener = listening(Family::ipv4);
    CHECK(!listener.wait_readable(milliseconds(0)));
    Socket another(Family::ipv4, Type::stream);
    another.connect(listener.local_address());
    CHECK(listener.wait_readable(patience));
}

TEST_CASE("wait_readable: an error wakes it too") {
    auto [client, server] = ends(Family::ipv4);
    reset(client);
    CHECK(server.wait_readable(patience));
    CHECK(server.wait_writable(patience));
}

TEST_CASE("Socket: a negative time limit is refused") {
    auto [client, server] = ends(Family::ipv4);
    client.send("x"); // there would be something to take
    const Address peer = Address::loopback(1);
    const std::vector<std::pair<std::string, std::function<void(Socket&, milliseconds)>>> methods = {
        {"accept", [&](Socket& s, milliseconds limit) { (void)s.accept(limit); }},
        {"connect", [&](Socket& s, milliseconds limit) { s.connect(peer, limit); }},
        {"wait_readable", [&](Socket& s, milliseconds limit) { (void)s.wait_readable(limit); }},
        {"wait_writable", [&](Socket& s, milliseconds limit) { (void)s.wait_writable(limit); }},
        {"set_recv_timeout", [&](Socket& s, milliseconds limit) { s.set_recv_timeout(limit); }},
        {"set_send_timeout", [&](Socket& s, milliseconds limit) { s.set_send_timeout(limit); }},
    };
    for (const auto& method : methods) {
        for (const milliseconds limit : {milliseconds(-1), milliseconds::min()}) {
            const std::string& primitive = method.first;
            CAPTURE(primitive);
            const Error error = error_of([&, &socket = server] { method.second(socket, limit); });
            CHECK(error.code() == std::errc::invalid_argument);
            CHECK(error.primitive() == primitive);
            CHECK(server.is_open());
        }
    }
    CHECK(server.recv(1) == "x"); // no limit was set
    CHECK(blocks(server.native_handle()));
}

// --- never wait ---------------------------------------------------------------------------------------

TEST_CASE("try_: empty when there is nothing, whatever set_blocking says") {
    for (const Family family : ip_families()) {
        for (const bool blocking : {true, false}) {
            for (const bool limited : {false, true}) {
                Socket listener = listening(family);
                listener.set_blocking(blocking);
                CHECK(!listener.try_accept());
                auto [client, server] = ends(family);
                server.set_blocking(blocking);
                client.set_blocking(blocking);
                if (limited) {
                    server.set_recv_timeout(patience);
                    client.set_send_timeout(patience);
                }
                char byte = 0;
                CHECK(!server.try_recv(1));
                CHECK(!server.try_recv(&byte, 1));
                client.send("xy");
                CHECK(server.wait_readable(patience));
                CHECK(server.try_recv(&byte, 1) == std::optional<std::size_t>(1));
                CHECK(byte == 'x');
                CHECK(server.try_recv(10) == std::optional<std::string>("y"));
                CHECK(client.try_send("abc") == std::optional<std::size_t>(3));
                fill(client); // comes back when there is no room
            }
        }
    }
}

TEST_CASE("try_: a socket that blocks still blocks afterwards") {
    for (const Family family : ip_families()) {
        auto [client, server] = ends(family);
        CHECK(!server.try_recv(1));
        auto receiving = std::async(std::launch::async, [&, &socket = server] { return socket.recv(1); });
        CHECK(receiving.wait_for(soon) == std::future_status::timeout);
        client.send("x");
        CHECK(receiving.get() == "x");

        fill(client);
        std::atomic<bool> enough{false};
        auto sending = std::async(std::launch::async, [&, &socket = client] {
            while (!enough) socket.send(piece);
        });
        CHECK(sending.wait_for(soon) == std::future_status::timeout);
        enough = true;
        while (sending.wait_for(milliseconds(0)) == std::future_status::timeout) // now there will be room
            if (server.wait_readable(soon)) (void)server.recv(1 << 20);
        sending.get();
    }
}

TEST_CASE("set_blocking: off, the plain calls say operation_would_block") {
    for (const Family family : ip_families()) {
        for (const bool limited : {false, true}) { // a limit does not make it wait either
            auto [client, server] = ends(family);
            Socket listener = listening(family);
            listener.set_blocking(false);
            client.set_blocking(false);
            server.set_blocking(false);
            if (limited) {
                server.set_recv_timeout(patience);
                client.set_send_timeout(patience);
            }
            char byte = 0;
            Socket idle(family, Type::datagram);
            idle.bind(Address::loopback(0, family));
            idle.set_blocking(false);
            const auto errors = {error_of([&, &socket = client] { socket.recv(1); }),
                                 error_of([&, &socket = client] { socket.recv(&byte, 1); }),
                                 error_of([&] { idle.recv_from(); }), error_of([&] { idle.recv(1); }),
                                 error_of([&] { (void)listener.accept(); })};
            for (const Error& error : errors) {
                CAPTURE(error);
                CHECK(error.code() == std::errc::operation_would_block);
            }
            const Error sending = error_of([&, &socket = client] {
                while (socket.send(piece) > 0) {}
            });
            CHECK(sending.code() == std::errc::operation_would_block);
            CHECK(sending.primitive() == "send");

            client.set_blocking(true);
            CHECK(blocks(client.native_handle()));
        }
    }
}

// --- where it is, and how it behaves ------------------------------------------------------------------

TEST_CASE("local_address, remote_address: both ends agree") {
    for (const Family family : ip_families()) {
        auto [client, server] = ends(family);
        CHECK(client.local_address() == server.remote_address());
        CHECK(client.remote_address() == server.local_address());
        CHECK(client.local_address().family() == family);
        CHECK(client.local_address().port() != 0);
    }
    const Socket socket(Family::ipv4, Type::stream);
    const Error error = error_of([&] { (void)socket.remote_address(); });
    CHECK(error.code() == std::errc::not_connected);
    CHECK(error.primitive() == "remote_address");
}

TEST_CASE("option: what was set is there, and a bool is the int of the manual") {
    Socket socket(Family::ipv4, Type::stream);
    CHECK(!socket.option<bool>(SOL_SOCKET, SO_KEEPALIVE));
    socket.set_option(SOL_SOCKET, SO_KEEPALIVE, true);
    CHECK(socket.option<bool>(SOL_SOCKET, SO_KEEPALIVE));
    CHECK(socket.option<int>(SOL_SOCKET, SO_KEEPALIVE) != 0);
    socket.set_option(SOL_SOCKET, SO_KEEPALIVE, 0);
    CHECK(!socket.option<bool>(SOL_SOCKET, SO_KEEPALIVE));
    const int on[] = {1};
    socket.set_option(SOL_SOCKET, SO_KEEPALIVE, on); // an array is given as it lies
    CHECK(socket.option<bool>(SOL_SOCKET, SO_KEEPALIVE));
#ifdef __gnu_linux__
    if (!std::getenv("SOCKETS_QEMU")) { // qemu-user 7.2 takes the name for a number and swaps its bytes
        socket.set_option(IPPROTO_TCP, TCP_CONGESTION, "reno");
        CHECK(std::string(socket.option<std::array<char, 16>>(IPPROTO_TCP, TCP_CONGESTION).data()) == "reno");
    }
#endif

    linger given{};
    given.l_onoff = 1;
    given.l_linger = 7;
    socket.set_option(SOL_SOCKET, SO_LINGER, given);
    const auto taken = socket.option<linger>(SOL_SOCKET, SO_LINGER);
    CHECK(taken.l_onoff != 0);
    CHECK(taken.l_linger == 7);

    socket.set_no_delay(true);
    CHECK(socket.option<bool>(IPPROTO_TCP, TCP_NODELAY));
    socket.set_no_delay(false);
    CHECK(!socket.option<bool>(IPPROTO_TCP, TCP_NODELAY));

    Socket datagrams(Family::ipv4, Type::datagram);
    CHECK(!datagrams.option<bool>(SOL_SOCKET, SO_BROADCAST));
    datagrams.set_broadcast(true);
    CHECK(datagrams.option<bool>(SOL_SOCKET, SO_BROADCAST));
}

TEST_CASE("option: one that does not exist is an Error") {
    Socket socket(Family::ipv4, Type::stream);
    const Error getting = error_of([&] { (void)socket.option<int>(IPPROTO_TCP, 9999); });
    const Error setting = error_of([&] { socket.set_option(IPPROTO_TCP, 9999, 1); });
    CHECK(getting.code() == std::errc::no_protocol_option);
    CHECK(getting.primitive() == "option");
    CHECK(setting.code() == std::errc::no_protocol_option);
    CHECK(setting.primitive() == "set_option");
}

// --- the system's socket underneath -------------------------------------------------------------------

TEST_CASE("release: hands the system's socket over, as it was") {
    for (const bool tried : {false, true}) {
        auto [client, server] = ends(Family::ipv4);
        if (tried) CHECK(!server.try_recv(1)); // must leave no trace
        const NativeHandle handle = server.native_handle();
        const NativeHandle released = server.release();
        CHECK(released == handle);
        CHECK(!server.is_open());
        CHECK(server.release() == detail::no_handle);
        CHECK(blocks(released));
        client.send("x");
        char byte = 0;
        CHECK(::recv(released, &byte, 1, 0) == 1); // still open
        (void)detail::close(released);
        CHECK(client.recv(1).empty());
    }
    Socket listener = listening(Family::ipv4);
    CHECK(!listener.try_accept());
    const NativeHandle released = listener.release();
#ifndef _WIN32 // Windows cannot be asked whether a listener blocks
    CHECK(blocks(released));
#endif
    (void)detail::close(released);
}

TEST_CASE("adopt: takes over what another call has made") {
    for (const Family family : ip_families()) {
        auto [client, server] = ends(family);
        Socket adopted = Socket::adopt(server.release());
        CHECK(adopted.is_open());
        client.send("x");
        CHECK(adopted.recv(1) == "x");
        adopted.close();
        CHECK(client.recv(1).empty());
    }
}

TEST_CASE("adopt: sees what kind it is") {
    Socket made(Family::ipv4, Type::datagram);
    made.bind(Address::loopback(0));
    Socket datagrams = Socket::adopt(made.release());
    Socket sender(Family::ipv4, Type::datagram);
    sender.send_to("too long", datagrams.local_address());
    CHECK(error_of([&] { datagrams.recv_from(3); }).code() ==
          std::errc::message_size); // a stream would be cut
    sender.send_to("", datagrams.local_address());
    CHECK(datagrams.recv_from(3).data.empty());

    auto [client, server] = ends(Family::ipv4);
    Socket stream = Socket::adopt(server.release());
    client.send("abcdef");
    CHECK(stream.recv(3) == "abc");
    CHECK(stream.recv(3) == "def");
    CHECK(error_of([&] { stream.recv(0); }).code() == std::errc::invalid_argument);
}

#ifndef _WIN32 // Windows cannot tell whether a socket blocks: it is taken to

TEST_CASE("adopt: sees whether it blocks") {
    auto [client, server] = ends(Family::ipv4);
    const NativeHandle handle = server.release();
    REQUIRE(::fcntl(handle, F_SETFL, ::fcntl(handle, F_GETFL) | O_NONBLOCK) == 0);
    Socket adopted = Socket::adopt(handle);
    CHECK(error_of([&] { adopted.recv(1); }).code() == std::errc::operation_would_block);
    const NativeHandle released = adopted.release();
    CHECK(!blocks(released));
    (void)::close(released);
}

#endif

TEST_CASE("adopt: what is no socket is refused and stays the caller's") {
    const Error none = error_of([] { (void)Socket::adopt(detail::no_handle); });
    CAPTURE(none);
    CHECK((none.code() == std::errc::bad_file_descriptor || none.code() == std::errc::not_a_socket));
    CHECK(none.primitive() == "adopt");
#ifndef _WIN32 // a file is not a socket there either, but its handle is of another kind
    int ends_of_pipe[2];
    REQUIRE(::pipe(ends_of_pipe) == 0);
    const Error file = error_of([&] { (void)Socket::adopt(ends_of_pipe[0]); });
    CHECK(file.code() == std::errc::not_a_socket);
    CHECK(::fcntl(ends_of_pipe[0], F_GETFD) >= 0);
    (void)::close(ends_of_pipe[0]);
    (void)::close(ends_of_pipe[1]);
#endif
}

#ifndef _WIN32 // Winsock has SO_SNDTIMEO for send alone
TEST_CASE("connect: SO_SNDTIMEO set by hand gives timed_out, not an endless wait") {
    const Busy nobody_answers;
    Socket client(Family::ipv4, Type::stream);
    const timeval time{0, 100000};
    client.set_option(SOL_SOCKET, SO_SNDTIMEO, time);
    CHECK(error_of([&] { client.connect(nobody_answers.address()); }).code() == std::errc::timed_out);
}
#endif
