// Every method of Socket, a few lines each. Where nothing else is said, `client` and `peer` are the
// two ends of a connection.
#include <chrono>
#include <iostream>
#include <sockets/socket.hpp>
#include <utility>
#include <vector>

using namespace sockets;
using std::chrono::milliseconds;
using std::chrono::seconds;

// --- the eight primitives ---------------------------------------------------------------------

void constructor() {
    //! [constructor]
    const Socket tcp(Family::ipv4, Type::stream);
    const Socket udp(Family::ipv4, Type::datagram);
    std::cout << tcp.is_open() << udp.is_open() << '\n'; // prints: 11
    //! [constructor]
}

void bind() {
    //! [bind]
    Socket server(Family::ipv4, Type::stream);
    server.bind(Address::loopback(0));                  // 0: any free port
    std::cout << server.local_address().host() << '\n'; // prints: 127.0.0.1
    //! [bind]
}

void listen() {
    //! [listen]
    Socket server(Family::ipv4, Type::stream);
    server.bind(Address::loopback(0));
    server.listen(5); // five may wait for accept()
    Socket client(Family::ipv4, Type::stream);
    client.connect(server.local_address());
    std::cout << "en la cola\n"; // prints: en la cola
    //! [listen]
}

void accept(Socket& server, Socket& client) {
    client.connect(server.local_address());
    //! [accept]
    auto [peer, address] = server.accept();
    std::cout << "desde " << address.host() << '\n'; // prints: desde 127.0.0.1
    //! [accept]
}

void connect(Socket& server) {
    //! [connect]
    Socket client(Family::ipv4, Type::stream);
    client.connect(server.local_address());
    std::cout << (client.remote_address() == server.local_address()) << '\n'; // prints: 1
    //! [connect]
    (void)server.accept();
}

void send(Socket& client, Socket& peer) {
    //! [send]
    std::cout << client.send("hola") << '\n'; // prints: 4
    //! [send]
    (void)peer.recv_exactly(4);
}

void recv(Socket& client, Socket& peer) {
    //! [recv]
    client.send_all("hola");
    std::cout << peer.recv(1024) << '\n'; // prints: hola
    //! [recv]
}

void close(Socket& client, Socket& peer) {
    //! [close]
    client.close();
    std::cout << client.is_open() << peer.recv(1024).empty() << '\n'; // prints: 01
    //! [close]
}

// --- everything -------------------------------------------------------------------------------

void send_all(Socket& client, Socket& peer) {
    //! [send_all]
    client.send_all("hola\n"); // all five bytes, however often send has to be called
    std::cout << peer.recv_exactly(4) << '\n'; // prints: hola
    //! [send_all]
    (void)peer.recv(1);
}

void recv_exactly(Socket& client, Socket& peer) {
    //! [recv_exactly]
    client.send_all("ho");
    client.send_all("la");
    std::cout << peer.recv_exactly(4) << '\n'; // prints: hola
    //! [recv_exactly]
}

void shutdown(Socket& client, Socket& peer) {
    //! [shutdown]
    client.shutdown();                                   // this side says no more
    if (peer.recv(1024).empty()) peer.send_all("adios"); // and still listens
    std::cout << client.recv(1024) << '\n';              // prints: adios
    //! [shutdown]
}

// --- datagrams --------------------------------------------------------------------------------

void send_to() {
    //! [send_to]
    Socket receiver(Family::ipv4, Type::datagram);
    receiver.bind(Address::loopback(0));
    Socket sender(Family::ipv4, Type::datagram);
    std::cout << sender.send_to("hola", receiver.local_address()) << '\n'; // prints: 4
    //! [send_to]
}

void recv_from(Socket& receiver, Socket& sender) {
    //! [recv_from]
    sender.send_to("hola", receiver.local_address());
    const Datagram question = receiver.recv_from();
    std::cout << question.data << " de " << question.sender.host()
              << '\n'; // prints: hola de 127.0.0.1
    //! [recv_from]
}

// --- the caller's memory ----------------------------------------------------------------------

void into_memory(Socket& client, Socket& peer) {
    //! [into_memory]
    const int sent[3] = {1, 2, 3};
    client.send_all(sent, sizeof sent);
    int received[3] = {};
    peer.recv_exactly(received, sizeof received);
    std::cout << received[2] << '\n'; // prints: 3
    //! [into_memory]
}

void some_into_memory(Socket& client, Socket& peer) {
    //! [some_into_memory]
    std::vector<char> buffer(1024); // once, for all that comes
    const std::size_t sent = client.send("hola", 4);
    const std::size_t count = peer.recv(buffer.data(), buffer.size());
    std::cout << sent << ' ' << std::string(buffer.data(), count) << '\n'; // prints: 4 hola
    //! [some_into_memory]
}

