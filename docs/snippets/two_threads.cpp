// One thread sends while another receives: the keyboard waits for nobody, and nobody waits for it.
#include <iostream>
#include <sockets/tcp.hpp>
#include <string>
#include <thread>

using namespace sockets;

void show(TcpSocket& server) {
    try {
        while (true) {
            const std::string data = server.recv(1024); // RECEIVE: waits, in this thread
            if (data.empty()) break;
            std::cout << data << std::flush;
        }
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
    }
}

int main() {
    TcpListener listener("localhost", 0); // somebody who sends back what comes
    std::thread echo([&listener] {
        TcpSocket client = listener.accept().socket;
        for (std::string data; !(data = client.recv(1024)).empty();) client.send_all(data);
    });

    TcpSocket server("localhost", listener.local_address().port());
    std::thread screen(show, std::ref(server)); // not moved: both threads use it
    for (std::string line; std::getline(std::cin, line);) server.send_all(line + "\n"); // SEND
    server.shutdown(); // the keyboard has ended: so do both sides
    screen.join();
    echo.join();
}
