// What a first program may get wrong, and what the compilers say: the errors page of the guide has these words, and
// check_words.py holds them. "..." is whatever stands between.
// clang-format off
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sockets/all.hpp>

void names() {
    TcpSocket client("localhost", 80); // g++: was not declared in this scope; did you mean | clang: unknown type name 'TcpSocket'
    sockets::Selektor all;             // g++: is not a member of ... sockets | clang: no type named ... in namespace 'sockets'
}

using namespace sockets;

struct Message {
    int size;
    char text[10];
};

void serve(TcpSocket client);
void serve_with(TcpSocket& client);

void texts(TcpSocket& client, UdpSocket& udp, const Address& address, const Message& message) {
    char buffer[100];
    std::string text = "hola";
    std::string greeting = "de " + address; // g++: no match for 'operator+' ... sockets::Address | clang: invalid operands to binary expression ... sockets::Address
    std::string name = address;             // g++: conversion from 'const sockets::Address' to non-scalar type 'std::string' | clang: no viable conversion from 'const sockets::Address' to 'std::string'
    std::string received = udp.recv_from(); // g++: conversion from 'sockets::Datagram' to non-scalar type 'std::string' | clang: no viable conversion from 'sockets::Datagram' to 'std::string'
    client.send_all(42);                    // g++: use of deleted function ... sockets::Socket::send_all(T) [with T = int | clang: call to deleted member function 'send_all'
    client.send_all(message);               // g++: no matching function for call to ... TcpSocket::send_all(const Message&) | clang: no matching member function for call to 'send_all'
    (void)client.recv();                    // g++: no matching function for call to ... TcpSocket::recv() | clang: no matching member function for call to 'recv'
    (void)client.recv(buffer);              // g++: no matching function for call to ... TcpSocket::recv(char [100]) | clang: no matching member function for call to 'recv'
    client.recv(&text, 4);                  // g++: use of deleted function ... sockets::Socket::recv(T*, std::size_t) [with T = std:: | clang: call to deleted member function 'recv'
}

void addresses(TcpSocket& client) {
    const char* argument = "8000";
    std::string port = "5124";
    client.connect("localhost", 5124);        // g++: no matching function for call to ... TcpSocket::connect(const char [10], int) | clang: no matching member function for call to 'connect'
    TcpSocket only_port(5100);                // g++: no matching function for call to ... TcpSocket(int) | clang: no matching constructor for initialization of 'sockets::TcpSocket'
    TcpSocket only_host("localhost");         // g++: no matching function for call to ... TcpSocket(const char [10]) | clang: no matching constructor for initialization of 'sockets::TcpSocket'
    TcpSocket text_port("localhost", port);   // g++: no matching function for call to ... TcpSocket(const char [10], std::string&) | clang: no matching constructor for initialization of 'sockets::TcpSocket'
    TcpSocket turned(8000, "localhost");      // g++: no matching function for call to ... TcpSocket(int, const char [10]) | clang: no matching constructor for initialization of 'sockets::TcpSocket'
    TcpListener argument_port(argument);      // g++: invalid conversion from ... char*' to 'int' | clang: no matching constructor for initialization of 'sockets::TcpListener'
    UdpSocket datagrams("localhost", 5000);   // g++: no matching function for call to ... UdpSocket(const char [10], int) | clang: no matching constructor for initialization of 'sockets::UdpSocket'
    TcpSocket nobody(nullptr, 8000);          // g++: use of deleted function ... [with T = std::nullptr_t | clang: call to deleted constructor of 'sockets::TcpSocket'
    Socket slides;                            // g++: sockets::Socket::Socket()' is protected within this context | clang: calling a protected constructor of class 'sockets::Socket'
}

void accepted(TcpListener& server) {
    auto pair = server.accept();
    (void)pair.recv(10);                                           // g++: has no member named 'recv' | clang: no member named 'recv' in 'sockets::TcpListener::Accepted'
    TcpSocket whole = server.accept();                             // g++: conversion from ... TcpListener::Accepted ... requested | clang: no viable conversion from ... TcpListener::Accepted'
    auto [maybe, where] = server.accept(std::chrono::seconds(5));  // g++: 2 names provided for structured binding | clang: decomposes into 1 element, but 2 names were provided
    server.send_all("hola");                                       // g++: send_all(std::string_view) ... is inaccessible within this context | clang: 'send_all' is a private member of 'sockets::Socket'
}

struct Client {
    TcpSocket socket;
    LineBuffer lines;
};

void clients(TcpSocket& accepted, UdpSocket& socket, Selector& selector, TcpListener& server) {
    const Client client{std::move(accepted)};                           // clang: chosen constructor is explicit in copy-initialization
    (void)socket.recv_from(std::chrono::seconds(1)).data;               // g++: std::optional<sockets::Datagram>' has no member named 'data' | clang: no member named 'data' in 'std::optional<sockets::Datagram>'
    auto [data, sender] = socket.recv_from(std::chrono::seconds(1));    // g++: 2 names provided for structured binding | clang: decomposes into 1 element, but 2 names were provided
    const std::vector<char> bytes(10);
    accepted.send_all(bytes);                                           // g++: no matching function for call to ... TcpSocket::send_all(const std::vector<char>&) | clang: no matching member function for call to 'send_all'
    for (const Ready& ready : selector.select()) (void)(ready == server); // g++: no match for 'operator==' | clang: invalid operands to binary expression
}

void limits(TcpSocket& client) {
    client.set_recv_timeout(2); // g++: cannot convert 'int' to 'sockets::Socket::milliseconds' | clang: no viable conversion from 'int' to 'sockets::Socket::milliseconds'
    (void)client.recv(10, 5);   // g++: use of deleted function ... sockets::Socket::recv(T, U) [with T = int; U = int | clang: call to deleted member function 'recv'
}

void copies(TcpSocket& client, Socket& socket, TcpListener& server) {
    TcpSocket copy = client;               // g++: use of deleted function ... TcpSocket(const sockets::TcpSocket&) | clang: call to implicitly-deleted copy constructor of 'sockets::TcpSocket'
    LineReader lines(client);
    LineReader more = lines;               // g++: use of deleted function ... sockets::LineReader::LineReader(const sockets::LineReader&) | clang: call to deleted constructor of 'sockets::LineReader'
    LineReader plain(socket);              // g++: no matching function for call to ... LineReader(sockets::Socket&) | clang: no matching constructor for initialization of 'sockets::LineReader'
    std::string line = lines.next();       // g++: conversion from ... std::optional< ... requested | clang: no viable conversion from ... std::optional<
    auto [peer, address] = server.accept();
    auto later = [&] { serve_with(peer); }; // clang: reference to local binding 'peer' declared in enclosing function
}

void threads(TcpSocket& client, const TcpSocket& constant) {
    std::thread copied(serve, client);        // g++: could not convert ... std::tuple< | clang: no matching constructor for initialization of 'std::tuple<
    std::thread referring(serve_with, 5);     // g++: std::thread arguments must be invocable after conversion to rvalues | clang: std::thread arguments must be invocable after conversion to rvalues
}
