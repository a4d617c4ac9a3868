// expect: (deleted|ambiguous)
#include <sockets/all.hpp>

using namespace std::chrono_literals;

void wrong() {
    sockets::Address a(nullptr, 80);                  // wrong
    sockets::Address b(0, 80);                        // wrong
    sockets::Address c(0, 80, sockets::Family::ipv4); // wrong
    sockets::TcpSocket d(nullptr, 80);                // wrong
    sockets::TcpSocket e(0, 80);                      // wrong
    sockets::TcpSocket f(nullptr, 80, 5s);            // wrong
    sockets::TcpSocket g(0, 80, 5s);                  // wrong
    sockets::TcpListener h(nullptr, 80);              // wrong
    sockets::TcpListener i(nullptr, 80, 5);           // wrong
    sockets::TcpListener j(0, 80, 5);                 // wrong
    sockets::TcpStream k(nullptr, 80);                // wrong
    sockets::TcpStream l(0, 80);                      // wrong
    (void)sockets::Address::resolve(nullptr, "80");   // wrong
    (void)sockets::Address::resolve(0, "80");         // wrong
}
