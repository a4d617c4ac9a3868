// The chat of the examples, without a socket: who is told what after each message, and what a screen gets to see.

#include "../examples/07_chat/chat.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <map>
#include <new>
#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using chat::Outcome;
using chat::printable;
using chat::Room;

static_assert(std::is_default_constructible_v<Room>);
static_assert(chat::longest_name == 32 && chat::longest_line == 4096);

namespace {

long allocations = 0;
long allowed = -1; // so many more before there is no memory left; -1: any number

} // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (allowed == 0) throw std::bad_alloc();
    if (allowed > 0) --allowed;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

const std::string not_valid = "Nombre no válido: de 1 a 32 caracteres que se vean, sin guion (-) ni < >";
const std::string usage = "<Servidor>: Se escribe :p-nombre-mensaje";

/// An outcome as one text: `1 2> what both get`, `# a line on the server's screen`, `ends`.
std::string told(const Outcome& outcome) {
    std::string text;
    for (const chat::Letter& letter : outcome.letters) {
        std::string to;
        for (const chat::Id id : letter.to) to += (to.empty() ? "" : " ") + std::to_string(id);
        text += to + "> " + letter.text + "\n";
    }
    for (const std::string& line : outcome.screen) text += "# " + line + "\n";
    return text + (outcome.ends ? "ends\n" : "");
}

/// Luciano is 1, Samuel 2, Ana 3; 4 is connected and has no name.
Room with_three() {
    Room room;
    room.enter(1, "127.0.0.1", 62934);
    room.enter(2, "127.0.0.1", 62935);
    room.enter(3, "::1", 5000);
    room.enter(4, "127.0.0.1", 62937);
    room.hear(1, "Luciano");
    room.hear(2, "Samuel");
    room.hear(3, "Ana");
    return room;
}

/// What somebody is answered who asks for this name, when Luciano is there.
std::string answer_to_name(const std::string& name) {
    Room room;
    room.enter(1, "127.0.0.1", 62934);
    room.hear(1, "Luciano");
    room.enter(2, "127.0.0.1", 62935);
    const Outcome outcome = room.hear(2, name);
    REQUIRE(!outcome.letters.empty());
    CHECK(outcome.letters[0].to == std::vector<chat::Id>{2});
    CHECK(outcome.letters.size() == (outcome.letters[0].text == "no" ? 2 : 1));
    CHECK(outcome.screen.size() == (outcome.letters[0].text == "no" ? 1 : 0));
    CHECK(!outcome.ends);
    return outcome.letters[0].text;
}

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

std::string utf8(char32_t code) {
    const auto byte = [](char32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
    if (code < 0x80) return {byte(code)};
    if (code < 0x800) return {byte(0xc0 | code >> 6), byte(0x80 | (code & 0x3f))};
    if (code < 0x10000)
        return {byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f))};
    return {byte(0xf0 | code >> 18), byte(0x80 | (code >> 12 & 0x3f)), byte(0x80 | (code >> 6 & 0x3f)),
            byte(0x80 | (code & 0x3f))};
}

std::vector<char32_t> all_codes() {
    std::vector<char32_t> codes;
    for (char32_t code = 0; code <= 0x10ffff; ++code)
        if (code < 0xd800 || code > 0xdfff) codes.push_back(code);
    return codes;
}

bool is_control(char32_t code) {
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x61c || code == 0x200e ||
           code == 0x200f || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/// Well-formed UTF-8 without anything that moves the cursor.
bool is_harmless(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const int size = console::character_size(text, at);
        if (size <= 0) return false;
        at += static_cast<std::size_t>(size);
    }
    static const std::vector<std::string> controls = [] {
        std::vector<std::string> all;
        for (const char32_t code : all_codes())
            if (is_control(code)) all.push_back(utf8(code));
        return all;
    }();
    return std::none_of(controls.begin(), controls.end(),
                        [&](const std::string& control) { return text.find(control) != std::string::npos; });
}

/// As the server or a client shows it.
void check_row(const std::string& row) {
    CAPTURE(row);
    REQUIRE(is_harmless(row));
    REQUIRE(printable(row) == row);
}

