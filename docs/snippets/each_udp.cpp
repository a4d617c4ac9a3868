// Every constructor of UdpSocket, and the methods that it has of its own.
#include <iostream>
#include <sockets/udp.hpp>
#include <utility>

using namespace sockets;

void constructors() {
    //! [client]
    UdpSocket client;                      // gets a port with its first send_to
    std::cout << client.is_open() << '\n'; // prints: 1
    //! [client]
    //! [address]
    UdpSocket server(Address::loopback(0));
    std::cout << server.local_address().host() << '\n'; // prints: 127.0.0.1
    //! [address]
    //! [port]
    UdpSocket open(0); // every interface: other computers may send to it
    std::cout << open.local_address().host() << '\n'; // prints: 0.0.0.0
    //! [port]
    //! [of_socket]
    UdpSocket udp(Socket(Family::ipv4, Type::datagram));
    std::cout << udp.is_open() << '\n'; // prints: 1
    //! [of_socket]
}

void groups() {
    const Address here = Address::loopback(0);
    UdpSocket socket(0);
    //! [join]
    const Address group("239.1.2.3", 5000); // the port is the one that the socket is bound to
    socket.join(group, here);               // on this interface
    std::cout << "en el grupo\n";           // prints: en el grupo
    //! [join]
    //! [leave]
    socket.leave(group, here); // the same two
    std::cout << "fuera\n";    // prints: fuera
    //! [leave]
}

int main() {
    constructors();
    groups();
}
