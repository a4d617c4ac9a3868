// expect: the value itself, not a pointer to it
#include <sockets/all.hpp>

void wrong(sockets::UdpSocket& socket) { socket.set_option(SOL_SOCKET, SO_RCVBUF, nullptr); }
