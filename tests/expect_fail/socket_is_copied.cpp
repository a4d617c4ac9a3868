// expect: deleted
#include <sockets/socket.hpp>

sockets::Socket wrong(const sockets::Socket& socket) { return socket; }
