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
    "$program" run --set otlp.bind= --set web.bind= --set "intake.pull=ipc://$folder/in" \
        --set "alerts.publish=ipc://$folder/out" \
        --set "intake.dead_letters=$folder/refused" >/dev/null 2>"$folder/said" &
    pid=$!
    for _ in $(seq 200); do
        grep -q "alerts on" "$folder/said" && return 0
        sleep 0.1
    done
    return 1
}
# How a program of python's ends when a fault hits it: "core" or "no core".
fault() { # PROGRAM ARGUMENTS...
    (cd "$folder" && /usr/bin/python3 - "$@") <<'PYTHON'
import os, resource, signal, sys, time
hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[
    (os.POSIX_SPAWN_OPEN, 2, "fault.err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
    (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
end = time.monotonic() + (20 if "run" in sys.argv else 0.5)
while time.monotonic() < end and "alerts on" not in open("fault.err").read():
    time.sleep(0.05)
os.kill(child, signal.SIGSEGV)
status = os.waitpid(child, 0)[1]
assert os.WTERMSIG(status) == signal.SIGSEGV, status
print("core" if os.WCOREDUMP(status) else "no core")
PYTHON
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

start
started=$?
rights=$(grep NoNewPrivs "/proc/$pid/status")
mode=$(stat -c %a "$folder/refused")
kill "$pid"
wait "$pid"
pid=
other=$(fault /bin/sleep 20)
own=$(fault "$PWD/$program" run --set "intake.pull=ipc://$folder/in2" \
    --set otlp.bind= --set web.bind= \
    --set "alerts.publish=ipc://$folder/out2")

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
if [ "$other" = core ]; then
    tap "it leaves no core behind, where others do" [ "$own" = "no core" ]
else
    echo "ok 10 - it leaves no core behind # SKIP nothing does on this machine"
    tap_count=10
fi
if command -v systemd-analyze >/dev/null; then
    tap "the unit's exposure is 1.2 or less" sandboxed
else
    echo "ok 11 - the unit's exposure # SKIP there is no systemd-analyze"
fi
tap_end
