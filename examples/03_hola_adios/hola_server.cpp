// hola_server: greets and takes leave, a thread for every client (document 001, port 8000).
//
//   hola_server [host] [port]

#include <sockets/tcp.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <string>
#include <thread>

#include "../console.hpp"
#include "words.hpp"

using sockets::Address;
using sockets::TcpListener;
using sockets::TcpSocket;

std::string shown(const Address& address) {
    return "(" + address.host() + ", " + std::to_string(address.port()) + ")";
}

// Closing while bytes of the client lie unread would reset the connection, and our last words could
// get lost.
void close_gently(TcpSocket& client) {
    client.shutdown(); // this side has said everything
    for (int pieces = 0; pieces < 100; ++pieces) {
        const auto rest = client.recv(1000, std::chrono::seconds(1));
        if (!rest || rest->empty()) break; // nothing more, or its end
    }
}

// True: the client has said adios.
bool answer(TcpSocket& client, const std::string& name, Word word) {
    switch (word) {
    case Word::hola:
        console::say(name, " envia hola: contesto");
        client.send_all("pues hola"); // SEND
        return false;
    case Word::adios:
        console::say(name, " envia adios: contesto y desconecto");
        client.send_all("pues adios"); // SEND
        return true;
    case Word::unknown: break;
    }
    client.send_all("solo entiendo hola y adios\n");
    return false;
}

void serve(TcpSocket client, const std::string& name) {
    try {
        Words words;
        for (bool over = false; !over;) {
            const std::string bytes = client.recv(1000); // RECEIVE: a piece, not a word
            if (bytes.empty()) break;                    // the client has ended without adios
            words.append(bytes);
            while (!over) {
                const auto word = words.next();
                if (!word) break;
                over = answer(client, name, *word);
            }
        }
        close_gently(client);
    } catch (const std::exception& error) { // this client is lost, the others are not
        console::report(error);
    }
    console::say("desconectado ", name);
} // CLOSE: client goes out of scope

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv, "hola_server [host = localhost] [puerto = 8000]");
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(8000);
    arguments.done();
    try {
        TcpListener server(host, port); // SOCKET, BIND, LISTEN
        console::say("Escuchando en " + server.local_address().to_string());
        while (true) {
            try {
                auto [client, address] = server.accept(); // ACCEPT
                const std::string name = shown(address);
                console::say("conectado ", name);
                std::thread(serve, std::move(client), name).detach(); // the socket moves along
            } catch (const std::exception& error) {                   // no handle or thread left
                console::report(error);
            }
        }
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
