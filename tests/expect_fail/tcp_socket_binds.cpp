// expect: bind
#include <sockets/tcp.hpp>

void wrong(sockets::TcpSocket& client) { client.bind(sockets::Address::loopback(8000)); }
