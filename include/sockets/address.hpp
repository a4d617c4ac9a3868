/// @file
/// @brief Address: where a socket is, a host and a port; getaddrinfo and back.
#pragma once

#include "detail/platform.hpp"

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "detail/primitives.hpp"
#include "detail/sockaddr.hpp"
#include "error.hpp"

namespace sockets {

namespace detail {
class AddrinfoList;
}

/// The first argument of the slides' `socket(domain, type, protocol)`.
/// @ingroup addresses
enum class Family {
    unspecified = AF_UNSPEC,       ///< UNSPEC: any family will do (for name look-ups); the empty address.
    ipv4 = AF_INET,                ///< PF_INET: IPv4.
    ipv6 = AF_INET6,               ///< PF_INET6: IPv6.
    local = AF_UNIX,               ///< PF_UNIX: between programs of one machine, by a path.
    packet = detail::packet_domain ///< PF_PACKET: whole frames, below IP (Linux only, for the administrator).
};

/// Where a socket is: a host and a port, or a path. A plain value: copy it, compare it, use it as a key.
/// @ingroup addresses
/// @include docs/snippets/address.cpp
class Address {
public:
    Address() = default; ///< The empty address: no family, no host, port 0, size 0.
    Address(const std::string& host, int port, Family family = Family::unspecified); ///< By name or number.

    static std::vector<Address> resolve(const std::string& host, const std::string& service,
                                        Family family = Family::unspecified); ///< getaddrinfo: all addresses.
    static Address any(int port, Family family = Family::ipv4);      ///< Every interface of this machine.
    static Address loopback(int port, Family family = Family::ipv4); ///< This machine alone.
    static Address local(const std::string& path);                   ///< PF_UNIX: a path.
    static Address from(const sockaddr* address,
                        socklen_t size); ///< From a call that this library does not wrap.

    Family family() const noexcept; ///< Which kind of address it is.
    std::string host() const;       ///< In numbers: "127.0.0.1", "::1"; or the path.
    int port() const noexcept;      ///< As people write it: 8000.
    std::string to_string() const;  ///< "127.0.0.1:8000", "[::1]:8000", or the path.

    const sockaddr* data() const noexcept; ///< For calls that this library does not wrap.
    socklen_t size() const noexcept;       ///< How many bytes data() points to.

    /// Same place: an IPv4 address and its IPv6 form are equal.
    friend bool operator==(const Address& a, const Address& b) noexcept { return a.compare(b) == 0; }
    /// Another place.
    friend bool operator!=(const Address& a, const Address& b) noexcept { return a.compare(b) != 0; }
    /// Some order, for std::map and std::set.
    friend bool operator<(const Address& a, const Address& b) noexcept { return a.compare(b) < 0; }

private:
    friend class Socket;
    friend class TcpSocket; // for its errors
    friend class detail::AddrinfoList;
    friend struct std::hash<Address>;

    explicit Address(const detail::Sockaddr& address) noexcept : address_(address) {}
    int compare(const Address& other) const noexcept;

