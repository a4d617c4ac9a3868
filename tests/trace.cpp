// trace_to: every primitive leaves its line, in one form, and the program does not notice.

#include "support.hpp"

#include <algorithm>
#include <atomic>
#include <clocale>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <iomanip>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <streambuf>
#include <thread>

#ifdef _WIN32
#include <process.h>
#else
#include <signal.h>
#endif

using namespace support;
using namespace std::string_literals;

namespace {

/// The whole trace, with lines of the usual length, unless a test wants others.
TraceStyle wide(const char* waiting = nullptr) {
    TraceStyle style;
    style.columns = 1000;
    style.waiting = waiting;
    return style;
}

/// Lines of the usual length, one a primitive.
TraceStyle as_they_return() {
    TraceStyle style;
    style.waiting = nullptr;
    return style;
}

/// Takes the trace down as long as it lives. Another thread may wait for what it says.
class Lines {
public:
    explicit Lines(const TraceStyle& style = as_they_return()) { trace_to(&out_, style); }
    ~Lines() { trace_to(nullptr); }
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;

    std::ostream& stream() { return out_; }

    /// Ends the trace and gives what it said.
    std::vector<std::string> all() {
        trace_to(nullptr);
        return so_far();
    }

    std::vector<std::string> so_far() {
        std::istringstream text(buffer_.text());
        std::vector<std::string> lines;
        for (std::string line; std::getline(text, line);) lines.push_back(line);
        return lines;
    }

    /// Blocks until the trace has said so.
    bool say(const std::string& words) { return buffer_.says(words); }

private:
    class Buffer : public std::streambuf {
    public:
        std::string text() {
            const std::lock_guard<std::mutex> lock(mutex_);
            return text_;
        }
        bool says(const std::string& words) {
            std::unique_lock<std::mutex> lock(mutex_);
            return changed_.wait_for(lock, patience, [&] { return text_.find(words) != std::string::npos; });
        }

    protected:
        int_type overflow(int_type byte) override {
            const char one = traits_type::to_char_type(byte);
            (void)xsputn(&one, 1);
            return byte;
        }
        std::streamsize xsputn(const char* bytes, std::streamsize size) override {
            const std::lock_guard<std::mutex> lock(mutex_);
            text_.append(bytes, static_cast<std::size_t>(size));
            changed_.notify_all();
            return size;
        }

    private:
        std::mutex mutex_;
        std::condition_variable changed_;
        std::string text_;
    };

    Buffer buffer_;
    std::ostream out_{&buffer_};
};

/// A line in its parts.
struct Line {
    bool is_sound = false;
    std::string thread; // "#2"
    std::string handle; // "[3]"
    std::string name;
    std::string rest; // from the bracket on
};

Line parsed(const std::string& text) {
    static const std::regex form(
        R"( {0,1}[0-9]+\.[0-9]{6} (?:(#[0-9]+) )?(?:(\[(?:[0-9]+|closed)\]) )?)"
        R"((socket|getaddrinfo|bind|listen|accept|connect|send|recv|send_to|recv_from|shutdown|close|select))"
        R"((\([^]*\)(?: = [^]+|: [^]+| \.\.\. [^]+)?|\([^]*\.\.\.))");
    std::smatch part;
    if (!std::regex_match(text, part, form)) return {};
    for (const char byte : text)
        if (static_cast<unsigned char>(byte) < ' ' || byte == '\x7f') return {};
    return {true, part[1], part[2], part[3], part[4]};
}

/// The primitives, one a line.
std::vector<std::string> names(const std::vector<std::string>& lines) {
    std::vector<std::string> names;
    for (const std::string& line : lines) {
        INFO("line: " << line);
        CHECK(parsed(line).is_sound);
        names.push_back(parsed(line).name);
    }
    return names;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
    return text;
}

std::ptrdiff_t count_lines(const std::ostringstream& out) {
    const std::string text = out.str();
    return std::count(text.begin(), text.end(), '\n');
}

/// The one line of @p action, from the bracket on.
template <class Action>
std::string rest_of(Action action, const TraceStyle& style = wide()) {
    Lines lines(style);
    action();
    const std::vector<std::string> all = lines.all();
    if (all.size() != 1 || !parsed(all[0]).is_sound) return "not one sound line: " + joined(all);
    return parsed(all[0]).rest;
}

template <class SocketClass>
std::string tag(const SocketClass& socket) {
    return "[" + std::to_string(socket.native_handle()) + "]";
}

/// Two ends of a TCP connection, as sockets of no special kind.
struct Pair {
    Socket client;
    Socket server;
};

Pair pair(Family family) {
    Connection both = connection(family);
    return {Socket::adopt(both.client.release()), Socket::adopt(both.server.release())};
}

Socket bound(Family family, Type type) {
    Socket socket(family, type);
    socket.bind(Address::loopback(0, family));
    return socket;
}

Socket listening(Family family) {
    Socket socket = bound(family, Type::stream);
    socket.listen();
    return socket;
}

/// Everything that a primitive needs, made while nobody watches; it ends when nobody watches any more.
struct Scene {
    explicit Scene(Family which) : family(which) {
        visitor.connect(door);
        both.server.send("hola");
        left.connect(right.local_address());
        right.send_to("hola", left.local_address());
        REQUIRE(listener.wait_readable(patience));
        REQUIRE(both.client.wait_readable(patience));
        REQUIRE(left.wait_readable(patience));
    }

    template <class Thing>
    Thing& keep(Thing thing) {
        const auto kept_thing = std::make_shared<Thing>(std::move(thing));
        kept.push_back(kept_thing);
        return *kept_thing;
    }

    template <class SocketClass>
    SocketClass& as(Socket& socket) {
        return keep(SocketClass(std::move(socket)));
    }

