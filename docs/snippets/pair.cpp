// A thread that sleeps in its Selector is woken by a socket: that is how a server is told to stop.
#include <iostream>
#include <sockets/selector.hpp>
#include <sockets/tcp.hpp>
#include <thread>

using namespace sockets;

void serve(TcpListener& server, Socket& bell) {
    Selector selector;
    selector.add(server);
    selector.add(bell);
    while (true) {
        for (const Ready& ready : selector.select()) { // SELECT: without a limit
            if (ready.is(bell)) return;                // somebody has rung
            try {
                auto client = server.try_accept(); // ACCEPT
                if (client) client->socket.send_all("hola");
            } catch (const Error& error) { // one lost client must not end the server
                std::cerr << error.what() << '\n';
            }
        }
    }
}

int main() {
    TcpListener server("localhost", 0);
    auto [button, bell] = Socket::pair(); // two ends, connected with each other, in this program
    std::thread thread(serve, std::ref(server), std::ref(bell));

    TcpSocket client("localhost", server.local_address().port());
    std::cout << "el servidor dice: " << client.recv(1024) << '\n';

    button.send_all("!"); // SEND: any byte will do
    thread.join();
    std::cout << "el servidor ha parado\n";
}
