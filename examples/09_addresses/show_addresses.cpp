// show_addresses: what getaddrinfo knows of a name, and both ends of a connection (documents 001
// and 004).
//
//   show_addresses HOST [SERVICE] [--connect]
//
// SERVICE: a port, or a name such as http.

#include <sockets/tcp.hpp>

#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "../console.hpp"

using namespace sockets;

const char* name_of(Family family) {
    switch (family) {
    case Family::ipv4: return "IPv4";
    case Family::ipv6: return "IPv6";
    default: return "otra familia";
    }
}

void show(const std::vector<Address>& addresses) {
    int number = 0;
    for (const Address& address : addresses)
        std::cout << ++number << ". " << address << " (" << name_of(address.family()) << ")\n";
}

// The first address that answers, as TcpSocket(host, port) does it.
void connect(const std::vector<Address>& addresses) {
    for (const Address& address : addresses) {
        try {
            const TcpSocket socket(address); // SOCKET, CONNECT
            std::cout << "Conexión: " << socket.local_address() << " con "
                      << socket.remote_address() << '\n';
            return;
        } catch (const Error& error) { // perhaps the next one
            std::cerr << error.what() << '\n';
        }
    }
    throw std::runtime_error("ninguna dirección contesta");
}

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv, "show_addresses HOST [SERVICIO = 80] [--connect]");
    const bool connects = arguments.flag("--connect");
    const std::string host = arguments.needed("HOST");
    const std::string service = arguments.text("80");
    arguments.done();
    try {
        const std::vector<Address> addresses = Address::resolve(host, service); // getaddrinfo
        show(addresses);
        if (connects) connect(addresses);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
