/// @file
/// @brief TcpStream: a connection as a std::iostream, with `<<`, `>>` and std::getline.
#pragma once

#include "detail/platform.hpp"

#include <cstddef>
#include <cstring>
#include <istream>
#include <streambuf>
#include <string>
#include <utility>

#include "error.hpp"
#include "tcp.hpp"

namespace sockets {

namespace detail {

/// What stands between the stream and the socket: a buffer for each direction.
class TcpStreambuf : public std::streambuf {
public:
    explicit TcpStreambuf(TcpSocket socket) : socket_(std::move(socket)) {
        setp(outgoing_, outgoing_ + sizeof outgoing_);
    }

    TcpSocket& socket() noexcept { return socket_; }

protected:
    /// Whoever waits for an answer must first have sent the question.
    int_type underflow() override {
        sync();
        const std::size_t kept = keep_last();
        char* const begin = incoming_ + putback;
        setg(begin - kept, begin, begin);
        const std::size_t count = socket_.recv(begin, sizeof incoming_ - putback);
        setg(begin - kept, begin, begin + count);
        return count == 0 ? traits_type::eof() : traits_type::to_int_type(*begin);
    }

    int_type overflow(int_type byte) override {
        sync();
        if (!traits_type::eq_int_type(byte, traits_type::eof())) sputc(traits_type::to_char_type(byte));
        return traits_type::not_eof(byte);
    }

    /// The buffer is empty afterwards even if sending fails: the bytes are lost with the connection.
    int sync() override {
        const std::size_t size = static_cast<std::size_t>(pptr() - pbase());
        setp(outgoing_, outgoing_ + sizeof outgoing_);
        if (size > 0) socket_.send_all(outgoing_, size);
        return 0;
    }

private:
    static constexpr std::size_t putback = 16; // so many bytes can be given back with unget()

    /// Moves the last bytes read in front of the place for the next ones. Says how many.
    std::size_t keep_last() noexcept {
        const auto read = static_cast<std::size_t>(gptr() - eback());
        const std::size_t kept = read < putback ? read : putback;
        if (kept > 0) std::memmove(incoming_ + putback - kept, gptr() - kept, kept);
        return kept;
    }

    TcpSocket socket_;
    char incoming_[putback + 4096];
    char outgoing_[4096];
};

} // namespace detail

/// A connection to read and write as one does with files. What is written waits in a buffer until it is full,
/// until std::flush or std::endl, until something is read, or until the end of the object.
///
/// The peer's end sets eofbit; any other trouble sets badbit, and after `exceptions(std::ios::badbit)` the
/// very Error is thrown.
///
/// @note One thread.
/// @ingroup messages
/// @include docs/snippets/tcp_stream.cpp
class TcpStream : public std::iostream {
public:
    TcpStream(const std::string& host, int port);      ///< Connects, as TcpSocket does.
    TcpStream(std::nullptr_t host, int port) = delete; ///< A host is text.
    explicit TcpStream(TcpSocket socket);              ///< Takes a connection over.
    TcpStream(const TcpStream&) = delete;              ///< One connection, one stream.
    TcpStream& operator=(const TcpStream&) = delete;
    ~TcpStream() override; ///< Sends what waits, and closes. Throws nothing.

    TcpSocket& socket() noexcept; ///< For shutdown(), addresses and time limits; flush first.

private:
    detail::TcpStreambuf buffer_;
};

/// @param host  a name or a number
/// @param port  0 to 65535
/// @throws Error  as TcpSocket(host, port)
/// @snippet each_stream.cpp constructor
inline TcpStream::TcpStream(const std::string& host, int port) : TcpStream(TcpSocket(host, port)) {}

/// @param socket  a connection, which from now on belongs to the stream
/// @snippet each_stream.cpp of_socket
inline TcpStream::TcpStream(TcpSocket socket) : std::iostream(nullptr), buffer_(std::move(socket)) {
    rdbuf(&buffer_);
}

inline TcpStream::~TcpStream() {
    try {
        if (socket().is_open()) buffer_.pubsync(); // flush() would do nothing after a >> that has failed
    } catch (...) {                                // nobody is left to hear it
    }
    exceptions(std::ios::goodbit);
    rdbuf(nullptr);
}

/// The connection underneath: for shutdown(), addresses and time limits. What has been written may still wait
/// in the buffer: flush first. Does not block.
///
/// @returns the socket, which stays the stream's
/// @snippet each_stream.cpp socket
inline TcpSocket& TcpStream::socket() noexcept { return buffer_.socket(); }

} // namespace sockets
