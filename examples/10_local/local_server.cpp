// local_server: the echo without a network, at a path of this machine (document 004: PF_UNIX).
//
//   local_server PATH
//
// Ctrl+C ends it, and takes the path away.

#include <sockets/socket.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>

#ifndef _WIN32
#include <sys/stat.h>
#endif

#include "../console.hpp"

using namespace sockets;
namespace fs = std::filesystem;

constexpr std::chrono::milliseconds a_moment(200); // then it looks whether it is over
std::atomic<bool> over{false};

extern "C" void on_ctrl_c(int) { over = true; }

// A server that was killed leaves its path behind, and BIND would fail. It is taken away only if it
// is a socket where nobody listens.
void take_over(const std::string& path) {
    if (!fs::is_socket(fs::symlink_status(path))) return;
    try {
        Socket(Family::local, Type::stream).connect(Address::local(path), a_moment); // CONNECT
    } catch (const Error& error) {
        if (error.code() == std::errc::connection_refused) fs::remove(path);
        return; // for whatever else BIND has the words
    }
    throw std::runtime_error("ya hay un servidor en " + path);
}

// The file's permissions say who may connect: its owner alone.
void bind_for_owner(Socket& server, const std::string& path) {
#ifndef _WIN32
    const mode_t before = ::umask(0177); // from the beginning: afterwards would be too late
    server.bind(Address::local(path));   // BIND
    (void)::umask(before);
#else
    server.bind(Address::local(path)); // BIND
#endif
}

void echo(Socket& client) {
    while (!over) {
        const auto data = client.recv(1024, a_moment); // RECEIVE, within this time
        if (!data) continue;                           // nothing yet
        if (data->empty()) return;                     // the client has ended
        client.send_all(*data);                        // SEND
    }
}

void serve(Socket& server) {
    while (!over) {
        try {
            auto accepted = server.accept(a_moment); // ACCEPT, within this time
            if (!accepted) continue;
            console::say("conectado");
            echo(accepted->socket);
            console::say("desconectado");
        } catch (const std::exception& error) { // one client is lost, the others are not
            console::report(error);
        }
    }
}

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv, "local_server CAMINO");
    const std::string path = arguments.needed("CAMINO");
    arguments.done();
    try {
        std::signal(SIGINT, on_ctrl_c);
        std::signal(SIGTERM, on_ctrl_c);
        Socket server(Family::local, Type::stream); // SOCKET
        take_over(path);
        bind_for_owner(server, path);
        server.listen(); // LISTEN
        console::say("Escuchando en " + path);
        serve(server);
        fs::remove(path);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
