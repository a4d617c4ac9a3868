// UDP to a group: join and leave, on the loopback interface alone.

#include "support.hpp"

#include <sstream>

#ifndef _WIN32
#include <net/if.h>
#endif

using namespace support;

namespace {

const Address here = Address::loopback(0);

/// A group of this process alone: where another has joined the same one, Linux lets every socket at the port hear it
/// (IP_MULTICAST_ALL). No other process has this port, so none makes this group of it.
const UdpSocket port_holder{Address::loopback(0)};
const int number = port_holder.local_address().port();
const std::string group_host = "239.255." + std::to_string(number / 256) + "." + std::to_string(number % 256);
const Address group(group_host, 0);

/// What goes to a group goes out at the loopback interface.
UdpSocket sender() {
    UdpSocket socket;
    in_addr own{};
    own.s_addr = htonl(INADDR_LOOPBACK);
    socket.set_option(IPPROTO_IP, IP_MULTICAST_IF, own);
    return socket;
}

/// One of several at the same port; 0: a free one.
UdpSocket receiver(int port) {
    UdpSocket socket;
    socket.set_reuse_address(true);
#if !defined(_WIN32) && !defined(__gnu_linux__)
    socket.set_option(SOL_SOCKET, SO_REUSEPORT, true); // the BSDs
#endif
    socket.bind(Address::any(port));
    return socket;
}

std::string received(UdpSocket& socket) {
    const std::optional<Datagram> datagram = socket.recv_from(patience);
    return datagram ? datagram->data : "nothing";
}

/// Whether what is sent to @p to arrives at @p socket, which hears it at once or never: it never leaves this machine.
bool hears(UdpSocket& socket, const Address& to) {
    UdpSocket from = sender();
    from.send_to("?", to);
    return socket.recv_from(soon).has_value();
}

Error join_error(UdpSocket& socket, const Address& to, const Address& local = Address()) {
    return error_of([&] { socket.join(to, local); });
}

Error leave_error(UdpSocket& socket, const Address& to, const Address& local = Address()) {
    return error_of([&] { socket.leave(to, local); });
}

} // namespace

TEST_CASE("join: two receivers on one machine hear what is sent to the group, until they leave") {
    UdpSocket first = receiver(0);
    const int port = first.local_address().port();
    UdpSocket second = receiver(port);
    const Address to(group.host(), port);
    CHECK(!hears(first, to));
    first.join(group, here);
    second.join(to, here); // the group's port does not count
    UdpSocket from = sender();
    from.send_to("hola", to);
    CHECK(received(first) == "hola");
    CHECK(received(second) == "hola");
    first.leave(to, here);
    second.leave(group, here);
    CHECK(!hears(first, to));
    CHECK(!hears(second, to));
    first.join(group, here); // and again
    CHECK(hears(first, to));
}

#ifndef _WIN32 // where a socket cannot be bound to a group

TEST_CASE("join: bound to the group itself, it does not hear what other programs have joined") {
    UdpSocket other = receiver(0);
    const int port = other.local_address().port();
    const Address to(group.host(), port);
    const Address elsewhere("239.254.77.6", port);
    UdpSocket socket;
    socket.set_reuse_address(true);
    socket.bind(to);
    socket.join(to, here);
    other.join(elsewhere, here);
    CHECK(hears(socket, to));
    CHECK(!hears(socket, elsewhere));
    CHECK(other.recv_from(patience));
}

#endif

TEST_CASE("join, leave: what is no group is refused, before the system sees it") {
    UdpSocket socket = receiver(0);
    for (const char* host :
         {"127.0.0.1", "223.255.255.255", "240.0.0.0", "255.255.255.255", "::1", "fe80::1"}) {
        const Address no_group(host, 5000);
        for (const Error& error : {join_error(socket, no_group), leave_error(socket, no_group)}) {
            CAPTURE(error);
            CHECK(error.code() == std::errc::invalid_argument);
            CHECK(std::string(error.what()).find("(a group is 224.0.0.0 to 239.255.255.255, or ff00::/8)") !=
                  std::string::npos);
            CHECK(std::string(error.what()).find(host) != std::string::npos);
        }
        CHECK(join_error(socket, no_group).primitive() == "join");
        CHECK(leave_error(socket, no_group).primitive() == "leave");
    }
    for (const Error& error : {join_error(socket, Address()), leave_error(socket, Address())})
        CHECK(error.code() == std::errc::invalid_argument);
}

