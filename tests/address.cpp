// Address and Family: making, asking and comparing them; names that have no address.

#include "support.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <sstream>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>

using namespace support;
using namespace std::string_literals;

static_assert(std::is_nothrow_default_constructible_v<Address>);
static_assert(std::is_trivially_copyable_v<Address>, "a plain value");
static_assert(noexcept(std::declval<const Address&>().family()));
static_assert(noexcept(std::declval<const Address&>().port()));
static_assert(noexcept(std::declval<const Address&>().data()));
static_assert(noexcept(std::declval<const Address&>().size()));
static_assert(noexcept(std::declval<const Address&>() == std::declval<const Address&>()));
static_assert(!std::is_convertible_v<std::string, Address>, "a look-up is always visible");
static_assert(!std::is_convertible_v<int, Address>);

namespace {

void check_refused(const Error& error, std::errc reason = std::errc::invalid_argument) {
    CAPTURE(error);
    CHECK(error.code() == reason);
    CHECK(error.primitive() == "address");
}

/// ::ffff:127.0.0.1, as an IPv6 socket that takes both families gives an IPv4 client's address.
Address mapped(unsigned char last, std::uint16_t port) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    unsigned char bytes[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, last};
    std::memcpy(&address.sin6_addr, bytes, sizeof bytes);
    return Address::from(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

} // namespace

// --- making one ---------------------------------------------------------------------------------------

TEST_CASE("Address: the empty one") {
    const Address empty;
    CHECK(empty.family() == Family::unspecified);
    CHECK(empty.host().empty());
    CHECK(empty.port() == 0);
    CHECK(empty.size() == 0);
    CHECK(empty.to_string().empty());
    CHECK(empty.data() != nullptr);
    CHECK(empty == Address());
    CHECK(empty == Address::from(empty.data(), 0));
    CHECK(empty == Address::from(nullptr, 0));
    CHECK(empty != Address::any(0));
    CHECK(!(empty < Address()));
}

TEST_CASE("Address: numbers need no name server") {
    const Address four("127.0.0.1", 8000);
    CHECK(four.family() == Family::ipv4);
    CHECK(four.host() == "127.0.0.1");
    CHECK(four.port() == 8000);
    CHECK(four.to_string() == "127.0.0.1:8000");
    CHECK(four.size() == sizeof(sockaddr_in));

    const Address six("::1", 8000);
    CHECK(six.family() == Family::ipv6);
    CHECK(six.host() == "::1");
    CHECK(six.port() == 8000);
    CHECK(six.to_string() == "[::1]:8000");
    CHECK(six.size() == sizeof(sockaddr_in6));

    CHECK(Address("2001:db8:0:0:0:0:0:1", 1).to_string() == "[2001:db8::1]:1");
}

TEST_CASE("Address: the port stands in data() in network order") {
    const Address address("127.0.0.1", 5001);
    sockaddr_in structure{};
    std::memcpy(&structure, address.data(), sizeof structure);
    CHECK(structure.sin_port == htons(5001));
    unsigned char bytes[2];
    std::memcpy(bytes, &structure.sin_port, sizeof bytes);
    CHECK(bytes[0] == 5001 / 256);
    CHECK(bytes[1] == 5001 % 256);
}

TEST_CASE("Address: localhost is this machine") {
    if (!has_localhost()) return;
    const Address address("localhost", 80);
    CHECK(address.port() == 80);
    CHECK((address.host() == "127.0.0.1" || address.host() == "::1"));
    CHECK(Address("localhost", 80, Family::ipv4) == Address::loopback(80));
}

TEST_CASE("Address: the family asked for, and no other") {
    CHECK(Address("127.0.0.1", 1, Family::ipv4).family() == Family::ipv4);
    CHECK(Address("::1", 1, Family::ipv6).family() == Family::ipv6);
    const auto wrong = {error_of([] { Address("127.0.0.1", 1, Family::ipv6); }),
                        error_of([] { Address("::1", 1, Family::ipv4); })};
    for (const Error& error : wrong) {
        CAPTURE(error);
        CHECK(error.primitive() == "getaddrinfo");
        CHECK(error.code());
        if (under_wine()) continue; // it lets a number of Linux through
        CHECK(error.code().category() == make_error_code(ResolveErrc::no_address).category());
    }
    for (const Family family : {Family::local, Family::packet}) {
        check_refused(error_of([=] { Address("127.0.0.1", 1, family); }));
        check_refused(error_of([=] { Address::resolve("127.0.0.1", "1", family); }));
        check_refused(error_of([=] { Address::any(1, family); }));
        check_refused(error_of([=] { Address::loopback(1, family); }));
    }
    check_refused(error_of([] { Address::any(1, Family::unspecified); }));
    check_refused(error_of([] { Address::loopback(1, Family::unspecified); }));
}

TEST_CASE("Address: any is every interface, loopback this machine alone") {
    CHECK(Address::any(7).to_string() == "0.0.0.0:7");
    CHECK(Address::any(7, Family::ipv6).to_string() == "[::]:7");
    CHECK(Address::loopback(7).to_string() == "127.0.0.1:7");
    CHECK(Address::loopback(7, Family::ipv6).to_string() == "[::1]:7");
    CHECK(Address::loopback(7) == Address("127.0.0.1", 7));
    CHECK(Address::loopback(7, Family::ipv6) == Address("::1", 7));
    CHECK(Address::any(7, Family::ipv6) == Address("::", 7));
}

TEST_CASE("Address: a port is a number from 0 to 65535") {
    for (const int port : {0, 1, 65535}) {
        CHECK(Address("127.0.0.1", port).port() == port);
        CHECK(Address("::1", port).port() == port);
        CHECK(Address::any(port).port() == port);
        CHECK(Address::loopback(port, Family::ipv6).port() == port);
        CHECK(Address::resolve("127.0.0.1", std::to_string(port)).front().port() == port);
    }
    for (const int port : {-1, 65536, 65536 + 80, INT_MAX, INT_MIN}) {
        CAPTURE(port);
        const auto refused = {
            error_of([=] { Address("127.0.0.1", port); }),
            error_of([=] { Address("no-such-host.invalid", port); }), // before anybody is asked
            error_of([=] { Address::any(port); }),
            error_of([=] { Address::any(port, Family::ipv6); }),
            error_of([=] { Address::loopback(port); }),
            error_of([=] { Address::resolve("127.0.0.1", std::to_string(port)); }),
            error_of([=] { TcpSocket("127.0.0.1", port); }),
            error_of([=] { TcpSocket("127.0.0.1", port, soon); }),
            error_of([=] { TcpListener server(port); }),
            error_of([=] { TcpListener("127.0.0.1", port); }),
            error_of([=] { UdpSocket socket(port); })};
        for (const Error& error : refused) check_refused(error);
    }
    const std::string said = error_of([] { Address("127.0.0.1", 65536); }).what();
    CHECK(said.rfind("address with port 65536: ", 0) == 0);
    CHECK(said.find("(a port is a number from 0 to 65535)") != std::string::npos);
}

TEST_CASE("Address: a service in digits is a port, and checked like one") {
    CHECK(Address::resolve("127.0.0.1", "0080").front().port() == 80);
    for (const std::string service : {"65536", "65616", "99999999999", "99999999999999999999999999", "-1",
                                      "-65536", "+65536", " 65536", "\t65616", " 99999999999"}) {
        CAPTURE(service);
        const Error error = error_of([=] { Address::resolve("127.0.0.1", service); });
        CAPTURE(error);
        CHECK(error.code() == std::errc::invalid_argument);
        CHECK(error.primitive() == "address");
    }
}

TEST_CASE("Address: a service by name") {
    const auto unknown = error_of([] { Address::resolve("127.0.0.1", "no-such-service"); });
    CAPTURE(unknown);
    CHECK(unknown.primitive() == "getaddrinfo");
    // Windows calls it a host that it does not know.
    CHECK((unknown.code() == ResolveErrc::unknown_service || unknown.code() == ResolveErrc::unknown_host));
    for (const std::string service : {"80x", "x80", "8 0", "-", "+"}) {
        CAPTURE(service);
        CHECK(error_of([=] { Address::resolve("127.0.0.1", service); }).code());
    }
    try {
        const Address web = Address::resolve("127.0.0.1", "http").front();
        CHECK(web == Address("127.0.0.1", 80));
    } catch (const Error& error) { // a small machine has no list of services
        CHECK(error.code() == ResolveErrc::unknown_service);
    }
}

TEST_CASE("Address: an empty host, an empty service, and a NUL inside are no names") {
    check_refused(error_of([] { Address("", 80); }));
    check_refused(error_of([] { Address::resolve("", "80"); }));
    check_refused(error_of([] { Address::resolve("127.0.0.1", ""); }));
    check_refused(error_of([] { TcpSocket("", 80); }));
    check_refused(error_of([] { TcpListener("", 0); }));
    // As a C string these would be something else than what they are.
    check_refused(error_of([] { Address("127.0.0.1\0.example.org"s, 80); }));
    check_refused(error_of([] { Address("\0"s, 80); }));
    check_refused(error_of([] { Address::resolve("127.0.0.1", "80\0000"s); }));
}

TEST_CASE("Address: the text of a look-up that failed names host and port") {
    const Error error = error_of([] { Address("no-such-host.invalid", 8000); });
    CHECK(std::string(error.what()).rfind("getaddrinfo of no-such-host.invalid:8000: ", 0) == 0);
    // A host of any length is refused, not cut.
    CHECK(error_of([] { Address(std::string(100000, 'a'), 80); }).code());
}

TEST_CASE("resolve: every address once") {
    for (const std::string host : {"127.0.0.1", "::1", "localhost"}) {
        if (host == "localhost" && !has_localhost()) continue;
        const std::vector<Address> all = Address::resolve(host, "8000");
        CAPTURE(host);
        CHECK(!all.empty());
        CHECK(std::set<Address>(all.begin(), all.end()).size() == all.size());
        for (const Address& address : all) CHECK(address.port() == 8000);
    }
    CHECK(Address::resolve("127.0.0.1", "1").size() == 1);
    if (!has_localhost()) return;
    for (const Address& address : Address::resolve("localhost", "1", Family::ipv4))
        CHECK(address.family() == Family::ipv4);
}

// --- from and to the system ---------------------------------------------------------------------------

TEST_CASE("from: takes what the system gives, and gives it back") {
    for (const Address& address : {Address("127.0.0.1", 8000), Address("::1", 8000), Address("fe80::1", 1)}) {
        const Address copy = Address::from(address.data(), address.size());
        CHECK(copy == address);
        CHECK(copy.to_string() == address.to_string());
        CHECK(copy.size() == address.size());
        CHECK(std::memcmp(copy.data(), address.data(), static_cast<std::size_t>(copy.size())) == 0);
    }
}

TEST_CASE("from: nonsense is refused") {
    const Address good("::1", 8000);
    check_refused(error_of([] { Address::from(nullptr, sizeof(sockaddr_in)); }));
    check_refused(error_of([&] { Address::from(good.data(), 1); }));
    check_refused(error_of([&] { Address::from(good.data(), static_cast<socklen_t>(-1)); }));
    // Too short for its family, by one byte.
    check_refused(error_of([&] { Address::from(good.data(), sizeof(sockaddr_in6) - 1); }));
    const Address four("127.0.0.1", 1);
    check_refused(error_of([&] { Address::from(four.data(), sizeof(sockaddr_in) - 1); }));

    sockaddr_storage other{};
    check_refused(error_of([&] { Address::from(reinterpret_cast<sockaddr*>(&other), sizeof other); }));
    other.ss_family = 77;
    check_refused(error_of([&] { Address::from(reinterpret_cast<sockaddr*>(&other), sizeof other); }));
    struct {
        sockaddr_storage room;
        char more;
    } long_one{};
    std::memcpy(&long_one, good.data(), sizeof(sockaddr_in6));
    check_refused(error_of([&] { Address::from(reinterpret_cast<sockaddr*>(&long_one), sizeof long_one); }));
}

TEST_CASE("from: room that the system did not use does not count") {
    sockaddr_storage room{};
    const Address address("127.0.0.1", 8000);
    std::memcpy(&room, address.data(), static_cast<std::size_t>(address.size()));
    const Address roomy = Address::from(reinterpret_cast<sockaddr*>(&room), sizeof room);
    CHECK(roomy == address);
    CHECK(roomy.to_string() == "127.0.0.1:8000");
    CHECK(std::hash<Address>()(roomy) == std::hash<Address>()(address));
}

TEST_CASE("Address: a zone is part of an IPv6 address") {
    sockaddr_in6 structure{};
    const Address plain("fe80::1", 8000);
    std::memcpy(&structure, plain.data(), sizeof structure);
    structure.sin6_scope_id = 1;
    const Address zoned = Address::from(reinterpret_cast<const sockaddr*>(&structure), sizeof structure);
    CHECK(zoned != plain);
    CHECK(zoned.host().rfind("fe80::1%", 0) == 0);
}

TEST_CASE("Address: a flow label is not part of an IPv6 address") {
    sockaddr_in6 structure{};
    const Address plain("::1", 8000);
    std::memcpy(&structure, plain.data(), sizeof structure);
    structure.sin6_flowinfo = 12345;
    const Address labelled = Address::from(reinterpret_cast<const sockaddr*>(&structure), sizeof structure);
    CHECK(labelled == plain);
    CHECK(std::hash<Address>()(labelled) == std::hash<Address>()(plain));
}

TEST_CASE("Address: a mapped IPv4 address shows, compares and hashes as the IPv4 one; data() stays") {
    const Address four = Address::loopback(8000);
    const Address six = mapped(1, 8000);
    CHECK(six.family() == Family::ipv4);
    CHECK(six.host() == "127.0.0.1");
    CHECK(six.to_string() == "127.0.0.1:8000");
    CHECK(six == four);
    CHECK(!(six < four));
    CHECK(!(four < six));
    CHECK(std::hash<Address>()(six) == std::hash<Address>()(four));
    CHECK(six != mapped(2, 8000));
    CHECK(six != mapped(1, 8001));
    CHECK(six.size() == sizeof(sockaddr_in6));
    sockaddr_in6 structure{};
    std::memcpy(&structure, six.data(), sizeof structure);
    CHECK(structure.sin6_family == AF_INET6);
}

TEST_CASE("Address: a mapped IPv4 address with a zone shows without it, and what it shows can be read back") {
    sockaddr_in6 structure{};
    const Address plain = mapped(1, 8000);
    std::memcpy(&structure, plain.data(), sizeof structure);
    structure.sin6_scope_id = 5;
    const Address zoned = Address::from(reinterpret_cast<const sockaddr*>(&structure), sizeof structure);
    CHECK(zoned.host() == "127.0.0.1");
    CHECK(zoned.to_string() == "127.0.0.1:8000");
    CHECK(zoned == Address::loopback(8000));
    CHECK(std::hash<Address>()(zoned) == std::hash<Address>()(Address::loopback(8000)));
    CHECK(Address(zoned.host(), zoned.port()) == zoned);
}

TEST_CASE("Address: an IPv6 address with a zone, and one that is mapped, are read as they are shown") {
    const Address zoned("fe80::1%1", 8000);
    CHECK(zoned.family() == Family::ipv6);
    CHECK(zoned != Address("fe80::1", 8000));
    CHECK(Address(zoned.host(), 8000) == zoned);
    const Address four("::ffff:127.0.0.1", 8000);
    CHECK(four.family() == Family::ipv4);
    CHECK(four == Address::loopback(8000));
    CHECK(four.size() == sizeof(sockaddr_in)); // an ipv6 socket could not reach the other form
    const std::vector<Address> all = Address::resolve("::FFFF:127.0.0.1", "8000");
    CHECK(all.size() == 1);
    CHECK(all.front().size() == sizeof(sockaddr_in));
}

// --- as a value ---------------------------------------------------------------------------------------

TEST_CASE("Address: is ordered") {
    const std::vector<Address> all = {Address(),
                                      Address("10.0.0.1", 2),
                                      Address("10.0.0.1", 3),
                                      Address("10.0.0.2", 2),
                                      Address("192.168.0.1", 256),
                                      Address("::1", 2),
                                      Address("::2", 2),
                                      Address("::1", 3),
                                      Address::local("/tmp/a"),
                                      Address::local("/tmp/ab"),
                                      Address::local("/tmp/b")};
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = 0; j < all.size(); ++j) {
            CAPTURE(i);
            CAPTURE(j);
            CHECK((all[i] == all[j]) == (i == j));
            CHECK((all[i] != all[j]) == (i != j));
            CHECK((all[i] < all[j] || all[j] < all[i]) == (i != j)); // one of them is less
            CHECK(!(all[i] < all[j] && all[j] < all[i]));
            for (std::size_t k = 0; k < all.size(); ++k)
                if (all[i] < all[j] && all[j] < all[k]) CHECK(all[i] < all[k]);
        }
    }
}

