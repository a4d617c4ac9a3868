// expect: send
#include <sockets/tcp.hpp>

void wrong(sockets::TcpListener& server) { server.send("a listener only accepts"); }
