// What went wrong, where, and what to check.
#include <iostream>
#include <sockets/tcp.hpp>
#include <sockets/udp.hpp>

using namespace sockets;

int main() {
    TcpListener server("localhost", 0);
    const int port = server.local_address().port();
    server.close(); // now nobody listens there

    try {
        TcpSocket client("localhost", port);
    } catch (const Error& error) {
        std::cerr << error.what() << '\n'; // the whole sentence, for people
        std::cout << "falló: " << error.primitive() << '\n';
        // For programs:
        if (error.code() == std::errc::connection_refused) std::cout << "nadie escucha\n";
    }

    UdpSocket patient;
    patient.set_recv_timeout(std::chrono::milliseconds(100));
    try {
        patient.send_to("hola", Address::loopback(port));
        patient.recv_from();
    } catch (const Error& error) {
        if (error.code() != std::errc::timed_out) throw; // the other reasons are not expected here
        std::cout << "nadie contesta\n";
    }

    try {
        Address::resolve("localhost", "no such service");
    } catch (const Error& error) {
        if (error.code() == ResolveErrc::unknown_service) std::cout << "servicio desconocido\n";
    }
}
