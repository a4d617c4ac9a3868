// Messages with their size in front: four bytes, the most significant one first.
#include <iostream>
#include <optional>
#include <sockets/tcp.hpp>
#include <stdexcept>

using namespace sockets;

void send_message(TcpSocket& socket, const std::string& text) {
    const std::size_t size = text.size();
    std::string message;
    for (int shift = 24; shift >= 0; shift -= 8) message += static_cast<char>(size >> shift & 0xff);
    socket.send_all(message + text); // SEND
}

// Empty: the peer has ended, between two messages.
std::optional<std::string> next_message(TcpSocket& socket) {
    std::string head;
    try {
        head = socket.recv_exactly(4); // RECEIVE
    } catch (const Error& error) {
        if (error.code() == StreamErrc::ended) return std::nullopt;
        throw; // a cut, or the time ran out
    }
    std::size_t size = 0;
    for (const char byte : head) size = size << 8 | static_cast<unsigned char>(byte);
    if (size > 65536) throw std::length_error("un mensaje de " + std::to_string(size) + " bytes");
    return socket.recv_exactly(size); // behind its size an end is a message that was cut: an Error
}

int main() {
    TcpListener server("localhost", 0);
    TcpSocket client("localhost", server.local_address().port());
    auto [peer, address] = server.accept();

    send_message(client, "hola");
    send_message(client, ""); // empty, but a message
    send_message(client, "adios");
    client.close();

    while (const auto message = next_message(peer))
        std::cout << "mensaje: \"" << *message << "\"\n";
    std::cout << "el cliente ha terminado\n";
}
