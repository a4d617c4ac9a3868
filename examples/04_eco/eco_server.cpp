// eco_server: sends back what comes, in pieces of 19 bytes, one client after another (document 003,
// port 4000).
//
//   eco_server [host] [port]

#include <sockets/tcp.hpp>

#include <exception>
#include <iostream>
#include <string>

#include "../console.hpp"

using sockets::TcpListener;
using sockets::TcpSocket;

void echo(TcpSocket& client) {
    console::Screen screen; // a piece may end in the middle of an í
    while (true) {
        const std::string data = client.recv(19); // RECEIVE: at most 19 bytes
        if (data.empty()) break;
        console::say("recibido \"" + screen.show(data) + "\"");
        console::say("devolviendo mensaje al cliente");
        client.send_all(data); // SEND
    }
    console::say("no hay mas datos");
}

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv, "eco_server [host = localhost] [puerto = 4000]");
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(4000);
    arguments.done();
    try {
        TcpListener server(host, port); // SOCKET, BIND, LISTEN
        console::say("Empezando a levantar " + host + " puerto " +
                     std::to_string(server.local_address().port()));
        while (true) {
            try {
                console::say("Esperando para realizar conexión");
                auto [client, address] = server.accept(); // ACCEPT
                console::say("conexión desde (" + address.host() + ", " +
                             std::to_string(address.port()) + ")");
                echo(client);
            } catch (const std::exception& error) { // one lost client must not end the server
                console::report(error);
            } // CLOSE: client goes out of scope
        }
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
