#include <iostream>
#include <sockets/tcp.hpp>

int main() {
    sockets::TcpListener server("localhost", 0);                           // SOCKET, BIND, LISTEN
    sockets::TcpSocket client("localhost", server.local_address().port()); // SOCKET, CONNECT
    auto [peer, address] = server.accept();                                // ACCEPT
    client.send_all("Hola, mundo");                                        // SEND
    std::cout << address << " dice: " << peer.recv(1024) << '\n';          // RECEIVE
} // CLOSE: by itself
