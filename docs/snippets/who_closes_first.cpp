// Whoever closes first keeps the pair of addresses for a while: TIME_WAIT.
#include <iostream>
#include <sockets/tcp.hpp>

using namespace sockets;

int main() {
    TcpListener listener("localhost", 0);                            // SOCKET, BIND, LISTEN
    TcpSocket client("localhost", listener.local_address().port());  // CONNECT
    auto [server, address] = listener.accept();                      // ACCEPT
    client.close();                                                  // CLOSE: the first one
    if (server.recv(1).empty()) std::cout << "el cliente terminó\n"; // RECEIVE: the end
    server.close();                                                  // CLOSE: the second one
}