    Family family;
    Socket listener = listening(family); ///< The visitor waits there.
    Address door = listener.local_address();
    std::string host = door.host();
    Socket visitor{family, Type::stream};
    Socket idle = listening(family); ///< Nobody waits there.
    Socket stream{family, Type::stream};
    Socket datagram{family, Type::datagram};
    Socket named = bound(family, Type::stream);
    Pair both = pair(family);                    ///< "hola" waits at the client, nothing at the server.
    Socket left = bound(family, Type::datagram); ///< Connected to the right one; "hola" waits there.
    Socket right = bound(family, Type::datagram);
    Address somewhere = right.local_address();
    Address free = Address::loopback(0, family);
    Address sender;
    char buffer[16] = "hola";
    std::vector<std::shared_ptr<void>> kept;
};

/// A way to perform primitives, and which.
struct Way {
    std::string what;
    std::string primitives;
    std::function<void(Scene&)> act;
};

template <class S>
void add_stream_ways(std::vector<Way>& ways, const std::string& of) {
    const auto add = [&](const char* what, const char* primitives, std::function<void(Scene&)> act) {
        ways.push_back({of + what, primitives, std::move(act)});
    };
    add("connect", "connect", [](Scene& at) { at.as<S>(at.stream).connect(at.door); });
    add("connect, limit", "connect", [](Scene& at) { at.as<S>(at.stream).connect(at.door, patience); });
    add("send", "send", [](Scene& at) { at.as<S>(at.both.client).send("hola"); });
    add("send, pointer", "send", [](Scene& at) { at.as<S>(at.both.client).send(at.buffer, 4); });
    add("send_all", "send", [](Scene& at) { at.as<S>(at.both.client).send_all("hola"); });
    add("send_all, pointer", "send", [](Scene& at) { at.as<S>(at.both.client).send_all(at.buffer, 4); });
    add("try_send", "send", [](Scene& at) { CHECK(at.as<S>(at.both.client).try_send("hola")); });
    add("try_send, pointer", "send",
        [](Scene& at) { CHECK(at.as<S>(at.both.client).try_send(at.buffer, 4)); });
    add("send, limit", "send", [](Scene& at) {
        S& socket = at.as<S>(at.both.client);
        socket.set_send_timeout(patience);
        socket.send("hola");
    });
    add("recv", "recv", [](Scene& at) { CHECK(at.as<S>(at.both.client).recv(9) == "hola"); });
    add("recv, pointer", "recv", [](Scene& at) { CHECK(at.as<S>(at.both.client).recv(at.buffer, 9) == 4); });
    add("recv_exactly", "recv", [](Scene& at) { CHECK(at.as<S>(at.both.client).recv_exactly(4) == "hola"); });
    add("recv_exactly, pointer", "recv",
        [](Scene& at) { at.as<S>(at.both.client).recv_exactly(at.buffer, 4); });
    add("recv_exactly, in two", "recv recv", [](Scene& at) {
        S& socket = at.as<S>(at.both.client);
        CHECK(socket.recv_exactly(1) == "h");
        CHECK(socket.recv_exactly(3) == "ola");
    });
    add("recv_exactly of nothing", "", [](Scene& at) { at.as<S>(at.both.client).recv_exactly(0); });
    add("try_recv", "recv", [](Scene& at) { CHECK(at.as<S>(at.both.client).try_recv(9)); });
    add("try_recv, pointer", "recv",
        [](Scene& at) { CHECK(at.as<S>(at.both.client).try_recv(at.buffer, 9)); });
    add("recv, limit", "recv", [](Scene& at) {
        S& socket = at.as<S>(at.both.client);
        socket.set_recv_timeout(patience);
        CHECK(socket.recv(9) == "hola");
    });
    add("try_recv finds nothing", "", [](Scene& at) {
        S& socket = at.as<S>(at.both.server);
        CHECK(!socket.try_recv(9));
        CHECK(!socket.try_recv(at.buffer, 9));
    });
    add("shutdown", "shutdown", [](Scene& at) { at.as<S>(at.both.client).shutdown(); });
    add("shutdown, receive", "shutdown",
        [](Scene& at) { at.as<S>(at.both.client).shutdown(Shutdown::receive); });
    add("shutdown, both", "shutdown", [](Scene& at) { at.as<S>(at.both.client).shutdown(Shutdown::both); });
    add("wait_readable, wait_writable", "", [](Scene& at) {
        S& socket = at.as<S>(at.both.client);
        CHECK((socket.wait_readable(patience) && socket.wait_writable(patience)));
    });
    add("addresses and options", "", [](Scene& at) {
        S& socket = at.as<S>(at.both.client);
        CHECK(socket.local_address() != socket.remote_address());
        socket.set_no_delay(true);
        socket.set_blocking(false);
        CHECK(socket.template option<int>(SOL_SOCKET, SO_TYPE) == SOCK_STREAM);
    });
}

template <class L>
void add_listener_ways(std::vector<Way>& ways, const std::string& of) {
    const auto add = [&](const char* what, const char* primitives, std::function<void(Scene&)> act) {
        ways.push_back({of + what, primitives, std::move(act)});
    };
    add("bind", "bind", [](Scene& at) { at.as<L>(at.stream).bind(at.free); });
    add("listen", "listen", [](Scene& at) { at.as<L>(at.named).listen(); });
    add("listen, backlog", "listen", [](Scene& at) { at.as<L>(at.named).listen(1); });
    add("accept", "accept", [](Scene& at) { at.keep(at.as<L>(at.listener).accept()); });
    add("accept, limit", "accept", [](Scene& at) { at.keep(at.as<L>(at.listener).accept(patience)); });
    add("try_accept", "accept", [](Scene& at) { at.keep(at.as<L>(at.listener).try_accept()); });
    add("accept, nobody in time", "", [](Scene& at) { CHECK(!at.as<L>(at.idle).accept(soon)); });
    add("accept, nobody now", "", [](Scene& at) { CHECK(!at.as<L>(at.idle).accept(milliseconds(0))); });
    add("try_accept finds nobody", "", [](Scene& at) { CHECK(!at.as<L>(at.idle).try_accept()); });
    add("accept, gone at once", "accept close", [](Scene& at) { (void)at.as<L>(at.listener).accept(); });
}

template <class D>
void add_datagram_ways(std::vector<Way>& ways, const std::string& of) {
    const auto add = [&](const char* what, const char* primitives, std::function<void(Scene&)> act) {
        ways.push_back({of + what, primitives, std::move(act)});
    };
    add("bind", "bind", [](Scene& at) { at.as<D>(at.datagram).bind(at.free); });
    add("connect", "connect", [](Scene& at) { at.as<D>(at.datagram).connect(at.somewhere); });
    add("connect, limit", "connect",
        [](Scene& at) { at.as<D>(at.datagram).connect(at.somewhere, patience); });
    add("send", "send", [](Scene& at) { at.as<D>(at.left).send("hola"); });
    add("send, pointer", "send", [](Scene& at) { at.as<D>(at.left).send(at.buffer, 4); });
    add("try_send", "send", [](Scene& at) { CHECK(at.as<D>(at.left).try_send("hola")); });
    add("try_send, pointer", "send", [](Scene& at) { CHECK(at.as<D>(at.left).try_send(at.buffer, 4)); });
    add("send of nothing", "send", [](Scene& at) { at.as<D>(at.left).send(""); });
    add("recv", "recv", [](Scene& at) { CHECK(at.as<D>(at.left).recv(9) == "hola"); });
    add("recv, pointer", "recv", [](Scene& at) { CHECK(at.as<D>(at.left).recv(at.buffer, 9) == 4); });
    add("try_recv", "recv", [](Scene& at) { CHECK(at.as<D>(at.left).try_recv(9)); });
    add("try_recv, pointer", "recv", [](Scene& at) { CHECK(at.as<D>(at.left).try_recv(at.buffer, 9)); });
    add("recv, limit", "recv", [](Scene& at) {
        D& socket = at.as<D>(at.left);
        socket.set_recv_timeout(patience);
        CHECK(socket.recv(9) == "hola");
    });
    add("send_to", "send_to", [](Scene& at) { at.as<D>(at.datagram).send_to("hola", at.somewhere); });
    add("send_to, pointer", "send_to",
        [](Scene& at) { at.as<D>(at.datagram).send_to(at.buffer, 4, at.somewhere); });
    add("try_send_to", "send_to",
        [](Scene& at) { CHECK(at.as<D>(at.datagram).try_send_to("hola", at.somewhere)); });
    add("try_send_to, pointer", "send_to",
        [](Scene& at) { CHECK(at.as<D>(at.datagram).try_send_to(at.buffer, 4, at.somewhere)); });
    add("recv_from", "recv_from", [](Scene& at) { CHECK(at.as<D>(at.left).recv_from().data == "hola"); });
    add("recv_from, pointer", "recv_from",
        [](Scene& at) { CHECK(at.as<D>(at.left).recv_from(at.buffer, 9, at.sender) == 4); });
    add("try_recv_from", "recv_from", [](Scene& at) { CHECK(at.as<D>(at.left).try_recv_from()); });
    add("try_recv_from, pointer", "recv_from",
        [](Scene& at) { CHECK(at.as<D>(at.left).try_recv_from(at.buffer, 9, at.sender)); });
    add("recv_from, limit", "recv_from", [](Scene& at) {
        D& socket = at.as<D>(at.left);
        socket.set_recv_timeout(patience);
        CHECK(socket.recv_from().data == "hola");
    });
    add("try_recv, try_recv_from find nothing", "", [](Scene& at) {
        D& socket = at.as<D>(at.right);
        CHECK(!socket.try_recv(9));
        CHECK(!socket.try_recv(at.buffer, 9));
        CHECK(!socket.try_recv_from());
        CHECK(!socket.try_recv_from(at.buffer, 9, at.sender));
    });
}

/// What every class can do.
template <class S>
void add_closing_ways(std::vector<Way>& ways, const std::string& of, Socket Scene::*whose,
                      Socket Scene::*other) {
    const auto add = [&](const char* what, const char* primitives, std::function<void(Scene&)> act) {
        ways.push_back({of + what, primitives, std::move(act)});
    };
    add("close", "close", [=](Scene& at) { at.as<S>(at.*whose).close(); });
    add("close, twice", "close", [=](Scene& at) {
        S& socket = at.as<S>(at.*whose);
        socket.close();
        socket.close();
    });
    add("destructor", "close", [=](Scene& at) { const S gone(std::move(at.*whose)); });
    add("assignment", "close", [=](Scene& at) {
        S& socket = at.as<S>(at.*whose);
        socket = S(std::move(at.*other));
    });
    add("moved, released and adopted", "", [=](Scene& at) {
        S& socket = at.as<S>(at.*whose);
        S taker(std::move(socket));
        at.keep(Socket::adopt(taker.release()));
    });
}

/// What TcpListener(port) does on this machine: its first socket comes as far as the system's IPv6 does, which can be
/// had without any IPv6 address.
const char* primitives_of_a_listener_on_a_port() {
    REQUIRE(!detail::start());
    const NativeHandle probe = ::socket(AF_INET6, SOCK_STREAM, 0);
    if (probe == detail::no_handle) return "socket socket bind listen";
    const int off = 0;
    const bool both_families = detail::set_option(probe, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0;
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    const bool bound = ::bind(probe, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
    (void)detail::close(probe);
    if (!both_families) return "socket close socket bind listen";
    return bound ? "socket bind listen" : "socket bind close socket bind listen";
}

std::vector<Way> every_way() {
    std::vector<Way> ways;
    const auto add = [&](const char* what, const char* primitives, std::function<void(Scene&)> act) {
        ways.push_back({what, primitives, std::move(act)});
    };
    add_stream_ways<Socket>(ways, "Socket: ");
    add_stream_ways<TcpSocket>(ways, "TcpSocket: ");
    add_listener_ways<Socket>(ways, "Socket: ");
    add_listener_ways<TcpListener>(ways, "TcpListener: ");
    add_datagram_ways<Socket>(ways, "Socket, datagrams: ");
    add_datagram_ways<UdpSocket>(ways, "UdpSocket: ");
    add_closing_ways<Socket>(ways, "Socket: ", &Scene::stream, &Scene::idle);
    add_closing_ways<TcpSocket>(ways, "TcpSocket: ", &Scene::stream, &Scene::idle);
    add_closing_ways<TcpListener>(ways, "TcpListener: ", &Scene::listener, &Scene::idle);
    add_closing_ways<UdpSocket>(ways, "UdpSocket: ", &Scene::left, &Scene::right);

    add("Socket(stream)", "socket", [](Scene& at) { at.keep(Socket(at.family, Type::stream)); });
    add("Socket(datagram)", "socket", [](Scene& at) { at.keep(Socket(at.family, Type::datagram)); });
    add("TcpSocket(family)", "socket", [](Scene& at) { at.keep(TcpSocket(at.family)); });
    add("TcpListener(family)", "socket", [](Scene& at) { at.keep(TcpListener(at.family)); });
    add("UdpSocket(family)", "socket", [](Scene& at) { at.keep(UdpSocket(at.family)); });
    add("UdpSocket(address)", "socket bind", [](Scene& at) { at.keep(UdpSocket(at.free)); });
    add("UdpSocket(port)", "socket bind", [](Scene& at) { at.keep(UdpSocket(0)); });
    add("TcpSocket(host, port)", "getaddrinfo socket connect",
        [](Scene& at) { at.keep(TcpSocket(at.host, at.door.port())); });
    add("TcpSocket(host, port, limit)", "getaddrinfo socket connect",
        [](Scene& at) { at.keep(TcpSocket(at.host, at.door.port(), patience)); });
    add("TcpSocket(host, port), refused", "getaddrinfo socket connect close", [](Scene& at) {
        CHECK(error_of([&] { TcpSocket(at.host, at.named.local_address().port()); }).primitive() ==
              "connect");
    });
    add("connect, refused", "connect close", [](Scene& at) {
        CHECK(error_of([&] { at.stream.connect(at.named.local_address()); }).primitive() == "connect");
        CHECK(!at.stream.is_open());
    });
    add("TcpListener(host, port)", "getaddrinfo socket bind listen",
        [](Scene& at) { at.keep(TcpListener(at.host, 0)); });
    add("TcpListener(address)", "socket bind listen", [](Scene& at) { at.keep(TcpListener(at.free)); });
    add("TcpListener(address), taken", "socket bind close", [](Scene& at) {
        if (error_of([&] { TcpListener(at.door); }).primitive() != "bind") FAIL("the port was free");
    });
    add("TcpListener(port)", primitives_of_a_listener_on_a_port(),
        [](Scene& at) { at.keep(TcpListener(0)); });

    add("Address(host, port)", "getaddrinfo", [](Scene& at) { Address(at.host, 80); });
    add("Address::resolve", "getaddrinfo", [](Scene& at) { Address::resolve(at.host, "80"); });
    add("Address::any, loopback, local, from", "", [](Scene& at) {
        (void)Address::any(80, at.family);
        (void)Address::loopback(80, at.family);
        (void)Address::local("door");
        (void)Address::from(at.door.data(), at.door.size()).to_string();
    });

    add("Selector::select", "select", [](Scene& at) {
        Selector& selector = at.keep(Selector());
        selector.add(at.left);
        CHECK(selector.select().size() == 1);
        selector.modify(at.left, Interest::read_write);
        selector.remove(at.left);
    });
    add("Selector::select, limit", "select", [](Scene& at) {
        Selector& selector = at.keep(Selector());
        selector.add(at.left);
        CHECK(selector.select(patience).size() == 1);
    });
    add("Selector::select, nobody now", "select", [](Scene& at) {
        Selector& selector = at.keep(Selector());
        selector.add(at.right);
        CHECK(selector.select(milliseconds(0)).empty());
    });
    add("Selector::select, nobody in time", "select", [](Scene& at) {
        Selector& selector = at.keep(Selector());
        selector.add(at.right);
        CHECK(selector.select(soon).empty());
    });

    add("LineReader::next", "shutdown recv recv", [](Scene& at) {
        at.both.server.shutdown();
        TcpSocket& socket = at.as<TcpSocket>(at.both.client);
        CHECK(LineReader(socket).next() == std::optional<std::string>("hola"));
    });
    add("LineReader::recv", "recv",
        [](Scene& at) { CHECK(LineReader(at.as<TcpSocket>(at.both.client)).recv(9) == "hola"); });
    add("LineReader::recv_exactly", "recv",
        [](Scene& at) { CHECK(LineReader(at.as<TcpSocket>(at.both.client)).recv_exactly(4) == "hola"); });
    add("TcpStream(host, port)", "getaddrinfo socket connect",
        [](Scene& at) { at.kept.push_back(std::make_shared<TcpStream>(at.host, at.door.port())); });
    add("TcpStream: <<, flush, destructor", "send close", [](Scene& at) {
        TcpStream stream(TcpSocket(std::move(at.both.client)));
        stream << "ho"
               << "la" << std::flush;
    });
    add("TcpStream: the destructor sends and closes", "send close", [](Scene& at) {
        TcpStream stream(TcpSocket(std::move(at.both.client)));
        stream << "ho"
               << "la";
    });
    add("TcpStream: get", "recv close", [](Scene& at) {
        TcpStream stream(TcpSocket(std::move(at.both.client)));
        CHECK(stream.get() == 'h');
        CHECK(stream.get() == 'o');
    });
    return ways;
}

} // namespace

// First, because the first thread that leaves a line is the one without a number.
TEST_CASE("threads: the first has no number, the second is #2") {
    Lines lines;
    Socket(Family::ipv4, Type::stream).close();
    for (int i = 0; i < 2; ++i) std::thread([] { Socket(Family::ipv4, Type::stream).close(); }).join();
    Socket(Family::ipv4, Type::stream).close();
    std::string threads;
    for (const std::string& line : lines.all()) threads += parsed(line).thread + ",";
    CHECK(threads == ",,#2,#2,#3,#3,,,");
}

TEST_CASE("every primitive leaves its line, whatever the way to it") {
    const std::vector<Way> ways = every_way();
    std::set<std::string> seen;
    for (const Family family : ip_families()) {
        for (const Way& way : ways) {
            INFO("way: " << way.what << (family == Family::ipv4 ? ", IPv4" : ", IPv6"));
            Scene scene(family);
            Lines lines;
            way.act(scene);
            const std::vector<std::string> all = lines.all();
            const std::vector<std::string> left = names(all);
            seen.insert(left.begin(), left.end());
            CHECK(joined(left) == way.primitives);
        }
    }
    CHECK(joined({seen.begin(), seen.end()}) == "accept bind close connect getaddrinfo listen recv recv_from "
                                                "select send send_to shutdown socket");
}

TEST_CASE("every primitive that fails leaves its line, with the system's words") {
    struct Failure {
        const char* what;
        std::string primitives;
        std::function<void(Scene&)> act;
    };
    const auto close_natively = [](const Socket& socket) { detail::native::close(socket.native_handle()); };
    const std::vector<Failure> failures = {
        {"no such protocol", "socket", [](Scene& at) { Socket(at.family, Type::stream, 9999); }},
        {"no such service", "getaddrinfo", [](Scene& at) { Address::resolve(at.host, "no-such-service"); }},
        {"taken", "bind", [](Scene& at) { at.stream.bind(at.door); }},
        {"datagrams do not listen", "listen", [](Scene& at) { at.datagram.listen(); }},
        {"accept before listen", "accept", [](Scene& at) { (void)at.named.accept(); }},
        {"accept with a limit before listen", "accept", [](Scene& at) { (void)at.named.accept(patience); }},
        {"nobody listens", "connect close", [](Scene& at) { at.stream.connect(at.named.local_address()); }},
        {"nobody listens, limit", "connect close",
         [](Scene& at) { at.stream.connect(at.named.local_address(), patience); }},
        {"send before connect", "send", [](Scene& at) { at.named.send("hola"); }},
        {"send_all before connect", "send", [](Scene& at) { at.named.send_all("hola"); }},
        {"try_send before connect", "send", [](Scene& at) { (void)at.named.try_send("hola"); }},
        {"recv before connect", "recv", [](Scene& at) { at.named.recv(9); }},
        {"recv_exactly before connect", "recv", [](Scene& at) { at.named.recv_exactly(9); }},
        {"try_recv before connect", "recv", [](Scene& at) { (void)at.named.try_recv(9); }},
        {"too long", "send_to", [](Scene& at) { at.right.send_to(std::string(70000, 'x'), at.somewhere); }},
        {"shutdown before connect", "shutdown", [](Scene& at) { at.named.shutdown(); }},
        {"recv_from, closed behind its back", "recv_from",
         [=](Scene& at) {
             close_natively(at.right);
             try {
                 at.right.recv_from();
             } catch (const Error&) {
                 (void)at.right.release();
                 throw;
             }
         }},
        {"close, closed behind its back", "close",
         [=](Scene& at) {
             close_natively(at.stream);
             at.stream.close();
         }},
    };
    for (const Family family : ip_families()) {
        for (const Failure& failure : failures) {
            CAPTURE(failure.what);
            Scene scene(family);
            Lines lines(wide());
            const Error error = error_of([&] { failure.act(scene); });
            const std::vector<std::string> all = lines.all();
            CAPTURE(error);
            CHECK(joined(names(all)) == failure.primitives);
            REQUIRE(!all.empty());
            const std::string rest = parsed(all[0]).rest;
            CAPTURE(rest);
            const std::string words = "): " + error.code().message();
            CHECK(rest.substr(rest.size() - std::min(words.size(), rest.size())) == words);
            for (std::size_t i = 1; i < all.size(); ++i) CHECK(parsed(all[i]).rest == "()");
        }
    }
}

TEST_CASE("a send for which there is no room leaves no line") {
    Scene scene(Family::ipv4);
    const std::string much(1 << 16, 'x');
    std::size_t sent = 0;
    Lines lines;
    while (scene.both.client.try_send(much)) ++sent;
    CHECK(!scene.both.client.try_send(much));
    CHECK(!scene.both.client.try_send(much.data(), much.size()));
    CHECK(names(lines.all()).size() == sent);
}

TEST_CASE("a connect under way leaves its line, and no word of the end") {
    Scene scene(Family::ipv4);
    scene.stream.set_blocking(false);
    Lines lines(wide());
    const Error error = error_of([&] { scene.stream.connect(scene.door); });
    if (error.code()) CHECK(error.code() == std::errc::operation_in_progress);
    const std::vector<std::string> all = lines.all();
    CHECK(joined(names(all)) == "connect");
    CHECK(scene.stream.is_open());
}

// --- on and off ---------------------------------------------------------------------------------------

TEST_CASE("trace_to: nothing is written before, and nothing after nullptr") {
    CHECK(detail::watching() == nullptr);
    Connection both = connection();
    std::ostringstream out;
    both.client.send("before");
    trace_to(&out);
    CHECK(detail::watching() != nullptr);
    both.client.send("meanwhile");
    trace_to(nullptr);
    CHECK(detail::watching() == nullptr);
    both.client.send("after");
    both.client.close();
    CHECK(out.str().find("meanwhile") != std::string::npos);
    CHECK(out.str().find("before") == std::string::npos);
    CHECK(out.str().find("after") == std::string::npos);
    CHECK(count_lines(out) == 1);
}

TEST_CASE("trace_to: another stream and another style take over at once, the time goes on") {
    Connection both = connection();
    std::ostringstream first;
    std::ostringstream second;
    trace_to(&first);
    both.client.send("one");
    TraceStyle style;
    style.columns = 48;
    trace_to(&second, style);
    both.client.send("two, which is longer");
    trace_to(&first);
    both.client.send("three, which is longer");
    trace_to(nullptr);
    CHECK(first.str().find("one") != std::string::npos);
    CHECK(first.str().find("two") == std::string::npos);
    CHECK(first.str().find("three, which is longer") != std::string::npos);
    CHECK(second.str().find("send(20: \"two, which\"...) = 20") != std::string::npos);
    CHECK(count_lines(second) == 1);
    CHECK(std::stod(second.str()) >= std::stod(first.str()));
}

TEST_CASE("trace_to: into a connection, whose own primitives leave no line") {
    Connection both = patient_connection();
    TcpStream out(std::move(both.client));
    TraceStyle style = wide();
    style.before = [](const std::string&) { Socket(Family::ipv4, Type::datagram).close(); };
    trace_to(&out, style);
    Socket(Family::ipv4, Type::stream).close();
    trace_to(nullptr);
    LineReader lines(both.server);
    for (const std::string end : {" socket(ipv4, stream) = [", "] close()"}) {
        const std::string line = lines.next().value_or("");
        CAPTURE(line);
        CHECK(line.find(end) != std::string::npos);
    }
    both.server.set_recv_timeout(soon);
    CHECK(error_of([&] { (void)lines.next(); }).code() == std::errc::timed_out);
}

TEST_CASE("trace_to: off in the middle of a call, nothing is written any more") {
    Connection both = patient_connection();
    both.server.set_recv_timeout(milliseconds(0)); // one system call, which blocks
    Lines lines(wide("waits"));
    auto receiving = std::async(std::launch::async, [&] { return both.server.recv(9); });
    CHECK(lines.say("waits"));
    trace_to(nullptr);
    both.client.send("hola");
    CHECK(receiving.get() == "hola");
    CHECK(lines.so_far().size() == 1);
}

// --- the line -----------------------------------------------------------------------------------------

TEST_CASE("line: each primitive's arguments and what came of it") {
    for (const Family family : ip_families()) {
        Scene at(family);
        const std::string kind = family == Family::ipv4 ? "ipv4" : "ipv6";
        const std::string door = at.door.to_string();
        const std::string left = at.left.local_address().to_string();
        const std::string right = at.somewhere.to_string();
        Lines lines(wide());
        Socket stream(family, Type::stream);
        Socket datagram(family, Type::datagram);
        Socket named(family, Type::stream);
        named.bind(at.free);
        named.listen(7);
        Accepted accepted = at.listener.accept();
        stream.connect(at.door);
        at.both.client.send("pues");
        at.both.client.recv(1024);
        at.both.client.shutdown();
        at.both.client.shutdown(Shutdown::receive);
        at.both.server.recv(1024);
        at.both.server.recv(1024);
        at.both.server.shutdown(Shutdown::both);
        at.left.recv_from(9);
        at.right.send_to("adios", at.left.local_address());
        Selector selector;
        selector.add(at.left);
        selector.add(at.both.client, Interest::write);
        selector.remove(at.both.client);
        (void)selector.select();
        Address(at.host, 80);
        datagram.bind(at.free);
        const std::string number = tag(stream);
        stream.close();
        const std::vector<std::string> all = lines.all();
        const std::vector<std::string> expected = {
            "socket(" + kind + ", stream) = " + number,
            "socket(" + kind + ", datagram) = " + tag(datagram),
            "socket(" + kind + ", stream) = " + tag(named),
            tag(named) + " bind(" + at.free.to_string() + ") = " + named.local_address().to_string(),
            tag(named) + " listen(7)",
            tag(at.listener) + " accept() = " + tag(accepted.socket) + " " + accepted.address.to_string(),
        };
        std::vector<std::string> got;
        for (const std::string& line : all) {
            CHECK(parsed(line).is_sound);
            CHECK(parsed(line).thread.empty());
            got.push_back(line.substr(line.find(' ', 2) + 1));
        }
        (void)names(all);
        for (std::size_t i = 0; i < expected.size() && i < got.size(); ++i) CHECK(got[i] == expected[i]);
        const auto has = [&](const std::string& line) {
            INFO("line: " << line);
            CHECK(std::count(got.begin(), got.end(), line) == 1);
        };
        has(tag(at.both.client) + " send(4: \"pues\") = 4");
        has(tag(at.both.client) + " recv(1024) = 4: \"hola\"");
        has(tag(at.both.client) + " shutdown(send)");
        has(tag(at.both.client) + " shutdown(receive)");
        has(tag(at.both.server) + " recv(1024) = 4: \"pues\"");
        has(tag(at.both.server) + " recv(1024) = 0 (end)");
        has(tag(at.both.server) + " shutdown(both)");
        has(tag(at.left) + " recv_from(9) = 4: \"hola\" " + right);
        has(tag(at.right) + " send_to(5: \"adios\", " + left + ") = 5");
        has("select() = " + tag(at.left) + " readable");
        has("getaddrinfo(" + at.host + ", 80) = " + Address(at.host, 80).to_string());
        has(tag(datagram) + " bind(" + at.free.to_string() + ") = " + datagram.local_address().to_string());
        const std::string connected =
            " connect(" + door + ") = " + at.host.insert(0, family == Family::ipv6 ? "[" : "");
        CHECK(std::any_of(got.begin(), got.end(),
                          [&](const std::string& line) { return line.rfind(number + connected, 0) == 0; }));
        CHECK(got.back() == number + " close()");
        CHECK(all.size() == 20);
    }
}

TEST_CASE("line: bind to a port of one's own choice has no result, an empty datagram is no end") {
    Scene at(Family::ipv4);
    at.right.close();
    const Address chosen = at.somewhere;
    CHECK(rest_of([&] { at.datagram.bind(chosen); }) == "(" + chosen.to_string() + ")");
    UdpSocket sender;
    sender.send_to("", chosen);
    CHECK(rest_of([&] { at.datagram.recv(9); }) == "(9) = 0: \"\"");
    CHECK(rest_of([&] { sender.send_to("", chosen); }) == "(0: \"\", " + chosen.to_string() + ") = 0");
    CHECK(rest_of([&] { at.datagram.recv_from(9); }) ==
          "(9) = 0: \"\" 127.0.0.1:" + std::to_string(sender.local_address().port()));
    Selector selector;
    selector.add(at.datagram);
    selector.add(at.named);
    selector.remove(at.named);
    CHECK(rest_of([&] { (void)selector.select(milliseconds(0)); }) == "() = nobody");
    selector.modify(at.datagram, Interest::read_write);
    sender.send_to("x", chosen);
    CHECK(at.datagram.wait_readable(patience));
    CHECK(rest_of([&] { (void)selector.select(); }) == "() = " + tag(at.datagram) + " readable writable");
}

TEST_CASE("line: bytes are escaped, every one of them") {
    Connection both = patient_connection();
    CHECK(rest_of([&] { both.client.send("a\0\n\r\t\"\\"s); }) == "(7: \"a\\x00\\n\\r\\t\\\"\\\\\") = 7");
    CHECK(rest_of([&] { both.client.send("\x1b\x7f\xc3\xb1~ z"); }) ==
          "(7: \"\\x1b\\x7f\\xc3\\xb1~ z\") = 7");
    CHECK(both.server.recv_exactly(14).size() == 14);
    for (int value = 0; value < 256; ++value) {
        const std::string bytes(3, static_cast<char>(value));
        for (const std::string& rest : {rest_of([&] { both.client.send(bytes); }),
                                        rest_of([&] { (void)both.server.recv_exactly(3); })}) {
            CAPTURE(rest);
            CHECK(rest.find("3: \"") != std::string::npos);
            CHECK(
                std::all_of(rest.begin(), rest.end(), [](char byte) { return byte >= ' ' && byte <= '~'; }));
        }
    }
}

TEST_CASE("line: what a datagram had no room for is not shown") {
    for (const Family family : ip_families()) {
        Scene at(family);
        char buffer[16] = "...............";
        for (const bool from : {false, true}) {
            at.right.send_to("hidden treasure", at.left.local_address());
            CHECK(at.left.recv(9) == "hola");
            at.right.send_to("hola", at.left.local_address());
            const std::string rest = rest_of([&] {
                const Error error = error_of([&] {
                    if (from) at.left.recv_from(buffer, 6, at.sender);
                    else at.left.recv(buffer, 6);
                });
                CHECK(error.code() == std::errc::message_size);
            });
            CAPTURE(rest);
#ifdef _WIN32 // the system itself says that it was too long
            CHECK(rest == "(6): " + code_of(std::errc::message_size).message());
#else
            CHECK(rest == "(6) = 6: \"hidden\"" + (from ? " " + at.somewhere.to_string() : ""));
#endif
        }
    }
}

TEST_CASE("line: at most 80 columns, or as many as the style says, and one line whatever is in it") {
    Connection both = patient_connection();
    for (const int columns : {80, 48, 60}) {
        TraceStyle style;
        style.columns = columns;
        Lines lines(style);
        for (const std::size_t size : {1U, 9U, 10U, 11U, 29U, 30U, 31U, 100U, 1000U, 65536U}) {
            for (const char byte : {'x', '\n', '\0', '\x1b', '"'}) {
                both.client.send_all(std::string(size, byte));
                CHECK(both.server.recv_exactly(size) == std::string(size, byte));
            }
        }
        std::string name(200, 'n');
        name[100] = '\n';
        CHECK(error_of([&] { Address::resolve("127.0.0.1", name); }).primitive() == "getaddrinfo");
        const std::vector<std::string> all = lines.all();
        std::size_t longest = 0;
        for (const std::string& line : all) {
            longest = std::max(longest, line.size());
            CHECK(parsed(line).is_sound);
        }
        CHECK(longest == static_cast<std::size_t>(columns));
        CHECK(all.back().substr(all.back().size() - 4) == "n...");
    }
    CHECK(rest_of([&] { both.client.send(std::string(30, 'x')); }) ==
          "(30: \"" + std::string(30, 'x') + "\") = 30");
    CHECK(rest_of([&] { both.client.send(std::string(31, 'x')); }) ==
          "(31: \"" + std::string(30, 'x') + "\"...) = 31");
    const auto look_up = [] { Address::resolve("127.0.0.1", "a\nb\x1b[2J\x7f"); };
    CHECK(error_of(look_up).primitive() == "getaddrinfo");
    const std::string ours = "(127.0.0.1, a\\nb\\x1b[2J\\x7f): ";
    CHECK(rest_of([&] { (void)error_of(look_up); }).substr(0, ours.size()) == ours);
}

TEST_CASE("line: a character of several bytes is not cut in two") {
    for (int before = 60; before < 64; ++before) {
        std::string name(static_cast<std::size_t>(before), 'n');
        for (int i = 0; i < 30; ++i) name += "\xe2\x82\xac";
        TraceStyle style;
        style.columns = 130;
        Lines lines(style);
        CHECK(error_of([&] { Address(name, 80); }).primitive() == "getaddrinfo");
        const std::string line = lines.all().at(0);
        CAPTURE(line);
        CHECK(line.size() <= 130);
        CHECK(line.size() > 126);
        CHECK(line.substr(line.size() - 4) == "\xac...");
    }
}

TEST_CASE("line: neither the language nor the stream's format changes it") {
    Connection both = connection();
    for (const char* language : {"es_ES.UTF-8", "de_DE.UTF-8", "Spanish", "German"})
        if (std::setlocale(LC_ALL, language)) break;
    Lines lines;
    lines.stream() << std::setw(60) << std::setfill('*') << std::hex << std::left;
    both.client.send("hola, once");
    CHECK(lines.stream().width() == 60);
    const std::vector<std::string> all = lines.all();
    (void)std::setlocale(LC_ALL, "C");
    CHECK(joined(names(all)) == "send");
    CHECK(all.at(0).find("send(10: \"hola, once\") = 10") != std::string::npos);
    CHECK(all.at(0).find('*') == std::string::npos);
}

#ifndef _WIN32 // Wine has no local sockets

TEST_CASE("line: a local path, long or with a newline inside, is one line") {
    char folder[] = "/tmp/sockets-XXXXXX";
    REQUIRE(::mkdtemp(folder) != nullptr);
    for (const std::string& tail : {std::string(107 - sizeof folder, 'n'), "a\nb\x1b[2J"s}) {
        const Address door = Address::local(std::string(folder) + "/" + tail);
        for (const int columns : {80, 48}) {
            TraceStyle style;
            style.columns = columns;
            Lines lines(style);
            Socket server(Family::local, Type::stream);
            server.bind(door);
            server.listen();
            Socket client(Family::local, Type::stream);
            client.connect(door);
            Accepted accepted = server.accept();
            client.send("hola");
            CHECK(accepted.socket.recv(9) == "hola");
            const std::vector<std::string> all = lines.all();
            CHECK(joined(names(all)) == "socket bind listen socket connect accept send recv");
            for (const std::string& line : all) CHECK(line.size() <= static_cast<std::size_t>(columns));
            CHECK(parsed(all[0]).rest == "(local, stream) = " + tag(server));
            const std::string rest = parsed(all[1]).rest;
            if (tail.size() > 20) CHECK(rest.substr(rest.size() - 4) == "n...");
            else if (columns == 80) CHECK(rest == "("s + folder + "/a\\nb\\x1b[2J)");
            CHECK(parsed(all[5]).rest == "() = " + tag(accepted.socket));
            CHECK(::unlink(door.host().c_str()) == 0);
        }
    }
    const Address first = Address::local(folder + "/first"s);
    const Address second = Address::local(folder + "/second"s);
    Socket named(Family::local, Type::datagram);
    named.bind(first);
    Socket nameless(Family::local, Type::datagram);
    nameless.send_to("hola", first);
    CHECK(rest_of([&] { named.recv_from(9); }) == "(9) = 4: \"hola\"");
    nameless.bind(second);
    nameless.send_to("hola", first);
    CHECK(rest_of([&] { named.recv_from(9); }) == "(9) = 4: \"hola\" " + second.to_string());
    CHECK(::unlink(first.host().c_str()) == 0);
    CHECK(::unlink(second.host().c_str()) == 0);
    CHECK(::rmdir(folder) == 0);
}

#endif

TEST_CASE("line: recv_from on a connection, which tells nobody's address, leaves one too") {
    Scene at(Family::ipv4);
    char buffer[9];
    const std::string rest = rest_of([&] { CHECK(at.both.client.recv_from(buffer, 9, at.sender) == 4); });
    CHECK(rest == "(9) = 4: \"hola\"");
}

// --- waiting ------------------------------------------------------------------------------------------

namespace {

/// A call that has to wait, and what ends its waiting.
struct Waiting {
    const char* call;
    std::function<void(Scene&)> wait;
    std::function<void(Scene&)> end;
};

const std::vector<Waiting>& waitings() {
    const auto client_comes = [](Scene& at) { at.stream.connect(at.idle.local_address()); };
    const auto bytes_come = [](Scene& at) { at.both.client.send("hola"); };
    const auto datagram_comes = [](Scene& at) { at.left.send("hola"); };
    static const std::vector<Waiting> all = {
        {"accept()", [](Scene& at) { at.keep(at.idle.accept()); }, client_comes},
        {"accept()", [](Scene& at) { at.keep(at.idle.accept(patience)); }, client_comes},
        {"recv(9)", [](Scene& at) { at.both.server.recv(9); }, bytes_come},
        {"recv(9)", [](Scene& at) { at.both.server.recv(at.buffer, 9); }, bytes_come},
        {"recv(4)", [](Scene& at) { (void)at.both.server.recv_exactly(4); }, bytes_come},
        {"recv(9)",
         [](Scene& at) {
             at.both.server.set_recv_timeout(patience);
             at.both.server.recv(9);
         },
         bytes_come},
        {"recv(9)", [](Scene& at) { at.right.recv(9); }, datagram_comes},
        {"recv_from(9)", [](Scene& at) { at.right.recv_from(9); }, datagram_comes},
        {"recv_from(9)",
         [](Scene& at) {
             at.right.set_recv_timeout(patience);
             at.right.recv_from(9);
         },
         datagram_comes},
        {"select()",
         [](Scene& at) {
             Selector& selector = at.keep(Selector());
             selector.add(at.both.server);
             (void)selector.select();
         },
         bytes_come},
        {"select()",
         [](Scene& at) {
             Selector& selector = at.keep(Selector());
             selector.add(at.both.server);
             (void)selector.select(patience);
         },
         bytes_come},
    };
    return all;
}

/// How many of the lines say that somebody waits.
std::ptrdiff_t count_waiting(const std::vector<std::string>& lines) {
    return std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
        return line.size() > 14 && line.substr(line.size() - 14) == " ... esperando";
    });
}

} // namespace

