// Local sockets (PF_UNIX): the same primitives, between programs of one machine, by a path.

#include "support.hpp"

#include <future>

#ifndef _WIN32
#include <sys/stat.h>

#include <cstdlib>
#include <functional>
#endif

using namespace support;
using namespace std::string_literals;

TEST_CASE("local: where the system has it, it works, else a clear error") {
    for (const Type type : {Type::stream, Type::datagram}) {
        const Error error = error_of([=] { Socket(Family::local, type); });
        CAPTURE(error);
        if (!error.code()) continue;
#ifndef _WIN32
        FAIL("every POSIX system has local sockets");
#else // Windows 10 has streams alone, Wine nothing
        CHECK((error.code() == std::errc::address_family_not_supported ||
               error.code() == std::errc::not_supported ||
               error.code() == std::errc::protocol_not_supported));
#endif
        CHECK(error.primitive() == "socket");
    }
}

#ifndef _WIN32 // Wine 8 has no AF_UNIX: what Windows 10 does with it cannot be proved there

namespace {

/// A folder of its own, gone again afterwards with what is in it.
class Folder {
public:
    Folder() {
        char name[] = "/tmp/sockets-XXXXXX";
        REQUIRE(::mkdtemp(name) != nullptr);
        name_ = name;
    }
    ~Folder() {
        for (const std::string& path : paths_) (void)::unlink(path.c_str());
        (void)::rmdir(name_.c_str());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    Address door(const std::string& name) {
        paths_.push_back(name_ + "/" + name);
        return Address::local(paths_.back());
    }

private:
    std::string name_;
    std::vector<std::string> paths_;
};

bool exists(const Address& address) {
    struct stat about {};
    return ::stat(address.host().c_str(), &about) == 0;
}

} // namespace

TEST_CASE("local: the eight primitives on a stream") {
    Folder folder;
    const Address door = folder.door("door");
    Socket server(Family::local, Type::stream);
    server.bind(door);
    CHECK(exists(door));
    server.listen();
    CHECK(server.local_address() == door);
    CHECK(server.local_address().host() == door.host());
    Socket client(Family::local, Type::stream);
    client.connect(door);
    auto [socket, address] = server.accept();
    CHECK(address == Address()); // a client that was never bound has no name
    CHECK(address.to_string().empty());
    CHECK(client.local_address() == Address());
    CHECK(socket.remote_address() == Address());
    CHECK(client.remote_address() == door);
    client.send("hola");
    CHECK(socket.recv(100) == "hola");
    socket.send_all("pues hola");
    CHECK(client.recv_exactly(9) == "pues hola");
    client.shutdown();
    CHECK(socket.recv(1).empty());
    server.close();
    CHECK(exists(door)); // the library removes no file
}

TEST_CASE("local: the classes for TCP serve it too") {
    Folder folder;
    const Address door = folder.door("door");
    TcpListener server(door);
    TcpSocket client(Family::local);
    client.connect(door, patience);
    auto accepted = server.accept(patience);
    REQUIRE(accepted);
    accepted->socket.send("x");
    CHECK(client.recv(1) == "x");
}

TEST_CASE("local: a path that is there already is address_in_use, one that is not is an Error") {
    Folder folder;
    const Address door = folder.door("door");
    Socket first(Family::local, Type::stream);
    first.bind(door);
    first.listen();
    Socket second(Family::local, Type::stream);
    const Error taken = error_of([&] { second.bind(door); });
    CHECK(taken.code() == std::errc::address_in_use);
    CHECK(std::string(taken.what()).find("bind to " + door.host() + ": ") == 0);
    first.close();
    CHECK(error_of([&] { second.bind(door); }).code() == std::errc::address_in_use);

    Socket client(Family::local, Type::stream);
    const Error gone = error_of([&] { client.connect(door); });
    CHECK(gone.code() == std::errc::connection_refused);
    CHECK(!client.is_open());
    Socket other(Family::local, Type::stream);
    CHECK(error_of([&] { other.connect(folder.door("nowhere")); }).code() ==
          std::errc::no_such_file_or_directory);
}

TEST_CASE("local: what to check is about the file and its folder, never about ports and firewalls") {
    Folder folder;
    const Address door = folder.door("door");
    const auto check_says = [](const Error& error, const std::string& ours, std::errc reason,
                               const std::string& hint) {
        CHECK(error.what() == ours + ": " + system_words(reason) + " (" + hint + ")");
    };
    TcpSocket early(Family::local);
    check_says(error_of([&] { early.connect(door); }), "connect to " + door.host(),
               std::errc::no_such_file_or_directory, "is the path right, is the server running?");
    TcpListener(door).close(); // and leaves its file behind
    check_says(error_of([&] { TcpListener again(door); }), "bind to " + door.host(),
               std::errc::address_in_use,
               "the file is there already: of a server that runs, or left behind by one that does not; "
               "then remove it");
    for (int way = 0; way < 3; ++way) {
        TcpSocket late(Family::local);
        const Error error = error_of([&] {
            if (way == 0) late.connect(door);
            if (way == 1) late.connect(door, patience);
            if (way == 2) TcpSocket connected(door);
        });
        check_says(error, "connect to " + door.host(), std::errc::connection_refused,
                   "the file is there, but no server listens: an old one left it behind");
    }
    Socket sender(Family::local, Type::datagram);
    Socket receiver(Family::local, Type::datagram);
    const Address box = folder.door("box");
    receiver.bind(box);
    check_says(error_of([&] { sender.send_to(std::string(8 << 20, 'x'), box); }), "send_to " + box.host(),
               std::errc::message_size, "a datagram must fit into the system's buffer: option SO_SNDBUF");
}

TEST_CASE("local: without the right to a folder or a file the hint names it") {
    Folder folder;
    const Address door = folder.door("door");
    const TcpListener server(door);
    REQUIRE(::chmod(door.host().c_str(), 0) == 0);
    const auto as_nobody = [&](const std::function<void()>& action) {
        return in_child([&]() -> std::string {
            if (::getuid() == 0) {
                const std::string inside = door.host().substr(0, door.host().rfind('/'));
                if (::chmod(inside.c_str(), 0755) != 0 || ::setuid(65534) != 0) return "cannot become nobody";
            } else if (::chmod(door.host().substr(0, door.host().rfind('/')).c_str(), 0555) != 0) {
                return "cannot close the folder";
            }
            action();
            return "allowed";
        });
    };
    const std::string words = ": " + system_words(std::errc::permission_denied);
    CHECK(as_nobody([&] { TcpSocket client(door); }) ==
          "connect to " + door.host() + words + " (may this user write to the file?)");
    const Address more = folder.door("more");
    CHECK(as_nobody([&] { TcpListener another(more); }) ==
          "bind to " + more.host() + words + " (may this user write in the folder?)");
    CHECK(::chmod(door.host().substr(0, door.host().rfind('/')).c_str(), 0700) == 0);
}

#ifdef __gnu_linux__ // the BSDs say that the connection was refused

TEST_CASE("local: a server whose queue stays full is named, not a firewall") {
    Folder folder;
    const Address door = folder.door("door");
    Socket server(Family::local, Type::stream);
    server.bind(door);
    server.listen(0);
    std::vector<Socket> waiting;
    Error error = error_of([] {});
    for (int i = 0; i < 64 && !error.code(); ++i) {
        waiting.emplace_back(Family::local, Type::stream);
        waiting.back().set_blocking(false);
        error = error_of([&] { waiting.back().connect(door); });
    }
    CAPTURE(error);
    CHECK(error.code() == std::errc::operation_would_block);
    CHECK(std::string(error.what()).find("(the server's queue is full: try again after a pause)") !=
          std::string::npos);
}

#endif

TEST_CASE("local: a path with control characters is one printable line in an error") {
    Folder folder;
    const Address door = folder.door("a\nb\x1b[2J");
    TcpSocket client(Family::local);
    const std::string said = error_of([&] { client.connect(door); }).what();
    CHECK(said.find("/a\\nb\\x1b[2J: ") != std::string::npos);
    CHECK(said.find_first_of("\n\x1b") == std::string::npos);
}

TEST_CASE("local: the longest path") {
    Folder folder;
    const Address probe = folder.door("");
    const std::string name(sizeof(sockaddr_un::sun_path) - 1 - probe.host().size(), 'n');
    const Address door = folder.door(name);
    CHECK(door.host().size() == sizeof(sockaddr_un::sun_path) - 1);
    Socket server(Family::local, Type::stream);
    server.bind(door);
    CHECK(server.local_address() == door);
    CHECK(exists(door));
}

TEST_CASE("local: datagrams, with and without a sender's name") {
    Folder folder;
    const Address door = folder.door("door");
    const Address named = folder.door("named");
    Socket server(Family::local, Type::datagram);
    server.bind(door);
    Socket nameless(Family::local, Type::datagram);
    Socket client(Family::local, Type::datagram);
    client.bind(named);
    nameless.send_to("from nobody", door);
    client.send_to("from somebody", door);
    const Datagram first = server.recv_from();
    CHECK(first.data == "from nobody");
    CHECK(first.sender == Address());
    CHECK(first.sender.size() == 0);
    const Datagram second = server.recv_from();
    CHECK(second.sender == named);
    server.send_to("", second.sender);
    CHECK(client.recv_from().data.empty());
}

TEST_CASE("local: a datagram longer than max is an Error, never cut") {
    Folder folder;
    const Address door = folder.door("door");
    Socket server(Family::local, Type::datagram);
    server.bind(door);
    Socket client(Family::local, Type::datagram);
    client.connect(door);
    for (int way = 0; way < 3; ++way) {
        client.send("five!");
        const Error error = error_of([&] {
            if (way == 0) server.recv_from(4);
            if (way == 1) server.recv(4);
            if (way == 2) (void)server.try_recv_from(4);
        });
        CHECK(error.code() == std::errc::message_size);
    }
    CHECK(!server.try_recv_from());
}

TEST_CASE("local: a peer that has gone is an Error, and no signal") {
    Folder folder;
    const Address door = folder.door("door");
    for (int way = 0; way < 3; ++way) {
        TcpListener server(way == 0 ? door : folder.door("door" + std::to_string(way)));
        Socket client(Family::local, Type::stream);
        client.connect(server.local_address());
        server.accept().socket.close();
        const Error error = error_of([&] {
            if (way == 0) client.send("x");
            if (way == 1) client.send_all("x");
            if (way == 2) (void)client.try_send("x");
        });
        CHECK((error.code() == std::errc::broken_pipe || error.code() == std::errc::connection_reset));
        CHECK(error.primitive() == "send");
    }
}

TEST_CASE("local: not inherited by child processes, time limits as everywhere") {
    Folder folder;
    const Address door = folder.door("door");
    Socket server(Family::local, Type::stream);
    server.bind(door);
    server.listen();
    CHECK(!server.accept(milliseconds(0)));
    CHECK(!server.accept(soon));
    Socket client(Family::local, Type::stream);
    client.connect(door);
    Socket accepted = std::move(server.accept(patience)->socket);
    for (const Socket* socket : {&server, &client, &accepted})
        CHECK((::fcntl(socket->native_handle(), F_GETFD) & FD_CLOEXEC) != 0);
    accepted.set_recv_timeout(soon);
    CHECK(error_of([&] { accepted.recv(1); }).code() == std::errc::timed_out);
}

TEST_CASE("local: connect with a time limit, timed_out if the queue stays full") {
    Folder folder;
    const Address door = folder.door("door");
    Socket server(Family::local, Type::stream);
    server.bind(door);
    server.listen(0);
    std::vector<Socket> waiting;
    Error error = error_of([] {});
    for (int i = 0; i < 64 && !error.code(); ++i) {
        waiting.emplace_back(Family::local, Type::stream);
        error = error_of([&] { waiting.back().connect(door, soon); });
    }
    CAPTURE(error);
    CHECK(error.code() == std::errc::timed_out);
    CHECK(error.primitive() == "connect");
    CHECK(!waiting.back().is_open());
}

#ifdef __gnu_linux__

TEST_CASE("local: a datagram with a time limit, timed_out if the receiver's queue stays full") {
    Folder folder;
    const Address door = folder.door("door");
    Socket server(Family::local, Type::datagram);
    server.bind(door);
    for (const bool connected : {false, true}) {
        Socket client(Family::local, Type::datagram);
        if (connected) client.connect(door);
        client.set_send_timeout(soon);
        const auto start = std::chrono::steady_clock::now();
        const Error error = error_of([&] {
            while (true) connected ? client.send("x") : client.send_to("x", door);
        });
        CHECK(std::chrono::steady_clock::now() - start >= soon);
        CHECK(error.code() == std::errc::timed_out);
        if (connected) CHECK(!client.try_send("x"));
        else CHECK(!client.try_send_to("x", door));

        client.set_send_timeout(patience); // and it is sent as soon as there is room
        auto later = std::async(std::launch::async, [&] {
            (void)client.wait_readable(soon); // nothing comes: only the time goes by
            return server.recv_from().data;
        });
        CHECK((connected ? client.send("x") : client.send_to("x", door)) == 1);
        CHECK(later.get() == "x");
    }
}

TEST_CASE("local: what an adopted listener accepts is of its type") {
    Folder folder;
    const Address door = folder.door("door");
    const auto make = [] { return Socket::adopt(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)); };
    Socket server = make();
    server.bind(door);
    server.listen();
    server.set_recv_timeout(soon); // which is not handed on
    Socket client = make();
    client.connect(door);
    Socket accepted = server.accept().socket;
    client.send("message");
    const Error cut = error_of([&] { accepted.recv(3); });
    CHECK(cut.code() == std::errc::message_size);
    CHECK(std::string(cut.what()).find("recv: ") == 0); // from nobody who has a name
    CHECK(error_of([&] { accepted.recv_exactly(1); }).code() == std::errc::operation_not_supported);
    client.send("");
    CHECK(accepted.recv(9).empty());
    auto answer = std::async(std::launch::async, [&] { return accepted.recv(9); });
    (void)client.wait_readable(2 * soon); // it waits meanwhile, without a limit
    client.send("late");
    CHECK(answer.get() == "late");
}

