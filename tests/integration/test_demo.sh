#!/usr/bin/env bash
# test_demo.sh - what a newcomer sees of `make demo`, at full speed: it ends by itself, shows
# what was really found, and leaves nothing behind, also when it is broken off.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/checks/tap.sh
folder=$(mktemp -d)
mkdir "$folder/tmp"
trap 'rm -rf "$folder"' EXIT
export TMPDIR=$folder/tmp GOODHART=${GOODHART:-build/goodhart}

# begin NAME [VARIABLE=VALUE...]: a demo in a session of its own, so that what it starts can
# be told from everything else; `demo` is its process.
begin() {
    local name=$1
    shift
    setsid env "$@" deploy/demo.sh > "$folder/$name" 2> "$folder/$name.err" < /dev/null &
    demo=$!
}
still_there() { # SESSION
    cat /proc/[0-9]*/stat 2> /dev/null | sed 's/.*) //' |
        awk -v session="$1" '$4 == session {found = 1} END {exit !found}'
}
until_said() { # PATTERN NAME
    local tries
    for tries in {1..200}; do
        if grep -q "$1" "$folder/$2"; then return; fi
        sleep 0.1
    done
    return 1
}

end_by_themselves() { [ "$ended" = "0 0" ] && [ ! -s "$folder/first.err" ]; }
shows_all_tracks() {
    local track
    for track in incident review case; do
        grep -qE "^2026-[^ ]*  [a-z]+  $track  [a-z_]+  a[0-9]+ \(team-[0-9]+\)  " \
            "$folder/first" || { echo "no alert of the track $track"; return 1; }
    done
}
shows_every_alert() {
    local shown
    shown=$(grep -cE '^2026-' "$folder/first")
    grep -q " taken, 0 refused, 0 late; $shown alerts\$" "$folder/first"
}
tells_right_from_wrong() {
    local rows right people
    rows=$(grep -cE '^  (review|case) ' "$folder/first")
    right=$(grep -cE '^  (review|case) .*  right: [a-z_]+,' "$folder/first")
    people=$(grep -E '^  (review|case) ' "$folder/first" | awk '{print $3}' | sort -u | wc -l)
    [ "$people" -ge 2 ] && [ "$right" = "$rows" ] &&
        grep -qE "^  base rate +$people of 80 people" "$folder/first" &&
        grep -qE '^  wrongly +0 of' "$folder/first"
}
same_twice() {
    local file
    for file in first second; do
        grep -vE '127\.0\.0\.1|^  machine |^Kept in' "$folder/$file" > "$folder/$file.same"
    done
    cmp "$folder/first.same" "$folder/second.same"
}
readme_summary_is_real() {
    awk '/^    Who is/ {on = 1} /^Gaming is/ {on = 0} on' README.md | sed 's/^    //' |
        grep -vE '^  machine |^$' > "$folder/readme"
    sed -n '/^Who is/,/^  events/p' "$folder/first" | grep -v '^$' | diff "$folder/readme" -
}
# Each "key": value of the README's alert, numbers and whole texts, in the alert of that id.
readme_alert_is_real() {
    local id fragment
    id=$(grep -oE '^    "id": "[0-9a-f]+-[0-9]+"' README.md | cut -d '"' -f 4)
    grep -hF "\"id\":\"$id\"" "$TMPDIR"/goodhart-demo.*/alerts.ndjson > "$folder/alert" ||
        { echo "no alert $id"; return 1; }
    grep -oE '^    "[a-z_]+": ("[^"]*"|[0-9.]+)' README.md | sed 's/^    //; s/": /":/' |
        while read -r fragment; do
            grep -qF "$fragment" "$folder/alert" || { echo "not so: $fragment"; return 1; }
        done
}
no_colours_in_files() { ! grep -q $'\e' "$folder/first"; }
leaves_nothing_running() { ! still_there "$first" && ! still_there "$second"; }
keeps_when_asked() {
    local kept
    kept=$(sed -n 's/^Kept in \(.*\)\.$/\1/p' "$folder/first")
    [ -n "$kept" ] && [ "$(echo "$TMPDIR"/*)" = "$kept" ] &&
        [ "$(wc -l < "$kept/alerts.ndjson")" = "$(grep -cE '^2026-' "$folder/first")" ]
}
broken_off() { # SIGNAL STATUS PATTERN
    begin broken RATE=2000
    until_said "$3" broken && kill -s "$1" "$demo"
    wait "$demo"
    [ $? = "$2" ] && ! still_there "$demo" && [ "$(ls "$TMPDIR" | wc -l)" = 1 ]
}

begin first RATE=0 KEEP=1
first=$demo
begin second RATE=0
second=$demo
wait "$first"
ended=$?
wait "$second"
ended="$ended $?"

tap_plan 12
tap "two demos at a time end by themselves and succeed" end_by_themselves
tap "alerts of all three tracks are shown" shows_all_tracks
tap "no alert is lost, none refused, and the summary counts as many" shows_every_alert
tap "who stands before a manager is held against the labels" tells_right_from_wrong
tap "two demos show the same but for ports and time" same_twice
tap "without a terminal there are no colours" no_colours_in_files
tap "the README shows what the demo tells in the end" readme_summary_is_real
tap "the alert in the README is one of the demo" readme_alert_is_real
tap "nothing is left running" leaves_nothing_running
tap "files are kept when that is asked for, and only then" keeps_when_asked
tap "TERM in the middle ends everything" broken_off TERM 143 'Four weeks are judged'
tap "HUP at the start ends everything" broken_off HUP 129 'A made-up'
tap_end