TEST_CASE("Address: is a key") {
    std::map<Address, int> ordered;
    std::unordered_map<Address, int> hashed;
    std::unordered_set<std::size_t> hashes;
    for (int port = 0; port < 1000; ++port) {
        ordered[Address::loopback(port)] = port;
        hashed[Address("127.0.0.1", port)] = port;
        hashes.insert(std::hash<Address>()(Address::loopback(port)));
    }
    CHECK(ordered.size() == 1000);
    CHECK(hashed.size() == 1000);
    CHECK(hashes.size() > 900); // equal hashes for everybody would be right, and useless
    CHECK(ordered.at(mapped(1, 77)) == 77);
    CHECK(hashed.at(mapped(1, 77)) == 77);
    CHECK(ordered.count(Address::loopback(77, Family::ipv6)) == 0);
}

TEST_CASE("Address: is printed as to_string() gives it") {
    std::ostringstream out;
    out << Address::loopback(8000) << ' ' << Address::loopback(1, Family::ipv6) << ' ' << Address();
    CHECK(out.str() == "127.0.0.1:8000 [::1]:1 ");
    std::ostringstream wide;
    wide.width(16);
    wide << Address::loopback(8000);
    CHECK(wide.str() == "  127.0.0.1:8000");
}

// --- local: as values on every system; local.cpp has the sockets ---------------------------------------

