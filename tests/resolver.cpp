// Names with several addresses, and name servers with trouble: with a stand-in for the system's getaddrinfo, because no
// machine's own answers can be relied on.

#include "support.hpp"

#ifndef _WIN32 // there getaddrinfo lies in a DLL: a program's own would not be called

#include <cstdlib>
#include <cstring>

using namespace support;

namespace {

/// What the next look-ups answer.
struct Answer {
    std::vector<Address> addresses;
    int result = 0;
    int error_number = 0;
};
Answer answer;

/// What was asked.
struct Question {
    int family = -1;
    int socktype = -1;
    int flags = 0;
    std::string service;
};
Question question;
int lists_alive = 0;

} // namespace

extern "C" int getaddrinfo(const char*, const char* service, const addrinfo* wanted, addrinfo** list) {
    question = {wanted->ai_family, wanted->ai_socktype, wanted->ai_flags, service ? service : ""};
    if (answer.result != 0) {
        errno = answer.error_number;
        return answer.result;
    }
    addrinfo* first = nullptr;
    for (auto address = answer.addresses.rbegin(); address != answer.addresses.rend(); ++address) {
        auto* entry = static_cast<addrinfo*>(std::calloc(1, sizeof(addrinfo) + sizeof(sockaddr_storage)));
        std::memcpy(entry + 1, address->data(), static_cast<std::size_t>(address->size()));
        entry->ai_addr = reinterpret_cast<sockaddr*>(entry + 1);
        entry->ai_addrlen = address->size();
        entry->ai_family = entry->ai_addr->sa_family;
        entry->ai_socktype = SOCK_STREAM;
        entry->ai_next = first;
        first = entry;
    }
    ++lists_alive;
    *list = first;
    return 0;
}

extern "C" void freeaddrinfo(addrinfo* list) {
    if (list) --lists_alive;
    while (list) {
        addrinfo* next = list->ai_next;
        std::free(list);
        list = next;
    }
}

namespace {

/// An address that refuses every connection, for as long as the object lives.
const Address& refused(Family family) {
    static const Nobody four(Family::ipv4);
    static const Address of_four = four.address();
    if (family == Family::ipv4) return of_four;
    static const Nobody six(Family::ipv6);
    static const Address of_six = six.address();
    return of_six;
}

} // namespace

TEST_CASE("TcpSocket: a server on one family alone is found, whichever address comes first") {
    if (!has_ipv6()) return;
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        const Family other = family == Family::ipv4 ? Family::ipv6 : Family::ipv4;
        for (const bool server_first : {false, true}) {
            for (const bool limited : {false, true}) {
                TcpListener server(Address::loopback(0, family));
                const Address found = server.local_address();
                answer = server_first ? Answer{{found, refused(other)}} : Answer{{refused(other), found}};
                const TcpSocket client = limited ? TcpSocket("anything", found.port(), patience)
                                                 : TcpSocket("anything", found.port());
                CHECK(client.remote_address() == found);
                auto accepted = server.accept(patience);
                REQUIRE(accepted);
                CHECK(accepted->address == client.local_address());
                CHECK(lists_alive == 0);
            }
        }
    }
}

TEST_CASE(
    "TcpSocket: if all addresses fail, the text names each with its reason, the code is the last one's") {
    if (!has_ipv6()) return;
    answer = Answer{{refused(Family::ipv6), refused(Family::ipv4)}};
    for (const bool limited : {false, true}) {
        const Error error = error_of([=] {
            if (limited) TcpSocket("anything", 8000, patience);
            else TcpSocket("anything", 8000);
        });
        CHECK(error.code() == std::errc::connection_refused);
        CHECK(error.primitive() == "connect");
        const std::string words = ": " + system_words(std::errc::connection_refused);
        CHECK(error.what() == "connect to anything, " + refused(Family::ipv4).to_string() + words + ", " +
                                  refused(Family::ipv6).to_string() + words +
                                  " (is a server listening there?)");
    }
    CHECK(lists_alive == 0);
}

TEST_CASE("TcpSocket: the reasons may differ") {
    const Busy busy;
    const Address there = busy.address();
    answer = Answer{{there, refused(Family::ipv4)}};
    const Error refused_last = error_of([] { TcpSocket("anything", 8000, milliseconds(200)); });
    CAPTURE(refused_last);
    CHECK(refused_last.code() == std::errc::connection_refused);
    CHECK(std::string(refused_last.what())
              .find(there.to_string() + ": " + system_words(std::errc::timed_out) + ", ") !=
          std::string::npos);

    answer = Answer{{refused(Family::ipv4), there}};
    const Error late_last = error_of([] { TcpSocket("anything", 8000, milliseconds(200)); });
    CAPTURE(late_last);
    CHECK(late_last.code() == std::errc::timed_out);
    CHECK(std::string(late_last.what())
              .find(refused(Family::ipv4).to_string() + ": " + system_words(std::errc::connection_refused) +
                    ", ") != std::string::npos);
}

