// expect: conver
#include <sockets/tcp.hpp>

sockets::TcpListener wrong() { return 8000; }
