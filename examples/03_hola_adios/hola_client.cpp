// hola_client: says hola, waits a little, says adios (document 001, port 8000).
//
//   hola_client [host] [port] [--wait SECONDS]

#include <sockets/tcp.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include "../console.hpp"

using sockets::Error;
using sockets::TcpSocket;

// The answer has no end of its own, but a known length.
void exchange(TcpSocket& server, const std::string& word) {
    server.send_all(word); // SEND
    const std::string answer = "pues " + word;
    std::cout << server.recv_exactly(answer.size()) << std::endl; // RECEIVE: waits for all of it
}

int main(int argc, char** argv) {
    console::Arguments arguments(
        argc, argv, "hola_client [host = localhost] [puerto = 8000] [--wait SEGUNDOS = 2]");
    const auto wait = std::chrono::seconds(arguments.number("--wait", 2));
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(8000);
    arguments.done();
    try {
        TcpSocket server(host, port); // SOCKET, CONNECT
        exchange(server, "hola");
        std::this_thread::sleep_for(wait);
        exchange(server, "adios");
    } catch (const Error& error) { // CLOSE: server went out of scope
        std::cerr << error.what() << '\n';
        return 1;
    }
}
