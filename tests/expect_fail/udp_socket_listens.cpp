// expect: listen
#include <sockets/udp.hpp>

void wrong(sockets::UdpSocket& socket) { socket.listen(); }