    detail::Sockaddr address_;
};

namespace detail {

[[noreturn]] inline void refuse_address(const char* where, const char* hint) {
    raise(std::errc::invalid_argument, "address", where, hint);
}

inline int checked_port(long port) {
    if (port < 0 || port > 65535)
        refuse_address(Text() << "with port " << port, "a port is a number from 0 to 65535");
    return static_cast<int>(port);
}

inline unsigned short network_port(int port) {
    return htons(static_cast<unsigned short>(checked_port(port)));
}

/// IPv4 and IPv6 have hosts and ports; the others do not.
inline void check_family(Family family, bool unspecified_too) {
    const bool ip = family == Family::ipv4 || family == Family::ipv6;
    if (!ip && !(unspecified_too && family == Family::unspecified))
        refuse_address("", "the family of a host and port is ipv4 or ipv6");
}

/// Whether a service is a port and not a name; checks it if so.
inline bool is_port(const std::string& service) {
    const std::size_t start = service.find_first_not_of(" \t\n\v\f\r"); // as the system reads it
    if (start == std::string::npos) return false;
    const bool negative = service[start] == '-';
    const std::size_t digits = negative || service[start] == '+' ? start + 1 : start;
    if (digits == service.size() || service.find_first_not_of("0123456789", digits) != std::string::npos)
        return false;
    long port = 0;
    for (std::size_t i = digits; i < service.size() && port <= 65535; ++i)
        port = port * 10 + (service[i] - '0');
    checked_port(negative ? -port : port);
    return true;
}

inline std::error_code lookup_code(int lookup) noexcept {
    ResolveErrc reason{};
    if (lookup == EAI_NONAME) reason = ResolveErrc::unknown_host;
    else if (lookup == lookup_no_family || lookup == lookup_no_address) reason = ResolveErrc::no_address;
    else if (lookup == EAI_SERVICE) reason = ResolveErrc::unknown_service;
    else if (lookup == EAI_AGAIN) reason = ResolveErrc::try_again;
    else return {lookup_error(lookup), category()};
    return make_error_code(reason);
}

[[noreturn, gnu::cold, gnu::noinline]] inline void fail_lookup(int lookup, const char* where) {
    const std::error_code code = lookup_code(lookup);
    if (&code.category() == &category()) raise(code.value(), "getaddrinfo", where);
    const char* hint = lookup == EAI_NONAME  ? "is the name spelled right, is the network there?"
                       : lookup == EAI_AGAIN ? "is the network there?"
                                             : "";
    throw Error(code, "getaddrinfo", where, hint);
}

/// The list that getaddrinfo gives, and that has to be given back.
class AddrinfoList {
public:
    AddrinfoList(const std::string& host, const char* service, bool is_port, Family family);
    AddrinfoList(const AddrinfoList&) = delete;
    AddrinfoList& operator=(const AddrinfoList&) = delete;
    ~AddrinfoList() { ::freeaddrinfo(first_); }

    /// The one after @p entry, or the first; nullptr after the last. Some systems repeat an address, for every
    /// protocol, or because two files name it: here it comes once.
    const addrinfo* next(const addrinfo* entry = nullptr) const noexcept {
        do entry = entry ? entry->ai_next : first_;
        while (entry && is_repeated(entry));
        return entry;
    }
    /// As next(), but all IPv4 ones before the others: there a server listens that was made by name, and Windows
    /// takes two seconds to say that nobody listens on ::1.
    const addrinfo* ipv4_first(const addrinfo* entry = nullptr) const noexcept {
        bool ipv4 = !entry || entry->ai_family == AF_INET;
        while (true) {
            entry = next(entry);
            if (!entry && ipv4) ipv4 = false; // once more from the beginning, for the others
            else if (!entry || (entry->ai_family == AF_INET) == ipv4) return entry;
        }
    }
    int count() const noexcept {
        int number = 0;
        for (const addrinfo* entry = next(); entry; entry = next(entry)) ++number;
        return number;
    }

    /// As IPv4 where it is an IPv4 address in IPv6's clothes (::ffff:127.0.0.1): an ipv6 socket could not
    /// reach it.
    static Address address(const addrinfo* entry) {
        Address address;
        address.address_.size = static_cast<socklen_t>(entry->ai_addrlen);
        std::memcpy(&address.address_.room, entry->ai_addr, static_cast<std::size_t>(entry->ai_addrlen));
        unmap(address.address_);
        return address;
    }

private:
    bool is_repeated(const addrinfo* entry) const noexcept {
        const addrinfo* same = first_;
        while (same->ai_addrlen != entry->ai_addrlen ||
               std::memcmp(same->ai_addr, entry->ai_addr, static_cast<std::size_t>(entry->ai_addrlen)) != 0)
            same = same->ai_next;
        return same != entry;
    }

