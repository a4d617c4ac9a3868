// SEND and RECEIVE of datagrams, each with its address.

#include "scene.hpp"

namespace torture {

namespace {

const std::vector<Rule> not_now = {{"send*", EAGAIN, same()}, {"recv*", EAGAIN, same()}};

const void* bytes_of(std::string_view text) { return text.data(); }

/// It came once, and whole.
void check_sent(const Peer& peer, std::size_t count) {
    check(count == message.size(), "how many went?");
    check(peer.hear(100) == message && peer.hear_all().empty(), "not what was sent");
}

void add_send_to(Scenarios& all) {
    with<Socket, UdpSocket>(all, "send_to: text", "send_to",
                            {"Socket, UdpSocket::send_to(std::string_view, const Address&)"}, [](auto kind) {
                                auto [ours, peer] = datagrams<typename decltype(kind)::Type>();
                                const Address to = peer.address();
                                begin();
                                check_sent(peer,
                                           go_on([&, &one = ours] { return one.send_to(message, to); }));
                            });
    with<Socket, UdpSocket>(
        all, "send_to: memory, in time", "send_to",
        {"Socket, UdpSocket::send_to(const void*, std::size_t, const Address&)",
         "UdpSocket::set_send_timeout(milliseconds)"},
        [](auto kind) {
            auto [ours, peer] = datagrams<typename decltype(kind)::Type>();
            const Address to = peer.address();
            ours.set_send_timeout(patience);
            begin();
            check_sent(
                peer, go_on([&, &one = ours] { return one.send_to(bytes_of(message), message.size(), to); }));
        },
        not_now);
    with<Socket, UdpSocket>(
        all, "try_send_to: text", "send_to",
        {"Socket, UdpSocket::try_send_to(std::string_view, const Address&)"},
        [](auto kind) {
            auto [ours, peer] = datagrams<typename decltype(kind)::Type>();
            const Address to = peer.address();
            begin();
            check_sent(peer, go_on([&, &one = ours] {
                           return until([&] { return one.try_send_to(message, to); },
                                        [&] { (void)one.wait_writable(patience); });
                       }));
        },
        not_now);
    with<Socket, UdpSocket>(
        all, "try_send_to: memory", "send_to",
        {"Socket, UdpSocket::try_send_to(const void*, std::size_t, const Address&)"},
        [](auto kind) {
            auto [ours, peer] = datagrams<typename decltype(kind)::Type>();
            const Address to = peer.address();
            begin();
            check_sent(
                peer,
                until([&, &one = ours] { return one.try_send_to(bytes_of(message), message.size(), to); },
                      [] {}));
        },
        not_now);
}

void add_recv_from(Scenarios& all) {
    with<Socket, UdpSocket>(
        all, "recv_from: text", "recv_from", {"Socket, UdpSocket::recv_from(std::size_t)"}, [](auto kind) {
            auto [ours, peer] = datagrams<typename decltype(kind)::Type>();
            peer.say(message);
            begin();
            const Datagram datagram = go_on([&, &one = ours] { return one.recv_from(); });
            check(datagram.data == message && datagram.sender == peer.address(), "not what was sent");
        });
    with<Socket, UdpSocket>(
        all, "recv_from: memory, in time", "recv_from",
        {"Socket, UdpSocket::recv_from(void*, std::size_t, Address&)",
         "UdpSocket::set_recv_timeout(milliseconds)"},
        [](auto kind) {
            auto [ours, peer] = datagrams<typename decltype(kind)::Type>();
            ours.set_recv_timeout(patience);
            const Meanwhile meanwhile([&, &other = peer] { other.say(message); });
            char room[64];
            Address sender;
            begin();
            const std::size_t count = ours.recv_from(room, sizeof room, sender);
            check(std::string_view(room, count) == message && sender == peer.address(), "not what was sent");
        },
        not_now);
    with<Socket, UdpSocket>(
        all, "recv_from: nothing in time", "recv_from", {},
        [](auto kind) {
            auto [ours, peer] = datagrams<typename decltype(kind)::Type>();
            ours.set_recv_timeout(soon);
            begin();
            (void)ours.recv_from(100);
        },
        not_now);
    with<Socket, UdpSocket>(all, "recv_from: longer than there is room", "recv_from", {}, [](auto kind) {
        auto [ours, peer] = datagrams<typename decltype(kind)::Type>();
        peer.say(message);
        begin();
        (void)ours.recv_from(5); // it is lost
    });
}

void add_recv_in_time(Scenarios& all) {
    with<Socket, UdpSocket>(
        all, "recv_from with a limit: it comes", "recv_from",
        {"Socket, UdpSocket::recv_from(std::size_t, milliseconds)"},
        [](auto kind) {
            auto [ours, peer] = datagrams<typename decltype(kind)::Type>();
            const Meanwhile meanwhile([&, &other = peer] { other.say(message); });
            begin();
            const auto datagram = go_on([&, &one = ours] { return one.recv_from(100, patience); });
            check(datagram && datagram->data == message && datagram->sender == peer.address(),
                  "not what was sent");
        },
        not_now);
    with<Socket, UdpSocket>(
        all, "recv_from with a limit: nothing, then it comes", "recv_from",
        {"Socket, UdpSocket::recv_from(milliseconds)"},
        [](auto kind) {
            auto [ours, peer] = datagrams<typename decltype(kind)::Type>();
            begin();
            check(!go_on([&, &one = ours] { return one.recv_from(soon); }), "something came");
            peer.say(message);
            const auto datagram = go_on([&, &one = ours] { return one.recv_from(patience); });
            check(datagram && datagram->data == message && datagram->sender == peer.address(),
                  "not what was sent");
        },
        not_now);
    with<UdpSocket>(
        all, "recv with a limit: a datagram", "recv", {"UdpSocket::recv(std::size_t, milliseconds)"},
        [](auto) {
            auto [ours, peer] = datagrams<UdpSocket>(true);
            const Meanwhile meanwhile([&, &other = peer] { other.say(message); });
            begin();
            check(go_on([&, &one = ours] { return one.recv(100, patience); }) == message,
                  "not what was sent");
            check(!ours.recv(100, milliseconds(0)), "something came");
        },
        not_now);
}

void add_try_recv_from(Scenarios& all) {
    with<Socket, UdpSocket>(
        all, "try_recv_from: text", "recv_from", {"Socket, UdpSocket::try_recv_from(std::size_t)"},
        [](auto kind) {
            auto [ours, peer] = datagrams<typename decltype(kind)::Type>();
            peer.say(message);
            begin();
            const Datagram datagram = go_on([&, &one = ours] {
                return until([&] { return one.try_recv_from(); }, [&] { (void)one.wait_readable(patience); });
            });
            check(datagram.data == message && datagram.sender == peer.address(), "not what was sent");
        },
        not_now);
    with<Socket, UdpSocket>(
        all, "try_recv_from: memory, nothing", "recv_from",
        {"Socket, UdpSocket::try_recv_from(void*, std::size_t, Address&)"},
        [](auto kind) {
            auto [ours, peer] = datagrams<typename decltype(kind)::Type>();
            char room[64];
            Address sender;
            begin();
            check(!ours.try_recv_from(room, sizeof room, sender), "something came");
        },
        not_now);
}

/// With a fixed peer a datagram socket has send and recv too.
void add_connected(Scenarios& all) {
    with<UdpSocket>(
        all, "send: a datagram", "send",
        {"UdpSocket::send(std::string_view)", "UdpSocket::send(const void*, std::size_t)"}, [](auto) {
            auto [ours, peer] = datagrams<UdpSocket>(true);
            begin();
            check_sent(peer, go_on([&, &one = ours] { return one.send(message); }));
            check_sent(peer, go_on([&, &one = ours] { return one.send(bytes_of(message), message.size()); }));
        });
    with<UdpSocket>(
        all, "try_send: a datagram", "send",
        {"UdpSocket::try_send(std::string_view)", "UdpSocket::try_send(const void*, std::size_t)"},
        [](auto) {
            auto [ours, peer] = datagrams<UdpSocket>(true);
            begin();
            check_sent(peer, until([&, &one = ours] { return one.try_send(message); }, [] {}));
            check_sent(
                peer,
                until([&, &one = ours] { return one.try_send(bytes_of(message), message.size()); }, [] {}));
        },
        not_now);
    with<UdpSocket>(all, "recv: a datagram", "recv",
                    {"UdpSocket::recv(std::size_t)", "UdpSocket::recv(void*, std::size_t)"}, [](auto) {
                        auto [ours, peer] = datagrams<UdpSocket>(true);
                        peer.say(message);
                        peer.say(message);
                        char room[64];
                        begin();
                        check(go_on([&, &one = ours] { return one.recv(100); }) == message, "the first?");
                        const std::size_t count =
                            go_on([&, &one = ours] { return one.recv(room, sizeof room); });
                        check(std::string_view(room, count) == message, "the second?");
                    });
    with<UdpSocket>(
        all, "try_recv: a datagram", "recv",
        {"UdpSocket::try_recv(std::size_t)", "UdpSocket::try_recv(void*, std::size_t)"},
        [](auto) {
            auto [ours, peer] = datagrams<UdpSocket>(true);
            peer.say(message);
            peer.say(message);
            char room[64];
            begin();
            const auto wait = [&, &one = ours] { (void)one.wait_readable(patience); };
            check(go_on([&, &one = ours] { return until([&] { return one.try_recv(100); }, wait); }) ==
                      message,
                  "the first?");
            const std::size_t count = go_on(
                [&, &one = ours] { return until([&] { return one.try_recv(room, sizeof room); }, wait); });
            check(std::string_view(room, count) == message, "the second?");
        },
        not_now);
}

/// A local one whose receiver has no room tells nobody when it has some again.
void add_local(Scenarios& all) {
    all.push_back({"send_to: a path without room, in time",
                   "send_to",
                   {},
                   [] {
                       const Peer peer = raw_datagram(Family::local);
                       const Address to = peer.address();
                       Socket ours(Family::local, Type::datagram);
                       ours.set_send_timeout(soon);
                       while (ours.try_send_to(message, to)) {}
                       begin();
                       (void)ours.send_to(message, to);
                   },
                   not_now});
    all.push_back({"recv_from: a path", "recv_from", {}, [] {
                       const Peer raw = raw_datagram(Family::local);
                       const Address to = raw.address();
                       Socket ours = Socket::adopt(::dup(raw.handle()));
                       Socket nameless(Family::local, Type::datagram);
                       nameless.send_to(message, to);
                       begin();
                       const Datagram datagram = go_on([&] { return ours.recv_from(); });
                       check(datagram.data == message && datagram.sender == Address(), "not what was sent");
                   }});
}

/// Joined twice is an Error of its own, and so is left twice: by that it is seen.
template <class Action>
bool says(std::errc reason, Action action) {
    const Quiet quiet;
    try {
        action();
        return false;
    } catch (const Error& error) {
        return error.code() == reason;
    }
}

const std::vector<Rule> membership = {{"setsockopt", EINTR, may_fail("join|leave")},
                                      {"setsockopt", 0, fails("join|leave")}};

void join_and_leave(UdpSocket& socket, const Address& group, const Address& local) {
    begin();
    go_on([&] { socket.join(group, local); });
    check(says(std::errc::address_in_use, [&] { socket.join(group, local); }), "not joined");
    go_on([&] { socket.leave(group, local); });
    check(says(std::errc::address_not_available, [&] { socket.leave(group, local); }), "not left");
}

void add_groups(Scenarios& all) {
    all.push_back({"join, leave",
                   "join",
                   {"UdpSocket::join(const Address&, const Address&)",
                    "UdpSocket::leave(const Address&, const Address&)"},
                   [] {
                       const Address group("239.1.2.3", 0);
                       UdpSocket socket(0);
                       join_and_leave(socket, group, Address::loopback(0));
                   },
                   membership});
    all.push_back({"join, leave: IPv6",
                   "join",
                   {},
                   [] {
                       const Address group("ff02::1:2:3%lo", 0, Family::ipv6);
                       UdpSocket socket(Family::ipv6);
                       join_and_leave(socket, group, Address());
                   },
                   membership,
                   Needs::ipv6});
    all.push_back({"join: no group", "join", {}, [] {
                       UdpSocket socket(0);
                       begin();
                       socket.join(Address::loopback(0));
                   }});
}

} // namespace

void add_datagrams(Scenarios& all) {
    add_send_to(all);
    add_recv_from(all);
    add_recv_in_time(all);
    add_try_recv_from(all);
    add_connected(all);
    add_local(all);
    add_groups(all);
}

} // namespace torture
