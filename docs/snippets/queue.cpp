// Two clients are connected before the server accepts anybody: they stand in the queue.
#include <iostream>
#include <sockets/tcp.hpp>

using namespace sockets;

int main() {
    TcpListener server("localhost", 0); // SOCKET, BIND, LISTEN
    const int port = server.local_address().port();
    TcpSocket ana("localhost", port);                   // CONNECT: into the queue
    TcpSocket luis("localhost", port);                  // CONNECT: behind Ana
    ana.send_all("hola");                               // SEND: the system keeps it
    auto [first, address] = server.accept();            // ACCEPT: whoever stands in front
    std::cout << "Ana dice: " << first.recv(4) << '\n'; // RECEIVE: it was there already
    auto [second, his_address] = server.accept();       // ACCEPT
    std::cout << std::boolalpha << (his_address == luis.local_address()) << '\n';
}
