// Numbers as text: read as the nearest double, shown with the fewest digits that read back to the
// same one. A locale with a decimal comma changes nothing. And their powers.
#pragma once

#include <cfloat>
#include <charconv>
#include <clocale>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

namespace number {

// Whether it is one: sign, digits, fraction and exponent as the grammar in
// docs/guide/en/protocol.md has them.
inline bool is_decimal(std::string_view text) {
    const auto skip = [&text](std::string_view symbols) {
        const bool there = !text.empty() && symbols.find(text.front()) != std::string_view::npos;
        text.remove_prefix(there ? 1 : 0);
        return there;
    };
    const auto digits = [&skip] {
        bool some = false;
        while (skip("0123456789")) some = true;
        return some;
    };
    skip("+-");
    bool some = digits();
    if (skip(".") && digits()) some = true;
    if (skip("eE")) {
        skip("+-");
        some = digits() && some;
    }
    return some && text.empty();
}

// Whether it is one of the names that C gives to what is no finite number.
inline bool is_infinity_or_nan(std::string_view text) {
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
    std::string name;
    for (const char letter : text)
        name += letter >= 'A' && letter <= 'Z' ? char(letter - 'A' + 'a') : letter;
    return name == "inf" || name == "infinity" || name == "nan";
}

// For libraries whose <charconv> has no floating point yet: C's functions, which write and expect
// the locale's decimal point. They show a few powers of two with one digit more than needed.
namespace by_c {

inline double read(std::string_view decimal) {
    std::string text(decimal);
    const std::size_t point = text.find('.');
    if (point != std::string::npos) text.replace(point, 1, std::localeconv()->decimal_point);
    return std::strtod(text.c_str(), nullptr); // too large: infinity
}

inline std::string scientific(double value) {
    std::string text;
    for (int digits = 1; digits <= 17; ++digits) { // 17 are always enough
        char buffer[64];
        const int size = std::snprintf(buffer, sizeof buffer, "%.*e", digits - 1, value);
        text.assign(buffer, static_cast<std::size_t>(size));
        if (std::strtod(text.c_str(), nullptr) == value) break;
    }
    const std::size_t point = text.find(std::localeconv()->decimal_point);
    if (point != std::string::npos)
        text.replace(point, std::string(std::localeconv()->decimal_point).size(), ".");
    return text;
}

} // namespace by_c

#if defined(__cpp_lib_to_chars) && __cpp_lib_to_chars >= 201611L

inline double read(std::string_view decimal) {
    double value = 0;
    const std::string_view text = decimal.substr(decimal.front() == '+' ? 1 : 0); // without plus
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    // from_chars does not say whether the number was too large or too small; C does.
    return result.ec == std::errc() ? value : by_c::read(decimal);
}

// One digit, perhaps a point and more of them, and the exponent: 3e-01, 3.0000000000000004e-01.
inline std::string scientific(double value) {
    char buffer[64];
    const auto result =
        std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
    return {buffer, result.ptr};
}

#else

using by_c::read;
using by_c::scientific;

#endif

// With an exponent where it is below -4 or above 15; else as people write: 1e+16, 100000, 0.3,
// -0.0001.
inline std::string layout(const std::string& scientific) {
    const std::size_t e = scientific.find('e');
    const int exponent = std::stoi(scientific.substr(e + 1));
    if (exponent < -4 || exponent > 15) return scientific;

    std::string digits;
    for (const char byte : scientific.substr(0, e))
        if (byte >= '0' && byte <= '9') digits += byte;
    const std::string sign = scientific.front() == '-' ? "-" : "";
    if (exponent < 0)
        return sign + "0." + std::string(static_cast<std::size_t>(-exponent) - 1, '0') + digits;

    const auto whole = static_cast<std::size_t>(exponent) + 1; // digits before the point
    if (digits.size() <= whole) return sign + digits + std::string(whole - digits.size(), '0');
    return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

// -0 is 0.
inline std::string show(double value) { return value == 0 ? "0" : layout(scientific(value)); }

// a to the power of b: off by the last bit at most.
inline double power(double a, double b) {
    const double power = std::pow(a, b);
#if defined(__MINGW32__) && LDBL_MANT_DIG >= 64
    // MinGW multiplies where b is whole, and rounds each time: 1.000001 ^ 1000000 has half its
    // digits wrong.
    if (a != 0 && !std::isnan(power)) {
        const long double exponent = b * std::log2(std::fabs(static_cast<long double>(a)));
        return std::copysign(static_cast<double>(std::exp2(exponent)), power);
    }
#endif
    return power;
}

} // namespace number
