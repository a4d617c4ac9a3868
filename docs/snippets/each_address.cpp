// Every method of Address, a few lines each.
#include <cstring>
#include <iostream>
#include <set>
#include <sockets/address.hpp>
#include <sockets/udp.hpp>
#include <unordered_map>

using namespace sockets;

void constructor() {
    //! [constructor]
    const Address web("127.0.0.1", 80);
    const Address here("localhost", 8000, Family::ipv4);
    std::cout << web << ' ' << here << '\n'; // prints: 127.0.0.1:80 127.0.0.1:8000
    //! [constructor]
}

void resolve() {
    //! [resolve]
    for (const Address& address : Address::resolve("localhost", "8000", Family::ipv4))
        std::cout << address << '\n'; // prints: 127.0.0.1:8000
    //! [resolve]
}

void any() {
    //! [any]
    std::cout << Address::any(8000) << ' ' << Address::any(8000, Family::ipv6)
              << '\n'; // prints: 0.0.0.0:8000 [::]:8000
    //! [any]
}

void loopback() {
    //! [loopback]
    std::cout << Address::loopback(8000) << '\n';               // prints: 127.0.0.1:8000
    std::cout << Address::loopback(8000, Family::ipv6) << '\n'; // prints: [::1]:8000
    //! [loopback]
}

void local() {
    //! [local]
    const Address path = Address::local("/tmp/chat");
    std::cout << path << ' ' << path.port() << '\n'; // prints: /tmp/chat 0
    //! [local]
}

void from() {
    //! [from]
    sockaddr_in filled{}; // as getifaddrs or another library would give it
    filled.sin_family = AF_INET;
    filled.sin_port = htons(8000);
    filled.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::cout << Address::from(reinterpret_cast<const sockaddr*>(&filled), sizeof filled)
              << '\n'; // prints: 127.0.0.1:8000
    //! [from]
}

void family() {
    //! [family]
    const Address here = Address::loopback(8000);
    if (here.family() == Family::ipv4) std::cout << "IPv4\n"; // prints: IPv4
    //! [family]
}

void host() {
    //! [host]
    const Address here("localhost", 8000, Family::ipv4);
    std::cout << here.host() << '\n'; // prints: 127.0.0.1
    //! [host]
}

void port() {
    //! [port]
    const UdpSocket socket(Address::loopback(0));                         // the system chooses
    if (socket.local_address().port() > 0) std::cout << "tiene puerto\n"; // prints: tiene puerto
    //! [port]
}

void to_string() {
    //! [to_string]
    const std::string text = "de " + Address::loopback(8000).to_string();
    std::cout << text << '\n'; // prints: de 127.0.0.1:8000
    //! [to_string]
}

void data() {
    //! [data]
    const Address here = Address::loopback(8000);
    sockaddr_in raw{}; // for a call that takes the system's structure
    std::memcpy(&raw, here.data(), sizeof raw);
    std::cout << ntohs(raw.sin_port) << '\n'; // prints: 8000
    //! [data]
}

void size() {
    //! [size]
    const Address here = Address::loopback(8000);
    std::cout << (here.size() == sizeof(sockaddr_in)) << '\n'; // prints: 1
    //! [size]
}

void print() {
    //! [print]
    std::cout << "escuchando en " << Address::loopback(8000)
              << '\n'; // prints: escuchando en 127.0.0.1:8000
    //! [print]
}

void compare() {
    //! [compare]
    const Address web("127.0.0.1", 80);
    std::cout << (web == Address::loopback(80)) << (web != Address::loopback(81))
              << '\n'; // prints: 11
    //! [compare]
}

void order() {
    //! [order]
    std::set<Address> seen = {Address::loopback(80), Address::loopback(80), Address::loopback(81)};
    std::unordered_map<Address, int> letters = {{Address::loopback(80), 7}};
    std::cout << seen.size() << ' ' << letters[Address::loopback(80)] << '\n'; // prints: 2 7
    //! [order]
}

int main() {
    constructor();
    resolve();
    any();
    loopback();
    local();
    from();
    family();
    host();
    port();
    to_string();
    data();
    size();
    print();
    compare();
    order();
}
