// TCP keeps no borders: two sends may come as one recv, and one send as two.
#include <iostream>
#include <sockets/tcp.hpp>

using namespace sockets;

int main() {
    TcpListener server("localhost", 0);
    TcpSocket client("localhost", server.local_address().port());
    auto [peer, address] = server.accept();

    client.send_all("ho"); // SEND, twice
    client.send_all("la");
    std::cout << peer.recv(1024) << '\n'; // RECEIVE, once: both are there

    client.send_all("pues adios");        // SEND, once
    std::cout << peer.recv(4) << '\n';    // RECEIVE, twice
    std::cout << peer.recv(1024) << '\n'; // the rest
}
