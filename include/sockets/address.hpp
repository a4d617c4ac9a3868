/// @file
/// @brief Address: where a socket is, a host and a port; getaddrinfo and back.
#pragma once

#include "detail/platform.hpp"

#include <cstddef>
#include <cstring>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "detail/hosts.hpp"
#include "detail/primitives.hpp"
#include "detail/sockaddr.hpp"
#include "error.hpp"

namespace sockets {

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
    // NOLINTNEXTLINE(modernize-use-equals-default): that would fill all of it with zeros, with every accept
    Address() noexcept {} ///< The empty address: no family, no host, port 0, size 0.
    Address(const std::string& host, int port, Family family = Family::unspecified); ///< By name or number.
    Address(std::nullptr_t host, int port, Family family = Family::unspecified) = delete; ///< A host is text.

    static std::vector<Address> resolve(const std::string& host, const std::string& service,
                                        Family family = Family::unspecified); ///< getaddrinfo: all addresses.
    static std::vector<Address> resolve(std::nullptr_t host, const std::string& service,
                                        Family family = Family::unspecified) = delete; ///< A host is text.
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
    /// @snippet each_address.cpp compare
    friend bool operator==(const Address& a, const Address& b) noexcept { return a.compare(b) == 0; }
    /// Another place.
    /// @snippet each_address.cpp compare
    friend bool operator!=(const Address& a, const Address& b) noexcept { return a.compare(b) != 0; }
    /// Some order, for std::map and std::set.
    /// @snippet each_address.cpp order
    friend bool operator<(const Address& a, const Address& b) noexcept { return a.compare(b) < 0; }

private:
    friend class Socket;
    friend struct std::hash<Address>;

    explicit Address(const detail::Sockaddr& address) noexcept : address_(address) {}
    int compare(const Address& other) const noexcept;
    Address unmapped() const noexcept;

    detail::Sockaddr address_;
};

