// unkind: stands between two programs that send each other datagrams, and treats them as a bad
// network would.
//
//   unkind LISTEN TARGET [--lose PERCENT] [--double PERCENT] [--delay MS] [--shuffle] [--seed N]
//
// LISTEN and TARGET: host:port, or a port of localhost. Ctrl+C ends it, with what it has done.

#include <sockets/selector.hpp>
#include <sockets/udp.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <list>
#include <map>
#include <random>
#include <string>

#include "../console.hpp"

using namespace sockets;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

std::atomic<bool> over{false};

extern "C" void on_ctrl_c(int) { over = true; }

struct Unkindness {
    unsigned lose;      // of 100
    unsigned twice;     // of 100
    milliseconds delay; // each way
    bool shuffle;
};

// For each client one socket towards the target: what comes back there is for that client.
struct Client {
    Address address;
    UdpSocket towards_target;
};

// A datagram on its way.
struct Waiting {
    std::string data;
    Client* client;
    bool to_target;
};

class Relay {
public:
    Relay(const Address& listen, const Address& target, const Unkindness& how, unsigned seed)
        : door_(listen), target_(target), how_(how), random_(seed) {
        selector_.add(door_);
    }

    Address address() const { return door_.local_address(); }

    void run() {
        while (!over) {
            for (const Ready& ready : selector_.select(patience())) { // SELECT
                if (ready.is(door_)) from_client();
                for (Client& client : clients_)
                    if (ready.is(client.towards_target)) from_target(client);
            }
            deliver();
        }
    }

    void report(std::ostream& out) const {
        out << "Recibidos: " << received_ << "\nPerdidos: " << lost_ << "\nRepetidos: " << doubled_
            << "\nEntregados: " << delivered_ << '\n';
    }

private:
    milliseconds patience() const {
        const milliseconds longest(200); // then it looks whether it is over
        if (waiting_.empty()) return longest;
        const auto left = std::chrono::ceil<milliseconds>(waiting_.begin()->first - Clock::now());
        return std::clamp(left, milliseconds(0), longest);
    }

    void from_client() try {
        const auto datagram = door_.try_recv_from(); // RECEIVE
        if (datagram) take({datagram->data, &client_at(datagram->sender), true});
    } catch (const std::exception& error) { // what one side refuses is lost, as in a bad network
        console::report(error);
    }

    void from_target(Client& client) try {
        const auto datagram = client.towards_target.try_recv_from(); // RECEIVE
        if (datagram) take({datagram->data, &client, false});
    } catch (const std::exception& error) {
        console::report(error);
    }

    Client& client_at(const Address& address) {
        const auto known =
            std::find_if(clients_.begin(), clients_.end(),
                         [&](const Client& client) { return client.address == address; });
        if (known != clients_.end()) return *known;
        clients_.push_back({address, UdpSocket(target_.family())});
        selector_.add(clients_.back().towards_target);
        return clients_.back();
    }

    // Loses it, or lays it by until its time has come, perhaps twice.
    void take(const Waiting& datagram) {
        ++received_;
        if (happens(how_.lose)) {
            ++lost_;
            return;
        }
        waiting_.emplace(Clock::now() + delay(), datagram);
        if (!happens(how_.twice)) return;
        ++doubled_;
        waiting_.emplace(Clock::now() + delay(), datagram);
    }

    // Those that wait for different times overtake each other.
    milliseconds delay() {
        if (!how_.shuffle) return how_.delay;
        const auto most = static_cast<unsigned>(std::max<long long>(how_.delay.count(), 10));
        return how_.delay + milliseconds(random_() % most);
    }

    bool happens(unsigned percent) { return random_() % 100 < percent; }

    void deliver() {
        while (!waiting_.empty() && waiting_.begin()->first <= Clock::now()) {
            const Waiting datagram = waiting_.begin()->second;
            waiting_.erase(waiting_.begin());
            try {
                Client& client = *datagram.client;
                if (datagram.to_target)
                    client.towards_target.send_to(datagram.data, target_); // SEND
                else door_.send_to(datagram.data, client.address);         // SEND
                ++delivered_;
            } catch (const std::exception& error) {
                console::report(error);
            }
        }
    }

    UdpSocket door_;
    Address target_;
    Unkindness how_;
    std::mt19937 random_;
    Selector selector_;
    std::list<Client> clients_;
    std::multimap<Clock::time_point, Waiting> waiting_;
    int received_ = 0;
    int lost_ = 0;
    int doubled_ = 0;
    int delivered_ = 0;
};

// "host:port", or a port of localhost.
Address place(const std::string& text, console::Arguments& arguments) {
    const std::size_t colon = text.rfind(':');
    const std::string host = colon == std::string::npos ? "localhost" : text.substr(0, colon);
    return {host, arguments.port_of(colon == std::string::npos ? text : text.substr(colon + 1))};
}

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv,
                                 "unkind ESCUCHA DESTINO [--lose %] [--double %] [--delay MS] "
                                 "[--shuffle] [--seed N]");
    const Unkindness how{static_cast<unsigned>(arguments.number("--lose", 0)),
                         static_cast<unsigned>(arguments.number("--double", 0)),
                         milliseconds(arguments.number("--delay", 0)), arguments.flag("--shuffle")};
    const auto seed = static_cast<unsigned>(
        arguments.number("--seed", static_cast<int>(std::random_device()() % 1'000'000)));
    const std::string listen = arguments.needed("ESCUCHA");
    const std::string target = arguments.needed("DESTINO");
    try {
        std::signal(SIGINT, on_ctrl_c);
        std::signal(SIGTERM, on_ctrl_c);
        Relay relay(place(listen, arguments), place(target, arguments), how, seed);
        arguments.done();
        console::say("Semilla ", seed, ", escuchando en ", relay.address());
        relay.run();
        relay.report(std::cout);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
