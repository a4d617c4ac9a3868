// A question by UDP: whoever gets no answer in time asks again.
#include <iostream>
#include <sockets/udp.hpp>

using namespace sockets;

int main() {
    UdpSocket server(Address::loopback(0)); // SOCKET, BIND
    UdpSocket client;                       // SOCKET

    for (int attempt = 1; attempt <= 3; ++attempt) {
        client.send_to("¿hora?", server.local_address()); // SEND
        const Datagram question = server.recv_from();
        const bool lost = attempt == 1; // the first answer "gets lost"
        if (!lost) server.send_to("las tres", question.sender);

        const auto answer = client.recv_from(std::chrono::milliseconds(200)); // RECEIVE, not longer
        if (!answer) {
            std::cout << "sin respuesta, pregunto otra vez\n";
            continue;
        }
        std::cout << "respuesta: " << answer->data << '\n'; // "" would be an answer too
        break;
    }
}
