// stream_echo_server: everything that comes goes back until the client ends its side (document 001,
// port 1337).
//
//   stream_echo_server [host] [port] [--wait SECONDS]
//   echo "Hola que tal" | nc -N 127.0.0.1 1337        then, in another terminal

#include <sockets/tcp.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "../console.hpp"

using sockets::TcpListener;
using sockets::TcpSocket;

// Whatever the stream's length, the memory is these 64 KiB.
void copy(TcpSocket& from, TcpSocket& to) {
    std::vector<char> buffer(65536);
    while (true) {
        const std::size_t count = from.recv(buffer.data(), buffer.size()); // RECEIVE
        if (count == 0) break;                                             // the client has ended
        to.send_all(buffer.data(), count);                                 // SEND
    }
    to.shutdown(); // and we end ours: the client sees the end too
}

void serve(TcpListener& server, std::chrono::seconds wait) {
    while (true) {
        try {
            auto client = server.accept(wait); // ACCEPT: until somebody comes or the time runs out
            if (!client) {
                console::say("Nadie en " + std::to_string(wait.count()) + " s, sigo esperando");
                continue;
            }
            console::say("Conectado " + client->address.to_string());
            copy(client->socket, client->socket);
            console::say("Desconectado " + client->address.to_string());
        } catch (const std::exception& error) { // one lost client must not end the server
            console::report(error);
        } // CLOSE: client goes out of scope
    }
}

int main(int argc, char** argv) {
    console::Arguments arguments(
        argc, argv, "stream_echo_server [host = localhost] [puerto = 1337] [--wait SEGUNDOS = 60]");
    const auto wait = std::chrono::seconds(arguments.number("--wait", 60, 1));
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(1337);
    arguments.done();
    try {
        TcpListener server(host, port); // SOCKET, BIND, LISTEN
        console::say("Escuchando en " + server.local_address().to_string());
        serve(server, wait);
    } catch (const std::exception& error) {
        std::cerr << "No se ha podido enlazar el socket: " << error.what() << '\n';
        return 1;
    }
}
