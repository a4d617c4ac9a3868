// demo: plays the examples' conversations, each between its server and its clients, and shows what
// both sides do and print.
//
//   demo [folder of the programs] [--step] [conversation...]
//
// In a terminal it waits for Enter between conversations; with --step before each primitive, and says
// which one comes. Ends with 1 if a conversation did not go as its document says.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "../console.hpp"
#include "conversations.hpp"
#include "process.hpp"
#include "recording.hpp"
#include "stage.hpp"

namespace fs = std::filesystem;

namespace {

constexpr auto patience = std::chrono::seconds(10);

// A server's first line ends with its port; port 0 has given it a free one.
std::string port_of(const std::string& said) {
    const std::string line = said.substr(0, said.find_first_of("\r\n"));
    return line.substr(line.find_last_not_of("0123456789") + 1);
}

// A folder for what the programs need, gone again afterwards.
class Folder {
public:
    Folder()
        : path_(fs::temp_directory_path() /
                ("sockets-demo-" + std::to_string(std::random_device()()))) {
        fs::create_directories(path_ / "llegado");
        std::ofstream(path_ / "saludo.txt", std::ios::binary) << "Hola desde un archivo\n";
    }
    ~Folder() {
        std::error_code none;
        fs::remove_all(path_, none);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string path() const { return path_.u8string(); }

private:
    fs::path path_;
};

std::string replaced(std::string text, const std::string& name, const std::string& by) {
    const std::size_t place = text.find(name);
    return place == std::string::npos ? text : text.replace(place, name.size(), by);
}

// Most programs take a host and a port first; whichever names its own words has {port} and {folder}.
std::vector<std::string> command(const std::string& programs, const std::string& program,
                                 const std::string& port, const Folder& folder) {
    std::istringstream parts(program);
    std::string name;
    parts >> name;
    std::vector<std::string> words = {programs + name};
    if (program.find('{') == std::string::npos) words.insert(words.end(), {"localhost", port});
    for (std::string word; parts >> word;)
        words.push_back(replaced(replaced(word, "{port}", port), "{folder}", folder.path()));
    words.emplace_back("--trace");
    return words;
}

// The programs' traces count from the same moment.
Recording::Clock::time_point count_from_now() {
    const Recording::Clock::time_point zero = Recording::Clock::now();
    const std::chrono::nanoseconds since = zero.time_since_epoch();
    set_environment("SOCKETS_TRACE_ZERO", std::to_string(since.count()));
    return zero;
}

bool all_said(Recording& recording, int side, const std::vector<std::string>& expected) {
    bool all = true;
    for (const std::string& words : expected) {
        if (recording.has(side, words, patience)) continue;
        std::cerr << "falta en el " << (side == 0 ? "servidor" : "cliente") << ": " << words
                  << '\n';
        all = false;
    }
    return all;
}

// Both sides do what they do; how it looks comes afterwards.
bool play(const std::string& folder, const Conversation& conversation, Recording& recording) {
    const Folder place;
    std::unique_ptr<Process> programs[3]; // the server and its clients
    const auto start = [&](int side, const std::string& program, const std::string& port) {
        const auto listen = [&, side](const std::string& bytes) { recording.hear(side, bytes); };
        programs[side] = std::make_unique<Process>(command(folder, program, port, place), listen);
    };
    start(0, conversation.server, "0");
    bool good = recording.wait_for(0, "\n", patience);
    const std::string port = port_of(recording.said(0));
    if (good) start(1, conversation.client, port);
    for (const Step& step : conversation.steps) {
        if (good && !programs[step.who]) start(step.who, conversation.client, port);
        good = good && recording.wait_for(step.who, step.after, patience);
        if (!good) break;
        if (step.who == 0) continue;
        recording.type(step.who, step.line);
        programs[step.who]->write(step.line + "\n");
    }
    for (const int side : {1, 2}) {
        if (!programs[side]) continue;
        programs[side]->close_input();
        const bool ended = programs[side]->wait_for_end(patience);
        if (!ended) programs[side]->end();
        good = programs[side]->wait() == 0 && ended && good;
    }
    const int clients = programs[2] ? 2 : 1;
    good = (!conversation.connected || recording.has_closed(0, clients, patience)) && good;
    good = all_said(recording, 0, conversation.server_says) && good;
    return all_said(recording, 1, conversation.client_says) && good;
}

// Who watches: in a terminal Enter goes on.
class Watcher {
public:
    void wait(const std::string& words) {
        if (!attended_) return;
        std::cout << words << " (Enter) " << std::flush;
        if (!console::read_line()) attended_ = false; // nobody will press it any more
    }

    bool attended() const { return attended_; }
    bool colours() const { return attended_ && std::getenv("NO_COLOR") == nullptr; }

private:
    bool attended_ = console::is_terminal() && console::columns_of_screen() > 0;
};

void show(const Conversation& conversation, const std::vector<Event>& events, Watcher& watcher,
          bool step) {
    std::cout << "\n== " << conversation.title << "\n   " << conversation.look << "\n\n";
    const bool three = std::any_of(events.begin(), events.end(),
                                   [](const Event& event) { return event.side == 2; });
    const Stage stage(console::columns(), three ? 3 : 2, watcher.colours());
    stage.head();
    for (const Event& event : events) {
        if (step && (event.kind == Event::call || event.kind == Event::typed))
            watcher.wait("  -> " + stage.announced(event));
        stage.show(event);
    }
    std::cout << std::flush;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool known(const std::string& name) {
    return std::any_of(conversations.begin(), conversations.end(),
                       [&](const Conversation& conversation) { return conversation.name == name; });
}

} // namespace

int main(int argc, char** argv) try {
    console::Arguments arguments(argc, argv, "show_demo [carpeta = .] [--step] [conversación...]");
    const bool step = arguments.flag("--step");
    const std::string folder = arguments.text(".") + "/";
    std::vector<std::string> wanted;
    for (std::string name = arguments.text(""); !name.empty(); name = arguments.text(""))
        wanted.push_back(name);
    arguments.done();
    for (const std::string& name : wanted) {
        if (known(name)) continue;
        std::cerr << "no hay conversación " << name << "; hay:";
        for (const Conversation& conversation : conversations)
            std::cerr << ' ' << conversation.name;
        std::cerr << '\n';
        return 2;
    }

    Watcher watcher;
    bool good = true;
    bool first = true;
    for (const Conversation& conversation : conversations) {
        if (!wanted.empty() && !has(wanted, conversation.name)) continue;
        if (!first) watcher.wait("\nSigue otra conversación.");
        first = false;
        Recording recording(count_from_now());
        good = play(folder, conversation, recording) && good;
        show(conversation, recording.all(), watcher, step);
    }
    std::cout << (good ? "\nTodo salió como dicen los documentos.\n"
                       : "\nAlgo no salió como dicen los documentos.\n");
    return good ? 0 : 1;
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
