// What is meant compiles, beside all that is refused (expect_fail/): each way to write bytes, memory, hosts, limits.

#include "support.hpp"

#include <array>
#include <cstddef>
#include <string_view>

using namespace support;
using namespace std::chrono_literals;

namespace {

/// Converts to a string_view, as other libraries' strings do.
struct Text {
    operator std::string_view() const { return "hola"; } // NOLINT(google-explicit-constructor)
};

struct Header {
    std::uint16_t kind;
    std::uint16_t length;
};

/// Converts to a host.
struct Name {
    operator std::string() const { return "127.0.0.1"; } // NOLINT(google-explicit-constructor)
};

/// Sends something of so many bytes in every way there is, and has the other end receive them.
template <class Sender>
void check_sends(Sender& sender, TcpSocket& receiver) {
    const std::string text = "hola";
    const std::string_view view = text;
    const char array[] = "hola";
    const std::vector<char> chars(4, 'x');
    std::array<std::byte, 4> bytes{};
    const Header header{1, 2};
    const unsigned char numbers[4] = {1, 2, 3, 4};
    const void* nothing = text.data();
    std::size_t sent = 0;
    sent += sender.send("hola");
    sent += sender.send(text);
    sent += sender.send(view);
    sent += sender.send(array);
    sent += sender.send(text.c_str());
    sent += sender.send(Text());
    sent += sender.send({"hola", 2});
    sent += sender.send("hola", 3);
    sent += sender.send(chars.data(), chars.size());
    sent += sender.send(bytes.data(), bytes.size());
    sent += sender.send(&header, sizeof header);
    sent += sender.send(numbers, 4);
    sent += sender.send(nothing, 4);
    sent += sender.send({});
    sent += sender.send("x", 0);
    CHECK(sent == 6 * 4 + 2 + 3 + 5 * 4);
    sender.send_all("hola");
    sender.send_all({"hola", 2});
    sender.send_all({});
    sender.send_all(Text());
    sender.send_all(text + "!");
    sender.send_all(&header, sizeof header);
    sender.send_all(std::string(3, 'x').append(view));
    sent += 4 + 2 + 4 + 5 + 4 + 7;
    sent += *sender.try_send("hola");
    sent += *sender.try_send({"hola", 2});
    sent += *sender.try_send(text);
    sent += *sender.try_send(bytes.data(), bytes.size());
    CHECK(receiver.recv_exactly(sent).size() == sent);
}

} // namespace

TEST_CASE("bytes: everything that is text, and memory with its size") {
    Connection both = patient_connection();
    check_sends(both.client, both.server);
}

TEST_CASE("bytes: datagrams too") {
    UdpSocket receiver(Address::loopback(0));
    receiver.set_recv_timeout(patience);
    const Address peer = receiver.local_address();
    UdpSocket sender;
    const Header header{1, 2};
    const std::string text = "hola";
    CHECK(sender.send_to("hola", peer) == 4);
    CHECK(sender.send_to(text, peer) == 4);
    CHECK(sender.send_to(Text(), peer) == 4);
    CHECK(sender.send_to({"hola", 2}, peer) == 2);
    CHECK(sender.send_to({}, peer) == 0);
    CHECK(sender.send_to(&header, sizeof header, peer) == 4);
    CHECK(sender.send_to(text.data(), 3, peer) == 3);
    CHECK(*sender.try_send_to("hola", peer) == 4);
    CHECK(*sender.try_send_to({"hola", 2}, peer) == 2);
    CHECK(*sender.try_send_to(&header, sizeof header, peer) == 4);
    for (const std::size_t size : {4U, 4U, 4U, 2U, 0U, 4U, 3U, 4U, 2U, 4U})
        CHECK(receiver.recv_from().data.size() == size);
}

