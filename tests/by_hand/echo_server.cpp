// The echo server of examples/01_echo as careful C writes it: what the library's system calls are
// compared with.

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static void must(bool good, const char* what) {
    if (good) return;
    std::perror(what);
    std::exit(1);
}

static int port_of(const sockaddr_storage& address) {
    sockaddr_in ip{};
    std::memcpy(&ip, &address, sizeof ip);
    return ntohs(ip.sin_port);
}

static void echo(int client) {
    char data[1024];
    while (true) {
        ssize_t count = recv(client, data, sizeof data, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        for (ssize_t done = 0; done < count;) {
            const ssize_t sent =
                send(client, data + done, static_cast<size_t>(count - done), MSG_NOSIGNAL);
            if (sent < 0 && errno == EINTR) continue;
            if (sent < 0) return;
            done += sent;
        }
    }
}

int main(int argc, char** argv) {
    must(argc == 3, "usage: echo_server host port");
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_NUMERICSERV;
    addrinfo* local = nullptr;
    must(getaddrinfo(argv[1], argv[2], &wanted, &local) == 0, "getaddrinfo");
    const int server = socket(local->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(server >= 0, "socket");
    const int on = 1;
    must(setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "setsockopt");
    must(bind(server, local->ai_addr, local->ai_addrlen) == 0, "bind");
    freeaddrinfo(local);
    must(listen(server, SOMAXCONN) == 0, "listen");
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    must(getsockname(server, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
    std::printf("Escuchando en 127.0.0.1:%d\n", port_of(address));
    std::fflush(stdout);
    while (true) {
        size = sizeof address;
        const int client =
            accept4(server, reinterpret_cast<sockaddr*>(&address), &size, SOCK_CLOEXEC);
        must(client >= 0, "accept");
        std::printf("Connected by 127.0.0.1:%d\n", port_of(address));
        std::fflush(stdout);
        echo(client);
        close(client);
    }
}
