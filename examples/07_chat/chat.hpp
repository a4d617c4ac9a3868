// The rules of the chat (document 002): who is in the room, and who gets to read what after each
// message. It knows no socket: the server asks it what to send.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text.hpp"
#include "words.hpp"

namespace chat {

constexpr std::size_t longest_line = 4096;                     // bytes of a message
constexpr std::size_t longest_answer = 4 * longest_line + 256; // \x1b for one byte, and who says it

using Id = unsigned long long; // the number by which the server knows a client

struct Letter {
    std::vector<Id> to;
    std::string text; // without its last line end; :h and :i are answered with several lines
};

struct Outcome {
    std::vector<Letter> letters;     // to be sent in this order
    std::vector<std::string> screen; // lines that the server prints
    bool ends = false;               // once its letters are sent, the server closes this client
};

class Room {
public:
    explicit Room(bool document = false) : document_(document) {}
    Outcome enter(Id who, const std::string& host, int port); // is greeted, has no name yet
    Outcome hear(Id who, std::string_view line);              // its name, then messages
    Outcome leave(Id who, std::string_view why = "");    // gone, by whatever way, even if it throws
    std::size_t size() const { return clients_.size(); } // with and without a name

private:
    struct Client {
        Id id;
        std::string host;
        int port;
        std::string name; // empty until one is accepted

        std::string identifier() const; // 127.0.0.1:62934
        std::string shown() const;      // <Samuel,62934>
        std::string asks_for(const std::string& what) const;
    };

    Outcome introduce(Client& client, std::string_view name);
    Outcome obey(const Client& client, std::string_view line);           // a command or a message
    Outcome quit(const Client& client);                                  // :q
    Outcome whisper(const Client& client, std::string_view words) const; // :p-
    Outcome say(const Client& client, std::string_view line) const;
    const std::string& users(); // :i

    void tell_others(const Client& client, const std::string& text, Outcome& outcome) const;
    Client forget(Id who);
    void tell_of_leaving(const Client& client, Outcome& outcome) const;

