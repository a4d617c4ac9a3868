// One conversation of talk: sends as a step says, shows what comes, and compares it with what was
// expected.
#pragma once

#include <sockets/socket.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "../console.hpp"
#include "steps.hpp"

// What comes is something else than what was expected.
struct Unexpected : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A connection, or a socket whose datagrams go to one peer.
class Wire {
public:
    using Milliseconds = std::chrono::milliseconds;

    Wire(sockets::Socket socket, bool datagrams)
        : socket_(std::move(socket)), datagrams_(datagrams) {}

    sockets::Socket& socket() { return socket_; }

    void send(const Step& step) {
        const std::size_t piece =
            step.piece == 0 ? std::max<std::size_t>(step.text.size(), 1) : step.piece;
        for (std::size_t at = 0; at < step.text.size() || at == 0; at += piece) {
            if (at > 0) std::this_thread::sleep_for(Milliseconds(50)); // so that they travel apart
            const std::string bytes = step.text.substr(at, piece);
            console::say("-> ", console::quoted(bytes));
            socket_.send_all(bytes); // SEND
        }
    }

    // Whether something came in time, or the end.
    bool hear(Milliseconds time) {
        const auto bytes = socket_.recv(65536, time); // RECEIVE, within this time
        if (!bytes) return false;
        ended_ = bytes->empty() && !datagrams_; // an empty datagram is one too
        console::say("<- ", ended_ ? "fin" : console::quoted(*bytes));
        came_ += *bytes;
        return true;
    }

    void expect(const std::string& bytes, Milliseconds time) {
        while (came_.size() < bytes.size() && same(bytes) && !ended_ && hear(time)) {}
        if (came_.size() < bytes.size() || !same(bytes))
            throw Unexpected("esperaba " + console::quoted(bytes) + ", llegó " + what_came());
        came_.erase(0, bytes.size());
    }

    void expect_line(const std::string& line, Milliseconds time) {
        while (came_.find('\n') == std::string::npos && !ended_ && hear(time)) {}
        const std::size_t end = came_.find('\n');
        if (end == std::string::npos)
            throw Unexpected("esperaba la línea " + console::quoted(line) + ", llegó " +
                             what_came() + (came_.empty() ? "" : ", sin fin de línea"));
        if (came_.substr(0, end) != line && came_.substr(0, end) != line + "\r")
            throw Unexpected("esperaba la línea " + console::quoted(line) + ", llegó " +
                             console::quoted(came_.substr(0, end)));
        came_.erase(0, end + 1);
    }

    void expect_end(Milliseconds time) {
        if (came_.empty() && !ended_) (void)hear(time);
        if (!ended_ || !came_.empty()) throw Unexpected("esperaba el fin, llegó " + what_came());
    }

    void silence(Milliseconds time) {
        if (!came_.empty() || ended_ || hear(time))
            throw Unexpected("esperaba silencio, llegó " + what_came());
    }

    // What comes meanwhile is shown.
    void pause(Milliseconds time) {
        const auto until = Clock::now() + time;
        for (auto left = time; left > Milliseconds(0) && !ended_ && hear(left);)
            left = std::chrono::ceil<Milliseconds>(until - Clock::now());
        std::this_thread::sleep_until(until);
    }

    // At the end of all steps: whatever comes still.
    void listen_on(Milliseconds time) {
        while (!ended_ && hear(time)) {}
    }

private:
    using Clock = std::chrono::steady_clock;

    bool same(const std::string& bytes) const {
        return came_.compare(0, bytes.size(), bytes, 0, std::min(came_.size(), bytes.size())) == 0;
    }
    std::string what_came() const {
        if (!came_.empty()) return console::quoted(came_);
        return ended_ ? "el fin" : "nada";
    }

    sockets::Socket socket_;
    const bool datagrams_;
    std::string came_; // and was not expected yet
    bool ended_ = false;
};
