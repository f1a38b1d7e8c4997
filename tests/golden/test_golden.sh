#!/usr/bin/env bash
# test_golden.sh - recorded streams give these alerts and findings, byte for byte, whatever the
# frames and the shards. `test_golden.sh --update` shows what has changed and writes it down.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/checks/tap.sh
goodhart=$(realpath "${GOODHART:-build/goodhart}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
outputs="alerts.ndjson findings.ndjson dead-letters.ndjson"

replay() { # CASE FRAME SHARDS ; leaves the outputs in $folder
    local flags=()
    [ ! -f "$1/flags" ] || read -ra flags < "$1/flags"
    "$goodhart" replay "$1/events.ndjson.xz" --frame "$2" --shards "$3" "${flags[@]}" \
        --alerts "$folder/alerts.ndjson" --findings "$folder/findings.ndjson" \
        --dead-letters "$folder/dead-letters.ndjson" 2> "$folder/err" || cat "$folder/err"
}
as_recorded() { # CASE FRAME SHARDS
    local output failed=0
    replay "$@"
    for output in $outputs; do
        diff "$1/$output" "$folder/$output" | head -c 2000
        cmp -s "$1/$output" "$folder/$output" || failed=1
    done
    return $failed
}
update() { # CASE
    local output
    replay "$1" 1000 1
    for output in $outputs; do
        [ -f "$1/$output" ] || : > "$1/$output"
        diff -u "$1/$output" "$folder/$output" | cut -c 1-400
        cp "$folder/$output" "$1/$output"
    done
}

if [ "${1:-}" = --update ]; then
    for case in tests/golden/case/*; do
        update "$case"
    done
    exit
fi
cases=(tests/golden/case/*)
tap_plan $((3 * ${#cases[@]}))
for case in "${cases[@]}"; do
    tap "${case##*/} gives what was recorded, event by event" as_recorded "$case" 1 2
    tap "${case##*/} gives what was recorded, in frames of 7" as_recorded "$case" 7 1
    tap "${case##*/} gives what was recorded, in frames of 1000" as_recorded "$case" 1000 3
done
tap_end
