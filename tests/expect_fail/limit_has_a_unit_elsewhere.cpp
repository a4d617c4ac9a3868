// expect: (no matching|conver|deleted|ambiguous)
#include <sockets/all.hpp>

void wrong(sockets::TcpSocket& client, sockets::TcpListener& server, sockets::UdpSocket& udp,
           sockets::Selector& all) {
    (void)server.accept(5);                      // wrong
    (void)client.wait_readable(5);               // wrong
    (void)udp.recv_from(10, 5);                  // wrong
    client.set_recv_timeout(5);                  // wrong
    client.connect(sockets::Address(), 5);       // wrong
    (void)all.select(5);                         // wrong
    sockets::TcpSocket late("localhost", 80, 5); // wrong
    (void)late;
}