void datagram_into_memory(Socket& receiver, Socket& sender) {
    //! [datagram_into_memory]
    sender.send_to("hola", 4, receiver.local_address());
    char buffer[1500];
    Address from;
    const std::size_t count = receiver.recv_from(buffer, sizeof buffer, from);
    std::cout << count << " de " << from.host() << '\n'; // prints: 4 de 127.0.0.1
    //! [datagram_into_memory]
}

// --- not longer than this ---------------------------------------------------------------------

void connect_limit(Socket& server) {
    //! [connect_limit]
    Socket client(Family::ipv4, Type::stream);
    client.connect(server.local_address(), seconds(3)); // or Error: timed_out
    std::cout << client.is_open() << '\n';              // prints: 1
    //! [connect_limit]
    (void)server.accept();
}

void accept_limit(Socket& server) {
    //! [accept_limit]
    const auto client = server.accept(milliseconds(10));
    if (!client) std::cout << "nadie todavía\n"; // prints: nadie todavía
    //! [accept_limit]
}

void recv_limit(Socket& peer) {
    //! [recv_limit]
    const auto data = peer.recv(1024, milliseconds(10));
    if (!data) std::cout << "nada todavía\n"; // prints: nada todavía
    //! [recv_limit]
}

void recv_from_limit(Socket& receiver) {
    //! [recv_from_limit]
    const auto answer = receiver.recv_from(1024, milliseconds(10));
    if (!answer) std::cout << "sin respuesta\n"; // prints: sin respuesta
    //! [recv_from_limit]
}

void wait_readable(Socket& client, Socket& peer) {
    //! [wait_readable]
    std::cout << peer.wait_readable(milliseconds(10)); // nothing there
    client.send_all("hola");
    std::cout << peer.wait_readable(seconds(5)) << '\n'; // prints: 01
    //! [wait_readable]
    (void)peer.recv_exactly(4);
}

void wait_writable(Socket& client) {
    //! [wait_writable]
    if (client.wait_writable(seconds(5))) std::cout << "hay lugar\n"; // prints: hay lugar
    //! [wait_writable]
}

void set_recv_timeout(Socket& peer) {
    //! [set_recv_timeout]
    peer.set_recv_timeout(milliseconds(10));
    try {
        (void)peer.recv(1024);
    } catch (const Error& error) {
        std::cout << (error.code() == std::errc::timed_out) << '\n'; // prints: 1
    }
    //! [set_recv_timeout]
    peer.set_recv_timeout(milliseconds(0));
}

void set_send_timeout(Socket& client) {
    //! [set_send_timeout]
    client.set_send_timeout(milliseconds(10));
    try {
        while (true) client.send_all(std::string(65536, 'x')); // nobody reads
    } catch (const Error& error) {
        std::cout << (error.code() == std::errc::timed_out) << '\n'; // prints: 1
    }
    //! [set_send_timeout]
}

// --- never waiting ----------------------------------------------------------------------------

void try_accept(Socket& server) {
    //! [try_accept]
    if (!server.try_accept()) std::cout << "nadie ahora\n"; // prints: nadie ahora
    //! [try_accept]
}

void try_send(Socket& client, Socket& peer) {
    //! [try_send]
    if (const auto count = client.try_send("hola")) std::cout << *count << '\n'; // prints: 4
    //! [try_send]
    (void)peer.recv_exactly(4);
}

void try_recv(Socket& client, Socket& peer) {
    //! [try_recv]
    if (!peer.try_recv(1024)) client.send_all("hola"); // nothing there now
    if (peer.wait_readable(seconds(5))) std::cout << *peer.try_recv(1024) << '\n'; // prints: hola
    //! [try_recv]
}

void try_into_memory(Socket& client, Socket& peer) {
    //! [try_into_memory]
    char buffer[1024];
    const auto sent = client.try_send("hola", 4);
    const bool there = sent && peer.wait_readable(seconds(5));
    if (const auto count = peer.try_recv(buffer, sizeof buffer); there && count)
        std::cout << std::string(buffer, *count) << '\n'; // prints: hola
    //! [try_into_memory]
}

void try_datagram(Socket& receiver, Socket& sender) {
    //! [try_datagram]
    const auto sent = sender.try_send_to("hola", receiver.local_address());
    if (sent && receiver.wait_readable(seconds(5)))
        std::cout << receiver.try_recv_from()->data << '\n'; // prints: hola
    //! [try_datagram]
}

void try_datagram_into_memory(Socket& receiver, Socket& sender) {
    //! [try_datagram_into_memory]
    char buffer[1500];
    Address from;
    const auto sent = sender.try_send_to("hola", 4, receiver.local_address());
    if (sent && receiver.wait_readable(seconds(5)))
        std::cout << *receiver.try_recv_from(buffer, sizeof buffer, from) << '\n'; // prints: 4
    //! [try_datagram_into_memory]
}

void set_blocking(Socket& peer) {
    //! [set_blocking]
    peer.set_blocking(false); // from now on recv throws instead of waiting
    try {
        (void)peer.recv(1024);
    } catch (const Error& error) {
        std::cout << (error.code() == std::errc::operation_would_block) << '\n'; // prints: 1
    }
    //! [set_blocking]
    peer.set_blocking(true);
}