namespace detail {

inline int checked_port(long port) {
    if (port < 0 || port > 65535)
        refuse_address("with port " + std::to_string(port), "a port is a number from 0 to 65535");
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

[[noreturn]] inline void fail_lookup(int lookup, const std::string& host, const std::string& service) {
    const std::error_code code = lookup_code(lookup);
    const std::string where = "of " + visible(host) + ":" + visible(service);
    if (&code.category() == &category()) raise(code.value(), "getaddrinfo", where);
    const char* hint = lookup == EAI_NONAME  ? "is the name spelled right, is the network there?"
                       : lookup == EAI_AGAIN ? "is the network there?"
                                             : "";
    throw Error(code, "getaddrinfo", where, hint);
}

/// There a server listens that was made by name, and Windows takes two seconds to say that nobody listens on ::1.
inline std::vector<Address> ipv4_first(const std::vector<Address>& addresses) {
    std::vector<Address> sorted;
    for (const bool ipv4 : {true, false})
        for (const Address& address : addresses)
            if ((address.family() == Family::ipv4) == ipv4) sorted.push_back(address);
    return sorted;
}

/// Some systems repeat an address, for every protocol, or because two files name it.
inline bool is_among(const std::vector<Address>& addresses, const Address& address) noexcept {
    for (const Address& other : addresses)
        if (other == address) return true;
    return false;
}

/// What getaddrinfo gives has to be given back.
struct FreeAddressInfo {
    void operator()(AddressInfo* found) const noexcept { native::freeaddrinfo(found); }
};

/// What getaddrinfo gives, in its order. An IPv4 address in IPv6's clothes (::ffff:127.0.0.1) becomes an IPv4 one:
/// an ipv6 socket could not reach it.
inline std::vector<Sockaddr> look_up(const std::string& host, const std::string& service, bool is_port,
                                     Family family) {
    refuse_host(host);
    AddressInfo wanted{};
    wanted.ai_family = static_cast<int>(family);
    wanted.ai_flags = is_port ? AI_NUMERICSERV : 0;
    wanted.ai_socktype = is_port ? SOCK_STREAM : 0; // 0: a service may be of UDP alone
    if (const int failed = start()) raise(failed, "getaddrinfo");
    AddressInfo* found = nullptr;
    if (const int failed = detail::getaddrinfo(host.c_str(), service.c_str(), &wanted, &found))
        fail_lookup(failed, host, service);
    const std::unique_ptr<AddressInfo, FreeAddressInfo> list(found);
    std::vector<Sockaddr> all;
    for (const AddressInfo* entry = found; entry; entry = entry->ai_next) {
        all.emplace_back(entry->ai_addr, static_cast<socklen_t>(entry->ai_addrlen));
        unmap(all.back());
    }
    return all;
}

} // namespace detail

// --- making one ---------------------------------------------------------------------------------------

/// Looks up @p host and takes the first address that the system gives, an IPv4 one before any IPv6 one. For a
/// name it blocks until the name server has answered; for a number it asks nobody.
///
/// System call: `getaddrinfo` (POSIX.1-2017), `GetAddrInfoW` (Winsock 2; a host is UTF-8).
///
/// @param host    a name (`localhost`) or a number (`127.0.0.1`, `::1`, `fe80::1%2`); an IPv4 one is four numbers
///                from 0 to 255 without zeros in front
/// @param port    0 to 65535; where a server binds, 0 means any free one
/// @param family  ipv4 or ipv6 to have no other; unspecified: whichever there is. An IPv4 address in IPv6's
///                clothes is an IPv4 one in any case
/// @throws Error  `invalid_argument` (primitive "address") for a port out of range, a family without hosts, and what
///                is no host: `""`, `127.1`, `[::1]`, `127.0.0.1:8000`, `http://localhost`, one with a blank or the end
///                of a line; nobody is asked then, and the text says what to write. ResolveErrc (primitive
///                "getaddrinfo") if the name has no address
/// @snippet each_address.cpp constructor
inline Address::Address(const std::string& host, int port, Family family) {
    detail::check_family(family, true);
    *this = detail::ipv4_first(resolve(host, std::to_string(port), family)).front();
}

/// Looks up every address of @p host, each once, in the order in which the system advises to try them (RFC
/// 6724). Blocks as the constructor does.
///
/// System call: `getaddrinfo` (POSIX.1-2017), `GetAddrInfoW` (Winsock 2; a host is UTF-8).
///
/// @param host     a name or a number
/// @param service  a port (`"8000"`) or a service's name (`"http"`)
/// @param family   ipv4, ipv6, or unspecified for both
/// @returns at least one address
/// @throws Error  as the constructor; ResolveErrc::unknown_service for a service that this machine does not
///                know
/// @snippet each_address.cpp resolve
inline std::vector<Address> Address::resolve(const std::string& host, const std::string& service,
                                             Family family) {
    detail::check_family(family, true);
    if (service.empty() || service.find('\0') != std::string::npos)
        detail::refuse_address("", "a service is a port or a name: 8000, http");
    std::vector<Address> all;
    for (const detail::Sockaddr& found : detail::look_up(host, service, detail::is_port(service), family)) {
        const Address address(found);
        if (!detail::is_among(all, address)) all.push_back(address);
    }
    return all;
}

/// Every interface of this machine: a server bound to it can be reached from other computers.
///
/// @param port    0 to 65535; 0: any free one
/// @param family  ipv4 (`0.0.0.0`) or ipv6 (`::`)
/// @throws Error  `invalid_argument` for another port or family
/// @snippet each_address.cpp any
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
/// @snippet each_address.cpp loopback
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
/// without a file; it may hold more of them.
///
/// @param path  1 to 107 bytes (103 on macOS), after an abstract name's first NUL too
/// @throws Error  `invalid_argument` for an empty path, NUL bytes alone, or a path with one inside;
///                `filename_too_long`: never cut
/// @snippet each_address.cpp local
inline Address Address::local(const std::string& path) {
    const bool abstract = !path.empty() && path.front() == '\0';
    const std::size_t inner = path.find('\0', 1);
    if (path.find_first_not_of('\0') == std::string::npos || (!abstract && inner != std::string::npos))
        detail::refuse_address("", "a local address is a path");
    // A path needs room for the NUL byte at its end; an abstract name has its own in front.
    const std::size_t most = sizeof(sockaddr_un::sun_path) - (abstract ? 0 : 1);
    if (path.size() > most)
        detail::raise(std::errc::filename_too_long, "address", "of " + detail::shown_path(path),
                      "a local path has at most " + std::to_string(most) + " bytes");
    return Address(detail::sockaddr_of_path(path));
}

/// Takes what a call that this library does not wrap has filled in.
///
/// @param address  the system's structure
/// @param size     its size in bytes; 0, or a local address without a path, gives the empty address
/// @throws Error  `invalid_argument` for a null pointer, a size that the family cannot have, or a family
///                unknown here
/// @snippet each_address.cpp from
inline Address Address::from(const sockaddr* address, socklen_t size) {
    if (size == 0) return Address();
    const auto bytes = static_cast<std::size_t>(size);
    const bool fits = address && bytes >= offsetof(sockaddr, sa_data) && bytes <= sizeof(sockaddr_storage);
    const detail::Sockaddr copy = fits ? detail::Sockaddr(address, size) : detail::Sockaddr();
    if (!fits || !detail::is_sound(copy))
        detail::refuse_address("of " + std::to_string(size) + " bytes", "not IPv4, IPv6, local or packet");
    return detail::is_unnamed(copy) ? Address() : Address(copy);
}

// --- asking it ----------------------------------------------------------------------------------------

/// Which kind of address it is. An IPv4 address that came over an IPv6 socket (`0:0:0:0:0:ffff:127.0.0.1`) is
/// an IPv4 one here, in host(), in to_string() and in comparisons; data() stays as the system gave it. It works wherever an
/// Address is taken: a socket that was made ipv4 uses it as the IPv4 one.
/// @snippet each_address.cpp family
inline Family Address::family() const noexcept {
    return detail::is_mapped(address_) ? Family::ipv4 : static_cast<Family>(address_.domain());
}

/// The host in numbers (`127.0.0.1`, `::1`, `fe80::1%2`, which some systems give as `fe80::1%eth0`), or the path of
/// a local address; "" for the empty address and for a packet one. Asks no name server.
///
/// System call: `getnameinfo` (POSIX.1-2017; Winsock 2), which for numbers stays inside the program.
/// @snippet each_address.cpp host
inline std::string Address::host() const {
    if (address_.domain() == AF_UNIX) return std::string(detail::path_of(address_));
    return detail::numeric_host(address_);
}

/// The port as people write it: 8000, and not 16415, which is what the same two bytes are in the other order.
/// 0 where there is none.
/// @snippet each_address.cpp port
inline int Address::port() const noexcept {
    const int domain = address_.domain();
    return domain == AF_INET || domain == AF_INET6 ? ntohs(address_.ipv4.sin_port) : 0;
}

/// `127.0.0.1:8000`, `[::1]:8000`, a local address' path (an abstract one with `@` first, as the system's
/// tools show it; control characters as escapes), `packet`, and "" for the empty address.
/// @snippet each_address.cpp to_string
inline std::string Address::to_string() const { return detail::to_string(address_); }

/// The system's structure, for calls that this library does not wrap. Never null; valid as long as this
/// object.
/// @snippet each_address.cpp data
inline const sockaddr* Address::data() const noexcept { return &address_.any; }

/// The size of data() in bytes; 0 for the empty address.
/// @snippet each_address.cpp size
inline socklen_t Address::size() const noexcept { return address_.size; }

/// As a socket that was made ipv4 takes it.
inline Address Address::unmapped() const noexcept {
    Address plain = *this;
    detail::unmap(plain.address_);
    return plain;
}

inline int Address::compare(const Address& other) const noexcept {
    const detail::Sockaddr a = detail::canonical(address_);
    const detail::Sockaddr b = detail::canonical(other.address_);
    const int order =
        std::memcmp(&a.room, &b.room, static_cast<std::size_t>(a.size < b.size ? a.size : b.size));
    return order != 0 ? order : static_cast<int>(a.size) - static_cast<int>(b.size);
}

/// Prints to_string().
/// @relates Address
/// @snippet each_address.cpp print
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
