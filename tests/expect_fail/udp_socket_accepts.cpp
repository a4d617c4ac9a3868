// expect: accept
#include <sockets/udp.hpp>

void wrong(sockets::UdpSocket& socket) { socket.accept(); }
