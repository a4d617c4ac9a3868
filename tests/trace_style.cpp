// TraceStyle: how long a line may be, and what may be done before a primitive: anything.

#include "support.hpp"

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <future>
#include <sstream>
#include <string>

#ifdef _WIN32
#include <process.h>
#endif

using namespace support;

namespace {

/// What this program does when it is started again, or forked: a `before` that ends the program, while what the trace
/// writes to is destroyed.
[[noreturn]] void exit_in_before() {
    static std::ostringstream out;
    static const TcpListener early(Address::loopback(0)); // closed at the end, before the stream
    TraceStyle style;
    style.before = [](const std::string&) { std::exit(42); };
    trace_to(&out, style);
    UdpSocket socket;
    std::_Exit(1); // it was not called
}

int calls = 0;
std::promise<void>* other_has_written = nullptr;

} // namespace

TEST_CASE("before: may end the trace, and the primitive goes on without a line") {
    std::ostringstream out;
    Connection both = patient_connection();
    calls = 0;
    TraceStyle style;
    style.before = [](const std::string&) {
        ++calls;
        trace_to(nullptr);
    };
    trace_to(&out, style);
    both.client.send_all("hola");
    CHECK(both.server.recv_exactly(4) == "hola");
    CHECK(calls == 1);
    CHECK(out.str().empty());
}

TEST_CASE("before: may lead the trace elsewhere") {
    static std::ostringstream second;
    std::ostringstream first;
    Connection both = patient_connection();
    TraceStyle style;
    style.before = [](const std::string&) { trace_to(&second); };
    trace_to(&first, style);
    both.client.send_all("hola");
    trace_to(nullptr);
    CHECK(first.str().empty());
    CHECK(second.str().find("send(4: \"hola\") = 4\n") != std::string::npos);
}

TEST_CASE("before: holds nobody else up") {
    std::ostringstream out;
    Connection both = patient_connection();
    std::promise<void> written;
    other_has_written = &written;
    TraceStyle style;
    style.before = [](const std::string& call) {
        if (call.find("first") == std::string::npos) return;
        CHECK(other_has_written->get_future().wait_for(patience) == std::future_status::ready);
    };
    trace_to(&out, style);
    auto other = std::async(std::launch::async, [&] {
        both.server.send_all("second");
        written.set_value();
    });
    both.client.send_all("first");
    other.get();
    trace_to(nullptr);
    const std::string lines = out.str();
    CHECK(lines.find("second") < lines.find("first"));
}

TEST_CASE("before: may end the program, which does not hang") {
#ifdef _WIN32 // no fork: the program runs itself again
    if (std::getenv("SOCKETS_EXIT_IN_BEFORE")) exit_in_before();
    char self[MAX_PATH];
    REQUIRE(::GetModuleFileNameA(nullptr, self, sizeof self) > 0);
    REQUIRE(::_putenv("SOCKETS_EXIT_IN_BEFORE=1") == 0);
    const auto ended = ::_spawnl(_P_WAIT, self, "again", "-tc=*may?end?the?program*", nullptr);
    REQUIRE(::_putenv("SOCKETS_EXIT_IN_BEFORE=") == 0);
    CHECK(ended == 42);
#else
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::alarm(20); // a program that hangs ends by this
        exit_in_before();
    }
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 42);
#endif
}

TEST_CASE("columns: less than 48 is taken as 48") {
    const auto lines_with = [](int columns) {
        std::ostringstream out;
        TraceStyle style;
        style.columns = columns;
        style.zero = std::chrono::steady_clock::now();
        trace_to(&out, style);
        Socket socket(Family::ipv4, Type::stream);
        (void)error_of([&] { socket.bind(Address::local("/" + std::string(90, 'x'))); });
        trace_to(nullptr);
        std::size_t longest = 0;
        std::istringstream text(out.str());
        for (std::string line; std::getline(text, line);) longest = std::max(longest, line.size());
        return longest;
    };
    for (const int columns : {INT_MIN, -1, 0, 1, 3, 10, 47, 48}) {
        CAPTURE(columns);
        CHECK(lines_with(columns) == 48);
    }
    CHECK(lines_with(49) == 49);
}

TEST_CASE("line: pair shows its two ends") {
    std::ostringstream out;
    trace_to(&out);
    std::pair<Socket, Socket> ends = Socket::pair();
    trace_to(nullptr);
    const auto name = [](const Socket& end) { return "[" + std::to_string(end.native_handle()) + "]"; };
    const std::string line = out.str();
    CAPTURE(line);
    CHECK(line.substr(line.find("pair")) == "pair() = " + name(ends.first) + " " + name(ends.second) + "\n");
    CHECK(line.find('\n') == line.size() - 1); // one line, however many calls the system needed
}
