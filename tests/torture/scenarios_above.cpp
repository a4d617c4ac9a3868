// Address, and the trace.

#include "scene.hpp"

#include <algorithm>
#include <sstream>

namespace torture {

namespace {

void add_lookups(Scenarios& all) {
    all.push_back({"Address: host and port",
                   "getaddrinfo",
                   {"Address::Address(const std::string&, int, Family)", "Address::host()", "Address::port()",
                    "Address::to_string()", "Address::family()", "Address::data()", "Address::size()"},
                   [] {
                       begin();
                       const Address address("127.0.0.1", 8000);
                       check(address.family() == Family::ipv4 && address.port() == 8000, "another one");
                       check(address.host() == "127.0.0.1", "another host");
                       check(address.to_string() == "127.0.0.1:8000", "another text");
                       check(address.data()->sa_family == AF_INET, "another structure");
                       check(address.size() == sizeof(sockaddr_in), "another size");
                   }});
    all.push_back({"Address: resolve",
                   "getaddrinfo",
                   {"Address::resolve(const std::string&, const std::string&, Family)"},
                   [] {
                       begin();
                       const auto addresses = keep_on([] { return Address::resolve("two.test", "8000"); });
                       check(addresses.size() == 2 && addresses.back().host() == "127.0.0.2", "not these");
                   }});
    all.push_back({"Address: no host", "address", {}, [] {
                       begin();
                       const Address address("", 8000);
                   }});
}

void add_made(Scenarios& all) {
    all.push_back({"Address: of this machine",
                   "address",
                   {"Address::Address()", "Address::any(int, Family)", "Address::loopback(int, Family)"},
                   [] {
                       begin();
                       check(Address() != Address::any(8000), "equal");
                       check(Address::loopback(8000, Family::ipv6) != Address::any(8000), "equal");
                       (void)Address::any(70000);
                   }});
    all.push_back({"Address: a path, and from the system's structure",
                   "address",
                   {"Address::local(const std::string&)", "Address::from(const sockaddr*, socklen_t)"},
                   [] {
                       begin();
                       const Address local = Address::local("/tmp/a path longer than a short string");
                       check(Address::from(local.data(), local.size()) == local, "another one");
                       (void)Address::from(local.data(), 1);
                   }});
}

/// A talk that is watched.
std::string talk(std::ostream& out, const TraceStyle* style) {
    const Peer listener = raw_listener();
    const int port = listener.address().port();
    begin();
    if (style) trace_to(&out, *style);
    else trace_to(&out);
    std::string got;
    try {
        TcpSocket socket("127.0.0.1", port);
        socket.set_recv_timeout(patience);
        socket.send_all(message);
        const Meanwhile meanwhile([&] { listener.take().say(message); });
        got = socket.recv(100);
        socket.close();
    } catch (...) {
        trace_to(nullptr);
        throw;
    }
    trace_to(nullptr);
    return got;
}

const std::vector<Rule> talked = {
    {"poll", 0, may_fail("recv")},   {"close", EINTR, same()},
    {"close", 0, may_fail("close")}, {"fcntl", 0, may_fail("connect|socket|recv")},
    {"getsockopt", 0, same()},       {"getsockname", 0, same()},
    {"recv", EAGAIN, same()},        {"recv", ECONNRESET, fails("recv")},
};

void add_trace(Scenarios& all) {
    all.push_back({"trace_to: a stream",
                   "connect|recv",
                   {"trace_to(std::ostream*)"},
                   [] {
                       std::ostringstream out;
                       const std::string got = talk(out, nullptr);
                       const Quiet quiet;
                       check(got == message.substr(0, got.size()) && !got.empty(), "not what was sent");
                       const bool whole = out.str().find("] close()") != std::string::npos;
                       check(whole || memory::has_failed() || torture_has_failed(), "no line of the close");
                   },
                   talked});
    all.push_back({"trace_to: a stream, in a style",
                   "connect|recv",
                   {"trace_to(std::ostream*, const TraceStyle&)"},
                   [] {
                       std::ostringstream out;
                       TraceStyle style;
                       style.columns = 60;
                       style.waiting = "waiting";
                       style.before = [](const std::string& call) { check(!call.empty(), "no call"); };
                       const std::string got = talk(out, &style);
                       const Quiet quiet;
                       check(got == message.substr(0, got.size()) && !got.empty(), "not what was sent");
                   },
                   talked});
}

/// Whoever reads a trace sees the groups too, also what cannot be joined.
void add_trace_of_groups(Scenarios& all) {
    all.push_back({"trace_to: a group",
                   "join",
                   {},
                   [] {
                       const Address group("239.1.2.3", 0);
                       const Address local = Address::loopback(0);
                       UdpSocket socket(0);
                       std::ostringstream out;
                       begin();
                       trace_to(&out);
                       go_on([&] { socket.join(group, local); });
                       go_on([&] { socket.leave(group, local); });
                       trace_to(nullptr);
                       const Quiet quiet;
                       const std::string lines = out.str();
                       const bool whole = lines.find("] join(239.1.2.3:0)") != std::string::npos &&
                                          lines.find("] leave(239.1.2.3:0)") != std::string::npos;
                       const std::size_t count =
                           static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
                       check(memory::has_failed() ||
                                 (whole && count == 2 + static_cast<std::size_t>(torture_has_failed())),
                             "not a line each");
                   },
                   // A primitive that is to go on has no line yet; it never says so.
                   {{"setsockopt", EINTR, impossible()},
                    {"setsockopt", EAGAIN, impossible()},
                    {"setsockopt", 0, fails("join|leave")}}});
}

} // namespace

void add_above(Scenarios& all) {
    add_lookups(all);
    add_made(all);
    add_trace(all);
    add_trace_of_groups(all);
}

} // namespace torture
