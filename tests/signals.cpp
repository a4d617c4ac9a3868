// Signals: a call that one interrupts goes on, and its time limit is counted down; a peer that has gone sends none.

#include "support.hpp"

#ifndef _WIN32 // Windows has no signals that interrupt a call

#include <signal.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

using namespace support;

namespace {

std::atomic<int> delivered{0};

/// Interrupts the thread that makes it, over and over, for as long as it lives, but not for ever.
class Interruptions {
public:
    /// After some of them @p then is done, which ends what is being interrupted.
    explicit Interruptions(std::function<void()> then = [] {})
        : target_(::pthread_self()), then_(std::move(then)) {
        delivered = 0;
        struct sigaction handler {};
        handler.sa_handler = [](int) { ++delivered; };
        handler.sa_flags = 0; // no SA_RESTART: calls come back with EINTR
        REQUIRE(::sigaction(SIGUSR1, &handler, nullptr) == 0);
        thread_ = std::thread([this] { interrupt(); });
    }
    ~Interruptions() {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            over_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }
    Interruptions(const Interruptions&) = delete;
    Interruptions& operator=(const Interruptions&) = delete;

    /// Whether they were still coming: what has come back did so by itself.
    bool still_coming() const { return coming_; }

private:
    void interrupt() {
        using clock = std::chrono::steady_clock;
        const auto end = clock::now() + std::chrono::seconds(10);
        bool done = false;
        std::unique_lock<std::mutex> lock(mutex_);
        while (!over_ && clock::now() < end) {
            (void)::pthread_kill(target_, SIGUSR1);
            if (!done && delivered >= 20) {
                done = true;
                then_();
            }
            (void)changed_.wait_for(lock, milliseconds(1), [this] { return over_; });
        }
        coming_ = false;
    }

    pthread_t target_;
    std::function<void()> then_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    std::atomic<bool> coming_{true};
    std::thread thread_;
};

} // namespace

TEST_CASE("recv: goes on after an interruption") {
    for (const bool limited : {false, true}) {
        Connection both = connection();
        if (limited) both.client.set_recv_timeout(patience);
        const Interruptions interruptions([&] { both.server.send("x"); });
        CHECK(both.client.recv(1) == "x");
        CHECK(delivered >= 20);
    }
}

TEST_CASE("recv_exactly: goes on after an interruption") {
    for (const bool limited : {false, true}) {
        Connection both = connection();
        if (limited) both.client.set_recv_timeout(patience);
        both.server.send("abc");
        const Interruptions interruptions([&] { both.server.send("def"); });
        CHECK(both.client.recv_exactly(6) == "abcdef");
        CHECK(delivered >= 20);
    }
}

TEST_CASE("recv_from: goes on after an interruption") {
    for (const bool limited : {false, true}) {
        UdpSocket server(Address::loopback(0));
        UdpSocket client;
        if (limited) server.set_recv_timeout(patience);
        const Interruptions interruptions([&] { client.send_to("x", server.local_address()); });
        CHECK(server.recv_from().data == "x");
        CHECK(delivered >= 20);
    }
}

TEST_CASE("accept: goes on after an interruption") {
    for (const bool limited : {false, true}) {
        TcpListener server(Address::loopback(0));
        const int port = server.local_address().port();
        std::optional<TcpSocket> client;
        const Interruptions interruptions([&] { client.emplace("127.0.0.1", port); });
        if (limited) CHECK(server.accept(patience));
        else CHECK(server.accept().address.host() == "127.0.0.1");
        CHECK(delivered >= 20);
    }
}

TEST_CASE("connect: goes on after an interruption") {
    for (const bool limited : {false, true}) {
        Busy busy; // the answer comes once there is room in its queue
        const Address address = busy.address();
        TcpSocket client;
        const Interruptions interruptions([&] {
            while (busy.listener().try_accept()) {}
        });
        const Error error = error_of([&] {
            if (limited) client.connect(address, patience);
            else client.connect(address);
        });
        CAPTURE(error);
        CHECK(!error.code());
        CHECK(client.is_open());
        CHECK(error_of([&] { CHECK(client.remote_address() == address); }).primitive() == "nothing");
        CHECK(delivered >= 20);
    }
}

#ifdef __gnu_linux__ // elsewhere a full local queue refuses at once

