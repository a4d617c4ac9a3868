// A stand-in for operator new that fails when servers.py says so, and a server's account of what it has called.
//
//     TORTURE_NEW=7:2   from the seventh allocation on two fail, counted from SIGUSR1 on: the server has started
//     SIGTERM           ends the program; how often each call was made, and operator new, is on standard error

#include "interpose.hpp"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>

#include <unistd.h>

// interpose.cpp has them, which is loaded too.
extern "C" {
__attribute__((weak)) const char* torture_name(int call);
__attribute__((weak)) long torture_made(int call);
}

namespace {

std::atomic<bool> counting{false};
std::atomic<long> allocations{0};
long first_failing = 0;
long failing = 0;

void begin(int) { counting = true; }

[[noreturn]] void report(int) {
    for (int call = 0; torture_made && call < torture::call_count; ++call)
        if (torture_made(call) > 0)
            dprintf(STDERR_FILENO, "TORTURE: %s %ld\n", torture_name(call), torture_made(call));
    dprintf(STDERR_FILENO, "TORTURE: new %ld\n", allocations.load());
    _exit(0);
}

void on(int signal, void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(signal, &action, nullptr);
}

__attribute__((constructor)) void read_environment() {
    const char* const plan = std::getenv("TORTURE_NEW");
    if (plan && std::sscanf(plan, "%ld:%ld", &first_failing, &failing) != 2) _exit(2);
    on(SIGUSR1, begin);
    on(SIGTERM, report);
}

} // namespace

void* operator new(std::size_t size) {
    if (counting) {
        const long number = ++allocations;
        if (number >= first_failing && number < first_failing + failing) throw std::bad_alloc();
    }
    if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
