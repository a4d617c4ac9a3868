#!/bin/sh
# Gets at the library in one of the ways its users do, builds a small program with it and runs that.
#
#   run.sh <way> <folder to work in>        CXX and CXXFLAGS are obeyed
set -eu

way=$1
source=$(cd "$(dirname "$0")/../.." && pwd)
here=$source/tests/consumers
work=$2/$way
rm -rf "$work"
mkdir -p "$work"
cd "$work"

library() { cmake -S "$source" -B library -DSOCKETS_BUILD_TESTS=OFF -DSOCKETS_BUILD_EXAMPLES=OFF; }

installed_library() {
    library
    cmake --install library --prefix "$work/first"
    mv first moved # what is installed may be moved
}

# consumer <way> [<cmake option>...]
consumer() {
    how=$1; shift
    cmake -S "$here" -B consumer -DWAY="$how" "$@"
    cmake --build consumer
    consumer/consumer
}

# compile <g++ option>...: without CMake, as in a student's terminal
compile() {
    # shellcheck disable=SC2086 # CXXFLAGS is a list
    "${CXX:-c++}" ${CXXFLAGS:-} "$@" -o consumer
    ./consumer
}

case $way in
find_package)
    installed_library
    consumer find_package -DCMAKE_PREFIX_PATH="$work/moved"
    ;;
pkg_config)
    installed_library
    PKG_CONFIG_PATH=$work/moved/share/pkgconfig
    export PKG_CONFIG_PATH
    # shellcheck disable=SC2046 # a list of options
    compile "$here/main.cpp" $(pkg-config --cflags --libs sockets)
    ;;
add_subdirectory) consumer add_subdirectory -DSOURCE="$source" ;;
fetch_content)
    tar -czf sockets.tar.gz -C "$source" CMakeLists.txt include
    consumer fetch_content -DSOURCE="file://$work/sockets.tar.gz"
    ;;
copied_folder)
    cp -r "$source/include/sockets" "$here/main.cpp" .
    compile main.cpp
    ;;
plain_command) compile "$here/main.cpp" -I "$source/include" ;;
windows_command)
    "$CXX" "$here/main.cpp" -I "$source/include" -static -lws2_32 -o consumer.exe
    wine consumer.exe
    ;;
debian_package)
    library
    cpack --config library/CPackConfig.cmake
    if [ "$(id -u)" = 0 ] && ! dpkg --status sockets-dev >/dev/null 2>&1; then
        trap 'dpkg --purge sockets-dev' EXIT
        dpkg --install ./*.deb
        consumer find_package
    else
        dpkg --extract ./*.deb root
        consumer find_package -DCMAKE_PREFIX_PATH="$work/root/usr"
    fi
    ;;
without_doctest)
    cmake -S "$source" -B library -DCMAKE_DISABLE_FIND_PACKAGE_doctest=ON | tee output
    grep -q 'tests are left out: doctest was not found' output
    cmake --build library --target echo_client
    ;;
*)
    echo "run.sh: no such way: $way" >&2
    exit 2
    ;;
esac
