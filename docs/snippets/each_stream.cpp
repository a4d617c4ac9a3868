// Every method of TcpStream, a few lines each.
#include <iostream>
#include <sockets/stream.hpp>
#include <sockets/tcp.hpp>
#include <string>
#include <utility>

using namespace sockets;

int main() {
    TcpListener server("localhost", 0);
    const int port = server.local_address().port();
    //! [constructor]
    TcpStream client("localhost", port);
    client << "hola" << std::endl; // SEND
    //! [constructor]
    TcpSocket accepted = server.accept().socket;
    //! [of_socket]
    TcpStream peer(std::move(accepted));
    std::string line;
    std::getline(peer, line);  // RECEIVE
    std::cout << line << '\n'; // prints: hola
    //! [of_socket]
    //! [socket]
    client << "adios" << std::flush;
    client.socket().shutdown(); // no more from here
    std::getline(peer, line);
    std::cout << line << ' ' << peer.eof() << '\n'; // prints: adios 1
    //! [socket]
}
