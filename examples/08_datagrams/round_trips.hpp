// Numbered messages that go and come back: what was lost, what came twice, how long it took. Knows
// no socket.
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

// "17 ....": the number in front, filled up to the size.
inline std::string numbered(int number, std::size_t size) {
    std::string message = std::to_string(number) + " ";
    if (message.size() < size) message.resize(size, '.');
    return message;
}

// The number in front; empty if it is no such message.
inline std::optional<int> number_of(std::string_view message) {
    int number = 0;
    const char* end = message.data() + message.size();
    const auto [after, error] = std::from_chars(message.data(), end, number);
    if (error != std::errc() || number < 1 || after == end || *after != ' ') return {};
    return number;
}

class RoundTrips {
public:
    using Clock = std::chrono::steady_clock;

    // In their order: 1, 2, ...
    void sent(Clock::time_point time) { sent_.push_back({time, 0}); }

    void returned(int number, Clock::time_point time) {
        if (static_cast<std::size_t>(number) > sent_.size()) return; // never sent: somebody else's
        Message& message = sent_[static_cast<std::size_t>(number - 1)];
        if (message.times++ > 0) {
            ++doubled_;
            return;
        }
        if (number < highest_) ++out_of_order_;
        highest_ = std::max(highest_, number);
        times_.push_back(std::chrono::duration<double, std::milli>(time - message.sent).count());
    }

    std::size_t sent() const { return sent_.size(); }
    std::size_t returned() const { return times_.size(); }

    void report(std::ostream& out) const {
        out << "Enviados: " << sent() << "\nDevueltos: " << returned()
            << "\nPerdidos: " << sent() - returned() << "\nRepetidos: " << doubled_
            << "\nFuera de orden: " << out_of_order_ << '\n';
        if (times_.empty()) return;
        std::vector<double> times = times_;
        std::sort(times.begin(), times.end());
        out << "Ida y vuelta: mínimo " << shown(times.front()) << " ms, mediana "
            << shown(times[times.size() / 2]) << " ms, máximo " << shown(times.back()) << " ms\n";
        histogram(out, times);
    }

private:
    struct Message {
        Clock::time_point sent;
        int times; // that it came back
    };

    static std::string shown(double milliseconds) {
        char text[32];
        std::snprintf(text, sizeof text, "%.2f", milliseconds);
        return text;
    }

    // Eight rows of the same width; the longest bar has 40 signs.
    static void histogram(std::ostream& out, const std::vector<double>& times) {
        constexpr std::size_t rows = 8;
        const double width = (times.back() - times.front()) / rows;
        std::size_t counts[rows] = {};
        for (const double time : times) {
            const double row = width > 0 ? (time - times.front()) / width : 0;
            ++counts[std::min(static_cast<std::size_t>(row), rows - 1)];
        }
        const std::size_t most = *std::max_element(counts, counts + rows);
        for (std::size_t row = 0; row < rows && (row == 0 || width > 0); ++row) {
            char from[32];
            std::snprintf(from, sizeof from, "%9.2f ms ",
                          times.front() + width * static_cast<double>(row));
            const std::size_t length = (counts[row] * 40 + most - 1) / most;
            out << from << std::string(length, '#') << (length > 0 ? " " : "") << counts[row]
                << '\n';
        }
    }

    std::vector<Message> sent_;
    std::vector<double> times_; // of each that came back, the first time
    std::size_t doubled_ = 0;
    std::size_t out_of_order_ = 0;
    int highest_ = 0;
};
