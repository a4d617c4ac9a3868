// Every primitive leaves a line as it returns.
#include <iostream>
#include <sockets/tcp.hpp>
#include <sockets/trace.hpp>

using namespace sockets;

int main() {
    trace_to(&std::cout);
    {
        TcpListener server("localhost", 0);
        TcpSocket client("localhost", server.local_address().port());
        auto [peer, address] = server.accept();
        client.send_all("hola");
        peer.recv(1024);
    }
    trace_to(nullptr); // no more of it
}