TEST_CASE("local: a path") {
    const Address address = Address::local("/tmp/door");
    CHECK(address.family() == Family::local);
    CHECK(address.host() == "/tmp/door");
    CHECK(address.port() == 0);
    CHECK(address.to_string() == "/tmp/door");
    CHECK(address == Address::local("/tmp/door"));
    CHECK(address != Address::local("/tmp/doo"));
    CHECK(address != Address::local("/tmp/doors"));
    CHECK(std::hash<Address>()(address) == std::hash<Address>()(Address::local("/tmp/door")));
    CHECK(Address::from(address.data(), address.size()) == address);
}

TEST_CASE("local: too long a path is refused, never cut") {
    constexpr std::size_t room = sizeof(sockaddr_un::sun_path);
    const std::string longest(room - 1, 'p');
    CHECK(Address::local(longest).host() == longest);
    check_refused(error_of([=] { Address::local(longest + "p"); }), std::errc::filename_too_long);
    check_refused(error_of([=] { Address::local(std::string(10000, 'p')); }), std::errc::filename_too_long);
    const std::string said = error_of([=] { Address::local(longest + "p"); }).what();
    CHECK(said.find("at most " + std::to_string(room - 1) + " bytes") != std::string::npos);
}

TEST_CASE("local: an empty path, and a NUL inside, are no paths") {
    check_refused(error_of([] { Address::local(""); }));
    check_refused(error_of([] { Address::local("/tmp/a\0b"s); }));
    check_refused(error_of([] { Address::local("/tmp/a\0"s); }));
    check_refused(error_of([] { Address::local("\0"s); })); // an abstract name without a name
    check_refused(error_of([] { Address::local("\0\0"s); }));
}

