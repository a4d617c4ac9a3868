// message_client: sends what is typed and shows the answers (document 000, port 6975).
//
//   message_client [host] [port]        end with Ctrl+D, on Windows Ctrl+Z and Enter

#include <sockets/tcp.hpp>

#include <iostream>
#include <string>

#include "../console.hpp"
#include "messages.hpp"

using sockets::Error;
using sockets::TcpSocket;

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv, "message_client [host = localhost] [puerto = 6975]");
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(6975);
    arguments.done();
    try {
        TcpSocket server(host, port); // SOCKET, CONNECT
        MessageReader answers(server);
        while (true) {
            std::cout << "Tu Mensaje: " << std::flush;
            const auto message = console::read_line();
            if (!message) break;
            server.send_all(*message + "\n"); // SEND: its line end makes an empty message one too
            std::cout << "Esperando Respuesta" << std::endl;
            const auto answer = answers.next(); // RECEIVE: waits
            if (!answer) {
                std::cerr << "El servidor ha terminado la conexión\n";
                return 1;
            }
            std::cout << "Recibido  " << console::quoted(*answer).substr(1) << std::endl;
        }
    } catch (const Error& error) { // CLOSE: server went out of scope
        std::cerr << error.what() << '\n';
        return 1;
    }
}