TEST_CASE("waiting: who has to wait says so before, with the call and once") {
    for (const Family family : ip_families()) {
        for (const Waiting& waiting : waitings()) {
            CAPTURE(waiting.call);
            Scene at(family);
            Lines lines(wide("esperando"));
            auto call = std::async(std::launch::async, [&] { waiting.wait(at); });
            const bool said = lines.say(" ... esperando\n");
            waiting.end(at); // only now comes what it waits for
            call.get();
            REQUIRE(said);
            const std::vector<std::string> all = lines.all();
            REQUIRE(all.size() == 3); // it waits, the other side acts, it returns, the last two in any order
            (void)names(all);
            const std::string word(waiting.call, std::find(waiting.call, waiting.call + 20, '('));
            CHECK(parsed(all[0]).name == word);
            CHECK(count_waiting({all[0]}) == 1);
            CHECK(count_waiting(all) == 1);
            const bool last =
                parsed(all[2]).name == word && parsed(all[2]).rest.find(" = ") != std::string::npos;
            CHECK(parsed(all[last ? 2 : 1]).name == word);
            CHECK(parsed(all[last ? 2 : 1]).thread == parsed(all[0]).thread);
            CHECK(parsed(all[last ? 2 : 1]).handle == parsed(all[0]).handle);
        }
    }
}