TEST_CASE("local: an abstract name begins with NUL") {
    const Address address = Address::local("\0door"s);
    CHECK(address.family() == Family::local);
    CHECK(address.host() == "\0door"s);
    CHECK(address.to_string() == "@door");
    CHECK(address != Address::local("door"));
    CHECK(Address::from(address.data(), address.size()) == address);
}

TEST_CASE("local: an abstract name has up to 107 bytes after its NUL") {
    constexpr std::size_t room = sizeof(sockaddr_un::sun_path);
    const std::string longest = "\0"s + std::string(room - 1, 'n');
    const Address address = Address::local(longest);
    CHECK(address.host() == longest);
    CHECK(address.to_string() == "@" + longest.substr(1));
    CHECK(Address::from(address.data(), address.size()) == address);
    const Error error = error_of([&] { Address::local(longest + "n"); });
    check_refused(error, std::errc::filename_too_long);
    CHECK(std::string(error.what()).find("at most " + std::to_string(room) + " bytes") != std::string::npos);
}

TEST_CASE("local: an abstract name shows its inner NULs as escapes, and they tell names apart") {
    const std::pair<std::string, const char*> names[] = {{"\0py\0one"s, "@py\\x00one"},
                                                         {"\0py\0two"s, "@py\\x00two"},
                                                         {"\0py"s, "@py"},
                                                         {"\0py\0"s, "@py\\x00"},
                                                         {"\0\0py"s, "@\\x00py"},
                                                         {"\0\0\0py"s, "@\\x00\\x00py"},
                                                         {"\0py\n\x1b"s, "@py\\n\\x1b"},
                                                         {"\0py\0\0one"s, "@py\\x00\\x00one"}};
    std::set<Address> all;
    std::set<std::string> shown;
    for (const auto& name_and_text : names) {
        const std::string& name = name_and_text.first;
        const char* const text = name_and_text.second;
        CAPTURE(text);
        const Address address = Address::local(name);
        CHECK(address.to_string() == text);
        CHECK(address.host() == name);
        CHECK(address.size() == offsetof(sockaddr_un, sun_path) + name.size());
        const Address copy = Address::from(address.data(), address.size());
        CHECK(copy == address);
        CHECK(copy.to_string() == text);
        CHECK(std::hash<Address>()(copy) == std::hash<Address>()(address));
        all.insert(address);
        shown.insert(address.to_string());
    }
    CHECK(all.size() == std::size(names));
    CHECK(shown.size() == std::size(names));
}

