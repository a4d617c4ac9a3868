// One thread waits in RECEIVE; another one ends the conversation.
#include <iostream>
#include <sockets/socket.hpp>
#include <thread>

using namespace sockets;

// With a limit, because on Windows shutdown does not wake who waits already.
void hear(Socket& socket) try {
    while (true) {
        const auto data = socket.recv(1024, std::chrono::milliseconds(200)); // RECEIVE
        if (data && data->empty()) break;                                    // the end
        if (data) std::cout << "dice: " << *data << '\n';
    }
    std::cout << "terminó\n";
} catch (const Error&) { // by Windows' manual an error says so
    std::cout << "terminó\n";
}

int main() {
    auto [ours, theirs] = Socket::pair();
    std::thread thread(hear, std::ref(ours));
    ours.shutdown(Shutdown::both); // the one method that another thread may call meanwhile
    thread.join();
}
