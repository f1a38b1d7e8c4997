#!/usr/bin/env bash
# What: the program is built and started so that a fault in it is hard to use: what the linker
#       and the compiler can do is in the file, the service gives up what it does not need,
#       and the unit's sandbox is as tight as it was measured.
# How:  the program that `make all` left, a running service's /proc, systemd's own verdict.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tap.sh"
cd "$here/../.." || exit 1
program=build/goodhart
folder=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$folder"' EXIT

has() { # WORDS READELF-FLAG...
    readelf -W "${@:2}" "$program" | grep -Eq "$1"
}
not() {
    ! "$@"
}
start() {
    "$program" run --set "intake.pull=ipc://$folder/in" \
        --set "alerts.publish=ipc://$folder/out" \
        --set "intake.dead_letters=$folder/refused" >/dev/null 2>"$folder/said" &
    pid=$!
    for _ in $(seq 200); do
        grep -q "alerts on" "$folder/said" && return 0
        sleep 0.1
    done
    return 1
}
# Ends it as a fault would, where a core could be written.
crash() {
    kill -SEGV "$pid"
    wait "$pid" 2>/dev/null
    crashed=$?
    pid=
}
coreless() {
    [ "$crashed" -eq 139 ] && [ -z "$(find "$folder" . -maxdepth 1 -name 'core*' \
        -newer "$folder/said")" ]
}
exposed() {
    systemd-analyze security --offline=yes deploy/goodhart.service |
        sed -n 's/.*exposure level for goodhart.service: \([0-9.]*\) .*/\1/p'
}
sandboxed() {
    local level
    level=$(exposed)
    echo "exposure $level"
    awk -v level="$level" 'BEGIN { exit !(level != "" && level <= 1.2) }'
}

ulimit -c unlimited 2>/dev/null
start
started=$?
rights=$(grep NoNewPrivs "/proc/$pid/status")
mode=$(stat -c %a "$folder/refused")
crash

tap_plan 11
tap "position-independent" has 'Type: +DYN' -h
tap "relocations are read-only before main" has 'GNU_RELRO' -l
tap "symbols are bound at the start" has 'NOW' -d
tap "the stack cannot be executed" not has 'GNU_STACK.*E ' -l
tap "stacks have canaries" has '__stack_chk_fail' --dyn-syms
tap "copies are checked where sizes are known" \
    has '__(mem|str|sn?printf|vsn?printf|f?printf)[a-z]*_chk' --dyn-syms
tap "the service starts" [ "$started" -eq 0 ]
tap "it can gain no more rights" [ "${rights##*[[:space:]]}" = 1 ]
tap "its files are its owner's alone" [ "$mode" = 600 ]
tap "it leaves no core behind" coreless
if command -v systemd-analyze >/dev/null; then
    tap "the unit's exposure is 1.2 or less" sandboxed
else
    echo "ok 11 - the unit's exposure # SKIP there is no systemd-analyze"
fi
tap_end
