/// @file
/// @brief lines.hpp: lines out of bytes that come in any pieces, of bounded length.

#include "support.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>

using namespace support;

static_assert(!std::is_copy_assignable_v<LineReader>, "it refers to one socket");
static_assert(!std::is_copy_constructible_v<LineReader>,
              "what one of two has received, the other would miss");
static_assert(!std::is_move_constructible_v<LineReader>, "its socket would stay behind");
static_assert(!std::is_move_assignable_v<LineReader>);
static_assert(!std::is_constructible_v<LineReader, TcpSocket>, "the socket must outlive it");

namespace {

std::string text(const std::optional<std::string>& line) { return line ? *line : "(nothing)"; }

} // namespace

TEST_CASE("LineBuffer: \\n and \\r\\n end a line, a bare \\r belongs to it") {
    LineBuffer lines;
    lines.append("uno\ndos\r\n\r\ntr\res\r\r\n\n");
    CHECK(text(lines.next()) == "uno");
    CHECK(text(lines.next()) == "dos");
    CHECK(text(lines.next()) == "");
    CHECK(text(lines.next()) == "tr\res\r");
    CHECK(text(lines.next()) == "");
    CHECK(text(lines.next()) == "(nothing)");
}

TEST_CASE("LineBuffer: a line may come byte by byte, and its end in two pieces") {
    LineBuffer lines;
    for (const char byte : std::string("ho\0la\r\nfin", 10)) {
        lines.append({&byte, 1});
        if (byte == '\n') CHECK(text(lines.next()) == std::string("ho\0la", 5));
        else CHECK(text(lines.next()) == "(nothing)");
    }
    CHECK(lines.rest() == "fin");
    CHECK(lines.rest() == "");
    lines.append("x\n");
    CHECK(text(lines.next()) == "x");
}

TEST_CASE("LineBuffer: the longest line passes, with either end; one byte more is message_size") {
    LineBuffer lines(5);
    lines.append("12345\n12345\r\n");
    CHECK(text(lines.next()) == "12345");
    CHECK(text(lines.next()) == "12345");
    lines.append("12345\r");
    CHECK(text(lines.next()) == "(nothing)"); // it may still be the end
    lines.append("\n123456");
    CHECK(text(lines.next()) == "12345");
    const Error error = error_of([&] { (void)lines.next(); });
    CHECK(error.code() == std::errc::message_size);
    CHECK(error.primitive() == "recv");
}

TEST_CASE("LineBuffer: too long a line is found as soon as max_line + 1 bytes are there, after every earlier "
          "line") {
    LineBuffer lines(3);
    lines.append("a\nb\nabcd");
    CHECK(text(lines.next()) == "a");
    CHECK(text(lines.next()) == "b");
    CHECK(error_of([&] { (void)lines.next(); }).code() == std::errc::message_size);
    CHECK(error_of([&] { (void)lines.next(); }).code() == std::errc::message_size);
}

TEST_CASE("LineBuffer: rest takes what is left, lines or not, whatever next has looked at already") {
    LineBuffer lines;
    CHECK(lines.rest() == "");
    lines.append("uno\ndos\ntres");
    CHECK(text(lines.next()) == "uno");
    CHECK(lines.rest() == "dos\ntres");
    CHECK(lines.rest() == "");
    lines.append("cua");
    CHECK(text(lines.next()) == "(nothing)"); // it has seen that there is no end
    CHECK(lines.rest() == "cua");
    lines.append("x\ny");
    CHECK(text(lines.next()) == "x");
    CHECK(lines.rest() == "y");
}

TEST_CASE(
    "LineReader: split and glued lines arrive as they were meant, and the last one without its end once") {
    Connection ends = patient_connection();
    LineReader reader(ends.server);
    ends.client.send_all("uno\ndo");
    CHECK(text(reader.next()) == "uno");
    ends.client.send_all("s\ntres\r\ncuatro");
    CHECK(text(reader.next()) == "dos");
    CHECK(text(reader.next()) == "tres");
    ends.client.shutdown();
    CHECK(text(reader.next()) == "cuatro");
    CHECK(text(reader.next()) == "(nothing)");
    CHECK(text(reader.next()) == "(nothing)");
}

