// A user's first program: a server and a client in one, on a port that the system picks.
#include "sockets/tcp.hpp" // quoted: found beside this file too, where the folder was copied

#include <iostream>
#include <string>

int main() {
    sockets::TcpListener server("localhost", 0);
    sockets::TcpSocket client("localhost", server.local_address().port());
    auto [peer, address] = server.accept();
    client.send_all("Hello, world");
    const std::string received = peer.recv_exactly(12);
    std::cout << received << " from " << address << '\n';
    return received == "Hello, world" ? 0 : 1;
}
