// Loses datagrams on one machine: the receiver does not read while they come.
#include <iostream>
#include <string>
#include <sockets/udp.hpp>

using namespace sockets;

int main() {
    UdpSocket receiver(Address::loopback(0)); // SOCKET, BIND: the system keeps what comes
    UdpSocket sender;                         // SOCKET

    const int sent = 10000;
    for (int number = 1; number <= sent; ++number) {
        std::string message = std::to_string(number);
        message.resize(1000, '.');
        sender.send_to(message, receiver.local_address()); // SEND: does not fail
    }

    int arrived = 0;
    std::string last = "0";
    while (receiver.wait_readable(std::chrono::milliseconds(300))) { // nothing more: it was all
        while (const auto datagram = receiver.try_recv_from()) {     // RECEIVE, without waiting
            ++arrived;
            last = datagram->data.substr(0, datagram->data.find('.'));
        }
    }

    std::cout << "Enviados: " << sent << '\n';
    std::cout << "Recibidos: " << arrived << " (hasta el " << last << ")\n";
    std::cout << "Perdidos: " << sent - arrived << '\n';
}