#endif

#ifdef __gnu_linux__

TEST_CASE(
    "local: an abstract name that begins with two NULs is a name, and 107 bytes after the first one are") {
    const std::string mine = std::to_string(::getpid());
    const std::string filled = "\0filled-"s + mine;
    for (const std::string& name :
         {"\0\0two-"s + mine, "\0inner\0"s + mine + "\0"s,
          filled + std::string(sizeof(sockaddr_un::sun_path) - filled.size(), 'n')}) {
        const Address door = Address::local(name);
        CAPTURE(door);
        Socket server(Family::local, Type::datagram);
        server.bind(door);
        CHECK(server.local_address() == door);
        CHECK(server.local_address().host() == name);
        Socket client(Family::local, Type::datagram);
        client.send_to("hola", door);
        CHECK(server.recv(9) == "hola");
        CHECK(error_of([&] { Socket(Family::local, Type::datagram).bind(door); }).code() ==
              std::errc::address_in_use);
    }
}

#endif

TEST_CASE("local: an abstract name needs no file") {
    const Address door = Address::local("\0sockets-test-"s + std::to_string(::getpid()));
    Socket server(Family::local, Type::stream);
    const Error error = error_of([&] { server.bind(door); });
#ifdef __gnu_linux__ // others do not have them, and say so
    CHECK(!error.code());
    server.listen();
    CHECK(server.local_address() == door);
    CHECK(server.local_address().to_string() == "@" + door.host().substr(1));
    Socket client(Family::local, Type::stream);
    client.connect(door);
    CHECK(server.accept().address == Address());
    CHECK(client.remote_address() == door);
#else
    CHECK(error.code());
#endif
}

#endif
