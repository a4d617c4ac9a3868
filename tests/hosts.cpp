// Hosts: what people mean by one, and what they write by mistake. Nobody is asked about the latter; a stand-in for the
// system's getaddrinfo, which knows no name, counts.

#include "support.hpp"

using namespace support;
using namespace std::string_literals;

namespace {

struct Asked {
    int times = 0;
    std::string host; // the last one; on Windows it comes as UTF-16, and stands here as UTF-8 again
};
Asked asked;

} // namespace

#ifdef _WIN32

namespace {

int WSAAPI stand_in(PCWSTR host, PCWSTR, const ADDRINFOW*, ADDRINFOW**) {
    char bytes[4 * NI_MAXHOST] = "";
    (void)::WideCharToMultiByte(CP_UTF8, 0, host, -1, bytes, sizeof bytes, nullptr, nullptr);
    asked = {asked.times + 1, bytes};
    return EAI_NONAME;
}

} // namespace

// What MinGW's programs jump through into the DLL.
extern "C" decltype(&stand_in) __imp_GetAddrInfoW; // NOLINT(bugprone-reserved-identifier)
decltype(&stand_in) __imp_GetAddrInfoW = stand_in; // NOLINT(bugprone-reserved-identifier)

#else

extern "C" int getaddrinfo(const char* host, const char*, const addrinfo*, addrinfo**) {
    asked = {asked.times + 1, host};
    return EAI_NONAME;
}

#endif

namespace {

/// As every call that takes a host says it.
std::vector<Error> errors_of(const std::string& host) {
    return {error_of([&] { Address(host, 80); }),
            error_of([&] { Address(host, 80, Family::ipv4); }),
            error_of([&] { (void)Address::resolve(host, "80"); }),
            error_of([&] { (void)Address::resolve(host, "http"); }),
            error_of([&] { TcpSocket(host, 80); }),
            error_of([&] { TcpSocket(host, 80, patience); }),
            error_of([&] { TcpListener(host, 0); }),
            error_of([&] { TcpListener(host, 0, 5); }),
            error_of([&] { TcpStream(host, 80); })};
}

void check_refused(const std::string& host, const std::string& shown, const std::string& hint) {
    CAPTURE(shown);
    asked = {};
    for (const Error& error : errors_of(host)) {
        CAPTURE(error);
        CHECK(error.code() == std::errc::invalid_argument);
        CHECK(error.primitive() == "address");
        const std::string said = error.what();
        CHECK(said.rfind("address of \"" + shown + "\": ", 0) == 0);
        const std::string end = " (" + hint + ")";
        CHECK(said.size() > end.size());
        CHECK(said.substr(said.size() - end.size()) == end);
    }
    CHECK(asked.times == 0);
}

void check_refused(const std::string& host, const std::string& hint) { check_refused(host, host, hint); }

const std::string name_or_number = "a host is a name or a number: localhost, 127.0.0.1";
const std::string no_blank = "no blank and no end of a line belongs to it: localhost, 127.0.0.1";
const std::string no_page = "the host alone, no address of a page: localhost, 127.0.0.1";
const std::string no_brackets = "without brackets: ::1";
const std::string two_arguments = "host and port are two arguments: \"localhost\", 8000";
const std::string no_ipv6 = "no IPv6 address: it looks like ::1 or fe80::1%eth0";
const std::string a_port = "a number alone is a port; the host comes first";
const std::string no_ipv4 =
    "an IPv4 address is four numbers from 0 to 255, without zeros in front: 127.0.0.1";

} // namespace

TEST_CASE("host: one that is made of numbers is four from 0 to 255 without zeros in front, or refused") {
    for (const char* host : {"127.1", "127.0.1", "010.0.0.1", "127.0.0.01", "127.0.0.00", "256.1.1.1",
                             "1.2.3.256", "1.2.3.999", "1.2.3.4.5", "1.2.3.4.", "0x7f.0.0.1", "0x7f000001",
                             "0X7F.1", "127.0.0.0x1", "1.2.3.1000", "1.2.3.99999999999999999999"})
        check_refused(host, no_ipv4);
    for (const char* host : {"8000", "0", "2130706433", "00"}) check_refused(host, a_port);
}

