// expect: the characters themselves
#include <sockets/all.hpp>

void wrong(sockets::Socket& socket, std::string_view name) { socket.set_option(SOL_SOCKET, 25, name); }
