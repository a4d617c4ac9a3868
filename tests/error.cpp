// Error and ResolveErrc: the sentence, the code, and what students read when they make the usual mistakes.

#include "support.hpp"

#include <future>
#include <set>

#ifndef _WIN32
#include <sys/resource.h>
#endif
#ifdef __gnu_linux__ // also where __linux__ is taken away to test the way of other systems
#include <sched.h>
#endif

using namespace support;

static_assert(std::is_base_of_v<std::system_error, Error>);
static_assert(std::is_nothrow_copy_constructible_v<Error>, "what is thrown must not fail to be copied");
static_assert(std::is_same_v<decltype(std::declval<const Error&>().primitive()), const std::string&>);
static_assert(noexcept(std::declval<const Error&>().primitive()));
static_assert(noexcept(std::declval<const Error&>().what()));
static_assert(std::is_error_code_enum_v<ResolveErrc>);
static_assert(noexcept(make_error_code(ResolveErrc::unknown_host)));
static_assert(std::is_error_code_enum_v<StreamErrc>);
static_assert(noexcept(make_error_code(StreamErrc::ended)));

namespace {

const std::errc reasons[] = {
    std::errc::address_family_not_supported,
    std::errc::address_in_use,
    std::errc::address_not_available,
    std::errc::already_connected,
    std::errc::bad_file_descriptor,
    std::errc::broken_pipe,
    std::errc::connection_aborted,
    std::errc::connection_already_in_progress,
    std::errc::connection_refused,
    std::errc::connection_reset,
    std::errc::destination_address_required,
    std::errc::filename_too_long,
    std::errc::host_unreachable,
    std::errc::interrupted,
    std::errc::invalid_argument,
    std::errc::message_size,
    std::errc::network_down,
    std::errc::network_reset,
    std::errc::network_unreachable,
    std::errc::no_buffer_space,
    std::errc::no_protocol_option,
    std::errc::not_a_socket,
    std::errc::not_connected,
    std::errc::not_enough_memory,
    std::errc::operation_in_progress,
    std::errc::operation_not_permitted,
    std::errc::operation_not_supported,
    std::errc::operation_would_block,
    std::errc::permission_denied,
    std::errc::protocol_not_supported,
    std::errc::timed_out,
    std::errc::too_many_files_open,
    std::errc::wrong_protocol_type,
};

#ifdef _WIN32 // one number for both: Wine gives the other one, and the same hint
const std::string port_taken = "another program holds the port, or the system has reserved it: "
                               "netsh int ipv4 show excludedportrange protocol=tcp (udp for datagrams)";
#else
const std::string port_taken = "another program, or an earlier run of this one, holds the port";
#endif

/// The sentence: what is ours everywhere; the system's words in the middle only where they are known.
void check_sentence(const Error& error, const std::string& ours, std::errc reason, const std::string& check) {
    const std::string said = error.what();
#ifndef _WIN32
    CHECK(said == ours + ": " + system_words(reason) + " (" + check + ")");
#else // Windows speaks the user's language
    (void)reason;
    CAPTURE(said);
    CHECK(said.rfind(ours + ": ", 0) == 0);
    CHECK(said.size() > ours.size() + check.size() + 5); // some words are there
    CHECK(said.substr(said.size() - check.size() - 3) == " (" + check + ")");
#endif
}

} // namespace

TEST_CASE("Error: says primitive, address, the system's words and what to check") {
    const Error error(code_of(std::errc::connection_refused), "connect", "to 127.0.0.1:8000",
                      "is a server listening there?");
    CHECK(error.primitive() == "connect");
    CHECK(error.code() == std::errc::connection_refused);
    check_sentence(error, "connect to 127.0.0.1:8000", std::errc::connection_refused,
                   "is a server listening there?");
}

TEST_CASE("Error: leaves no gaps where there is no address and nothing to check") {
    const Error error(std::make_error_code(std::errc::not_enough_memory), "resolve");
    CHECK(error.what() == "resolve: " + error.code().message());
}

TEST_CASE("Error: a copy says the same after the original has gone") {
    const auto made = [](const char* primitive, const char* where) {
        return Error(code_of(std::errc::timed_out), primitive, where, "a hint");
    };
    Error kept = made("recv", "from 127.0.0.1:1");
    const std::string said = kept.what();
    {
        const Error copy = kept; // NOLINT(performance-unnecessary-copy-initialization)
        kept = made("set_recv_timeout", "of another one, and a text far too long to lie in any object");
        CHECK(copy.what() == said);
        CHECK(copy.primitive() == "recv");
        CHECK(copy.code() == std::errc::timed_out);
    }
    CHECK(kept.primitive() == "set_recv_timeout");
    CHECK(std::string(kept.what()).find("set_recv_timeout of another one, and") == 0);
}

