// One thread serves everybody: it sleeps until a client comes or says something.
#include <algorithm>
#include <iostream>
#include <sockets/selector.hpp>
#include <sockets/tcp.hpp>
#include <vector>

using namespace sockets;

// Whether the client stays: one that is lost must not end the server, and with it all the others.
bool serve(TcpSocket& client) {
    try {
        const auto data = client.try_recv(1024);
        if (!data) return true; // nothing there after all
        if (!data->empty()) std::cout << "alguien dice: " << *data << '\n';
        return !data->empty(); // "" is its end
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
        return false;
    }
}

int main() {
    TcpListener server("localhost", 0);
    const int port = server.local_address().port();
    TcpSocket ana("localhost", port); // two clients, for whom the loop below waits
    TcpSocket luis("localhost", port);
    ana.send_all("hola");
    luis.send_all("buenas");
    ana.close();
    luis.close();

    std::vector<TcpSocket> clients;
    Selector selector;
    selector.add(server);
    for (int left = 2; left > 0;) {
        for (const Ready& ready : selector.select(std::chrono::seconds(5))) { // SELECT
            if (ready.is(server)) {
                auto client = server.try_accept(); // never waits: it may have gone meanwhile
                if (!client) continue;
                clients.push_back(std::move(client->socket));
                selector.add(clients.back());
                continue;
            }
            const auto client = std::find_if(clients.begin(), clients.end(),
                                             [&](const TcpSocket& one) { return ready.is(one); });
            if (client == clients.end() || serve(*client)) continue;
            selector.remove(*client); // first out of the Selector, then closed
            clients.erase(client);    // the others move up, which the Selector does not mind
            --left;
        }
    }
    std::cout << "se fueron todos\n";
}
