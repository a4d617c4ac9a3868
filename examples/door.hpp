// A listener in a Selector. Without a handle left ACCEPT fails, who comes stays in the queue, and
// SELECT would say so again and again: then the door is closed, for a second or until somebody
// leaves.
#pragma once

#include <sockets/selector.hpp>
#include <sockets/tcp.hpp>

#include <chrono>

class Door {
public:
    Door(sockets::TcpListener& listener, sockets::Selector& selector)
        : listener_(listener), selector_(selector) {
        selector_.add(listener_);
    }

    void close() {
        opens_again_ = Clock::now() + std::chrono::seconds(1);
        if (open_) selector_.remove(listener_);
        open_ = false;
    }

    void open() {
        if (!open_) selector_.add(listener_);
        open_ = true;
    }

    // At every turn.
    void look_at_the_clock() {
        if (Clock::now() > opens_again_) open();
    }

    // How long SELECT may wait.
    std::chrono::milliseconds patience() const {
        return open_ ? sockets::Selector::milliseconds::max() : std::chrono::seconds(1);
    }

private:
    using Clock = std::chrono::steady_clock;

    sockets::TcpListener& listener_;
    sockets::Selector& selector_;
    bool open_ = true;
    Clock::time_point opens_again_;
};
