// The echo client of examples/01_echo as careful C writes it: what the library's system calls are
// compared with.

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

static void must(bool good, const char* what) {
    if (good) return;
    std::perror(what);
    std::exit(1);
}

int main(int argc, char** argv) {
    must(argc == 3, "usage: echo_client host port");
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_NUMERICSERV;
    addrinfo* peer = nullptr;
    must(getaddrinfo(argv[1], argv[2], &wanted, &peer) == 0, "getaddrinfo");
    const int client = socket(peer->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(client >= 0, "socket");
    must(connect(client, peer->ai_addr, peer->ai_addrlen) == 0, "connect");
    freeaddrinfo(peer);

    const char* message = "Hello, world";
    const size_t size = std::strlen(message);
    for (size_t done = 0; done < size;) {
        const ssize_t count = send(client, message + done, size - done, MSG_NOSIGNAL);
        must(count >= 0 || errno == EINTR, "send");
        if (count > 0) done += static_cast<size_t>(count);
    }
    char reply[1024];
    size_t got = 0;
    while (got < size) {
        const ssize_t count = recv(client, reply + got, size - got, 0);
        must(count > 0 || (count < 0 && errno == EINTR), "recv");
        if (count > 0) got += static_cast<size_t>(count);
    }
    close(client);
    std::printf("Received b'%.*s'\n", static_cast<int>(got), reply);
}
