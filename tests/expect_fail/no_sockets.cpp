// expect: sockets needs a system with sockets
#define __wasi__ // as wasm32-wasi does
#include <sockets/all.hpp>
