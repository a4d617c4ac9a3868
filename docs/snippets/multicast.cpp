// One datagram to a whole group: everybody who has joined it receives it.
#include <iostream>
#include <sockets/udp.hpp>

using namespace sockets;

int main() {
    const Address here = Address::loopback(0); // so that it stays on this machine
    UdpSocket receiver(0);                     // SOCKET, BIND: the group's port
    const Address group("239.1.2.3", receiver.local_address().port());
    receiver.join(group, here); // without `here` the system chooses the interface

    UdpSocket sender; // SOCKET; to send one need not join
    in_addr outgoing{};
    outgoing.s_addr = htonl(INADDR_LOOPBACK);
    sender.set_option(IPPROTO_IP, IP_MULTICAST_IF, outgoing); // or a route leads there
    sender.send_to("hola a todos", group);                    // SEND

    const auto datagram = receiver.recv_from(std::chrono::seconds(5)); // RECEIVE
    std::cout << (datagram ? datagram->data : "nadie ha enviado nada") << '\n';

    receiver.leave(group, here); // the same two addresses
}
