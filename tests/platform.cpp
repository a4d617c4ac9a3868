// The layer that knows the system: what posix.hpp and winsock.hpp promise to everything above, and the small pieces
// that the sockets are made of.

// Alone first: a student's program pays for what this brings.
#include <sockets/all.hpp>

#if defined(_GLIBCXX_MUTEX) || defined(_GLIBCXX_THREAD) || defined(_GLIBCXX_IOSTREAM) ||                     \
    defined(_GLIBCXX_FUNCTIONAL) || defined(_GLIBCXX_SSTREAM) || defined(_GLIBCXX_FUTURE)
#error "a header brings what plain MinGW has not, or what costs every program dearly"
#endif
#if defined(min) || defined(max)
#error "windows.h must not bring its macros: std::min and std::max would not compile"
#endif
#if defined(_WIN32) && defined(WIN32_LEAN_AND_MEAN)
#error "that is for our own includes: the program has not defined it"
#endif
#if defined(_WIN32) && !defined(NOMINMAX)
#error "another header of Windows must not bring min and max later"
#endif
#if defined(SOCKETS_COLD) || defined(SOCKETS_LEAN)
#error "a macro of ours has leaked"
#endif

#include "support.hpp"

#include <sockets/detail/deadline.hpp>
#include <sockets/detail/handle.hpp>
#include <sockets/detail/hints.hpp>

#include <algorithm>
#include <cstring>

#ifndef _WIN32
#include <fcntl.h>
#endif

using namespace support;

static_assert(detail::max_transfer == INT_MAX);
static_assert(detail::at_most(1) == 1 && detail::at_most(INT_MAX) == INT_MAX);
static_assert(detail::at_most(std::size_t{INT_MAX} + 1) == INT_MAX, "some systems take the size as an int");
static_assert(detail::at_most(SIZE_MAX) == INT_MAX);

static_assert(!std::is_copy_constructible_v<detail::Handle> &&
              std::is_nothrow_move_constructible_v<detail::Handle>);
static_assert(std::is_trivially_copyable_v<detail::Sockaddr>);
static_assert(std::is_same_v<decltype(detail::no_handle), const NativeHandle>);