TEST_CASE("Error: is caught as what the standard library calls it") {
    const auto fail = [] { throw Error(code_of(std::errc::timed_out), "accept", "on x"); };
    const std::string said = error_of(fail).what();
    try {
        fail();
    } catch (const std::system_error& error) {
        CHECK(error.code() == std::errc::timed_out);
        CHECK(error.what() == said); // the whole sentence, also through the base
    }
    try {
        fail();
    } catch (const std::exception& error) {
        CHECK(error.what() == said);
    }
}

TEST_CASE("Error: code() compares with std::errc on every system") {
    for (const std::errc reason : reasons) {
        const Error error(code_of(reason), "connect");
        CAPTURE(error);
        CHECK(error.code() == reason);
        for (const std::errc other : reasons)
            if (other != reason) CHECK(error.code() != other);
    }
    const std::error_code not_now = code_of(std::errc::operation_would_block);
    CHECK(not_now.value() != 0);
}

TEST_CASE("Error: the system's words are one trimmed piece of a line") {
    for (const std::errc reason : reasons) {
        const std::string words = code_of(reason).message();
        CAPTURE(words);
        CHECK(!words.empty());
        CHECK(words.find_first_of("\r\n") == std::string::npos);
        CHECK(words.find_last_of(" .") != words.size() - 1);
        CHECK(words.find_first_of(' ') != 0);
    }
}

TEST_CASE("Error: there is something to check for every mistake that students make") {
    const std::pair<const char*, std::errc> mistakes[] = {
        {"connect", std::errc::connection_refused},
        {"bind", std::errc::address_in_use},
        {"listen", std::errc::address_in_use},
        {"bind", std::errc::address_not_available},
        {"bind", std::errc::permission_denied},
        {"connect", std::errc::timed_out},
        {"recv", std::errc::connection_reset},
        {"send", std::errc::connection_reset},
        {"send", std::errc::broken_pipe},
        {"connect", std::errc::network_unreachable},
        {"connect", std::errc::host_unreachable},
        {"socket", std::errc::too_many_files_open},
        {"accept", std::errc::too_many_files_open},
        {"send_to", std::errc::message_size},
        {"recv_from", std::errc::message_size},
        {"socket", std::errc::operation_not_permitted},
        {"send_to", std::errc::permission_denied},
        {"send", std::errc::not_connected},
        {"accept", std::errc::invalid_argument},
        {"connect", std::errc::already_connected},
        {"connect", std::errc::address_family_not_supported},
    };
    for (const auto& [primitive, reason] : mistakes) {
        const std::string mistake = primitive + (": " + std::make_error_code(reason).message());
        CAPTURE(mistake);
        CHECK(*detail::usual_hint(reason, primitive) != '\0');
    }
    // Nothing is better than something wrong: advice belongs to the primitive that it is about.
    CHECK(*detail::usual_hint(std::errc::invalid_argument, "recv") == '\0');
}

TEST_CASE("raise: adds what usually helps, unless the caller knows better") {
    const auto refused = [](const char* hint) {
        return [=] { detail::raise(std::errc::connection_refused, "connect", "to x", hint); };
    };
    const std::string words = code_of(std::errc::connection_refused).message();
    CHECK(error_of(refused("")).what() == "connect to x: " + words + " (is a server listening there?)");
    CHECK(error_of(refused("look here")).what() == "connect to x: " + words + " (look here)");
}

TEST_CASE("ResolveErrc: has a category of its own") {
    const std::error_code code = ResolveErrc::unknown_host;
    CHECK(code == ResolveErrc::unknown_host);
    CHECK(code != ResolveErrc::try_again);
    CHECK(code == make_error_code(ResolveErrc::unknown_host));
    CHECK(std::string(code.category().name()) == "getaddrinfo");
    // The number alone says nothing: errno has the same one.
    CHECK(code != std::error_code(code.value(), std::system_category()));
    CHECK(code != std::error_code(code.value(), detail::category()));
    for (const std::errc reason : reasons) CHECK(code != reason);
    CHECK(static_cast<bool>(code));
}

