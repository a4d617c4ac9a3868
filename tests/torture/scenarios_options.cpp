// Where a socket is, how it behaves, and the system's socket underneath.

#include "scene.hpp"

#include <type_traits>

namespace torture {

namespace {

/// Any of the four, open.
template <class S>
S any_socket() {
    if constexpr (std::is_same_v<S, Socket>) return Socket(Family::ipv4, Type::stream);
    else return S();
}

const std::vector<Rule> own_address = {{"getsockname", EINTR, may_fail("local_address")},
                                       {"getsockname", 0, fails("local_address")}};
const std::vector<Rule> peers_address = {{"getpeername", EINTR, may_fail("remote_address")},
                                         {"getpeername", 0, fails("remote_address")}};

void add_addresses(Scenarios& all) {
    with<Socket, TcpListener, UdpSocket>(
        all, "local_address", "local_address", {"Socket, TcpListener, UdpSocket::local_address()"},
        [](auto kind) {
            const Peer raw =
                std::is_same_v<decltype(kind), Kind<UdpSocket>> ? raw_datagram() : raw_listener();
            const auto socket = as<typename decltype(kind)::Type>(::dup(raw.handle()));
            begin();
            check(go_on([&] { return socket.local_address(); }) == raw.address(), "another address");
        },
        own_address);
    with<TcpSocket>(
        all, "local_address", "local_address", {"TcpSocket::local_address()"},
        [](auto) {
            auto [ours, peer] = connected<TcpSocket>();
            begin();
            check(ours.local_address() == peer.peer_address(), "another address");
        },
        own_address);
    with<Socket, TcpSocket>(
        all, "remote_address", "remote_address", {"Socket, TcpSocket::remote_address()"},
        [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            begin();
            check(ours.remote_address() == peer.address(), "another address");
        },
        peers_address);
    with<UdpSocket>(
        all, "remote_address", "remote_address", {"UdpSocket::remote_address()"},
        [](auto) {
            auto [ours, peer] = datagrams<UdpSocket>(true);
            begin();
            check(ours.remote_address() == peer.address(), "another address");
        },
        peers_address);
    with<TcpSocket>(
        all, "remote_address: not connected", "remote_address", {},
        [](auto) {
            const TcpSocket socket;
            begin();
            (void)socket.remote_address();
        },
        peers_address);
}

void add_options_of_their_own(Scenarios& all) {
    with<Socket, TcpListener, UdpSocket>(
        all, "set_reuse_address", "set_option", {"Socket, TcpListener, UdpSocket::set_reuse_address(bool)"},
        [](auto kind) {
            auto socket = any_socket<typename decltype(kind)::Type>();
            begin();
            go_on([&] { socket.set_reuse_address(true); });
            const Quiet quiet;
            check(socket.template option<bool>(SOL_SOCKET, SO_REUSEADDR), "not set");
        });
    with<Socket, TcpSocket>(all, "set_no_delay", "set_option", {"Socket, TcpSocket::set_no_delay(bool)"},
                            [](auto kind) {
                                auto socket = any_socket<typename decltype(kind)::Type>();
                                begin();
                                go_on([&] { socket.set_no_delay(true); });
                                const Quiet quiet;
                                check(socket.template option<bool>(IPPROTO_TCP, TCP_NODELAY), "not set");
                            });
    with<Socket, UdpSocket>(all, "set_broadcast", "set_option", {"Socket, UdpSocket::set_broadcast(bool)"},
                            [](auto kind) {
                                auto socket = any_socket<typename decltype(kind)::Type>();
                                begin();
                                go_on([&] { socket.set_broadcast(true); });
                                const Quiet quiet;
                                check(socket.template option<bool>(SOL_SOCKET, SO_BROADCAST), "not set");
                            });
    const std::vector<const char*> uses = {
        "Socket, TcpSocket, TcpListener, UdpSocket::set_option(int, int, const T&)",
        "Socket, TcpSocket, TcpListener, UdpSocket::option(int, int)"};
    with<Socket, TcpSocket, TcpListener, UdpSocket>(all, "set_option, option", "option", uses, [](auto kind) {
        auto socket = any_socket<typename decltype(kind)::Type>();
        const linger set = {1, 5};
        begin();
        socket.set_option(SOL_SOCKET, SO_LINGER, set);
        check(socket.template option<linger>(SOL_SOCKET, SO_LINGER).l_linger == 5, "not set");
    });
}

void add_modes(Scenarios& all) {
    with<Socket, TcpSocket, TcpListener, UdpSocket>(
        all, "set_blocking", "set_blocking",
        {"Socket, TcpSocket, TcpListener, UdpSocket::set_blocking(bool)"}, [](auto kind) {
            auto socket = any_socket<typename decltype(kind)::Type>();
            begin();
            go_on([&] { socket.set_blocking(false); });
            check(!blocks(socket.native_handle()), "it blocks");
            socket.set_blocking(true);
            check(blocks(socket.native_handle()), "it does not block");
        });
}

void add_underneath(Scenarios& all) {
    // Nothing can be said by release(): it throws nothing.
    with<Socket, TcpSocket, TcpListener, UdpSocket>(
        all, "release", "release", {"Socket, TcpSocket, TcpListener, UdpSocket::release()"},
        [](auto kind) {
            auto socket = any_socket<typename decltype(kind)::Type>();
            begin();
            const int handle = socket.release();
            check(!socket.is_open() && handle >= 0, "not released");
            const Quiet quiet;
            ::close(handle);
        },
        {{"fcntl", 0, same()}});
    all.push_back({"adopt", "adopt", {"Socket::adopt(NativeHandle)"}, [] {
                       auto [handle, peer] = raw_pair();
                       const Peer kept(handle); // until it was taken over
                       begin();
                       Socket socket = go_on([raw = handle] { return Socket::adopt(raw); });
                       peer.say(message);
                       {
                           const Quiet quiet;
                           check(socket.recv(100) == message, "not what was sent");
                           (void)socket.release();
                       }
                   }});
    all.push_back({"adopt: what is no socket", "adopt", {}, [] {
                       begin();
                       (void)Socket::adopt(0);
                   }});
}

} // namespace

void add_options(Scenarios& all) {
    add_addresses(all);
    add_options_of_their_own(all);
    add_modes(all);
    add_underneath(all);
}

} // namespace torture
