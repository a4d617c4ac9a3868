// echo_server: sends back whatever arrives, one client after another (document 004, port 65432).
//
//   echo_server [host] [port]        then, in a second terminal: echo_client [host] [port]

#include <sockets/all.hpp>

#include <exception>
#include <iostream>
#include <string>

#include "../console.hpp"

using sockets::Address;
using sockets::Socket;
using sockets::Type;

void echo(Socket& client) {
    while (true) {
        std::string data = client.recv(1024); // RECEIVE: waits until something comes
        if (data.empty()) break;              // the client has ended its side
        client.send_all(data);                // SEND: all of it
    }
}

void serve(const Address& local) {
    Socket server(local.family(), Type::stream); // SOCKET: IPv4 here, and a stream: TCP
    server.set_reuse_address(true);              // a new run gets the port back at once
    server.bind(local);                          // BIND
    server.listen();                             // LISTEN
    std::cout << "Escuchando en " << server.local_address() << std::endl;
    while (true) {
        try {
            auto [client, address] = server.accept(); // ACCEPT: waits until a client comes
            std::cout << "Connected by " << address << std::endl;
            echo(client);
        } catch (const std::exception& error) { // one lost client must not end the server
            console::report(error);
        }
    } // CLOSE: client goes out of scope
}

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv, "echo_server [host = localhost] [puerto = 65432]");
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(65432);
    arguments.done();
    try {
        serve(Address(host, port)); // getaddrinfo
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
