// The slides' way, one primitive a line: a server and its client in one program.
#include <iostream>
#include <sockets/socket.hpp>

using namespace sockets;

int main() {
    Socket server(Family::ipv4, Type::stream); // SOCKET
    server.bind(Address::loopback(0));         // BIND (0: any free port)
    server.listen(1);                          // LISTEN

    Socket client(Family::ipv4, Type::stream); // SOCKET
    client.connect(server.local_address());    // CONNECT
    auto [peer, address] = server.accept();    // ACCEPT

    client.send("hola");                                              // SEND
    std::cout << "recibido: " << peer.recv(1024) << '\n';             // RECEIVE
    client.close();                                                   // CLOSE
    if (peer.recv(1024).empty()) std::cout << "el cliente terminó\n"; // "" is the end
} // CLOSE: peer and server, by themselves
