# macOS programs built elsewhere, with Zig's clang; SOCKETS_MACOS_ARCH is aarch64 or x86_64.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_PROCESSOR ${SOCKETS_MACOS_ARCH})
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SOCKETS_MACOS_ARCH)

find_program(ZIG zig REQUIRED HINTS ${CMAKE_CURRENT_LIST_DIR}/../../build/zig/node_modules/.bin)
set(CMAKE_CXX_COMPILER ${ZIG} c++ -target ${SOCKETS_MACOS_ARCH}-macos)