    addrinfo* first_ = nullptr;
};

inline AddrinfoList::AddrinfoList(const std::string& host, const char* service, bool is_port, Family family) {
    const bool nothing = host.empty() || host.find('\0') != std::string::npos;
    if (nothing || host.find_first_not_of("0123456789") == std::string::npos)
        refuse_address(Text() << "of \"" << host << "\"",
                       nothing ? "a host is a name or a number: localhost, 127.0.0.1"
                               : "a number alone is a port; the host comes first");
    addrinfo wanted{};
    wanted.ai_family = static_cast<int>(family);
    wanted.ai_flags = is_port ? AI_NUMERICSERV : 0;
    wanted.ai_socktype = is_port ? SOCK_STREAM : 0; // 0: a service may be of UDP alone
    if (const int failed = start()) raise(failed, "getaddrinfo");
    const int failed = detail::getaddrinfo(host.c_str(), service, &wanted, &first_);
    if (failed != 0) fail_lookup(failed, Text() << "of " << host << ":" << service);
}

} // namespace detail

// --- making one ---------------------------------------------------------------------------------------

/// Looks up @p host and takes the first address that the system gives, an IPv4 one before any IPv6 one. For a
/// name it blocks until the name server has answered; for a number it asks nobody.
///
/// System call: `getaddrinfo` (POSIX.1-2017; Winsock 2).
///
/// @param host    a name (`localhost`) or a number (`127.0.0.1`, `::1`, `fe80::1%2`)
/// @param port    0 to 65535; where a server binds, 0 means any free one
/// @param family  ipv4 or ipv6 to have no other; unspecified: whichever there is. An IPv4 address in IPv6's
///                clothes is an IPv4 one in any case
/// @throws Error  `invalid_argument` (primitive "address") for a port out of range, an empty host or a family
///                without hosts; ResolveErrc (primitive "getaddrinfo") if the name has no address
inline Address::Address(const std::string& host, int port, Family family) {
    detail::check_family(family, true);
    const detail::AddrinfoList list(host, detail::Text() << detail::checked_port(port), true, family);
    *this = list.address(list.ipv4_first());
}

/// Looks up every address of @p host, each once, in the order in which the system advises to try them (RFC
/// 6724). Blocks as the constructor does.
///
/// System call: `getaddrinfo` (POSIX.1-2017; Winsock 2).
///
/// @param host     a name or a number
/// @param service  a port (`"8000"`) or a service's name (`"http"`)
/// @param family   ipv4, ipv6, or unspecified for both
/// @returns at least one address
/// @throws Error  as the constructor; ResolveErrc::unknown_service for a service that this machine does not
///                know
inline std::vector<Address> Address::resolve(const std::string& host, const std::string& service,
                                             Family family) {
    detail::check_family(family, true);
    if (service.empty() || service.find('\0') != std::string::npos)
        detail::refuse_address("", "a service is a port or a name: 8000, http");
    const detail::AddrinfoList list(host, service.c_str(), detail::is_port(service), family);
    std::vector<Address> all(static_cast<std::size_t>(list.count()));
    Address* place = all.data();
    for (const addrinfo* entry = list.next(); entry; entry = list.next(entry)) *place++ = list.address(entry);
    return all;
}

/// Every interface of this machine: a server bound to it can be reached from other computers.
///
/// @param port    0 to 65535; 0: any free one
/// @param family  ipv4 (`0.0.0.0`) or ipv6 (`::`)
/// @throws Error  `invalid_argument` for another port or family
inline Address Address::any(int port, Family family) {
    const auto number = detail::network_port(port);
    detail::check_family(family, false);
    if (family == Family::ipv4) return Address(detail::sockaddr_of_ipv4(in_addr{}, number));
    return Address(detail::sockaddr_of_ipv6(in6_addr{}, number));
}

/// This machine alone: what is bound to it cannot be reached from outside.
///
/// @param port    0 to 65535; 0: any free one
/// @param family  ipv4 (`127.0.0.1`) or ipv6 (`::1`)
/// @throws Error  `invalid_argument` for another port or family
inline Address Address::loopback(int port, Family family) {
    const auto number = detail::network_port(port);
    detail::check_family(family, false);
    in_addr ipv4{};
    in6_addr ipv6{};
    ipv4.s_addr = htonl(0x7f000001); // 127.0.0.1
    ipv6.s6_addr[15] = 1;            // ::1
    if (family == Family::ipv4) return Address(detail::sockaddr_of_ipv4(ipv4, number));
    return Address(detail::sockaddr_of_ipv6(ipv6, number));
}

/// An address in the file system, for programs of one machine (PF_UNIX). Binding creates the file and nobody
/// removes it: do so before binding again. On Linux a path that begins with a NUL byte is an abstract name,
/// without a file.
///
/// @param path  1 to 107 bytes (103 on macOS)
/// @throws Error  `invalid_argument` for an empty path or one with a NUL byte inside; `filename_too_long`:
///                never cut
inline Address Address::local(const std::string& path) {
    constexpr std::size_t room = sizeof(sockaddr_un::sun_path);
    if (path.empty() || path.find('\0', 1) != std::string::npos || (path.size() == 1 && path.front() == '\0'))
        detail::refuse_address("", "a local address is a path");
    if (path.size() >= room)
        detail::raise(std::errc::filename_too_long, "address", detail::Text() << "of " << path,
                      detail::Text() << "a local path has at most " << static_cast<int>(room - 1)
                                     << " bytes");
    return Address(detail::sockaddr_of_path(path));
}

/// Takes what a call that this library does not wrap has filled in.
///
/// @param address  the system's structure
/// @param size     its size in bytes; 0, or a local address without a path, gives the empty address
/// @throws Error  `invalid_argument` for a null pointer, a size that the family cannot have, or a family
///                unknown here
inline Address Address::from(const sockaddr* address, socklen_t size) {
    detail::Sockaddr copy;
    if (size == 0) return Address();
    const auto bytes = static_cast<std::size_t>(size);
    const bool fits = address && bytes >= offsetof(sockaddr, sa_data) && bytes <= sizeof copy.room;
    if (fits) {
        std::memcpy(&copy.room, address, bytes);
        copy.size = size;
    }
    if (!fits || !detail::is_sound(copy))
        detail::refuse_address(detail::Text() << "of " << size << " bytes",
                               "not IPv4, IPv6, local or packet");
    return detail::is_unnamed(copy) ? Address() : Address(copy);
}

// --- asking it ----------------------------------------------------------------------------------------

/// Which kind of address it is. An IPv4 address that came over an IPv6 socket (`0:0:0:0:0:ffff:127.0.0.1`) is
/// an IPv4 one here, in host(), in to_string() and in comparisons; data() stays as the system gave it: for a
/// socket of your own make a new one, `Address(address.host(), address.port())`.
inline Family Address::family() const noexcept {
    return detail::is_mapped(address_) ? Family::ipv4 : static_cast<Family>(address_.domain());
}

/// The host in numbers (`127.0.0.1`, `::1`, `fe80::1%2`, which some systems give as `fe80::1%eth0`), or the path of
/// a local address; "" for the empty address and for a packet one. Asks no name server.
///
/// System call: `getnameinfo` (POSIX.1-2017; Winsock 2), which for numbers stays inside the program.
inline std::string Address::host() const {
    if (address_.domain() == AF_UNIX) return std::string(address_.path(), detail::path_size(address_));
    char room[NI_MAXHOST];
    return detail::numeric_host(address_, room);
}

/// The port as people write it: 8000, and not 16415, which is what the same two bytes are in the other order.
/// 0 where there is none.
inline int Address::port() const noexcept {
    const int domain = address_.domain();
    return domain == AF_INET || domain == AF_INET6 ? ntohs(address_.ipv4.sin_port) : 0;
}

/// `127.0.0.1:8000`, `[::1]:8000`, a local address' path (an abstract one with `@` first, as the system's
/// tools show it), `packet`, and "" for the empty address.
inline std::string Address::to_string() const {
    detail::Text text;
    return std::string(text << address_);
}

/// The system's structure, for calls that this library does not wrap. Never null; valid as long as this
/// object.
inline const sockaddr* Address::data() const noexcept { return &address_.any; }

/// The size of data() in bytes; 0 for the empty address.
inline socklen_t Address::size() const noexcept { return address_.size; }

inline int Address::compare(const Address& other) const noexcept {
    const detail::Sockaddr a = detail::canonical(address_);
    const detail::Sockaddr b = detail::canonical(other.address_);
    const int order =
        std::memcmp(&a.room, &b.room, static_cast<std::size_t>(a.size < b.size ? a.size : b.size));
    return order != 0 ? order : static_cast<int>(a.size) - static_cast<int>(b.size);
}

/// Prints to_string().
/// @relates Address
template <class Char, class Traits>
std::basic_ostream<Char, Traits>& operator<<(std::basic_ostream<Char, Traits>& out, const Address& address) {
    return out << address.to_string().c_str();
}

} // namespace sockets

/// Addresses as keys of std::unordered_map and std::unordered_set: equal ones have equal hashes.
template <>
struct std::hash<sockets::Address> {
    std::size_t operator()(const sockets::Address& address) const noexcept {
        const auto plain = sockets::detail::canonical(address.address_);
        return std::hash<std::string_view>()(
            {reinterpret_cast<const char*>(&plain.room), static_cast<std::size_t>(plain.size)});
    }
};