/// Bytes in which controls, beginnings and parts of UTF-8 characters and the chat's own signs are frequent.
std::string random_bytes(std::mt19937& random, std::size_t longest) {
    static const char* const pieces[] = {"\x1b[2J",
                                         "\n",
                                         "\r",
                                         "\t",
                                         "\x7f",
                                         "\xc2\x85",
                                         "\xc2\x9b",
                                         "\xd8\x9c",
                                         "\xe2\x80\xae",
                                         "\xe2\x81\xa9",
                                         "\xe2\x80\xa8",
                                         "ñ",
                                         "€",
                                         "😀",
                                         "\xc3",
                                         "\xe2\x82",
                                         "\xf0\x9f",
                                         "\xf0\x9f\x98",
                                         "\xed\xa0\x80",
                                         "\xc0\xaf",
                                         "\xff",
                                         "\\x1b",
                                         "-",
                                         "<",
                                         ">",
                                         ":",
                                         " "};
    std::string bytes;
    const std::size_t count = random() % (longest + 1);
    while (bytes.size() < count) {
        if (random() % 2 == 0) bytes += static_cast<char>(static_cast<unsigned char>(random() % 256));
        else bytes += pieces[random() % std::size(pieces)];
    }
    return bytes;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines(1);
    for (const char byte : text) {
        if (byte == '\n') lines.emplace_back();
        else lines.back() += byte;
    }
    return lines;
}

/// Letters go only to those who are there, from others only to those with a name; and nothing does harm.
void check_outcome(const Outcome& outcome, chat::Id from, const std::map<chat::Id, bool>& has_name) {
    for (const chat::Letter& letter : outcome.letters) {
        REQUIRE(!letter.to.empty());
        for (const chat::Id id : letter.to) {
            REQUIRE(has_name.count(id) != 0);
            REQUIRE((id == from || has_name.at(id)));
        }
        for (const std::string& row : lines_of(letter.text)) check_row(row);
    }
    for (const std::string& row : outcome.screen) check_row(row);
}

} // namespace

// --- printable ----------------------------------------------------------------------------------------

TEST_CASE("printable: text stays as it is") {
    for (const char* text : {"", "Hola", "¿Cómo estás, ñandú?", "日本語", "😀", "👨‍👩‍👧", "a\\x1b",
                             "C:\\temp", "a\u00a0b", "\ufeffHola", "\ufffd", "~", " "}) {
        CAPTURE(text);
        CHECK(printable(text) == text);
    }
}

TEST_CASE("printable: what moves the cursor, ends a line or turns the text round becomes an escape") {
    const std::vector<std::pair<std::string, std::string>> escapes = {
        {std::string(1, '\0'), "\\x00"},
        {"\x1b[31mrojo", "\\x1b[31mrojo"},
        {"\a\b\v\f", R"(\x07\x08\x0b\x0c)"},
        {"a\tb\nc\rd", R"(a\tb\nc\rd)"},
        {"\x1f\x7f", "\\x1f\\x7f"},
        {"\u0080\u0085\u009b\u009f", R"(\u0080\u0085\u009b\u009f)"},
        {"\u061c", "\\u061c"},
        {"\u200e\u200f", "\\u200e\\u200f"},
        {"\u2028\u2029", "\\u2028\\u2029"},
        {"\u202a\u202e", "\\u202a\\u202e"},
        {"\u2066\u2069", "\\u2066\\u2069"},
    };
    for (const auto& pair : escapes) {
        const auto& [bytes, shown] = pair;
        CAPTURE(pair.second);
        CHECK(printable(bytes) == shown);
    }
}

