// calculator_client: sends each line and shows the answer (document 004, port 51216).
//
//   calculator_client [host] [port]                       at the keyboard; :q leaves
//   printf '3\n4\n+\n' | calculator_client [host] [port]   or from a pipe

#include <sockets/all.hpp>

#include <iostream>
#include <optional>
#include <string>

#include "../console.hpp"

using sockets::Error;
using sockets::LineReader;
using sockets::TcpSocket;

const char* const help =
    "Primero los operandos, uno por línea; luego el operador:\n"
    "+ - * / ^ con dos, neg sqrt con uno. C borra los operandos, :q termina.\n";

std::optional<std::string> ask() {
    if (console::is_terminal()) std::cout << "> " << std::flush;
    return console::read_line();
}

// False: the server has ended, though it owes an answer.
bool converse(TcpSocket& server) {
    LineReader answers(server);
    while (std::optional<std::string> message = ask()) {
        if (*message == ":q") break;
        server.send_all(*message + "\n");                         // SEND
        const std::optional<std::string> answer = answers.next(); // RECEIVE: a whole line
        if (!answer) return false;
        std::cout << *answer << std::endl;
    }
    return true;
}

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv,
                                 "calculator_client [host = localhost] [puerto = 51216]");
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(51216);
    arguments.done();
    try {
        TcpSocket server(host, port); // getaddrinfo, SOCKET, CONNECT
        if (console::is_terminal()) std::cout << help;
        if (converse(server)) return 0;
        std::cerr << "El servidor ha terminado\n";
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
    }
    return 1;
} // CLOSE happened where server went out of scope
