// IPv4 addresses in IPv6's clothes (::ffff:127.0.0.1), as a socket of both families gives them: they work wherever an
// Address is taken.

#include "support.hpp"

using namespace support;

namespace {

/// The mapped form of a loopback address; data() keeps it.
Address mapped(int port) {
    sockaddr_in6 address{};
    detail::set_family(*reinterpret_cast<sockaddr*>(&address), AF_INET6, sizeof address);
    address.sin6_port = htons(static_cast<unsigned short>(port));
    address.sin6_addr.s6_addr[10] = address.sin6_addr.s6_addr[11] = 0xff;
    address.sin6_addr.s6_addr[12] = 127;
    address.sin6_addr.s6_addr[15] = 1;
    return Address::from(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

UdpSocket of_both_families() {
    UdpSocket socket(Family::ipv6);
    socket.set_option(IPPROTO_IPV6, IPV6_V6ONLY, false);
    socket.bind(Address::any(0, Family::ipv6));
    return socket;
}

} // namespace

TEST_CASE("mapped: an accepted connection's addresses work as the IPv4 ones that they are") {
    if (!has_ipv6()) return;
    TcpListener server(0);
    TcpListener home(Address::loopback(0)); // the client's own server
    const TcpSocket client("127.0.0.1", server.local_address().port());
    auto accepted = server.accept(patience);
    REQUIRE(accepted);
    for (const Address& address : {accepted->address, accepted->socket.local_address()}) {
        CHECK(address.family() == Family::ipv4);
        CHECK(address.host() == "127.0.0.1");
        CHECK(address.data()->sa_family == AF_INET6); // as the system gave it
    }
    const Address mine = accepted->socket.local_address();
    TcpSocket again(mine.family());
    again.connect(mine);
    TcpSocket limited(mine.family());
    limited.connect(mine, patience);
    TcpSocket tried(mine.family());
    while (!tried.try_connect(mine)) REQUIRE(tried.wait_writable(patience));
    CHECK(tried.try_connect(mine));
    const TcpSocket at_once(mine);
    const TcpSocket at_once_limited(mine, patience);
    for (const TcpSocket* socket :
         std::initializer_list<const TcpSocket*>{&again, &limited, &tried, &at_once, &at_once_limited}) {
        CHECK(socket->remote_address() == mine);
        CHECK(socket->remote_address().data()->sa_family == AF_INET);
    }
}

TEST_CASE("mapped: TcpListener, UdpSocket and bind take one for a server of IPv4") {
    TcpListener listener(mapped(0));
    CHECK(listener.local_address().data()->sa_family == AF_INET);
    const TcpSocket client("127.0.0.1", listener.local_address().port());
    CHECK(listener.accept(patience));
    UdpSocket datagrams(mapped(0));
    CHECK(datagrams.local_address().data()->sa_family == AF_INET);
    UdpSocket().send_to("x", datagrams.local_address());
    CHECK(datagrams.recv(1, patience) == std::optional<std::string>("x"));
    Socket plain(Family::ipv4, Type::stream);
    plain.bind(mapped(0));
    CHECK(plain.local_address().host() == "127.0.0.1");
    const Error error = error_of([&] { TcpListener(mapped(listener.local_address().port())); });
    CHECK(error.code() == std::errc::address_in_use);
    CHECK(std::string(error.what()).find("127.0.0.1") != std::string::npos);
}

TEST_CASE("mapped: a received datagram's sender can be answered by a socket of its family, in every way") {
    if (!has_ipv6()) return;
    UdpSocket server = of_both_families();
    UdpSocket client(Address::loopback(0));
    client.send_to("x", Address::loopback(server.local_address().port()));
    const std::optional<Datagram> question = server.recv_from(patience);
    REQUIRE(question);
    const Address back = question->sender;
    REQUIRE(back.data()->sa_family == AF_INET6);
    UdpSocket answering(back.family());
    CHECK(answering.send_to("1", back) == 1);
    CHECK(answering.send_to("2", 1, back) == 1);
    CHECK(answering.try_send_to("3", back) == std::optional<std::size_t>(1));
    CHECK(answering.try_send_to("4", 1, back) == std::optional<std::size_t>(1));
    UdpSocket connected(back.family());
    connected.connect(back);
    connected.send("5");
    UdpSocket tried(back.family());
    CHECK(tried.try_connect(back));
    tried.send("6");
    for (const char* one : {"1", "2", "3", "4", "5", "6"})
        CHECK(client.recv(1, patience) == std::optional<std::string>(one));
    CHECK(connected.remote_address() == back);
}

TEST_CASE("mapped: a socket of both families uses one as it is") {
    if (!has_ipv6()) return;
    UdpSocket server = of_both_families();
    UdpSocket client(Address::loopback(0));
    const Address to = mapped(client.local_address().port());
    CHECK(server.send_to("1", to) == 1);
    CHECK(server.try_send_to("2", to) == std::optional<std::size_t>(1));
    server.connect(to);
    CHECK(server.remote_address().data()->sa_family == AF_INET6);
    CHECK(server.remote_address() == client.local_address());
    server.send("3");
    for (const char* one : {"1", "2", "3"})
        CHECK(client.recv(1, patience) == std::optional<std::string>(one));

    TcpListener listener(Address::loopback(0));
    Socket stream(Family::ipv6, Type::stream);
    stream.set_option(IPPROTO_IPV6, IPV6_V6ONLY, false);
    stream.connect(mapped(listener.local_address().port()));
    CHECK(stream.remote_address() == listener.local_address());
    Socket bound(Family::ipv6, Type::stream);
    bound.set_option(IPPROTO_IPV6, IPV6_V6ONLY, false);
    bound.bind(mapped(0));
    CHECK(bound.local_address().data()->sa_family == AF_INET6);
}

TEST_CASE("mapped: an adopted socket knows its family") {
    UdpSocket server(Address::loopback(0));
    Socket adopted = Socket::adopt(Socket(Family::ipv4, Type::datagram).release());
    CHECK(adopted.send_to("x", mapped(server.local_address().port())) == 1);
    CHECK(server.recv(1, patience) == std::optional<std::string>("x"));
}
