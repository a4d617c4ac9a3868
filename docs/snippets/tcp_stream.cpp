// A connection to read and write as one does with files.
#include <iostream>
#include <sockets/stream.hpp>
#include <sockets/tcp.hpp>

using namespace sockets;

int main() {
    TcpListener server("localhost", 0);
    TcpStream client("localhost", server.local_address().port()); // SOCKET, CONNECT
    TcpStream peer(server.accept().socket);                       // ACCEPT

    //! [stream]
    client << "suma " << 2 << ' ' << 3 << std::endl; // SEND, when std::endl or std::flush says so

    std::string word;
    int a = 0;
    int b = 0;
    peer >> word >> a >> b; // RECEIVE, as often as it takes
    peer << a + b << std::endl;

    int sum = 0;
    client >> sum;
    //! [stream]
    std::cout << word << ": " << sum << '\n';
} // CLOSE
