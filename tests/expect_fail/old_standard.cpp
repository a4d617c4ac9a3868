// expect: add -std=c\+\+17
#include <sockets/all.hpp>
