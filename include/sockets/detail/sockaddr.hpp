/// @file
/// @brief The system's address structures: filled, read and compared in one place.
#pragma once

#include "platform.hpp"

#include <cstring>
#include <string>

#include "text.hpp"

namespace sockets::detail {

/// Where the path of a local address begins.
inline constexpr std::size_t before_path = offsetof(sockaddr_un, sun_path);

/// An address of any family, as the system's calls take it and fill it in, and how many bytes of it count.
struct Sockaddr {
    Sockaddr() noexcept : room{} {}

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
    address.ipv4.sin_addr = host;
    address.ipv4.sin_port = port;
    address.size = sizeof address.ipv4;
    stamp(address.any, AF_INET, address.size);
    return address;
}

/// An IPv6 address; port in network order.
inline Sockaddr sockaddr_of_ipv6(const in6_addr& host, unsigned short port, unsigned long zone = 0) noexcept {
    Sockaddr address;
    address.ipv6.sin6_addr = host;
    address.ipv6.sin6_port = port;
    address.ipv6.sin6_scope_id = static_cast<decltype(address.ipv6.sin6_scope_id)>(zone);
    address.size = sizeof address.ipv6;
    stamp(address.any, AF_INET6, address.size);
    return address;
}

/// A path; the caller has checked that it fits. An abstract one (Linux) begins with NUL and has none at its
/// end.
inline Sockaddr sockaddr_of_path(const std::string& path) noexcept {
    Sockaddr address;
    std::memcpy(address.local.sun_path, path.data(), path.size());
    const std::size_t end = path.front() == '\0' ? 0 : 1;
    address.size = static_cast<socklen_t>(before_path + path.size() + end);
    stamp(address.any, AF_UNIX, address.size);
    return address;
}

/// How long it is, without the NUL byte that systems put after it; 0 for a peer that was never bound.
inline std::size_t path_size(const Sockaddr& address) noexcept {
    const auto size = static_cast<std::size_t>(address.size);
    if (size <= before_path) return 0;
    const char* path = address.path();
    const std::size_t room = size - before_path;
    const bool abstract = room > 1 && path[0] == '\0' && path[1] != '\0';
    return abstract ? room : ::strnlen(path, room);
}

/// Whether the system has said nothing: a local peer that was never bound, a stream's sender on Windows.
inline bool is_unnamed(const Sockaddr& address) noexcept {
    const int domain = address.domain();
    return domain == AF_UNSPEC || (domain == AF_UNIX && path_size(address) == 0);
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

/// The host in numbers, written into @p room. Asks no name server.
inline const char* numeric_host(const Sockaddr& address, char (&room)[NI_MAXHOST]) noexcept {
    room[0] = '\0';
    if (start() == 0)
        (void)::getnameinfo(&address.any, address.size, room, sizeof room, nullptr, 0, NI_NUMERICHOST);
    return is_mapped(address) ? room + std::strlen("::ffff:") : room;
}

/// 127.0.0.1:8000, [::1]:8000, a path (an abstract one with @ first), or nothing.
inline Text& operator<<(Text& text, const Sockaddr& address) noexcept {
    const int domain = address.domain();
    if (domain == AF_UNSPEC) return text;
    if (domain == AF_UNIX && path_size(address) > 1 && *address.path() == '\0')
        return text << "@" << address.path() + 1;
    if (domain == AF_UNIX) return text << address.path();
    if (domain != AF_INET && domain != AF_INET6) return text << "packet";
    char room[NI_MAXHOST];
    const bool brackets = domain == AF_INET6 && !is_mapped(address);
    text << (brackets ? "[" : "") << numeric_host(address, room) << (brackets ? "]:" : ":");
    return text << ntohs(address.ipv4.sin_port);
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
    case AF_UNIX: plain.size = static_cast<socklen_t>(before_path + path_size(plain)); break;
    default: break;
    }
    return plain;
}

} // namespace sockets::detail