TEST_CASE("TcpSocket: a time limit is shared out, so that a silent address leaves time for the next") {
    const Busy first;
    const Busy second;
    TcpListener server(Address::loopback(0));
    answer = Answer{{first.address(), second.address(), server.local_address()}};
    auto start = std::chrono::steady_clock::now();
    const TcpSocket client("anything", 8000, milliseconds(3000));
    CHECK(client.remote_address() == server.local_address());
    const auto took = std::chrono::steady_clock::now() - start;
    CHECK(took >= milliseconds(1800)); // a third for the first, half of the rest for the second
    CHECK(took < milliseconds(3000));  // and something was left for the server

    // All silent: each has its share, together they have the whole.
    answer = Answer{{first.address(), second.address()}};
    start = std::chrono::steady_clock::now();
    const Error error = error_of([] { TcpSocket("anything", 8000, milliseconds(200)); });
    CHECK(std::chrono::steady_clock::now() - start >= milliseconds(200));
    CHECK(error.code() == std::errc::timed_out);
    CHECK(std::string(error.what())
              .find(first.address().to_string() + ": " + system_words(std::errc::timed_out)) !=
          std::string::npos);
    CHECK(std::string(error.what()).find(second.address().to_string()) != std::string::npos);
    CHECK(lists_alive == 0);
}

TEST_CASE("TcpSocket: with one address the text is the plain one") {
    answer = Answer{{refused(Family::ipv4)}};
    const Error error = error_of([] { TcpSocket("anything", 8000); });
    CHECK(error.what() == "connect to " + refused(Family::ipv4).to_string() + ": " +
                              system_words(std::errc::connection_refused) +
                              " (is a server listening there?)");
}

TEST_CASE("TcpSocket: an address that is given twice is tried once") {
    const Address there = refused(Family::ipv4);
    answer = Answer{{there, there, there}};
    const Error error = error_of([] { TcpSocket("anything", 8000); });
    CHECK(error.what() == "connect to " + there.to_string() + ": " +
                              system_words(std::errc::connection_refused) +
                              " (is a server listening there?)");
    CHECK(Address::resolve("anything", "8000").size() == 1);
}

TEST_CASE("Address: the first that getaddrinfo gives, IPv4 before IPv6") {
    const Address four = Address::loopback(80);
    const Address other = Address::any(80);
    const Address six = Address::loopback(80, Family::ipv6);
    const Address more = Address::any(80, Family::ipv6);
    const std::vector<std::pair<std::vector<Address>, Address>> cases = {
        {{six, four}, four}, {{four, six}, four}, {{six, more, other, four}, other},
        {{six, more}, six},  {{more}, more},
    };
    for (const auto& expected : cases) {
        const std::vector<Address>& addresses = expected.first;
        const Address& first = expected.second;
        CAPTURE(first);
        answer = Answer{addresses};
        CHECK(Address("anything", 80) == first);
        const std::vector<Address> all = Address::resolve("anything", "80"); // in the system's order
        CHECK(all.size() == addresses.size());
        for (std::size_t i = 0; i < all.size() && i < addresses.size(); ++i) CHECK(all[i] == addresses[i]);
    }
    CHECK(lists_alive == 0);
}

TEST_CASE("TcpSocket: tries the IPv4 addresses first, and each only once") {
    if (!has_ipv6()) return;
    TcpListener four(Address::loopback(0));
    TcpListener six(Address::loopback(0, Family::ipv6));
    const Address found = four.local_address();
    for (const auto& addresses :
         {std::vector<Address>{six.local_address(), found},
          std::vector<Address>{refused(Family::ipv6), six.local_address(), found, found},
          std::vector<Address>{six.local_address(), refused(Family::ipv4), found}}) {
        answer = Answer{addresses};
        const TcpSocket client("anything", 8000);
        CHECK(client.remote_address() == found);
        CHECK(four.accept(patience));
    }
    CHECK(!six.try_accept());
    answer = Answer{{refused(Family::ipv6), refused(Family::ipv4), six.local_address()}};
    CHECK(TcpSocket("anything", 8000).remote_address() == six.local_address());

    const Address first = Address::loopback(1);
    answer = Answer{{refused(Family::ipv6), first, refused(Family::ipv6), refused(Family::ipv4)}};
    const std::string said = error_of([] { TcpSocket("anything", 8000); }).what();
    const std::size_t last = said.find(refused(Family::ipv6).to_string());
    CHECK(said.find(first.to_string()) < said.find(refused(Family::ipv4).to_string()));
    CHECK(said.find(refused(Family::ipv4).to_string()) < last);
    CHECK(said.find(refused(Family::ipv6).to_string(), last + 1) == std::string::npos);
}

