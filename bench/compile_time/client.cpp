// The smallest client that does something: what every student's program costs to compile.

#include <sockets/tcp.hpp>

int main() {
    sockets::TcpSocket client("localhost", 8000);
    client.send_all("hola");
    const std::string answer = client.recv(1024);
    return answer.empty() ? 1 : 0;
}
