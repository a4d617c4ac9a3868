// CONNECT without waiting: one thread begins it, looks after others, and comes back when there is
// something to see.
#include <iostream>
#include <sockets/selector.hpp>
#include <sockets/tcp.hpp>

using namespace sockets;

int main() {
    TcpListener server("localhost", 0);
    const Address peer = server.local_address();

    //! [connect]
    TcpSocket client;                          // SOCKET
    Selector selector;                         // others may be inside too
    bool connected = client.try_connect(peer); // CONNECT: begins
    if (!connected) selector.add(client, Interest::write);
    while (!connected) {
        for (const Ready& ready : selector.select()) { // SELECT
            if (!ready.is(client)) continue;           // one of the others
            selector.remove(client);                   // first: if it fails, the socket is closed
            connected = client.try_connect(peer);      // the same call again: how far is it?
            if (!connected) selector.add(client, Interest::write);
        }
    }
    //! [connect]
    std::cout << (client.remote_address() == peer ? "conectado\n" : "¿con quién?\n");

    server.close(); // now nobody listens there
    TcpSocket late;
    try {
        while (!late.try_connect(peer)) // without a Selector
            if (!late.wait_writable(std::chrono::seconds(5))) std::cout << "todavía nada\n";
    } catch (const Error& error) { // and late is closed
        std::cout << "no: " << error.what() << '\n';
    }
}
