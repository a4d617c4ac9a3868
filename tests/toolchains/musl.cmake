# Linux programs for musl, another C library than Debian's, with Zig's clang and libc++; linked statically, so that they
# run on every Linux.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${CMAKE_HOST_SYSTEM_PROCESSOR})

find_program(ZIG zig REQUIRED HINTS ${CMAKE_CURRENT_LIST_DIR}/../../build/zig/node_modules/.bin)
set(CMAKE_CXX_COMPILER ${ZIG} c++ -target ${CMAKE_SYSTEM_PROCESSOR}-linux-musl)
