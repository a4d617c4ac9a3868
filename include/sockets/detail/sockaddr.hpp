/// @file
/// @brief The system's address structures: filled, read and compared in one place.
#pragma once

#include "platform.hpp"

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "escapes.hpp"

#include "cold_begin.hpp"

namespace sockets::detail {

/// Where the path of a local address begins.
inline constexpr std::size_t before_path = offsetof(sockaddr_un, sun_path);

/// An address of any family, as the system's calls take it and fill it in, and how many bytes of it count.
struct Sockaddr {
    Sockaddr() noexcept : any{} {} // what lies behind counts only where the size says so
    /// A copy of so many bytes, which are no more than there is room for.
    Sockaddr(const sockaddr* address, socklen_t bytes) noexcept : room{}, size(bytes) {
        std::memcpy(&room, address, static_cast<std::size_t>(bytes));
    }

    union {
        sockaddr_storage room; ///< The largest of them.
        sockaddr any;          ///< What all begin with: the family.
        sockaddr_in ipv4;      ///< Its port lies where that of ipv6 lies.
        sockaddr_in6 ipv6;
        sockaddr_un local;
    };
    socklen_t size = 0;

    int domain() const noexcept { return size == 0 ? AF_UNSPEC : any.sa_family; }

    /// A system may fill in one byte more than sun_path has.
    const char* path() const noexcept { return reinterpret_cast<const char*>(&room) + before_path; }
};

/// An IPv4 address; host and port in network order.
inline Sockaddr sockaddr_of_ipv4(in_addr host, unsigned short port) noexcept {
    Sockaddr address;
    address.ipv4 = {};
    address.ipv4.sin_addr = host;
    address.ipv4.sin_port = port;
    address.size = sizeof address.ipv4;
    set_family(address.any, AF_INET, address.size);
    return address;
}

/// An IPv6 address; port in network order.
inline Sockaddr sockaddr_of_ipv6(const in6_addr& host, unsigned short port, unsigned long zone = 0) noexcept {
    Sockaddr address;
    address.ipv6 = {};
    address.ipv6.sin6_addr = host;
    address.ipv6.sin6_port = port;
    address.ipv6.sin6_scope_id = static_cast<decltype(address.ipv6.sin6_scope_id)>(zone);
    address.size = sizeof address.ipv6;
    set_family(address.any, AF_INET6, address.size);
    return address;
}

/// A path, or an abstract name (Linux), which begins with NUL and has none at its end. The caller has checked
/// that it fits.
inline Sockaddr sockaddr_of_path(const std::string& path) noexcept {
    Sockaddr address;
    address.local = {};
    std::memcpy(address.local.sun_path, path.data(), path.size());
    const std::size_t end = path.front() == '\0' ? 0 : 1;
    address.size = static_cast<socklen_t>(before_path + path.size() + end);
    set_family(address.any, AF_UNIX, address.size);
    return address;
}

/// The path, without the NUL byte that systems put after it, or the abstract name with the NUL that it begins
/// with; nothing for a peer that was never bound.
inline std::string_view path_of(const Sockaddr& address) noexcept {
    const auto size = static_cast<std::size_t>(address.size);
    if (size <= before_path) return {};
    const std::string_view path(address.path(), size - before_path);
    const bool abstract = path.front() == '\0';
    const std::size_t end = abstract ? path.size() : path.find('\0');
    const bool only_nuls = path.find_first_not_of('\0') == std::string_view::npos;
    return only_nuls ? std::string_view() : path.substr(0, end);
}

/// Whether the system has said nothing: a local peer that was never bound, a stream's sender on Windows.
inline bool is_unnamed(const Sockaddr& address) noexcept {
    const int domain = address.domain();
    return domain == AF_UNSPEC || (domain == AF_UNIX && path_of(address).empty());
}

/// A local peer that was never bound has no address; Linux gives its family all the same.
SOCKETS_COLD inline void forget_unnamed(Sockaddr& address) noexcept {
    if (is_unnamed(address)) address.size = 0;
}

/// Whether the size is one that the family can have, and the family one that has a name here.
inline bool is_sound(const Sockaddr& address) noexcept {
    const auto size = static_cast<std::size_t>(address.size);
    switch (address.domain()) {
    case AF_INET: return size >= sizeof(sockaddr_in);
    case AF_INET6: return size >= sizeof(sockaddr_in6);
    case AF_UNIX: return size >= before_path && size <= sizeof(sockaddr_un) + 1;
    default: return address.domain() == packet_domain;
    }
}

/// Whether it is an IPv4 address that came over an IPv6 socket: ::ffff:127.0.0.1.
inline bool is_mapped(const Sockaddr& address) noexcept {
    static constexpr unsigned char prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return address.domain() == AF_INET6 && std::memcmp(&address.ipv6.sin6_addr, prefix, sizeof prefix) == 0;
}

/// Makes 1.2.3.4 of ::ffff:1.2.3.4; the others stay.
inline void unmap(Sockaddr& address) noexcept {
    if (!is_mapped(address)) return;
    in_addr host;
    std::memcpy(&host, &address.ipv6.sin6_addr.s6_addr[12], sizeof host);
    address = sockaddr_of_ipv4(host, address.ipv6.sin6_port);
}

/// Whether it is a multicast group: 224.0.0.0 to 239.255.255.255, or ff00::/8.
inline bool is_group(const Sockaddr& address) noexcept {
    if (address.domain() == AF_INET) return ntohl(address.ipv4.sin_addr.s_addr) >> 28U == 14;
    return address.domain() == AF_INET6 && address.ipv6.sin6_addr.s6_addr[0] == 0xff;
}

/// Whether it is 127.0.0.1, another of 127.0.0.0/8, or ::1.
inline bool is_loopback(Sockaddr address) noexcept {
    unmap(address);
    static constexpr unsigned char ipv6[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    if (address.domain() == AF_INET) return ntohl(address.ipv4.sin_addr.s_addr) >> 24U == 127;
    return address.domain() == AF_INET6 && std::memcmp(&address.ipv6.sin6_addr, ipv6, sizeof ipv6) == 0;
}

/// The host in numbers; an IPv4 address that came over IPv6 as the IPv4 one. Asks no name server.
inline std::string numeric_host(Sockaddr address) {
    unmap(address);
    char room[NI_MAXHOST] = "";
    if (start() == 0)
        (void)::getnameinfo(&address.any, address.size, room, sizeof room, nullptr, 0, NI_NUMERICHOST);
    return room;
}

/// `/tmp/x`, or an abstract name as the system's tools show it: `@x`, each NUL after the first one as `\x00`.
inline std::string shown_path(std::string_view path) {
    if (path.empty() || path.front() != '\0') return visible(path);
    return "@" + visible(path.substr(1));
}

/// 127.0.0.1:8000, [::1]:8000, a path, or nothing.
inline std::string to_string(const Sockaddr& address) {
    const int domain = address.domain();
    if (domain == AF_UNSPEC) return "";
    if (domain == AF_UNIX) return shown_path(path_of(address));
    if (domain != AF_INET && domain != AF_INET6) return "packet";
    const std::string host = numeric_host(address);
    const std::string port = ":" + std::to_string(ntohs(address.ipv4.sin_port));
    return domain == AF_INET6 && !is_mapped(address) ? "[" + host + "]" + port : host + port;
}

/// The same address with nothing in it that does not count: no padding, no flow label, and ::ffff:1.2.3.4 as
/// 1.2.3.4.
inline Sockaddr canonical(const Sockaddr& address) noexcept {
    Sockaddr plain = address;
    unmap(plain);
    switch (plain.domain()) {
    case AF_INET: return sockaddr_of_ipv4(plain.ipv4.sin_addr, plain.ipv4.sin_port);
    case AF_INET6:
        return sockaddr_of_ipv6(plain.ipv6.sin6_addr, plain.ipv6.sin6_port, plain.ipv6.sin6_scope_id);
    case AF_UNIX: plain.size = static_cast<socklen_t>(before_path + path_of(plain).size()); break;
    default: break;
    }
    return plain;
}

} // namespace sockets::detail

#include "cold_end.hpp"
