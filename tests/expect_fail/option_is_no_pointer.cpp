// expect: the value itself, not a pointer to it
#include <sockets/all.hpp>

void wrong(sockets::TcpSocket& client, int* number) { client.set_option(SOL_SOCKET, SO_RCVBUF, number); }
