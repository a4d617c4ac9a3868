// expect: (nodiscard|unused)
#include <sockets/all.hpp>

#pragma GCC diagnostic error "-Wunused-result"

using namespace std::chrono_literals;
using namespace sockets;

void of_socket(Socket& socket, Address& peer, char* room) {
    socket.accept();                       // wrong
    socket.accept(5s);                     // wrong
    socket.recv(1, 5s);                    // wrong
    socket.recv_from(5s);                  // wrong
    socket.recv_from(1, 5s);               // wrong
    socket.wait_readable(5s);              // wrong
    socket.wait_writable(5s);              // wrong
    socket.try_connect(peer);              // wrong
    socket.try_accept();                   // wrong
    socket.try_send("x");                  // wrong
    socket.try_send(room, 1);              // wrong
    socket.try_recv(1);                    // wrong
    socket.try_recv(room, 1);              // wrong
    socket.try_send_to("x", peer);         // wrong
    socket.try_send_to(room, 1, peer);     // wrong
    socket.try_recv_from();                // wrong
    socket.try_recv_from(room, 1, peer);   // wrong
    Socket::pair();                        // wrong
    socket.release();                      // wrong
    Socket::adopt(socket.native_handle()); // wrong
}

void of_the_others(TcpListener& server, TcpSocket& client, UdpSocket& udp, LineReader& reader,
                   LineBuffer& lines, Selector& all) {
    server.accept();          // wrong
    server.accept(5s);        // wrong
    server.try_accept();      // wrong
    server.wait_readable(5s); // wrong
    server.release();         // wrong
    client.recv(1, 5s);       // wrong
    client.release();         // wrong
    udp.recv_from(5s);        // wrong
    udp.release();            // wrong
    reader.next();            // wrong
    reader.rest();            // wrong
    lines.next();             // wrong
    lines.rest();             // wrong
    all.select();             // wrong
    all.select(5s);           // wrong
}

void not_of_these(Socket& socket, LineReader& reader, Address& peer, char* room) {
    socket.send("x"); // what nobody looks at in the first hour
    socket.recv(1);
    socket.recv(room, 1);
    socket.recv_exactly(1);
    socket.recv_from();
    socket.recv_from(room, 1, peer);
    socket.send_to("x", peer);
    reader.recv(1);
    reader.recv_exactly(1);
}
