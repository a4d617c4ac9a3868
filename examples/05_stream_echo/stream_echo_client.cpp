// stream_echo_client: sends what comes from standard input and prints what comes back (document
// 001, port 1337).
//
//   echo "Hola que tal" | stream_echo_client [host] [port]

#include <sockets/stream.hpp>

#include <exception>
#include <iostream>
#include <string>

#include "../console.hpp"

using sockets::TcpStream;

// Piece by piece, each as long as standard input has it: a line of a terminal, some kilobytes of a
// file.
bool echo(TcpStream& server) {
    while (true) {
        std::string piece = console::read_some();
        if (piece.empty()) break;
        const auto size = static_cast<std::streamsize>(piece.size());
        server.write(piece.data(), size);                   // SEND, at the latest when we read
        if (!server.read(piece.data(), size)) return false; // RECEIVE
        std::cout << piece << std::flush;
    }
    server.socket().shutdown(); // our end; the server answers with its own
    return server.peek() == std::char_traits<char>::eof() && !server.bad();
}

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv,
                                 "stream_echo_client [host = localhost] [puerto = 1337]");
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(1337);
    arguments.done();
    console::bytes_as_they_are();
    try {
        TcpStream server(host, port);        // SOCKET, CONNECT
        server.exceptions(std::ios::badbit); // trouble is thrown as the Error that it is
        if (!echo(server)) {
            std::cerr << "El servidor ha terminado la conexión\n";
            return 1;
        }
    } catch (const std::exception& error) { // CLOSE: server went out of scope
        std::cerr << error.what() << '\n';
        return 1;
    }
}
