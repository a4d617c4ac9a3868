// What a server and its clients print: the server left and the clients right, if the screen is wide enough; else
// one below the other.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "../console.hpp"

class Stage {
public:
    using Clock = std::chrono::steady_clock;

    explicit Stage(int columns, Clock::time_point zero)
        : two_(columns >= 100), width_(two_ ? (columns - 3) / 2 : columns - 11), zero_(zero) {
        if (two_) row("servidor", "cliente");
        shower_ = std::thread([this] { show_in_time(); });
    }
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;
    ~Stage() { finish(); }

    // As wide as a column allows.
    std::string trace() const { return width_ >= 80 ? "--trace" : "--trace=compact"; }

    void hear(int side, const std::string& bytes) {
        const std::lock_guard<std::mutex> lock(mutex_);
        Side& one = of(side);
        one.begun += bytes;
        for (std::size_t end = 0; (end = one.begun.find('\n')) != std::string::npos;) {
            std::string line = one.begun.substr(0, end);
            one.begun.erase(0, end + 1);
            if (!line.empty() && line.back() == '\r') line.pop_back();
            say(one, line);
        }
        changed_.notify_all();
    }

    // What its user types; it stands behind the question.
    void type(int side, const std::string& text) {
        const std::lock_guard<std::mutex> lock(mutex_);
        Side& one = of(side);
        const std::string line = one.question + one.begun + text;
        one.question.clear();
        one.begun.clear();
        keep(one, line, seconds(), true);
    }

    // Until it has said so, after what was waited for before; the trace says nothing.
    bool wait_for(int side, const std::string& words, std::chrono::milliseconds time) {
        std::unique_lock<std::mutex> lock(mutex_);
        Side& one = of(side);
        const auto found = [&] { return (one.said + one.question + one.begun).find(words, one.heard); };
        if (!changed_.wait_for(lock, time, [&] { return found() != std::string::npos; })) return false;
        one.heard = found() + words.size();
        return true;
    }

    // Whether it says so, anywhere.
    bool has(int side, const std::string& words, std::chrono::milliseconds time) {
        std::unique_lock<std::mutex> lock(mutex_);
        const std::string& said = of(side).said;
        return changed_.wait_for(lock, time, [&] { return said.find(words) != std::string::npos; });
    }

    std::string said(int side) {
        const std::lock_guard<std::mutex> lock(mutex_);
        return of(side).said;
    }

    // Nothing more will come.
    void finish() {
        if (!shower_.joinable()) return;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            over_ = true;
        }
        over_changed_.notify_all();
        shower_.join();
    }

private:
    struct Line {
        int side;
        double time;
        std::string text;
    };

    struct Side {
        int number;
        std::string begun = {};    // a line that has no end yet
        std::string question = {}; // one that will have none: the trace went on in its row
        std::string said = {};     // whole lines, without the trace
        std::size_t heard = 0;     // up to where it has been waited for
        double time = 0;           // of its last line
    };

    Side& of(int side) { return sides_[static_cast<std::size_t>(side)]; }

    double seconds() const { return std::chrono::duration<double>(Clock::now() - zero_).count(); }

    void say(Side& one, const std::string& line) {
        static const std::regex traced(R"( ?(\d+\.\d{6}) (#\d+ )?(\[\d+\] )?\w+\(.*)");
        std::smatch found;
        if (!std::regex_search(line, found, traced)) {
            const std::string whole = one.question + line;
            one.question.clear();
            return keep(one, whole, std::max(one.time, 0.0), true);
        }
        one.question += line.substr(0, static_cast<std::size_t>(found.position()));
        one.time = std::stod(found[1]);
        keep(one, found.str(), one.time, false);
    }

    void keep(Side& one, const std::string& line, double time, bool said) {
        if (said) one.said += line + "\n";
        if (!line.empty()) lines_.push_back({one.number, time, line});
        one.time = time;
        changed_.notify_all();
    }

    // The two sides' bytes come by two pipes: a little later, in the order of their common clock.
    void show_in_time() {
        std::unique_lock<std::mutex> lock(mutex_);
        while (!over_) {
            over_changed_.wait_for(lock, std::chrono::milliseconds(50));
            if (two_) show_until(seconds() - 0.15);
        }
        for (Side& one : sides_)
            if (!(one.question + one.begun).empty()) keep(one, one.question + one.begun, one.time, true);
        for (Side& one : sides_) one.question.clear(), one.begun.clear();
        if (!two_)
            std::stable_sort(lines_.begin(), lines_.end(),
                             [](const Line& a, const Line& b) { return a.side < b.side; });
        if (two_) show_until(seconds());
        else
            for (const Line& line : lines_) show(line);
        lines_.clear();
    }

    void show_until(double time) {
        std::stable_sort(lines_.begin(), lines_.end(),
                         [](const Line& a, const Line& b) { return a.time < b.time; });
        const auto end =
            std::find_if(lines_.begin(), lines_.end(), [&](const Line& line) { return line.time > time; });
        for (auto line = lines_.begin(); line != end; ++line) show(*line);
        lines_.erase(lines_.begin(), end);
    }

    void show(const Line& line) const {
        const char* names[] = {"servidor | ", "cliente  | ", "cliente2 | "};
        for (const std::string& piece : pieces(line.text)) {
            if (!two_) std::cout << names[line.side] << piece << std::endl;
            else if (line.side == 0) row(piece, "");
            else row("", piece);
        }
    }

    void row(const std::string& left, const std::string& right) const {
        const std::string gap(static_cast<std::size_t>(width_) - size(left), ' ');
        std::cout << left << gap << " | " << right << std::endl;
    }

    // In characters, not bytes.
    static std::size_t size(const std::string& text) {
        std::size_t count = 0;
        for (const char byte : text) count += (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U ? 1 : 0;
        return count;
    }

    std::vector<std::string> pieces(const std::string& line) const {
        std::vector<std::string> all(1);
        for (std::size_t at = 0; at < line.size();) {
            const int bytes = std::max(1, console::character_size(line, at));
            if (size(all.back()) == static_cast<std::size_t>(width_)) all.emplace_back();
            all.back() += line.substr(at, static_cast<std::size_t>(bytes));
            at += static_cast<std::size_t>(bytes);
        }
        return all;
    }

    const bool two_;
    const int width_;
    const Clock::time_point zero_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::condition_variable over_changed_;
    Side sides_[3] = {{0}, {1}, {2}};
    std::vector<Line> lines_;
    bool over_ = false;
    std::thread shower_;
};
