// Two letters and an answer: each datagram says where it comes from.
#include <iostream>
#include <sockets/udp.hpp>

using namespace sockets;

int main() {
    UdpSocket server(Address::loopback(0));           // SOCKET, BIND (0: any free port)
    UdpSocket client;                                 // SOCKET; its first send_to gives it a port
    client.set_recv_timeout(std::chrono::seconds(5)); // an answer may get lost: never wait for ever

    client.send_to("uno", server.local_address()); // SEND
    client.send_to("dos", server.local_address());

    for (int number = 0; number < 2; ++number) {
        const Datagram question = server.recv_from(); // RECEIVE: one whole message
        server.send_to("pues " + question.data, question.sender);
    }
    std::cout << client.recv_from().data << ", " << client.recv_from().data << '\n';
}