TEST_CASE("join, leave: the interface is named by an IPv4 address with an IPv4 group, by the zone with an "
          "IPv6 one") {
    UdpSocket socket = receiver(0);
    const Address ipv6_group("ff02::4d05", 0, Family::ipv6);
    const Address ipv6_here = Address::loopback(0, Family::ipv6);
    for (const Error& error :
         {join_error(socket, ipv6_group, ipv6_here), join_error(socket, ipv6_group, here),
          leave_error(socket, ipv6_group, ipv6_here)}) {
        CHECK(error.code() == std::errc::invalid_argument);
        CHECK(std::string(error.what()).find("(the group's zone names the interface: ff02::1%eth0)") !=
              std::string::npos);
    }
    for (const Error& error : {join_error(socket, group, ipv6_here), leave_error(socket, group, ipv6_here)}) {
        CHECK(error.code() == std::errc::invalid_argument);
        CHECK(std::string(error.what()).find("(the interface is named by its IPv4 address)") !=
              std::string::npos);
    }
}

TEST_CASE("join, leave: what the system refuses is an Error, and nothing changes") {
    UdpSocket socket = receiver(0);
    const Address to(group.host(), socket.local_address().port());
    const Error early = leave_error(socket, group, here);
    CAPTURE(early);
    if (!under_wine()) { // which says "invalid argument" of this and of the last one
        CHECK(early.code() == std::errc::address_not_available);
        CHECK(std::string(early.what()).find("(it has not joined)") != std::string::npos);
    }
    CHECK(std::string(early.what()).find("leave " + group_host + ":0: ") == 0);
    CHECK(early.primitive() == "leave");
    socket.join(group, here);
    const Error twice = join_error(socket, group, here);
    CAPTURE(twice);
    CHECK(twice.code() == std::errc::address_in_use);
    CHECK(std::string(twice.what()).find("(it has joined already)") != std::string::npos);
    CHECK(std::string(twice.what()).find("join " + group_host + ":0: ") == 0);
    CHECK(twice.primitive() == "join");
    CHECK(hears(socket, to));
    const Error elsewhere = join_error(socket, group, Address("198.51.100.7", 0)); // no interface has it
    CAPTURE(elsewhere);
    if (!under_wine()) {
        const bool none = elsewhere.code() == std::errc::no_such_device ||
                          elsewhere.code() == std::errc::address_not_available;
        CHECK(none);
        CHECK(std::string(elsewhere.what()).find("(is there such an interface?)") != std::string::npos);
    }
    socket.close();
    CHECK(join_error(socket, group, here).code() == std::errc::bad_file_descriptor);
    CHECK(leave_error(socket, group, here).code() == std::errc::bad_file_descriptor);
}

TEST_CASE("join, leave: each leaves a line in the trace, and `before` hears of it") {
    static int calls;
    UdpSocket socket = receiver(0);
    std::ostringstream lines;
    TraceStyle style;
    style.before = [](const std::string& call) {
        calls += call.find("join(" + group_host) != std::string::npos ||
                 call.find("leave(" + group_host) != std::string::npos;
    };
    calls = 0;
    trace_to(&lines, style);
    socket.join(group, here);
    socket.leave(group, here);
    const Error error = leave_error(socket, group, here);
    trace_to(nullptr);
    CHECK(error.code());
    CHECK(calls == 3);
    CAPTURE(lines.str());
    const std::string text = lines.str();
    const std::size_t join = text.find("join(" + group_host + ":0)\n");
    const std::size_t leave = text.find("leave(" + group_host + ":0)\n");
    CHECK(join != std::string::npos);
    CHECK(leave != std::string::npos);
    CHECK(join < leave);
    CHECK(text.find("leave(" + group_host + ":0): ") != std::string::npos);
}

#ifdef __gnu_linux__ // elsewhere the loopback interface may have another name, or no groups

TEST_CASE("join: an IPv6 group, whose zone names the interface") {
    if (!has_ipv6()) return;
    const std::string zone = std::to_string(::if_nametoindex("lo"));
    UdpSocket first(Family::ipv6);
    first.set_reuse_address(true);
    first.bind(Address::any(0, Family::ipv6));
    const int port = first.local_address().port();
    UdpSocket second(Family::ipv6);
    second.set_reuse_address(true);
    second.bind(Address::any(port, Family::ipv6));
    const Address to("ff02::4d05%" + zone, port);
    first.join(to);
    second.join(to);
    UdpSocket from(Family::ipv6);
    const Error unreachable = error_of([&] { from.send_to("hola", to); });
    if (unreachable.code() == std::errc::network_unreachable) {
        MESSAGE("no route to an IPv6 group here: half of the test is left out");
    } else {
        CHECK(!unreachable.code());
        CHECK(received(first) == "hola");
        CHECK(received(second) == "hola");
    }
    first.leave(to);
    second.leave(to);
    CHECK(leave_error(first, to).code() == std::errc::address_not_available);
    CHECK(join_error(first, Address("ff02::4d05%99999", 0)).code() == std::errc::no_such_device);
}

#endif
