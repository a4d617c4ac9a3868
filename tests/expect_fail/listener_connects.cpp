// expect: connect
#include <sockets/tcp.hpp>

void wrong(sockets::TcpListener& server) { server.connect(sockets::Address::loopback(8000)); }
