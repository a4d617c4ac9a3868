// file_receiver: takes files and keeps them in a folder (document 004, port 21011).
//
//   file_receiver [host] [port] [folder] [--max MEGABYTES]
//
// A file has its final name only when it is whole and its sum is right.

#include <sockets/tcp.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

#include "../console.hpp"
#include "big_endian.hpp"
#include "crc32.hpp"
#include "file_header.hpp"

using namespace sockets;
namespace fs = std::filesystem;

// What the sender is told, and this sender alone.
struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A file that is not whole yet, under a name of its own; gone again if it never becomes so.
class Part {
public:
    explicit Part(const fs::path& folder)
        : path_(folder / (".part-" + std::to_string(std::random_device()()))),
          file_(path_, std::ios::binary) {
        if (!file_) throw Refused("no se puede escribir en la carpeta");
    }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part() {
        file_.close();
        std::error_code none;
        fs::remove(path_, none); // after rename there is nothing to remove
    }

    void write(const std::string& bytes) {
        if (!file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size())))
            throw Refused("no queda lugar en el disco");
    }

    void becomes(const fs::path& whole) {
        file_.close(); // the last bytes go to the disk, or do not
        if (!file_) throw Refused("no queda lugar en el disco");
        static std::mutex one_at_a_time; // two senders may have the same name
        const std::lock_guard<std::mutex> held(one_at_a_time);
        if (fs::exists(whole)) throw Refused("ya existe");
        fs::rename(path_, whole);
    }

private:
    fs::path path_;
    std::ofstream file_;
};

// The bytes, then their sum.
void receive_data(TcpSocket& sender, std::uint64_t size, Part& part) {
    Crc32 sum;
    for (std::uint64_t left = size; left > 0;) {
        const std::string piece =
            sender.recv(static_cast<std::size_t>(std::min<std::uint64_t>(left, 65536))); // RECEIVE
        if (piece.empty()) throw std::runtime_error("se fue antes del final");
        sum.add(piece);
        part.write(piece);
        left -= piece.size();
    }
    const auto told = from_big_endian<std::uint32_t>(sender.recv_exactly(4)); // RECEIVE
    if (told != sum.value()) throw Refused("la suma no coincide");
}

// False: the sender has no more files.
bool receive_file(TcpSocket& sender, const fs::path& folder, std::uint64_t most) {
    std::string fixed = sender.recv(1); // RECEIVE: "" between two files is a good end
    if (fixed.empty()) return false;
    fixed += sender.recv_exactly(FileHeader::fixed_size - 1); // RECEIVE
    const std::string name = sender.recv_exactly(name_size_of(fixed));
    const std::uint64_t size = file_size_of(fixed);
    if (const auto why = refusal(name)) throw Refused(*why);
    if (size > most) throw Refused("demasiado grande");
    const fs::path whole = folder / fs::u8path(name);
    if (fs::exists(whole)) throw Refused("ya existe");
    Part part(folder);
    sender.send_all("OK\n"); // SEND: now the data may come
    receive_data(sender, size, part);
    part.becomes(whole);
    console::say("recibido ", name, ", ", size, " bytes");
    sender.send_all("OK\n"); // SEND: it is here
    return true;
}

// Closing while its bytes lie unread would be a reset, and the word be lost; who never stops is cut
// off all the same.
void refuse(TcpSocket& sender, const std::string& why) {
    sender.send_all(why + "\n"); // SEND
    sender.shutdown();
    for (int pieces = 0; pieces < 1000; ++pieces) {
        const auto rest = sender.recv(65536, std::chrono::seconds(1)); // RECEIVE, within this time
        if (!rest || rest->empty()) return;
    }
}

void serve(TcpSocket sender, const fs::path& folder, std::uint64_t most) {
    try {
        sender.set_recv_timeout(
            std::chrono::seconds(30)); // who falls silent does not stay for ever
        try {
            while (receive_file(sender, folder, most)) {}
        } catch (const Refused& why) {
            console::say("rechazado: ", why.what());
            refuse(sender, why.what());
        }
    } catch (const std::exception& error) { // this sender is lost, the others are not
        console::report(error);
    }
}

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv,
                                 "file_receiver [host = localhost] [puerto = 21011] [carpeta = .] "
                                 "[--max MEGABYTES]");
    const auto most = static_cast<std::uint64_t>(arguments.number("--max", 10240)) * 1'048'576;
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(21011);
    const fs::path folder = fs::u8path(arguments.text("."));
    arguments.done();
    try {
        if (!fs::is_directory(folder))
            throw std::runtime_error("no hay carpeta " + folder.u8string());
        TcpListener server(host, port); // SOCKET, BIND, LISTEN
        console::say("Escuchando en " + server.local_address().to_string());
        while (true) {
            try {
                std::thread(serve, server.accept().socket, folder, most).detach(); // ACCEPT
            } catch (const std::exception& error) { // no handle or thread left
                console::report(error);
            }
        }
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
