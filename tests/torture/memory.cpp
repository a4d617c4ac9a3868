// The driver's own operator new.

#include "memory.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

#include <atomic>

namespace {

std::atomic<bool> armed{false};
std::atomic<bool> failed{false};
std::atomic<long> count{0};
std::atomic<long> alive{0};
std::atomic<long> fails_at{0};
std::atomic<bool> and_later{false};

void* allocate(std::size_t size) {
    if (armed) {
        const long number = ++count;
        if (fails_at > 0 && (number == fails_at || (and_later && number > fails_at))) {
            failed = true;
            throw std::bad_alloc();
        }
    }
    void* const memory = std::malloc(size == 0 ? 1 : size);
    if (!memory) throw std::bad_alloc();
    ++alive;
    return memory;
}

void give_back(void* memory) noexcept {
    if (!memory) return;
    --alive;
    std::free(memory);
}

} // namespace

namespace torture::memory {

void plan(long n, bool every) {
    fails_at = n;
    and_later = every;
    count = 0;
    failed = false;
}

void arm(bool on) { armed = on; }
bool is_armed() { return armed; }
long made() { return count; }
long living() { return alive; }
bool has_failed() { return failed; }
void come_back() { fails_at = 0; }

} // namespace torture::memory

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete[](void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }
void operator delete[](void* memory, std::size_t) noexcept { give_back(memory); }

// The standard library's own would call the one above and then forget what it threw.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    try {
        return allocate(size);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}
void operator delete(void* memory, const std::nothrow_t&) noexcept { give_back(memory); }
