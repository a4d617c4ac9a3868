/// @file
/// @brief The system's address structures: filled, read and compared in one place.
#pragma once

#include "platform.hpp"

#include <cstring>
#include <string>

namespace sockets::detail {

/// Where the path of a local address begins.
constexpr std::size_t before_path = offsetof(sockaddr_un, sun_path);

/// Room for an address of any family, and how much of it counts.
struct Sockaddr {
    sockaddr_storage storage{};
    socklen_t size = 0;

    int domain() const noexcept { return size == 0 ? AF_UNSPEC : storage.ss_family; }
    sockaddr* data() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
    const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }

    const char* bytes() const noexcept { return reinterpret_cast<const char*>(&storage); }

    /// The port, in network order: in IPv4 and IPv6 addresses it lies at the same place.
    unsigned short port() const noexcept {
        unsigned short port = 0;
        std::memcpy(&port, bytes() + offsetof(sockaddr_in, sin_port), sizeof port);
        return port;
    }

    /// The structure of one family: by copy, because the language allows no other look at the same bytes.
    template <class Structure>
    Structure as() const noexcept {
        Structure structure;
        std::memcpy(&structure, &storage, sizeof structure);
        return structure;
    }
};

/// Room filled with @p structure, of which @p size bytes count.
template <class Structure>
Sockaddr sockaddr_of(const Structure& structure, int domain, std::size_t size = sizeof(Structure)) noexcept {
    Sockaddr address;
    std::memcpy(&address.storage, &structure, sizeof structure);
    address.size = static_cast<socklen_t>(size);
    stamp(address.storage, domain, size);
    return address;
}

/// An IPv4 address; host and port in network order.
inline Sockaddr sockaddr_of_ipv4(in_addr host, unsigned short port) noexcept {
    sockaddr_in structure{};
    structure.sin_addr = host;
    structure.sin_port = port;
    return sockaddr_of(structure, AF_INET);
}

/// An IPv6 address; port in network order.
inline Sockaddr sockaddr_of_ipv6(const in6_addr& host, unsigned short port, unsigned long zone = 0) noexcept {
    sockaddr_in6 structure{};
    structure.sin6_addr = host;
    structure.sin6_port = port;
    structure.sin6_scope_id = static_cast<decltype(structure.sin6_scope_id)>(zone);
    return sockaddr_of(structure, AF_INET6);
}

/// A path; the caller has checked that it fits. An abstract one (Linux) begins with NUL and has none at its
/// end.
inline Sockaddr sockaddr_of_path(const std::string& path) noexcept {
    sockaddr_un structure{};
    std::memcpy(structure.sun_path, path.data(), path.size());
    const std::size_t end = path.front() == '\0' ? 0 : 1;
    return sockaddr_of(structure, AF_UNIX, before_path + path.size() + end);
}

/// How long it is, without the NUL byte that systems put after it; 0 for a peer that was never bound.
inline std::size_t path_size(const Sockaddr& address) noexcept {
    const auto size = static_cast<std::size_t>(address.size);
    if (size <= before_path) return 0;
    const char* path = address.bytes() + before_path;
    const std::size_t room = size - before_path;
    const bool abstract = room > 1 && path[0] == '\0' && path[1] != '\0';
    return abstract ? room : ::strnlen(path, room);
}

inline bool is_unnamed(const Sockaddr& address) noexcept {
    return address.domain() == AF_UNIX && path_size(address) == 0;
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
    return address.domain() == AF_INET6 &&
           std::memcmp(address.bytes() + offsetof(sockaddr_in6, sin6_addr), prefix, sizeof prefix) == 0;
}

/// ::ffff:1.2.3.4 as 1.2.3.4; the others as they are.
inline Sockaddr unmapped(const Sockaddr& address) noexcept {
    if (!is_mapped(address)) return address;
    sockaddr_in ipv4{};
    ipv4.sin_port = address.port();
    std::memcpy(&ipv4.sin_addr, address.bytes() + offsetof(sockaddr_in6, sin6_addr) + 12, 4);
    return sockaddr_of(ipv4, AF_INET);
}

/// The same address with nothing in it that does not count: no padding, no flow label, and ::ffff:1.2.3.4 as
/// 1.2.3.4.
inline Sockaddr canonical(const Sockaddr& address) noexcept {
    if (address.domain() == AF_INET) {
        const auto ip = address.as<sockaddr_in>();
        return sockaddr_of_ipv4(ip.sin_addr, ip.sin_port);
    }
    if (address.domain() == AF_INET6) {
        const auto ip = address.as<sockaddr_in6>();
        if (is_mapped(address)) return unmapped(address);
        return sockaddr_of_ipv6(ip.sin6_addr, ip.sin6_port, ip.sin6_scope_id);
    }
    Sockaddr plain = address;
    if (address.domain() == AF_UNIX) plain.size = static_cast<socklen_t>(before_path + path_size(address));
    return plain;
}

} // namespace sockets::detail
