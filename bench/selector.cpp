// bench_selector: how many messages a second go through one connection that is waited for among many idle sockets,
// with Selector, with epoll by hand and with poll by hand. Linux. Build it optimised.
//
//   bench_selector [messages a round] [rounds]

#include <sockets/selector.hpp>
#include <sockets/tcp.hpp>
#include <sockets/udp.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>

namespace {

using namespace sockets;

constexpr std::size_t message_size = 64;

[[noreturn]] void give_up(const char* what) {
    std::perror(what);
    std::exit(1);
}

/// The connection through which the messages go, and those who only wait.
struct Sockets {
    explicit Sockets(int count) {
        TcpListener listener("127.0.0.1", 0);
        sender.connect(listener.local_address());
        receiver = listener.accept().socket;
        sender.set_no_delay(true);
        for (int i = 0; i < count; ++i) idle.emplace_back(Address::loopback(0));
    }
    TcpSocket sender;
    TcpSocket receiver;
    std::vector<UdpSocket> idle;
};

class BySelector {
public:
    explicit BySelector(Sockets& sockets) : sockets_(sockets) {
        for (const UdpSocket& socket : sockets.idle) selector_.add(socket);
        selector_.add(sockets.receiver);
    }
    std::size_t message(char* bytes) {
        std::size_t received = 0;
        sockets_.sender.send(bytes, message_size);
        for (const Ready& ready : selector_.select())
            if (ready.is(sockets_.receiver)) received += sockets_.receiver.recv(bytes, message_size);
        return received;
    }

private:
    Sockets& sockets_;
    Selector selector_;
};

/// SEND and RECEIVE by hand, for the two that wait by hand.
struct ByHand {
    explicit ByHand(const Sockets& sockets)
        : sender(sockets.sender.native_handle()), receiver(sockets.receiver.native_handle()) {}
    void send(const char* bytes) const {
        if (::send(sender, bytes, message_size, MSG_NOSIGNAL) < 0) give_up("send");
    }
    std::size_t recv(char* bytes) const {
        const ssize_t count = ::recv(receiver, bytes, message_size, 0);
        if (count < 0) give_up("recv");
        return static_cast<std::size_t>(count);
    }
    int sender;
    int receiver;
};

class ByEpoll : ByHand {
public:
    explicit ByEpoll(const Sockets& sockets) : ByHand(sockets), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        for (const UdpSocket& socket : sockets.idle) add(socket.native_handle());
        add(receiver);
    }
    ~ByEpoll() { (void)::close(epoll_); }
    ByEpoll(const ByEpoll&) = delete;
    ByEpoll& operator=(const ByEpoll&) = delete;

    std::size_t message(char* bytes) {
        std::size_t received = 0;
        send(bytes);
        const int count = ::epoll_wait(epoll_, events_, 64, -1);
        if (count < 0) give_up("epoll_wait");
        for (int i = 0; i < count; ++i)
            if (events_[i].data.fd == receiver) received += recv(bytes);
        return received;
    }

private:
    void add(int handle) const {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = handle;
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, handle, &event) != 0) give_up("epoll_ctl");
    }

    int epoll_;
    epoll_event events_[64];
};

class ByPoll : ByHand {
public:
    explicit ByPoll(const Sockets& sockets) : ByHand(sockets) {
        for (const UdpSocket& socket : sockets.idle) entries_.push_back({socket.native_handle(), POLLIN, 0});
        entries_.push_back({receiver, POLLIN, 0});
    }
    std::size_t message(char* bytes) {
        std::size_t received = 0;
        send(bytes);
        if (::poll(entries_.data(), entries_.size(), -1) < 0) give_up("poll");
        for (const pollfd& entry : entries_)
            if (entry.revents != 0 && entry.fd == receiver) received += recv(bytes);
        return received;
    }

private:
    std::vector<pollfd> entries_;
};

/// Messages per second.
template <class Way>
double measure(Way& way, long messages) {
    char bytes[message_size] = {};
    std::size_t received = 0;
    const auto start = std::chrono::steady_clock::now();
    for (long i = 0; i < messages; ++i) received += way.message(bytes);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    if (received != message_size * static_cast<std::size_t>(messages)) {
        std::fprintf(stderr, "bytes were lost\n");
        std::exit(1);
    }
    return static_cast<double>(messages) / time.count();
}

double median(std::vector<double> numbers) {
    std::sort(numbers.begin(), numbers.end());
    return numbers[numbers.size() / 2];
}

/// "123456 +-  3.2%": the median, and half of what lies between the quarters.
std::string summary(std::vector<double> numbers) {
    std::sort(numbers.begin(), numbers.end());
    const std::size_t quarter = numbers.size() / 4;
    const double middle = median(numbers);
    const double spread = (numbers[numbers.size() - 1 - quarter] - numbers[quarter]) / 2;
    char text[64];
    std::snprintf(text, sizeof text, "%9.0f +-%4.1f%%", middle, 100 * spread / middle);
    return text;
}

/// The three take turns in every round, each time another one first, so that what disturbs them disturbs all.
void compare(int idle, long messages, int rounds) {
    Sockets sockets(idle);
    BySelector selector(sockets);
    ByEpoll epoll(sockets);
    ByPoll poll(sockets);
    std::vector<double> results[3];
    std::vector<double> ratios;
    for (int round = -1; round < rounds; ++round) { // the first one only warms up
        double result[3] = {};
        for (int turn = 0; turn < 3; ++turn) {
            const int way = (round + 1 + turn) % 3;
            // Where poll takes long, a part of the messages says as much.
            const long fewer = way == 2 && idle > 100 ? messages * 100 / idle : messages;
            result[way] = way == 0   ? measure(selector, messages)
                          : way == 1 ? measure(epoll, messages)
                                     : measure(poll, fewer < 100 ? 100 : fewer);
        }
        if (round < 0) continue;
        for (int way = 0; way < 3; ++way) results[way].push_back(result[way]);
        ratios.push_back(result[0] / result[1]);
    }
    std::printf("%6d   %s   %s   %s   %14.3f   %13.3f\n", idle, summary(results[0]).c_str(),
                summary(results[1]).c_str(), summary(results[2]).c_str(),
                median(results[0]) / median(results[1]), median(ratios));
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    try {
        const long messages = argc > 1 ? std::stol(argv[1]) : 20000;
        const int rounds = argc > 2 ? std::stoi(argv[2]) : 15;
        rlimit limit{};
        (void)::getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        (void)::setrlimit(RLIMIT_NOFILE, &limit);
        std::printf(
            "messages of %zu bytes a second, medians of %d rounds of %ld, +- half the quartile range\n\n",
            message_size, rounds, messages);
        std::printf("%6s   %16s   %16s   %16s   %14s   %13s\n", "idle", "Selector", "epoll by hand",
                    "poll by hand", "Selector/epoll", "round by round");
        for (const int idle : {10, 100, 1000, 5000}) compare(idle, messages, rounds);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
