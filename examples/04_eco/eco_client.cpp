// eco_client: sends a message and counts the bytes until all of them are back (document 003, port
// 4000).
//
//   eco_client [host] [port] [message]        the message - asks for one

#include <sockets/tcp.hpp>

#include <iostream>
#include <string>

#include "../console.hpp"

using sockets::TcpSocket;

// Long messages go in parts, each sent when the one before is back: else both sides could wait for
// each other to read.
void echo(TcpSocket& server, const std::string& message) {
    console::Screen screen;
    for (std::size_t sent = 0; sent < message.size(); sent += 4096) {
        const std::string part = message.substr(sent, 4096);
        server.send_all(part); // SEND
        for (std::size_t received = 0; received < part.size();) {
            const std::string data =
                server.recv(19); // RECEIVE: some of it; the count says whether it was all
            if (data.empty())
                throw std::runtime_error("el servidor ha terminado antes de devolver todo");
            received += data.size();
            std::cout << "recibiendo \"" << screen.show(data) << '"' << std::endl;
        }
    }
}

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv,
                                 "eco_client [host = localhost] [puerto = 4000] [mensaje | -]");
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(4000);
    std::string message = arguments.text("Aquí va el mensaje");
    arguments.done();
    try {
        std::cout << "conectando a " << host << " puerto " << port << std::endl;
        TcpSocket server(host, port); // SOCKET, CONNECT
        if (message == "-") {
            std::cout << "Dame un mensaje: " << std::flush;
            message = console::read_line().value_or("");
        }
        std::cout << "enviando \"" << console::Screen().show(message) << '"' << std::endl;
        echo(server, message);
        std::cout << "cerrando socket" << std::endl;
    } catch (const std::exception& error) { // CLOSE: server went out of scope
        std::cerr << error.what() << '\n';
        return 1;
    }
}
