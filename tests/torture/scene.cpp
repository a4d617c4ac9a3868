// Raw peers, and the rest of what the scenarios are made of.

#include "scene.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace torture {

Noted noted;

namespace {

/// What a raw call of the preparation gives must be right, or the scenario says nothing.
int sure(long result, const char* what) {
    check(result >= 0, what);
    return static_cast<int>(result);
}

template <class Ask>
Address address_by(Ask ask, int handle) {
    const Quiet quiet;
    sockaddr_storage room{};
    socklen_t size = sizeof room;
    sure(ask(handle, reinterpret_cast<sockaddr*>(&room), &size), "the peer has no address");
    return Address::from(reinterpret_cast<const sockaddr*>(&room), size);
}

Peer bound(Family family, int type) {
    const Quiet quiet;
    Peer peer(sure(::socket(static_cast<int>(family), type | SOCK_CLOEXEC, 0), "socket"));
    const Address local = family == Family::local ? free_local_name() : Address::loopback(0, family);
    sure(::bind(peer.handle(), local.data(), local.size()), "bind");
    return peer;
}

} // namespace

void begin() {
    memory::arm(true);
    torture_arm(1);
}

int code_of(const Error& error) {
    const bool of_system = error.code().category() == std::system_category();
    return error.code().value() + (of_system ? 0 : resolve_code);
}

void note(const Error& error) {
    noted.is = true;
    noted.code = code_of(error);
    std::snprintf(noted.primitive, sizeof noted.primitive, "%s", error.primitive().c_str());
}

Address Peer::address() const { return address_by(::getsockname, handle_); }
Address Peer::peer_address() const { return address_by(::getpeername, handle_); }

void Peer::say(std::string_view bytes) const {
    const Quiet quiet;
    const auto count = ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    check(count == static_cast<ssize_t>(bytes.size()), "the peer could not send");
}

std::string Peer::hear(std::size_t size) const {
    const Quiet quiet;
    std::string bytes(size, '\0');
    const timeval limit{5, 0};
    sure(::setsockopt(handle_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), "setsockopt");
    const auto count = ::recv(handle_, bytes.data(), size, MSG_WAITALL);
    check(count >= 0, "the peer could not receive");
    bytes.resize(static_cast<std::size_t>(count));
    return bytes;
}

std::string Peer::hear_all() const {
    const Quiet quiet;
    std::string bytes;
    static char room[1 << 16];
    while (true) {
        const auto count = ::recv(handle_, room, sizeof room, MSG_DONTWAIT);
        if (count <= 0) return bytes;
        bytes.append(room, static_cast<std::size_t>(count));
    }
}

void Peer::end() {
    const Quiet quiet;
    if (handle_ >= 0) ::close(std::exchange(handle_, -1));
}

void Peer::finish() const {
    const Quiet quiet;
    ::shutdown(handle_, SHUT_WR);
}

Peer Peer::take() const {
    const Quiet quiet;
    return Peer(sure(::accept4(handle_, nullptr, nullptr, SOCK_CLOEXEC), "the peer could not accept"));
}

Peer raw_listener(Family family, int backlog) {
    const Quiet quiet;
    Peer peer = bound(family, SOCK_STREAM);
    sure(::listen(peer.handle(), backlog), "listen");
    return peer;
}

Peer raw_datagram(Family family) { return bound(family, SOCK_DGRAM); }

Peer raw_client(const Address& server) {
    const Quiet quiet;
    Peer peer(sure(::socket(static_cast<int>(server.family()), SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    sure(::connect(peer.handle(), server.data(), server.size()), "connect");
    return peer;
}

Peer nobody(Family family) { return bound(family, SOCK_STREAM); }

Address free_local_name() {
    static int number = 0;
    char name[64];
    std::snprintf(name, sizeof name, "%ctorture.%d.%d", '\0', static_cast<int>(::getpid()), ++number);
    return Address::local(std::string(name, 1 + std::strlen(name + 1)));
}

std::pair<int, Peer> raw_pair() {
    const Peer listener = raw_listener();
    Peer peer = raw_client(listener.address());
    return {sure(::accept4(listener.handle(), nullptr, nullptr, SOCK_CLOEXEC), "accept"), std::move(peer)};
}

template <class S>
Connected<S> datagrams(bool connects) {
    Peer ours = raw_datagram();
    Peer peer = raw_datagram();
    const Address us = ours.address();
    const Address them = peer.address();
    sure(::connect(peer.handle(), us.data(), us.size()), "connect");
    if (connects) sure(::connect(ours.handle(), them.data(), them.size()), "connect");
    return {as<S>(::dup(ours.handle())), std::move(peer)};
}
template Connected<Socket> datagrams<Socket>(bool connects);
template Connected<UdpSocket> datagrams<UdpSocket>(bool connects);

bool blocks(int handle) {
    const Quiet quiet;
    return (::fcntl(handle, F_GETFL) & O_NONBLOCK) == 0;
}

std::pair<int, Peer> full_pair() {
    const Quiet quiet;
    int ends[2];
    sure(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "socketpair");
    static const char room[1 << 12] = {};
    for (std::size_t size = sizeof room; size > 0; size /= 2)
        while (::send(ends[0], room, size, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {}
    return {ends[0], Peer(ends[1])};
}

} // namespace torture
