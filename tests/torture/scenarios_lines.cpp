// Messages: LineBuffer, LineReader, TcpStream. Nothing that was received may be lost.

#include "scene.hpp"

namespace torture {

namespace {

const std::vector<Rule> not_now = {{"recv*", EAGAIN, same()}};

constexpr std::string_view first = "the first line, longer than a short string";
constexpr std::string_view second = "the second line, which is as long as that";

std::string two_lines() {
    const Quiet quiet;
    return std::string(first).append("\r\n").append(second).append("\n");
}

void add_buffer(Scenarios& all) {
    all.push_back({"LineBuffer",
                   "recv",
                   {"LineBuffer::LineBuffer(std::size_t)", "LineBuffer::append(std::string_view)",
                    "LineBuffer::next()", "LineBuffer::rest()"},
                   [] {
                       const std::string lines = two_lines();
                       begin();
                       LineBuffer buffer(100);
                       keep_on([&] { buffer.append(lines); });
                       check(keep_on([&] { return buffer.next(); }) == first, "the first?");
                       keep_on([&] { buffer.append(message); });
                       check(keep_on([&] { return buffer.next(); }) == second, "the second?");
                       check(!keep_on([&] { return buffer.next(); }), "a third?");
                       check(keep_on([&] { return buffer.rest(); }) == message, "the rest?");
                   }});
    all.push_back({"LineBuffer: too long a line", "recv", {}, [] {
                       begin();
                       LineBuffer buffer(5);
                       keep_on([&] { buffer.append(message); });
                       (void)buffer.next();
                   }});
}

/// The reader goes on after each failure, and every line comes.
void read_lines(LineReader& reader) {
    check(go_on([&] { return reader.next(); }) == first, "the first?");
    check(go_on([&] { return reader.next(); }) == second, "the second?");
}

void add_next(Scenarios& all) {
    all.push_back({"LineReader: next",
                   "recv",
                   {"LineReader::LineReader(TcpSocket&, std::size_t)", "LineReader::next()"},
                   [] {
                       auto [ours, peer] = connected<TcpSocket>();
                       peer.say(two_lines());
                       peer.say(message);
                       peer.finish();
                       begin();
                       LineReader reader(ours);
                       read_lines(reader);
                       check(go_on([&] { return reader.next(); }) == message, "the last one?");
                       check(!go_on([&] { return reader.next(); }), "one more?");
                   }});
    all.push_back({"LineReader: next, in pieces and in time",
                   "recv",
                   {},
                   [] {
                       auto [ours, peer] = connected<TcpSocket>();
                       ours.set_recv_timeout(patience);
                       const std::string lines = two_lines();
                       peer.say(lines.substr(0, 20));
                       const Meanwhile meanwhile([&, &other = peer] { other.say(lines.substr(20)); });
                       begin();
                       LineReader reader(ours);
                       read_lines(reader);
                   },
                   not_now});
    all.push_back({"LineReader: next, late, and again",
                   "recv",
                   {},
                   [] {
                       auto [ours, peer] = connected<TcpSocket>();
                       ours.set_recv_timeout(soon);
                       const std::string lines = two_lines();
                       peer.say(lines.substr(0, 20));
                       begin();
                       LineReader reader(ours);
                       try {
                           (void)keep_on([&] { return reader.next(); });
                           check(false, "half a line was given");
                       } catch (const Error& error) {
                           if (error.code() != std::errc::timed_out) note(error);
                       }
                       {
                           const Quiet quiet;
                           peer.say(lines.substr(20));
                           ours.set_recv_timeout(patience);
                       }
                       read_lines(reader);
                   },
                   {{"recv*", EAGAIN, same()}, {"recv*", ETIMEDOUT, may_fail("recv")}}});
    all.push_back({"LineReader: too long a line", "recv", {}, [] {
                       auto [ours, peer] = connected<TcpSocket>();
                       peer.say(two_lines());
                       begin();
                       LineReader reader(ours, 5);
                       (void)keep_on([&] { return reader.next(); });
                   }});
}

void add_after_a_line(Scenarios& all) {
    all.push_back({"LineReader: recv after a line", "recv", {"LineReader::recv(std::size_t)"}, [] {
                       auto [ours, peer] = connected<TcpSocket>();
                       peer.say(two_lines());
                       begin();
                       LineReader reader(ours);
                       check(go_on([&] { return reader.next(); }) == first, "the first?");
                       std::string bytes;
                       while (bytes.size() < second.size() + 1) {
                           const std::string piece = go_on([&] { return reader.recv(16); });
                           check(!piece.empty() && piece.size() <= 16, "how many came?");
                           const Quiet quiet;
                           bytes += piece;
                       }
                       check(bytes.substr(0, second.size()) == second, "not what was sent");
                   }});
    all.push_back(
        {"LineReader: recv_exactly after a line", "recv", {"LineReader::recv_exactly(std::size_t)"}, [] {
             auto [ours, peer] = connected<TcpSocket>();
             const std::string lines = two_lines();
             peer.say(lines.substr(0, 60));
             begin();
             LineReader reader(ours);
             check(go_on([&] { return reader.next(); }) == first, "the first?");
             {
                 const Quiet quiet;
                 peer.say(lines.substr(60));
             }
             check(go_on([&] { return reader.recv_exactly(second.size()); }) == second, "the second?");
         }});
    all.push_back({"LineReader: rest", "recv", {"LineReader::rest()"}, [] {
                       auto [ours, peer] = connected<TcpSocket>();
                       peer.say(two_lines());
                       begin();
                       LineReader reader(ours);
                       check(go_on([&] { return reader.next(); }) == first, "the first?");
                       std::string bytes = keep_on([&] { return reader.rest(); });
                       check(keep_on([&] { return reader.rest(); }).empty(), "given twice");
                       const Quiet quiet; // what it had not received yet, the socket has
                       const std::size_t left = second.size() + 1 - bytes.size();
                       check(bytes + ours.recv_exactly(left) == std::string(second) + "\n",
                             "not what was sent");
                   }});
    // The socket has nothing more, but a reader has: that is no end between two messages.
    all.push_back({"LineReader: recv_exactly of the socket itself",
                   "recv",
                   {},
                   [] {
                       auto [ours, peer] = connected<TcpSocket>();
                       peer.say(two_lines());
                       peer.finish();
                       begin();
                       LineReader reader(ours);
                       check(go_on([&] { return reader.next(); }) == first, "the first?");
                       std::string bytes; // if all came byte by byte, the reader has nothing yet
                       try {
                           bytes = keep_on([&, &one = ours] { return one.recv_exactly(2); });
                       } catch (const Error& error) {
                           check(error.code() != StreamErrc::ended, "an end, though a reader has bytes");
                           if (error.code() != std::errc::connection_reset) note(error);
                       }
                       const auto line = go_on([&] { return reader.next(); });
                       const Quiet quiet;
                       check(line && bytes + *line == second, "the second?");
                   },
                   {{"recv*", ECONNRESET, may_fail("recv")}}});
    all.push_back({"LineReader: recv_exactly, late, and again",
                   "recv",
                   {},
                   [] {
                       auto [ours, peer] = connected<TcpSocket>();
                       ours.set_recv_timeout(soon);
                       peer.say(second.substr(0, 18));
                       begin();
                       LineReader reader(ours);
                       try {
                           (void)keep_on([&] { return reader.recv_exactly(second.size()); });
                           check(false, "half of it was given");
                       } catch (const Error& error) {
                           if (error.code() != std::errc::timed_out) note(error);
                       }
                       {
                           const Quiet quiet;
                           peer.say(second.substr(18));
                           ours.set_recv_timeout(patience);
                       }
                       check(go_on([&] { return reader.recv_exactly(second.size()); }) == second, "not all");
                   },
                   {{"recv*", EAGAIN, same()}, {"recv*", ETIMEDOUT, may_fail("recv")}}});
}

// --- TcpStream ----------------------------------------------------------------------------------------

void add_stream_ends(Scenarios& all) {
    all.push_back(
        {"TcpStream: host and port", "connect|socket", {"TcpStream::TcpStream(const std::string&, int)"}, [] {
             const Peer listener = raw_listener();
             const int port = listener.address().port();
             begin();
             TcpStream stream("127.0.0.1", port);
             const Quiet quiet;
             const Peer client = listener.take();
             stream << message << std::flush;
             check(client.hear(message.size()) == message, "not what was written");
         }});
    // What waits is sent; if that fails, nobody is left to hear it.
    all.push_back({"TcpStream: the end of the object",
                   "send",
                   {"TcpStream::TcpStream(TcpSocket)", "TcpStream::~TcpStream()"},
                   [] {
                       auto [ours, peer] = connected<TcpSocket>();
                       begin();
                       {
                           TcpStream stream(std::move(ours));
                           stream << message;
                       }
                       const std::string came = peer.hear(100);
                       check(came == message || (came.size() < message.size() && torture_has_failed()) ||
                                 (came.empty() && memory::has_failed()),
                             "not what was written");
                   },
                   {{"send", 0, same()}}});
}

void add_stream_talk(Scenarios& all) {
    all.push_back({"TcpStream: writes and reads", "send", {"TcpStream::socket()"}, [] {
                       auto [ours, peer] = connected<TcpSocket>();
                       begin();
                       TcpStream stream(std::move(ours));
                       stream.exceptions(std::ios::badbit);
                       stream << message << std::flush;
                       check(peer.hear(message.size()) == message, "not what was written");
                       peer.say(two_lines());
                       peer.finish();
                       std::string line;
                       std::getline(stream, line);
                       check(line.substr(0, first.size()) == first, "not what was sent");
                       std::getline(stream, line);
                       check(line == second && !std::getline(stream, line) && stream.eof(), "not the end");
                       check(stream.socket().is_open(), "closed");
                   }});
    all.push_back({"TcpStream: without exceptions",
                   "recv",
                   {},
                   [] {
                       auto [ours, peer] = connected<TcpSocket>();
                       peer.say(two_lines());
                       begin();
                       TcpStream stream(std::move(ours));
                       std::string line;
                       const bool came = static_cast<bool>(std::getline(stream, line));
                       const bool failed = torture_has_failed() != 0 || memory::has_failed();
                       check(came || (failed && stream.bad()), "it failed, and does not say so");
                   },
                   {{"recv", 0, same()}}});
}

} // namespace

void add_lines(Scenarios& all) {
    add_buffer(all);
    add_next(all);
    add_after_a_line(all);
    add_stream_ends(all);
    add_stream_talk(all);
}

} // namespace torture
