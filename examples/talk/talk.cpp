// talk: a conversation by hand, or of given steps, on every system.
//
//   talk HOST PORT                     what is typed goes, what comes is shown
//   talk HOST PORT STEP...             plays the steps; ends with 1 if something else comes
//   --listen: waits for a client there; --udp: datagrams; --wait SECONDS: for what is expected
//
// Steps: "send hola\n", "line hola", "hex 13 89", "bytes hola\n" (one by one), "pieces 3 hola",
// "pause 0.5", "expect hola", "expect-hex 6f 6b", "expect-line OK", "expect-end", "silence 1", end,
// reset, "use B" (one more connection, or back to it; the first one is A).

#include <sockets/all.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "../console.hpp"
#include "steps.hpp"
#include "wire.hpp"

using namespace sockets;
using std::chrono::milliseconds;

struct Wishes {
    std::string host;
    int port;
    bool listens;
    bool udp;
    milliseconds wait;
};

Socket open(const Wishes& wishes) {
    if (wishes.udp && !wishes.listens) {
        const Address address(wishes.host, wishes.port);
        UdpSocket socket(address.family()); // SOCKET
        socket.connect(address);            // CONNECT: fixes the peer
        return Socket::adopt(socket.release());
    }
    if (wishes.udp) throw std::runtime_error("--udp y --listen no van juntos");
    if (!wishes.listens)
        return Socket::adopt(TcpSocket(wishes.host, wishes.port).release()); // SOCKET, CONNECT
    TcpListener server(wishes.host, wishes.port);                            // SOCKET, BIND, LISTEN
    console::say("Escuchando en " + server.local_address().to_string());
    return Socket::adopt(server.accept().socket.release()); // ACCEPT
}

void cut(Socket& socket) {
    linger at_once{};
    at_once.l_onoff = 1;
    socket.set_option(SOL_SOCKET, SO_LINGER, at_once);
    socket.close(); // CLOSE: and the other side is told of a reset
}

void play(const Wishes& wishes, const std::vector<Step>& steps) {
    std::map<std::string, std::unique_ptr<Wire>> wires;
    const auto wire = [&](const std::string& name) {
        auto& found = wires[name];
        if (!found) found = std::make_unique<Wire>(open(wishes), wishes.udp);
        return found.get();
    };
    Wire* now = wire("A");
    for (const Step& step : steps) {
        switch (step.kind) {
        case Step::Kind::send: now->send(step); break;
        case Step::Kind::pause: now->pause(step.time); break;
        case Step::Kind::expect: now->expect(step.text, wishes.wait); break;
        case Step::Kind::expect_line: now->expect_line(step.text, wishes.wait); break;
        case Step::Kind::expect_end: now->expect_end(wishes.wait); break;
        case Step::Kind::silence: now->silence(step.time); break;
        case Step::Kind::end: now->socket().shutdown(); break;
        case Step::Kind::reset: cut(now->socket()); break;
        case Step::Kind::use: now = wire(step.text); break;
        }
    }
    for (const auto& [name, open_wire] : wires)
        if (open_wire->socket().is_open()) open_wire->listen_on(milliseconds(1000));
}

// By hand: two directions, two threads.
void converse(Socket& socket) {
    console::bytes_as_they_are();
    std::thread hearing([&socket] {
        try {
            for (std::string bytes = socket.recv(65536); !bytes.empty(); bytes = socket.recv(65536))
                std::cout << bytes << std::flush;
        } catch (const std::exception& error) {
            std::cerr << error.what() << '\n';
            std::_Exit(1); // whoever waits at the keyboard is not woken otherwise
        }
        std::_Exit(0);
    });
    for (std::string typed = console::read_some(); !typed.empty(); typed = console::read_some())
        socket.send_all(typed); // SEND
    socket.shutdown();          // this side has said everything
    hearing.join();
}

int main(int argc, char** argv) {
    console::Arguments arguments(
        argc, argv, "talk HOST PUERTO [PASO...] [--listen] [--udp] [--wait SEGUNDOS = 5]");
    Wishes wishes;
    wishes.listens = arguments.flag("--listen");
    wishes.udp = arguments.flag("--udp");
    wishes.wait = std::chrono::seconds(arguments.number("--wait", 5));
    wishes.host = arguments.needed("HOST");
    wishes.port = arguments.port_of(arguments.needed("PUERTO"));
    std::vector<Step> steps;
    for (std::string word = arguments.text(""); !word.empty(); word = arguments.text("")) {
        try {
            steps.push_back(step_of(word));
        } catch (const NoStep& why) {
            std::cerr << "paso " << steps.size() + 1 << ", " << word << ": " << why.what() << '\n';
            return 2;
        }
    }
    arguments.done();
    try {
        if (!steps.empty()) play(wishes, steps);
        else {
            Socket socket = open(wishes);
            converse(socket);
        }
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
