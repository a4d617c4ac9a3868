// The receiver's buffer is small: what does not fit is lost, and no call fails.
#include <chrono>
#include <iostream>
#include <string>
#include <sockets/udp.hpp>

using namespace sockets;

int main() {
    UdpSocket receiver(Address::loopback(0));         // SOCKET, BIND
    receiver.set_option(SOL_SOCKET, SO_RCVBUF, 4096); // room for few
    UdpSocket sender;                                 // SOCKET
    for (const char* name : {"uno", "dos", "tres", "cuatro", "cinco", "seis"}) {
        std::string message = name;
        message.resize(1000, '.');
        sender.send_to(message, receiver.local_address()); // SEND: does not fail
    }
    int arrived = 0;
    while (receiver.recv_from(std::chrono::milliseconds(200))) ++arrived; // RECEIVE
    std::cout << "Llegaron " << arrived << " de 6\n";
}
