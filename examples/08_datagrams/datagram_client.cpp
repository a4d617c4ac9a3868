// datagram_client: numbered datagrams go and come back; what was lost, and how long it took
// (documents 001 and 004, port 21008).
//
//   datagram_client [host] [port] [--count N] [--every MS] [--size BYTES] [--wait MS]
//                   [--reliable]
//
// --reliable: each is sent again until its answer has come.

#include <sockets/udp.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <iostream>
#include <string>

#include "../console.hpp"
#include "round_trips.hpp"

using namespace sockets;
using std::chrono::milliseconds;
using Clock = RoundTrips::Clock;

struct Wishes {
    int count;
    milliseconds every;
    std::size_t size;
    milliseconds wait;
};

milliseconds left_until(Clock::time_point time) {
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(time - Clock::now()));
}

// What comes back until then, and no longer than something is missing.
void hear(UdpSocket& socket, RoundTrips& trips, Clock::time_point until, bool all) {
    while (!all || trips.returned() < trips.sent()) {
        const auto message = socket.recv(65535, left_until(until)); // RECEIVE, with a limit
        if (!message) return;
        if (const auto number = number_of(*message)) trips.returned(*number, Clock::now());
    }
}

void one_after_another(UdpSocket& socket, const Wishes& wishes, RoundTrips& trips) {
    auto next = Clock::now();
    for (int number = 1; number <= wishes.count; ++number) {
        trips.sent(Clock::now());
        socket.send(numbered(number, wishes.size)); // SEND: whether it arrives, nobody says
        next += wishes.every;
        hear(socket, trips, next, false);
    }
    hear(socket, trips, Clock::now() + wishes.wait, true);
}

// Stop-and-wait: a message has a number, and is sent again until its number has come back. An
// answer to an earlier one, late or doubled, is not taken for it.
bool answered(UdpSocket& socket, int number, milliseconds wait) {
    const auto until = Clock::now() + wait;
    while (const auto message = socket.recv(65535, left_until(until))) // RECEIVE, with a limit
        if (number_of(*message) == number) return true;
    return false;
}

int reliably(UdpSocket& socket, const Wishes& wishes, RoundTrips& trips) {
    int repeated = 0;
    for (int number = 1; number <= wishes.count; ++number) {
        trips.sent(Clock::now());
        for (int attempt = 1;; ++attempt) {
            socket.send(numbered(number, wishes.size)); // SEND
            if (answered(socket, number, wishes.wait)) break;
            if (attempt == 50) throw std::runtime_error("nadie contesta");
            ++repeated;
        }
        trips.returned(number, Clock::now());
    }
    return repeated;
}

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv,
                                 "datagram_client [host = localhost] [puerto = 21008] [--count N] "
                                 "[--every MS] [--size BYTES] [--wait MS] [--reliable]");
    const bool reliable = arguments.flag("--reliable");
    const Wishes wishes{arguments.number("--count", 10, 1),
                        milliseconds(arguments.number("--every", 100)),
                        static_cast<std::size_t>(arguments.number("--size", 64)),
                        milliseconds(arguments.number("--wait", 1000, 1))};
    const std::string host = arguments.text("localhost");
    const int port = arguments.port(21008);
    arguments.done();
    try {
        const Address server(host, port);
        UdpSocket socket(server.family()); // SOCKET
        socket.connect(server);            // CONNECT: nothing goes yet; only its datagrams come in
        RoundTrips trips;
        if (reliable) std::cout << "Reenviados: " << reliably(socket, wishes, trips) << '\n';
        else one_after_another(socket, wishes, trips);
        trips.report(std::cout);
        return trips.returned() > 0 ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