TEST_CASE("waiting: said once, also after a try_ that found nothing") {
    Scene at(Family::ipv4);
    CHECK(!at.both.server.try_recv(9));
    CHECK(!at.idle.try_accept());
    for (const bool accepts : {false, true}) {
        Lines lines(wide("esperando"));
        auto call = std::async(std::launch::async, [&] {
            if (accepts) at.keep(at.idle.accept());
            else at.both.server.recv(9);
        });
        const bool said = lines.say(" ... esperando\n");
        if (accepts) at.stream.connect(at.idle.local_address());
        else at.both.client.send("hola");
        call.get();
        REQUIRE(said);
        CHECK(count_waiting(lines.all()) == 1);
    }
}

TEST_CASE("waiting: a send without room says so") {
    for (const bool limited : {false, true}) {
        Scene at(Family::ipv4);
        Socket& sender = at.both.client;
        if (limited) sender.set_send_timeout(patience);
        const std::string much(1 << 16, 'x');
        Lines lines(wide("esperando"));
        auto sending = std::async(std::launch::async, [&] {
            for (int i = 0; i < 1000; ++i) sender.send_all(much);
        });
        const bool said = lines.say(" ... esperando\n");
        at.both.server.set_recv_timeout(patience);
        for (std::size_t got = 0; got < 1000 * much.size();) got += at.both.server.recv(1 << 20).size();
        sending.get();
        REQUIRE(said);
    }
}

