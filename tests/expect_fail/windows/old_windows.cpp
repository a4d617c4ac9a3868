// expect: _WIN32_WINNT as 0x0600 or more
#define _WIN32_WINNT 0x0501
#include <sockets/all.hpp>
