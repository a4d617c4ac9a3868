// The keyboard as a socket, so that select can wait for it and for the server at once. On Windows
// select waits for sockets alone; elsewhere std::cin would fool it, with what it has read ahead.
#pragma once

#include <sockets/tcp.hpp>

#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "../console.hpp"

namespace chat {

inline void pass_on(sockets::TcpSocket lines) try {
    while (const std::optional<std::string> line = console::read_line())
        lines.send_all(*line + "\n");
} catch (const sockets::Error&) { // the program is about to end
}

//! [keyboard]
// A thread waits for the keyboard and passes each line on through a socket pair: what goes in at
// one end comes out at the other.
inline sockets::TcpSocket keyboard() {
    auto [lines, others_end] = sockets::Socket::pair();
    std::thread(pass_on, sockets::TcpSocket(std::move(others_end))).detach();
    return sockets::TcpSocket(std::move(lines));
}
//! [keyboard]

} // namespace chat