TEST_CASE("printable: broken UTF-8 is replaced as Python's errors=\"replace\" does") {
    const std::vector<std::pair<std::string, std::string>> replaced = {
        {"\xff", "\ufffd"},
        {"\x80", "\ufffd"},
        {"\xc0\xaf", "\ufffd\ufffd"},
        {"\xc1\xbf", "\ufffd\ufffd"},
        {"\xc3", "\ufffd"},
        {"\xc3(", "\ufffd("},
        {"\xc3\xc3\xb1", "\ufffd\u00f1"},
        {"\xc3\xb1\xb1", "\u00f1\ufffd"},
        {"\xe2\x82", "\ufffd"},
        {"\xe2\x82(", "\ufffd("},
        {"\xe2(\xa1", "\ufffd(\ufffd"},
        {"\xe2\x82\xe2\x82\xac", "\ufffd\u20ac"},
        {"\xe0\x80\x80", "\ufffd\ufffd\ufffd"},
        {"\xe0\x9f\xbf", "\ufffd\ufffd\ufffd"},
        {"\xed\xa0\x80", "\ufffd\ufffd\ufffd"},
        {"\xed\xbf\xbf", "\ufffd\ufffd\ufffd"},
        {"\xef\xbf", "\ufffd"},
        {"\xf0\x90\xc3\xb1", "\ufffd\u00f1"},
        {"\xf0\x9f\x98", "\ufffd"},
        {"\xf0\x9f\x98x", "\ufffdx"},
        {"\xf0\x9f\xf0\x9f\x98\x80", "\ufffd\U0001f600"},
        {"\xf0\x80\x80\x80", "\ufffd\ufffd\ufffd\ufffd"},
        {"\xf0\x8f\xbf\xbf", "\ufffd\ufffd\ufffd\ufffd"},
        {"\xf4\x8f\xbf", "\ufffd"},
        {"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"},
        {"\xf5\x80\x80\x80", "\ufffd\ufffd\ufffd\ufffd"},
        {"\xf8\x88\x80\x80\x80", "\ufffd\ufffd\ufffd\ufffd\ufffd"},
        {"\xfe\xff", "\ufffd\ufffd"},
        {"x\x80y\x80\x80z", "x\ufffdy\ufffd\ufffdz"},
        {"\xf1\x80\x80\xf1\x80\xf1\xe2\x82\xc3x", "\ufffd\ufffd\ufffd\ufffd\ufffdx"},
    };
    for (const auto& pair : replaced) {
        const auto& [bytes, shown] = pair;
        CAPTURE(pair.second);
        CHECK(printable(bytes) == shown);
    }
}

