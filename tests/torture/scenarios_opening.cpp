// SOCKET, BIND, LISTEN, CLOSE, SHUTDOWN: what makes and ends a socket.

#include "scene.hpp"

namespace torture {

namespace {

void add_socket(Scenarios& all) {
    all.push_back({"socket: by family and type",
                   "socket",
                   {"Socket::Socket(Family, Type, int)", "Socket::is_open()", "Socket::native_handle()"},
                   [] {
                       begin();
                       const Socket socket(Family::ipv4, Type::stream);
                       check(socket.is_open() && socket.native_handle() >= 0, "not open");
                   }});
    const std::vector<const char*> uses = {"TcpSocket, TcpListener, UdpSocket::*(Family)",
                                           "TcpSocket, TcpListener, UdpSocket::is_open()",
                                           "TcpSocket, TcpListener, UdpSocket::native_handle()"};
    with<TcpSocket, TcpListener, UdpSocket>(all, "socket: by family", "socket", uses, [](auto kind) {
        begin();
        const typename decltype(kind)::Type socket(Family::ipv4);
        check(socket.is_open() && socket.native_handle() >= 0, "not open");
    });
    with<TcpSocket, TcpListener, UdpSocket>(all, "socket: IPv6 alone", "socket", uses, [](auto kind) {
        begin();
        const typename decltype(kind)::Type socket(Family::ipv6);
        check(socket.template option<int>(IPPROTO_IPV6, IPV6_V6ONLY) != 0, "IPv4 too");
    });
    for (std::size_t i = all.size() - 3; i < all.size(); ++i) {
        all[i].needs = Needs::ipv6;
        all[i].rules = {{"getsockopt", EINTR, may_fail("option")}, {"getsockopt", 0, fails("option")}};
    }
}

void add_bind(Scenarios& all) {
    with<Socket, TcpListener, UdpSocket>(
        all, "bind", "bind", {"Socket, TcpListener, UdpSocket::bind(const Address&)"}, [](auto kind) {
            typename decltype(kind)::Type socket = [] {
                if constexpr (std::is_same_v<decltype(kind), Kind<Socket>>)
                    return Socket(Family::ipv4, Type::stream);
                else return typename decltype(kind)::Type();
            }();
            const Address local = Address::loopback(0);
            begin();
            go_on([&] { socket.bind(local); });
            const Quiet quiet;
            check(socket.local_address().port() != 0, "not bound");
        });
    all.push_back({"bind: a path", "bind", {}, [] {
                       Socket socket(Family::local, Type::datagram);
                       const Address local = free_local_name();
                       begin();
                       go_on([&] { socket.bind(local); });
                   }});
    all.push_back({"bind: in use", "bind", {}, [] {
                       const Peer other = raw_listener();
                       UdpSocket udp;
                       Socket socket(Family::ipv4, Type::stream);
                       const Address local = other.address();
                       begin();
                       socket.bind(local);
                   }});
}

void add_listen(Scenarios& all) {
    with<Socket, TcpListener>(all, "listen", "listen", {"Socket, TcpListener::listen(int)"}, [](auto kind) {
        const Peer raw = nobody();
        auto server = as<typename decltype(kind)::Type>(::dup(raw.handle()));
        begin();
        go_on([&] { server.listen(); });
        raw_client(raw.address());
    });
}

/// What a closed socket is, whatever close() said.
template <class S>
void close_it(S& socket) {
    begin();
    try {
        socket.close();
    } catch (const Error&) {
        check(!socket.is_open(), "open after close");
        throw;
    }
    check(!socket.is_open(), "open after close");
    socket.close(); // does nothing
}

void add_close(Scenarios& all) {
    const std::vector<Rule> rules = {{"close", EINTR, same()}, {"close", 0, fails("close")}};
    with<Socket, TcpSocket>(
        all, "close", "close", {"Socket, TcpSocket::close()"},
        [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            close_it(ours);
            check(peer.hear(1).empty(), "the peer has not heard of the end");
        },
        rules);
    with<TcpListener, UdpSocket>(
        all, "close", "close", {"TcpListener, UdpSocket::close()"},
        [](auto kind) {
            typename decltype(kind)::Type socket;
            close_it(socket);
        },
        rules);
    all.push_back({"close: by the destructor", "close", {}, [] {
                       auto [ours, peer] = connected<TcpSocket>();
                       begin();
                       { const TcpSocket end = std::move(ours); }
                       check(peer.hear(1).empty(), "the peer has not heard of the end");
                   }});
    all.push_back({"close: by moving another one there",
                   "close",
                   {"Socket::operator=(Socket&&)", "Socket::Socket(Socket&&)"},
                   [] {
                       auto [ours, peer] = connected<Socket>();
                       Socket other(Family::ipv4, Type::datagram);
                       begin();
                       Socket moved(std::move(other));
                       ours = std::move(moved);
                       check(peer.hear(1).empty() && ours.is_open() && !moved.is_open(), "not moved");
                   }});
}

void add_shutdown(Scenarios& all) {
    with<Socket, TcpSocket>(all, "shutdown", "shutdown", {"Socket, TcpSocket::shutdown(Shutdown)"},
                            [](auto kind) {
                                auto [ours, peer] = connected<typename decltype(kind)::Type>();
                                begin();
                                go_on([&] { ours.shutdown(); });
                                check(peer.hear(1).empty(), "the peer has not heard of the end");
                                peer.say("x");
                                const Quiet quiet;
                                check(ours.recv(1) == "x", "the other direction too");
                            });
    all.push_back({"shutdown: both, and on nobody", "shutdown", {}, [] {
                       TcpSocket socket;
                       begin();
                       socket.shutdown(Shutdown::both);
                   }});
}

void add_servers(Scenarios& all) {
    const auto works = [](const auto& server) {
        const Quiet quiet;
        const int port = server.local_address().port();
        raw_client(Address::loopback(port));
    };
    all.push_back({"TcpListener: host and port",
                   "socket",
                   {"TcpListener::TcpListener(const std::string&, int)"},
                   [works] {
                       begin();
                       works(TcpListener("127.0.0.1", 0));
                   }});
    all.push_back({"TcpListener: host, port and backlog",
                   "socket",
                   {"TcpListener::TcpListener(const std::string&, int, int)"},
                   [works] {
                       begin();
                       works(TcpListener("127.0.0.1", 0, 5));
                   }});
    all.push_back(
        {"TcpListener: an address", "socket", {"TcpListener::TcpListener(const Address&, int)"}, [works] {
             begin();
             works(TcpListener(Address::loopback(0), 5));
         }});
    // What says that there is no IPv6, or not with IPv4 on one socket, leaves IPv4 alone.
    all.push_back({"TcpListener: a port",
                   "socket",
                   {"TcpListener::TcpListener(int, int)"},
                   [works] {
                       begin();
                       works(TcpListener(0));
                   },
                   {{"socket", EAFNOSUPPORT, same()},
                    {"socket", EPROTONOSUPPORT, same()},
                    {"socket", EINVAL, may_fail("socket")},
                    {"bind", EADDRNOTAVAIL, same()},
                    {"bind", EINVAL, may_fail("bind")},
                    {"setsockopt", ENOPROTOOPT, same()},
                    {"setsockopt", EINVAL, may_fail("set_option")},
                    {"fcntl", EINVAL, may_fail("socket")},
                    {"setsockopt", 0, may_fail("set_option")}}, // one more time than needed does no harm
                   Needs::ipv6});
    all.push_back({"TcpListener: from a socket", "listen", {"TcpListener::TcpListener(Socket)"}, [works] {
                       Socket socket = Socket::adopt(::dup(raw_listener().handle()));
                       begin();
                       works(TcpListener(std::move(socket)));
                   }});
}

void add_pair(Scenarios& all) {
    all.push_back({"pair", "pair", {"Socket::pair()"}, [] {
                       begin();
                       auto [one, other] = go_on([] { return Socket::pair(); });
                       check(blocks(one.native_handle()) && blocks(other.native_handle()), "does not block");
                       const Quiet quiet;
                       one.send_all(message);
                       check(other.recv_exactly(message.size()) == message, "not what was sent");
                       other.send_all("x");
                       check(one.recv(1) == "x", "the other direction too");
                   }});
}

void add_other_ways(Scenarios& all) {
    all.push_back({"TcpSocket: from a socket", "socket", {"TcpSocket::TcpSocket(Socket)"}, [] {
                       auto [ours, peer] = connected<Socket>();
                       begin();
                       const TcpSocket tcp(std::move(ours));
                       check(tcp.is_open(), "not open");
                   }});
    all.push_back({"TcpSocket: from a socket of the wrong type", "socket", {}, [] {
                       Socket socket(Family::ipv4, Type::datagram);
                       begin();
                       const TcpSocket tcp(std::move(socket));
                   }});
    all.push_back({"UdpSocket: from a socket", "socket", {"UdpSocket::UdpSocket(Socket)"}, [] {
                       Socket socket(Family::ipv4, Type::datagram);
                       begin();
                       const UdpSocket udp(std::move(socket));
                       check(udp.is_open(), "not open");
                   }});
    all.push_back({"UdpSocket: an address", "socket", {"UdpSocket::UdpSocket(const Address&)"}, [] {
                       begin();
                       const UdpSocket udp(Address::loopback(0));
                       const Quiet quiet;
                       check(udp.local_address().port() != 0, "not bound");
                   }});
    all.push_back({"UdpSocket: a port", "socket", {"UdpSocket::UdpSocket(int)"}, [] {
                       begin();
                       const UdpSocket udp(0);
                       const Quiet quiet;
                       check(udp.local_address().port() != 0, "not bound");
                   }});
}

} // namespace

void add_opening(Scenarios& all) {
    add_socket(all);
    add_bind(all);
    add_listen(all);
    add_close(all);
    add_shutdown(all);
    add_servers(all);
    add_pair(all);
    add_other_ways(all);
}

} // namespace torture
