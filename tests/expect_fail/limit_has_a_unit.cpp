// expect: deleted
#include <sockets/all.hpp>

void wrong(sockets::Socket& socket, sockets::TcpSocket& client, sockets::UdpSocket& udp) {
    (void)socket.recv(10, 5);   // wrong
    (void)client.recv(10, 5);   // wrong
    (void)client.recv(10, 0);   // wrong
    (void)client.recv(10U, 5L); // wrong
    (void)client.recv(10, 0.5); // wrong
    (void)udp.recv(10, 5);      // wrong
}
