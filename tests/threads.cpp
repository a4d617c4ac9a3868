// Threads: different sockets from any of them; on one socket one may send while another receives.

#include "support.hpp"

#include <atomic>
#include <future>
#include <thread>

using namespace support;

TEST_CASE("threads: 8 of them with 200 connections each") {
    constexpr int threads = 8;
    constexpr int connections = 200;
    for (const Family family : ip_families()) {
        TcpListener listener(Address::loopback(0, family));
        const Address address = listener.local_address();
        std::atomic<int> right{0};
        auto serving = std::async(std::launch::async, [&] {
            for (int i = 0; i < threads * connections; ++i) {
                auto client = listener.accept(patience);
                if (!client) return i;
                be_patient(client->socket);
                client->socket.send_all(client->socket.recv_exactly(8));
            }
            return threads * connections;
        });
        std::vector<std::future<void>> clients;
        clients.reserve(threads);
        for (int thread = 0; thread < threads; ++thread) {
            clients.push_back(std::async(std::launch::async, [&, thread] {
                for (int i = 0; i < connections; ++i) {
                    TcpSocket socket(address.host(), address.port(), patience);
                    be_patient(socket);
                    const std::string message = std::to_string(10000000 + thread * connections + i);
                    socket.send_all(message);
                    if (socket.recv_exactly(8) == message && socket.recv(1).empty()) ++right;
                }
            }));
        }
        for (std::future<void>& client : clients) client.get();
        CHECK(serving.get() == threads * connections);
        CHECK(right == threads * connections);
    }
}

TEST_CASE("threads: on one socket one sends while another receives") {
    for (const Family family : ip_families()) {
        Connection both = patient_connection(family);
        constexpr std::size_t size = 8 << 20;
        Bytes bytes;
        const std::string much = bytes.next(size);
        auto echoing = std::async(std::launch::async, [&] {
            while (true) {
                const std::string data = both.server.recv(65536);
                if (data.empty()) break;
                both.server.send_all(data);
            }
            both.server.close();
        });
        auto sending = std::async(std::launch::async, [&] {
            both.client.send_all(much);
            both.client.shutdown();
        });
        const std::string back = both.client.recv_exactly(size);
        sending.get();
        CHECK((back == much)); // without printing 8 MiB
        CHECK(both.client.recv(1).empty());
        echoing.get();
    }
}

TEST_CASE("threads: on one datagram socket one sends while another receives") {
    UdpSocket server(Address::loopback(0));
    UdpSocket client(Address::loopback(0));
    const Address to_server = server.local_address();
    const Address to_client = client.local_address();
    server.set_recv_timeout(patience);
    client.set_recv_timeout(patience);
    constexpr int rounds = 200; // few enough for the receive buffer, should one side be slow
    auto sending = std::async(std::launch::async, [&] {
        for (int i = 0; i < rounds; ++i) client.send_to("from the client", to_server);
    });
    auto answering = std::async(std::launch::async, [&] {
        for (int i = 0; i < rounds; ++i) server.send_to("from the server", to_client);
    });
    auto receiving = std::async(std::launch::async, [&] {
        int came = 0;
        for (int i = 0; i < rounds; ++i) came += server.recv_from().data == "from the client" ? 1 : 0;
        return came;
    });
    int came = 0;
    for (int i = 0; i < rounds; ++i) came += client.recv_from().data == "from the server" ? 1 : 0;
    sending.get();
    answering.get();
    CHECK(came == rounds);
    CHECK(receiving.get() == rounds);
}

TEST_CASE("threads: names are looked up, errors made and words asked for by many at once") {
    std::vector<std::future<int>> all;
    for (int thread = 0; thread < 8; ++thread) {
        all.push_back(std::async(std::launch::async, [] {
            int right = 0;
            for (int i = 0; i < 100; ++i) {
                const Error error = error_of([] { Address("127.0.0.1", 65536); });
                right += error.code() == std::errc::invalid_argument ? 1 : 0;
                right += Address("127.0.0.1", 80).to_string() == "127.0.0.1:80" ? 1 : 0;
                right += std::error_code(ResolveErrc::unknown_host).message().empty() ? 0 : 1;
                right += code_of(std::errc::connection_refused).message().empty() ? 0 : 1;
            }
            return right;
        }));
    }
    for (std::future<int>& one : all) CHECK(one.get() == 400);
}

TEST_CASE("threads: a thread a client, the socket moved into it") {
    TcpListener listener(Address::loopback(0));
    std::vector<TcpSocket> clients;
    std::vector<std::thread> serving;
    for (int i = 0; i < 10; ++i) {
        clients.emplace_back("127.0.0.1", listener.local_address().port());
        auto [socket, address] = listener.accept();
        serving.emplace_back([](TcpSocket client) { client.send_all("hola"); }, std::move(socket));
    }
    for (TcpSocket& client : clients) {
        client.set_recv_timeout(patience);
        CHECK(client.recv_exactly(4) == "hola");
        CHECK(client.recv(1).empty());
    }
    for (std::thread& thread : serving) thread.join();
}

// What ends a thread that waits, with accept(timeout) and a pair in a Selector. On POSIX: Wine does not wake who waits
// already, and what Windows itself does can only be proved there.
TEST_CASE("shutdown: from another thread it ends a recv that waits, in every way to receive") {
    if (under_wine()) return;
    for (const Family family : ip_families()) {
        for (int way = 0; way < 5; ++way) {
            CAPTURE(way);
            Connection both = patient_connection(family);
            TcpSocket& socket = both.server;
            if (way == 1) socket.set_recv_timeout(milliseconds(0)); // waits in recv itself
            std::atomic<bool> begun{false};
            auto receiving = std::async(std::launch::async, [&] {
                begun = true;
                if (way < 2) return socket.recv(10).empty();
                if (way == 2) return socket.recv(10, patience) == std::optional<std::string>("");
                if (way == 3) return !LineReader(socket).next();
                return error_of([&] { (void)socket.recv_exactly(4); }).code() == StreamErrc::ended;
            });
            CHECK(receiving.wait_for(soon) == std::future_status::timeout);
            CHECK(begun);
            socket.shutdown(Shutdown::both);
            CHECK(receiving.get());
            CHECK(both.client.recv(1).empty()); // and the peer has its end
        }
    }
}

TEST_CASE("shutdown: from another thread it ends a send_all that waits for room") {
    if (under_wine()) return;
    for (const bool limited : {false, true}) {
        Connection both = connection();
        if (limited) both.server.set_send_timeout(patience);
        auto sending = std::async(std::launch::async, [&] {
            return error_of([&] { both.server.send_all(std::string(64 << 20, 'x')); });
        });
        CHECK(sending.wait_for(soon) == std::future_status::timeout);
        both.server.shutdown(Shutdown::both);
        const Error error = sending.get();
        CAPTURE(error);
        CHECK((error.code() == std::errc::broken_pipe || error.code() == std::errc::connection_aborted));
    }
}
