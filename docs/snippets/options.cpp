// Options that no method has, and the flags of the slides: each is tried.
#include <iostream>
#include <sockets/tcp.hpp>

using namespace sockets;

int main() {
    TcpListener server("localhost", 0);
    TcpSocket client("localhost", server.local_address().port());
    auto [peer, address] = server.accept();

    client.set_option(SOL_SOCKET, SO_KEEPALIVE,
                      1); // asks a silent peer now and then whether it lives
    std::cout << "keep-alive: " << (client.option<int>(SOL_SOCKET, SO_KEEPALIVE) != 0) << '\n';

    client.set_option(SOL_SOCKET, SO_SNDBUF,
                      100'000); // Linux takes twice as much, for its own needs
    std::cout << "buffer: " << (client.option<int>(SOL_SOCKET, SO_SNDBUF) >= 100'000) << '\n';

    client.set_option(IPPROTO_IP, IP_TTL, 64); // through so many routers at most
    std::cout << "TTL: " << client.option<int>(IPPROTO_IP, IP_TTL) << '\n';

    client.send_all("hola");
    char bytes[4];
    const auto handle = peer.native_handle();
    auto count = ::recv(handle, bytes, sizeof bytes, MSG_PEEK); // RECEIVE, but they stay there
    std::cout << "peek: " << std::string(bytes, static_cast<std::size_t>(count)) << '\n';
    std::cout << "recv: " << peer.recv_exactly(4) << '\n';

    count = ::send(client.native_handle(), "!", 1, MSG_OOB); // SEND, as an urgent byte
    while (::recv(handle, bytes, 1, MSG_OOB) != 1) {}        // RECEIVE: it may be on its way
    std::cout << "urgent: " << bytes[0] << '\n';

    linger at_once{};
    at_once.l_onoff =
        1; // with 0 seconds: close cuts the connection, and throws away what is unsent
    client.set_option(SOL_SOCKET, SO_LINGER, at_once);
    std::cout << "linger: " << client.option<linger>(SOL_SOCKET, SO_LINGER).l_onoff << '\n';
}