// --- where it is, how it behaves, what is underneath ------------------------------------------

void addresses(Socket& client, Socket& peer) {
    //! [local_address]
    std::cout << (client.local_address() == peer.remote_address()) << '\n'; // prints: 1
    //! [local_address]
    //! [remote_address]
    std::cout << (client.remote_address() == peer.local_address()) << '\n'; // prints: 1
    //! [remote_address]
}

void set_reuse_address() {
    //! [set_reuse_address]
    Socket server(Family::ipv4, Type::stream);
    server.set_reuse_address(true); // before bind: a new run gets the port back at once
    server.bind(Address::loopback(0));
    std::cout << (server.local_address().port() > 0) << '\n'; // prints: 1
    //! [set_reuse_address]
}

void set_no_delay(Socket& client) {
    //! [set_no_delay]
    client.set_no_delay(true);
    std::cout << (client.option<int>(IPPROTO_TCP, TCP_NODELAY) != 0) << '\n'; // prints: 1
    //! [set_no_delay]
}

void set_broadcast() {
    //! [set_broadcast]
    Socket socket(Family::ipv4, Type::datagram);
    socket.set_broadcast(true); // now send_to may name 255.255.255.255
    std::cout << (socket.option<int>(SOL_SOCKET, SO_BROADCAST) != 0) << '\n'; // prints: 1
    //! [set_broadcast]
}

void options(Socket& client) {
    //! [option]
    std::cout << (client.option<int>(SOL_SOCKET, SO_RCVBUF) > 0) << '\n'; // prints: 1
    //! [option]
    //! [set_option]
    client.set_option(SOL_SOCKET, SO_KEEPALIVE, true);
    std::cout << (client.option<int>(SOL_SOCKET, SO_KEEPALIVE) != 0) << '\n'; // prints: 1
    //! [set_option]
}

void is_open() {
    //! [is_open]
    Socket one(Family::ipv4, Type::stream);
    Socket two = std::move(one);                         // two owns it now
    std::cout << one.is_open() << two.is_open() << '\n'; // prints: 01
    //! [is_open]
}

void native_handle(Socket& client) {
    //! [native_handle]
    int type = 0; // a call that the library does not wrap; the socket stays ours
    socklen_t size = sizeof type;
    getsockopt(client.native_handle(), SOL_SOCKET, SO_TYPE, reinterpret_cast<char*>(&type), &size);
    std::cout << (type == SOCK_STREAM) << '\n'; // prints: 1
    //! [native_handle]
}

void adopt() {
    //! [release]
    Socket mine(Family::ipv4, Type::stream);
    const NativeHandle handle = mine.release(); // from now on it is the caller's to close
    std::cout << mine.is_open() << '\n';        // prints: 0
    //! [release]
    //! [adopt]
    const Socket again = Socket::adopt(handle); // and now this object's
    std::cout << again.is_open() << '\n';       // prints: 1
    //! [adopt]
}

void pair() {
    //! [pair]
    auto [one, other] = Socket::pair();
    one.send_all("hola");
    std::cout << other.recv(1024) << '\n'; // prints: hola
    //! [pair]
}

int main() {
    Socket server(Family::ipv4, Type::stream);
    server.bind(Address::loopback(0));
    server.listen();
    const auto connected = [&] {
        Socket client(Family::ipv4, Type::stream);
        client.connect(server.local_address());
        return std::pair<Socket, Socket>(std::move(client), server.accept().socket);
    };
    Socket receiver(Family::ipv4, Type::datagram);
    receiver.bind(Address::loopback(0));
    Socket sender(Family::ipv4, Type::datagram);
    auto [client, peer] = connected();

    constructor();
    bind();
    listen();
    Socket late(Family::ipv4, Type::stream);
    accept(server, late);
    connect(server);
    send(client, peer);
    recv(client, peer);
    auto [closing, closed] = connected();
    close(closing, closed);

    send_all(client, peer);
    recv_exactly(client, peer);
    auto [ending, ended] = connected();
    shutdown(ending, ended);

    send_to();
    recv_from(receiver, sender);

    into_memory(client, peer);
    some_into_memory(client, peer);
    datagram_into_memory(receiver, sender);

    connect_limit(server);
    accept_limit(server);
    recv_limit(peer);
    recv_from_limit(receiver);
    wait_readable(client, peer);
    wait_writable(client);
    set_recv_timeout(peer);
    auto [filling, filled] = connected();
    set_send_timeout(filling);

    try_accept(server);
    try_send(client, peer);
    try_recv(client, peer);
    try_into_memory(client, peer);
    try_datagram(receiver, sender);
    try_datagram_into_memory(receiver, sender);
    set_blocking(peer);

    addresses(client, peer);
    set_reuse_address();
    set_no_delay(client);
    set_broadcast();
    options(client);
    is_open();
    native_handle(client);
    adopt();
    pair();
}
