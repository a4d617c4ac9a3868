/// @file
/// @brief Lock: one thread at a time. Some of MinGW's compilers have no std::mutex.
#pragma once

#include "platform.hpp"

#ifndef _WIN32
#include <pthread.h>
#endif

namespace sockets::detail {

/// Never destroyed in any way that matters: it may be taken after main has ended.
class Lock {
public:
    Lock() = default;
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() = default;

#ifdef _WIN32
    void take() noexcept { ::AcquireSRWLockExclusive(&lock_); }
    void give() noexcept { ::ReleaseSRWLockExclusive(&lock_); }

private:
    SRWLOCK lock_ = SRWLOCK_INIT;
#else
    void take() noexcept { (void)::pthread_mutex_lock(&lock_); }
    void give() noexcept { (void)::pthread_mutex_unlock(&lock_); }

private:
    pthread_mutex_t lock_ = PTHREAD_MUTEX_INITIALIZER;
#endif
};

/// Holds a Lock until the end of its block.
class Locked {
public:
    explicit Locked(Lock& lock) noexcept : lock_(lock) { lock_.take(); }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;
    ~Locked() { lock_.give(); }

private:
    Lock& lock_;
};

} // namespace sockets::detail
