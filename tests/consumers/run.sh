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

library() { cmake -S "$source" -B library -DSOCKETS_BUILD_TESTS=OFF -DSOCKETS_BUILD_EXAMPLES=OFF "$@"; }

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

fail() { echo "run.sh:" "$@" >&2; exit 1; }

case $way in
find_package)
    installed_library
    consumer find_package -DCMAKE_PREFIX_PATH="$work/moved"
    ;;
pkg_config)
    installed_library
    PKG_CONFIG_PATH=$work/moved/share/pkgconfig
    export PKG_CONFIG_PATH
    # pkg-config writes for a shell: a blank inside a path has a backslash before it.
    eval "compile \"\$here/main.cpp\" $(pkg-config --cflags --libs sockets)"
    ;;
add_subdirectory) consumer add_subdirectory -DSOURCE="$source" ;;
fetch_content)
    tar -czf sockets.tar.gz -C "$source" CMakeLists.txt include
    consumer fetch_content -DARCHIVE="file://$work/sockets.tar.gz"
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
    # Into a root of its own: two runs at once must not meet, and the machine stays as it is.
    mkdir -p root/var/lib/dpkg/updates root/var/lib/dpkg/info
    : >root/var/lib/dpkg/status
    dpkg --root="$work/root" --log="$work/dpkg.log" --force-not-root,bad-path --install ./*.deb
    dpkg --root="$work/root" --status sockets-dev
    consumer find_package -DCMAKE_PREFIX_PATH="$work/root/usr"
    ;;
find_package_wishes)
    library
    cmake --install library --prefix "$work/installed" --component sockets
    cmake -S "$here/wishes" -B wishes -DCMAKE_PREFIX_PATH="$work/installed" -DSOURCE="$source"
    ;;
twice) # parts of a project each bring the library along
    installed_library
    tar -czf sockets.tar.gz -C "$source" CMakeLists.txt include
    for ways in 'find_package;add_subdirectory;fetch_content' \
        'add_subdirectory;add_subdirectory;fetch_content;find_package'; do
        rm -rf consumer
        consumer "$ways" -DSOURCE="$source" -DARCHIVE="$work/sockets.tar.gz" -DCMAKE_PREFIX_PATH="$work/moved"
    done
    ;;
exported_target) # of a library that has ours by add_subdirectory: installed, and from where it was built
    cmake -S "$here/exporting" -B built -DSOURCE="$source"
    cmake --install built --prefix "$work/first"
    mv first moved
    consumer another_library -DCMAKE_PREFIX_PATH="$work/moved"
    rm -rf consumer
    consumer another_library -DCMAKE_PREFIX_PATH="$work/built;$work/built/sockets"
    ;;
pkg_config_folders) # where the folders of the installation are given from the root on
    for folders in INCLUDEDIR DATADIR 'INCLUDEDIR DATADIR'; do
        rm -rf library installed
        set --
        for folder in $folders; do set -- "$@" "-DCMAKE_INSTALL_$folder=$work/installed/$folder"; done
        library -DCMAKE_INSTALL_PREFIX="$work/installed" "$@"
        cmake --install library
        PKG_CONFIG_PATH=$(dirname "$(find "$work/installed" -name sockets.pc)")
        export PKG_CONFIG_PATH
        eval "set -- $(pkg-config --cflags --libs sockets)"
        compile "$here/main.cpp" "$@"
    done
    ;;
private_umask) # what is made under it is for others all the same, and says under which licence
    umask 077
    library
    mkdir installed
    cmake --install library --prefix "$work/installed/prefix"
    cpack -G DEB --config library/CPackConfig.cmake
    cpack -G DEB --config library/CPackConfig.cmake # again, over the first one
    dpkg --extract ./*.deb package
    for folder in installed/prefix package/usr; do
        cmp "$source/LICENSE" $folder/share/doc/sockets-dev/copyright
        closed=$(find $folder ! -perm -o=r -o -type d ! -perm -o=x)
        [ -z "$closed" ] || fail "closed to others:" "$closed"
    done
    [ -z "$(find installed -prune -perm -o=r)" ] || fail "a folder that was there before has been opened"
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
