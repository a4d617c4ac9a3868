// web_server: shows the files of a folder to browsers; many clients, one thread (document 004, port
// 8080).
//
//   web_server [host] [port] [folder] [--patience SECONDS]

#include <sockets/selector.hpp>
#include <sockets/tcp.hpp>

#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <list>
#include <stdexcept>
#include <string>

#include "../console.hpp"
#include "../door.hpp"
#include "folder.hpp"
#include "http.hpp"

using namespace sockets;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Client {
    explicit Client(TcpSocket accepted) : socket(std::move(accepted)) {}

    TcpSocket socket;
    std::string received;      // of the next request
    std::string unsent;        // of the answer, and then of its file
    std::ifstream file;        // the rest of it
    std::uint64_t left = 0;    // of the file
    bool ends = false;         // after this answer
    bool said_goodbye = false; // what still comes is not looked at
    bool gone = false;
    Clock::time_point deadline = Clock::time_point::max();

    bool answering() const { return !unsent.empty() || left > 0; }
};

class WebServer {
public:
    WebServer(const std::string& host, int port, const fs::path& folder,
              std::chrono::seconds patience)
        : folder_(fs::canonical(folder)), patience_(patience), server_(host, port) {
    } // SOCKET, BIND, LISTEN

    Address address() const { return server_.local_address(); }

    void run() {
        while (true) {
            for (const Ready& ready : selector_.select(std::chrono::seconds(1))) { // SELECT
                if (ready.is(server_)) enter();
                for (Client& client : clients_)
                    if (ready.is(client.socket)) serve(client, ready);
            }
            look_at_the_clock();
            dismiss();
            door_.look_at_the_clock();
        }
    }

private:
    void enter() try {
        auto accepted = server_.try_accept(); // ACCEPT
        if (!accepted) return;
        clients_.emplace_back(std::move(accepted->socket)).deadline = Clock::now() + patience_;
        selector_.add(clients_.back().socket);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        door_.close(); // no handle left: who comes stays in the queue
    }

    void serve(Client& client, const Ready& ready) try {
        if (ready.readable) hear(client);
        while (!client.gone && !client.said_goodbye) { // it may have asked for more than one
            if (!client.answering() && !answer_next(client)) break;
            send_some(client);
            if (client.answering()) break; // no room
        }
        selector_.modify(client.socket, client.answering() ? Interest::write : Interest::read);
    } catch (const std::exception&) { // this client is lost, the others are not
        client.gone = true;
    }

    void hear(Client& client) {
        const auto bytes = client.socket.try_recv(16384); // RECEIVE
        if (!bytes) return;
        if (bytes->empty()) client.gone = true;
        if (client.said_goodbye) return;
        if (client.received.empty()) client.deadline = Clock::now() + patience_;
        client.received += *bytes;
    }

    // False: there is no whole request yet.
    bool answer_next(Client& client) {
        try {
            const auto request = http::next_request(client.received);
            if (request) answer(client, *request);
            return request.has_value();
        } catch (const http::Refused& why) {
            client.ends = true;
            say(client, why.status, true);
            return true;
        }
    }

    void answer(Client& client, const http::Request& request) {
        client.ends = !request.keep_alive;
        const bool body = request.method == "GET";
        auto path = file_in(folder_, request.path);
        if (path && fs::is_directory(*path)) {
            const std::string there = fs::relative(*path, folder_).generic_u8string();
            if (request.path.back() != '/')
                return say(client, 301, body,
                           "Location: /" + http::percent_encoded(there) + "/\r\n");
            path = file_in(folder_, request.path + "index.html");
        }
        client.file = std::ifstream(path.value_or(folder_), std::ios::binary);
        if (!path || !fs::is_regular_file(*path) || !client.file) return say(client, 404, body);
        client.left = fs::file_size(*path);
        client.unsent = http::head(200, client.left,
                                   http::content_type(path->extension().u8string()), !client.ends);
        if (!body) client.left = 0;
    }

    void say(Client& client, int status, bool body, const std::string& more = "") {
        const std::string text = std::to_string(status) + " " + http::reason(status) + "\n";
        const std::string allow = status == 405 ? "Allow: GET, HEAD\r\n" : "";
        client.unsent = http::head(status, text.size(), "text/plain; charset=utf-8", !client.ends,
                                   allow + more);
        if (body) client.unsent += text;
        client.left = 0;
    }

    // As much as it takes now.
    void send_some(Client& client) {
        if (client.unsent.size() < 16384 && client.left > 0) {
            std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(client.left, 65536)),
                              '\0');
            client.gone =
                !client.file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
            if (client.gone) return; // the file is shorter than it was
            client.unsent += piece;
            client.left -= piece.size();
        }
        if (client.left == 0) client.file.close();                      // others need the handle
        if (const auto count = client.socket.try_send(client.unsent)) { // SEND
            client.unsent.erase(0, *count);
            client.deadline = Clock::now() + patience_;
        }
        if (client.answering() || !client.ends) return;
        client.socket.shutdown(); // it gets the answer, then the end
        client.said_goodbye = true;
    }

    void look_at_the_clock() {
        for (Client& client : clients_) {
            if (Clock::now() < client.deadline) continue;
            const bool half =
                !client.received.empty() && !client.answering() && !client.said_goodbye;
            if (!half) {
                client.gone = true;
                continue;
            }
            client.ends = true;
            client.deadline = Clock::now() + patience_;
            say(client, 408, true);
            selector_.modify(client.socket, Interest::write);
        }
    }

    void dismiss() {
        for (auto client = clients_.begin(); client != clients_.end();) {
            if (!client->gone) {
                ++client;
                continue;
            }
            selector_.remove(client->socket);
            client = clients_.erase(client);
            door_.open();
        }
    }

    fs::path folder_;
    std::chrono::seconds patience_; // for a whole request, and for who does not read
    TcpListener server_;
    Selector selector_;
    Door door_{server_, selector_};
    std::list<Client> clients_;
};

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv,
                                 "web_server [host = localhost] [puerto = 8080] [carpeta = .] "
                                 "[--patience SEGUNDOS = 10]");
    const std::chrono::seconds patience(arguments.number("--patience", 10, 1));
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(8080);
    const std::string folder = arguments.text(".");
    arguments.done();
    try {
        WebServer server(host, port, fs::u8path(folder), patience);
        console::say("Escuchando en http://" + server.address().to_string());
        server.run();
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
