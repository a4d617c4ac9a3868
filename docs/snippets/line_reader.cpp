// A line is a message: the peer may send them glued together or in pieces.
#include <iostream>
#include <sockets/lines.hpp>
#include <sockets/tcp.hpp>

using namespace sockets;

int main() {
    TcpListener server("localhost", 0);
    TcpSocket client("localhost", server.local_address().port());
    auto [peer, address] = server.accept();

    client.send_all("hola\nadi"); // one message and a half
    client.send_all("os\n");      // the other half
    client.close();

    LineReader reader(peer, 80); // RECEIVE, line by line, of 80 bytes at most
    while (auto line = reader.next()) std::cout << "línea: " << *line << '\n';
    std::cout << "el cliente terminó\n";
}