TEST_CASE("LineReader: a flood without a line end is refused, whatever comes after") {
    Connection ends = patient_connection();
    ends.client.send_all(std::string(9000, 'x'));
    LineReader reader(ends.server);
    CHECK(error_of([&] { (void)reader.next(); }).code() == std::errc::message_size);
}

TEST_CASE("LineReader: a last line without its end has at most max_line bytes too, a \\r being one") {
    for (const std::string last : {"abc", "ab\r", "abc\r", "abcd"}) {
        CAPTURE(last);
        Connection ends = patient_connection();
        ends.client.send_all("123\r\n" + last);
        ends.client.shutdown();
        LineReader reader(ends.server, 3);
        CHECK(text(reader.next()) == "123");
        if (last.size() <= 3) {
            CHECK(text(reader.next()) == last);
            CHECK(text(reader.next()) == "(nothing)");
        } else {
            for (int i = 0; i < 2; ++i)
                CHECK(error_of([&] { (void)reader.next(); }).code() == std::errc::message_size);
        }
    }
}

TEST_CASE("LineReader: what it holds is not lost by a call that fails") {
    Connection ends = patient_connection();
    ends.client.send_all("cabecera\nres");
    ends.client.shutdown();
    LineReader reader(ends.server);
    CHECK(text(reader.next()) == "cabecera");
    CHECK(error_of([&] { (void)reader.recv(0); }).code() == std::errc::invalid_argument);
    for (int i = 0; i < 2; ++i) {
        const Error error = error_of([&] { (void)reader.recv_exactly(5); });
        CHECK(error.code() == std::errc::connection_reset);
        CHECK(std::string(error.what()).find("(the peer ended after 3 of 5 bytes)") != std::string::npos);
    }
    CHECK_THROWS_AS((void)reader.recv_exactly(SIZE_MAX), std::length_error);
    CHECK(reader.recv_exactly(1) == "r");
    ends.server.close(); // what is here can be had all the same
    CHECK(error_of([&] { (void)reader.recv_exactly(3); }).code() == std::errc::bad_file_descriptor);
    CHECK(reader.recv_exactly(2) == "es");
    CHECK(error_of([&] { (void)reader.recv(1); }).code() == std::errc::bad_file_descriptor);
}

TEST_CASE("LineReader: recv and recv_exactly give first what it holds") {
    Connection ends = patient_connection();
    ends.client.send_all("cabecera\n12345678");
    LineReader reader(ends.server);
    CHECK(text(reader.next()) == "cabecera");
    while (ends.server.wait_readable(milliseconds(0))) // all that is there: into the reader
        CHECK(reader.recv(1).size() == 1);
    ends.client.send_all("abc\ndef");
    CHECK(reader.recv_exactly(3).size() == 3);
    CHECK(reader.recv_exactly(0) == "");
    CHECK(error_of([&] { (void)reader.recv(0); }).code() == std::errc::invalid_argument);
    ends.client.shutdown();
    std::string rest;
    for (std::string piece = reader.recv(2); !piece.empty(); piece = reader.recv(2)) rest += piece;
    CHECK(rest.substr(rest.size() - 3) == "def");
    CHECK(text(reader.next()) == "(nothing)");
}

TEST_CASE("LineReader: a body after a header comes whole, however it was cut") {
    Connection ends = patient_connection();
    LineReader reader(ends.server);
    ends.client.send_all("5\nho");
    CHECK(text(reader.next()) == "5");
    ends.client.send_all("la!6\n");
    CHECK(reader.recv_exactly(5) == "hola!");
    CHECK(text(reader.next()) == "6");
    ends.client.send_all("12");
    ends.client.shutdown();
    CHECK(error_of([&] { (void)reader.recv_exactly(3); }).code() == std::errc::connection_reset);
}

