/// @file
/// @brief Error: which primitive, on which address, what the system said, and what to check.
#pragma once

#include "detail/platform.hpp"

#include <cstring>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>

#include "detail/hints.hpp"

#include "detail/cold_begin.hpp"

namespace sockets {

#include "detail/visible_begin.hpp"

/// What every failure of this library is thrown as: a std::system_error, so that `catch (const
/// std::system_error&)` and `catch (const std::exception&)` take it too.
///
/// Its `code()`, which it has from there, compares with std::errc (`error.code() == std::errc::timed_out`), with
/// ResolveErrc and with StreamErrc, alike on every system.
/// @ingroup errors
/// @include docs/snippets/error.cpp
class Error : public std::system_error {
public:
    Error(std::error_code code, const std::string& primitive, const std::string& where = "",
          const std::string& hint = "");               ///< Puts the sentence of what() together.
    Error(const Error&) noexcept = default;            ///< What is thrown can always be copied.
    Error& operator=(const Error&) noexcept = default; ///< As the constructor.
    ~Error() override = default;

    const std::string& primitive() const noexcept; ///< Which step failed: "connect".
    const char* what() const noexcept override;    ///< The whole sentence.

private:
    struct Words {
        std::string primitive;
        std::string sentence;
    };

    std::shared_ptr<const Words> words_; // copies share them: copying takes no memory, so it cannot fail
};

#include "detail/visible_end.hpp"

/// Why a name has no address: the reasons that getaddrinfo gives, alike on every system.
/// @ingroup errors
enum class ResolveErrc {
    unknown_host = 1, ///< Nobody has this name.
    try_again,        ///< The name server does not answer for now.
    no_address,       ///< The name exists, but has no address of this family.
    unknown_service   ///< This machine knows no service of this name.
};

/// What a stream of bytes has to say that is no failure of the system.
/// @ingroup errors
enum class StreamErrc {
    ended = 1 ///< The peer has ended its side, and nothing has been cut: from recv_exactly().
};

std::error_code
make_error_code(ResolveErrc reason) noexcept; ///< So that `code() == ResolveErrc::unknown_host` works.
std::error_code make_error_code(StreamErrc reason) noexcept; ///< So that `code() == StreamErrc::ended` works.

} // namespace sockets

template <>
struct std::is_error_code_enum<sockets::ResolveErrc> : std::true_type {};

template <>
struct std::is_error_code_enum<sockets::StreamErrc> : std::true_type {};

namespace sockets {

namespace detail {

inline std::string sentence(const std::error_code& code, const std::string& primitive,
                            const std::string& where, const std::string& hint) {
    std::string text = primitive;
    if (!where.empty()) text += " " + where;
    text += ": " + code.message();
    if (!hint.empty()) text += " (" + hint + ")";
    return text;
}

} // namespace detail

// --- Error --------------------------------------------------------------------------------------------

/// Builds the sentence `primitive where: what the system says (what to check)`, for example
/// `connect to 127.0.0.1:8000: Connection refused (is a server listening there?)`.
///
/// @param code       what went wrong; compares with std::errc, ResolveErrc and StreamErrc on every system
/// @param primitive  the step that failed, as its method is named
/// @param where      the address, with its preposition: `to 127.0.0.1:8000`; may be empty
/// @param hint       what to check; may be empty
/// @throws std::bad_alloc  if there is no memory for the sentence
/// @snippet each_error.cpp constructor
inline Error::Error(std::error_code code, const std::string& primitive, const std::string& where,
                    const std::string& hint)
    : std::system_error(code),
      // No make_shared: by C++23, MinGW's g++ 12 could not link what that needs of std::type_info.
      words_(new Words{primitive, detail::sentence(code, primitive, where, hint)}) {}

/// The step that failed: the name of its method, or `address` (a port out of range, a host that is none) or
/// `getaddrinfo` (no address for a name).
/// @snippet each_error.cpp primitive
inline const std::string& Error::primitive() const noexcept { return words_->primitive; }

/// The whole sentence: primitive, address, the system's words, what to check.
/// @snippet each_error.cpp what
inline const char* Error::what() const noexcept { return words_->sentence.c_str(); }

// --- ResolveErrc, StreamErrc --------------------------------------------------------------------------

namespace detail {

class ResolveCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "getaddrinfo"; }
    std::string message(int reason) const override {
        switch (static_cast<ResolveErrc>(reason)) {
        case ResolveErrc::unknown_host: return "Unknown host";
        case ResolveErrc::try_again: return "No answer from the name server for now";
        case ResolveErrc::no_address: return "The host has no address of this kind";
        case ResolveErrc::unknown_service: return "Unknown service";
        }
        return "Unknown reason";
    }
};

class StreamCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "stream"; }
    std::string message(int reason) const override {
        return static_cast<StreamErrc>(reason) == StreamErrc::ended ? "The peer has ended" : "Unknown reason";
    }
};

/// By name: each shared library may have a category object of its own.
inline bool is_same(const std::error_code& a, const std::error_code& b) noexcept {
    return a.value() == b.value() && std::strcmp(a.category().name(), b.category().name()) == 0;
}

} // namespace detail

/// The error code of a reason, in a category of its own: getaddrinfo's numbers are not errno's.
///
/// @param reason  which one
/// @ingroup errors
/// @snippet each_error.cpp make_error_code
inline std::error_code make_error_code(ResolveErrc reason) noexcept {
    static const detail::ResolveCategory category;
    return {static_cast<int>(reason), category};
}

/// The error code of a reason, in a category of its own.
///
/// @param reason  which one
/// @ingroup errors
/// @snippet each_error.cpp make_stream_error_code
inline std::error_code make_error_code(StreamErrc reason) noexcept {
    static const detail::StreamCategory category;
    return {static_cast<int>(reason), category};
}

/// `code() == ResolveErrc::unknown_host`, also where the Error comes from another shared library.
/// @relates sockets::Error
/// @snippet each_error.cpp resolve
inline bool operator==(const std::error_code& code, ResolveErrc reason) noexcept {
    return detail::is_same(code, make_error_code(reason));
}
/// The same, the other way round.
/// @relates sockets::Error
/// @snippet each_error.cpp resolve
inline bool operator==(ResolveErrc reason, const std::error_code& code) noexcept { return code == reason; }
/// Any other reason.
/// @relates sockets::Error
/// @snippet each_error.cpp resolve
inline bool operator!=(const std::error_code& code, ResolveErrc reason) noexcept { return !(code == reason); }
/// The same, the other way round.
/// @relates sockets::Error
/// @snippet each_error.cpp resolve
inline bool operator!=(ResolveErrc reason, const std::error_code& code) noexcept { return !(code == reason); }

/// `code() == StreamErrc::ended`, also where the Error comes from another shared library.
/// @relates sockets::Error
/// @snippet each_error.cpp stream
inline bool operator==(const std::error_code& code, StreamErrc reason) noexcept {
    return detail::is_same(code, make_error_code(reason));
}
/// The same, the other way round.
/// @relates sockets::Error
/// @snippet each_error.cpp stream
inline bool operator==(StreamErrc reason, const std::error_code& code) noexcept { return code == reason; }
/// Anything else.
/// @relates sockets::Error
/// @snippet each_error.cpp stream
inline bool operator!=(const std::error_code& code, StreamErrc reason) noexcept { return !(code == reason); }
/// The same, the other way round.
/// @relates sockets::Error
/// @snippet each_error.cpp stream
inline bool operator!=(StreamErrc reason, const std::error_code& code) noexcept { return !(code == reason); }

// --- throwing one -------------------------------------------------------------------------------------

namespace detail {

/// Throws what the system said by its number. Without a hint there is what usually helps.
[[noreturn]] SOCKETS_COLD inline void raise(int error, const char* primitive, const std::string& where = "",
                                            const std::string& hint = "", Kind kind = Kind::any) {
    const std::string check = hint.empty() ? usual_hint(reason_of(error), primitive, kind) : hint;
    throw Error({error, category()}, primitive, where, check);
}

/// As if the system had said so.
[[noreturn]] SOCKETS_COLD inline void raise(std::errc reason, const char* primitive,
                                            const std::string& where = "", const std::string& hint = "") {
    raise(error_of(reason), primitive, where, hint);
}

} // namespace detail
} // namespace sockets

#include "detail/cold_end.hpp"
