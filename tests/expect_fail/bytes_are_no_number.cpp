// expect: deleted
#include <sockets/all.hpp>

void wrong(sockets::Socket& socket, sockets::TcpSocket& client, sockets::UdpSocket& udp,
           const sockets::Address& peer) {
    socket.send(5);                       // wrong
    socket.send('x');                     // wrong
    socket.send(true);                    // wrong
    socket.send(1.5);                     // wrong
    socket.send(nullptr);                 // wrong
    socket.send(0);                       // wrong
    client.send(5);                       // wrong
    client.send_all(42);                  // wrong
    client.send_all('x');                 // wrong
    client.send_all(false);               // wrong
    client.send_all(nullptr);             // wrong
    client.send_all(0);                   // wrong
    (void)client.try_send(5);             // wrong
    (void)client.try_send(0);             // wrong
    (void)client.try_send(nullptr);       // wrong
    udp.send(5);                          // wrong
    udp.send_to(5, peer);                 // wrong
    udp.send_to('x', peer);               // wrong
    udp.send_to(true, peer);              // wrong
    udp.send_to(nullptr, peer);           // wrong
    udp.send_to(0, peer);                 // wrong
    (void)udp.try_send(5);                // wrong
    (void)udp.try_send_to(5, peer);       // wrong
    (void)udp.try_send_to('x', peer);     // wrong
    (void)udp.try_send_to(nullptr, peer); // wrong
    (void)udp.try_send_to(0, peer);       // wrong
}