TEST_CASE("printable: every character alone") {
    int wrong = 0;
    for (const char32_t code : all_codes()) {
        const std::string bytes = utf8(code);
        const std::string shown = printable(bytes);
        if (is_control(code) ? shown.front() != '\\' || !is_harmless(shown) : shown != bytes) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("printable: whatever comes, what is shown does no harm, and shown again it is the same") {
    std::mt19937 random(9998);
    for (int i = 0; i < 10000; ++i) check_row(printable(random_bytes(random, 40)));
}

// --- the name -----------------------------------------------------------------------------------------

TEST_CASE("enter: the newcomer is greeted, and nobody else hears of it") {
    Room room = with_three();
    CHECK(told(room.enter(5, "127.0.0.1", 62938)) == "5> Welcome to the best chat in the universe!\n");
}

TEST_CASE("name: accepted, and those who have one are told") {
    Room room;
    room.enter(1, "127.0.0.1", 62934);
    room.enter(2, "127.0.0.1", 62935);
    CHECK(told(room.hear(1, "Luciano")) == "1> no\n"
                                           "# [SERVER] Cliente <Luciano,62934> conectado!\n");
    CHECK(told(room.hear(2, "Samuel")) == "2> no\n"
                                          "1> <Servidor>: Samuel se ha conectado\n"
                                          "# [SERVER] Cliente <Samuel,62935> conectado!\n");
    CHECK(told(room.hear(1, "Hola")) == "2> <Luciano>: Hola\n"
                                        "# [Luciano]: Hola\n");
}

TEST_CASE("name: a newcomer without one keeps nobody waiting") {
    Room room;
    room.enter(1, "127.0.0.1", 62934);
    room.enter(2, "127.0.0.1", 62935);
    room.enter(3, "127.0.0.1", 62936);
    room.hear(3, "Ana");
    room.hear(2, "Samuel");
    CHECK(told(room.hear(3, "Hola")) == "2> <Ana>: Hola\n# [Ana]: Hola\n");
    CHECK(told(room.hear(1, "Luciano")) == "1> no\n"
                                           "3 2> <Servidor>: Luciano se ha conectado\n"
                                           "# [SERVER] Cliente <Luciano,62934> conectado!\n");
}

TEST_CASE("name: in use, and asked again until it is not") {
    Room room = with_three();
    CHECK(told(room.hear(4, "Samuel")) == "4> yes\n");
    CHECK(told(room.hear(4, " Ana ")) == "4> yes\n");
    CHECK(told(room.hear(4, "a-b")) == "4> " + not_valid + "\n");
    CHECK(told(room.hear(4, "Servidor")) == "4> yes\n");
    CHECK(told(room.hear(4, "samuel")) == "4> no\n"
                                          "1 2 3> <Servidor>: samuel se ha conectado\n"
                                          "# [SERVER] Cliente <samuel,62937> conectado!\n");
}

TEST_CASE("name: the spaces around it do not belong to it") {
    Room room = with_three();
    CHECK(told(room.hear(4, "  Juan Luis  ")) == "4> no\n"
                                                 "1 2 3> <Servidor>: Juan Luis se ha conectado\n"
                                                 "# [SERVER] Cliente <Juan Luis,62937> conectado!\n");
}

TEST_CASE("name: nobody may be the server") {
    for (const char* name : {"Servidor", "SERVER", "servidor", "SERVIDOR", "server", "sErVeR", " Server "}) {
        CAPTURE(name);
        CHECK(answer_to_name(name) == "yes");
    }
    for (const char* name : {"Servidora", "El Servidor", "Serv"}) CHECK(answer_to_name(name) == "no");
}

TEST_CASE("name: 1 to 32 characters, however many bytes each has") {
    for (const char* letter : {"a", "ñ", "€", "😀"}) {
        CAPTURE(letter);
        CHECK(answer_to_name(letter) == "no");
        CHECK(answer_to_name(repeated(letter, 32)) == "no");
        CHECK(answer_to_name("  " + repeated(letter, 32) + "  ") == "no");
        CHECK(answer_to_name(repeated(letter, 33)) == not_valid);
    }
    for (const char* name : {"", " ", "     "}) CHECK(answer_to_name(name) == not_valid);
    CHECK(answer_to_name(std::string(4096, 'a')) == not_valid);
}

TEST_CASE("name: what may be in it") {
    for (const char* name :
         {"José Ñuñoa", "O'Higgins", "日本", "Ана", "a_b.c", "no", "yes", ":)", "x:q", "\ufffd"})
        CHECK(answer_to_name(name) == "no");
    for (const char* name : {"-", "a-b", "-a", "a-", "<", "a<b", "a>", "<Ana>", "\xff", "Ana\xc3",
                             "\xed\xa0\x80", "Ana\t", "\tAna", "a\x1b[2Jb", "a\nb", "Ana\r"}) {
        CAPTURE(printable(name));
        CHECK(answer_to_name(name) == not_valid);
    }
    CHECK(answer_to_name(std::string("a\0b", 3)) == not_valid);
}

// Unicode's controls, spaces and Default_Ignorable_Code_Point, U+FFF9 to U+FFFB, and the blank of Braille.
TEST_CASE("name: nothing that could be overlooked") {
    const std::vector<std::pair<char32_t, char32_t>> ranges = {
        {0, 0x1f},          {0x7f, 0xa0},       {0xad, 0xad},     {0x34f, 0x34f},   {0x61c, 0x61c},
        {0x115f, 0x1160},   {0x1680, 0x1680},   {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x2000, 0x200f},
        {0x2028, 0x202f},   {0x205f, 0x206f},   {0x2800, 0x2800}, {0x3000, 0x3000}, {0x3164, 0x3164},
        {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
        {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}, {U'-', U'-'},     {U'<', U'<'},     {U'>', U'>'}};
    int wrong = 0;
    for (const char32_t code : all_codes()) {
        const bool refused = std::any_of(ranges.begin(), ranges.end(), [code](const auto& range) {
            return code >= range.first && code <= range.second;
        });
        if (chat::is_name("a" + utf8(code) + "b") == refused) ++wrong;
    }
    CHECK(wrong == 0);
    CHECK(answer_to_name("Luciano\u200b") == not_valid);
    CHECK(answer_to_name("\u202eoiculL") == not_valid);
}

TEST_CASE("name: :q without one leaves") {
    Room room = with_three();
    CHECK(told(room.hear(4, ":q")) == "4> <Servidor>: Te has desconectado. Vuelve pronto!\nends\n");
    CHECK(room.size() == 3);
    CHECK(told(room.leave(4)).empty());
    room.enter(5, "127.0.0.1", 62938);
    CHECK(told(room.hear(5, " :q ")) == "5> <Servidor>: Te has desconectado. Vuelve pronto!\nends\n");
}

TEST_CASE("name: whoever has none gets no answer to a command, only asks for a strange name") {
    CHECK(answer_to_name(":p-Luciano-hola") == not_valid);
    CHECK(answer_to_name(":h") == "no");
}

TEST_CASE("name: it is free again once its owner has left") {
    Room room = with_three();
    room.leave(2);
    CHECK(told(room.hear(4, "Samuel")).substr(0, 6) == "4> no\n");
    room.hear(4, ":q");
    room.enter(5, "127.0.0.1", 62938);
    CHECK(told(room.hear(5, "Samuel")).substr(0, 6) == "5> no\n");
}

// --- messages -----------------------------------------------------------------------------------------

TEST_CASE("message: everybody else who has a name gets it, in one letter") {
    Room room = with_three();
    CHECK(told(room.hear(1, "Hola")) == "2 3> <Luciano>: Hola\n# [Luciano]: Hola\n");
    CHECK(told(room.hear(3, "Cómo estás?")) == "1 2> <Ana>: Cómo estás?\n# [Ana]: Cómo estás?\n");
}

TEST_CASE("message: who is alone talks to the server's screen") {
    Room room;
    room.enter(1, "127.0.0.1", 62934);
    room.hear(1, "Luciano");
    room.enter(2, "127.0.0.1", 62935);
    CHECK(told(room.hear(1, "Hola")) == "# [Luciano]: Hola\n");
}

TEST_CASE("message: an empty one is none, spaces are one") {
    Room room = with_three();
    CHECK(told(room.hear(1, "")).empty());
    CHECK(told(room.hear(1, "  ")) == "2 3> <Luciano>:   \n# [Luciano]:   \n");
}

TEST_CASE("message: what only looks like a command is a message") {
    Room room = with_three();
    for (const std::string text :
         {":", ":)", ":D", ":hola", ":q ", " :q", ":H", ":Q", ":h:h", ":ii", ":address", ":p", ":pSamuel",
          "::p-Samuel-x", "Holaaaa :D", "no", "yes", "-", "<Servidor>: Hola"}) {
        CAPTURE(text);
        const Outcome outcome = room.hear(2, text);
        CHECK(outcome.letters.at(0).text == "<Samuel>: " + text);
        CHECK(outcome.screen.at(0) == "[Samuel]: " + text);
    }
}

TEST_CASE("message: arrives printable") {
    Room room = with_three();
    CHECK(told(room.hear(1, "a\x1b[2J\xff\nb")) == "2 3> <Luciano>: a\\x1b[2J\ufffd\\nb\n"
                                                   "# [Luciano]: a\\x1b[2J\ufffd\\nb\n");
}

// --- commands -----------------------------------------------------------------------------------------

TEST_CASE(":q: a goodbye, the others are told, and what comes later changes nothing") {
    Room room = with_three();
    CHECK(told(room.hear(2, ":q")) == "2> <Servidor>: Te has desconectado. Vuelve pronto!\n"
                                      "1 3> <Servidor>: Samuel se ha desconectado\n"
                                      "# El usuario <Samuel,62935> solicitó desconectarse del chat\n"
                                      "ends\n");
    CHECK(room.size() == 3);
    CHECK(told(room.leave(2, "timeout")).empty());
    CHECK(told(room.hear(2, "Hola")).empty());
    CHECK(told(room.hear(1, "Hola")) == "3> <Luciano>: Hola\n# [Luciano]: Hola\n");
}

TEST_CASE(":h: the five lines of figure 11") {
    Room room = with_three();
    CHECK(told(room.hear(2, ":h")) == "2> <Servidor>: Los comandos disponibles son\n"
                                      "\n"
                                      "      :q = Desconectarse del chat\n"
                                      "      :h = Mostrar comandos\n"
                                      "      :i = Usuarios conectados\n"
                                      "      :add = Identificador interno\n"
                                      "      :p-name-msg = Envía mensaje privado msg a name\n"
                                      "# El usuario <Samuel,62935> solicitó los comandos del chat\n");
}

TEST_CASE(":i: who has a name, in order of arrival") {
    Room room = with_three();
    CHECK(told(room.hear(2, ":i")) == "2> <Servidor>:\n"
                                      "Los usuarios disponibles son\n"
                                      "      Luciano    127.0.0.1:62934\n"
                                      "      Samuel     127.0.0.1:62935\n"
                                      "      Ana        [::1]:5000\n"
                                      "# El usuario <Samuel,62935> solicitó la lista de usuarios\n");
    room.leave(1);
    room.enter(0, "10.0.0.7", 62935);
    room.hear(0, "Ñandú 😀");
    CHECK(told(room.hear(3, ":i")) == "3> <Servidor>:\n"
                                      "Los usuarios disponibles son\n"
                                      "      Samuel     127.0.0.1:62935\n"
                                      "      Ana        [::1]:5000\n"
                                      "      Ñandú 😀    10.0.0.7:62935\n"
                                      "# El usuario <Ana,5000> solicitó la lista de usuarios\n");
}

TEST_CASE(":i: whoever comes or goes is in the list, or not in it any more, from then on") {
    Room room = with_three();
    const auto listed = [&](const std::string& name) {
        return room.hear(2, ":i").letters.at(0).text.find("\n      " + name + " ") != std::string::npos;
    };
    CHECK(listed("Luciano"));
    CHECK(!listed("Eva"));
    room.hear(4, "Eva");
    CHECK(listed("Eva"));
    room.leave(1);
    CHECK(!listed("Luciano"));
    room.hear(4, ":q");
    CHECK(!listed("Eva"));
    room.enter(4, "127.0.0.1", 62937);
    room.hear(4, "Luciano"); // the name of somebody else, at another place
    CHECK(told(room.hear(2, ":i")).find("Luciano    127.0.0.1:62937\n") != std::string::npos);
}

TEST_CASE(":i: asking again costs next to nothing, however many are there") {
    Room room;
    for (chat::Id id = 0; id < 300; ++id) {
        room.enter(id, "127.0.0.1", 40000);
        room.hear(id, "u" + std::to_string(id));
    }
    const Outcome first = room.hear(7, ":i");
    const long before = allocations;
    const Outcome again = room.hear(7, ":i");
    CHECK(allocations - before < 30);
    CHECK(told(again) == told(first));
}

TEST_CASE("hear: when memory runs out nothing has happened, and the same can be said again") {
    const std::pair<chat::Id, std::string> messages[] = {{4, "Somebody with a long name"},
                                                         {4, ":q"},
                                                         {2, ":q"},
                                                         {2, ":i"},
                                                         {2, ":h"},
                                                         {2, ":add"},
                                                         {2, ":p-Ana-a private message"},
                                                         {2, "a message to all of them"}};
    for (const auto& entry : messages) {
        const auto& who = entry.first;
        const auto& line = entry.second;
        CAPTURE(line);
        Room expected = with_three();
        const std::string outcome = told(expected.hear(who, line));
        bool whole = false;
        for (long left = 0; !whole; ++left) {
            Room room = with_three();
            const std::string before = told(Room(room).hear(3, ":i"));
            allowed = left;
            try {
                const Outcome done = room.hear(who, line);
                whole = true;
                allowed = -1;
                CHECK(told(done) == outcome);
            } catch (const std::bad_alloc&) {
                allowed = -1;
                CHECK(told(Room(room).hear(3, ":i")) == before);
                CHECK(told(room.hear(who, line)) == outcome);
            }
            CHECK(told(room.hear(3, ":i")) == told(expected.hear(3, ":i")));
        }
    }
}

TEST_CASE(":add: the machine and the port") {
    Room room = with_three();
    CHECK(told(room.hear(1, ":add")) == "1> Tu identificador es 127.0.0.1:62934\n"
                                        "# El usuario <Luciano,62934> solicitó su identificador\n");
    CHECK(told(room.hear(3, ":add")) == "3> Tu identificador es [::1]:5000\n"
                                        "# El usuario <Ana,5000> solicitó su identificador\n");
    room.enter(5, "a\x1b", 1);
    room.hear(5, "Eva");
    CHECK(room.hear(5, ":add").letters.at(0).text == R"(Tu identificador es a\x1b:1)");
}

TEST_CASE(":p: one reads it, and the screen does not show it") {
    Room room = with_three();
    CHECK(told(room.hear(1, ":p-Samuel-Estudemos principios")) ==
          "2> <Mensaje privado de: Luciano>: Estudemos principios\n"
          "# El usuario <Luciano> ha enviado un mensaje privado a <Samuel>\n");
}

TEST_CASE(":p: the first - ends the name, the message may have more") {
    Room room = with_three();
    const std::string screen = "# El usuario <Luciano> ha enviado un mensaje privado a <Ana>\n";
    for (const std::string text : {"a-b", "-", "--x", " ", ":q", ":p-Samuel-hola"}) {
        CAPTURE(text);
        const Outcome outcome = room.hear(1, ":p-Ana-" + text);
        CHECK(outcome.letters.at(0).to == std::vector<chat::Id>{3});
        CHECK(outcome.letters.at(0).text == "<Mensaje privado de: Luciano>: " + text);
        CHECK("# " + outcome.screen.at(0) + "\n" == screen);
    }
    CHECK(told(room.hear(1, ":p- Ana -hola")) == "3> <Mensaje privado de: Luciano>: hola\n" + screen);
}

TEST_CASE(":p: to oneself") {
    Room room = with_three();
    CHECK(told(room.hear(1, ":p-Luciano-hola")) ==
          "1> <Mensaje privado de: Luciano>: hola\n"
          "# El usuario <Luciano> ha enviado un mensaje privado a <Luciano>\n");
}

TEST_CASE(":p: arrives printable") {
    Room room = with_three();
    CHECK(told(room.hear(1, ":p-Samuel-\x1b]0;x\a\xc3")) ==
          "2> <Mensaje privado de: Luciano>: \\x1b]0;x\\x07\ufffd\n"
          "# El usuario <Luciano> ha enviado un mensaje privado a <Samuel>\n");
}

TEST_CASE(":p: to whom it is meant, whoever has left before") {
    Room room = with_three();
    room.leave(1);
    CHECK(told(room.hear(3, ":p-Samuel-hola")) ==
          "2> <Mensaje privado de: Ana>: hola\n"
          "# El usuario <Ana> ha enviado un mensaje privado a <Samuel>\n");
    room.enter(9, "127.0.0.1", 62940);
    room.hear(9, "Luciano");
    CHECK(told(room.hear(3, ":p-Luciano-hola")) ==
          "9> <Mensaje privado de: Ana>: hola\n"
          "# El usuario <Ana> ha enviado un mensaje privado a <Luciano>\n");
}

TEST_CASE(":p: to nobody there") {
    Room room = with_three();
    room.leave(2);
    const std::vector<std::pair<std::string, std::string>> unknown = {
        {"Samuel", "Samuel"}, // he has left
        {"ana", "ana"},
        {"Servidor", "Servidor"},
        {"a\x1b[2J\xff", "a\\x1b[2J\ufffd"},
        {repeated("ñ", 32), repeated("ñ", 32)},
        {repeated("ñ", 33), repeated("ñ", 32) + "..."},
        {std::string(4000, 'a'), std::string(32, 'a') + "..."},
        {std::string(9, '\n'), repeated("\\n", 9)},
    };
    for (const auto& pair : unknown) {
        const auto& [wanted, shown] = pair;
        CAPTURE(pair.second);
        CHECK(told(room.hear(1, ":p-" + wanted + "-hola")) ==
              "1> Usuario no conectado\n"
              "# El usuario <Luciano> ha enviado un mensaje privado a <" +
                  shown + ">\n");
    }
}

TEST_CASE(":p: without a name or a message it is explained") {
    Room room = with_three();
    for (const char* line : {":p-", ":p--", ":p-Samuel", ":p-Samuel-", ":p--hola", ":p- -hola", ":p---"}) {
        CAPTURE(line);
        CHECK(told(room.hear(1, line)) == "1> " + usage + "\n");
    }
}

// --- leaving ------------------------------------------------------------------------------------------

TEST_CASE("leave: the others are told, and the screen says why") {
    Room room = with_three();
    CHECK(told(room.leave(1)) == "2 3> <Servidor>: Luciano se ha desconectado\n"
                                 "# [SERVER] Cliente <Luciano,62934> desconectado\n");
    CHECK(told(room.leave(3, "recv: reset\n")) ==
          "2> <Servidor>: Ana se ha desconectado\n"
          "# [SERVER] Cliente <Ana,5000> desconectado: recv: reset\\n\n");
    CHECK(told(room.leave(2)) == "# [SERVER] Cliente <Samuel,62935> desconectado\n");
    CHECK(room.size() == 1);
}

TEST_CASE("leave: without a name, twice, or never there: nothing") {
    Room room = with_three();
    CHECK(told(room.leave(4, "reset")).empty());
    room.leave(1);
    CHECK(told(room.leave(1)).empty());
    CHECK(told(room.leave(77)).empty());
    CHECK(told(room.hear(77, "Hola")).empty());
    CHECK(told(room.hear(4, "Hola")).empty());
    CHECK(room.size() == 2);
}

TEST_CASE("size: everybody connected, with and without a name") {
    Room room;
    CHECK(room.size() == 0);
    room.enter(1, "127.0.0.1", 62934);
    CHECK(room.size() == 1);
    room.hear(1, "Luciano");
    CHECK(room.size() == 1);
    room.leave(1);
    CHECK(room.size() == 0);
}

// --- for the server -----------------------------------------------------------------------------------

TEST_CASE("words: what the server says by itself") {
    CHECK(std::string(chat::too_long) == "<Servidor>: Mensaje demasiado largo (más de 4096 bytes)");
    CHECK(std::string(chat::full) == "<Servidor>: El chat está lleno");
    CHECK(std::string(chat::does_not_read) == "no lee lo que se le envía");
    CHECK(std::string(chat::sent_too_much) == "mensaje demasiado largo");
}

TEST_CASE("longest_answer: no line to a client is longer") {
    Room room;
    const std::string long_host(45, 'f'); // as long as an IPv6 address may be
    room.enter(1, ":" + long_host, 65535);
    room.enter(2, ":" + long_host, 65535);
    room.hear(1, repeated("😀", 32));
    room.hear(2, repeated("🎈", 32));
    std::size_t longest = 0;
    for (const char* worst : {"\x1b", "\xff", "\u0085", "\u202e", "😀"}) {
        for (const std::string& before : {std::string(), ":p-" + repeated("🎈", 32) + "-"}) {
            std::string line = before;
            while (line.size() + std::string(worst).size() <= chat::longest_line) line += worst;
            for (const chat::Letter& letter : room.hear(1, line).letters)
                longest = std::max(longest, letter.text.size());
        }
    }
    for (const std::string& row : lines_of(room.hear(1, ":i").letters.at(0).text)) CHECK(row.size() < 256);
    CHECK(longest > 4 * chat::longest_line);
    CHECK(longest <= chat::longest_answer);
}

TEST_CASE("a crowd: every message is there once, and goes to all the others") {
    Room room;
    for (chat::Id id = 1; id <= 3000; ++id) {
        room.enter(id, "127.0.0.1", 1000);
        room.hear(id, "u" + std::to_string(id));
    }
    const Outcome outcome = room.hear(1500, "Hola");
    REQUIRE(outcome.letters.size() == 1);
    const std::vector<chat::Id>& to = outcome.letters[0].to;
    CHECK(to.size() == 2999);
    CHECK(std::set<chat::Id>(to.begin(), to.end()).size() == 2999);
    CHECK(std::find(to.begin(), to.end(), 1500) == to.end());
    CHECK(told(room.hear(7, ":p-u2999-x")).substr(0, 6) == "2999> ");
}

TEST_CASE("anything: sent by anybody, in any order") {
    std::mt19937 random(2018);
    Room room;
    std::map<chat::Id, bool> there; // and whether with a name
    const std::vector<std::string> lines = {":q", ":h", ":i", ":add", "Hola", ":p-Ana-x", ":p-a", ""};
    const std::vector<std::string> names = {"Ana", "Luciano", "Samuel", "ñ", "\U0001f600"};
    for (int step = 0; step < 10000; ++step) {
        const chat::Id who = random() % 12;
        const bool inside = there.count(who) != 0;
        const auto choice = random() % 100;
        Outcome outcome;
        if (!inside) {
            outcome = room.enter(who, "127.0.0.1", 1000);
            there[who] = false;
        } else if (choice < 5) {
            outcome = room.leave(who, random_bytes(random, 10));
            there.erase(who);
        } else {
            outcome = room.hear(who, choice < 30   ? lines[random() % lines.size()]
                                     : choice < 60 ? names[random() % names.size()]
                                     : choice < 70 ? ":p-" + random_bytes(random, 30)
                                                   : random_bytes(random, 60));
            const bool answered = !outcome.letters.empty();
            if (!there[who] && answered && outcome.letters[0].text == "no") there[who] = true;
            if (outcome.ends) REQUIRE(outcome.letters.at(0).to == std::vector<chat::Id>{who});
        }
        check_outcome(outcome, who, there);
        if (outcome.ends) there.erase(who);
        REQUIRE(room.size() == there.size());
    }
}
