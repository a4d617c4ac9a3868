// echo_client: sends a message and shows what comes back (document 004, port 65432).
//
//   echo_client [host] [port] [message]        the message - is whatever comes from standard input

#include <sockets/all.hpp>

#include <iostream>
#include <string>

#include "../console.hpp"

using sockets::Address;
using sockets::Error;
using sockets::Socket;
using sockets::Type;

// In pieces of 1024 bytes, each sent when the one before is back: a long message sent at once would
// fill both directions, and then each side would wait for the other to read.
std::string echo(Socket& client, const std::string& message) {
    std::string received;
    while (received.size() < message.size()) {
        const std::string piece = message.substr(received.size(), 1024);
        client.send_all(piece);                        // SEND
        received += client.recv_exactly(piece.size()); // RECEIVE: in as many pieces as it comes
    }
    return received;
}

void talk(const Address& server, const std::string& message) {
    Socket client(server.family(), Type::stream); // SOCKET
    client.connect(server);                       // CONNECT: waits until the server answers
    const std::string received = echo(client, message);
    std::cout << "Received " << console::quoted(received) << '\n';
} // CLOSE: client goes out of scope

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv,
                                 "echo_client [host = localhost] [puerto = 65432] [mensaje | -]");
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(65432);
    const std::string message = arguments.text("Hello, world");
    arguments.done();
    try {
        talk(Address(host, port), message == "-" ? console::read_all() : message); // getaddrinfo
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
