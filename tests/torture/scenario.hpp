/// @file
/// @brief What a scenario is, and what is expected of it when a call fails.
#pragma once

#include <cerrno>
#include <functional>
#include <string>
#include <vector>

namespace torture {

/// How a scenario may end after a call has failed.
struct Expect {
    bool same;              ///< As if nothing had failed: the documented recovery.
    const char* primitives; ///< With an Error of one of these: "connect|socket"; nullptr: with none.
    int code;               ///< The Error's; 0: that of the call that failed.
    int or_code;            ///< Or this one; 0: no other.
};

/// An Error's code that is a reason of getaddrinfo: this and ResolveErrc's number.
constexpr int resolve_code = 1000;

constexpr Expect same() { return {true, nullptr, 0, 0}; }
constexpr Expect fails(const char* primitives, int code = 0, int or_code = 0) {
    return {false, primitives, code, or_code};
}
constexpr Expect may_fail(const char* primitives, int code = 0) { return {true, primitives, code, 0}; }

/// The system never says so there: not tried.
constexpr Expect impossible() { return {false, nullptr, 0, 0}; }
constexpr bool is_impossible(const Expect& expect) { return !expect.same && !expect.primitives; }

/// What a scenario expects otherwise than rules.cpp has it for all.
struct Rule {
    const char* call; ///< "recv"; "recv*" is recv, recvfrom and recvmsg; "*" any.
    int error;        ///< 0: any.
    Expect expect;
};

enum class Needs { nothing, ipv6 };

struct Scenario {
    std::string name;
    const char* subject; ///< The primitive of the method that is called: what a poll or fcntl that fails is.
    std::vector<const char*>
        uses; ///< The methods; methods.py sees to it that every one is used by some scenario.
    std::function<void()> body;
    std::vector<Rule> rules = {};
    Needs needs = Needs::nothing;
};

using Scenarios = std::vector<Scenario>;

/// All of them, in the order of the files.
Scenarios all_scenarios();

void add_opening(Scenarios& all);
void add_accepting(Scenarios& all);
void add_connecting(Scenarios& all);
void add_connecting_further(Scenarios& all);
void add_streams(Scenarios& all);
void add_limits(Scenarios& all);
void add_datagrams(Scenarios& all);
void add_options(Scenarios& all);
void add_selector(Scenarios& all);
void add_lines(Scenarios& all);
void add_above(Scenarios& all);

/// Every error that the manual page of a call names, and EINTR, EAGAIN, ENOMEM, ENOBUFS.
const std::vector<int>& errors_of(int call);

/// What is expected of @p scenario when @p call fails with @p error.
Expect expected(const Scenario& scenario, int call, int error);

/// The number of a fault of the library that is known, or -1; and why it is one, nullptr after the last.
int known_fault(const Scenario& scenario, int call, const std::string& line);
const char* known_reason(int number);

/// The name of an error: "ENOMEM".
std::string error_name(int call, int error);

} // namespace torture
