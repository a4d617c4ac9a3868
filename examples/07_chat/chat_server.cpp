// chat_server: everybody hears everybody, and one thread waits for all of them (document 002, port 9998).
//
//   chat_server [host] [port]        then, in other terminals: chat_client [host] [port]
//
// --max-clients N: who comes when N are there is turned away. --document: for the document's own client.

#include <sockets/all.hpp>

#include <chrono>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "../console.hpp"
#include "chat.hpp"
#include "wire.hpp"

using namespace sockets;

constexpr std::size_t most_unsent = 1'048'576; // bytes, kept for a client that does not read

struct Client {
    TcpSocket socket;
    chat::Wire wire;
    std::string unsent = {}; // what the system has not taken yet
    Interest interest = Interest::read;
    bool leaves = false; // has been told goodbye

    chat::Id id() const { return static_cast<chat::Id>(socket.native_handle()); }
};

class Server {
public:
    Server(TcpListener& listener, std::size_t max_clients, bool document)
        : listener_(listener), max_clients_(max_clients), document_(document), room_(document) {
        selector_.add(listener_);
    }

    // Nothing in here waits but SELECT: who says nothing, reads nothing or vanishes delays nobody.
    [[noreturn]] void run() {
        while (true) {
            const auto& all = listening_ ? selector_.select() : selector_.select(std::chrono::seconds(1));
            for (const Ready& ready : all) {
                const auto found = clients_.find(ready.handle);
                if (ready.writable) to_send_.push_back(ready.handle);
                if (ready.is(listener_)) welcome();
                else if (ready.readable && found != clients_.end()) hear(found->second);
                if (queued_ > most_unsent) flush_all(); // many speak at the same moment
            }
            flush_all();
            if (all.empty()) listen(true);
        }
    }

private:
    void welcome() try {
        auto accepted = listener_.try_accept(); // ACCEPT
        if (!accepted) return;                  // it has gone again
        TcpSocket& socket = accepted->socket;
        if (clients_.size() >= max_clients_) return (void)socket.try_send(std::string(chat::full) + "\n");
        socket.set_no_delay(true); // messages are short, and somebody waits for them
        selector_.add(socket);
        const NativeHandle handle = socket.native_handle();
        clients_.emplace(handle, Client{std::move(socket), chat::Wire(document_, chat::longest_line)});
        carry_out(room_.enter(clients_.at(handle).id(), accepted->address.host(), accepted->address.port()));
    } catch (const Error& error) {
        std::cerr << error.what() << std::endl;
        // Out of handles: who comes stays in the queue, and select would say so again and again. Until somebody
        // leaves, or nothing happens for a second, nobody asks.
        if (error.primitive() == "accept") listen(false);
    }

    void hear(Client& client) try {
        const std::optional<std::string> bytes = client.socket.try_recv(4096); // RECEIVE
        if (bytes && bytes->empty()) return close(client);
        if (!bytes || client.leaves) return; // nothing after all, or after its goodbye
        client.wire.append(*bytes);
        while (const std::optional<std::string> message = client.wire.next()) {
            const chat::Outcome outcome = room_.hear(client.id(), *message);
            carry_out(outcome);
            client.leaves = outcome.ends;
            if (client.leaves) return;
        }
    } catch (const Error& error) {
        if (error.code() != std::errc::message_size) return close(client, error.what());
        carry_out(room_.leave(client.id(), chat::sent_too_much));
        queue(client, chat::too_long);
        client.leaves = true;
    }

    void carry_out(const chat::Outcome& outcome) {
        for (const std::string& line : outcome.screen) console::say(line);
        for (const chat::Letter& letter : outcome.letters)
            for (const chat::Id to : letter.to)
                queue(clients_.at(static_cast<NativeHandle>(to)), letter.text);
    }

    // Not sent yet: what is for one client goes to it together, after everybody has been heard.
    void queue(Client& client, const std::string& text) {
        const bool waits = !client.unsent.empty() && client.unsent.size() <= most_unsent;
        if (!waits) to_send_.push_back(client.socket.native_handle());
        client.unsent += client.wire.framed(text);
        queued_ += text.size();
    }

    void flush_all() {
        while (!to_send_.empty()) { // who is dropped is announced: then there are more
            const auto found = clients_.find(to_send_.back());
            to_send_.pop_back();
            if (found != clients_.end()) flush(found->second);
        }
        queued_ = 0;
    }

    // As much as there is room for; select tells when there is more.
    void flush(Client& client) try {
        if (!client.unsent.empty())
            client.unsent.erase(0, client.socket.try_send(client.unsent).value_or(0)); // SEND
        if (client.unsent.size() > most_unsent) return close(client, chat::does_not_read);
        const Interest interest = client.unsent.empty() ? Interest::read : Interest::read_write;
        if (interest != client.interest) selector_.modify(client.socket, interest);
        client.interest = interest;
        // Half a CLOSE: the rest comes when it ends its own side. Now, with something unread, it would be a
        // reset, and the goodbye be lost.
        if (client.leaves && client.unsent.empty()) client.socket.shutdown();
    } catch (const Error& error) {
        close(client, error.what());
    }

    void close(Client& client, const std::string& why = "") {
        carry_out(room_.leave(client.id(), why)); // the others are told
        selector_.remove(client.socket);
        clients_.erase(client.socket.native_handle()); // CLOSE
        listen(true);
    }

    void listen(bool on) {
        if (on && !listening_) selector_.add(listener_);
        if (!on && listening_) selector_.remove(listener_);
        listening_ = on;
    }

    TcpListener& listener_;
    const std::size_t max_clients_;
    const bool document_;
    Selector selector_;
    chat::Room room_;
    std::map<NativeHandle, Client> clients_;
    std::vector<NativeHandle> to_send_; // for whom there is something
    std::size_t queued_ = 0;            // bytes, since everything was last sent
    bool listening_ = true;
};

int main(int argc, char** argv) {
    console::Arguments arguments(
        argc, argv, "chat_server [host = localhost] [puerto = 9998] [--max-clients N] [--document]");
    const int max_clients = arguments.number("--max-clients", 1000, 1);
    const bool document = arguments.flag("--document");
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(9998);
    arguments.done();
    try {
        TcpListener listener(host, port); // getaddrinfo, SOCKET, BIND, LISTEN
        console::say("Servidor escuchando en " + host + ": " +
                     std::to_string(listener.local_address().port()));
        Server(listener, static_cast<std::size_t>(max_clients), document).run();
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
