/// @file
/// @brief A time limit that is counted down over interruptions and partial steps.
#pragma once

#include <chrono>

namespace sockets::detail {

/// The moment at which waiting ends.
class Deadline {
public:
    using milliseconds = std::chrono::milliseconds;
    using rep = milliseconds::rep;

    static Deadline never() noexcept { return Deadline(largest); }

    /// Never too early: the millisecond that has begun does not count. A limit too far away to be counted is
    /// none.
    static Deadline in(milliseconds limit) noexcept {
        Deadline deadline(limit.count());
        const rep start = deadline.limit_ > 0 ? now() + 1 : 0;
        if (deadline.limit_ < largest - start) deadline.end_ = start + deadline.limit_;
        return deadline;
    }

    bool is_never() const noexcept { return end_ == largest; }

    /// What it was made with.
    rep limit() const noexcept { return limit_; }

    /// What is left; milliseconds::max() without a limit.
    milliseconds left() const noexcept {
        const rep rest = is_never() ? largest : end_ - now();
        return milliseconds(rest > 0 ? rest : 0);
    }

    /// For the next of @p parts steps: an equal share of what is left.
    Deadline share(int parts) const noexcept {
        return is_never() ? *this : in(milliseconds(left().count() / parts));
    }

    bool is_over() const noexcept { return left().count() == 0; }

private:
    explicit Deadline(rep limit) noexcept : limit_(limit) {}

    static rep now() noexcept {
        return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
            .count();
    }

    static constexpr rep largest = milliseconds::max().count();
    rep limit_;
    rep end_ = largest;
};

} // namespace sockets::detail