TEST_CASE("ResolveErrc: every reason has words of its own") {
    std::set<std::string> all;
    for (const ResolveErrc reason : {ResolveErrc::unknown_host, ResolveErrc::try_again,
                                     ResolveErrc::no_address, ResolveErrc::unknown_service}) {
        const std::string words = make_error_code(reason).message();
        CHECK(!words.empty());
        all.insert(words);
    }
    CHECK(all.size() == 4);
    // A number that is none of them must not read past the end of the table.
    const std::error_category& category = make_error_code(ResolveErrc::unknown_host).category();
    for (const int number : {0, -1, 5, 1000}) CHECK(!category.message(number).empty());
}

TEST_CASE("StreamErrc: has a category of its own, and its words") {
    const std::error_code code = StreamErrc::ended;
    CHECK(code == StreamErrc::ended);
    CHECK(StreamErrc::ended == code);
    CHECK_FALSE(code != StreamErrc::ended);
    CHECK_FALSE(StreamErrc::ended != code);
    CHECK(static_cast<bool>(code));
    CHECK(code == make_error_code(StreamErrc::ended));
    CHECK(std::string(code.category().name()) == "stream");
    CHECK(code.message() == "The peer has ended");
    for (const int number : {0, -1, 2, 1000}) CHECK(code.category().message(number) == "Unknown reason");
    // The number alone says nothing: the others have the same one.
    CHECK(code.value() == make_error_code(ResolveErrc::unknown_host).value());
    CHECK(code != ResolveErrc::unknown_host);
    CHECK(ResolveErrc::unknown_host != code);
    CHECK(make_error_code(ResolveErrc::unknown_host) != StreamErrc::ended);
    CHECK(code != std::error_code(code.value(), detail::category()));
    for (const std::errc reason : reasons) CHECK(code != reason);
}

TEST_CASE("ResolveErrc: may stand on either side") {
    const std::error_code code = ResolveErrc::try_again;
    CHECK(ResolveErrc::try_again == code);
    CHECK(ResolveErrc::unknown_host != code);
    CHECK_FALSE(ResolveErrc::unknown_host == code);
    CHECK_FALSE(code != ResolveErrc::try_again);
}

// --- the sentences, provoked ------------------------------------------------------------------------

TEST_CASE("Error: nobody listens") {
    for (const Family family : ip_families()) {
        const Nobody nobody(family);
        TcpSocket client(family);
        const Error error = error_of([&] { client.connect(nobody.address(), patience); });
        CHECK(error.code() == std::errc::connection_refused);
        CHECK(error.primitive() == "connect");
        check_sentence(error, "connect to " + nobody.address().to_string(), std::errc::connection_refused,
                       "is a server listening there?");
    }
}

TEST_CASE("Error: the port is taken") {
    for (const Family family : ip_families()) {
        const TcpListener first(Address::loopback(0, family));
        const Address taken = first.local_address();
        const Error error = error_of([&] { TcpListener second(taken); });
        CHECK(error.code() == std::errc::address_in_use);
        CHECK(error.primitive() == "bind");
        check_sentence(error, "bind to " + taken.to_string(), std::errc::address_in_use, port_taken);
    }
}

TEST_CASE("Error: the address is not this machine's") {
    Socket server(Family::ipv4, Type::stream);
    const Error error =
        error_of([&] { server.bind(Address("198.51.100.1", 0)); }); // reserved for documentation
    CHECK(error.code() == std::errc::address_not_available);
    check_sentence(error, "bind to 198.51.100.1:0", std::errc::address_not_available,
                   "bind takes an address of this machine, such as 127.0.0.1 or 0.0.0.0");
}

TEST_CASE("Error: the datagram is too long to be sent") {
    UdpSocket socket;
    const Address peer = Address::loopback(9);
    const Error error = error_of([&] { socket.send_to(std::string(70000, 'x'), peer); });
    CHECK(error.code() == std::errc::message_size);
    CHECK(error.primitive() == "send_to");
    check_sentence(error, "send_to 127.0.0.1:9", std::errc::message_size,
                   "a UDP datagram carries at most 65507 bytes");
}

#if defined(__gnu_linux__) || defined(_WIN32) // others take less, and say so

