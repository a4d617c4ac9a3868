// The first attempt at a chat with threads. One client that vanishes ends it for all.
#include <cstdlib>
#include <iostream>
#include <list>
#include <mutex>
#include <sockets/all.hpp>
#include <thread>

using namespace sockets;

std::mutex lock; // whoever uses the list holds it
std::list<TcpSocket*> clients;

void say_to_all(const std::string& line) {
    const std::lock_guard<std::mutex> held(lock);
    for (TcpSocket* client : clients) client->send_all(line + "\n"); // SEND
}

void serve(TcpSocket client) {
    std::unique_lock<std::mutex> held(lock);
    const auto place = clients.insert(clients.end(), &client);
    held.unlock();
    LineReader lines(client);
    while (const auto line = lines.next()) say_to_all(*line); // RECEIVE, until there is a line
    held.lock();
    clients.erase(place);
}

int main(int argc, char** argv) {
    TcpListener server("localhost", argc > 1 ? std::atoi(argv[1]) : 8000);
    std::cout << server.local_address() << std::endl;
    while (true) std::thread(serve, server.accept().socket).detach(); // ACCEPT
}