TEST_CASE("LineReader: a time limit of the socket holds, and nothing is lost by it") {
    Connection ends = patient_connection();
    LineReader reader(ends.server);
    ends.client.send_all("ho");
    ends.server.set_recv_timeout(soon);
    CHECK(error_of([&] { (void)reader.next(); }).code() == std::errc::timed_out);
    const Error late = error_of([&] { (void)reader.recv_exactly(5); });
    CHECK(late.code() == std::errc::timed_out);
    CHECK(std::string(late.what()).find("(2 of 5 bytes within 100 ms)") != std::string::npos);
    ends.client.send_all("la\n");
    CHECK(text(reader.next()) == "hola");
}

TEST_CASE("LineReader: a time limit that runs out shows what has come, cut and escaped") {
    const auto said_of = [](const std::string& sent) {
        Connection ends = patient_connection();
        LineReader reader(ends.server);
        if (!sent.empty()) {
            ends.client.send_all(sent);
            REQUIRE(ends.server.wait_readable(patience));
        }
        ends.server.set_recv_timeout(soon);
        const Error error = error_of([&] { (void)reader.next(); });
        CHECK(error.code() == std::errc::timed_out);
        CHECK(error.primitive() == "recv");
        const std::string said = error.what();
        const std::string start = "recv from " + ends.client.local_address().to_string() + ": ";
        CHECK(said.rfind(start, 0) == 0);
        const Error again = error_of([&] { (void)reader.next(); }); // nothing of it was lost
        CHECK(again.what() == said);
        return said.substr(said.rfind(" (") + 1);
    };
    CHECK(said_of("") == "(no whole line within 100 ms)");
    CHECK(said_of("O") == "(no whole line within 100 ms; 1 byte so far: \"O\")");
    CHECK(said_of("OK") == "(no whole line within 100 ms; 2 bytes so far: \"OK\")");
    CHECK(said_of("a\r\x1b[2J\"\xc3\xb1") ==
          "(no whole line within 100 ms; 9 bytes so far: \"a\\r\\x1b[2J\\\"\\xc3\\xb1\")");
    const std::string cut = said_of(std::string(5000, 'x'));
    CHECK(cut == "(no whole line within 100 ms; 5000 bytes so far: \"" + std::string(30, 'x') + "\"...)");
}

TEST_CASE("LineReader: rest gives what has come ahead, lines or not, waits for nothing, and once") {
    Connection ends = patient_connection();
    LineReader reader(ends.server);
    CHECK(reader.rest() == "");
    ends.client.send_all("uno\ndos\ntr");
    REQUIRE(ends.server.wait_readable(patience));
    CHECK(reader.rest() == ""); // what the socket still has is not its own
    CHECK(text(reader.next()) == "uno");
    CHECK(reader.rest() == "dos\ntr");
    CHECK(reader.rest() == "");
    ends.client.send_all("es\ncuatro\n"); // from here on the socket has the rest
    CHECK(ends.server.recv_exactly(3) == "es\n");
    CHECK(text(reader.next()) == "cuatro"); // and the reader goes on, if it is asked to
}

TEST_CASE("LineReader: rest may hold any bytes") {
    Connection ends = patient_connection();
    LineReader reader(ends.server);
    ends.client.send_all(std::string("c\n\0\xff\r\n\0", 7));
    REQUIRE(ends.server.wait_readable(patience));
    CHECK(text(reader.next()) == "c");
    CHECK(reader.rest() == std::string("\0\xff\r\n\0", 5));
}

