#!/usr/bin/env bash
# What: sum-tap counts what passed and failed, and sees every way in which a test program can
#       fail without saying so.
# How:  small programs that do one thing wrong each; the last line and the exit status.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tap.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# program NAME < BODY
program() {
    { echo '#!/bin/sh'; cat; } >"$work/$1"
    chmod +x "$work/$1"
}
# sums EXIT LAST-LINE WORD PROGRAM... : WORD stands somewhere in what is printed
sums() {
    local exit_wanted=$1 last_wanted=$2 word=$3 out status
    shift 3
    out=$(cd "$work" && PATH=$work:$PATH "$here/sum-tap" "$@" 2>&1)
    status=$?
    printf '%s\n' "$out"
    [ "$status" = "$exit_wanted" ] && [ "$(tail -n 1 <<<"$out")" = "$last_wanted" ] &&
        grep -qF -- "$word" <<<"$out"
}

program good <<<'echo 1..2; echo ok 1 - a; echo ok 2 - b'
program late_plan <<<'echo ok 1 - a; echo 1..1'
program bad <<<'echo 1..2; echo ok 1 - a; echo "# why"; echo not ok 2 - b; exit 1'
program lies <<<'echo 1..1; echo not ok 1 - a; exit 0'
program dies <<<'echo 1..2; echo ok 1 - a; kill -SEGV $$'
program exits <<<'echo 1..1; echo ok 1 - a; exit 3'
program short <<<'echo 1..3; echo ok 1 - a'
program planless <<<'echo ok 1 - a'
program mute <<<'exit 0'
program twice <<<'echo 1..2; echo ok 1 - a; echo ok 1 - a'
program hangs <<<'echo 1..1; sleep 600'
program skips <<<'echo 1..2; echo ok 1 - a; echo "ok 2 - b # SKIP no node"'
program bails <<<'echo 1..1; echo ok 1 - a; echo "Bail out! no disk"'
program says <<<'echo 1..1; echo ok 1 - "$1"; [ "$1" = x ]'

tap_plan 16
tap "passed tests add up over programs" sums 0 "3 passed, 0 failed" "ok   good" good late_plan
tap "a failed test fails the sum" sums 1 "3 passed, 1 failed" "# why" good bad
tap "a failed test counts when the exit status hides it" sums 1 "0 passed, 1 failed" FAIL lies
tap "death by a signal is a failure" sums 1 "1 passed, 1 failed" "died of SIGSEGV" dies
tap "an exit status without a failed test is a failure" \
    sums 1 "1 passed, 1 failed" "exit status 3" exits
tap "ending short of the plan is a failure" sums 1 "1 passed, 1 failed" "3 were planned" short
tap "a program without a plan is a failure" sums 1 "1 passed, 1 failed" "no plan" planless
tap "a program that says nothing is a failure" sums 1 "0 passed, 1 failed" "no plan" mute
tap "a test that is counted twice is a failure" sums 1 "2 passed, 1 failed" "2 was due" twice
tap "a program that hangs is ended and is a failure" \
    sums 1 "0 passed, 1 failed" "still running after 1 s" -t 1 hangs
tap "a skipped test is shown and counts as neither" \
    sums 0 "1 passed, 0 failed" "no node" skips
tap "bailing out is a failure" sums 1 "1 passed, 1 failed" "no disk" bails
tap "a program that is not there is a failure" \
    sums 1 "2 passed, 1 failed" "cannot be run" good absent
tap "a program may have arguments" sums 0 "1 passed, 0 failed" "says x" "says x"
tap "programs that run at once add up the same" \
    sums 1 "8 passed, 3 failed" FAIL -j 4 good bad good -j 2 lies short good
tap "nothing to run is a failure" sums 1 "0 passed, 1 failed" "nothing ran"
tap_end
