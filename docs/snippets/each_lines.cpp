// Every method of LineBuffer and LineReader, a few lines each. The other end of `client` is `peer`.
#include <iostream>
#include <sockets/lines.hpp>
#include <sockets/tcp.hpp>

using namespace sockets;

void buffer() {
    //! [buffer]
    LineBuffer lines(80); // no line is longer
    lines.append("hola\n");
    std::cout << *lines.next() << '\n'; // prints: hola
    //! [buffer]
    //! [append]
    lines.append("ho");
    lines.append("la\nad");
    while (const auto line = lines.next()) std::cout << *line << '\n'; // prints: hola
    //! [append]
    //! [next]
    if (!lines.next()) lines.append("ios\n");                       // not whole yet
    if (const auto line = lines.next()) std::cout << *line << '\n'; // prints: adios
    //! [next]
    //! [buffer_rest]
    lines.append("sin final");
    std::cout << lines.rest() << '\n'; // prints: sin final
    //! [buffer_rest]
}

void reader(TcpSocket& client, TcpSocket& peer) {
    //! [reader]
    LineReader lines(client); // of 8192 bytes each, at most
    peer.send_all("hola\nadios\n");
    std::cout << *lines.next() << '\n'; // prints: hola
    //! [reader]
    //! [reader_next]
    if (const auto line = lines.next()) std::cout << *line << '\n'; // prints: adios
    //! [reader_next]
    //! [reader_recv]
    peer.send_all("foto.jpg\n\xff\xd8");
    std::cout << *lines.next() << ' ' << lines.recv(1).size() << '\n'; // prints: foto.jpg 1
    //! [reader_recv]
    (void)lines.recv_exactly(1);
    //! [reader_recv_exactly]
    peer.send_all("4\nhola");
    const auto size = std::stoul(*lines.next());
    std::cout << lines.recv_exactly(size) << '\n'; // prints: hola
    //! [reader_recv_exactly]
    //! [reader_rest]
    std::cout << lines.rest().size() << '\n'; // prints: 0
    //! [reader_rest]
}

int main() {
    buffer();
    TcpListener server("localhost", 0);
    TcpSocket client(server.local_address());
    TcpSocket peer = server.accept().socket;
    reader(client, peer);
}
