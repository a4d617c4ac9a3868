// Where a program waits: a line when it begins to, and one when that is over.
#include <iostream>
#include <sockets/tcp.hpp>
#include <sockets/trace.hpp>

using namespace sockets;

int main() {
    //! [style]
    TraceStyle style;
    style.waiting = "esperando"; // a line when a primitive begins to wait
    trace_to(&std::cout, style);
    //! [style]

    TcpListener server("localhost", 0);
    TcpSocket client("localhost", server.local_address().port());
    client.set_recv_timeout(std::chrono::milliseconds(100));
    try {
        client.recv(1024); // nobody says anything
    } catch (const Error& error) {
        std::cout << error.what() << '\n';
    }
}
