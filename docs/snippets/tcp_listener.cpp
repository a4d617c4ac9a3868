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
    TcpListener server("localhost", 0); // SOCKET, BIND, LISTEN (0: any free port)
    std::cout << "listening on " << server.local_address() << '\n';

    for (int number = 1; number <= 3; ++number) {
        TcpSocket client("localhost", server.local_address().port());
        client.send_all("hola");
        client.shutdown();

        auto [peer, address] = server.accept(); // ACCEPT
        serve(peer);
        std::cout << "client " << number << " got " << client.recv(1024) << '\n';
    }

    if (!server.accept(std::chrono::milliseconds(10))) std::cout << "nobody else came\n";
}