TEST_CASE("waiting: who need not wait does not say so") {
    for (const Family family : ip_families()) {
        for (const Waiting& waiting : waitings()) {
            CAPTURE(waiting.call);
            Scene at(family);
            waiting.end(at);
            REQUIRE((std::string(waiting.call) != "accept()" || at.idle.wait_readable(patience)));
            REQUIRE((waiting.call[0] == 'a' || at.both.server.wait_readable(milliseconds(0)) ||
                     at.right.wait_readable(patience) || at.both.server.wait_readable(patience)));
            Lines lines(wide("esperando"));
            waiting.wait(at);
            const std::vector<std::string> all = lines.all();
            CHECK(all.size() == 1);
            CHECK(count_waiting(all) == 0);
        }
        Scene at(family);
        Lines lines(wide("esperando"));
        at.both.client.send("hola");
        at.right.send_to("hola", at.left.local_address());
        at.both.client.shutdown();
        at.both.server.recv_exactly(4);
        CHECK(at.both.server.recv(9).empty()); // the end needs no waiting
        CHECK(count_waiting(lines.all()) == 0);
    }
}

TEST_CASE("waiting: the calls that never wait do not say so") {
    for (const Family family : ip_families()) {
        Scene at(family);
        Lines lines(wide("esperando"));
        CHECK(!at.idle.try_accept());
        CHECK(!at.idle.accept(milliseconds(0)));
        CHECK(!at.both.server.try_recv(9));
        CHECK(!at.both.server.try_recv(at.buffer, 9));
        CHECK(!at.right.try_recv_from());
        CHECK(!at.right.try_recv_from(at.buffer, 9, at.sender));
        CHECK(at.right.try_send_to("hola", at.left.local_address()));
        while (at.both.client.try_send(std::string(1 << 16, 'x'))) {}
        Selector selector;
        selector.add(at.right);
        CHECK(selector.select(milliseconds(0)).empty());
        at.idle.set_blocking(false);
        CHECK(error_of([&] { (void)at.idle.accept(); }).code() == std::errc::operation_would_block);
#ifndef _WIN32 // Winsock does not tell how a socket was set
        at.both.server.set_blocking(false);
        at.right.set_blocking(false);
        (void)at.both.server.recv(1 << 24);
        CHECK(error_of([&] {
                  while (true) (void)at.both.server.recv(1 << 24);
              }).code() == std::errc::operation_would_block);
        CHECK(error_of([&] { at.right.recv_from(9); }).code() == std::errc::operation_would_block);
        at.both.client.set_blocking(false);
        CHECK(error_of([&] {
                  while (true) at.both.client.send(std::string(1 << 16, 'x'));
              }).code() == std::errc::operation_would_block);
#endif
        CHECK(count_waiting(lines.all()) == 0);
    }
}

