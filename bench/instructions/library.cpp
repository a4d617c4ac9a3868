// The pairs with the library.

#include "pairs.hpp"

#include <sockets/tcp.hpp>
#include <sockets/udp.hpp>

#include <cstdio>
#include <cstdlib>

using namespace sockets;

namespace {

void whole(std::size_t count) {
    if (count == message_size) return;
    std::fputs("a message was cut\n", stderr);
    std::exit(1);
}

/// The two ends of a connection.
struct Connection {
    Connection() {
        TcpListener listener(Address::loopback(0), 1);
        client.connect(listener.local_address());
        server = listener.accept().socket;
    }
    TcpSocket client;
    TcpSocket server;
};

} // namespace

void send_recv(int rounds) {
    Connection ends;
    char bytes[message_size] = {};
    for (int i = 0; i < rounds; ++i) {
        whole(ends.client.send(bytes, sizeof bytes));
        whole(ends.server.recv(bytes, sizeof bytes));
    }
}

void send_all_recv_exactly(int rounds) {
    Connection ends;
    char bytes[message_size] = {};
    for (int i = 0; i < rounds; ++i) {
        ends.client.send_all(bytes, sizeof bytes);
        ends.server.recv_exactly(bytes, sizeof bytes);
    }
}

void send_to_recv_from(int rounds) {
    UdpSocket client(Address::loopback(0));
    UdpSocket server(Address::loopback(0));
    const Address peer = server.local_address();
    Address sender;
    char bytes[message_size] = {};
    for (int i = 0; i < rounds; ++i) {
        whole(client.send_to(bytes, sizeof bytes, peer));
        whole(server.recv_from(bytes, sizeof bytes, sender));
    }
}

void connect_accept_close(int rounds) {
    TcpListener listener(Address::loopback(0), 1);
    const Address address = listener.local_address();
    for (int i = 0; i < rounds; ++i) {
        TcpSocket client;
        client.connect(address);
        auto [server, peer] = listener.accept();
        server.close();
        client.close();
    }
}
