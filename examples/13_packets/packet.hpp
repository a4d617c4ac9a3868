// One packet as it passes: Ethernet, IPv4 or IPv6, TCP or UDP. Knows no socket.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "../11_file/big_endian.hpp"

struct Packet {
    bool tcp = false; // or UDP
    std::string from; // "127.0.0.1:8000"
    std::string to;
    int from_port = 0;
    int to_port = 0;
    std::uint32_t number = 0; // of its first byte in the stream
    std::uint32_t wanted = 0; // the next byte that its sender wants
    unsigned flags = 0;
    std::size_t size = 0; // of the data
};

enum TcpFlag : unsigned { fin = 1, syn = 2, rst = 4, psh = 8, ack = 16 };

// Numbers in a header; nothing if it is too short.
class Header {
public:
    explicit Header(std::string_view bytes) : bytes_(bytes) {}

    template <class Number>
    std::optional<Number> at(std::size_t place) const {
        if (place + sizeof(Number) > bytes_.size()) return std::nullopt;
        return from_big_endian<Number>(bytes_.substr(place));
    }
    std::optional<std::string_view> from(std::size_t place) const {
        if (place > bytes_.size()) return std::nullopt;
        return bytes_.substr(place);
    }

private:
    std::string_view bytes_;
};

inline std::string ipv4_text(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes.substr(0, 4))
        text += (text.empty() ? "" : ".") + std::to_string(static_cast<unsigned char>(byte));
    return text;
}

// "2001:db8::1": the longest row of zeros is left out (RFC 5952).
inline std::string ipv6_text(std::string_view bytes) {
    const auto group = [&](std::size_t place) {
        return from_big_endian<std::uint16_t>(bytes.substr(place * 2));
    };
    std::size_t begin = 8;
    std::size_t length = 1; // one zero alone is written
    for (std::size_t first = 0; first < 8; ++first) {
        std::size_t last = first;
        while (last < 8 && group(last) == 0) ++last;
        if (last - first <= length) continue;
        begin = first;
        length = last - first;
    }
    std::string text;
    for (std::size_t place = 0; place < 8; ++place) {
        if (place == begin) {
            text += "::";
            place += length - 1;
            continue;
        }
        char digits[8];
        std::snprintf(digits, sizeof digits, "%x", static_cast<unsigned>(group(place)));
        text += (text.empty() || text.back() == ':' ? "" : ":") + std::string(digits);
    }
    return "[" + text + "]";
}

// What stands behind the addresses. `size`: of header and data, as IP says; a frame may be longer.
inline std::optional<Packet> transport(int protocol, std::string_view bytes, std::size_t size) {
    const Header header(bytes);
    Packet packet;
    const auto from = header.at<std::uint16_t>(0);
    const auto to = header.at<std::uint16_t>(2);
    if (!from || !to) return std::nullopt;
    packet.from_port = *from;
    packet.to_port = *to;
    packet.tcp = protocol == 6;
    std::size_t begin = 8;
    if (packet.tcp) {
        const auto number = header.at<std::uint32_t>(4);
        const auto wanted = header.at<std::uint32_t>(8);
        const auto length = header.at<std::uint8_t>(12);
        const auto flags = header.at<std::uint8_t>(13);
        if (!number || !wanted || !length || !flags) return std::nullopt;
        packet.number = *number;
        packet.wanted = *wanted;
        packet.flags = *flags;
        begin = static_cast<std::size_t>(*length >> 4) * 4;
    } else if (protocol != 17) {
        return std::nullopt;
    }
    if (begin < 8 || begin > size || begin > bytes.size()) return std::nullopt;
    packet.size = size - begin;
    return packet;
}

