// Tortures the library: in every scenario each system call fails in every way that it can, and so does memory.
//
//   torture [--short] [--block faults|memory] [--scenario NAME] [--call NAME] [--jobs N] [--list]
//
// One line a failure: the scenario, what failed in it, and what came instead of what was expected. At the end a line a
// block. The short form goes the same ways with fewer errors.

#include "driver.hpp"
#include "scene.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <algorithm>
#include <atomic>
#include <new>
#include <stdexcept>

using namespace torture;

namespace {

struct Options {
    bool brief = false;
    bool list = false;
    std::string block;
    std::string scenario; // how its name begins
    int call = -1;
    int jobs = 3;
};

struct Sums {
    std::atomic<long> cases{0};
    std::atomic<long> failed{0};
    std::atomic<long> known{0};
};

/// What the workers share.
struct Shared {
    std::atomic<std::size_t> next{0};
    Sums faults;
    Sums memory;
    std::atomic<bool> seen[64]{}; // of the known faults
};

constexpr long most_words = 300; // failures that are shown; all are counted

// --- one scenario -------------------------------------------------------------------------------------

class Player {
public:
    Player(const Scenario& scenario, const Options& options, Shared& shared, Outcome& outcome)
        : scenario_(scenario), options_(options), shared_(shared), outcome_(outcome) {}

    void play() {
        sums_ = &shared_.faults;
        if (!prepare()) return;
        if (options_.block != "memory") faults();
        sums_ = &shared_.memory;
        if (options_.block != "faults") memories();
    }

private:
    /// How it ends when nothing fails, traced and not.
    bool prepare() {
        std::string died;
        run(scenario_, Case(), outcome_, died);
        usual_ = outcome_;
        const bool sound = died.empty() && (usual_.how == How::done || usual_.how == How::error);
        if (!sound) report(Case(), died.empty() ? "it must end well or with an Error" : died);
        traces_ = scenario_.name.rfind("trace_to", 0) != 0; // which sets it for itself
        if (!sound || !traces_) return sound;
        traced_ = usual_;
        Case traced;
        traced.trace = true;
        one(traced);
        traced_ = outcome_;
        return true;
    }

    void faults() {
        one(Case());
        Case byte;
        byte.byte = true;
        one(byte);
        for (int call = 0; call < call_count; ++call) {
            if (options_.call >= 0 && call != options_.call) continue;
            const long most = std::min(usual_.made[call], options_.brief ? 5L : 12L);
            for (long n = 1; n <= most; ++n) errors(call, n);
        }
    }

    void errors(int call, long n) {
        const std::vector<int>& errors = errors_of(call);
        const std::size_t turn = turn_++ % errors.size();
        for (std::size_t i = 0; i < errors.size(); ++i) {
            const bool its_turn = i == turn;
            Case what;
            what.call = call;
            what.n = n;
            what.error = errors[i];
            if (!options_.brief || n == 1 || its_turn) one(what);
            what.byte = true;
            if (moves(call) && (its_turn || (!options_.brief && n == 1))) one(what);
            what.byte = false;
            what.trace = true;
            if (traces_ && (its_turn || (!options_.brief && n == 1))) one(what);
        }
    }

    void memories() {
        const long most = options_.brief ? 12 : 60;
        for (const bool trace : {false, true}) {
            if (trace && !traces_) continue;
            for (long n = 1; n <= std::min(trace ? traced_.allocations : usual_.allocations, most); ++n)
                for (const bool lasting : {false, true}) {
                    Case what;
                    what.trace = trace;
                    what.allocation = n;
                    what.lasting = lasting;
                    if (!options_.brief || !trace || lasting == (n % 2 == 0)) one(what);
                }
        }
        for (int call = 0; call < call_count; ++call)
            if (usual_.made[call] > 0 && (options_.call < 0 || call == options_.call)) together(call);
    }

    /// A call fails, and then the memory with which to say so.
    void together(int call) {
        const std::vector<int>& errors = errors_of(call);
        std::vector<int> some = {errors[turn_++ % errors.size()]};
        if (!options_.brief) some = {errors.front(), EINTR, ENOMEM, some.front()};
        if (call == call_getaddrinfo) some = errors;
        for (const int error : some) {
            if (std::find(errors.begin(), errors.end(), error) == errors.end()) continue; // it never says so
            for (long n = 1; n <= std::min(usual_.made[call], options_.brief ? 1L : 3L); ++n) {
                Case what;
                what.call = call;
                what.n = n;
                what.error = error;
                one(what);
                const long most = std::min(outcome_.allocations, options_.brief ? 6L : 20L);
                for (what.allocation = 1; what.allocation <= most; ++what.allocation) one(what);
            }
        }
    }

    static bool moves(int call) { return call == call_send || call == call_recv; }

