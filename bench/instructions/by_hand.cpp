// The pairs as careful C++ writes them without the library: the same system calls, each looked at. Only where the loop
// is the point, in send_all and recv_exactly, does one that a signal has interrupted begin again.

#include "pairs.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

void must(bool good, const char* what) {
    if (good) return;
    std::perror(what);
    std::exit(1);
}

sockaddr* plain(sockaddr_storage& address) { return reinterpret_cast<sockaddr*>(&address); }
const sockaddr* plain(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

int make(int type) {
    const int handle = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
    must(handle >= 0, "socket");
    return handle;
}

/// On this machine, at a port that the system chooses.
int make_bound(int type) {
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int handle = make(type);
    must(::bind(handle, plain(local), sizeof local) == 0, "bind");
    return handle;
}

sockaddr_in address_of(int handle) {
    sockaddr_in local{};
    socklen_t size = sizeof local;
    must(::getsockname(handle, reinterpret_cast<sockaddr*>(&local), &size) == 0, "getsockname");
    return local;
}

int make_listener() {
    const int listener = make_bound(SOCK_STREAM);
    must(::listen(listener, 1) == 0, "listen");
    return listener;
}

int connect(const sockaddr_in& address) {
    const int client = make(SOCK_STREAM);
    must(::connect(client, plain(address), sizeof address) == 0, "connect");
    return client;
}

int accept(int listener, sockaddr_storage& peer) {
    socklen_t size = sizeof peer;
    const int server = ::accept4(listener, plain(peer), &size, SOCK_CLOEXEC);
    must(server >= 0, "accept");
    return server;
}

/// The two ends of a connection.
struct Connection {
    Connection() {
        const int listener = make_listener();
        client = connect(address_of(listener));
        sockaddr_storage peer;
        server = accept(listener, peer);
        (void)::close(listener);
    }
    int client;
    int server;
};

void send_all(int handle, const char* bytes, std::size_t size) {
    for (std::size_t done = 0; done < size;) {
        const ssize_t count = ::send(handle, bytes + done, size - done, MSG_NOSIGNAL);
        if (count >= 0) done += static_cast<std::size_t>(count);
        else must(errno == EINTR, "send");
    }
}

void recv_exactly(int handle, char* bytes, std::size_t size) {
    for (std::size_t done = 0; done < size;) {
        const ssize_t count = ::recv(handle, bytes + done, size - done, 0);
        if (count > 0) done += static_cast<std::size_t>(count);
        else must(count < 0 && errno == EINTR, "recv");
    }
}

} // namespace

void send_recv(int rounds) {
    const Connection ends;
    char bytes[message_size] = {};
    for (int i = 0; i < rounds; ++i) {
        must(::send(ends.client, bytes, sizeof bytes, MSG_NOSIGNAL) == message_size, "send");
        must(::recv(ends.server, bytes, sizeof bytes, 0) == message_size, "recv");
    }
}

void send_all_recv_exactly(int rounds) {
    const Connection ends;
    char bytes[message_size] = {};
    for (int i = 0; i < rounds; ++i) {
        send_all(ends.client, bytes, sizeof bytes);
        recv_exactly(ends.server, bytes, sizeof bytes);
    }
}

void send_to_recv_from(int rounds) {
    const int client = make_bound(SOCK_DGRAM);
    const int server = make_bound(SOCK_DGRAM);
    const sockaddr_in peer = address_of(server);
    sockaddr_storage sender;
    char bytes[message_size] = {};
    for (int i = 0; i < rounds; ++i) {
        const ssize_t sent = ::sendto(client, bytes, sizeof bytes, MSG_NOSIGNAL, plain(peer), sizeof peer);
        must(sent == message_size, "sendto");
        socklen_t size = sizeof sender;
        const ssize_t came = ::recvfrom(server, bytes, sizeof bytes, MSG_TRUNC, plain(sender), &size);
        must(came == message_size, "recvfrom"); // MSG_TRUNC: more, had it been cut
    }
}

void connect_accept_close(int rounds) {
    const int listener = make_listener();
    const sockaddr_in address = address_of(listener);
    sockaddr_storage peer;
    for (int i = 0; i < rounds; ++i) {
        const int client = connect(address);
        const int server = accept(listener, peer);
        must(::close(server) == 0, "close");
        must(::close(client) == 0, "close");
    }
}