    bool document_; // whose client takes all but "yes" for an acceptance
    std::map<Id, Client> clients_;
    std::map<std::string, Id, std::less<>> names_; // of those who have one
    std::vector<Id> named_;                        // the same, in order of arrival
    std::string users_; // their list; empty: it has changed since it was last asked for
};

// One letter, and perhaps lines for the screen.
inline Outcome answer(Id who, const std::string& text,
                      const std::vector<std::string>& screen = {}) {
    return {{{{who}, text}}, screen};
}

// --- the room ------------------------------------------------------------------------------------

inline Outcome Room::enter(Id who, const std::string& host, int port) {
    clients_.emplace(who, Client{who, printable(host), port, ""});
    return answer(who, greeting);
}

inline Outcome Room::hear(Id who, std::string_view line) {
    const auto found = clients_.find(who);
    if (found == clients_.end()) return {};
    Client& client = found->second;
    return client.name.empty() ? introduce(client, trimmed(line)) : obey(client, line);
}

inline Outcome Room::leave(Id who, std::string_view why) {
    if (clients_.find(who) == clients_.end()) return {};
    const Client client = forget(who); // first: who has gone is gone, whatever fails below
    const std::string reason = why.empty() ? "" : ": " + printable(why);
    Outcome outcome;
    if (!client.name.empty())
        outcome.screen = {"[SERVER] Cliente " + client.shown() + " desconectado" + reason};
    tell_of_leaving(client, outcome);
    return outcome;
}

inline Outcome Room::introduce(Client& client, std::string_view name) {
    if (name == ":q") return quit(client);
    if (!is_name(name)) return answer(client.id, document_ ? in_use : not_valid);
    if (is_reserved(name) || names_.find(name) != names_.end()) return answer(client.id, in_use);
    Client named = client;
    named.name = name;
    Outcome outcome =
        answer(client.id, accepted, {"[SERVER] Cliente " + named.shown() + " conectado!"});
    tell_others(client, "<Servidor>: " + named.name + " se ha conectado", outcome);
    named_.reserve(named_.size() + 1);
    names_.emplace(name, client.id); // the last that can fail
    named_.push_back(client.id);
    client.name.swap(named.name);
    users_.clear();
    return outcome;
}

inline Outcome Room::obey(const Client& client, std::string_view line) {
    if (line.empty()) return {};
    if (line == ":q") return quit(client);
    if (line == ":h")
        return answer(client.id, commands, {client.asks_for("los comandos del chat")});
    if (line == ":i") return answer(client.id, users(), {client.asks_for("la lista de usuarios")});
    if (line == ":add")
        return answer(client.id, "Tu identificador es " + client.identifier(),
                      {client.asks_for("su identificador")});
    if (line.substr(0, 3) == ":p-") return whisper(client, line.substr(3));
    return say(client, line);
}

inline Outcome Room::quit(const Client& client) {
    Outcome outcome = answer(client.id, goodbye);
    outcome.ends = true;
    if (!client.name.empty()) outcome.screen = {client.asks_for("desconectarse del chat")};
    tell_of_leaving(client, outcome);
    forget(client.id);
    return outcome;
}

// No name has a '-': the first one ends it, and the message may have others.
inline Outcome Room::whisper(const Client& client, std::string_view words) const {
    const std::size_t dash = words.find('-');
    const std::string_view name = trimmed(words.substr(0, dash));
    const std::string_view text = dash == std::string_view::npos ? "" : words.substr(dash + 1);
    if (name.empty() || text.empty()) return answer(client.id, usage);
    const std::string sent = "El usuario <" + client.name + "> ha enviado un mensaje privado a <";
    const std::string screen = sent + shortened(name) + ">"; // not the text: it is private
    const auto found = names_.find(name);
    if (found == names_.end()) return answer(client.id, not_connected, {screen});
    return answer(found->second, "<Mensaje privado de: " + client.name + ">: " + printable(text),
                  {screen});
}

inline Outcome Room::say(const Client& client, std::string_view line) const {
    const std::string text = printable(line);
    Outcome outcome;
    outcome.screen = {"[" + client.name + "]: " + text};
    tell_others(client, "<" + client.name + ">: " + text, outcome);
    return outcome;
}

// Written anew only when somebody has come or gone: whoever asks a thousand times costs next to
// nothing.
inline const std::string& Room::users() {
    if (!users_.empty()) return users_;
    std::size_t width = 0;
    for (const auto& [name, id] : names_)
        width = std::max<std::size_t>(width, characters(name).size());
    std::string text = "<Servidor>:\nLos usuarios disponibles son";
    for (const Id id : named_) {
        const Client& client = clients_.at(id);
        const std::string padding(width - characters(client.name).size() + 4, ' ');
        text += "\n      " + client.name + padding + client.identifier();
    }
    return users_ = std::move(text);
}

// One letter for all of them: the text is there once, however many they are.
inline void Room::tell_others(const Client& client, const std::string& text,
                              Outcome& outcome) const {
    std::vector<Id> others;
    for (const Id id : named_)
        if (id != client.id) others.push_back(id);
    if (!others.empty()) outcome.letters.push_back({others, text});
}

// Needs no memory, and does no harm to who has come in half.
inline Room::Client Room::forget(Id who) {
    const auto gone = clients_.extract(who);
    users_.clear();
    names_.erase(gone.mapped().name);
    named_.erase(std::remove(named_.begin(), named_.end(), who), named_.end());
    return std::move(gone.mapped());
}

inline void Room::tell_of_leaving(const Client& client, Outcome& outcome) const {
    if (!client.name.empty())
        tell_others(client, "<Servidor>: " + client.name + " se ha desconectado", outcome);
}

// The port alone, as in the document, could be that of a client on another machine too.
inline std::string Room::Client::identifier() const {
    const bool ipv6 = host.find(':') != std::string::npos;
    return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

inline std::string Room::Client::shown() const {
    return "<" + name + "," + std::to_string(port) + ">";
}

inline std::string Room::Client::asks_for(const std::string& what) const {
    return "El usuario " + shown() + " solicitó " + what;
}

} // namespace chat