TEST_CASE("waiting: a connect with a limit that gets no answer says so, and then why it gave up") {
    Busy busy;
    TcpSocket client;
    Lines lines(wide("esperando"));
    const Error error = error_of([&] { client.connect(busy.address(), soon); });
    CHECK(error.code() == std::errc::timed_out);
    const std::vector<std::string> all = lines.all();
    CHECK(joined(names(all)) == "connect connect close");
    CHECK(count_waiting({all[0]}) == 1);
    CHECK(parsed(all[1]).rest == "(" + busy.address().to_string() + "): " + error.code().message());
}

TEST_CASE("waiting: trace_to alone says it by three dots; it is one line of code that shows where a program "
          "hangs") {
    Scene at(Family::ipv4);
    at.both.server.set_recv_timeout(soon);
    std::ostringstream out;
    trace_to(&out);
    CHECK(error_of([&] { at.both.server.recv(9); }).code() == std::errc::timed_out);
    trace_to(nullptr);
    const std::string text = out.str();
    const std::string first = text.substr(0, text.find('\n'));
    CHECK(first.substr(first.find(']') + 1) == " recv() ...");
    CHECK(text.find("recv(): ") != std::string::npos);
}

TEST_CASE("times: what goes out has the time at which it began, what comes in the time at which it came") {
    for (const Family family : ip_families()) {
        Connection both = connection(family);
        std::ostringstream out;
        TraceStyle style = wide();
        style.zero = TraceStyle::Clock::time_point() + std::chrono::nanoseconds(1);
        trace_to(&out, style);
        const auto now = [] {
            return std::chrono::duration<double>(TraceStyle::Clock::now().time_since_epoch()).count();
        };
        const double before = now();
        both.client.send("hola"); // the peer's recv may be over before this returns
        const double between = now();
        both.server.recv_exactly(4);
        const double after = now();
        trace_to(nullptr);
        std::istringstream lines(out.str());
        double sent = 0;
        double received = 0;
        std::string line;
        REQUIRE(std::getline(lines, line));
        sent = std::stod(line);
        REQUIRE(std::getline(lines, line));
        received = std::stod(line);
        CHECK(before <= sent + 0.000002); // a line has microseconds
        CHECK(sent <= between);
        CHECK(between <= received + 0.000002);
        CHECK(received <= after);
        CHECK(sent <= received);
    }
}

TEST_CASE("waiting: with nullptr nobody says so") {
    Scene at(Family::ipv4);
    at.both.server.set_recv_timeout(soon);
    Selector selector;
    selector.add(at.right);
    Lines lines;
    CHECK(error_of([&] { at.both.server.recv(9); }).code() == std::errc::timed_out);
    CHECK(!at.idle.accept(soon));
    CHECK(selector.select(soon).empty());
    CHECK(joined(names(lines.all())) == "recv select");
}

TEST_CASE("a time limit that runs out leaves a line with the system's words") {
    Scene at(Family::ipv4);
    at.both.server.set_recv_timeout(soon);
    at.right.set_recv_timeout(soon);
    at.both.client.set_send_timeout(soon);
    Lines lines(wide("esperando"));
    CHECK(error_of([&] { at.both.server.recv(9); }).code() == std::errc::timed_out);
    CHECK(error_of([&] { at.right.recv_from(9); }).code() == std::errc::timed_out);
    std::vector<std::string> all = lines.so_far();
    CHECK(joined(names(all)) == "recv recv recv_from recv_from");
    const std::string late = "(): " + code_of(std::errc::timed_out).message();
    for (const std::size_t begins : {std::size_t{0}, std::size_t{2}}) {
        CHECK(count_waiting({all[begins]}) == 1);
        CHECK(parsed(all[begins + 1]).rest == late);
    }
    CHECK(error_of([&] { at.both.client.send_all(std::string(1 << 26, 'x')); }).code() ==
          std::errc::timed_out);
    all = lines.all();
    CHECK(parsed(all.back()).rest == late);
    CHECK(joined(names({all.back()})) == "send");
}