    void one(const Case& what) {
        if (hung_ == 3) return; // the rest would take hours
        if (what.call >= 0 && is_impossible(expected(scenario_, what.call, what.error))) return;
        std::string died;
        run(scenario_, what, outcome_, died);
        ++sums_->cases;
        if (died == no_end) ++hung_;
        const Outcome& usual = what.trace ? traced_ : usual_;
        const std::string wrong = died.empty() ? judge(scenario_, what, usual, outcome_) : died;
        if (wrong.empty()) return;
        const int known = known_fault(scenario_, what.call, wrong + "; got " + in_words(outcome_));
        if (known < 0) return report(what, wrong);
        ++sums_->known;
        shared_.seen[known] = true;
    }

    void report(const Case& what, const std::string& wrong) {
        if (++sums_->failed > most_words) return;
        std::string line =
            scenario_.name + ": " + in_words(what) + ": " + wrong + "; got " + in_words(outcome_) + '\n';
        if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::_exit(1);
    }

    const Scenario& scenario_;
    const Options& options_;
    Shared& shared_;
    Outcome& outcome_; // shared with the children
    Sums* sums_ = nullptr;
    Outcome usual_{};
    Outcome traced_{};
    bool traces_ = true;
    int hung_ = 0;
    std::size_t turn_ = 0;
};

// --- all of them --------------------------------------------------------------------------------------

template <class T>
T& shared_memory() {
    void* const room = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) throw std::runtime_error("mmap failed");
    return *new (room) T();
}

bool has_ipv6() {
    try {
        (void)TcpListener(Address::loopback(0, Family::ipv6));
        return true;
    } catch (const Error&) {
        return false;
    }
}

Scenarios chosen(const Options& options) {
    Scenarios some;
    const bool ipv6 = has_ipv6();
    for (Scenario& scenario : all_scenarios())
        if (scenario.name.rfind(options.scenario, 0) == 0 && (ipv6 || scenario.needs != Needs::ipv6))
            some.push_back(scenario);
    return some;
}

[[noreturn]] void work(const Scenarios& scenarios, const Options& options, Shared& shared) {
    Outcome& outcome = shared_memory<Outcome>();
    for (std::size_t i = 0; (i = shared.next++) < scenarios.size();)
        Player(scenarios[i], options, shared, outcome).play();
    ::_exit(0);
}

bool play_all(const Scenarios& scenarios, const Options& options, Shared& shared) {
    for (int i = 0; i < options.jobs; ++i)
        if (::fork() == 0) work(scenarios, options, shared);
    bool good = true;
    for (int status = 0; ::wait(&status) > 0;) good = good && status == 0;
    return good;
}

void sum_up(const char* block, std::size_t scenarios, const Sums& sums) {
    const long held = sums.cases - sums.failed - sums.known;
    std::printf("%s: %zu scenarios, %ld cases, %ld held, %ld known faults, %ld failed\n", block, scenarios,
                sums.cases.load(), held, sums.known.load(), sums.failed.load());
}

/// A fault that is mended must not stay in the table: it would hide the next one.
bool known_are_seen(const Shared& shared) {
    bool all = true;
    for (int i = 0; known_reason(i); ++i) {
        if (shared.seen[i]) continue;
        std::printf("a known fault was not seen: %s\n", known_reason(i));
        all = false;
    }
    return all;
}

std::string one_of(const std::vector<std::string>& words, const std::string& word) {
    if (std::find(words.begin(), words.end(), word) == words.end())
        throw std::invalid_argument("unknown: " + word);
    return word;
}

int call_named(const std::string& name) {
    const int call = torture_call(name.c_str());
    if (call < 0) throw std::invalid_argument("no such call: " + name);
    return call;
}

Options read(int count, char** words) {
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        const auto value = [&] {
            if (i + 1 == count) throw std::invalid_argument(word + " what?");
            return std::string(words[++i]);
        };
        if (word == "--short") options.brief = true;
        else if (word == "--list") options.list = true;
        else if (word == "--block") options.block = one_of({"faults", "memory"}, value());
        else if (word == "--scenario") options.scenario = value();
        else if (word == "--call") options.call = call_named(value());
        else if (word == "--jobs") options.jobs = std::stoi(value());
        else throw std::invalid_argument("unknown: " + word);
    }
    return options;
}

} // namespace

int main(int count, char** words) {
    try {
        const Options options = read(count, words);
        const Scenarios scenarios = chosen(options);
        if (scenarios.empty()) throw std::invalid_argument("no such scenario");
        if (options.list) {
            for (const Scenario& scenario : scenarios) std::printf("%s\n", scenario.name.c_str());
            return 0;
        }
        Shared& shared = shared_memory<Shared>();
        const bool good = play_all(scenarios, options, shared);
        if (options.block != "memory") sum_up("faults", scenarios.size(), shared.faults);
        if (options.block != "faults") sum_up("memory", scenarios.size(), shared.memory);
        const bool whole =
            !options.brief && options.block.empty() && options.scenario.empty() && options.call < 0;
        const bool known = !whole || known_are_seen(shared);
        return good && known && shared.faults.failed == 0 && shared.memory.failed == 0 ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "torture: %s\n", error.what());
        return 2;
    }
}
