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
        const long long start = time > 0 && time != forever ? now() + 1 : 0;
        if (time < forever / 2) end_ = start + time;
    }
    static Deadline never() noexcept { return Deadline(forever); }

    const long long limit; ///< What it was made with.

    bool is_never() const noexcept { return end_ == forever; }
    bool is_over() const noexcept { return rest() == 0; }

    /// What is left; `forever` without a limit.
    long long rest() const noexcept {
        if (end_ == forever) return forever;
        const long long rest = end_ - now();
        return rest > 0 ? rest : 0;
    }

    /// For the next of @p parts steps: an equal share of what is left.
    Deadline share(int parts) const noexcept { return Deadline(is_never() ? forever : rest() / parts); }

private:
    long long end_ = forever;
};

} // namespace sockets::detail