inline std::optional<Packet> ipv4(std::string_view bytes) {
    const Header header(bytes);
    const auto first = header.at<std::uint8_t>(0);
    const auto total = header.at<std::uint16_t>(2);
    const auto fragment = header.at<std::uint16_t>(6);
    if (!first || !total || bytes.size() < 20 || *first >> 4 != 4) return std::nullopt;
    const std::size_t length = static_cast<std::size_t>(*first & 15) * 4;
    const auto rest = header.from(length);
    if (length < 20 || *total < length || !rest || (*fragment & 0x1fff) != 0)
        return std::nullopt; // a later fragment has no ports
    auto packet = transport(*header.at<std::uint8_t>(9), *rest, *total - length);
    if (!packet) return std::nullopt;
    packet->from = ipv4_text(bytes.substr(12)) + ":" + std::to_string(packet->from_port);
    packet->to = ipv4_text(bytes.substr(16)) + ":" + std::to_string(packet->to_port);
    return packet;
}

inline std::optional<Packet> ipv6(std::string_view bytes) {
    const Header header(bytes);
    if (bytes.size() < 40 || *header.at<std::uint8_t>(0) >> 4 != 6) return std::nullopt;
    auto packet =
        transport(*header.at<std::uint8_t>(6), bytes.substr(40), *header.at<std::uint16_t>(4));
    if (!packet) return std::nullopt;
    packet->from = ipv6_text(bytes.substr(8, 16)) + ":" + std::to_string(packet->from_port);
    packet->to = ipv6_text(bytes.substr(24, 16)) + ":" + std::to_string(packet->to_port);
    return packet;
}

// A whole frame; empty if it is no TCP and no UDP, or cut.
inline std::optional<Packet> packet_in(std::string_view frame) {
    const auto type = Header(frame).at<std::uint16_t>(12); // after the two addresses of the cards
    if (!type || frame.size() < 14) return std::nullopt;
    if (*type == 0x0800) return ipv4(frame.substr(14));
    if (*type == 0x86dd) return ipv6(frame.substr(14));
    return std::nullopt;
}

// --- in words ------------------------------------------------------------------------------------

inline std::string flag_names(unsigned flags) {
    std::string names;
    for (const auto& [flag, name] :
         {std::pair{syn, "SYN"}, {fin, "FIN"}, {rst, "RST"}, {psh, "PSH"}, {ack, "ACK"}})
        if (flags & flag) names += (names.empty() ? "" : ", ") + std::string(name);
    return names;
}

// Tells of each packet what it is for; numbers count from the beginning of their connection.
class Narrator {
public:
    std::string line(const Packet& packet) {
        std::string text = packet.from + " > " + packet.to;
        if (!packet.tcp) return text + " UDP, " + bytes(packet.size);
        std::uint32_t& begin =
            begins_.try_emplace({packet.from, packet.to}, packet.number).first->second;
        if (packet.flags & syn) begin = packet.number;
        const auto theirs = begins_.find({packet.to, packet.from});
        const std::uint32_t number = packet.number - begin;
        const std::uint32_t wanted = theirs == begins_.end() ? 0 : packet.wanted - theirs->second;
        text += " TCP [" + flag_names(packet.flags) + "] seq " + std::to_string(number);
        if ((packet.flags & ack) && theirs != begins_.end())
            text += " ack " + std::to_string(wanted);
        text += ", " + bytes(packet.size);
        const bool last_of_greeting = packet.size == 0 && number == 1 && wanted == 1;
        return text +
               (packet.flags == ack && last_of_greeting ? ": saludo, bien" : meaning(packet));
    }

private:
    static std::string bytes(std::size_t size) {
        return std::to_string(size) + (size == 1 ? " byte" : " bytes");
    }

    static std::string meaning(const Packet& packet) {
        if (packet.flags & rst) return ": corta la conexión";
        if ((packet.flags & syn) && (packet.flags & ack)) return ": saludo, sí";
        if (packet.flags & syn) return ": saludo, ¿puedo?";
        if (packet.flags & fin) return ": termina su lado";
        if (packet.size > 0) return ": datos";
        return ": ha llegado";
    }

    std::map<std::pair<std::string, std::string>, std::uint32_t> begins_;
};
