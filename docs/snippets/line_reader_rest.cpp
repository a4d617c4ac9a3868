// A header by lines, and what follows it is bytes of any kind: those that have come already are not
// lost.
#include <iostream>
#include <sockets/lines.hpp>
#include <sockets/tcp.hpp>

using namespace sockets;

int main() {
    TcpListener server("localhost", 0);
    TcpSocket client("localhost", server.local_address().port());
    auto [peer, address] = server.accept();
    client.send_all("archivo foto.jpg\n\n\xff\xd8"); // two lines, and the content begins
    client.send_all("\xff\xe0");
    client.close();

    std::string content;
    {
        LineReader reader(peer); // RECEIVE, line by line
        for (auto line = reader.next(); line && !line->empty(); line = reader.next())
            std::cout << "cabecera: " << *line << '\n';
        content = reader.rest(); // what it has received ahead; waits for nothing
    }
    while (true) {                                // from here on without it
        const std::string data = peer.recv(1024); // RECEIVE
        if (data.empty()) break;
        content += data;
    }
    std::cout << "contenido: " << content.size() << " bytes\n";
}
