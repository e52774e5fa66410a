#!/bin/sh
# The unit under systemd, as an administrator has it: installed, started, asked, reloaded, killed, hung, stopped, pinned.
export PATH=/bin log=/var/log/checker/alerts.json
passed=0 failed=0

# check NAME COMMANDS: whether each of the commands comes to its end.
check() {
    if said=$(sh -ec ". /tests/words.sh; $2" 2>&1); then
        passed=$((passed + 1))
        echo "test $1 ... ok"
    else
        failed=$((failed + 1))
        echo "$said"
        journalctl --no-pager -n 30 -o cat
        echo "test $1 ... FAILED"
    fi
}

echo "@@ start service"
/bin/ip netns add far
/bin/ip link add near0 type veth peer name far0 netns far
/bin/ip addr add 198.51.100.9/24 dev near0
/bin/ip link set near0 up
/bin/ip -n far addr add 203.0.113.1/24 dev far0
/bin/ip -n far link set far0 up
/bin/ip -n far route add 198.51.100.0/24 dev far0
/bin/ip route add 203.0.113.0/24 dev near0
mkdir -p /etc/checker
echo 203.0.113.0/24 >/etc/checker/one.txt
printf '[[list]]\nlabel = "ONE"\npath = "one.txt"\n' >/etc/checker/checker.toml
echo 'CHECKER_OPTIONS=-i near0 --watch-lists off' >/etc/checker/environment

check sysusers_makes_the_group_and_tmpfiles_its_folders '
    systemd-sysusers && systemd-tmpfiles --create
    grep -q ^checker: /etc/group
    is "$(stat -c "%a %U %G" /var/lib/checker)" "700 root root"
    is "$(stat -c "%a %U %G" /var/log/checker)" "750 root checker"'
check start_returns_when_it_watches '
    systemctl start checker
    is "$(systemctl is-active checker)" active
    is "$(systemctl show -P StatusText checker)" "watching near0"
    has "$(interface)" "prog/xdp"'
check it_keeps_two_capabilities '
    is "$(effective)" 0000008000001000'
check alerts_are_in_the_log '
    send 3
    until_so "grep -q 203.0.113.1 $log"
    is "$(stat -c "%a" $log)" 640'
check members_of_the_group_read_and_others_do_not '
    checker status
    group=$(sed -n "s/^checker:[^:]*:\([0-9]*\):.*/\1/p" /etc/group)
    as "--groups=$group" checker status
    refused as --clear-groups checker status
    has "$(as --clear-groups checker status || true)" "ermission denied"
    has "$(as "--groups=$group" checker reload || true)" "reload is for root"'
check reload_reads_the_lists_again '
    echo 192.0.2.0/24 >>/etc/checker/one.txt
    systemctl reload checker
    until_so "has \"\$(checker status)\" \"generation 2\""'
check one_that_is_killed_is_started_anew '
    before=$(pid)
    systemctl kill -s KILL checker
    until_so started_anew
    [ "$(pid)" != "$before" ]
    checker status'
check one_that_hangs_is_started_anew '
    mkdir -p /run/systemd/system/checker.service.d
    printf "[Service]\nWatchdogSec=8\nTimeoutAbortSec=5\n" >/run/systemd/system/checker.service.d/soon.conf
    systemctl daemon-reload && systemctl restart checker
    before=$(pid)
    kill -STOP "$before"
    until_so started_anew
    [ "$(pid)" != "$before" ]
    rm -r /run/systemd/system/checker.service.d && systemctl daemon-reload'
check stop_leaves_nothing '
    systemctl stop checker
    is "$(systemctl show -P Result checker)" success
    [ ! -e /run/checker ]
    lacks "$(interface)" "prog/xdp"
    [ ! -e /sys/fs/bpf/checker ]'
check pins_are_gone_on_with '
    echo "CHECKER_OPTIONS=-i near0 --pin --sandbox no-capabilities" >/etc/checker/environment
    systemctl start checker
    is "$(effective)" 0000000000000000
    send 3
    until_so "[ \$(seen) -ge 3 ]"
    before=$(seen)
    systemctl kill -s KILL checker
    send 3
    until_so started_anew
    until_so "grep -q adopted $log"
    [ "$(seen)" -ge $((before + 3)) ]'
check stop_leaves_the_pins_and_detach_nothing '
    systemctl stop checker
    has "$(interface)" "prog/xdp"
    checker detach
    lacks "$(interface)" "prog/xdp"
    [ ! -e /sys/fs/bpf/checker ]'
[ $failed = 0 ] && word=ok || word=FAILED
echo "test result: $word. $passed passed; $failed failed; 0 ignored;"
echo "@@ end service $failed"
