/// @file
/// @brief LineBuffer and LineReader: messages out of a stream of bytes, one line each, of bounded length.
#pragma once

#include "detail/platform.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "detail/deadline.hpp"
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

    void append(std::string_view bytes);             ///< What has just come.
    [[nodiscard]] std::optional<std::string> next(); ///< The next whole line; empty: not yet.
    [[nodiscard]] std::string rest();                ///< What is left without an end.

private:
    friend class LineReader;

    std::string_view held() const noexcept { return std::string_view(bytes_).substr(taken_); }
    void reserve(std::size_t more);
    std::string take(std::size_t max); // lines or not
    void require_fits(std::size_t length) const;

    std::size_t max_line_;
    std::string bytes_;     // from the first one that nobody has taken yet
    std::size_t taken_ = 0; // how many of them have been taken since
    std::size_t seen_ = 0;  // up to where there is no '\n'
};

/// Receives line by line from a connection.
///
/// What it has received ahead, it keeps: from now on receive through it, not from the socket. A Selector does not
/// know of it: in a loop over select() use a LineBuffer and try_recv(). It is neither copied nor moved, because two
/// readers of one socket would each have a part of what comes.
///
/// @note One thread.
/// @ingroup messages
/// @include docs/snippets/line_reader.cpp
class LineReader {
public:
    explicit LineReader(TcpSocket& socket, std::size_t max_line = 8192); ///< The socket must outlive it.
    LineReader(const LineReader&) = delete;                              ///< It stays with its socket.
    LineReader& operator=(const LineReader&) = delete;
    ~LineReader() = default;

    [[nodiscard]] std::optional<std::string> next(); ///< Waits for the next line; empty: the peer has ended.
    std::string recv(std::size_t max);               ///< As TcpSocket::recv(), but first what it has already.
    std::string recv_exactly(std::size_t size);      ///< As recv_exactly(), but first what it has already.
    [[nodiscard]] std::string rest();                ///< What it has already, and nobody has taken.

private:
    void receive(std::size_t size);
    std::string take(std::size_t max);

    TcpSocket& socket_;
    LineBuffer lines_;
};

// --- LineBuffer ---------------------------------------------------------------------------------------

/// @param max_line  the longest line that is accepted, in bytes, its end not counted
/// @snippet each_lines.cpp buffer
inline LineBuffer::LineBuffer(std::size_t max_line) : max_line_(max_line) {}

/// Adds bytes; they may hold a part of a line, several lines, or both. After each piece take the lines out with next(),
/// which refuses one that is too long: append() itself takes anything.
///
/// @param bytes  what has just come, of any number
/// @throws std::bad_alloc  if there is no memory for them; then none was added
/// @snippet each_lines.cpp append
inline void LineBuffer::append(std::string_view bytes) {
    reserve(bytes.size());
    bytes_.append(bytes.data(), bytes.size());
}

/// Afterwards so many bytes can be appended without fail.
inline void LineBuffer::reserve(std::size_t more) {
    bytes_.erase(0, taken_);
    seen_ -= taken_;
    taken_ = 0;
    if (bytes_.capacity() - bytes_.size() < more) bytes_.reserve(bytes_.size() + more);
}

/// The next line, without its end: `\n`, or `\r\n`. A `\r` anywhere else belongs to the line.
///
/// @returns empty if no whole line is there yet
/// @throws Error  `message_size` (primitive "recv") as soon as the line that comes next is longer than
///                max_line, after every line before it, so that nobody can fill the memory
/// @snippet each_lines.cpp next
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

/// Takes what came after the last whole line: before next() has given them, the lines too.
///
/// @returns the bytes; "" if there are none
/// @snippet each_lines.cpp buffer_rest
inline std::string LineBuffer::rest() { return take(held().size()); }

inline std::string LineBuffer::take(std::size_t max) {
    std::string bytes = bytes_.substr(taken_, max);
    taken_ += bytes.size();
    if (seen_ < taken_) seen_ = taken_;
    return bytes;
}

inline void LineBuffer::require_fits(std::size_t length) const {
    if (length > max_line_)
        detail::raise(std::errc::message_size, "recv", "",
                      "a line is longer than " + std::to_string(max_line_) + " bytes");
}

// --- LineReader ---------------------------------------------------------------------------------------

/// @param socket    where the lines come from
/// @param max_line  the longest line that is accepted, in bytes, its end not counted
/// @snippet each_lines.cpp reader
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
/// @snippet each_lines.cpp reader_next
inline std::optional<std::string> LineReader::next() {
    const detail::Deadline limit = socket_.deadline(detail::Event::readable);
    while (true) {
        std::optional<std::string> line = lines_.next();
        socket_.ahead_ = lines_.held().size();
        if (line) return line;
        char bytes[4096];
        lines_.reserve(sizeof bytes); // first: what has been received must not be lost for want of memory
        const std::size_t count = socket_.recv_line_part(bytes, sizeof bytes, limit, lines_.held());
        lines_.append({bytes, count});
        if (count > 0) continue;
        if (lines_.held().empty()) return std::nullopt;
        lines_.require_fits(lines_.held().size()); // a \r at its end belongs to it, now that no \n has come
        return rest();
    }
}

/// As Socket::recv(), but gives first what has come behind the last line: the body after a header, for
/// example.
///
/// @param max  at most so many bytes, 1 to INT_MAX
/// @returns the bytes; "": the peer has ended
/// @throws Error  as Socket::recv()
/// @snippet each_lines.cpp reader_recv
inline std::string LineReader::recv(std::size_t max) {
    return max == 0 || lines_.held().empty() ? socket_.recv(max) : take(detail::string_size(max, "recv"));
}

/// As Socket::recv_exactly(), but gives first what has come behind the last line, and loses nothing.
///
/// @param size  how many bytes
/// @returns exactly so many
/// @throws Error  as Socket::recv_exactly(); what has come is kept for the next call
/// @throws std::bad_alloc, std::length_error  if there is no memory for so many
/// @snippet each_lines.cpp reader_recv_exactly
inline std::string LineReader::recv_exactly(std::size_t size) {
    if (lines_.held().size() < size) receive(size);
    return take(size);
}

/// What has come ahead, lines or not; from then on the socket itself has the rest. Waits for nothing. For programs
/// that read a header by lines and hand the connection on.
///
/// System call: none.
///
/// @include docs/snippets/line_reader_rest.cpp
///
/// @returns the bytes; "" if there are none
inline std::string LineReader::rest() { return take(lines_.held().size()); }

/// Until so many bytes are here. They come into the buffer, where they stay whatever goes wrong.
inline void LineReader::receive(std::size_t size) {
    const std::size_t held = lines_.held().size();
    Socket::Step step{"recv", detail::Event::readable, nullptr, held, size};
    socket_.ahead_ = 0; // they are a part of what is asked for
    lines_.reserve(size - held);
    lines_.bytes_.resize(size);
    try {
        socket_.recv_until_done(lines_.bytes_.data(), step);
    } catch (...) {
        lines_.bytes_.resize(step.done);
        socket_.ahead_ = step.done;
        throw;
    }
}

inline std::string LineReader::take(std::size_t max) {
    std::string bytes = lines_.take(max);
    socket_.ahead_ = lines_.held().size();
    return bytes;
}

} // namespace sockets
