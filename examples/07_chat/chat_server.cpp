// chat_server: everybody hears everybody, and one thread waits for all of them (document 002, port
// 9998).
//
//   chat_server [host] [port]        then, in other terminals: chat_client [host] [port]
//
// --max-clients N: who comes when N are there is turned away. --document: for the document's own
// client.

#include <sockets/all.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "../console.hpp"
#include "../door.hpp"
#include "chat.hpp"
#include "clients.hpp"
#include "wire.hpp"

using namespace sockets;
using chat::attempt;
using chat::Client;

constexpr int messages_a_turn = 8; // of one client; then it is the others' turn

class Server {
public:
    Server(TcpListener& listener, std::size_t max_clients, bool document)
        : listener_(listener), max_clients_(max_clients), document_(document),
          door_(listener, selector_), room_(document) {}

    // Nothing in here waits but SELECT: who says nothing, reads nothing or vanishes delays nobody.
    [[noreturn]] void run() {
        while (true) {
            try {
                turn();
            } catch (const std::exception& error) { // no memory for what select has found
                console::report(error);
                clients_.drop_largest();
            }
        }
    }

private:
    void turn() {
        const std::vector<Ready>& all = selector_.select(patience()); // SELECT
        const std::vector<NativeHandle> waiting = std::exchange(have_more_, {});
        for (const Ready& ready : all) {
            if (ready.is(listener_)) welcome();
            else
                clients_.attend(ready.handle, [&](Client& client) {
                    if (ready.writable) flush(client);
                    if (ready.readable && !client.has_more) hear(client);
                });
            if (queued_ > chat::most_unsent) send_all(); // many speak at the same moment
        }
        for (const NativeHandle handle : waiting) {
            clients_.attend(handle, [&](Client& client) { understand(client); });
            if (queued_ > chat::most_unsent) send_all();
        }
        send_all();
        attempt([&] { door_.look_at_the_clock(); });
    }

    // SELECT knows what is in the sockets. Of what has been received and waits for its turn it does
    // not tell.
    std::chrono::milliseconds patience() const {
        return have_more_.empty() ? door_.patience() : std::chrono::milliseconds(0);
    }

    void welcome() try {
        auto accepted = listener_.try_accept(); // ACCEPT
        if (!accepted) return;                  // it has gone again
        TcpSocket& socket = accepted->socket;
        if (clients_.size() >= max_clients_)
            return attempt([&] { (void)socket.try_send(std::string(chat::full) + "\n"); });
        selector_.add(socket);
        const NativeHandle handle = socket.native_handle();
        clients_.emplace(handle,
                         Client{std::move(socket), chat::Wire(document_, chat::longest_line)});
        clients_.attend(handle, [&](Client& client) {
            client.socket.set_no_delay(true); // messages are short, and somebody waits for them
            carry_out(room_.enter(client.id(), accepted->address.host(), accepted->address.port()));
        });
    } catch (const std::exception& error) {
        std::cerr << error.what() << std::endl;
        if (dynamic_cast<const std::bad_alloc*>(&error)) clients_.drop_largest();
        attempt([&] { door_.close(); }); // out of handles or memory: who comes stays in the queue
    }

    void hear(Client& client) {
        const std::optional<std::string> bytes = client.socket.try_recv(4096); // RECEIVE
        if (bytes && bytes->empty()) return client.drop();
        if (!bytes || client.leaves) return; // nothing after all, or after its goodbye
        client.wire.append(*bytes);
        understand(client);
    }

    void understand(Client& client) try {
        client.has_more = false;
        for (int i = 0; i < messages_a_turn; ++i) {
            const std::optional<std::string> message = client.wire.next();
            if (!message) return;
            const chat::Outcome outcome =
                clients_.with_memory([&] { return room_.hear(client.id(), *message); });
            carry_out(outcome);
            client.leaves = outcome.ends;
            if (client.leaves || client.lost) return;
        }
        have_more_.push_back(client.socket.native_handle());
        client.has_more = true; // nothing more is received meanwhile
    } catch (const Error& error) {
        if (error.code() != std::errc::message_size) throw;
        carry_out(room_.leave(client.id(), chat::sent_too_much));
        queue(client, chat::too_long);
        client.leaves = true;
    }

    void carry_out(const chat::Outcome& outcome) {
        for (const std::string& line : outcome.screen) console::say(line);
        for (const chat::Letter& letter : outcome.letters)
            for (const chat::Id to : letter.to)
                clients_.attend(static_cast<NativeHandle>(to),
                                [&](Client& client) { queue(client, letter.text); });
    }

    // Not sent yet: what is for one client goes to it together, after everybody has been heard.
    void queue(Client& client, const std::string& text) {
        clients_.with_memory([&] { client.unsent += client.wire.framed(text); });
        queued_ += text.size();
    }

    void send_all() {
        do { // who is lost is announced: then there is more
            for (auto& [handle, client] : clients_)
                if (client.interest == Interest::read || client.unsent.size() > chat::most_unsent)
                    clients_.attend(handle, [&](Client& reader) { flush(reader); });
            clients_.keep_to_budget();
        } while (close_lost());
        queued_ = 0;
    }

    // As much as there is room for; select tells when there is more.
    void flush(Client& client) {
        if (client.unsent.empty()) return;
        client.forget(client.socket.try_send(client.unsent).value_or(0)); // SEND
        if (client.unsent.size() > chat::most_unsent) return client.drop(chat::does_not_read);
        const Interest interest = client.unsent.empty() ? Interest::read : Interest::read_write;
        if (interest != client.interest) selector_.modify(client.socket, interest);
        client.interest = interest;
        // Half a CLOSE: the rest comes when it ends its own side. Now, with something unread, it
        // would be a reset, and the goodbye be lost.
        if (client.leaves && client.unsent.empty()) client.socket.shutdown();
    }

    bool close_lost() {
        bool any = false;
        for (auto next = clients_.begin(); next != clients_.end();) {
            Client& client = (next++)->second;
            if (!client.lost) continue;
            close(client);
            any = true;
        }
        return any;
    }

    void close(Client& client) {
        attempt([&] { carry_out(room_.leave(client.id(), client.why)); }); // the others are told
        attempt([&] { selector_.remove(client.socket); });
        clients_.erase(client.socket.native_handle()); // CLOSE
        attempt([&] { door_.open(); });
    }

    TcpListener& listener_;
    const std::size_t max_clients_;
    const bool document_;
    Selector selector_;
    Door door_;
    chat::Room room_;
    chat::Clients clients_;
    std::vector<NativeHandle> have_more_; // whose messages wait here for their turn
    std::size_t queued_ = 0;              // bytes, since everything was last sent
};

int main(int argc, char** argv) {
    console::Arguments arguments(
        argc, argv,
        "chat_server [host = localhost] [puerto = 9998] [--max-clients N] [--document]");
    const int max_clients = arguments.number("--max-clients", 1000, 1);
    const bool document = arguments.flag("--document");
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(9998);
    arguments.done();
    try {
        TcpListener listener(host, port); // getaddrinfo, SOCKET, BIND, LISTEN
        Server server(listener, static_cast<std::size_t>(max_clients), document);
        console::say("Servidor escuchando en ", host, ": ", listener.local_address().port());
        server.run();
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
