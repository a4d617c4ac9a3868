// demo: plays the examples' conversations, each between its server and its clients, and shows what both sides do
// and print.
//
//   demo [folder of the programs] [conversation...]
//
// Ends with 1 if a conversation did not go as its document says.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "../console.hpp"
#include "conversations.hpp"
#include "process.hpp"
#include "stage.hpp"

namespace {

constexpr auto patience = std::chrono::seconds(10);

// A server's first line ends with its port; port 0 has given it a free one.
std::string port_of(const std::string& said) {
    const std::string line = said.substr(0, said.find_first_of("\r\n"));
    return line.substr(line.find_last_not_of("0123456789") + 1);
}

std::vector<std::string> command(const std::string& folder, const std::string& program,
                                 const std::string& port, const std::string& trace) {
    const std::size_t end = program.find(' ');
    std::vector<std::string> words = {folder + program.substr(0, end), "localhost", port};
    if (end != std::string::npos) words.push_back(program.substr(end + 1));
    if (!trace.empty()) words.push_back(trace);
    return words;
}

// The programs' traces count from the same moment.
Stage::Clock::time_point count_from_now() {
    const Stage::Clock::time_point zero = Stage::Clock::now();
    const std::chrono::nanoseconds since = zero.time_since_epoch();
    set_environment("SOCKETS_TRACE_ZERO", std::to_string(since.count()));
    return zero;
}

bool all_said(Stage& stage, int side, const std::vector<std::string>& expected) {
    bool all = true;
    for (const std::string& words : expected) {
        if (stage.has(side, words, patience)) continue;
        std::cerr << "falta en el " << (side == 0 ? "servidor" : "cliente") << ": " << words << '\n';
        all = false;
    }
    return all;
}

bool play(const std::string& folder, const Conversation& conversation) {
    std::cout << "\n== " << conversation.title << "\n   " << conversation.look << "\n\n" << std::flush;
    Stage stage(console::columns(), count_from_now());
    std::unique_ptr<Process> programs[3]; // the server and its clients
    const auto start = [&](int side, const std::string& program, const std::string& port) {
        const std::string trace = side < 2 ? stage.trace() : "";
        const auto listen = [&stage, side](const std::string& bytes) { stage.hear(side, bytes); };
        programs[side] = std::make_unique<Process>(command(folder, program, port, trace), listen);
    };
    start(0, conversation.server, "0");
    bool good = stage.wait_for(0, "\n", patience);
    const std::string port = port_of(stage.said(0));
    if (good) start(1, conversation.client, port);
    for (const Step& step : conversation.steps) {
        if (good && !programs[step.who]) start(step.who, conversation.client, port);
        good = good && stage.wait_for(step.who, step.after, patience);
        if (!good) break;
        stage.type(step.who, step.line);
        programs[step.who]->write(step.line + "\n");
    }
    for (const int side : {1, 2}) {
        if (!programs[side]) continue;
        programs[side]->close_input();
        const bool ended = programs[side]->wait_for_end(patience);
        if (!ended) programs[side]->end();
        good = programs[side]->wait() == 0 && ended && good;
    }
    good = all_said(stage, 0, conversation.server_says) && good;
    good = all_said(stage, 1, conversation.client_says) && good;
    programs[0].reset();
    stage.finish();
    return good;
}

// Enter goes on, or a short pause does.
class Pause {
public:
    Pause() {
        if (!attended_) return;
        std::thread([this] {
            while (console::read_line()) {
                const std::lock_guard<std::mutex> lock(mutex_);
                ++pressed_;
                changed_.notify_all();
            }
        }).detach();
    }

    void operator()() {
        if (!attended_) return;
        std::cout << "\n(Enter)" << std::flush;
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(8), [this] { return pressed_ > 0; });
        std::cout << '\n';
        pressed_ = 0;
    }

private:
    const bool attended_ = console::is_terminal() && console::columns_of_screen() > 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    int pressed_ = 0;
};

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool known(const std::string& name) {
    return std::any_of(conversations.begin(), conversations.end(),
                       [&](const Conversation& conversation) { return conversation.name == name; });
}

} // namespace

int main(int argc, char** argv) try {
    console::Arguments arguments(argc, argv, "show_demo [carpeta = .] [conversación...]");
    const std::string folder = arguments.text(".") + "/";
    std::vector<std::string> wanted;
    for (std::string name = arguments.text(""); !name.empty(); name = arguments.text(""))
        wanted.push_back(name);
    arguments.done();
    for (const std::string& name : wanted) {
        if (known(name)) continue;
        std::cerr << "no hay conversación " << name << "; hay:";
        for (const Conversation& conversation : conversations) std::cerr << ' ' << conversation.name;
        std::cerr << '\n';
        return 2;
    }

    Pause pause;
    bool good = true;
    bool first = true;
    for (const Conversation& conversation : conversations) {
        if (!wanted.empty() && !has(wanted, conversation.name)) continue;
        if (!first) pause();
        first = false;
        good = play(folder, conversation) && good;
    }
    std::cout << (good ? "\nTodo salió como dicen los documentos.\n"
                       : "\nAlgo no salió como dicen los documentos.\n")
              << std::flush;
    std::_Exit(good ? 0 : 1); // the thread of the pause may be waiting for the keyboard
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