TEST_CASE("Error: the longest datagram has the length that the hint gives, by IPv4 and by IPv6") {
    for (const Family family : ip_families()) {
        const std::size_t most = family == Family::ipv4 ? 65507 : 65527;
        UdpSocket receiver(Address::loopback(0, family));
        receiver.set_recv_timeout(patience);
        UdpSocket sender(family);
        CHECK(sender.send_to(std::string(most, 'x'), receiver.local_address()) == most);
        CHECK(receiver.recv_from(most).data.size() == most);
        const std::string over = family == Family::ipv4 ? "" : "over IPv6 ";
        const std::string too_long(most + 1, 'x');
        check_sentence(error_of([&] { sender.send_to(too_long, receiver.local_address()); }),
                       "send_to " + receiver.local_address().to_string(), std::errc::message_size,
                       "a UDP datagram " + over + "carries at most " + std::to_string(most) + " bytes");
        sender.connect(receiver.local_address());
        check_sentence(error_of([&] { sender.send(too_long); }),
                       "send to " + receiver.local_address().to_string(), std::errc::message_size,
                       "a UDP datagram " + over + "carries at most " + std::to_string(most) + " bytes");
    }
}

#endif

TEST_CASE("Error: a port that is taken says so of UDP too") {
    const UdpSocket first(Address::loopback(0));
    const Address taken = first.local_address();
    check_sentence(error_of([&] { UdpSocket second(taken); }), "bind to " + taken.to_string(),
                   std::errc::address_in_use, port_taken);
}

TEST_CASE("Error: a time that is negative, as seconds::max() is in milliseconds, is told what there is") {
    Connection both = connection();
    TcpListener listener(Address::loopback(0));
    Selector selector;
    selector.add(both.client);
    const auto negative = milliseconds(-1000); // what comes of seconds::max() where nobody stops it
    const std::string hint =
        "a time limit is not negative; for ever is milliseconds::max(), and seconds::max() does not fit";
    const std::pair<const char*, Error> all[] = {
        {"set_recv_timeout", error_of([&] { both.client.set_recv_timeout(negative); })},
        {"set_send_timeout", error_of([&] { both.client.set_send_timeout(negative); })},
        {"wait_readable", error_of([&] { (void)both.client.wait_readable(negative); })},
        {"recv", error_of([&] { (void)both.client.recv(1, negative); })},
        {"accept", error_of([&] { (void)listener.accept(negative); })},
        {"connect", error_of([&] { TcpSocket("127.0.0.1", 1, negative); })},
        {"select", error_of([&] { (void)selector.select(negative); })},
    };
    for (const auto& [primitive, error] : all)
        check_sentence(error, primitive, std::errc::invalid_argument, hint);
}

TEST_CASE("Error: the datagram is longer than what was asked for") {
    UdpSocket receiver(Address::loopback(0));
    UdpSocket sender;
    sender.send_to("too long", receiver.local_address());
    const Error error = error_of([&] { receiver.recv_from(3); });
    CHECK(error.code() == std::errc::message_size);
    check_sentence(error, "recv_from on " + receiver.local_address().to_string(), std::errc::message_size,
                   "the datagram is longer than what was asked for");
}

TEST_CASE("Error: nothing came in time") {
    Connection both = connection();
    both.client.set_recv_timeout(soon);
    const Error error = error_of([&] { both.client.recv(10); });
    CHECK(error.code() == std::errc::timed_out);
    check_sentence(error, "recv from " + both.server.local_address().to_string(), std::errc::timed_out,
                   "nothing within 100 ms");
}

TEST_CASE("Error: nobody answered in time") {
    Busy busy;
    TcpSocket client;
    const Error error = error_of([&] { client.connect(busy.address(), soon); });
    CHECK(error.code() == std::errc::timed_out);
    check_sentence(error, "connect to " + busy.address().to_string(), std::errc::timed_out,
                   "no answer within 100 ms");
}

TEST_CASE("Error: the peer ended early") {
    Connection both = connection();
    both.server.send_all("abc");
    both.server.close();
    const Error error = error_of([&] { both.client.recv_exactly(10); });
    CHECK(error.code() == std::errc::connection_reset);
    CHECK(error.primitive() == "recv");
    CHECK(std::string(error.what()).find("the peer ended after 3 of 10 bytes") != std::string::npos);
}

TEST_CASE("Error: the peer has broken the connection") {
    if (under_wine()) return; // its recv gives 0 there, also when it is called by hand
    Connection both = connection();
    const std::string here = both.client.local_address().to_string();
    reset(both.server);
    const Error error = error_of([&] { both.client.recv(10); });
    CHECK(error.code() == std::errc::connection_reset);
    CHECK(error.primitive() == "recv");
    const std::string said = error.what();
    CAPTURE(said);
    CHECK(said.find("(the peer ended before it had read everything)") != std::string::npos);
    CHECK(said.find(here) != std::string::npos); // the peer's address is gone with the connection
}

