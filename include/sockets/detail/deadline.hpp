/// @file
/// @brief A time limit that is counted down over interruptions and partial steps.
#pragma once

#include "platform.hpp"

#include <chrono>

namespace sockets::detail {

/// The moment at which waiting ends. Inside it counts in whole numbers: those cost every program less to
/// compile than durations.
class Deadline {
public:
    using milliseconds = std::chrono::milliseconds;

    /// @p limit milliseconds from now. Never too early: the one that has begun does not count. A limit too
    /// far away to be counted is none.
    explicit Deadline(long long limit) noexcept : limit_(limit) {
        const long long start = limit > 0 && limit != forever ? now() + 1 : 0;
        if (limit < forever - start) end_ = start + limit;
    }
    static Deadline never() noexcept { return Deadline(forever); }
    static Deadline in(milliseconds limit) noexcept { return Deadline(limit.count()); }

    bool is_never() const noexcept { return end_ == forever; }
    bool is_over() const noexcept { return rest() == 0; }

    /// What it was made with, in milliseconds.
    long long limit() const noexcept { return limit_; }

    /// What is left, in milliseconds; `forever` without a limit.
    long long rest() const noexcept {
        if (end_ == forever) return forever;
        const long long rest = end_ - now();
        return rest > 0 ? rest : 0;
    }

    milliseconds left() const noexcept { return milliseconds(rest()); }

    /// For the next of @p parts steps: an equal share of what is left.
    Deadline share(int parts) const noexcept { return Deadline(is_never() ? forever : rest() / parts); }

private:
    long long limit_;
    long long end_ = forever;
};

} // namespace sockets::detail