#ifndef _WIN32 // Windows has no signals that interrupt a call

TEST_CASE("an interrupted call leaves no line of its own") {
    struct sigaction handler {};
    static std::atomic<int> delivered;
    delivered = 0;
    handler.sa_handler = [](int) { ++delivered; };
    REQUIRE(::sigaction(SIGUSR1, &handler, nullptr) == 0); // no SA_RESTART: calls come back with EINTR
    for (const bool limited : {false, true}) {
        for (int way = 0; way < 4; ++way) {
            CAPTURE(way);
            Scene at(Family::ipv4);
            if (limited) {
                at.both.server.set_recv_timeout(patience);
                at.right.set_recv_timeout(patience);
            }
            Selector selector;
            selector.add(at.both.server);
            Lines lines(wide("esperando"));
            std::promise<pthread_t> who;
            std::atomic<bool> over{false};
            auto call = std::async(std::launch::async, [&] {
                who.set_value(::pthread_self());
                if (way == 0) at.both.server.recv(9);
                if (way == 1) at.right.recv_from(9);
                if (way == 2 && limited) at.keep(at.idle.accept(patience));
                if (way == 2 && !limited) at.keep(at.idle.accept());
                if (way == 3) (void)selector.select(limited ? patience : milliseconds::max());
                over = true;
            });
            const pthread_t thread = who.get_future().get();
            const bool said = lines.say(" ... esperando\n");
            const int before = delivered;
            while (delivered < before + 20) {
                (void)::pthread_kill(thread, SIGUSR1);
                std::this_thread::yield();
            }
            CHECK(!over);
            at.left.send("hola");
            if (way != 1 && way != 2) at.both.client.send("hola");
            if (way == 2) at.stream.connect(at.idle.local_address());
            call.get();
            REQUIRE(said);
            std::vector<std::string> ends;
            for (const std::string& line : lines.all())
                if (line.find(" ... esperando") == std::string::npos) ends.push_back(line);
            CHECK(ends.size() == (way == 1 ? 2 : 3));
            for (const std::string& line : ends) CHECK(line.find(" = ") != std::string::npos);
        }
    }
}

#endif

// --- before -------------------------------------------------------------------------------------------

namespace {

std::vector<std::string> asked;
Lines* looked_at = nullptr;

/// Notes the call and how many lines there are already.
void ask(const std::string& call) {
    asked.push_back(call + " after " + std::to_string(looked_at->so_far().size()));
}

} // namespace

TEST_CASE("before: called before each primitive, with its call") {
    Scene at(Family::ipv4);
    const std::string door = at.door.to_string();
    asked.clear();
    TraceStyle style = wide();
    style.before = ask;
    Lines lines(style);
    looked_at = &lines;
    Socket server(Family::ipv4, Type::stream);
    server.bind(at.free);
    server.listen(3);
    at.keep(at.listener.accept());
    at.stream.connect(at.door);
    at.both.client.send("pues");
    at.both.client.recv(9);
    (void)at.both.client.try_send("hola");
    at.left.recv_from(9);
    at.right.send_to("x", at.left.local_address());
    Selector selector;
    selector.add(at.left);
    (void)selector.select();
    at.both.client.shutdown();
    Address("127.0.0.1", 80);
    const std::string number = tag(server);
    server.close();
    trace_to(nullptr);
    at.both.client.close(); // nobody asks
    std::vector<std::string> expected = {"socket(ipv4, stream)",
                                         number + " bind(127.0.0.1:0)",
                                         number + " listen(3)",
                                         tag(at.listener) + " accept()",
                                         tag(at.stream) + " connect(" + door + ")",
                                         "send(4: \"pues\")",
                                         "recv(9)",
                                         "send(4: \"hola\")",
                                         tag(at.left) + " recv_from(9)",
                                         tag(at.right) + " send_to(1: \"x\", " +
                                             at.left.local_address().to_string() + ")",
                                         "select()",
                                         "shutdown(send)",
                                         "getaddrinfo(127.0.0.1, 80)",
                                         number + " close()"};
    REQUIRE(asked.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        expected[i] += " after " + std::to_string(i);
        CAPTURE(expected[i]);
        CHECK(asked[i].size() >= expected[i].size());
        CHECK(asked[i].substr(asked[i].size() - std::min(asked[i].size(), expected[i].size())) ==
              expected[i]);
    }
    looked_at = nullptr;
}

TEST_CASE("before: it may throw, and change the system's last error") {
    Connection both = patient_connection();
    TraceStyle style = wide();
    style.before = [](const std::string&) {
        detail::set_last_error(1234);
        throw std::runtime_error("from before");
    };
    Lines lines(style);
    detail::set_last_error(4321);
    CHECK(detail::send(both.client.native_handle(), "hola", 4, detail::no_signal) == 4);
#ifndef _WIN32 // Winsock's own send sets it
    CHECK(detail::last_error() == 4321);
#endif
    CHECK(both.server.recv_exactly(4) == "hola");
    CHECK(joined(names(lines.all())) == "send recv");
}

// --- threads ------------------------------------------------------------------------------------------

TEST_CASE("threads: whole lines from eight at once") {
    constexpr int threads = 8;
    constexpr int rounds = 100;
    Lines lines(wide("esperando"));
    std::vector<std::future<bool>> all;
    for (int thread = 0; thread < threads; ++thread)
        all.push_back(std::async(std::launch::async, [thread] {
            Connection both = patient_connection();
            const std::string message(20, static_cast<char>('a' + thread));
            bool right = true;
            for (int i = 0; i < rounds; ++i) {
                both.client.send_all(message);
                right = both.server.recv_exactly(message.size()) == message && right;
            }
            return right;
        }));
    for (std::future<bool>& one : all) CHECK(one.get());
    std::set<std::string> numbers;
    int sent = 0;
    int received = 0;
    std::map<std::string, double> last; // of each thread: what goes out has the time at which it began
    for (const std::string& text : lines.all()) {
        const Line line = parsed(text);
        INFO("line: " << text);
        REQUIRE(line.is_sound);
        if (line.name == "send") ++sent;
        if (line.name == "recv") ++received;
        if (line.name == "send") numbers.insert(line.thread);
        CHECK(std::stod(text) >= last[line.thread]);
        last[line.thread] = std::stod(text);
    }
    CHECK(sent == threads * rounds);
    CHECK(received >= threads * rounds);
    CHECK(numbers.size() == threads);
    CHECK(numbers.count("") == 0); // that is this thread
}

TEST_CASE("threads: trace_to switched on, off and over meanwhile") {
    constexpr int threads = 4;
    std::atomic<int> running{threads};
    std::vector<std::future<bool>> all;
    for (int thread = 0; thread < threads; ++thread)
        all.push_back(std::async(std::launch::async, [&] {
            bool right = true;
            for (int i = 0; i < 20; ++i) {
                Connection both = patient_connection();
                for (int j = 0; j < 20; ++j) {
                    both.client.send_all("hola");
                    right = both.server.recv_exactly(4) == "hola" && right;
                    right = !both.server.try_recv(4) && right;
                }
            }
            --running;
            return right;
        }));
    std::list<std::ostringstream> streams;
    while (running > 0) {
        streams.emplace_back();
        trace_to(&streams.back());
        TraceStyle style = wide("esperando");
        style.before = [](const std::string&) {};
        trace_to(&streams.back(), style);
        trace_to(&streams.back());
        trace_to(nullptr);
        if (streams.size() > 20) streams.pop_front();
    }
    for (std::future<bool>& one : all) CHECK(one.get());
    trace_to(nullptr);
    for (const std::ostringstream& stream : streams) {
        std::istringstream lines(stream.str());
        for (std::string line; std::getline(lines, line);) {
            CAPTURE(line);
            CHECK(parsed(line).is_sound);
        }
    }
}

// --- the program does not notice ------------------------------------------------------------------------

namespace {

/// Fails in its own way, and leaves the system's last error in disorder.
class Broken : public std::streambuf {
public:
    explicit Broken(bool throws) : throws_(throws) {}
    int calls() const { return calls_; }

protected:
    int_type overflow(int_type) override {
        fail();
        return traits_type::eof();
    }
    std::streamsize xsputn(const char*, std::streamsize) override {
        fail();
        return 0;
    }
    int sync() override {
        fail();
        return -1;
    }

private:
    void fail() {
        ++calls_;
        detail::set_last_error(1234);
        if (throws_) throw std::runtime_error("from the stream");
    }

