// Errors and their codes go from one shared library to another, whether those hide their symbols or not; the trace does
// only if they do not.
#include "library.hpp"

#include <iostream>
#include <sstream>

using namespace sockets;

namespace {

int faults = 0;

void check_that(bool holds, const char* what) {
    if (holds) return;
    ++faults;
    std::cerr << "not so: " << what << "\n";
}

#define CHECK(condition) check_that(condition, #condition)

void fail_here() { throw Error(ResolveErrc::unknown_host, "getaddrinfo", "of nobody:80"); }

void check_codes(const std::error_code& unknown, const std::error_code& ended) {
    CHECK(unknown == ResolveErrc::unknown_host);
    CHECK(ResolveErrc::unknown_host == unknown);
    CHECK(!(unknown != ResolveErrc::unknown_host));
    CHECK(!(ResolveErrc::unknown_host != unknown));
    CHECK(unknown != ResolveErrc::try_again);
    CHECK(ResolveErrc::try_again != unknown);
    CHECK(unknown != StreamErrc::ended);
    CHECK(StreamErrc::ended != unknown);
    CHECK(ended == StreamErrc::ended);
    CHECK(StreamErrc::ended == ended);
    CHECK(!(ended != StreamErrc::ended));
    CHECK(!(StreamErrc::ended != ended));
    CHECK(ended != ResolveErrc::unknown_host);
    CHECK(ResolveErrc::unknown_host != ended);
    CHECK(first::is_unknown_host(unknown) && second::is_unknown_host(unknown));
    CHECK(first::is_ended(ended) && second::is_ended(ended));
    CHECK(!first::is_ended(unknown) && !second::is_unknown_host(ended));
}

bool caught_here(void (*action)()) {
    try {
        action();
    } catch (const Error& error) {
        return error.code() == ResolveErrc::unknown_host;
    } catch (...) {}
    return false;
}

std::string trace_of(void (*action)()) {
    std::ostringstream out;
    trace_to(&out);
    action();
    trace_to(nullptr);
    return out.str();
}

} // namespace

int main(int argc, char**) {
    const bool hidden = argc > 1;
    check_codes(ResolveErrc::unknown_host, StreamErrc::ended);
    check_codes(first::code_of(ResolveErrc::unknown_host), first::code_of(StreamErrc::ended));
    check_codes(second::code_of(ResolveErrc::unknown_host), second::code_of(StreamErrc::ended));
    CHECK(caught_here(first::fail_to_resolve));
    CHECK(caught_here(second::fail_to_resolve));
    CHECK(first::catches(fail_here));
    CHECK(first::catches(second::fail_to_resolve));
    CHECK(second::catches(first::fail_to_resolve));
    CHECK(trace_of(first::use_a_socket).empty() == hidden);
    return faults;
}
