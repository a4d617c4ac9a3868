// Names become numbers; addresses can be printed, compared and used as keys.
#include <iostream>
#include <map>
#include <sockets/address.hpp>

using namespace sockets;

int main() {
    const Address server("localhost", 8000); // getaddrinfo: the name becomes a number
    std::cout << server << ": host " << server.host() << ", port " << server.port() << '\n';

    std::map<Address, std::string> names;
    names[Address("127.0.0.1", 8000)] = "the same place, by number";
    std::cout << names[server] << '\n';

    for (const Address& address : Address::resolve("localhost", "8000")) // every address of a name
        std::cout << "localhost es también " << address << '\n';

    std::cout << "solo esta máquina: " << Address::loopback(8000) << '\n';
    std::cout << "toda la red: " << Address::any(8000) << '\n';

    try {
        const Address wrong("localhost", 70000);
    } catch (const Error& error) {
        std::cout << error.what() << '\n';
    }
}
