// local_client: sends each line of standard input to a path of this machine, and prints what comes
// back (document 004: PF_UNIX).
//
//   local_client PATH

#include <sockets/socket.hpp>

#include <exception>
#include <iostream>
#include <string>

#include "../console.hpp"

using namespace sockets;

// In pieces: while a long message goes, nobody would read what comes back.
std::string echo(Socket& server, const std::string& message) {
    std::string received;
    while (received.size() < message.size()) {
        const std::string piece = message.substr(received.size(), 1024);
        server.send_all(piece);                        // SEND
        received += server.recv_exactly(piece.size()); // RECEIVE: an echo is as long
    }
    return received;
}

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv, "local_client CAMINO");
    const std::string path = arguments.needed("CAMINO");
    arguments.done();
    try {
        Socket server(Family::local, Type::stream); // SOCKET: PF_UNIX instead of an IP family
        server.connect(Address::local(path));       // CONNECT: a path instead of a host and a port
        while (const auto line = console::read_line())
            std::cout << echo(server, *line + "\n") << std::flush;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
