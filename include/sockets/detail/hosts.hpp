/// @file
/// @brief What people mean by a host, and what they write by mistake: refused before any name server is asked.
#pragma once

#include "platform.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include "../error.hpp"
#include "escapes.hpp"

namespace sockets::detail {

[[noreturn]] inline void refuse_address(const std::string& where, const std::string& hint) {
    raise(std::errc::invalid_argument, "address", where, hint);
}

constexpr bool is_one_of(std::string_view letters, std::string_view text) noexcept {
    return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos;
}

/// What stands before the first dot, and takes it away with the dot.
inline std::string_view next_label(std::string_view& host) noexcept {
    const std::string_view label = host.substr(0, host.find('.'));
    host.remove_prefix(label.size() < host.size() ? label.size() + 1 : label.size());
    return label;
}

/// `127`, `010`, `0x7f`: what the system's own functions would take for a number.
inline bool is_number(std::string_view label) noexcept {
    const bool hexadecimal = label.size() > 2 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X');
    return hexadecimal ? is_one_of("0123456789abcdefABCDEF", label.substr(2))
                       : is_one_of("0123456789", label);
}

/// 0 to 255, without zeros in front.
inline bool is_octet(std::string_view label) noexcept {
    if (!is_one_of("0123456789", label) || label.size() > 3 || (label.size() > 1 && label[0] == '0'))
        return false;
    int value = 0;
    for (const char digit : label) value = 10 * value + (digit - '0');
    return value <= 255;
}

/// Whether it is made of numbers alone: then it is meant to be an IPv4 address. `pc.1` is a name.
inline bool is_all_numbers(std::string_view host) noexcept {
    while (!host.empty())
        if (!is_number(next_label(host))) return false;
    return true;
}

inline bool is_ipv4(std::string_view host) noexcept {
    int labels = 0;
    for (bool more = true; more; ++labels) {
        more = host.find('.') != std::string_view::npos;
        if (!is_octet(next_label(host))) return false;
    }
    return labels == 4;
}

/// With a zone perhaps: `fe80::1%eth0`.
inline bool is_ipv6(const std::string& host) {
    const std::size_t zone = host.find('%');
    if (zone != std::string::npos && zone + 1 == host.size()) return false;
    in6_addr unused;
    return ::inet_pton(AF_INET6, host.substr(0, zone).c_str(), &unused) == 1;
}

/// Why it is no host, and what to write; "" if it is one.
inline const char* fault_of_host(const std::string& host) {
    if (host.empty() || host.find('\0') != std::string::npos)
        return "a host is a name or a number: localhost, 127.0.0.1";
    for (const char letter : host)
        if (letter == ' ' || letter == 0x7f || static_cast<unsigned char>(letter) < ' ')
            return "no blank and no end of a line belongs to it: localhost, 127.0.0.1";
    if (host.find('/') != std::string::npos)
        return "the host alone, no address of a page: localhost, 127.0.0.1";
    if (host.front() == '[') return "without brackets: ::1";
    if (host.find(':') != host.rfind(':'))
        return is_ipv6(host) ? "" : "no IPv6 address: it looks like ::1 or fe80::1%eth0";
    if (host.find(':') != std::string::npos) return "host and port are two arguments: \"localhost\", 8000";
    if (is_one_of("0123456789", host)) return "a number alone is a port; the host comes first";
    if (is_all_numbers(host) && !is_ipv4(host))
        return "an IPv4 address is four numbers from 0 to 255, without zeros in front: 127.0.0.1";
    return "";
}

/// Unless it is a host.
inline void refuse_host(const std::string& host) {
    const std::string fault = fault_of_host(host);
    if (!fault.empty()) refuse_address("of \"" + visible(host) + "\"", fault);
}

} // namespace sockets::detail
