// The first attempt at a chat with SELECT. One client that does not read stops it for all.
#include <cstdlib>
#include <iostream>
#include <list>
#include <sockets/all.hpp>

using namespace sockets;

int main(int argc, char** argv) {
    TcpListener server("localhost", argc > 1 ? std::atoi(argv[1]) : 8000);
    std::cout << server.local_address() << std::endl;
    Selector selector;
    selector.add(server);
    std::list<TcpSocket> clients;
    while (true) {
        for (const Ready& ready : selector.select()) { // SELECT: waits for whichever
            if (ready.is(server)) selector.add(clients.emplace_back(server.accept().socket));
            for (auto client = clients.begin(); client != clients.end(); ++client) {
                if (!ready.is(*client)) continue;
                const std::string piece = client->recv(4096);           // RECEIVE
                for (TcpSocket& other : clients) other.send_all(piece); // SEND: waits for room
                if (!piece.empty()) continue;
                selector.remove(*client);
                clients.erase(client);
                break;
            }
        }
    }
}
