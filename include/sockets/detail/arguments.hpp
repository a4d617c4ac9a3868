/// @file
/// @brief Sizes and time limits as a user gives them, checked.
#pragma once

#include "platform.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <system_error>

#include "../error.hpp"
#include "deadline.hpp"

namespace sockets::detail {

/// A limit given by the user, in milliseconds from now.
inline Deadline deadline_in(std::chrono::milliseconds limit, const char* primitive) {
    if (limit.count() < 0)
        raise(
            std::errc::invalid_argument, primitive, "",
            "a time limit is not negative; for ever is milliseconds::max(), and seconds::max() does not fit");
    return Deadline(limit.count());
}

/// Room for so many bytes in a string that is still to be made: recv(-1) is a mistake.
inline std::size_t string_size(std::size_t max, const char* primitive) {
    if (max > max_transfer)
        raise(std::errc::invalid_argument, primitive, "",
              "at most so many bytes at once: " + std::to_string(max_transfer));
    return max;
}

} // namespace sockets::detail
