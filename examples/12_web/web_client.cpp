// web_client: fetches a page and prints it (document 004).
//
//   web_client URL            http://host[:port]/path; ends with 1 if the status is no 2xx

#include <sockets/lines.hpp>
#include <sockets/tcp.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <iostream>
#include <string>

#include "../console.hpp"
#include "http_answer.hpp"

using namespace sockets;

std::string line_of(LineReader& server) {
    const auto line = server.next(); // RECEIVE, until there is a line
    if (!line) throw std::runtime_error("el servidor terminó en medio de la respuesta");
    return *line;
}

http::Answer head_of(LineReader& server) {
    http::Answer answer;
    do { // 100 and its like come before the answer
        answer = {};
        answer.status = http::status_of(line_of(server));
        for (std::string line = line_of(server); !line.empty(); line = line_of(server))
            http::understand(line, answer);
    } while (answer.status < 200);
    return answer;
}

void print(LineReader& server, std::uint64_t size) {
    while (size > 0) {
        const std::string piece =
            server.recv(static_cast<std::size_t>(std::min<std::uint64_t>(size, 65536))); // RECEIVE
        if (piece.empty()) throw std::runtime_error("el servidor terminó en medio de la página");
        std::cout << piece;
        size -= piece.size();
    }
}

void print_chunks(LineReader& server) {
    while (const std::uint64_t size = http::chunk_size(line_of(server))) {
        print(server, size);
        if (!line_of(server).empty()) throw std::runtime_error("un trozo no termina donde debe");
    }
    while (!line_of(server).empty()) {} // fields may follow
}

void print_rest(LineReader& server) {
    for (std::string piece = server.recv(65536); !piece.empty(); piece = server.recv(65536))
        std::cout << piece;
}

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv, "web_client URL");
    const std::string address = arguments.needed("URL");
    arguments.done();
    console::bytes_as_they_are();
    try {
        const http::Url url = http::url(address);
        TcpSocket socket(url.host, url.port); // getaddrinfo, SOCKET, CONNECT
        socket.set_recv_timeout(std::chrono::seconds(30));
        socket.send_all("GET " + url.target + " HTTP/1.1\r\nHost: " + url.host_field() +
                        "\r\nConnection: close\r\nAccept: */*\r\n\r\n"); // SEND
        LineReader server(socket, 16384);
        const http::Answer answer = head_of(server);
        const bool empty = answer.status == 204 || answer.status == 304;
        if (answer.chunked) print_chunks(server);
        else if (answer.length) print(server, *answer.length);
        else if (!empty) print_rest(server); // until the server ends
        if (answer.status / 100 == 2) return 0;
        std::cerr << "el servidor contesta " << answer.status
                  << (answer.location.empty() ? "" : ": la página está en " + answer.location)
                  << '\n';
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
    }
    return 1;
}
