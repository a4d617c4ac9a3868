// hola_server: greets and takes leave, a thread for every client (document 001, port 8000).
//
//   hola_server [host] [port]

#include <sockets/tcp.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include "../console.hpp"
#include "words.hpp"

using sockets::Address;
using sockets::Error;
using sockets::TcpListener;
using sockets::TcpSocket;

std::string shown(const Address& address) {
    return "(" + address.host() + ", " + std::to_string(address.port()) + ")";
}

// Closing while bytes of the client lie unread would reset the connection, and our last words could get lost.
void close_gently(TcpSocket& client) {
    client.shutdown(); // this side has said everything
    for (int pieces = 0; pieces < 100 && client.wait_readable(std::chrono::seconds(1)); ++pieces)
        if (client.recv(1000).empty()) break;
}

// True: the client has said adios.
bool answer(TcpSocket& client, const Address& address, Word word) {
    switch (word) {
    case Word::hola:
        console::say(shown(address) + " envia hola: contesto");
        client.send_all("pues hola"); // SEND
        return false;
    case Word::adios:
        console::say(shown(address) + " envia adios: contesto y desconecto");
        client.send_all("pues adios"); // SEND
        return true;
    case Word::unknown: break;
    }
    client.send_all("solo entiendo hola y adios\n");
    return false;
}

void serve(TcpSocket client, Address address) {
    try {
        Words words;
        for (bool over = false; !over;) {
            const std::string bytes = client.recv(1000); // RECEIVE: a piece, not a word
            if (bytes.empty()) break;                    // the client has ended without adios
            words.append(bytes);
            while (!over) {
                const auto word = words.next();
                if (!word) break;
                over = answer(client, address, *word);
            }
        }
        close_gently(client);
    } catch (const Error& error) { // this client is lost, the others are not
        std::cerr << std::string(error.what()) + "\n";
    }
    console::say("desconectado " + shown(address));
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
                console::say("conectado " + shown(address));
                std::thread(serve, std::move(client), address).detach(); // the socket moves into its thread
            } catch (const std::system_error& error) { // out of handles or of threads: go on
                console::report(error);
            }
        }
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