namespace {

NativeHandle make(int type = SOCK_STREAM) {
    REQUIRE(!detail::start());
    return detail::make(AF_INET, type, 0);
}

bool is_open(NativeHandle handle) {
    int type = 0;
    socklen_t size = sizeof type;
    return detail::get_option(handle, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

} // namespace

// --- Deadline -----------------------------------------------------------------------------------------

TEST_CASE("Deadline: none is never over") {
    const detail::Deadline never = detail::Deadline::never();
    CHECK(never.is_never());
    CHECK(!never.is_over());
    CHECK(never.rest() == detail::no_limit);
}

TEST_CASE("Deadline: 0 is over at once") {
    const detail::Deadline now(0);
    CHECK(!now.is_never());
    CHECK(now.is_over());
    CHECK(now.rest() == 0);
}

TEST_CASE("Deadline: counts down, never below 0, and remembers what it was") {
    const auto start = std::chrono::steady_clock::now();
    const detail::Deadline limit(20);
    CHECK(limit.limit == 20);
    CHECK(limit.rest() <= 21); // one that has begun does not count
    long long rest = limit.rest();
    while (!limit.is_over()) {
        CHECK(limit.rest() <= rest);
        rest = limit.rest();
    }
    CHECK(std::chrono::steady_clock::now() - start >= milliseconds(20)); // not too early either
    CHECK(limit.rest() == 0);
    CHECK(limit.limit == 20);
}

TEST_CASE("Deadline: too far away to be counted is none") {
    constexpr long long year = 365LL * 24 * 60 * 60 * 1000;
    for (const long long time : {detail::no_limit, detail::no_limit - 1, detail::no_limit / 2, 1000 * year}) {
        const detail::Deadline limit(time);
        CHECK(!limit.is_over());
        CHECK(limit.rest() > 999 * year);
    }
    CHECK(detail::Deadline(milliseconds::max().count()).is_never());
}

// --- Handle -------------------------------------------------------------------------------------------

TEST_CASE("Handle: closes once, and only what it owns") {
    const NativeHandle first = make();
    const NativeHandle second = make();
    {
        detail::Handle owner(first);
        CHECK(owner.is_open());
        detail::Handle other(second);
        other = std::move(owner); // closes what was there
        CHECK(!is_open(second));
        CHECK(is_open(first));
        CHECK(!owner.is_open()); // NOLINT(bugprone-use-after-move)
        CHECK(owner.close() == 0);
        CHECK(is_open(first));
    }
    CHECK(!is_open(first));

    const NativeHandle third = make();
    {
        detail::Handle owner(third);
        CHECK(owner.release() == third);
        CHECK(!owner.is_open());
        CHECK(owner.release() == detail::no_handle);
    }
    CHECK(is_open(third));
    CHECK(detail::close(third) == 0);
    CHECK(!detail::Handle().is_open());
}

// --- errors -------------------------------------------------------------------------------------------

/// What the last call has failed with.
std::errc last_reason() { return detail::reason_of(detail::last_error()); }

TEST_CASE("error_of: is the number with which the system would say so") {
    const NativeHandle handle = make();
    CHECK(::listen(detail::no_handle, 1) != 0);
    const std::errc said = last_reason();
    CHECK((said == std::errc::bad_file_descriptor || said == std::errc::not_a_socket)); // Windows: the second
    sockaddr_in somewhere{};
    somewhere.sin_family = AF_INET;
    somewhere.sin_port = htons(9);
    const unsigned char documentation[4] = {198, 51, 100, 1};
    std::memcpy(&somewhere.sin_addr, documentation, sizeof documentation);
    CHECK(detail::bind(handle, reinterpret_cast<sockaddr*>(&somewhere), sizeof somewhere) != 0);
    CHECK(detail::last_error() == detail::error_of(std::errc::address_not_available));
    CHECK(detail::close(handle) == 0);
}

TEST_CASE("datagram_error: an unreachable peer is a refusal, on Windows too") {
    const int refused = detail::error_of(std::errc::connection_refused);
    CHECK(detail::datagram_error(refused) == refused);
    const int reset = detail::error_of(std::errc::connection_reset);
#ifdef _WIN32
    CHECK(detail::reason_of(detail::datagram_error(reset)) == std::errc::connection_refused);
#else
    CHECK(detail::datagram_error(reset) == reset);
#endif
    const int other = detail::error_of(std::errc::message_size);
    CHECK(detail::datagram_error(other) == other);
}

TEST_CASE("error_of: knows every reason that the library gives") {
    for (const std::errc reason :
         {std::errc::address_family_not_supported, std::errc::bad_file_descriptor,
          std::errc::connection_reset, std::errc::file_exists, std::errc::filename_too_long,
          std::errc::invalid_argument, std::errc::message_size, std::errc::no_such_file_or_directory,
          std::errc::operation_not_supported, std::errc::timed_out, std::errc::wrong_protocol_type}) {
        CAPTURE(std::make_error_code(reason).message());
        CHECK(detail::reason_of(detail::error_of(reason)) == reason);
        CHECK(&code_of(reason).category() == &detail::category());
    }
}

TEST_CASE("usual_hint: has nothing to say about what it does not know") {
    for (const char* primitive : {"socket", "bind", "connect", "recv"}) {
        CHECK(*detail::usual_hint(std::errc::bad_address, primitive) == '\0');
        CHECK(*detail::usual_hint(std::errc(), primitive) == '\0');
        CHECK(*detail::usual_hint(detail::reason_of(123456), primitive) == '\0');
    }
}

TEST_CASE("usual_hint: belongs to the primitive that it is about") {
    CHECK(*detail::usual_hint(std::errc::timed_out, "connect") != '\0');
    CHECK(*detail::usual_hint(std::errc::timed_out, "recv") == '\0');
    const std::string binding = detail::usual_hint(std::errc::permission_denied, "bind");
    CHECK(binding == detail::usual_hint(std::errc::permission_denied, "listen"));
    CHECK(binding != detail::usual_hint(std::errc::permission_denied, "send_to"));
    CHECK(binding != detail::usual_hint(std::errc::permission_denied, "socket"));
}

TEST_CASE("lookup_code: getaddrinfo's answers are reasons of their own, not errno's") {
    CHECK(detail::lookup_code(EAI_NONAME) == ResolveErrc::unknown_host);
    CHECK(detail::lookup_code(EAI_SERVICE) == ResolveErrc::unknown_service);
    CHECK(detail::lookup_code(EAI_AGAIN) == ResolveErrc::try_again);
    CHECK(detail::lookup_code(EAI_MEMORY) == std::errc::not_enough_memory);
    CHECK(detail::lookup_code(EAI_FAMILY) == std::errc::address_family_not_supported);
#if defined(EAI_NODATA) && !defined(_WIN32) // MinGW has one number for it and for EAI_NONAME
    CHECK(detail::lookup_code(EAI_NODATA) == ResolveErrc::no_address);
#endif
#ifdef EAI_ADDRFAMILY
    CHECK(detail::lookup_code(EAI_ADDRFAMILY) == ResolveErrc::no_address);
#endif
#ifndef _WIN32
    errno = EMFILE;
    CHECK(detail::lookup_code(EAI_SYSTEM) == std::errc::too_many_files_open);
#else
    CHECK(detail::lookup_code(WSANO_DATA) == ResolveErrc::no_address);
#endif
    CHECK(detail::lookup_code(123456)); // whatever it is, it is an error
}

// --- sockets ------------------------------------------------------------------------------------------

TEST_CASE("make: not inherited by child processes, blocking") {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
        const NativeHandle handle = make(type);
        REQUIRE(handle != detail::no_handle);
#ifndef _WIN32
        CHECK((::fcntl(handle, F_GETFD) & FD_CLOEXEC) != 0);
        CHECK(detail::is_blocking(handle, false));
#else
        DWORD flags = 0;
        CHECK(::GetHandleInformation(reinterpret_cast<HANDLE>(handle), &flags) != 0);
        CHECK((flags & HANDLE_FLAG_INHERIT) == 0);
#endif
        CHECK(detail::close(handle) == 0);
    }
}

TEST_CASE("set_blocking: there and back") {
    const NativeHandle handle = make(SOCK_DGRAM);
    const Address any = Address::loopback(0);
    REQUIRE(detail::bind(handle, any.data(), any.size()) == 0);
    CHECK(detail::set_blocking(handle, false) == 0);
    char byte = 0;
    CHECK(detail::recv(handle, &byte, 1, 0) < 0);
    CHECK(detail::would_block(detail::last_error()));
    CHECK(!blocks(handle));
    CHECK(detail::set_blocking(handle, false) == 0);
    CHECK(detail::set_blocking(handle, true) == 0);
    CHECK(blocks(handle));
    CHECK(detail::close(handle) == 0);
    CHECK(detail::set_blocking(handle, true) != 0);
}

TEST_CASE("recv, recv_from: with no_wait they come back at once") {
    const NativeHandle handle = make(SOCK_DGRAM);
    const Address any = Address::loopback(0);
    REQUIRE(detail::bind(handle, any.data(), any.size()) == 0);
    char byte = 0;
    CHECK(detail::recv(handle, &byte, 1, detail::no_wait) < 0);
    CHECK(detail::would_block(detail::last_error()));
    detail::Sockaddr sender;
    sender.size = sizeof sender.room;
    CHECK(detail::recv_from(handle, &byte, 1, detail::no_wait | detail::whole, &sender.any, &sender.size) <
          0);
    CHECK(detail::would_block(detail::last_error()));
    CHECK(detail::close(handle) == 0);
}

TEST_CASE("wait: ready, not ready, and wrong are told apart") {
    const NativeHandle handle = make(SOCK_DGRAM);
    const Address any = Address::loopback(0);
    REQUIRE(detail::bind(handle, any.data(), any.size()) == 0);
    CHECK(detail::wait(handle, detail::Event::readable, 0) == 0);
    CHECK(detail::wait(handle, detail::Event::readable, 1) == 0);
    CHECK(detail::wait(handle, detail::Event::writable, 0) == 1);
    CHECK(detail::wait(handle, detail::Event::writable, detail::no_limit) == 1);
    CHECK(detail::wait(handle, detail::Event::writable, INT_MAX + 1LL) == 1);
    CHECK(detail::close(handle) == 0);
    CHECK(detail::wait(handle, detail::Event::readable, 0) == -1);
    const std::errc said = last_reason();
    CHECK((said == std::errc::bad_file_descriptor || said == std::errc::not_a_socket)); // Windows: the second
}

TEST_CASE("close: once; what is closed already is wrong") {
    const NativeHandle handle = make();
    CHECK(detail::close(handle) == 0);
    CHECK(detail::close(handle) != 0);
}

TEST_CASE("reuse_option: never the one that lets two share a port") {
#ifdef SO_REUSEPORT
    CHECK(detail::reuse_option(true) != SO_REUSEPORT);
    CHECK(detail::reuse_option(false) != SO_REUSEPORT);
#endif
#ifndef _WIN32
    CHECK(detail::reuse_option(true) == SO_REUSEADDR);
#else
    CHECK(detail::reuse_option(true) == static_cast<int>(~SO_REUSEADDR)); // SO_EXCLUSIVEADDRUSE
#endif
}

// --- Winsock ------------------------------------------------------------------------------------------

#ifdef _WIN32

TEST_CASE("start: as often as anybody likes") {
    for (int i = 0; i < 3; ++i) CHECK(!detail::start());
}

TEST_CASE("winsock_category: its codes are std::errc's") {
    const std::pair<int, std::errc> codes[] = {
        {WSAECONNREFUSED, std::errc::connection_refused},
        {WSAECONNRESET, std::errc::connection_reset},
        {WSAECONNABORTED, std::errc::connection_aborted},
        {WSAEADDRINUSE, std::errc::address_in_use},
        {WSAEADDRNOTAVAIL, std::errc::address_not_available},
        {WSAETIMEDOUT, std::errc::timed_out},
        {WSAEWOULDBLOCK, std::errc::operation_would_block},
        {WSAEMSGSIZE, std::errc::message_size},
        {WSAEMFILE, std::errc::too_many_files_open},
        {WSAENETUNREACH, std::errc::network_unreachable},
        {WSAEHOSTUNREACH, std::errc::host_unreachable},
        {WSAENOTCONN, std::errc::not_connected},
        {WSAEISCONN, std::errc::already_connected},
        {WSAEINPROGRESS, std::errc::operation_in_progress},
        {WSAESHUTDOWN, std::errc::broken_pipe},
        {WSAEACCES, std::errc::permission_denied},
        {WSAEINVAL, std::errc::invalid_argument},
        {WSAENOTSOCK, std::errc::not_a_socket},
        {WSAEAFNOSUPPORT, std::errc::address_family_not_supported},
        {WSAEINTR, std::errc::interrupted},
    };
    for (const auto& [code, reason] : codes) {
        const std::error_code error(code, detail::category());
        CAPTURE(error.value());
        CHECK(error == reason);
        CHECK(code_of(reason) == reason);
        CHECK(!error.message().empty());
    }
    CHECK(std::string(detail::category().name()) == "winsock");
}

TEST_CASE("winsock_category: a number without words is told as it is") {
    CHECK(std::error_code(54321, detail::category()).message() == "Winsock error 54321");
    CHECK(std::error_code(54321, detail::category()) != std::errc::invalid_argument);
    CHECK(std::error_code(54321, detail::category()) == std::error_condition(54321, detail::category()));
}

TEST_CASE("winsock_category: the words are UTF-8") {
    for (const detail::WinsockError& error : detail::winsock_errors) {
        const std::string words = std::error_code(error.code, detail::category()).message();
        const int wide = ::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, words.c_str(), -1, nullptr, 0);
        CAPTURE(words);
        CHECK(wide > 0);
    }
}

TEST_CASE("bind: a port that is held exclusively is in use, not forbidden") {
    Socket first(Family::ipv4, Type::stream);
    first.set_reuse_address(true);
    first.bind(Address::loopback(0));
    const int on = 1;
    for (const bool thief : {false, true}) {
        const NativeHandle second = make();
        if (thief) CHECK(detail::set_option(second, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
        const Address taken = first.local_address();
        // Under Wine a bound port that nobody listens on can be had by two: bind or listen must refuse.
        const bool both = detail::bind(second, taken.data(), taken.size()) == 0;
        if (both) {
            first.listen();
            CHECK(::listen(second, 1) != 0);
        }
        CHECK(last_reason() == std::errc::address_in_use);
        CHECK(detail::close(second) == 0);
    }
}

#endif
