// SEND and RECEIVE on a connection: with and without a limit, everything or what there is, never waiting.

#include "scene.hpp"

#include <algorithm>

namespace torture {

namespace {

const void* bytes_of(std::string_view text) { return text.data(); }

/// What was sent came, and no more.
void check_sent(const Peer& peer, std::size_t count) {
    check(count >= 1 && count <= message.size(), "how many went?");
    check(peer.hear(count) == message.substr(0, count) && peer.hear_all().empty(), "not what was sent");
}

/// All of the message comes, in whatever pieces.
template <class Receive>
void check_received(Receive receive) {
    std::string bytes;
    while (bytes.size() < message.size()) {
        const std::string piece = receive(message.size() - bytes.size());
        check(!piece.empty(), "the end?");
        const Quiet quiet;
        bytes += piece;
    }
    check(bytes == message, "not what was sent");
}

/// A piece by a function that fills the caller's memory.
template <class Fill>
auto piece_by(Fill fill) {
    return [fill](std::size_t size) {
        char room[64];
        const std::size_t count = fill(room, size);
        const Quiet quiet;
        return std::string(room, count);
    };
}

const std::vector<Rule> not_now = {{"send", EAGAIN, same()}, {"recv*", EAGAIN, same()}};

void add_send(Scenarios& all) {
    with<Socket, TcpSocket>(all, "send: text", "send", {"Socket, TcpSocket::send(std::string_view)"},
                            [](auto kind) {
                                auto [ours, peer] = connected<typename decltype(kind)::Type>();
                                begin();
                                check_sent(peer, go_on([&, &one = ours] { return one.send(message); }));
                            });
    with<Socket, TcpSocket>(
        all, "send: memory", "send", {"Socket, TcpSocket::send(const void*, std::size_t)"}, [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            begin();
            check_sent(peer, go_on([&, &one = ours] { return one.send(bytes_of(message), message.size()); }));
        });
    with<Socket, TcpSocket>(all, "send_all: text", "send", {"Socket, TcpSocket::send_all(std::string_view)"},
                            [](auto kind) {
                                auto [ours, peer] = connected<typename decltype(kind)::Type>();
                                begin();
                                ours.send_all(message);
                                check_sent(peer, message.size());
                            });
    with<Socket, TcpSocket>(all, "send_all: memory", "send",
                            {"Socket, TcpSocket::send_all(const void*, std::size_t)"}, [](auto kind) {
                                auto [ours, peer] = connected<typename decltype(kind)::Type>();
                                begin();
                                ours.send_all(bytes_of(message), message.size());
                                check_sent(peer, message.size());
                            });
    with<Socket, TcpSocket>(all, "send: to a peer that has gone", "send", {}, [](auto kind) {
        auto [ours, peer] = connected<typename decltype(kind)::Type>();
        peer.end();
        begin();
        for (int i = 0; i < 1000; ++i) ours.send_all(message); // the reset comes at some time
    });
}

void add_send_waiting(Scenarios& all) {
    with<Socket, TcpSocket>(
        all, "send_all: waits, though set non-blocking", "send", {},
        [](auto kind) {
            auto [ours, peer] = full<typename decltype(kind)::Type>();
            ours.set_blocking(false);
            const Meanwhile meanwhile([&, &other = peer] { (void)other.hear_all(); });
            begin();
            ours.send_all(message);
        },
        not_now);
    with<Socket, TcpSocket>(
        all, "send: not now, on a socket set non-blocking", "send", {},
        [](auto kind) {
            auto [ours, peer] = full<typename decltype(kind)::Type>();
            ours.set_blocking(false);
            begin();
            (void)ours.send(message);
        },
        not_now);
    with<Socket, TcpSocket>(
        all, "try_send: text", "send", {"Socket, TcpSocket::try_send(std::string_view)"},
        [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            begin();
            check_sent(peer, go_on([&, &one = ours] {
                           return until([&] { return one.try_send(message); },
                                        [&] { (void)one.wait_writable(patience); });
                       }));
        },
        not_now);
    with<Socket, TcpSocket>(
        all, "try_send: memory, no room", "send", {"Socket, TcpSocket::try_send(const void*, std::size_t)"},
        [](auto kind) {
            auto [ours, peer] = full<typename decltype(kind)::Type>();
            begin();
            check(!ours.try_send(bytes_of(message), message.size()), "there was room");
        },
        not_now);
}

void add_recv(Scenarios& all) {
    with<Socket, TcpSocket>(
        all, "recv: text", "recv", {"Socket, TcpSocket::recv(std::size_t)"}, [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            peer.say(message);
            begin();
            check_received([&, &one = ours](std::size_t) { return go_on([&] { return one.recv(100); }); });
        });
    with<Socket, TcpSocket>(all, "recv: memory", "recv", {"Socket, TcpSocket::recv(void*, std::size_t)"},
                            [](auto kind) {
                                auto [ours, peer] = connected<typename decltype(kind)::Type>();
                                peer.say(message);
                                begin();
                                check_received(piece_by([&, &one = ours](char* room, std::size_t size) {
                                    return go_on([&] { return one.recv(room, size); });
                                }));
                            });
    with<Socket, TcpSocket>(all, "recv: the end", "recv", {}, [](auto kind) {
        auto [ours, peer] = connected<typename decltype(kind)::Type>();
        peer.finish();
        begin();
        check(go_on([&, &one = ours] { return one.recv(100); }).empty(), "not the end");
    });
    with<Socket, TcpSocket>(
        all, "recv_exactly: text", "recv", {"Socket, TcpSocket::recv_exactly(std::size_t)"}, [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            peer.say(message);
            begin();
            const std::string bytes = keep_on([&, &one = ours] { return one.recv_exactly(message.size()); });
            check(bytes == message, "not what was sent");
        });
    with<Socket, TcpSocket>(all, "recv_exactly: memory", "recv",
                            {"Socket, TcpSocket::recv_exactly(void*, std::size_t)"}, [](auto kind) {
                                auto [ours, peer] = connected<typename decltype(kind)::Type>();
                                peer.say(message);
                                char room[64];
                                begin();
                                ours.recv_exactly(room, message.size());
                                check(std::string_view(room, message.size()) == message, "not what was sent");
                            });
    with<Socket, TcpSocket>(all, "recv_exactly: the end between two messages", "recv", {}, [](auto kind) {
        auto [ours, peer] = connected<typename decltype(kind)::Type>();
        peer.say(message);
        peer.finish();
        begin();
        check(keep_on([&, &one = ours] { return one.recv_exactly(message.size()); }) == message, "not all");
        (void)ours.recv_exactly(message.size());
    });
    with<Socket, TcpSocket>(all, "recv_exactly: cut by the end", "recv", {}, [](auto kind) {
        auto [ours, peer] = connected<typename decltype(kind)::Type>();
        peer.say("half of it");
        peer.finish();
        begin();
        (void)ours.recv_exactly(message.size());
    });
}

void add_recv_now(Scenarios& all) {
    with<Socket, TcpSocket>(
        all, "recv: not now, on a socket set non-blocking", "recv", {},
        [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            ours.set_blocking(false);
            begin();
            (void)ours.recv(100);
        },
        not_now);
    with<Socket, TcpSocket>(
        all, "try_recv: text", "recv", {"Socket, TcpSocket::try_recv(std::size_t)"},
        [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            peer.say(message);
            begin();
            check_received([&, &one = ours](std::size_t) {
                return go_on([&] {
                    return until([&] { return one.try_recv(100); },
                                 [&] { (void)one.wait_readable(patience); });
                });
            });
        },
        not_now);
    with<Socket, TcpSocket>(
        all, "try_recv: memory, nothing", "recv", {"Socket, TcpSocket::try_recv(void*, std::size_t)"},
        [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            char room[8];
            begin();
            check(!ours.try_recv(room, sizeof room), "something came");
        },
        not_now);
}

} // namespace

void add_streams(Scenarios& all) {
    add_send(all);
    add_send_waiting(all);
    add_recv(all);
    add_recv_now(all);
}

// --- with a limit -------------------------------------------------------------------------------------

namespace {

void add_send_limits(Scenarios& all) {
    with<Socket, TcpSocket>(
        all, "send: in time", "send", {"Socket, TcpSocket::set_send_timeout(milliseconds)"},
        [](auto kind) {
            auto [ours, peer] = full<typename decltype(kind)::Type>();
            ours.set_send_timeout(patience);
            const Meanwhile meanwhile([&, &other = peer] { (void)other.hear_all(); });
            begin();
            const std::size_t count = ours.send(message);
            check(count >= 1 && count <= message.size(), "how many went?");
        },
        not_now);
    with<Socket, TcpSocket>(
        all, "send: no room in time", "send", {},
        [](auto kind) {
            auto [ours, peer] = full<typename decltype(kind)::Type>();
            ours.set_send_timeout(soon);
            begin();
            (void)ours.send(message);
        },
        not_now);
    with<Socket, TcpSocket>(
        all, "send_all: in time", "send", {},
        [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            ours.set_send_timeout(patience);
            begin();
            ours.send_all(message);
            check_sent(peer, message.size());
        },
        not_now);
    with<Socket, TcpSocket>(
        all, "send_all: no room in time", "send", {},
        [](auto kind) {
            auto [ours, peer] = full<typename decltype(kind)::Type>();
            ours.set_send_timeout(soon);
            begin();
            ours.send_all(message);
        },
        not_now);
}

void add_recv_limits(Scenarios& all) {
    with<Socket, TcpSocket>(
        all, "recv: in time", "recv", {"Socket, TcpSocket::set_recv_timeout(milliseconds)"},
        [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            ours.set_recv_timeout(patience);
            const Meanwhile meanwhile([&, &other = peer] { other.say(message); });
            begin();
            check_received([&, &one = ours](std::size_t) { return keep_on([&] { return one.recv(100); }); });
        },
        not_now);
    with<Socket, TcpSocket>(
        all, "recv: nothing in time, then it comes", "recv", {},
        [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            ours.set_recv_timeout(soon);
            begin();
            try {
                (void)keep_on([&, &one = ours] { return one.recv(100); });
                check(false, "something came");
            } catch (const Error& error) {
                if (error.code() != std::errc::timed_out) throw;
            }
            {
                const Quiet quiet;
                peer.say(message);
                ours.set_recv_timeout(patience);
            }
            check_received([&, &one = ours](std::size_t) { return go_on([&] { return one.recv(100); }); });
        },
        {{"recv*", EAGAIN, same()}, {"recv*", ETIMEDOUT, may_fail("recv")}});
    with<Socket, TcpSocket>(
        all, "recv with a limit: it comes", "recv", {"Socket, TcpSocket::recv(std::size_t, milliseconds)"},
        [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            const Meanwhile meanwhile([&, &other = peer] { other.say(message); });
            begin();
            check_received([&, &one = ours](std::size_t) {
                return go_on([&] {
                    auto bytes = one.recv(100, patience);
                    check(bytes.has_value(), "nothing came");
                    return *std::move(bytes);
                });
            });
        },
        not_now);
    with<Socket, TcpSocket>(
        all, "recv with a limit: nothing, then it comes, then the end", "recv", {},
        [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            begin();
            check(!go_on([&, &one = ours] { return one.recv(100, soon); }), "something came");
            peer.say(message);
            peer.finish();
            const auto next = [&, &one = ours] { return go_on([&] { return *one.recv(7, patience); }); };
            check_received([&](std::size_t) { return next(); });
            check(next().empty(), "not the end");
        },
        not_now);
    with<Socket, TcpSocket>(
        all, "recv_exactly: in time", "recv", {},
        [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            ours.set_recv_timeout(patience);
            peer.say(message.substr(0, 5));
            const Meanwhile meanwhile([&, &other = peer] { other.say(message.substr(5)); });
            begin();
            check(ours.recv_exactly(message.size()) == message, "not what was sent");
        },
        not_now);
    with<Socket, TcpSocket>(
        all, "recv_exactly: not all in time", "recv", {},
        [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            ours.set_recv_timeout(soon);
            peer.say("half of it");
            begin();
            (void)ours.recv_exactly(message.size());
        },
        not_now);
}

void add_waits(Scenarios& all) {
    with<Socket, TcpSocket, TcpListener, UdpSocket>(
        all, "wait_readable: nothing comes", "wait_readable",
        {"Socket, TcpSocket, TcpListener, UdpSocket::wait_readable(milliseconds)"}, [](auto kind) {
            using S = typename decltype(kind)::Type;
            const Peer raw = std::is_same_v<S, UdpSocket> ? raw_datagram() : raw_listener();
            const S socket = as<S>(::dup(raw.handle()));
            begin();
            check(!socket.wait_readable(soon), "something came");
        });
    with<Socket, TcpSocket>(all, "wait_readable: something comes", "wait_readable", {}, [](auto kind) {
        auto [ours, peer] = connected<typename decltype(kind)::Type>();
        const Meanwhile meanwhile([&, &other = peer] { other.say(message); });
        begin();
        check(ours.wait_readable(patience), "nothing came");
    });
    with<Socket, TcpSocket>(all, "wait_writable", "wait_writable",
                            {"Socket, TcpSocket::wait_writable(milliseconds)"}, [](auto kind) {
                                auto [ours, peer] = connected<typename decltype(kind)::Type>();
                                auto [other, reader] = full<typename decltype(kind)::Type>();
                                begin();
                                check(ours.wait_writable(patience), "no room");
                                check(!other.wait_writable(milliseconds(0)), "there is room");
                            });
    with<UdpSocket>(all, "wait_writable", "wait_writable", {"UdpSocket::wait_writable(milliseconds)"},
                    [](auto kind) {
                        const typename decltype(kind)::Type socket;
                        begin();
                        check(socket.wait_writable(patience), "no room");
                    });
}

} // namespace

void add_limits(Scenarios& all) {
    add_send_limits(all);
    add_recv_limits(all);
    add_waits(all);
}

} // namespace torture
