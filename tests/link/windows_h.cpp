// On Windows, and after the library: what it keeps <windows.h> from bringing, a program includes by name; who has defined
// WIN32_LEAN_AND_MEAN or NOMINMAX himself keeps them; std::min works.
#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#endif
#include <sockets/all.hpp>

#include <algorithm>

int smaller(int a, int b);
int smaller(int a, int b) { return std::min(a, b); }

#ifdef _WIN32
#if !defined(WIN32_LEAN_AND_MEAN) || !defined(NOMINMAX)
#error "the program has defined them itself"
#endif
#include <windows.h>

#include <mmsystem.h>
#include <shellapi.h>

unsigned long milliseconds_since_start();
unsigned long milliseconds_since_start() { return ::GetTickCount(); }
static_assert(sizeof(SHELLEXECUTEINFOW) > 0 && sizeof(TIMECAPS) > 0);
#endif