TEST_CASE("Error: this side has ended the connection itself") {
    Connection both = connection();
    both.client.shutdown(Shutdown::send);
    const Error error = error_of([&] { both.client.send("x"); });
    CHECK(error.code() == std::errc::broken_pipe);
    check_sentence(error, "send to " + both.server.local_address().to_string(), std::errc::broken_pipe,
                   "there is no connection: not yet, or no more");
}

TEST_CASE("Error: connect is missing") {
    TcpSocket socket;
    for (const Error& error : {error_of([&] { socket.recv(1); }), error_of([&] { socket.shutdown(); }),
                               error_of([&] { (void)socket.remote_address(); })}) {
        CAPTURE(error);
        CHECK(error.code() == std::errc::not_connected);
        CHECK(std::string(error.what()).find("(there is no connection: not yet, or no more)") !=
              std::string::npos);
    }
}

TEST_CASE("Error: bind and listen are missing") {
    TcpListener server;
    const Error error = error_of([&] { (void)server.accept(soon); });
    CHECK(error.code() == std::errc::invalid_argument);
    CHECK(std::string(error.what()).find("(bind and listen come first)") != std::string::npos);
}

TEST_CASE("Error: the host is unknown") {
    const Error error = error_of([] { Address("no-such-host.invalid", 80); });
    CAPTURE(error);
    CHECK(error.primitive() == "getaddrinfo");
    CHECK(error.code().category() == make_error_code(ResolveErrc::unknown_host).category());
    // Without a network, or with a name server that does not answer, "not for now" is all that can be said.
    CHECK((error.code() == ResolveErrc::unknown_host || error.code() == ResolveErrc::try_again ||
           error.code() == ResolveErrc::no_address));
    const std::string ours = "getaddrinfo of no-such-host.invalid:80: ";
    CHECK(std::string(error.what()).rfind(ours, 0) == 0);
    if (error.code() == ResolveErrc::unknown_host)
        CHECK(error.what() == ours + "Unknown host (is the name spelled right, is the network there?)");
}

#ifndef _WIN32 // Windows has neither ports for the administrator alone, nor a limit on sockets, nor fork to try them in

TEST_CASE("Error: ports below 1024 are for the administrator") {
    const std::string said = in_child([]() -> std::string {
        if (::getuid() == 0 && ::setuid(65534) != 0) return "cannot become nobody";
        TcpListener server(Address::loopback(1));
        return "allowed";
    });
    if (said == "allowed" || said == "cannot become nobody")
        MESSAGE("left out here: " << said); // a container may allow it
    else
        CHECK(said == "bind to 127.0.0.1:1: " + system_words(std::errc::permission_denied) +
                          " (ports below 1024 are for the administrator: take a higher one)");
}

TEST_CASE("Error: too many open files") {
    const std::string sentence = ": " + system_words(std::errc::too_many_files_open) +
                                 " (are sockets closed when they are no longer needed?)";
    const auto forbid_more = [] {
        rlimit none{};
        none.rlim_cur = none.rlim_max = 0;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    };
    CHECK(in_child([&]() -> std::string {
              forbid_more();
              TcpSocket socket;
              return "allowed";
          }) == "socket" + sentence);

    const TcpListener listener(Address::loopback(0));
    const std::string here = listener.local_address().to_string();
    for (const bool limited : {false, true}) {
        const std::string said = in_child([&]() -> std::string {
            TcpListener own(Socket::adopt(::dup(listener.native_handle())));
            const TcpSocket client("127.0.0.1", own.local_address().port());
            forbid_more();
            if (limited) (void)own.accept(patience);
            else (void)own.accept();
            return "allowed";
        });
        CHECK(said == "accept on " + here + sentence);
    }
}

#endif

#ifdef __gnu_linux__ // a network without anything in it, which only Linux can give to a single program

TEST_CASE("Error: the network is out of reach") {
    const std::string said = in_child([]() -> std::string {
        if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
            return "not permitted";
        TcpSocket client("198.51.100.1", 80);
        return "connected";
    });
    if (said == "not permitted") MESSAGE("left out here: " << said);
    else
        CHECK(said == "connect to 198.51.100.1:80: " + system_words(std::errc::network_unreachable) +
                          " (is this machine connected to that network?)");
}

#endif
