// A client: it asks, says that it has no more to say, and reads the answer to the end.
#include <iostream>
#include <sockets/tcp.hpp>

using namespace sockets;

int main() {
    TcpListener server("localhost", 0); // somebody to talk to
    const int port = server.local_address().port();

    TcpSocket client("localhost", port, std::chrono::seconds(5)); // SOCKET, CONNECT, in time
    client.set_recv_timeout(std::chrono::seconds(5)); // from now on no recv takes longer
    client.send_all("hola");                          // SEND
    client.shutdown();                                // half a CLOSE: that was all

    auto [peer, address] = server.accept();
    peer.send_all("pues " + peer.recv_exactly(4));
    peer.close();

    std::string answer;
    while (true) {
        const std::string piece = client.recv(1024); // RECEIVE: as much as is there
        if (piece.empty()) break;                    // the peer has ended its side
        answer += piece;
    }
    std::cout << "respuesta: " << answer << '\n';
} // CLOSE
