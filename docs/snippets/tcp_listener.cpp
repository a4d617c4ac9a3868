// An echo server for three clients, one after another.
#include <iostream>
#include <sockets/tcp.hpp>

using namespace sockets;

void serve(TcpSocket& client) {
    while (true) {
        const std::string data = client.recv(1024); // RECEIVE
        if (data.empty()) break;                    // the client has ended its side
        client.send_all(data);                      // SEND
    }
}

int main() {
    TcpListener server("localhost", 0, 5); // SOCKET, BIND, LISTEN (5 may wait for ACCEPT)
    std::cout << "escuchando en " << server.local_address() << '\n';

    for (int number = 1; number <= 3; ++number) {
        TcpSocket client(server.local_address()); // SOCKET, CONNECT: to an address that one has
        client.send_all("hola");
        client.shutdown();

        auto [peer, address] = server.accept(); // ACCEPT
        serve(peer);
        std::cout << "cliente " << number << " recibió " << client.recv(1024) << '\n';
    }

    if (!server.accept(std::chrono::milliseconds(10))) std::cout << "nadie más vino\n";
}
