// RECEIVE with a time limit: nothing yet, some bytes and the end are three things.
#include <iostream>
#include <sockets/tcp.hpp>

using namespace sockets;

int main() {
    TcpListener server("localhost", 0);
    TcpSocket client("localhost", server.local_address().port());
    auto [peer, address] = server.accept();

    bool has_spoken = false;
    //! [loop]
    while (true) {
        const auto data = peer.recv(1024, std::chrono::milliseconds(200)); // RECEIVE, with a limit
        if (!data) { // nothing yet: time for something else
            std::cout << "todavía nada\n";
            if (has_spoken) client.close();
            else client.send_all("hola");
            has_spoken = true;
            continue;
        }
        if (data->empty()) break; // the end: from now on every recv comes back at once
        std::cout << "recibido: " << *data << '\n';
    }
    //! [loop]
    std::cout << "el cliente ha terminado\n";
}
