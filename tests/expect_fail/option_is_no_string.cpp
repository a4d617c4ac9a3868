// expect: byte by byte
#include <sockets/all.hpp>

void wrong(sockets::Socket& socket, const std::string& name) { socket.set_option(SOL_SOCKET, 25, name); }
