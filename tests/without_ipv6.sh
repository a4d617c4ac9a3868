#!/bin/sh
# Runs a command in a network of its own, which has no IPv6. Nothing outside it changes.
#
#   without_ipv6.sh <how> <command>...
#     all      IPv6 is switched off, as in many containers
#     address  only the address ::1 is missing
#
# Exit status 77: this system gives nobody a network of their own.
set -eu

if [ "$1" != inside ]; then
    own=--net
    unshare $own true 2>/dev/null || own="--map-root-user --net"
    # shellcheck disable=SC2086 # a list of options
    unshare $own true || exit 77
    # shellcheck disable=SC2086
    exec unshare $own "$0" inside "$@"
fi

how=$2
shift 2
ip link set lo up
case $how in
all) echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 ;;
address) ip address delete ::1/128 dev lo ;;
*)
    echo "without_ipv6.sh: no such way: $how" >&2
    exit 2
    ;;
esac
exec "$@"