    bool throws_;
    int calls_ = 0;
};

std::string said(const Error& error) { return error.primitive() + "; " + error.what(); }

/// What a program sees of a conversation: bytes, counts and errors.
std::vector<std::string> conversation(Family family, const Address& nobody) {
    std::vector<std::string> seen;
    const auto note = [&](auto value) { seen.push_back(std::to_string(value)); };
    Scene at(family);
    note(at.both.client.send("hola\0\n"s));
    seen.push_back(at.both.server.recv_exactly(6));
    seen.push_back(at.both.client.recv(3));
    seen.push_back(at.both.client.recv_exactly(1));
    note(at.both.server.try_recv(9).has_value());
    at.both.server.send_all(std::string(5000, 'x'));
    seen.push_back(at.both.client.recv_exactly(5000));
    at.both.server.shutdown();
    seen.push_back(at.both.client.recv(9));
    at.both.server.set_recv_timeout(milliseconds(20));
    seen.push_back(said(error_of([&] { at.both.server.recv(9); })).substr(0, 10));
    note(at.right.send_to("datagram", at.left.local_address()));
    seen.push_back(at.left.recv_from(9).data);
    seen.push_back(said(error_of([&] { at.left.recv_from(4); })).substr(0, 14));
    at.keep(at.listener.accept());
    note(at.idle.accept(milliseconds(0)).has_value());
    Selector selector;
    selector.add(at.both.client);
    note(selector.select(patience).size());
    seen.push_back(said(error_of([&] { (void)Selector().select(); })));
    seen.push_back(said(error_of([&] { at.stream.connect(nobody); })));
    seen.push_back(said(error_of([&] { at.stream.send("x"); })));
    seen.push_back(said(error_of([&] { TcpSocket(nobody.host(), nobody.port()); })));
    seen.push_back(said(error_of([&] { TcpListener taken(nobody); })));
    seen.push_back(said(error_of([&] { Socket(family, Type::stream).recv(9); })));
    seen.push_back(said(error_of([&] { Socket(family, Type::stream, 9999); })));
    seen.push_back(said(error_of([&] { Socket(family, Type::datagram).listen(); })));
    seen.push_back(said(error_of([&] { Address("127.0.0.1", 65536); })));
    seen.push_back(said(error_of([&] { Address::resolve(at.host, "no-such-service"); })));
    return seen;
}

/// The last error that a failing call leaves, straight from the seam.
std::vector<int> last_errors() {
    std::vector<int> errors;
    const auto note = [&](auto result) {
        errors.push_back(detail::last_error());
        CHECK(result == static_cast<decltype(result)>(-1));
    };
    Socket stream(Family::ipv4, Type::stream);
    Socket datagram(Family::ipv4, Type::datagram);
    const NativeHandle handle = stream.native_handle();
    const Address any = Address::loopback(9);
    sockaddr_storage room{};
    socklen_t size = sizeof room;
    char byte = 'x';
    note(detail::make(AF_INET, SOCK_STREAM, 9999));
    note(detail::bind(handle, any.data(), 1));
    note(detail::listen(datagram.native_handle(), 1));
    note(detail::accept(handle, reinterpret_cast<sockaddr*>(&room), &size, true));
    note(detail::accept(handle, reinterpret_cast<sockaddr*>(&room), &size, false));
    note(detail::send(handle, &byte, 1, detail::no_signal));
    note(detail::recv(handle, &byte, 1, 0));
    note(detail::recv(datagram.native_handle(), &byte, 1, detail::no_wait));
    note(detail::recv_from(datagram.native_handle(), &byte, 1, detail::no_wait,
                           reinterpret_cast<sockaddr*>(&room), &size));
    note(detail::send_to(datagram.native_handle(), std::string(70000, 'x').data(), 70000, 0, any.data(),
                         any.size()));
    note(detail::shutdown(handle, detail::shutdown_send));
    note(detail::close(detail::no_handle));
    return errors;
}

} // namespace

TEST_CASE("bytes, results and errors are the same with the trace on, off or broken") {
    for (const Family family : ip_families()) {
        const Nobody nobody(family);
        const std::vector<std::string> plain = conversation(family, nobody.address());
        CHECK(plain.size() == 23);
        for (const char* word : {static_cast<const char*>(nullptr), "esperando"}) {
            Lines lines(wide(word));
            CHECK(conversation(family, nobody.address()) == plain);
            CHECK(names(lines.all()).size() > 40);
        }
        for (const bool throws : {false, true}) {
            for (const bool exceptions : {false, true}) {
                CAPTURE(throws);
                CAPTURE(exceptions);
                Broken broken(throws);
                std::ostream out(&broken);
                if (exceptions) out.exceptions(std::ios::badbit | std::ios::failbit);
                trace_to(&out, wide("esperando"));
                const std::vector<std::string> seen = conversation(family, nobody.address());
                trace_to(nullptr);
                CHECK(seen == plain);
                CHECK(broken.calls() > 0);
            }
        }
    }
}

TEST_CASE("the system's last error after a failure stays, whatever the stream does") {
    const std::vector<int> plain = last_errors();
    CHECK(std::count(plain.begin(), plain.end(), 0) == 0);
    for (const bool throws : {false, true}) {
        for (int lines = 0; lines < 12; ++lines) { // a stream that has failed once is not asked again
            Broken broken(throws);
            std::ostream out(&broken);
            TraceStyle style = wide("esperando");
            style.before = [](const std::string&) { detail::set_last_error(77); };
            trace_to(&out, style);
            const std::vector<int> watched = last_errors();
            trace_to(nullptr);
            CHECK(watched == plain);
        }
    }
}

TEST_CASE("the system's last error stays after each primitive, if the stream spoils it each time") {
    class Spoils : public std::stringbuf {
        int sync() override {
            detail::set_last_error(1234);
            return 0;
        }
    } buffer;
    const std::vector<int> plain = last_errors();
    std::ostream out(&buffer);
    trace_to(&out, wide("esperando"));
    const std::vector<int> watched = last_errors();
    trace_to(nullptr);
    CHECK(watched == plain);
#ifndef _WIN32 // a call that succeeds leaves errno alone; Winsock's sets it
    Connection both = connection();
    trace_to(&out, wide("esperando"));
    errno = 4321;
    CHECK(both.client.send("hola") == 4);
    CHECK(both.server.recv(9) == "hola");
    CHECK(errno == 4321);
    trace_to(nullptr);
#endif
}

TEST_CASE("a stream that is destroyed ends the trace") {
    Connection both = connection();
    auto out = std::make_unique<std::ostringstream>();
    trace_to(out.get());
    both.client.send("one");
    CHECK(out->str().find("one") != std::string::npos);
    out.reset();
    CHECK(detail::watching() == nullptr);
    both.client.send("two");
    Lines lines;
    both.client.send("three");
    CHECK(lines.all().size() == 1);
}

TEST_CASE("a stream that is destroyed ends only its own trace") {
    Connection both = connection();
    auto first = std::make_unique<std::ostringstream>();
    auto second = std::make_unique<std::ostringstream>();
    trace_to(first.get());
    trace_to(second.get());
    trace_to(first.get());
    trace_to(second.get());
    first.reset();
    CHECK(detail::watching() != nullptr);
    both.client.send("hola");
    CHECK(second->str().find("hola") != std::string::npos);
    {
        std::ostringstream other;
        other.copyfmt(*second); // its callbacks too
    }
    both.client.send("adios");
    CHECK(second->str().find("adios") != std::string::npos);
    second.reset();
    CHECK(detail::watching() == nullptr);
    both.client.send("hola");
}

// --- after main -----------------------------------------------------------------------------------------

namespace {

/// Destroyed after the socket below, because it was made before: says with what the program ends.
struct Judge {
    std::ostringstream lines;
    ~Judge() {
        const std::string text = lines.str();
        const bool closed = text.size() >= 9 && text.substr(text.size() - 9) == " close()\n";
        if (!closed) std::_Exit(3);
    }
};

/// A program that leaves a socket to the end of its static objects.
[[noreturn]] void end_with_a_socket(int way) {
    static const Judge judge;
    if (way == 0) trace_to(&const_cast<Judge&>(judge).lines);
    static const TcpListener early(Address::loopback(0));
    static std::ostringstream gone; // before the socket above
    static std::ostringstream other;
    if (way == 1) {
        const_cast<Judge&>(judge).lines << " close()\n";
        trace_to(&gone, wide("esperando"));
        TcpListener(Address::loopback(0)).close();
    }
    if (way == 2) {
        const_cast<Judge&>(judge).lines << " close()\n";
        trace_to(&std::cerr);
    }
    std::exit(0);
}

} // namespace

TEST_CASE("a socket that closes after main has ended is safe, and leaves its line") {
    for (int way = 0; way < 3; ++way) {
        CAPTURE(way);
#ifdef _WIN32 // no fork: the program runs itself again
        if (const char* chosen = std::getenv("SOCKETS_TRACE_AFTER_MAIN"))
            end_with_a_socket(std::atoi(chosen));
        char self[MAX_PATH];
        REQUIRE(::GetModuleFileNameA(nullptr, self, sizeof self) > 0);
        REQUIRE(::_putenv(("SOCKETS_TRACE_AFTER_MAIN=" + std::to_string(way)).c_str()) == 0);
        const auto ended = ::_spawnl(_P_WAIT, self, "again", "-tc=*after?main?has?ended*", nullptr);
        REQUIRE(::_putenv("SOCKETS_TRACE_AFTER_MAIN=") == 0);
        CHECK(ended == 0);
#else
        std::cout.flush();
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            ::alarm(60);
            if (!std::freopen("/dev/null", "w", stderr)) ::_exit(4);
            end_with_a_socket(way);
        }
        int status = 0;
        CHECK(::waitpid(child, &status, 0) == child);
        CHECK(status == 0);
#endif
    }
}

// --- what is no socket --------------------------------------------------------------------------------

TEST_CASE("close: a Selector that goes leaves no line, whatever the system keeps for it") {
    Lines lines(wide());
    { const Selector selector; }
    CHECK(lines.all().empty());
}
