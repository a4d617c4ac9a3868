// Two connected ends inside one program.

#include "support.hpp"

#include <future>
#include <sstream>

#ifndef _WIN32
#include <sys/resource.h>

#include <fcntl.h>
#endif

using namespace support;

namespace {

bool is_inherited(NativeHandle handle) {
#ifndef _WIN32
    return (::fcntl(handle, F_GETFD) & FD_CLOEXEC) == 0;
#else
    DWORD flags = 0;
    REQUIRE(::GetHandleInformation(reinterpret_cast<HANDLE>(handle), &flags) != 0);
    return (flags & HANDLE_FLAG_INHERIT) != 0;
#endif
}

} // namespace

TEST_CASE("pair: what one end sends, the other receives") {
    auto [here, there] = Socket::pair();
    here.set_recv_timeout(patience);
    there.set_recv_timeout(patience);
    here.send_all("hola");
    CHECK(there.recv_exactly(4) == "hola");
    there.send_all("adios");
    CHECK(here.recv_exactly(5) == "adios");
    here.shutdown();
    CHECK(there.recv(1).empty());
    there.send_all("still");
    CHECK(here.recv_exactly(5) == "still");
    there.close();
    CHECK(here.recv(1).empty());
}

TEST_CASE("pair: every one is of its own") {
    std::vector<std::pair<Socket, Socket>> all;
    for (int i = 0; i < 20; ++i) all.push_back(Socket::pair());
    for (std::size_t i = 0; i < all.size(); ++i) all[i].first.send_all(std::to_string(i) + "\n");
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].first.close();
        all[i].second.set_recv_timeout(patience);
        const std::string mine = std::to_string(i) + "\n";
        CHECK(all[i].second.recv_exactly(mine.size()) == mine);
        CHECK(all[i].second.recv(1).empty());
    }
}

TEST_CASE("pair: both ends are open, block, and child processes do not inherit them") {
    const auto [here, there] = Socket::pair();
    for (const Socket* end : {&here, &there}) {
        CHECK(end->is_open());
        CHECK(blocks(end->native_handle()));
        CHECK(!is_inherited(end->native_handle()));
    }
}

TEST_CASE("pair: an end may be a TcpSocket") {
    auto [here, there] = Socket::pair();
    TcpSocket client(std::move(here));
    TcpSocket server(std::move(there));
    LineReader reader(server);
    client.send_all("one\ntwo");
    client.close();
    CHECK(reader.next() == std::optional<std::string>("one"));
    CHECK(reader.next() == std::optional<std::string>("two"));
    CHECK(!reader.next());
}

TEST_CASE("pair: another thread wakes a Selector with it") {
    auto [bell, rope] = Socket::pair();
    Selector selector;
    selector.add(bell);
    CHECK(selector.select(milliseconds(0)).empty());
    auto waiting = std::async(std::launch::async, [&, &ear = bell] {
        const std::vector<Ready>& ready = selector.select(patience);
        return ready.size() == 1 && ready[0].is(ear) && ready[0].readable;
    });
    rope.send_all("x");
    CHECK(waiting.get());
}

TEST_CASE("pair: is one line in the trace") {
    std::ostringstream lines;
    trace_to(&lines);
    auto ends = Socket::pair();
    trace_to(nullptr);
    const std::string line = lines.str();
    CAPTURE(line);
    CHECK(line.find('\n') == line.size() - 1);
    CHECK(line.find("pair() = ") != std::string::npos);
    for (const Socket* end : {&ends.first, &ends.second})
        CHECK(line.find("[" + std::to_string(end->native_handle()) + "]") != std::string::npos);
}

#ifdef _WIN32

TEST_CASE("pair: is a connection with itself, whose small messages leave at once") {
    const auto [here, there] = Socket::pair();
    CHECK(here.local_address() == there.remote_address());
    CHECK(there.local_address() == here.remote_address());
    CHECK(here.local_address().host() == "127.0.0.1");
    CHECK(here.option<bool>(IPPROTO_TCP, TCP_NODELAY));
    CHECK(there.option<bool>(IPPROTO_TCP, TCP_NODELAY));
}

#else

#ifndef __SANITIZE_ADDRESS__ // without a free handle the checks of undefined behaviour cannot look either

TEST_CASE("pair: out of handles it is an Error, and nothing is left over") {
    const std::string said = in_child([] {
        const Socket first(Family::ipv4, Type::stream);
        const auto most =
            static_cast<rlim_t>(first.native_handle()) + 2; // room for one, where two are needed
        const rlimit few{most, most};
        (void)::setrlimit(RLIMIT_NOFILE, &few);
        const Error error = error_of([] { (void)Socket::pair(); });
        if (error.code() != std::errc::too_many_files_open || error.primitive() != "pair")
            return std::string(error.what());
        const Socket next(Family::ipv4, Type::stream); // the handle that there was is free again
        return std::string("right");
    });
    CHECK(said == "right");
}

#endif

#endif
