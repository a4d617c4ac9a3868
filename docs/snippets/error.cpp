// What went wrong, where, and what to check.
#include <iostream>
#include <sockets/tcp.hpp>

using namespace sockets;

int main() {
    TcpListener server("localhost", 0);
    const int port = server.local_address().port();
    server.close(); // now nobody listens there

    try {
        TcpSocket client("localhost", port);
    } catch (const Error& error) {
        std::cerr << error.what() << '\n'; // the whole sentence, for people
        std::cout << "failed: " << error.primitive() << '\n';
        if (error.code() == std::errc::connection_refused) std::cout << "nobody listens\n"; // for programs
    }

    try {
        Address::resolve("localhost", "no such service");
    } catch (const Error& error) {
        if (error.code() == ResolveErrc::unknown_service) std::cout << "unknown service\n";
    }
}

// prints: is a server listening there?
// prints: failed: connect
// prints: nobody listens
