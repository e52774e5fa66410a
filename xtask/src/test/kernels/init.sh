#!/bin/sh
# The first and only program of a guest: makes a machine of it, runs each suite, turns it off.
export PATH=/bin CHECKER_BIN=/bin/checker CHECKER_FRAMES=2000 CHECKER_KINDS=all
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t bpf bpf /sys/fs/bpf
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
# Makes /dev/net/tun.
modprobe tun
# Two that ask for it at once: the second may be told that there is no such device.
modprobe veth
ip link set lo up
while read -r suite arguments; do
    echo "@@ start $suite"
    # Words of arguments are to be split.
    "/tests/$suite" --include-ignored --test-threads=2 $arguments </dev/null 2>&1
    echo "@@ end $suite $?"
done </tests/list
poweroff -f
