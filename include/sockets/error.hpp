/// @file
/// @brief Error: which primitive, on which address, what the system said, and what to check.
#pragma once

#include "detail/platform.hpp"

#include <stdexcept>
#include <string>
#include <system_error>

#include "detail/hints.hpp"
#include "detail/reasons.hpp"
#include "detail/text.hpp"

namespace sockets {

/// What every failure of this library is thrown as: a std::system_error, so that `catch (const
/// std::system_error&)` and `catch (const std::exception&)` take it too.
///
/// Its `code()`, which it has from there, compares with std::errc (`error.code() == std::errc::timed_out`) and with
/// ResolveErrc, alike on every system.
/// @ingroup errors
/// @include docs/snippets/error.cpp
class Error : public std::system_error {
public:
    Error(std::error_code code, const char* primitive, const char* where = "",
          const char* hint = "");                      ///< Puts the sentence of what() together.
    Error(const Error&) noexcept = default;            ///< What is thrown can always be copied.
    Error& operator=(const Error&) noexcept = default; ///< As the constructor.

    const std::string& primitive() const noexcept; ///< Which step failed: "connect".
    const char* what() const noexcept override;    ///< The whole sentence.

private:
    std::string primitive_;       // at most 16 bytes: copying it never fails in practice
    std::runtime_error sentence_; // a text that copies share
};

/// Why a name has no address: the reasons that getaddrinfo gives, alike on every system.
/// @ingroup errors
enum class ResolveErrc {
    unknown_host = 1, ///< Nobody has this name.
    try_again,        ///< The name server does not answer for now.
    no_address,       ///< The name exists, but has no address of this family.
    unknown_service   ///< This machine knows no service of this name.
};

std::error_code
make_error_code(ResolveErrc reason) noexcept; ///< So that `code() == ResolveErrc::unknown_host` works.

} // namespace sockets

template <>
struct std::is_error_code_enum<sockets::ResolveErrc> : std::true_type {};

namespace sockets {

namespace detail {

inline Text sentence(const std::error_code& code, const char* primitive, const char* where,
                     const char* hint) {
    Text text;
    text << primitive << (*where == '\0' ? "" : " ") << where << ": " << code.message();
    if (*hint != '\0') text << " (" << hint << ")";
    return text;
}

} // namespace detail

// --- Error --------------------------------------------------------------------------------------------

/// Builds the sentence `primitive where: what the system says (what to check)`, for example
/// `connect to 127.0.0.1:8000: Connection refused (is a server listening there?)`.
///
/// @param code       what went wrong; compares with std::errc and ResolveErrc on every system
/// @param primitive  the step that failed, as its method is named
/// @param where      the address, with its preposition: `to 127.0.0.1:8000`; may be empty
/// @param hint       what to check; may be empty
inline Error::Error(std::error_code code, const char* primitive, const char* where, const char* hint)
    : std::system_error(code), primitive_(primitive),
      sentence_(detail::sentence(code, primitive, where, hint)) {}

/// The step that failed: the name of its method, or `address` (a port out of range, an empty host) or
/// `getaddrinfo` (no address for a name).
inline const std::string& Error::primitive() const noexcept { return primitive_; }

/// The whole sentence: primitive, address, the system's words, what to check.
inline const char* Error::what() const noexcept { return sentence_.what(); }

// --- ResolveErrc --------------------------------------------------------------------------------------

namespace detail {

class ResolveCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "getaddrinfo"; }
    std::string message(int reason) const override {
        static constexpr const char* words[] = {
            "Unknown reason",
            "Unknown host",
            "No answer from the name server for now",
            "The host has no address of this kind",
            "Unknown service",
        };
        return words[reason >= 1 && reason <= 4 ? reason : 0];
    }
};

} // namespace detail

/// The error code of a reason, in a category of its own: getaddrinfo's numbers are not errno's.
///
/// @param reason  which one
/// @ingroup errors
inline std::error_code make_error_code(ResolveErrc reason) noexcept {
    static const detail::ResolveCategory category;
    return {static_cast<int>(reason), category};
}

// --- throwing one -------------------------------------------------------------------------------------

namespace detail {

/// Throws what the system said by its number; out of the way, so that the calls of what may fail stay small.
/// Without a hint there is what usually helps.
[[noreturn, gnu::cold, gnu::noinline]] inline void raise(int error, const char* primitive,
                                                         const char* where = "", const char* hint = "") {
    if (*hint == '\0') hint = usual_hint(reason_of(error), primitive);
    throw Error({error, category()}, primitive, where, hint);
}

/// As if the system had said so.
[[noreturn, gnu::cold, gnu::noinline]] inline void raise(std::errc reason, const char* primitive,
                                                         const char* where = "", const char* hint = "") {
    raise(error_of(reason), primitive, where, hint);
}

} // namespace detail
} // namespace sockets