TEST_CASE("local: nothing but NULs is the empty address, of any length") {
    sockaddr_un nobody{};
    nobody.sun_family = AF_UNIX;
    for (std::size_t size = offsetof(sockaddr_un, sun_path); size <= sizeof nobody; ++size) {
        const Address address =
            Address::from(reinterpret_cast<const sockaddr*>(&nobody), static_cast<socklen_t>(size));
        CHECK(address == Address());
        CHECK(address.size() == 0);
    }
    check_refused(error_of([] { Address::local(std::string(50, '\0')); }));
}

TEST_CASE("local: a path shows its control characters as escapes, also where it is refused") {
    CHECK(Address::local("/tmp/a\nb\x1b[2J").to_string() == "/tmp/a\\nb\\x1b[2J");
    const std::string said = error_of([] { Address::local("/tmp/a\r\n" + std::string(1000, 'p')); }).what();
    CHECK(said.find("/tmp/a\\r\\np") != std::string::npos);
    CHECK(said.find_first_of("\r\n") == std::string::npos);
    CHECK(said.substr(said.size() - 7) == " bytes)"); // the reason is there, however long the path
}

TEST_CASE("local: an address without a path is the empty one") {
    sockaddr_un nobody{};
    nobody.sun_family = AF_UNIX;
    for (const std::size_t size : {offsetof(sockaddr_un, sun_path), sizeof nobody}) {
        const auto length = static_cast<socklen_t>(size);
        CHECK(Address::from(reinterpret_cast<const sockaddr*>(&nobody), length) == Address());
    }
}

TEST_CASE("local: a path that fills its room to the last byte has no NUL after it") {
    sockaddr_un full{};
    full.sun_family = AF_UNIX;
    std::memset(full.sun_path, 'p', sizeof full.sun_path);
    const Address address = Address::from(reinterpret_cast<const sockaddr*>(&full), sizeof full);
    CHECK(address.host() == std::string(sizeof full.sun_path, 'p'));
}
