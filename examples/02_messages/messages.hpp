// How a message gets its end. TCP carries bytes, not messages: one send is not one recv. On the way
// two messages may be glued into one piece, and one may be cut into two.
//
// Here a message is a line. The programs of document 000 send no line end, so a pause ends a
// message too: good enough for a person who types, and just the guess that a line end spares us.
#pragma once

#include <sockets/lines.hpp>

#include <chrono>
#include <optional>
#include <string>

class MessageReader {
public:
    explicit MessageReader(sockets::TcpSocket& socket) : socket_(socket) {}

    // Waits for the next message; nothing: the other side has ended.
    std::optional<std::string> next() {
        while (true) {
            if (auto line = lines_.next()) return line;
            if (open_ && !socket_.wait_readable(std::chrono::milliseconds(300))) {
                open_ = false;
                return lines_.rest();
            }
            const std::string piece = socket_.recv(1024); // RECEIVE: whatever has come
            if (piece.empty()) break;
            lines_.append(piece);
            open_ = piece.back() != '\n';
        }
        std::string last = lines_.rest();
        if (last.empty()) return std::nullopt;
        open_ = false;
        return last;
    }

private:
    sockets::TcpSocket& socket_;
    sockets::LineBuffer lines_;
    bool open_ = false; // bytes have come, but no line end
};
