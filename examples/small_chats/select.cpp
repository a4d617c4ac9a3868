// A chat with SELECT: one thread, and for each client a buffer of what came and a queue of what he
// has still to hear.
#include <cstdlib>
#include <iostream>
#include <list>
#include <sockets/all.hpp>

using namespace sockets;

struct Client {
    explicit Client(TcpSocket accepted) : socket(std::move(accepted)) {}
    TcpSocket socket;
    LineBuffer heard;
    std::string queue;
    bool leaves = false;
};

Selector selector;
std::list<Client> clients;

void say_to_all(const std::string& line) {
    for (Client& client : clients) {
        client.queue += line + "\n";
        client.leaves = client.leaves || client.queue.size() > 1'000'000; // he does not read
        selector.modify(client.socket, Interest::read_write); // SELECT says when there is room
    }
}

void send_some(Client& client) {
    const auto count = client.socket.try_send(client.queue); // SEND: as much as fits
    client.queue.erase(0, count.value_or(0));
    if (client.queue.empty()) selector.modify(client.socket, Interest::read);
}

void hear(Client& client) {
    const auto bytes = client.socket.try_recv(4096); // RECEIVE: a piece, not a line
    if (!bytes) return;
    client.leaves = client.leaves || bytes->empty();
    client.heard.append(*bytes);
    while (const auto line = client.heard.next()) say_to_all(*line);
}

void serve(Client& client, const Ready& ready) try {
    if (ready.writable) send_some(client);
    if (ready.readable) hear(client);
} catch (const Error&) {
    client.leaves = true; // he is lost, the others are not
}

void enter(TcpListener& server) {
    if (auto accepted = server.try_accept()) // ACCEPT
        selector.add(clients.emplace_back(std::move(accepted->socket)).socket);
}

int main(int argc, char** argv) {
    TcpListener server("localhost", argc > 1 ? std::atoi(argv[1]) : 8000);
    std::cout << server.local_address() << std::endl;
    selector.add(server);
    while (true) {
        for (const Ready& ready : selector.select()) { // SELECT: waits for whichever
            if (ready.is(server)) enter(server);
            for (Client& client : clients)
                if (ready.is(client.socket)) serve(client, ready);
        }
        for (auto client = clients.begin(); client != clients.end();) {
            if (client->leaves) selector.remove(client->socket);
            client = client->leaves ? clients.erase(client) : std::next(client);
        }
    }
}