TEST_CASE("host: brackets, a port, an address of a page, blanks and ends of lines do not belong to it") {
    for (const char* host : {"[::1]", "[::1]:8000", "[127.0.0.1]", "["}) check_refused(host, no_brackets);
    for (const char* host : {"127.0.0.1:8000", "localhost:8000", "localhost:", ":8000", "1:2"})
        check_refused(host, two_arguments);
    for (const char* host : {"http://localhost", "https://localhost:8000/", "localhost/", "/tmp/door", "//"})
        check_refused(host, no_page);
    for (const char* host : {" localhost", "localhost ", "local host", " ", "127.0.0.1 "})
        check_refused(host, no_blank);
    check_refused("localhost\r", "localhost\\r", no_blank);
    check_refused("localhost\n", "localhost\\n", no_blank);
    check_refused("\tlocalhost", "\\tlocalhost", no_blank);
    check_refused("local\x1b[2Jhost", "local\\x1b[2Jhost", no_blank);
    check_refused("localhost\x7f", "localhost\\x7f", no_blank);
    check_refused("", name_or_number);
    check_refused("\0"s, "\\x00", name_or_number);
    check_refused("127.0.0.1\0.example"s, "127.0.0.1\\x00.example", name_or_number);
}

TEST_CASE("host: two colons or more are an IPv6 address, or refused; a zone has a name") {
    for (const char* host :
         {"::g", ":::", "1:2:3", "1:2:3:4:5:6:7:8:9", "fe80::1%", "::1%", "localhost:80:90", "::ffff:1.2.3",
          "::ffff:256.0.0.1", "12345::1", "%eth0::1", "::1::2"})
        check_refused(host, no_ipv6);
}

TEST_CASE("host: a long one does not push the reason out") {
    const std::string host = "http://" + std::string(100000, 'x');
    check_refused(host, no_page);
    const std::string escapes(50000, '\r');
    std::string shown;
    for (std::size_t i = 0; i < escapes.size(); ++i) shown += "\\r";
    check_refused(escapes, shown, no_blank);
}

TEST_CASE("host: names and numbers are what the system is asked, as they are written") {
    for (const std::string host : {"localhost",
                                   "pc.1",
                                   "1.pc",
                                   "1.2.3.pc",
                                   "0x",
                                   "0xpc",
                                   "127.0.0.1",
                                   "0.0.0.0",
                                   "255.255.255.255",
                                   "1.2.3.4a",
                                   "a-b_c",
                                   "pc.",
                                   "::",
                                   "::1",
                                   "fe80::1%2",
                                   "fe80::1%eth0",
                                   "::ffff:1.2.3.4",
                                   "2001:DB8::1",
                                   "1:2:3:4:5:6:7:8",
                                   "ma\xc3\xb1"
                                   "ana",
                                   "\xe4\xbe\x8b.\xe4\xbe\x8b"}) {
        CAPTURE(host);
        asked = {};
        for (const Error& error : errors_of(host)) {
            CAPTURE(error);
            CHECK(error.primitive() == "getaddrinfo"); // which knows nobody here
            CHECK(error.code() == ResolveErrc::unknown_host);
            CHECK(asked.host == host); // Windows: UTF-8 has gone to UTF-16 and back
        }
        CHECK(asked.times == 9);
    }
}

TEST_CASE("host: the port comes first, and then the host; nobody is asked of either") {
    asked = {};
    CHECK(std::string(error_of([] { Address("http://localhost", 65536); }).what()).find("with port 65536") !=
          std::string::npos);
    CHECK(asked.times == 0);
}

#ifdef _WIN32

TEST_CASE("host: what is no UTF-8 is unknown, and nobody is asked") {
    asked = {};
    for (const char* host : {"ma\xf1"
                             "ana",
                             "\xc3", "a\xff"})
        CHECK(error_of([&] { Address(host, 80); }).code() == ResolveErrc::unknown_host);
    CHECK(asked.times == 0);
}

#endif