TEST_CASE("connect: to a local listener, goes on after an interruption") {
    using namespace std::string_literals;
    const Address door = Address::local("\0sockets-signals-"s + std::to_string(::getpid()));
    Socket listener(Family::local, Type::stream);
    listener.bind(door);
    listener.listen(0);
    Socket first(Family::local, Type::stream);
    first.connect(door); // and now its queue is full
    for (const bool limited : {false, true}) {
        Socket client(Family::local, Type::stream);
        const Interruptions interruptions([&] { (void)listener.accept(); });
        const Error error = error_of([&] {
            if (limited) client.connect(door, patience);
            else client.connect(door);
        });
        CAPTURE(error);
        CHECK(!error.code());
        CHECK(!error_of([&] { CHECK(client.remote_address() == door); }).code());
        CHECK(delivered >= 20);
    }
}

#endif

TEST_CASE("send: goes on after an interruption") {
    for (int way = 0; way < 3; ++way) {
        Connection both = connection();
        const std::string much(16 << 20, 'x');
        if (way == 2) both.client.set_send_timeout(patience);
        both.server.set_recv_timeout(patience);
        std::promise<void> interrupted;
        auto reading = std::async(std::launch::async, [&] {
            interrupted.get_future().wait();
            (void)both.server.recv_exactly(much.size());
        });
        const Interruptions interruptions([&] { interrupted.set_value(); });
        if (way == 0) {
            std::size_t went = 0;
            while (went < much.size()) went += both.client.send(much.data() + went, much.size() - went);
        } else {
            both.client.send_all(much);
        }
        CHECK(delivered >= 20);
        reading.get();
    }
}

TEST_CASE("wait_readable: goes on after an interruption") {
    Connection both = connection();
    const Interruptions interruptions([&] { both.server.send("x"); });
    CHECK(both.client.wait_readable(patience));
    CHECK(both.client.wait_writable(patience));
    CHECK(delivered >= 20);
}

TEST_CASE("Socket: a time limit is counted down over interruptions") {
    constexpr milliseconds limit(300);
    TcpListener server(Address::loopback(0));
    Connection both = connection();
    both.client.set_recv_timeout(limit);
    both.client.set_send_timeout(limit);
    UdpSocket datagrams(Address::loopback(0));
    datagrams.set_recv_timeout(limit);
    const Busy busy;
    const std::string much(64 << 20, 'x');
    const std::pair<const char*, std::function<bool()>> calls[] = {
        {"recv", [&] { return error_of([&] { both.client.recv(1); }).code() == std::errc::timed_out; }},
        {"recv_exactly",
         [&] { return error_of([&] { both.client.recv_exactly(2); }).code() == std::errc::timed_out; }},
        {"recv_from",
         [&] { return error_of([&] { datagrams.recv_from(); }).code() == std::errc::timed_out; }},
        {"send_all",
         [&] { return error_of([&] { both.client.send_all(much); }).code() == std::errc::timed_out; }},
        {"accept", [&] { return !server.accept(limit); }},
        {"wait_readable", [&] { return !both.client.wait_readable(limit); }},
        {"connect",
         [&] {
             TcpSocket client;
             return error_of([&] { client.connect(busy.address(), limit); }).code() == std::errc::timed_out;
         }},
    };
    for (const auto& [name, call] : calls) {
        const std::string primitive = name;
        CAPTURE(primitive);
        const auto start = std::chrono::steady_clock::now();
        const Interruptions interruptions;
        CHECK(call());
        CHECK(std::chrono::steady_clock::now() - start >=
              limit);                        // an interruption is not the end of the time
        CHECK(interruptions.still_coming()); // nor does the time begin again with each
        CHECK(delivered > 5);
    }
}

TEST_CASE("send: to a peer that has gone, no SIGPIPE comes") {
    // In a child, with the signal as every program has it, which ends the program without a word.
    const std::string said = in_child([] {
        (void)::signal(SIGPIPE, SIG_DFL);
        Connection both = connection();
        both.client.shutdown(Shutdown::send);
        std::string codes;
        UdpSocket unused;
        for (int way = 0; way < 4; ++way) {
            if (way == 3) both.client.set_send_timeout(patience);
            const Error error = error_of([&] {
                if (way == 0 || way == 3) both.client.send("x");
                if (way == 1) both.client.send_all("x");
                if (way == 2) (void)both.client.try_send("x");
            });
            codes += error.code() == std::errc::broken_pipe ? "pipe " : "other ";
        }
        Socket generic = Socket::adopt(both.client.release());
        codes +=
            error_of([&] { generic.send_to("x", Address::loopback(9)); }).code() == std::errc::broken_pipe
                ? "pipe"
                : "other";
        return codes;
    });
    CHECK(said == "pipe pipe pipe pipe pipe");
}

#endif
