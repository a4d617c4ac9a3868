/// @file
/// @brief What the compiler refuses, because it cannot be meant: the conditions of the deleted functions.
#pragma once

#include <chrono>
#include <cstddef>
#include <type_traits>

namespace sockets::detail {

/// Bytes are text: not a number, a character, a bool, nullptr or 0.
template <class T>
using NoBytes = std::enable_if_t<std::is_arithmetic_v<T> || std::is_null_pointer_v<T>>;

/// Memory for bytes belongs to something that is nothing but its bytes: not to a std::string or a std::vector, which
/// keep theirs elsewhere (data() points to them).
template <class T>
using NoBuffer =
    std::enable_if_t<!std::is_void_v<T> && !std::is_function_v<T> && !std::is_trivially_copyable_v<T>>;

/// A time limit has a unit: std::chrono::seconds(5).
template <class T, class U>
using TwoNumbers = std::enable_if_t<std::is_arithmetic_v<T> && std::is_arithmetic_v<U>>;

/// What the system knows as a number or a timeval.
template <class T>
inline constexpr bool is_duration = false;
template <class Rep, class Period>
inline constexpr bool is_duration<std::chrono::duration<Rep, Period>> = true;

/// A host is text: not a number, nullptr or 0.
template <class T>
using NoHost = std::enable_if_t<std::is_arithmetic_v<T> || std::is_null_pointer_v<T>>;

} // namespace sockets::detail
