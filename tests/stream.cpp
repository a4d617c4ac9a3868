/// @file
/// @brief stream.hpp: a connection as a std::iostream.

#include "support.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <type_traits>

using namespace support;

static_assert(!std::is_copy_constructible_v<TcpStream> && !std::is_move_constructible_v<TcpStream>);
static_assert(!std::is_copy_assignable_v<TcpStream> && !std::is_move_assignable_v<TcpStream>);
static_assert(std::is_nothrow_destructible_v<TcpStream>);

TEST_CASE("TcpStream: writes and reads as any stream does") {
    Connection ends = patient_connection();
    TcpStream stream(std::move(ends.client));
    stream << "hola " << 42 << ' ' << 1.5 << std::endl;
    CHECK(ends.server.recv_exactly(12) == "hola 42 1.5\n");
    ends.server.send_all("7 palabras\notra linea\n");
    int number = 0;
    std::string word;
    std::string line;
    stream >> number >> word >> std::ws;
    std::getline(stream, line);
    CHECK(number == 7);
    CHECK(word == "palabras");
    CHECK(line == "otra linea");
    CHECK(stream.good());
}

TEST_CASE("TcpStream: reading first sends what waits, so that nobody waits for ever") {
    Connection ends = patient_connection();
    TcpStream stream(std::move(ends.client));
    stream << "pregunta\n"; // not flushed
    CHECK_FALSE(ends.server.wait_readable(milliseconds(0)));
    ends.server.send_all("respuesta\n");
    std::string line;
    std::getline(stream, line);
    CHECK(line == "respuesta");
    CHECK(ends.server.recv_exactly(9) == "pregunta\n");
}

TEST_CASE("TcpStream: the end of the object sends what waits") {
    Connection ends = patient_connection();
    { TcpStream(std::move(ends.client)) << "adios"; }
    CHECK(ends.server.recv_exactly(5) == "adios");
    CHECK(ends.server.recv(1) == "");
}

TEST_CASE("TcpStream: the end of the object sends what waits, also after a >> that has failed") {
    Connection ends = patient_connection();
    {
        TcpStream stream(std::move(ends.client));
        ends.server.send_all("no numero\n");
        std::string word;
        stream >> word;
        stream << "adios";
        int number = 0;
        stream >> number;
        CHECK(stream.fail());
    }
    CHECK(ends.server.recv_exactly(5) == "adios");
    CHECK(ends.server.recv(1) == "");
}

TEST_CASE("TcpStream: the peer's end sets eofbit and no badbit") {
    Connection ends = patient_connection();
    TcpStream stream(std::move(ends.client));
    ends.server.send_all("fin");
    ends.server.close();
    std::string line;
    CHECK(std::getline(stream, line));
    CHECK(line == "fin");
    CHECK_FALSE(std::getline(stream, line));
    CHECK(stream.eof());
    CHECK_FALSE(stream.bad());
}

TEST_CASE("TcpStream: other trouble sets badbit, and with exceptions(badbit) the very Error is thrown") {
    Connection ends = patient_connection();
    TcpStream stream(std::move(ends.client));
    stream.socket().set_recv_timeout(soon);
    CHECK(stream.get() == std::char_traits<char>::eof());
    CHECK(stream.bad());
    stream.clear();
    stream.exceptions(std::ios::badbit);
    CHECK(error_of([&] { (void)stream.get(); }).code() == std::errc::timed_out);
    stream.exceptions(std::ios::goodbit);
    stream.clear();
    ends.server.send_all("x");
    CHECK(stream.get() == 'x');
}

TEST_CASE("TcpStream: a host that is none is an Error, and so is a port") {
    CHECK(error_of([] { TcpStream("http://localhost", 80); }).primitive() == "address");
    CHECK(error_of([] { TcpStream("127.0.0.1", 65536); }).primitive() == "address");
}

TEST_CASE("TcpStream: unget goes back 16 bytes, also over the place where the next ones came") {
    Connection ends = patient_connection();
    TcpStream stream(std::move(ends.client));
    const std::string first = "0123456789abcdefghij";
    for (const std::string& piece : {first, std::string("K"), std::string("LM")}) {
        ends.server.send_all(piece);
        for (const char byte : piece) CHECK(stream.get() == byte);
    }
    for (int round = 0; round < 2; ++round) {
        // Of what came before the last piece, 16 bytes are kept; of that piece everything is there.
        for (int i = 0; i < 18; ++i) CHECK(stream.unget());
        std::string back;
        for (int i = 0; i < 18; ++i) back += static_cast<char>(stream.get());
        CHECK(back == "56789abcdefghijKLM");
    }
    for (int i = 0; i < 18; ++i) CHECK(stream.unget());
    CHECK_FALSE(stream.unget());
    CHECK(stream.bad());
    stream.clear();
    CHECK(stream.get() == '5');
    CHECK(stream.putback('5'));
    ends.server.close();
    std::string rest;
    for (int byte = stream.get(); byte != std::char_traits<char>::eof(); byte = stream.get())
        rest += static_cast<char>(byte);
    CHECK(rest == "56789abcdefghijKLM");
}

TEST_CASE("TcpStream: unget after the peer's end, and after a recv that failed") {
    Connection ends = patient_connection();
    TcpStream stream(std::move(ends.client));
    ends.server.send_all("ab");
    CHECK(stream.get() == 'a');
    CHECK(stream.get() == 'b');
    stream.socket().set_recv_timeout(soon);
    CHECK(stream.get() == std::char_traits<char>::eof());
    CHECK(stream.bad());
    stream.clear();
    CHECK(stream.unget());
    CHECK(stream.unget());
    CHECK(stream.get() == 'a');
    CHECK(stream.get() == 'b');
    ends.server.close();
    CHECK(stream.get() == std::char_traits<char>::eof());
    CHECK_FALSE(stream.bad());
    stream.clear();
    CHECK(stream.unget());
    CHECK(stream.get() == 'b');
}

TEST_CASE("TcpStream: a connect that fails is an Error") {
    const int port = TcpListener(Address::loopback(0)).local_address().port();
    CHECK(error_of([&] { TcpStream("127.0.0.1", port); }).code() == std::errc::connection_refused);
}

TEST_CASE("TcpStream: the destructor throws nothing, even if the peer has vanished and exceptions are on") {
    Connection ends = patient_connection();
    {
        TcpStream stream(std::move(ends.client));
        stream.exceptions(std::ios::badbit | std::ios::failbit | std::ios::eofbit);
        reset(ends.server);
        stream << "a nadie";
        stream.socket().close();
    }
    CHECK(true);
}

TEST_CASE("TcpStream: a megabyte of any bytes passes through the buffers unchanged") {
    Connection ends = patient_connection();
    std::string bytes(1 << 20, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 + i / 251);
    TcpStream stream(std::move(ends.client));
    std::string back;
    for (std::size_t done = 0; done < bytes.size(); done += 10000) {
        stream << bytes.substr(done, 10000) << std::flush;
        back += ends.server.recv_exactly(std::min<std::size_t>(10000, bytes.size() - done));
    }
    CHECK(back == bytes);
}
