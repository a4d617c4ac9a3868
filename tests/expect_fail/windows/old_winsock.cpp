// expect: before it, or define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <sockets/all.hpp>
