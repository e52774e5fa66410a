# What the checks of service.sh are written in. Programs that busybox has too are called by their path: it would take its own.

# Waits until a command comes to its end.
until_so() {
    end=$(($(date +%s) + 60))
    until eval "$1" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt $end ] || {
            echo "not in a minute: $1"
            eval "$1"
            return 1
        }
        sleep 0.2
    done
}
is() { [ "$1" = "$2" ] || { echo "it is '$1', not '$2'"; return 1; }; }
has() { case "$1" in *"$2"*) ;; *) echo "'$2' is not in: $1"; return 1 ;; esac; }
lacks() { case "$1" in *"$2"*) echo "'$2' is in: $1"; return 1 ;; esac; }
refused() { if "$@"; then echo "not refused: $*"; return 1; fi; }

pid() { systemctl show -P MainPID checker; }
effective() { sed -n 's/CapEff:\t//p' "/proc/$(pid)/status"; }
interface() { /bin/ip link show near0; }
# Once at least since somebody started it, by systemd.
started_anew() {
    [ "$(systemctl show -P NRestarts checker)" -ge 1 ] && [ "$(systemctl is-active checker)" = active ]
}
seen() { checker status --json | sed -n 's/.*"seen": *\([0-9]*\).*/\1/p' | head -n 1; }
# So many packets from a restricted address.
send() { /bin/ip netns exec far ping -q -c "$1" -i 0.2 -W 1 198.51.100.9 || true; }
# By a user of these groups.
as() {
    groups=$1
    shift
    /bin/setpriv --reuid 1000 --regid 1000 "$groups" "$@" 2>&1
}
