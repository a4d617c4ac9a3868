#!/bin/sh
# Wine's server, which stays until wineserver -k, and the folder that stands for a Windows machine.
# They say much that does not matter: all of it goes to a file, shown if something fails.

setup() {
    mkdir -p "${WINEPREFIX:-$HOME/.wine}" &&    # the server starts in it, and does not make it
        { wineserver -p || [ $? -eq 2 ]; } && # 2: one runs already
        wineboot --init
}

setup >wine_setup.log 2>&1 || {
    cat wine_setup.log
    exit 1
}
