/// @file
/// @brief The examples' parts that know no socket: the words of hola_server, and what the screen shows.

#include "../examples/03_hola_adios/words.hpp"
#include "../examples/console.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

/// What is understood of bytes that come in these pieces: h, a, or ? each.
std::string understood(const std::vector<std::string>& pieces) {
    Words words;
    std::string all;
    for (const std::string& piece : pieces) {
        words.append(piece);
        while (const auto word = words.next())
            all += *word == Word::hola ? 'h' : *word == Word::adios ? 'a' : '?';
    }
    return all;
}

} // namespace

TEST_CASE("Words: bare, split, glued, and with line ends") {
    CHECK(understood({"hola", "adios"}) == "ha");
    CHECK(understood({"ho", "la", "a", "dios"}) == "ha");
    CHECK(understood({"h", "o", "l", "a", "a", "d", "i", "o", "s"}) == "ha");
    CHECK(understood({"holaadios"}) == "ha");
    CHECK(understood({"holahola", "holaadi", "os"}) == "hhha");
    CHECK(understood({"hola\r\nadios\n"}) == "ha");
    CHECK(understood({" hola ", "\n", "adios"}) == "ha");
    CHECK(understood({""}) == "");
}

TEST_CASE("Words: anything else is one unknown up to its line end, and what follows is understood again") {
    CHECK(understood({"que tal\nhola"}) == "?h");
    CHECK(understood({"hox", "ola\nadios"}) == "?a");
    CHECK(understood({"xxx", "yyy", "zzz\nhola"}) == "?h");
    CHECK(understood({"xxx", "hola"}) == "?h");
    CHECK(understood({"holo"}) == "?");
}

TEST_CASE("Words: a flood without a line end is one unknown") {
    CHECK(understood(std::vector<std::string>(1000, std::string(1000, 'x'))) == "?");
}

TEST_CASE("quoted: bytes as Python shows them") {
    CHECK(console::quoted("Hello, world") == "b'Hello, world'");
    CHECK(console::quoted("it's") == "b\"it's\"");
    CHECK(console::quoted("it's \"it\"") == "b'it\\'s \"it\"'");
    CHECK(console::quoted(std::string("\0\x7f\n\r\t\\\xc3\xb1", 8)) ==
          "b'\\x00\\x7f\\n\\r\\t\\\\\\xc3\\xb1'");
}

TEST_CASE("Screen: a character that a piece cuts waits for its rest") {
    console::Screen screen;
    CHECK(screen.show("Aqu\xc3") == "Aqu");
    CHECK(screen.show("\xad") == "\xc3\xad");
    CHECK(screen.show("\xf0\x9f") == "");
    CHECK(screen.show("\x98") == "");
    CHECK(screen.show("\x80!") == "\xf0\x9f\x98\x80!");
}

TEST_CASE("Screen: controls and broken UTF-8 are shown as escapes") {
    console::Screen screen;
    CHECK(screen.show("a\x1b[2Jb\x07") == "a\\x1b[2Jb\\x07");
    CHECK(screen.show("\xc2\x9b"
                      "2J") == "\\xc2\\x9b2J");
    CHECK(screen.show("\xff\xc0\xaf\xed\xa0\x80") == "\\xff\\xc0\\xaf\\xed\\xa0\\x80");
    CHECK(screen.show("\xc3(") == "\\xc3(");
    CHECK(screen.show("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
}
