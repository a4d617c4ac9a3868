// Every constructor of TcpSocket and TcpListener, and the methods that they have of their own.
#include <chrono>
#include <iostream>
#include <sockets/tcp.hpp>
#include <utility>

using namespace sockets;
using std::chrono::milliseconds;
using std::chrono::seconds;

void clients(TcpListener& server) {
    const int port = server.local_address().port();
    //! [client]
    TcpSocket client("localhost", port);
    std::cout << client.remote_address().host() << '\n'; // prints: 127.0.0.1
    //! [client]
    //! [client_limit]
    TcpSocket soon("localhost", port, seconds(3)); // or Error: timed_out
    std::cout << soon.is_open() << '\n';           // prints: 1
    //! [client_limit]
    //! [client_address]
    TcpSocket there(server.local_address());
    std::cout << there.is_open() << '\n'; // prints: 1
    //! [client_address]
    //! [client_address_limit]
    TcpSocket there_soon(server.local_address(), seconds(3));
    std::cout << there_soon.is_open() << '\n'; // prints: 1
    //! [client_address_limit]
    //! [client_later]
    TcpSocket later; // SOCKET only
    later.set_recv_timeout(seconds(5));
    later.connect(server.local_address());
    std::cout << later.is_open() << '\n'; // prints: 1
    //! [client_later]
    //! [client_of_socket]
    Socket plain(Family::ipv4, Type::stream);
    plain.connect(server.local_address());
    TcpSocket tcp(std::move(plain));
    std::cout << plain.is_open() << tcp.is_open() << '\n'; // prints: 01
    //! [client_of_socket]
    for (int i = 0; i < 6; ++i) (void)server.accept();
}

void servers() {
    //! [server]
    TcpListener server("localhost", 0);                 // 0: any free port
    std::cout << server.local_address().host() << '\n'; // prints: 127.0.0.1
    //! [server]
    //! [server_queue]
    TcpListener patient("localhost", 0, 100); // a hundred may wait for accept()
    std::cout << patient.is_open() << '\n';   // prints: 1
    //! [server_queue]
    //! [server_address]
    TcpListener there(Address::loopback(0));
    std::cout << there.local_address().host() << '\n'; // prints: 127.0.0.1
    //! [server_address]
    //! [server_open]
    TcpListener open(0); // every interface: other computers may connect
    TcpSocket client("127.0.0.1", open.local_address().port());
    std::cout << client.is_open() << '\n'; // prints: 1
    //! [server_open]
    //! [server_later]
    TcpListener later; // SOCKET only
    later.bind(Address::loopback(0));
    later.listen();
    std::cout << (later.local_address().port() > 0) << '\n'; // prints: 1
    //! [server_later]
    //! [server_of_socket]
    Socket plain(Family::ipv4, Type::stream);
    plain.bind(Address::loopback(0));
    plain.listen();
    TcpListener tcp(std::move(plain));
    std::cout << tcp.is_open() << '\n'; // prints: 1
    //! [server_of_socket]
}

void bind() {
    //! [bind]
    TcpListener server;
    server.bind(Address::loopback(0)); // with set_reuse_address(true)
    server.listen();
    std::cout << server.local_address().host() << '\n'; // prints: 127.0.0.1
    //! [bind]
}

void accept(TcpListener& server) {
    TcpSocket visitor(server.local_address());
    //! [accept]
    auto [client, address] = server.accept();
    client.send_all("hola");
    std::cout << "desde " << address.host() << '\n'; // prints: desde 127.0.0.1
    //! [accept]
}

void accept_limit(TcpListener& server) {
    //! [accept_limit]
    auto client = server.accept(milliseconds(10));
    if (!client) std::cout << "nadie todavía\n"; // prints: nadie todavía
    //! [accept_limit]
}

void try_accept(TcpListener& server) {
    //! [try_accept]
    if (!server.try_accept()) std::cout << "nadie ahora\n"; // prints: nadie ahora
    //! [try_accept]
}

int main() {
    TcpListener server("localhost", 0);
    clients(server);
    servers();
    bind();
    accept(server);
    accept_limit(server);
    try_accept(server);
}