TEST_CASE("TcpListener: by name takes the address that a client tries too") {
    if (!has_ipv6()) return;
    answer = Answer{{Address::loopback(0, Family::ipv6), Address::loopback(0)}};
    const TcpListener server("anything", 0);
    CHECK(server.local_address().host() == "127.0.0.1");
}

TEST_CASE("Address: asks for what is wanted, once") {
    answer = Answer{{Address::loopback(80)}};
    const std::pair<Family, int> families[] = {
        {Family::unspecified, AF_UNSPEC}, {Family::ipv4, AF_INET}, {Family::ipv6, AF_INET6}};
    for (const auto& [family, domain] : families) {
        (void)Address("anything", 80, family);
        CHECK(question.family == domain);
        CHECK(question.service == "80");
        CHECK((question.flags & AI_NUMERICSERV) != 0);
        CHECK(question.socktype != 0); // or every address comes three times
        (void)Address::resolve("anything", "domain", family);
        CHECK(question.family == domain);
        CHECK((question.flags & AI_NUMERICSERV) == 0);
    }
}

TEST_CASE("getaddrinfo: its answers have a category of their own, and EAI_SYSTEM means errno") {
    const std::vector<std::pair<int, ResolveErrc>> reasons = {
        {EAI_NONAME, ResolveErrc::unknown_host},     {EAI_AGAIN, ResolveErrc::try_again},
        {EAI_SERVICE, ResolveErrc::unknown_service},
#ifdef EAI_NODATA
        {EAI_NODATA, ResolveErrc::no_address},
#endif
#ifdef EAI_ADDRFAMILY
        {EAI_ADDRFAMILY, ResolveErrc::no_address},
#endif
    };
    for (const auto& [result, reason] : reasons) {
        answer = Answer{{}, result, EINTR}; // errno says something else, and does not count
        for (const Error& error :
             {error_of([] { Address("anything", 80); }), error_of([] { Address::resolve("anything", "80"); }),
              error_of([] { TcpSocket("anything", 80); }),
              error_of([] { TcpSocket("anything", 80, patience); }),
              error_of([] { TcpListener("anything", 0); })}) {
            CAPTURE(error);
            CHECK(error.code() == reason);
            CHECK(error.primitive() == "getaddrinfo");
            CHECK(std::string(error.what()).rfind("getaddrinfo of anything:", 0) == 0);
        }
    }
    for (const int number : {EMFILE, ENOMEM, EACCES}) {
        answer = Answer{{}, EAI_SYSTEM, number};
        const Error error = error_of([] { Address("anything", 80); });
        CHECK(error.code() == std::error_code(number, std::generic_category()).default_error_condition());
        CHECK(error.primitive() == "getaddrinfo");
    }
    const std::vector<std::pair<int, std::errc>> others = {
        {EAI_MEMORY, std::errc::not_enough_memory},
        {EAI_FAMILY, std::errc::address_family_not_supported},
        {EAI_FAIL, std::errc::io_error}};
    for (const auto& [result, reason] : others) {
        answer = Answer{{}, result, 0};
        CHECK(error_of([] { Address("anything", 80); }).code() == reason);
    }
    CHECK(lists_alive == 0);
}

TEST_CASE("getaddrinfo: the sentences") {
    const std::pair<int, const char*> sentences[] = {
        {EAI_NONAME,
         "getaddrinfo of anything:80: Unknown host (is the name spelled right, is the network there?)"},
        {EAI_AGAIN,
         "getaddrinfo of anything:80: No answer from the name server for now (is the network there?)"},
        {EAI_SERVICE, "getaddrinfo of anything:80: Unknown service"},
    };
    for (const auto& [result, sentence] : sentences) {
        answer = Answer{{}, result, 0};
        CHECK(std::string(error_of([] { Address("anything", 80); }).what()) == sentence);
    }
}

TEST_CASE("TcpSocket: a negative time limit leaves no list behind") {
    answer = Answer{{refused(Family::ipv4)}};
    CHECK(error_of([] { TcpSocket("anything", 80, milliseconds(-1)); }).code() ==
          std::errc::invalid_argument);
    CHECK(lists_alive == 0);
}

#endif
