// Preloaded into an example (player.py): notes each piece that the program prints, its trace too, with
// the time and the calls that are under way. What is printed is printed all the same.
//
//   LD_PRELOAD=recorder.so program --trace 9>file
//
// A line for each piece: nanoseconds, 1 (output), 2 (trace) or 3 (a thread begins), its thread, the calls as offsets in the program, the
// bytes; the last two in hexadecimal.

#include <chrono>
#include <cstdio>
#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <mutex>
#include <pthread.h>
#include <unistd.h>

namespace {

// Where the program itself lies: it is the first in the list.
std::size_t base_of_program() {
    std::size_t base = 0;
    const auto first = [](dl_phdr_info* object, std::size_t, void* found) {
        *static_cast<std::size_t*>(found) = object->dlpi_addr;
        return 1;
    };
    dl_iterate_phdr(first, &base);
    return base;
}

void note(int stream, const char* bytes, std::size_t size) {
    static std::FILE* const file = fdopen(9, "w");
    static const std::size_t base = base_of_program();
    static std::mutex mutex;
    if (!file) return;
    void* calls[64];
    const int count = backtrace(calls, 64);
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const std::lock_guard<std::mutex> lock(mutex);
    std::fprintf(file, "%lld %d %d ", static_cast<long long>(std::chrono::nanoseconds(now).count()), stream,
                 static_cast<int>(gettid()));
    for (int i = 0; i < count; ++i) // where it was called, not where it returns to
        std::fprintf(file, "%zx,", reinterpret_cast<std::size_t>(calls[i]) - base - 1);
    std::fputc(' ', file);
    for (std::size_t i = 0; i < size; ++i) std::fprintf(file, "%02x", static_cast<unsigned char>(bytes[i]));
    std::fputc('\n', file);
    std::fflush(file);
}

template <typename Function>
Function* real(const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

} // namespace

// std::thread begins with this.

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* how, void* (*function)(void*),
                              void* argument) {
    note(3, "", 0);
    static const auto create =
        real<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
    return create(thread, how, function, argument);
}

// std::cout and std::cerr print with these two.

extern "C" std::size_t fwrite(const void* bytes, std::size_t size, std::size_t count, std::FILE* file) {
    if (file == stdout) note(1, static_cast<const char*>(bytes), size * count);
    if (file == stderr) note(2, static_cast<const char*>(bytes), size * count);
    static const auto write = real<std::size_t(const void*, std::size_t, std::size_t, std::FILE*)>("fwrite");
    return write(bytes, size, count, file);
}

extern "C" int putc(int byte, std::FILE* file) {
    const char text = static_cast<char>(byte);
    if (file == stdout) note(1, &text, 1);
    if (file == stderr) note(2, &text, 1);
    static const auto put = real<int(int, std::FILE*)>("putc");
    return put(byte, file);
}
