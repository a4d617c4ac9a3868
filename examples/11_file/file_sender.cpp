// file_sender: sends files, one after another over one connection (document 004, port 21011).
//
//   file_sender HOST PORT FILE...

#include <sockets/lines.hpp>
#include <sockets/tcp.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "../console.hpp"
#include "big_endian.hpp"
#include "crc32.hpp"
#include "file_header.hpp"

using namespace sockets;
namespace fs = std::filesystem;

// On a screen: how much, how fast, how long still. Ten times a second at most.
class Progress {
public:
    explicit Progress(std::uint64_t size) : size_(size) {}
    ~Progress() {
        if (shown_) std::cout << std::endl;
    }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void show(std::uint64_t done) {
        using Seconds = std::chrono::duration<double>;
        const auto now = Clock::now();
        if (!on_screen_ || (done < size_ && now - last_ < std::chrono::milliseconds(100))) return;
        last_ = now;
        shown_ = true;
        const double rate =
            static_cast<double>(done) / std::max(Seconds(now - begin_).count(), 0.001);
        std::cout << '\r' << done * 100 / std::max<std::uint64_t>(size_, 1) << " %, "
                  << static_cast<int>(rate / 1e6) << " MB/s, faltan "
                  << static_cast<int>(static_cast<double>(size_ - done) / std::max(rate, 1.0))
                  << " s   " << std::flush;
    }

private:
    using Clock = std::chrono::steady_clock;
    const bool on_screen_ = console::columns_of_screen() > 0;
    const std::uint64_t size_;
    const Clock::time_point begin_ = Clock::now();
    Clock::time_point last_ = begin_;
    bool shown_ = false;
};

// The receiver's answer: OK, or why not.
void expect_ok(LineReader& answers) {
    const auto line = answers.next(); // RECEIVE, until there is a line
    if (!line) throw std::runtime_error("el receptor terminó la conexión");
    if (*line != "OK") throw std::runtime_error("el receptor dice: " + *line);
}

void send_data(TcpSocket& receiver, std::ifstream& file, std::uint64_t size) {
    Crc32 sum;
    Progress progress(size);
    std::string piece;
    for (std::uint64_t left = size; left > 0; left -= piece.size()) {
        piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, 65536)));
        if (!file.read(piece.data(), static_cast<std::streamsize>(piece.size())))
            throw std::runtime_error(
                "el archivo es más corto de lo que dijo"); // it changes meanwhile
        sum.add(piece);
        receiver.send_all(piece); // SEND
        progress.show(size - left + piece.size());
    }
    receiver.send_all(big_endian(sum.value())); // SEND
}

void send_file(TcpSocket& receiver, LineReader& answers, const std::string& name) {
    const fs::path path = fs::u8path(name);
    std::ifstream file(path, std::ios::binary);
    if (!file || fs::is_directory(path)) throw std::runtime_error("no se puede leer " + name);
    const FileHeader header{path.filename().u8string(), fs::file_size(path)};
    if (const auto why = refusal(header.name)) throw std::runtime_error(name + ": " + *why);
    receiver.send_all(header.bytes()); // SEND
    expect_ok(answers);                // it wants the file
    send_data(receiver, file, header.size);
    expect_ok(answers); // it has the file
    console::say("enviado ", name, ", ", header.size, " bytes");
}

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv, "file_sender HOST PUERTO ARCHIVO...");
    const std::string host = arguments.needed("HOST");
    const int port = arguments.port_of(arguments.needed("PUERTO"));
    std::vector<std::string> names = {arguments.needed("ARCHIVO")};
    for (std::string name = arguments.text(""); !name.empty(); name = arguments.text(""))
        names.push_back(name);
    arguments.done();
    try {
        TcpSocket receiver(host, port); // SOCKET, CONNECT
        LineReader answers(receiver);
        for (const std::string& name : names) send_file(receiver, answers, name);
    } catch (const std::exception& error) { // CLOSE: what was not whole is thrown away there
        std::cerr << error.what() << '\n';
        return 1;
    }
}
