// The calculator of the examples, without a socket: every message and its answer, and numbers as text.

#include "../examples/06_calculator/calculator.hpp"

#include <doctest/doctest.h>

#include <cfloat>
#include <clocale>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

static_assert(std::is_default_constructible_v<Calculator>);
static_assert(std::numeric_limits<double>::is_iec559, "the figures below are those of IEEE 754");

namespace {

using Conversation = std::vector<std::pair<std::string, std::string>>;

const std::string empty = "Fallo mensaje vacío";
const std::string no_number = "Fallo no es un número ni un operador";
const std::string not_finite = "Fallo el número no es finito";
const std::string third = "Fallo ya hay dos operandos";
const std::string too_early = "Fallo faltan operandos";
const std::string too_many = "Fallo sobra un operando";
const std::string by_zero = "Fallo división por cero";
const std::string negative_root = "Fallo raíz de un negativo";
const std::string no_real_power = "Fallo la potencia no es real";
const std::string overflow = "Fallo desbordamiento";

/// One client's messages, each with the answer that it must get.
void check(const Conversation& conversation) {
    Calculator calculator;
    std::string so_far;
    for (const auto& [message, answer] : conversation) {
        so_far += message + " ";
        CAPTURE(so_far);
        CHECK(calculator.answer(message) == answer);
    }
}

std::string result(const std::string& a, const std::string& b, const std::string& name) {
    Calculator calculator;
    CHECK(calculator.answer(a) == "OK");
    CHECK(calculator.answer(b) == "OK");
    return calculator.answer(name);
}

std::string result(const std::string& a, const std::string& name) {
    Calculator calculator;
    CHECK(calculator.answer(a) == "OK");
    return calculator.answer(name);
}

/// Bit by bit: tells 0 from -0.
bool same(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

/// Whether number::read() has found it. Where the processor calculates with more digits than a double has (i686),
/// libstdc++ 12's from_chars is one double off for some, such as 4.420355249768386e+32: not ours, so the next one will do.
bool is_found(double read, double value) {
#if defined(__GLIBCXX__) && FLT_EVAL_METHOD == 2
    if (read == std::nextafter(value, -HUGE_VAL) || read == std::nextafter(value, HUGE_VAL)) return true;
#endif
    return same(read, value);
}

/// Every power of two: the doubles below them are nearer than those above.
std::vector<double> powers_of_two() {
    std::vector<double> values;
    for (int exponent = -1074; exponent <= 1023; ++exponent) values.push_back(std::ldexp(1.0, exponent));
    return values;
}

/// Doubles of every magnitude.
std::vector<double> many_doubles() {
    std::vector<double> values = {0.1, 1.0 / 3, 1e-5, 1e15, 1e16, 1e22, 1e23, 5e-324, -1234.5};
    for (const double limit : {std::numeric_limits<double>::max(), std::numeric_limits<double>::min()})
        values.insert(values.end(), {limit, -limit});
    std::mt19937_64 bits(51216);
    while (values.size() < 100000) {
        const std::uint64_t pattern = bits();
        double value = 0;
        std::memcpy(&value, &pattern, sizeof value);
        if (std::isfinite(value)) values.push_back(value);
    }
    return values;
}

void check_reads_back(double value) {
    const std::string shown = number::show(value);
    CAPTURE(shown);
    REQUIRE(number::is_decimal(shown));
    REQUIRE(is_found(number::read(shown), value));
    REQUIRE(shown.size() <= 24);
}

} // namespace

// --- transactions -------------------------------------------------------------------------------------

TEST_CASE("calculator: operands first, then the operator, then anew") {
    check({{"3", "OK"}, {"4", "OK"}, {"+", "7"}, {"10", "OK"}, {"4", "OK"}, {"-", "6"}, {"+", too_early}});
    check({{"7", "OK"}, {"neg", "-7"}, {"9", "OK"}, {"sqrt", "3"}, {"sqrt", too_early}});
}

TEST_CASE("calculator: each operator") {
    CHECK(result("1.5", "2", "+") == "3.5");
    CHECK(result("1.5", "2", "-") == "-0.5");
    CHECK(result("1.5", "2", "*") == "3");
    CHECK(result("1.5", "2", "/") == "0.75");
    CHECK(result("1.5", "2", "^") == "2.25");
    CHECK(result("2", "-1", "^") == "0.5");
    CHECK(result("-2", "3", "^") == "-8");
    CHECK(result("0", "0", "^") == "1");
    CHECK(result("1.5", "neg") == "-1.5");
    CHECK(result("2.25", "sqrt") == "1.5");
    CHECK(result("0.1", "0.2", "+") == "0.30000000000000004");
}

TEST_CASE("calculator: a power is off by the last bit at most") {
    const auto near = [](double shown, double right) {
        return shown >= std::nextafter(right, 0) && shown <= std::nextafter(right, 2 * right);
    };
    CHECK(near(number::read(result("1.000001", "1000000", "^")), 2.7182804690957534));
    CHECK(near(number::read(result("136.40703636619725", "-30", "^")), 9.013569232189919e-65));
    CHECK(near(number::read(result("1.0000001", "-2000000000", "^")), 1.3839102041663353e-87));
    CHECK(result("3", "2", "^") == "9");
    CHECK(result("-3", "3", "^") == "-27");
    CHECK(result("10", "22", "^") == "1e+22");
    CHECK(result("2", "-1074", "^") == "5e-324");
    CHECK(result("2", "-1e308", "^") == "0");
}

TEST_CASE("calculator: an operator that comes too early is refused") {
    for (const char* name : {"+", "-", "*", "/", "^", "neg", "sqrt"}) check({{name, too_early}});
    for (const char* name : {"+", "-", "*", "/", "^"}) check({{"1", "OK"}, {name, too_early}, {"neg", "-1"}});
}

TEST_CASE("calculator: a third operand is refused, and the two remain") {
    check({{"1", "OK"}, {"2", "OK"}, {"3", third}, {"4", third}, {"-", "-1"}});
}

TEST_CASE("calculator: an operator for one operand refuses two") {
    for (const char* name : {"neg", "sqrt"}) check({{"1", "OK"}, {"2", "OK"}, {name, too_many}, {"-", "-1"}});
}

TEST_CASE("calculator: a refused message changes nothing") {
    const Conversation refusals = {{"", empty},           {"x", no_number}, {"nan", not_finite},
                                   {"1e999", not_finite}, {"3", third},     {"neg", too_many},
                                   {"/", by_zero}};
    for (const auto& refused : refusals) {
        check({{"8", "OK"}, {"0", "OK"}, refused, {"-", "8"}});
        check({{"8", "OK"}, {"0", "OK"}, refused, refused, {"C", "OK"}, {"2", "OK"}, {"neg", "-2"}});
    }
    check({{"-4", "OK"}, {"sqrt", negative_root}, {"0.5", "OK"}, {"^", no_real_power}, {"/", "-8"}});
}

TEST_CASE("calculator: C forgets the operands") {
    check({{"C", "OK"}, {"1", "OK"}, {"C", "OK"}, {"neg", too_early}});
    check({{"1", "OK"}, {"2", "OK"}, {"C", "OK"}, {"+", too_early}, {"3", "OK"}, {"neg", "-3"}});
}

TEST_CASE("calculator: what has no result is refused, each with its reason") {
    CHECK(result("1", "0", "/") == by_zero);
    CHECK(result("0", "0", "/") == by_zero);
    CHECK(result("1", "-0", "/") == by_zero);
    CHECK(result("0", "-1", "^") == by_zero);
    CHECK(result("-1", "sqrt") == negative_root);
    CHECK(result("-4.9e-324", "sqrt") == negative_root);
    CHECK(result("-8", "0.5", "^") == no_real_power);
    CHECK(result("1e308", "1e308", "+") == overflow);
    CHECK(result("-1e308", "1e308", "-") == overflow);
    CHECK(result("1e200", "1e200", "*") == overflow);
    CHECK(result("1e200", "1e-200", "/") == overflow);
    CHECK(result("10", "309", "^") == overflow);
    CHECK(result("-10", "309", "^") == overflow);
}

TEST_CASE("calculator: no message at all, or nothing but blanks") {
    for (const char* message : {"", " ", "\t", "\r", " \t "}) check({{message, empty}});
}

// --- operands -----------------------------------------------------------------------------------------

TEST_CASE("operand: sign, fraction and exponent may be there") {
    const Conversation numbers = {
        {"0", "0"},
        {"7", "7"},
        {"-7", "-7"},
        {"+7", "7"},
        {"007", "7"},
        {"3.25", "3.25"},
        {".5", "0.5"},
        {"5.", "5"},
        {"-.5", "-0.5"},
        {"+5.e0", "5"},
        {"1e3", "1000"},
        {"1E3", "1000"},
        {"1e+3", "1000"},
        {"1e-3", "0.001"},
        {"2.5e-3", "0.0025"},
        {"0e999999999", "0"},
        {"1e-999", "0"},
        {"-1e-999", "0"},
        {"0.1e1", "1"},
        {" 7 ", "7"},
        {"\t7\r", "7"},
        {"\r7", "7"},
        {"+3.839223843572815e-239", "3.839223843572815e-239"},
        {"1e0003", "1000"},
        {"4.9e-324", "5e-324"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
    };
    for (const auto& number : numbers) {
        CAPTURE(number.first);
        CHECK(result(number.first, "0", "+") == number.second);
    }
}

TEST_CASE("operand: what is no number is refused") {
    for (const char* message :
         {"x",   "hola", "3,5",      "1.2.3",  "1e",   "1e+", "e5", ".",     "-",     "+.",    ".e1",
          "--1", "+-1",  "1 2",      "- 1",    "0x10", "0b1", "1f", "1_000", "1'000", "1e5.0", "1e 5",
          "½",   "٣",    "infinite", "nan(1)", "++",   "+ 1", "c",  "NEG",   "Sqrt",  ":q",    "OK"}) {
        CAPTURE(message);
        const bool is_operator = std::string(message) == "-";
        CHECK(Calculator().answer(message) == (is_operator ? too_early : no_number));
    }
    CHECK(Calculator().answer(std::string("1\0", 2)) == no_number);
    CHECK(Calculator().answer(std::string("\0", 1)) == no_number);
}

TEST_CASE("operand: what is not finite is refused") {
    for (const char* message : {"inf", "-inf", "+inf", "INF", "Infinity", "nan", "-NaN", "1e999", "-1e999",
                                "1e309", "1.7976931348623159e308", "1e99999999999999999999"}) {
        CAPTURE(message);
        CHECK(Calculator().answer(message) == not_finite);
    }
    CHECK(Calculator().answer(std::string(309, '9')) == not_finite);
    CHECK(Calculator().answer(std::string(8192, '9')) == not_finite);
}

TEST_CASE("operand: as long as a line may be") {
    CHECK(result(std::string(8191, '0') + "7", "neg") == "-7");
    CHECK(result("0." + std::string(8190, '3'), "neg") == "-0.3333333333333333");
    // Halfway between two doubles, and a digit far behind that decides.
    CHECK(result("9007199254740993", "neg") == "-9007199254740992");
    CHECK(result("9007199254740993." + std::string(8000, '0') + "1", "neg") == "-9007199254740994");
    CHECK(result("1" + std::string(400, '0') + "e-400", "neg") == "-1");
    CHECK(result("0." + std::string(400, '0') + "1e401", "neg") == "-1");
}

// --- results ------------------------------------------------------------------------------------------

TEST_CASE("result: -0 prints 0") {
    CHECK(result("0", "neg") == "0");
    CHECK(result("-0", "sqrt") == "0");
    CHECK(result("-0", "0", "*") == "0");
    CHECK(result("-1e-300", "1e-300", "*") == "0");
}

TEST_CASE("result: an exponent only where the number would be long") {
    const Conversation results = {
        {"100000", "100000"},   {"9999999999999998", "9999999999999998"},
        {"1e16", "1e+16"},      {"1.25e100", "1.25e+100"},
        {"0.0001", "0.0001"},   {"0.00001", "1e-05"},
        {"123.456", "123.456"}, {"120", "120"},
        {"5e-324", "5e-324"},
    };
    for (const auto& [operand, shown] : results) {
        CHECK(result(operand, "0", "+") == shown);
        CHECK(result(operand, "neg") == "-" + shown);
    }
}

TEST_CASE("result: reads back to the same number") {
    for (const double value : many_doubles()) check_reads_back(value);
    for (const double value : powers_of_two()) check_reads_back(value);
}

// --- the library's way and C's ------------------------------------------------------------------------

TEST_CASE("number: both ways show and read the same") {
    for (const double value : many_doubles()) {
        const std::string text = number::scientific(value);
        CAPTURE(text);
        REQUIRE(number::by_c::scientific(value) == text);
        REQUIRE(same(number::by_c::read(text), value));
        REQUIRE(is_found(number::read(text), value));
    }
}

// MinGW's strtod is one bit off just below some of them, such as 3.839223843572815e-239.
#ifndef __MINGW32__
TEST_CASE("number: C's way shows powers of two with one digit more at most") {
    for (const double value : powers_of_two()) {
        const std::string text = number::by_c::scientific(value);
        CAPTURE(text);
        REQUIRE(same(number::by_c::read(text), value));
        REQUIRE(is_found(number::read(text), value));
        REQUIRE(text.size() <= number::scientific(value).size() + 1);
    }
}
#endif

TEST_CASE("number: both ways read what lies between two doubles, too small and too large the same") {
    for (const char* text :
         {"9007199254740993", "9007199254740993.00000000000000000001", "2.4703282292062327e-324",
          "2.4703282292062328e-324", "2.2250738585072011e-308", "1e-999", "-1e-999", "1e999", "-1e999",
          "1.7976931348623158e308", "1.7976931348623159e308", "+.5", "5.", "-5.e-1"}) {
        CAPTURE(text);
        CHECK(same(number::read(text), number::by_c::read(text)));
    }
}

TEST_CASE("number: a locale with a decimal comma makes no difference") {
    const std::string before = std::setlocale(LC_ALL, nullptr);
    const char* found = nullptr;
    for (const char* name : {"es_ES.UTF-8", "es_ES.utf8", "es_CO.UTF-8", "de_DE.UTF-8", "fr_FR.UTF-8",
                             "es-ES", "Spanish", "German"}) {
        if (found == nullptr && std::setlocale(LC_ALL, name) != nullptr &&
            *std::localeconv()->decimal_point == ',')
            found = name;
    }
    if (found == nullptr) MESSAGE("no locale with a decimal comma on this machine");
    else CHECK(std::strtod("0,5", nullptr) == 0.5); // it is at work

    CHECK(result("1.5", "2.25", "+") == "3.75");
    CHECK(Calculator().answer("1,5") == no_number);
    CHECK(number::by_c::read("-1234.5e-1") == -123.45);
    CHECK(number::by_c::scientific(-123.45) == "-1.2345e+02");
    CHECK(number::by_c::scientific(0.1 + 0.2) == "3.0000000000000004e-01");
    CHECK(number::scientific(-123.45) == "-1.2345e+02");
    std::setlocale(LC_ALL, before.c_str());
}