TEST_CASE(
    "LineReader: the socket knows what it holds: an end is no clean one, and the hint names the bytes") {
    Connection ends = patient_connection();
    LineReader reader(ends.server);
    ends.client.send_all("1\nAB");
    ends.client.shutdown();
    CHECK(text(reader.next()) == "1");
    const Error error = error_of([&] { (void)ends.server.recv_exactly(2); });
    CHECK(error.code() == std::errc::connection_reset);
    CHECK(std::string(error.what())
              .find("(the peer ended after 0 of 2 bytes; a LineReader has received 2 more: "
                    "use its recv_exactly)") != std::string::npos);
    CHECK(reader.recv(1) == "A");
    CHECK(std::string(error_of([&] { (void)ends.server.recv_exactly(2); }).what())
              .find("a LineReader has received 1 more") != std::string::npos);
    CHECK(reader.recv_exactly(1) == "B");
    CHECK(error_of([&] { (void)ends.server.recv_exactly(2); }).code() == StreamErrc::ended);
    CHECK(error_of([&] { (void)reader.recv_exactly(2); }).code() == StreamErrc::ended);
}

TEST_CASE("LineReader: a loop over messages of a known length ends by the code, and loses nothing") {
    Connection ends = patient_connection();
    ends.client.send_all("cabecera\n2hola2pues");
    ends.client.shutdown();
    LineReader reader(ends.server);
    CHECK(text(reader.next()) == "cabecera");
    std::string all;
    const Error end = error_of([&] {
        while (true) all += reader.recv_exactly(5).substr(1);
    });
    CHECK(all == "holapues");
    CHECK(end.code() == StreamErrc::ended);
    CHECK(end.what() == "recv from " + ends.client.local_address().to_string() +
                            ": The peer has ended (no message of 5 bytes begins)");
}

TEST_CASE("LineReader: recv of more than an int can say is refused, whether it holds something or not") {
    Connection ends = patient_connection();
    LineReader reader(ends.server);
    const auto too_many = static_cast<std::size_t>(-1);
    CHECK(error_of([&] { (void)reader.recv(too_many); }).code() == std::errc::invalid_argument);
    ends.client.send_all("a\nb");
    REQUIRE(ends.server.wait_readable(patience));
    CHECK(text(reader.next()) == "a");
    CHECK(error_of([&] { (void)reader.recv(too_many); }).code() == std::errc::invalid_argument);
    CHECK(reader.rest() == "b");
}

TEST_CASE("LineReader: the time limit is for the whole line, however slowly it drips") {
    Connection ends = patient_connection();
    LineReader reader(ends.server);
    ends.server.set_recv_timeout(soon);
    std::atomic<bool> enough{false};
    ends.client.send_all("x"); // on a busy machine the thread may begin too late
    auto dripping = std::async(std::launch::async, [&] {
        const auto end = std::chrono::steady_clock::now() + patience;
        while (!enough && std::chrono::steady_clock::now() < end) {
            ends.client.send_all("x");
            (void)ends.client.wait_readable(soon / 10); // nothing comes: only the time goes by
        }
    });
    const Error late = error_of([&] { (void)reader.next(); });
    enough = true;
    dripping.get();
    CHECK(late.code() == std::errc::timed_out);
    CHECK(std::string(late.what()).find("(no whole line within 100 ms; ") != std::string::npos);
    ends.client.send_all("\n");
    CHECK(text(reader.next()).find_first_not_of('x') == std::string::npos); // what dripped is still there
}

TEST_CASE("LineReader: on a socket set non-blocking there may be nothing now, and nothing is lost by it") {
    Connection ends = patient_connection();
    LineReader reader(ends.server);
    ends.client.send_all("ho");
    REQUIRE(ends.server.wait_readable(patience));
    ends.server.set_blocking(false);
    CHECK(error_of([&] { (void)reader.next(); }).code() == std::errc::operation_would_block);
    ends.client.send_all("la\n");
    ends.server.set_blocking(true);
    CHECK(text(reader.next()) == "hola");
    ends.server.close();
    CHECK(error_of([&] { (void)reader.next(); }).code() == std::errc::bad_file_descriptor);
}
