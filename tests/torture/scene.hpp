/// @file
/// @brief What the scenarios are made of: raw peers that are never tortured, and ways to go on after a failure.
#pragma once

#include <sockets/all.hpp>

#include "interpose.hpp"
#include "memory.hpp"
#include "scenario.hpp"

#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace torture {

using namespace sockets;
using std::chrono::milliseconds;

/// A limit that must not run out, and one that is meant to.
constexpr milliseconds patience(5000);
constexpr milliseconds soon(15);

/// Longer than std::string keeps in itself, so that it takes memory.
constexpr std::string_view message = "twenty bytes and more";

// --- torture on and off -------------------------------------------------------------------------------

/// From here on calls and memory may fail. What comes before prepares.
void begin();

/// They do not, as long as it lives: what a peer does is not what is looked at.
class Quiet {
public:
    Quiet() : calls_(torture_is_armed() != 0), memory_(memory::is_armed()) { set(false, false); }
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;
    ~Quiet() { set(calls_, memory_); }

private:
    static void set(bool calls, bool memory) {
        torture_arm(calls ? 1 : 0);
        memory::arm(memory);
    }

    bool calls_;
    bool memory_;
};

// --- looking at what came of it -----------------------------------------------------------------------

/// Thrown by check(): the scenario has seen something that must not be, whatever fails.
struct Wrong {
    const char* what;
};

inline void check(bool holds, const char* what) {
    if (!holds) throw Wrong{what};
}

/// What go_on() has met: the scenario ends with this Error, though it went on and came to its end.
struct Noted {
    bool is = false;
    int code = 0;
    char primitive[32] = "";
};
extern Noted noted;

int code_of(const Error& error);
void note(const Error& error);

/// Goes on after memory ran out: the same once more. If it stays so, memory comes back at last.
template <class Action>
auto keep_on(Action action) {
    for (int tries = 1;; ++tries) {
        try {
            return action();
        } catch (const std::bad_alloc&) {
            if (tries == 3) memory::come_back();
            check(tries <= 3, "out of memory though there is some");
        }
    }
}

/// The same after an Error of the call that was made to fail: nothing may be lost by it.
template <class Action>
auto go_on(Action action) {
    while (true) {
        try {
            return keep_on(action);
        } catch (const Error& error) {
            if (torture_has_failed() == 0 || noted.is) throw;
            note(error);
        }
    }
}

/// As a program asks a try_ method: waits, and asks again.
template <class Try, class Wait>
auto until(Try attempt, Wait wait) {
    while (true) {
        auto result = attempt();
        if (result) return *std::move(result);
        wait();
    }
}

// --- peers --------------------------------------------------------------------------------------------

/// A raw socket of the other side. Closes quietly.
class Peer {
public:
    explicit Peer(int handle = -1) : handle_(handle) {}
    Peer(Peer&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
    Peer& operator=(Peer&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Peer() { end(); }

    int handle() const { return handle_; }
    Address address() const;      ///< Its own.
    Address peer_address() const; ///< Ours.
    void say(std::string_view bytes) const;
    std::string hear(std::size_t size) const; ///< Exactly so much of a stream, or one datagram.
    std::string hear_all() const;             ///< What is there now.
    void end();                               ///< Closes.
    void finish() const;                      ///< Says no more.
    Peer take() const;                        ///< The next client of a listener.

private:
    int handle_;
};

Peer raw_listener(Family family = Family::ipv4, int backlog = 8);
Peer raw_datagram(Family family = Family::ipv4); ///< Bound to a port of the loopback.
Peer raw_client(const Address& server);          ///< Connected, without waiting for accept.
Peer nobody(Family family = Family::ipv4);       ///< Has an address, and does not listen there.
Address free_local_name();                       ///< An abstract one.

/// Two ends of a TCP connection, raw.
std::pair<int, Peer> raw_pair();

/// The same inside this machine, and full: who sends has to wait until the peer takes something, and no longer.
std::pair<int, Peer> full_pair();

/// A raw handle as one of the library's sockets.
template <class S>
S as(int handle) {
    return S(Socket::adopt(handle));
}
template <>
inline Socket as<Socket>(int handle) {
    return Socket::adopt(handle);
}

template <class S>
struct Connected {
    S ours;
    Peer peer;
};

template <class S>
Connected<S> connected() {
    auto [handle, peer] = raw_pair();
    return {as<S>(handle), std::move(peer)};
}

template <class S>
Connected<S> full() {
    auto [handle, peer] = full_pair();
    return {as<S>(handle), std::move(peer)};
}

/// A datagram socket and a raw one that knows its address and is known by it.
template <class S>
Connected<S> datagrams(bool connects = false);

/// Whether the system's socket blocks.
bool blocks(int handle);

/// Has @p action done, untortured, when a poll or epoll_wait begins that would last for @p least milliseconds, or before
/// @p call: the peer does something then.
template <class Action>
class Meanwhile {
public:
    explicit Meanwhile(Action action, int call = -1, long least = 1) : action_(std::move(action)) {
        torture_before(
            call, least, [](void* self) { static_cast<Meanwhile*>(self)->run(); }, this);
    }
    Meanwhile(const Meanwhile&) = delete;
    Meanwhile& operator=(const Meanwhile&) = delete;
    ~Meanwhile() { torture_before(-1, 0, nullptr, nullptr); }

private:
    void run() {
        const Quiet quiet;
        action_();
    }

    Action action_;
};

// --- the same scenario with several classes -----------------------------------------------------------

template <class S>
struct Kind {
    using Type = S;
};

template <class S>
constexpr const char* class_name = nullptr;
template <>
inline constexpr const char* class_name<Socket> = "Socket";
template <>
inline constexpr const char* class_name<TcpSocket> = "TcpSocket";
template <>
inline constexpr const char* class_name<TcpListener> = "TcpListener";
template <>
inline constexpr const char* class_name<UdpSocket> = "UdpSocket";

/// Adds a scenario whose body is called with Kind<Socket>() and so on.
template <class... Classes, class Body>
void with(Scenarios& all, const char* name, const char* subject, std::vector<const char*> uses, Body body,
          std::vector<Rule> rules = {}) {
    (all.push_back({std::string(name) + " (" + class_name<Classes> + ")", subject, uses,
                    [body] { body(Kind<Classes>()); }, rules}),
     ...);
}

} // namespace torture
