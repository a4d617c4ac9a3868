// message_server: somebody sits here and answers every message (document 000, port 6975).
//
//   message_server [host] [port] [--auto]        --auto: answers by itself

#include <sockets/tcp.hpp>

#include <exception>
#include <iostream>
#include <optional>
#include <string>

#include "../console.hpp"
#include "messages.hpp"

using sockets::TcpListener;
using sockets::TcpSocket;

// The answer to a message: typed by the operator, or made up. Nothing: the operator has left.
std::optional<std::string> answer_to(const std::string& message, bool automatic) {
    if (automatic) return "recibido: " + message;
    std::cout << "Tu Respuesta: " << std::flush;
    return console::read_line();
}

// False: the operator has left.
bool serve(TcpSocket& client, bool automatic) {
    MessageReader messages(client);
    while (auto message = messages.next()) { // RECEIVE, until the client ends its side
        console::say("Recibido  '" + console::Screen().show(*message) + "'");
        const auto answer = answer_to(*message, automatic);
        if (!answer) return false;
        client.send_all(*answer + "\n"); // SEND: with the line end that makes it a message
    }
    return true;
}

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv,
                                 "message_server [host = localhost] [puerto = 6975] [--auto]");
    const bool automatic = arguments.flag("--auto");
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(6975);
    arguments.done();
    try {
        TcpListener server(host, port); // SOCKET, BIND, LISTEN
        std::cout << "Escuchando en " << server.local_address() << std::endl;
        for (bool go_on = true; go_on;) {
            try {
                auto [client, address] = server.accept(); // ACCEPT: the others wait in the queue
                console::say("Conectado " + address.to_string());
                go_on = serve(client, automatic);
                console::say("Desconectado " + address.to_string());
            } catch (const std::exception& error) { // one lost client must not end the server
                console::report(error);
            } // CLOSE: client goes out of scope
        }
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
