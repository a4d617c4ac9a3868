/// @file
/// @brief One case of the driver: a scenario, what fails in it, and how it ended.
#pragma once

#include "interpose.hpp"
#include "scenario.hpp"

#include <string>

namespace torture {

/// What fails.
struct Case {
    int call = -1; ///< -1: no call.
    long n = 0;
    int error = 0;
    long allocation = 0;  ///< The n-th allocation; 0: none.
    bool lasting = false; ///< And all later ones.
    bool byte = false;    ///< Streams move one byte at a time.
    bool trace = false;   ///< trace_to is on.
};

enum class How : int { nothing, done, error, no_memory, other, wrong };

/// How it ended: written by the child, read by the driver. Plain memory that both share.
struct Outcome {
    How how;
    int code;
    char primitive[32];
    char words[160]; ///< what() of an Error, or what was wrong.
    bool has_failed; ///< What was planned has happened.
    int left_over;   ///< Handles more, or fewer, than before.
    long leaked;     ///< Allocations that nobody has given back.
    long allocations;
    long made[call_count];
    char untraced[96]; ///< A primitive without a line; empty: none.
};

/// How a child died that took too long.
inline constexpr const char* no_end = "no end within 10 s";

/// Runs a case in a child process. @p died: how, if it did not come to its end.
void run(const Scenario& scenario, const Case& what, Outcome& outcome, std::string& died);

/// What is wrong with @p outcome; empty: nothing. @p usual is how the scenario ends when nothing fails.
std::string judge(const Scenario& scenario, const Case& what, const Outcome& usual, const Outcome& outcome);

/// "Error(connect, ECONNREFUSED)", "no memory", ...
std::string in_words(const Outcome& outcome);
std::string in_words(const Case& what);

} // namespace torture
