// calculator_server: calculates in postfix, a thread for each client (document 004, port 51216).
//
//   calculator_server [host] [port]   then, in another terminal: calculator_client [host] [port]

#include <sockets/all.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "../console.hpp"
#include "calculator.hpp"

using sockets::Error;
using sockets::LineReader;
using sockets::TcpListener;
using sockets::TcpSocket;

// Says why and ends this side. Reading on until the client ends its own: a close before that would
// reset the connection, and the answer might be lost. For five seconds, whatever still comes.
void refuse(TcpSocket& client) {
    client.send_all("Fallo mensaje demasiado largo\n");
    client.shutdown();
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (std::chrono::steady_clock::now() < end) {
        const auto rest = client.recv(4096, std::chrono::seconds(5));
        if (!rest || rest->empty()) break; // nothing more, or its end
    }
}

void answer(TcpSocket& client) {
    Calculator calculator; // each client has one of its own
    LineReader messages(client);
    try {
        while (std::optional<std::string> message = messages.next()) // RECEIVE: a whole line
            client.send_all(calculator.answer(*message) + "\n");     // SEND: one for each message
    } catch (const Error& error) {
        if (error.code() != std::errc::message_size) throw;
        refuse(client);
    }
}

//! [threads]
void serve(TcpSocket client) {
    try {
        answer(client);
    } catch (const std::exception& error) { // one lost client must not end the server
        console::report(error);
    }
} // CLOSE: client goes out of scope

void wait_for_clients(TcpListener& server) {
    while (true) {
        try {
            TcpSocket client = server.accept().socket;      // ACCEPT: waits until a client comes
            std::thread(serve, std::move(client)).detach(); // and waits for the next one meanwhile
        } catch (const std::exception& error) {             // no connection or no thread just now
            console::report(error);
        }
    }
}
//! [threads]

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv,
                                 "calculator_server [host = localhost] [puerto = 51216]");
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(51216);
    arguments.done();
    try {
        TcpListener server(host, port); // getaddrinfo, SOCKET, BIND, LISTEN
        std::cout << "Escuchando en " << server.local_address() << std::endl;
        wait_for_clients(server);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
