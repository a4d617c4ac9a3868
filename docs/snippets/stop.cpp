// Ctrl+C ends a server in good order, on every system: it looks at a flag every now and then.
#include <atomic>
#include <csignal>
#include <iostream>
#include <sockets/tcp.hpp>

using namespace sockets;

std::atomic<bool> stop{false};

extern "C" void on_ctrl_c(int) { stop = true; } // on Windows it runs in another thread

int main() {
    std::signal(SIGINT, on_ctrl_c);
    TcpListener server("localhost", 0);
    while (!stop) {
        try {
            auto client = server.accept(std::chrono::milliseconds(200)); // ACCEPT, within this time
            if (client) {
                client->socket.send_all("hola");
                continue;
            }
            std::cout << "nadie todavía\n";
            std::raise(SIGINT);        // as if by Ctrl+C: leave this line out in yours
        } catch (const Error& error) { // one lost client must not end the server
            std::cerr << error.what() << '\n';
        }
    }
    std::cout << "hasta luego\n";
}