TEST_CASE("memory: of whatever is nothing but its bytes") {
    Connection both = patient_connection();
    both.client.send_all(std::string(40, 'x'));
    std::vector<char> chars(4);
    std::array<std::byte, 4> bytes{};
    std::string text(4, '\0');
    Header header{};
    unsigned char numbers[4];
    void* nothing = text.data();
    both.server.recv_exactly(chars.data(), chars.size());
    both.server.recv_exactly(&header, sizeof header);
    both.server.recv_exactly(text.data(), text.size());
    both.server.recv_exactly(numbers, sizeof numbers);
    CHECK(both.server.recv(bytes.data(), bytes.size()) == 4);
    CHECK(both.server.recv(nothing, 4) == 4);
    CHECK(both.server.recv(&text[0], 4) == 4);
    CHECK(*both.server.try_recv(bytes.data(), bytes.size()) == 4);
    CHECK(*both.server.try_recv(&header, sizeof header) == 4);
    CHECK(both.server.recv(4) == "xxxx");

    UdpSocket receiver(Address::loopback(0));
    receiver.set_recv_timeout(patience);
    UdpSocket sender;
    Address from;
    for (int i = 0; i < 2; ++i) sender.send_to("hola", receiver.local_address());
    CHECK(receiver.recv_from(bytes.data(), bytes.size(), from) == 4);
    CHECK(receiver.recv_from(&header, sizeof header, from) == 4);
}

TEST_CASE("limits: a number of bytes, a time, or both in their order") {
    Connection both = patient_connection();
    UdpSocket udp(Address::loopback(0));
    CHECK(!both.client.recv(10, 0s));
    CHECK(!both.client.recv(10U, 1ms));
    CHECK(!both.client.recv(10, std::chrono::milliseconds(1)));
    CHECK(!udp.recv_from(0s));
    CHECK(!udp.recv_from(std::chrono::milliseconds(1)));
    CHECK(!udp.recv_from(10, 1ms));
    CHECK(!udp.recv(10, 1ms));
    CHECK(error_of([&] { (void)both.client.recv(0); }).code() == std::errc::invalid_argument); // no nullptr
    UdpSocket(Address::loopback(0)).send_to("hola", udp.local_address());
    CHECK(udp.recv_from(std::chrono::seconds(30))->data == "hola");
    UdpSocket(Address::loopback(0)).send_to("hola", udp.local_address());
    CHECK(udp.recv_from(100).data == "hola");
}

TEST_CASE("hosts: whatever is text") {
    const std::string host = "127.0.0.1";
    TcpListener server("127.0.0.1", 0);
    const int port = server.local_address().port();
    CHECK(TcpListener(host, 0).is_open());
    CHECK(TcpListener(host.c_str(), 0, 5).is_open());
    CHECK(TcpListener(Name(), 0).is_open());
    CHECK(TcpListener(Address::loopback(0), 5).is_open());
    TcpSocket by_braces;
    by_braces.connect({"127.0.0.1", port});
    UdpSocket udp;
    udp.bind({host, 0});
    CHECK(udp.send_to("x", {"127.0.0.1", port}) == 1);
    CHECK(udp.send_to({"xy", 1}, {host, port}) == 1);
    CHECK(*udp.try_send_to({}, {"127.0.0.1", port}) == 0);
    CHECK(TcpSocket(host, port).is_open());
    CHECK(TcpSocket(host.c_str(), port, 30s).is_open());
    CHECK(TcpSocket(Name(), port).is_open());
    CHECK(TcpSocket("127.0.0.1", port, patience).is_open());
    CHECK(TcpSocket(server.local_address()).is_open());
    CHECK(TcpSocket(server.local_address(), 30s).is_open());
    CHECK(Address(host, port) == Address(host.c_str(), port));
    CHECK(Address(Name(), port, Family::ipv4) == Address({host.data(), host.size()}, port));
    CHECK(Address::resolve(host, "80").front() == Address::resolve("127.0.0.1", std::to_string(80)).front());
    CHECK(TcpStream(host, port).good());
}

TEST_CASE("options: numbers, bools, structures, characters") {
    TcpSocket socket;
    linger at_once{};
    at_once.l_onoff = 1;
    socket.set_option(SOL_SOCKET, SO_LINGER, at_once);
    CHECK(socket.option<linger>(SOL_SOCKET, SO_LINGER).l_onoff != 0);
    socket.set_option(SOL_SOCKET, SO_KEEPALIVE, true);
    CHECK(socket.option<bool>(SOL_SOCKET, SO_KEEPALIVE));
    socket.set_option(SOL_SOCKET, SO_KEEPALIVE, 0);
    CHECK(socket.option<int>(SOL_SOCKET, SO_KEEPALIVE) == 0);
    constexpr int no_such_option = 12345;
    CHECK(error_of([&] { socket.set_option(SOL_SOCKET, no_such_option, "eth0"); }).code()); // compiles
    const char name[] = {'l', 'o'};
    CHECK(error_of([&] { socket.set_option(SOL_SOCKET, no_such_option, name); }).code());
}
