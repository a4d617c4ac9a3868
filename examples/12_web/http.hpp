// HTTP/1.1 as a server of files needs it (RFC 9110, RFC 9112). Knows no socket and no file.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http_text.hpp"

namespace http {

constexpr std::size_t longest_line = 8000;  // of a request: then 414
constexpr std::size_t longest_head = 16384; // then 431

struct Request {
    std::string method; // GET or HEAD
    std::string path;   // decoded, without the query
    bool keep_alive = true;
};

using Fields = std::vector<std::pair<std::string, std::string>>; // names in small letters

// --- a request -----------------------------------------------------------------------------------

// A line ends with CR LF and with nothing else: programs that read the same bytes differently can
// be played off against each other.
inline bool has_bare_line_end(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\n' && (at == 0 || text[at - 1] != '\r')) return true;
        if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] != '\n') return true;
    }
    return false;
}

inline std::vector<std::string_view> lines_of(std::string_view head) {
    std::vector<std::string_view> lines;
    for (std::size_t end = 0; (end = head.find("\r\n")) != std::string_view::npos;) {
        lines.push_back(head.substr(0, end));
        head.remove_prefix(end + 2);
    }
    return lines;
}

// "Name: value"; no blank before the colon, and no line that goes on in the next one.
inline std::pair<std::string, std::string> field(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) throw Refused{400};
    const std::string_view value = trimmed(line.substr(colon + 1));
    for (const char byte : value)
        if ((static_cast<unsigned char>(byte) < 32 && byte != '\t') || byte == 127)
            throw Refused{400};
    return {lower(line.substr(0, colon)), std::string(value)};
}

inline std::vector<std::string> values(const Fields& fields, std::string_view name) {
    std::vector<std::string> found;
    for (const auto& [key, value] : fields)
        if (key == name) found.push_back(value);
    return found;
}

// Whether there is a body, which nobody here wants. Two lengths, or a length and chunks, are how
// one request is smuggled in behind another.
inline bool has_body(const Fields& fields) {
    const auto lengths = values(fields, "content-length");
    const bool chunks = !values(fields, "transfer-encoding").empty();
    if (lengths.size() > 1 || (chunks && !lengths.empty())) throw Refused{400};
    if (chunks) throw Refused{501};
    if (lengths.empty()) return false;
    const bool digits =
        !lengths[0].empty() && lengths[0].find_first_not_of("0123456789") == std::string::npos;
    if (!digits) throw Refused{400};
    return lengths[0].find_first_not_of('0') != std::string::npos;
}

inline std::string path_of(std::string_view target) {
    if (lower(target.substr(0, 7)) == "http://") { // as to a proxy
        const std::size_t slash = target.find('/', 7);
        target = slash == std::string_view::npos ? "/" : target.substr(slash);
    }
    if (target.empty() || target.front() != '/') throw Refused{400};
    for (const char byte : target)
        if (byte <= ' ' || byte == 127 || byte == '#') throw Refused{400};
    return percent_decoded(target.substr(0, target.find('?')));
}

// METHOD SP TARGET SP HTTP/1.1; gives the minor version.
inline char request_line(std::string_view line, Request& request) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) throw Refused{400};
    request.method = line.substr(0, first);
    const std::string_view version = line.substr(last + 1);
    const bool form = version.size() == 8 && version.substr(0, 5) == "HTTP/" && version[6] == '.' &&
                      std::isdigit(static_cast<unsigned char>(version[5])) &&
                      std::isdigit(static_cast<unsigned char>(version[7]));
    if (!is_token(request.method) || !form) throw Refused{400};
    if (version[5] != '1') throw Refused{505};
    request.path = path_of(line.substr(first + 1, last - first - 1));
    for (const char* known : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH"})
        if (request.method == known) throw Refused{405};
    if (request.method != "GET" && request.method != "HEAD") throw Refused{501};
    return version[7];
}

// Takes the first request out of what has come; empty: it is not whole yet. Throws Refused.
inline std::optional<Request> next_request(std::string& received) {
    if (received.compare(0, 2, "\r\n") == 0) received.erase(0, 2); // one too many, behind a request
    const std::size_t end = received.find("\r\n\r\n");
    const bool whole = end != std::string::npos;
    const std::string_view head = std::string_view(received).substr(0, whole ? end + 2 : end);
    if (has_bare_line_end(head)) throw Refused{400};
    const std::size_t line_end = received.find('\n');
    if (std::min(line_end, received.size()) > longest_line) throw Refused{414};
    if (std::min(end, received.size()) > longest_head) throw Refused{431};
    if (!whole) return std::nullopt;
    const std::vector<std::string_view> lines = lines_of(head);
    Request request;
    const char minor = request_line(lines.empty() ? "" : lines[0], request);
    Fields fields;
    for (std::size_t at = 1; at < lines.size(); ++at) fields.push_back(field(lines[at]));
    const auto hosts = values(fields, "host");
    if (hosts.size() > 1 || (hosts.empty() && minor != '0')) throw Refused{400};
    if (!hosts.empty() && hosts[0].find_first_of("/@ ,") != std::string::npos) throw Refused{400};
    request.keep_alive = minor != '0';
    for (const std::string& value : values(fields, "connection")) {
        if (lower(value).find("close") != std::string::npos) request.keep_alive = false;
        else if (lower(value).find("keep-alive") != std::string::npos) request.keep_alive = true;
    }
    if (has_body(fields))
        request.keep_alive = false; // it is not read, and nothing behind it either
    received.erase(0, end + 4);
    return request;
}

// --- an answer -----------------------------------------------------------------------------------

inline const char* reason(int status) {
    switch (status) {
    case 200: return "OK";
    case 301: return "Moved Permanently";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 414: return "URI Too Long";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 505: return "HTTP Version Not Supported";
    default: return "Internal Server Error";
    }
}

inline std::string date(std::time_t now) {
    char text[64];
    const std::tm* utc = std::gmtime(&now);
    return {text, utc ? std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", utc) : 0};
}

inline std::string head(int status, std::uint64_t size, const std::string& type, bool keep_alive,
                        const std::string& more = "") {
    return "HTTP/1.1 " + std::to_string(status) + " " + reason(status) +
           "\r\nDate: " + date(std::time(nullptr)) + "\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(size) + "\r\n" + more +
           (keep_alive ? "" : "Connection: close\r\n") + "\r\n";
}

inline const char* content_type(std::string_view extension) {
    static const std::pair<const char*, const char*> types[] = {
        {".html", "text/html; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".txt", "text/plain; charset=utf-8"},
        {".json", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".gif", "image/gif"},
        {".ico", "image/x-icon"},
        {".pdf", "application/pdf"},
        {".zip", "application/zip"}};
    for (const auto& [known, type] : types)
        if (lower(extension) == known) return type;
    return "application/octet-stream";
}

} // namespace http
