#!/usr/bin/env bash
# What: .ci/run adds up tests and checks, and nothing that goes wrong ends in success.
# How:  run in a folder with a Makefile that only says what the real one might say.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tap.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/.ci"
cp "$here/../../.ci/run" "$work/.ci/run"
printf '#!/bin/sh\n! test -e no-packages\n' >"$work/.ci/deps"
chmod +x "$work/.ci/deps"

# ends EXIT LAST-LINE TEST-RECIPE CHECK-RECIPE
ends() {
    local out status
    printf 'test:\n\t@%s\ncheck:\n\t@%s\n' "$3" "$4" >"$work/Makefile"
    out=$("$work/.ci/run" 2>&1)
    status=$?
    printf '%s\n' "$out"
    [ "$status" = "$1" ] && [ "$(tail -n 1 <<<"$out")" = "$2" ]
}
good='echo "3 passed, 0 failed"'

tap_plan 7
tap "tests and checks add up" ends 0 "5 passed, 0 failed" "$good" 'echo "2 passed, 0 failed"'
tap "a failed test fails the run, and the checks still run" \
    ends 1 "4 passed, 2 failed" 'echo "1 passed, 2 failed"; exit 1' "$good"
tap "a build that breaks is a failure" ends 1 "3 passed, 1 failed" 'exit 2' "$good"
tap "a target that dies after its line is a failure" \
    ends 1 "6 passed, 1 failed" "$good; exit 3" "$good"
tap "a target that says nothing is a failure" ends 1 "3 passed, 1 failed" true "$good"
tap "ten passed and none failed is not read as a failure" \
    ends 0 "13 passed, 0 failed" 'echo "10 passed, 0 failed"' "$good"
touch "$work/no-packages"
tap "packages that cannot be had are a failure" \
    ends 1 "0 passed, 1 failed" "$good" "$good"
tap_end
