// expect: time.count\(\), or a timeval
#include <sockets/all.hpp>

void wrong(sockets::TcpListener& server) {
    server.set_option(SOL_SOCKET, SO_RCVTIMEO, std::chrono::seconds(5));
}
