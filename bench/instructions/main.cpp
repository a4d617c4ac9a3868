// Each pair, so many times; a line for each: the pair, the rounds, how often memory was asked for. instructions.py has it
// run by those who count the rest.

#include "pairs.hpp"

#include <cstddef>
#include <cstdio>
#include <initializer_list>

// --- Everybody's malloc, counted: operator new asks it too -------------------------------------------

namespace {
long allocations = 0;
}

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept { return ++allocations, __libc_malloc(size); }
void* calloc(std::size_t count, std::size_t size) noexcept {
    return ++allocations, __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) noexcept { return ++allocations, __libc_realloc(old, size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return ++allocations, __libc_memalign(alignment, size);
}

} // extern "C"

// --- The pairs --------------------------------------------------------------------------------------------

/// What callgrind counts, run by run, and finds by this name; how often it has asked for memory.
extern "C" [[gnu::noinline]] long measured(void (*run)(int rounds), int rounds) {
    const long before = allocations;
    run(rounds);
    return allocations - before;
}

int main() {
    const struct {
        const char* name;
        void (*run)(int rounds);
    } pairs[] = {
        {"send+recv", send_recv},
        {"send_all+recv_exactly", send_all_recv_exactly},
        {"send_to+recv_from", send_to_recv_from},
        {"connect+accept+close+close", connect_accept_close},
    };
    for (const auto& pair : pairs) {
        for (const int rounds : {1, 100, 200}) { // once, for what only the first time costs
            const long counted = measured(pair.run, rounds);
            std::printf("%s %d %ld\n", pair.name, rounds, counted);
            std::fflush(stdout); // among the system calls it shows where the next ones begin
        }
    }
}
