# Linux programs for another processor, by Debian's cross compilers; SOCKETS_MACHINE is the machine's name in theirs:
# s390x-linux-gnu, i686-linux-gnu, ... They run by qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
string(REGEX REPLACE "-.*" "" CMAKE_SYSTEM_PROCESSOR ${SOCKETS_MACHINE})
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SOCKETS_MACHINE)

find_program(CROSS_CXX ${SOCKETS_MACHINE}-g++ REQUIRED)
set(CMAKE_CXX_COMPILER ${CROSS_CXX})

set(root /usr/${SOCKETS_MACHINE})
set(CMAKE_FIND_ROOT_PATH ${root})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

if(SOCKETS_MACHINE STREQUAL "i686-linux-gnu" AND CMAKE_HOST_SYSTEM_PROCESSOR STREQUAL "x86_64")
    # The processor itself runs them; they must know where their libraries are.
    set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,--dynamic-linker=${root}/lib/ld-linux.so.2 -Wl,-rpath,${root}/lib")
else()
    string(REPLACE "i686" "i386" qemu qemu-${CMAKE_SYSTEM_PROCESSOR})
    set(CMAKE_CROSSCOMPILING_EMULATOR ${qemu};-L;${root})
endif()
