// What a client of HTTP/1.1 reads: an address, the head of an answer, the size of a chunk (RFC
// 3986, RFC 9112). Knows no socket.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "http_text.hpp"

namespace http {

struct Url {
    std::string host;
    int port = 80;
    std::string target = "/"; // with the query, without #

    std::string host_field() const {
        const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
        return port == 80 ? name : name + ":" + std::to_string(port);
    }
};

// A whole number without a sign, of nothing else.
inline std::optional<std::uint64_t> whole_number(std::string_view digits, int base = 10) {
    std::uint64_t number = 0;
    const char* end = digits.data() + digits.size();
    const auto [after, error] = std::from_chars(digits.data(), end, number, base);
    if (digits.empty() || error != std::errc() || after != end) return std::nullopt;
    return number;
}

// http://host[:port]/target; an IPv6 address stands in brackets.
inline Url url(std::string_view text) {
    if (lower(text.substr(0, 7)) != "http://")
        throw std::runtime_error("una dirección empieza con http://");
    text = text.substr(7, text.find('#') == std::string_view::npos ? std::string_view::npos
                                                                   : text.find('#') - 7);
    for (const char byte : text)
        if (byte <= ' ' || byte == 127)
            throw std::runtime_error("la dirección lleva un signo prohibido");
    Url found;
    const std::size_t end = std::min(text.find_first_of("/?"), text.size());
    std::string_view place = text.substr(0, end);
    if (end < text.size())
        found.target = (text[end] == '?' ? "/" : "") + std::string(text.substr(end));
    const std::size_t bracket = place.find(']');
    const std::size_t colon = place.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon != std::string_view::npos) {
        const auto port = whole_number(place.substr(colon + 1));
        if (!port || *port > 65535) throw std::runtime_error("el puerto es un número de 0 a 65535");
        found.port = static_cast<int>(*port);
        place = place.substr(0, colon);
    }
    if (place.size() > 2 && place.front() == '[' && place.back() == ']')
        place = place.substr(1, place.size() - 2);
    if (place.empty() || place.find_first_of("[]@") != std::string_view::npos)
        throw std::runtime_error("falta el host en la dirección");
    found.host = place;
    return found;
}

struct Answer {
    int status = 0;
    std::optional<std::uint64_t> length;
    bool chunked = false;
    std::string location;
};

// "HTTP/1.1 200 OK"
inline int status_of(std::string_view line) {
    const bool form = line.size() >= 12 && line.substr(0, 7) == "HTTP/1." && line[8] == ' ' &&
                      (line.size() == 12 || line[12] == ' ');
    const auto status = form ? whole_number(line.substr(9, 3)) : std::nullopt;
    if (!status || *status < 100) throw std::runtime_error("eso no es una respuesta de HTTP");
    return static_cast<int>(*status);
}

// One line of the head.
inline void understand(std::string_view line, Answer& answer) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos)
        throw std::runtime_error("una línea de la respuesta no tiene dos puntos");
    const std::string name = lower(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "location") answer.location = value;
    if (name == "transfer-encoding") answer.chunked = lower(value) == "chunked";
    if (name != "content-length") return;
    const auto length = whole_number(value);
    if (!length || (answer.length && *answer.length != *length))
        throw std::runtime_error("el largo de la respuesta no es un número");
    answer.length = length;
}

// "1a;name=value"
inline std::uint64_t chunk_size(std::string_view line) {
    const auto size = whole_number(trimmed(line.substr(0, line.find(';'))), 16);
    if (!size) throw std::runtime_error("el tamaño de un trozo no es un número");
    return *size;
}

} // namespace http
