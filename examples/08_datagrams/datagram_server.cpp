// datagram_server: sends each datagram back to where it came from (documents 001 and 004, port
// 21008).
//
//   datagram_server [host] [port]

#include <sockets/udp.hpp>

#include <exception>
#include <iostream>
#include <string>

#include "../console.hpp"

using namespace sockets;

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv, "datagram_server [host = localhost] [puerto = 21008]");
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(21008);
    arguments.done();
    try {
        UdpSocket server(Address(host, port)); // SOCKET, BIND: no LISTEN and no ACCEPT
        console::say("Escuchando en " + server.local_address().to_string());
        while (true) {
            try {
                const Datagram datagram = server.recv_from();   // RECEIVE: one whole message
                server.send_to(datagram.data, datagram.sender); // SEND: it knows nobody else
            } catch (const std::exception& error) { // this answer is lost, the next one is not
                console::report(error);
            }
        }
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
