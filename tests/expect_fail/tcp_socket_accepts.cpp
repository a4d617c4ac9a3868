// expect: accept
#include <sockets/tcp.hpp>

void wrong(sockets::TcpSocket& client) { client.accept(); }
