// The keyboard as a socket, so that select can wait for it and for the server at once. On Windows select waits
// for sockets alone; elsewhere std::cin would fool it, with what it has read ahead.
#pragma once

#include <sockets/tcp.hpp>

#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "../console.hpp"

namespace chat {

inline void pass_on(sockets::TcpSocket lines) try {
    while (const std::optional<std::string> line = console::read_line()) lines.send_all(*line + "\n");
} catch (const sockets::Error&) { // the program is about to end
}

// A thread waits for the keyboard and passes each line on through a connection of the program with itself.
inline sockets::TcpSocket keyboard() {
    sockets::TcpListener listener("127.0.0.1", 0);
    sockets::TcpSocket lines("127.0.0.1", listener.local_address().port());
    auto client = listener.accept();
    while (client.address != lines.local_address()) client = listener.accept(); // that was somebody else
    std::thread(pass_on, std::move(client.socket)).detach();
    return lines;
}

} // namespace chat
