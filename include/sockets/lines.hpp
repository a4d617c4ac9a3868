/// @file
/// @brief LineBuffer and LineReader: messages out of a stream of bytes, one line each, of bounded length.
#pragma once

#include "detail/platform.hpp"

#include <optional>
#include <string>
#include <string_view>

#include "error.hpp"
#include "tcp.hpp"

namespace sockets {

/// Cuts bytes that arrive in any pieces into lines. Knows no socket: for programs that receive by
/// themselves.
/// @ingroup messages
/// @include docs/snippets/line_buffer.cpp
class LineBuffer {
public:
    explicit LineBuffer(std::size_t max_line = 8192); ///< Lines of up to so many bytes.

    void append(std::string_view bytes); ///< What has just come.
    std::optional<std::string> next();   ///< The next whole line; empty: not yet.
    std::string rest();                  ///< What is left without an end.

private:
    friend class LineReader;

    std::size_t held() const noexcept { return bytes_.size() - taken_; }
    std::string take(std::size_t max); // lines or not
    void require_fits(std::size_t length) const;

    std::size_t max_line_;
    std::string bytes_;     // from the first one that nobody has taken yet
    std::size_t taken_ = 0; // how many of them have been taken since
    std::size_t seen_ = 0;  // up to where there is no '\n'
};

/// Receives line by line from a connection.
///
/// What it has received ahead, it keeps: from now on receive through it, not from the socket.
///
/// @note One thread.
/// @ingroup messages
/// @include docs/snippets/line_reader.cpp
class LineReader {
public:
    explicit LineReader(TcpSocket& socket, std::size_t max_line = 8192); ///< The socket must outlive it.

    std::optional<std::string> next();          ///< Waits for the next line; empty: the peer has ended.
    std::string recv(std::size_t max);          ///< As TcpSocket::recv(), but first what it has already.
    std::string recv_exactly(std::size_t size); ///< As recv_exactly(), but first what it has already.

private:
    TcpSocket& socket_;
    LineBuffer lines_;
};

// --- LineBuffer ---------------------------------------------------------------------------------------

/// @param max_line  the longest line that is accepted, in bytes, its end not counted
inline LineBuffer::LineBuffer(std::size_t max_line) : max_line_(max_line) {}

/// Adds bytes; they may hold a part of a line, several lines, or both.
inline void LineBuffer::append(std::string_view bytes) {
    bytes_.erase(0, taken_);
    seen_ -= taken_;
    taken_ = 0;
    bytes_.append(bytes.data(), bytes.size());
}

/// The next line, without its end: `\n`, or `\r\n`. A `\r` anywhere else belongs to the line.
///
/// @returns empty if no whole line is there yet
/// @throws Error  `message_size` (primitive "recv") as soon as the line that comes next is longer than
///                max_line, after every line before it, so that nobody can fill the memory
inline std::optional<std::string> LineBuffer::next() {
    const std::size_t end = bytes_.find('\n', seen_);
    const bool whole = end != std::string::npos;
    std::size_t length = (whole ? end : bytes_.size()) - taken_;
    if (length > 0 && bytes_[taken_ + length - 1] == '\r') --length; // perhaps half of an end
    require_fits(length);
    if (!whole) {
        seen_ = bytes_.size();
        return std::nullopt;
    }
    std::string line = bytes_.substr(taken_, length);
    taken_ = seen_ = end + 1;
    return line;
}

/// Takes what came after the last whole line.
inline std::string LineBuffer::rest() { return take(held()); }

inline std::string LineBuffer::take(std::size_t max) {
    std::string bytes = bytes_.substr(taken_, max);
    taken_ += bytes.size();
    if (seen_ < taken_) seen_ = taken_;
    return bytes;
}

inline void LineBuffer::require_fits(std::size_t length) const {
    if (length > max_line_)
        detail::raise(std::errc::message_size, "recv", "",
                      detail::Text() << "a line is longer than " << static_cast<long long>(max_line_)
                                     << " bytes");
}

// --- LineReader ---------------------------------------------------------------------------------------

/// @param socket    where the lines come from
/// @param max_line  the longest line that is accepted, in bytes, its end not counted
inline LineReader::LineReader(TcpSocket& socket, std::size_t max_line) : socket_(socket), lines_(max_line) {}

/// Blocks until a whole line has come, or the peer has ended its side. A last line without its end is given
/// too.
///
/// System call: `recv`, if no whole line is there already.
///
/// @returns the line without its end; empty: the peer has ended and everything has been given
/// @throws Error  as Socket::recv(); `timed_out` if no whole line has come within the time of
///                Socket::set_recv_timeout(): what has come is kept for the next call; `message_size` as
///                LineBuffer::next()
inline std::optional<std::string> LineReader::next() {
    const detail::Deadline limit = socket_.deadline(detail::Event::readable);
    while (true) {
        if (std::optional<std::string> line = lines_.next()) return line;
        char bytes[4096];
        const std::size_t count = socket_.recv_within(bytes, sizeof bytes, limit, "no whole line");
        if (count > 0) {
            lines_.append({bytes, count});
        } else {
            if (lines_.held() == 0) return std::nullopt;
            lines_.require_fits(lines_.held()); // a \r at its end belongs to it, now that no \n has come
            return lines_.rest();
        }
    }
}

/// As Socket::recv(), but gives first what has come behind the last line: the body after a header, for
/// example.
///
/// @param max  at most so many bytes, at least 1
/// @returns the bytes; "": the peer has ended
/// @throws Error  as Socket::recv()
inline std::string LineReader::recv(std::size_t max) {
    return max == 0 || lines_.held() == 0 ? socket_.recv(max) : lines_.take(max);
}

/// As Socket::recv_exactly(), but gives first what has come behind the last line, and loses nothing.
///
/// @param size  how many bytes
/// @returns exactly so many
/// @throws Error  as Socket::recv_exactly(); what has come is kept for the next call
inline std::string LineReader::recv_exactly(std::size_t size) {
    std::string bytes = lines_.take(size);
    Socket::Step step{"recv", detail::Event::readable, nullptr, bytes.size(), size};
    try {
        bytes.resize(size);
        socket_.recv_rest(bytes.data(), step);
    } catch (...) {
        bytes.resize(step.done);
        lines_.append(bytes);
        throw;
    }
    return bytes;
}

} // namespace sockets
