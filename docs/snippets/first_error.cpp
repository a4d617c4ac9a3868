// Whatever goes wrong is thrown as an Error, and its text says what to check.
#include <iostream>
#include <sockets/tcp.hpp>

int main() {
    try {
        sockets::TcpSocket client("localhost", 1); // nobody listens there
        client.send_all("Hola, mundo");
    } catch (const sockets::Error& error) {
        std::cerr << error.what() << '\n';
    }
}
