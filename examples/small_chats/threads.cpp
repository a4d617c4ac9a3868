// A chat: a thread for each client, a list of all of them, and a lock for the list.
#include <cstdlib>
#include <iostream>
#include <list>
#include <mutex>
#include <sockets/all.hpp>
#include <thread>

using namespace sockets;

std::mutex lock; // whoever uses the list holds it
std::list<TcpSocket*> clients;

// Whether it went to him.
bool tell(TcpSocket& client, const std::string& line) try {
    client.send_all(line + "\n"); // SEND
    return true;
} catch (const Error&) {
    return false;
}

void say_to_all(const std::string& line) {
    const std::lock_guard<std::mutex> held(lock);
    clients.remove_if([&](TcpSocket* client) { return !tell(*client, line); }); // he hears no more
}

void serve(TcpSocket client) {
    std::unique_lock<std::mutex> held(lock);
    clients.push_back(&client);
    held.unlock();
    try {
        client.set_send_timeout(std::chrono::seconds(1)); // who does not read stops nobody for long
        LineReader lines(client);
        while (const auto line = lines.next()) say_to_all(*line); // RECEIVE, until there is a line
    } catch (const Error& error) {                                // he is lost, the others are not
        std::cerr << error.what() << std::endl;
    }
    held.lock();
    clients.remove(&client);
}

int main(int argc, char** argv) {
    TcpListener server("localhost", argc > 1 ? std::atoi(argv[1]) : 8000);
    std::cout << server.local_address() << std::endl;
    while (true) std::thread(serve, server.accept().socket).detach(); // ACCEPT
}
