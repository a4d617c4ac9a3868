// chat_client: what the others write arrives while one is typing (document 002, port 9998).
//
//   chat_client [host] [port]        a chat_server must be listening there
//
// --document: for the document's own server.

#include <sockets/all.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "../console.hpp"
#include "keyboard.hpp"
#include "text.hpp"
#include "wire.hpp"

using namespace sockets;

constexpr std::size_t longest_message = 4096;
constexpr std::size_t longest_answer = 65'536;
constexpr std::size_t longest_typed = 1'048'576;

class Client {
public:
    Client(TcpSocket& server, bool document)
        : server_(server), from_server_(document, longest_answer) {
        selector_.add(server_);
        selector_.add(keyboard_);
    }

    // True if it was the user who wanted to leave.
    bool run() {
        try {
            while (!over_) wait();
        } catch (const Error&) {
            end_row();
            if (!quits_) throw;
        }
        end_row();
        return quits_;
    }

private:
    void wait() {
        const auto patience = quits_ ? std::chrono::seconds(2) : Selector::milliseconds::max();
        const std::vector<Ready>& all = selector_.select(patience); // SELECT: whoever comes first
        for (const Ready& ready : all) ready.is(server_) ? hear() : type();
        if (all.empty()) over_ = true; // the server does not say goodbye
        const bool his_turn = !over_ && !quits_ && !asking_ && !question_.empty();
        if (his_turn && !in_row_) std::cout << question_ << std::flush;
        in_row_ = in_row_ || his_turn;
    }

    void hear() {
        const std::optional<std::string> bytes = server_.try_recv(4096); // RECEIVE
        over_ = bytes && bytes->empty();
        if (!bytes || over_) return;
        from_server_.append(*bytes);
        while (const std::optional<std::string> message = from_server_.next()) understand(*message);
        say_all(); // what was typed ahead
    }

    // The greeting, then an answer to each name that is sent: "no", it is not in use, or "yes";
    // then the chat.
    void understand(const std::string& message) {
        if (!asking_) {
            show(message);
            if (question_.empty() && message.find("<Servidor>") != 0) ask("Ingresa tu nombre: ");
            return;
        }
        asking_ = false;
        if (keyboard_.is_open()) selector_.add(keyboard_);
        named_ = message.find("no") == 0;
        if (named_ && message.size() > 2) show(message.substr(2)); // --document: one is glued to it
        if (named_) ask("<" + chat::printable(name_) + ">: ");
        else if (message == "yes") ask("Nombre en uso. Escoge otro nombre: ");
        else show(message), ask("Escoge otro nombre: ");
    }

    void type() {
        const std::optional<std::string> bytes = keyboard_.try_recv(4096);
        if (!bytes) return;
        if (console::is_terminal()) in_row_ = false;       // Enter has ended the row
        typed_.append(bytes->empty() ? "\n:q\n" : *bytes); // the end of all input is a way to leave
        if (bytes->empty()) keyboard_.close();
        say_all();
    }

    void say_all() {
        while (!asking_ && !quits_ && !over_ && !question_.empty()) {
            const std::optional<std::string> line = typed_.next();
            if (!line) return;
            if (line->size() > longest_message) show("Mensaje demasiado largo: no se envía");
            else if (!line->empty()) say(*line);
        }
    }

    void say(const std::string& line) {
        quits_ = line == ":q";
        asking_ = !named_;
        if (asking_) name_ = line;
        if (asking_ && keyboard_.is_open())
            selector_.remove(keyboard_);             // first the answer, then the next line
        server_.send_all(from_server_.framed(line)); // SEND
    }

    void ask(const std::string& question) {
        end_row();
        question_ = question;
    }

    // On a fresh row, whatever stands in this one.
    void show(const std::string& message) {
        end_row();
        std::istringstream lines(message + "\n"); // the document's answers may have several
        for (std::string line; std::getline(lines, line);)
            std::cout << chat::printable(line) << '\n';
    }

    void end_row() {
        if (in_row_) std::cout << '\n';
        in_row_ = false;
    }

    TcpSocket& server_;
    TcpSocket keyboard_ = chat::keyboard();
    Selector selector_;
    chat::Wire from_server_;
    LineBuffer typed_{longest_typed};
    std::string question_; // empty until the server has greeted
    std::string name_;
    bool asking_ = false; // for a name; the answer has not come yet
    bool named_ = false;
    bool in_row_ = false; // the question stands at the start of this row
    bool quits_ = false;
    bool over_ = false;
};

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv,
                                 "chat_client [host = localhost] [puerto = 9998] [--document]");
    const bool document = arguments.flag("--document");
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(9998);
    arguments.done();
    bool wanted = false;
    try {
        TcpSocket server(host, port); // getaddrinfo, SOCKET, CONNECT
        server.set_no_delay(true);    // messages are short, and somebody waits for them
        console::say("Connected to " + host + ": " + std::to_string(port));
        wanted = Client(server, document).run();
        if (!wanted) std::cerr << "El servidor ha cerrado la conexión" << std::endl;
    } catch (const Error& error) {
        std::cerr << error.what() << std::endl;
    }
    // The keyboard's thread may still wait for Enter, and nothing wakes it on every system.
    // Returning from main could wait for the lock on standard input that it holds; so the program
    // ends here and now.
    std::cout << std::flush;
    std::_Exit(wanted ? 0 : 1);
}
