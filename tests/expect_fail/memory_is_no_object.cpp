// expect: deleted
#include <sockets/all.hpp>

void wrong(sockets::Socket& socket, sockets::TcpSocket& client, sockets::UdpSocket& udp,
           sockets::Address& peer) {
    std::string text = "hola";
    std::vector<char> bytes(4);
    const std::string constant = "hola";
    socket.send(&text, 4);                   // wrong
    socket.send(&constant, 4);               // wrong
    client.send(&bytes, 4);                  // wrong
    client.send_all(&text, 4);               // wrong
    client.send_all(&bytes, 4);              // wrong
    (void)client.try_send(&text, 4);         // wrong
    udp.send_to(&text, 4, peer);             // wrong
    (void)udp.try_send_to(&text, 4, peer);   // wrong
    socket.recv(&text, 4);                   // wrong
    client.recv(&bytes, 4);                  // wrong
    client.recv_exactly(&text, 4);           // wrong
    (void)client.try_recv(&text, 4);         // wrong
    udp.recv_from(&text, 4, peer);           // wrong
    (void)udp.try_recv_from(&text, 4, peer); // wrong
}
