// What the programs of a conversation did, printed and were told, each with its side and its time.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <regex>
#include <string>
#include <vector>

struct Event {
    enum Kind { call, waits, printed, typed };
    int side; // 0: the server, 1 and 2: its clients
    double time;
    Kind kind;
    std::string text;
};

class Recording {
public:
    using Clock = std::chrono::steady_clock;

    explicit Recording(Clock::time_point zero) : zero_(zero) {}

    // Of what a program prints, its trace among it.
    void hear(int side, const std::string& bytes) {
        const std::lock_guard<std::mutex> lock(mutex_);
        Side& one = of(side);
        one.begun += bytes;
        for (std::size_t end = 0; (end = one.begun.find('\n')) != std::string::npos;) {
            std::string line = one.begun.substr(0, end);
            one.begun.erase(0, end + 1);
            if (!line.empty() && line.back() == '\r') line.pop_back();
            say(side, line);
        }
        changed_.notify_all();
    }

    // What its user types; it stands behind the question.
    void type(int side, const std::string& text) {
        const std::lock_guard<std::mutex> lock(mutex_);
        Side& one = of(side);
        one.time = seconds();
        one.said += one.question + one.begun + text + "\n";
        events_.push_back({side, one.time, Event::typed, one.question + one.begun + text});
        one.question.clear();
        one.begun.clear();
        changed_.notify_all();
    }

    // Until it has said so, after what was waited for before; the trace says nothing.
    bool wait_for(int side, const std::string& words, std::chrono::milliseconds time) {
        std::unique_lock<std::mutex> lock(mutex_);
        Side& one = of(side);
        const auto found = [&] {
            return (one.said + one.question + one.begun).find(words, one.heard);
        };
        if (!changed_.wait_for(lock, time, [&] { return found() != std::string::npos; }))
            return false;
        one.heard = found() + words.size();
        return true;
    }

    // Whether it says so, anywhere.
    bool has(int side, const std::string& words, std::chrono::milliseconds time) {
        std::unique_lock<std::mutex> lock(mutex_);
        const std::string& said = of(side).said;
        return changed_.wait_for(lock, time, [&] { return said.find(words) != std::string::npos; });
    }

    // Whether it closes so many sockets.
    bool has_closed(int side, int sockets, std::chrono::milliseconds time) {
        std::unique_lock<std::mutex> lock(mutex_);
        const auto closes = [side](const Event& event) {
            return event.side == side && event.text.find("] close()") != std::string::npos;
        };
        return changed_.wait_for(lock, time, [&] {
            return std::count_if(events_.begin(), events_.end(), closes) >= sockets;
        });
    }

    std::string said(int side) {
        const std::lock_guard<std::mutex> lock(mutex_);
        return of(side).said;
    }

    // Everything, in the order of time: nothing more will come.
    std::vector<Event> all() {
        const std::lock_guard<std::mutex> lock(mutex_);
        for (int side = 0; side < 3; ++side) print(side, of(side).begun);
        std::stable_sort(events_.begin(), events_.end(),
                         [](const Event& a, const Event& b) { return a.time < b.time; });
        return events_;
    }

private:
    struct Side {
        std::string begun;     // a line that has no end yet
        std::string question;  // one that will have none: the trace went on in its row
        std::string said;      // whole lines, without the trace
        std::size_t heard = 0; // up to where it has been waited for
        double time = 0;       // of its last event
    };

    Side& of(int side) { return sides_[static_cast<std::size_t>(side)]; }

    double seconds() const { return std::chrono::duration<double>(Clock::now() - zero_).count(); }

    void say(int side, const std::string& line) {
        static const std::regex traced(R"( ?(\d+\.\d{6}) ((#\d+ )?(\[\d+\] )?\w+\(.*))");
        std::smatch found;
        if (!std::regex_search(line, found, traced)) return print(side, line);
        Side& one = of(side);
        one.question += line.substr(0, static_cast<std::size_t>(found.position()));
        one.time = std::stod(found[1]);
        const std::string call = found[2];
        const bool waits = call.find(" ... ") != std::string::npos;
        events_.push_back({side, one.time, waits ? Event::waits : Event::call, call});
    }

    // At the time of the primitive before it: it was not printed earlier, and little later.
    void print(int side, const std::string& line) {
        Side& one = of(side);
        const std::string whole = one.question + line;
        one.question.clear();
        one.said += whole + "\n";
        if (!whole.empty()) events_.push_back({side, one.time, Event::printed, whole});
    }

    const Clock::time_point zero_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Side sides_[3];
    std::vector<Event> events_;
};
