/// @file
/// @brief A time limit that is counted down over interruptions and partial steps.
#pragma once

#include "platform.hpp"

namespace sockets::detail {

/// The moment at which waiting ends. It counts in whole numbers, milliseconds: those cost every program less to
/// compile than durations.
class Deadline {
public:
    /// @p time milliseconds from now. Never too early: the one that has begun does not count. A limit too
    /// far away to be counted is none.
    explicit Deadline(long long time) noexcept : limit(time) {
        if (time < no_limit / 2) end_ = time > 0 ? now() + 1 + time : 0;
    }
    static Deadline never() noexcept { return Deadline(no_limit); }

    const long long limit; ///< What it was made with.

    bool is_never() const noexcept { return end_ == no_limit; }
    bool is_over() const noexcept { return rest() == 0; }

    /// What is left; `no_limit` without a limit.
    long long rest() const noexcept {
        if (end_ == no_limit) return no_limit;
        const long long rest = end_ - now();
        return rest > 0 ? rest : 0;
    }

    /// For the next of @p parts steps: an equal share of what is left.
    Deadline share(int parts) const noexcept { return Deadline(is_never() ? no_limit : rest() / parts); }

private:
    long long end_ = no_limit;
};

} // namespace sockets::detail
