/// @file
/// @brief The driver's own operator new: counts, and fails when told to.
#pragma once

namespace torture::memory {

/// The n-th allocation from now on fails (0: none), or every one from the n-th on.
void plan(long n, bool every);

/// Whether allocations are counted and fail as planned.
void arm(bool on);
bool is_armed();

long made();       ///< How many were made while armed.
long living();     ///< How many have not been given back, armed or not.
bool has_failed(); ///< Whether what was planned has happened.
void come_back();  ///< There is memory again: nothing fails any more.

} // namespace torture::memory
