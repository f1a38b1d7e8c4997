#!/usr/bin/env bash
# test_commands.sh - the program as a shell sees it: exit status, where its words go, and a
# replay that writes the same bytes however it is asked.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/checks/tap.sh
goodhart=$(realpath "${GOODHART:-build/goodhart}")
judge=$PWD/tests/integration/judge.py
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

exits() { # STATUS ARGUMENT... ; leaves `out` and `err`
    local wanted=$1 got
    shift
    "$goodhart" "$@" > out 2> err < /dev/null
    got=$?
    [ "$got" = "$wanted" ] || { echo "goodhart $*: exit status $got"; cat out err; return 1; }
}
says() { grep -qF -- "$1" err || { cat err; return 1; }; }
silent() { [ ! -s "$1" ] || { echo "$1 is not empty:"; cat "$1"; return 1; }; }

without_a_command() { exits 2 && silent out && says replay; }
help_of_all() { exits 0 --help && silent err && grep -q replay out; }
help_of_each() {
    local command list='/^commands:/{on=1;next} /^$/{on=0} on{print $1}'
    for command in $("$goodhart" --help | awk "$list"); do
        exits 0 "$command" --help && silent err && mv out by_flag &&
            exits 0 help "$command" && cmp out by_flag || return 1
    done
}
version() { exits 0 --version && grep -q '^goodhart 0\.1\.0' out; }
misspelt() {
    exits 2 repaly && says 'did you mean replay?' &&
        exits 2 replay --alrets x && says 'did you mean --alerts?' &&
        exits 2 options --set service.shrads=1 && says 'did you mean shards?' && silent out
}
set_everywhere() {
    exits 2 replay events.ndjson --set service.shards=99 &&
        says '--set service.shards: 99: must be 1..64 shards' &&
        exits 2 check events.ndjson --config bad.yaml && says 'bad.yaml:2:11: service.shards'
}
options_are_a_configuration() {
    exits 0 options --set service.shards=5 --set 'alerts.source=a "b" \c' && mv out all.yaml &&
        exits 0 check all.yaml && exits 0 options --config all.yaml && cmp out all.yaml
}
options_for_machines() {
    exits 0 options --json &&
        "$judge" 'len(all) > 20 and every(lambda o: o["name"] and o["help"])' out &&
        exits 0 options --markdown && grep -q '^| `service.shards` |' out &&
        exits 2 options --json --markdown && exits 2 options --explain log --schema
}
options_tell_where_a_value_is_from() {
    printf 'order:\n  lateness: 9\noverrides:\n- {role: sre, reason: nights, set:\n' > own.yaml
    printf '   {review.fewest_usd: 7}}\n' >> own.yaml
    exits 0 options --config own.yaml --set order.lateness=8 --explain order.lateness &&
        grep -qx 'order.lateness = 8 seconds' out && grep -qx '  from        --set' out &&
        grep -qx '  instead of  9, own.yaml:2:3' out &&
        grep -qx '              600, default' out &&
        exits 0 options --config own.yaml --explain review.fewest_usd &&
        grep -qx '  but         7 for role:sre, own.yaml:5:5: nights' out &&
        exits 0 options --config own.yaml --explain review.fewest_usd --json && "$judge" \
        'len(all) == 1 and all[0]["overrides"][0]["from"] == "own.yaml:5:5" and
         all[0]["layer"] == "default" and all[0]["scopable"] and
         all[0]["effect"] == "at once"' out &&
        exits 0 options --explain log && [ "$(grep -c '^log[.]' out)" = 2 ] &&
        exits 2 options --explain order.latenes && says 'did you mean lateness?' &&
        exits 0 options --config own.yaml && mv out all.yaml &&
        exits 0 options --config all.yaml && cmp out all.yaml
}
check_finds_events() {
    exits 0 check events.ndjson && exits 1 check bad.ndjson && silent out &&
        says 'bad.ndjson:2: event 2: input_tokens: -3: an integer from 0 to 9007199254740991' &&
        says 'bad.ndjson:5: event 4: ' && says '2 refused' &&
        exits 1 check --limit 1 bad.ndjson && says '1 more problem'
}
check_finds_configurations() {
    exits 2 check bad.yaml events.ndjson &&
        says 'bad.yaml:2:11: service.shards: 0: must be 1..64' &&
        says 'bad.yaml:3:1: ordr: unknown group of options: did you mean order?' &&
        exits 0 check good.yaml
}
check_finds_maps_and_people() {
    printf '# who\npeople:\n  - {actor: ada, ids: [a@x]}\n' > people.yaml
    printf '{"people": [{"actor": "ada", "tema": "x"}]}\n' > people.json
    printf '{"rules": [{"kind": "row", "is": "ignore"}]}\n' > map.json
    printf '{"rules": [{"kind": "row", "is": "ignored"}]}\n' > wrong.json
    exits 0 check people.yaml map.json events.ndjson && says '1 people file: fine' &&
        says '1 map file: fine' && says ' events: ' &&
        exits 2 check people.json && says 'people.json:1:30: person 1 (ada): not a member' &&
        exits 2 check wrong.json && says 'wrong.json:1:34: rules 1 is: usage, output'
}
no_file() {
    exits 1 replay absent.ndjson && says 'absent.ndjson: cannot be read: No such file' &&
        exits 2 replay events.ndjson --config absent.yaml && says 'absent.yaml: cannot be read'
}
full_disk() {
    exits 1 replay events.ndjson --summary /dev/full &&
        says '/dev/full: could not be written' &&
        { "$goodhart" options > /dev/full 2> err; [ $? = 1 ]; } && says 'could not be written'
}
same_name_twice() {
    exits 2 replay events.ndjson --alerts - --findings - && says 'is --alerts already'
}

same_summary() {
    "$judge" 'list(all[0]) == list(all[1]) and every(lambda key: all[0][key] == all[1][key],
              set(all[0]) - {"seconds", "events_per_second", "peak_memory_bytes", "shards",
                             "stages", "files", "bytes"})' "$@"
}
replay_as() { # NAME ARGUMENT...
    local name=$1
    shift
    exits 0 replay --alerts "$name.a" --findings "$name.f" --summary "$name.s" "$@"
}
same_as_first() { cmp first.a other.a && cmp first.f other.f && same_summary first.s other.s; }
same_when() { replay_as other "$@" && same_as_first; }
replay_is_the_same() {
    local frame shards
    replay_as first events.ndjson && [ -s first.a ] && [ -s first.f ] || return 1
    for frame in 1 7 1000; do
        for shards in 1 3; do
            same_when --frame $frame --shards $shards events.ndjson || return 1
        done
    done
}
replay_takes_any_form() {
    "$judge" --array events.ndjson > array.json && same_when array.json &&
        "$judge" --pretty events.ndjson > pretty.json && same_when pretty.json &&
        split -l 1000 events.ndjson part. && same_when part.* &&
        gzip -k events.ndjson && same_when events.ndjson.gz &&
        "$goodhart" replay - --alerts other.a --findings other.f --summary other.s \
            < <(cat events.ndjson) 2> err && same_as_first
}
replay_numbers_alerts() {
    "$judge" '[a["sequence"] for a in all] == list(range(1, len(all) + 1))' first.a &&
        "$judge" "one['alerts'] == $(wc -l < first.a)" first.s &&
        "$judge" "one['findings'] == $(wc -l < first.f)" first.s
}
replay_adds_up() {
    exits 0 replay bad.ndjson bad.ndjson --summary - --dead-letters dead &&
        "$judge" 'one["events"] == one["applied"] + one["late"] + one["duplicates"]
                  + one["refused"] and one["refused"] == 4 == sum(one["refused_by"].values())
                  and one["files"] == 2 and one["unknown_keys"] == 2' out &&
        "$judge" 'len(all) == 4 and one["line"] == 2 and one["reason"] == "range"
                  and one["event"]' dead
}
replay_shows_a_table() {
    exits 0 replay events.ndjson && silent out && says 'actors with a finding to review' &&
        says detector && exits 0 replay events.ndjson --alerts a && silent err
}

"$goodhart" simulate --actors 12 --weeks 8 --gamers 0.4 --strength 10 --seed 3 --out made \
    2> err || { cat err; exit 1; }
mv made/events.ndjson .
printf 'service:\n  shards: 0\nordr: {}\n' > bad.yaml
printf 'service: {shards: 2}\n' > good.yaml
printf '%s\n' '{"id":"1","ts":0,"actor":"ann","input_tokens":10}' \
    '{"id":"2","ts":1,"actor":"ann","input_tokens":-3}' '' \
    '{"id":"3","ts":2,"actor":"ann","zz":1}' '{"id":"4","ts":' > bad.ndjson

tap_plan 20
tap "without a command it says what there is, and that this was wrong" without_a_command
tap "help that was asked for goes to standard output" help_of_all
tap "every command has one help, by flag and by name" help_of_each
tap "it tells its version" version
tap "a misspelt name is met with the nearest" misspelt
tap "--config and --set work with every command" set_everywhere
tap "the options that it prints are a configuration" options_are_a_configuration
tap "options are there for machines and for the reference page" options_for_machines
tap "an option tells where its value is from" options_tell_where_a_value_is_from
tap "check tells what is wrong with events" check_finds_events
tap "check tells everything that is wrong with a configuration" check_finds_configurations
tap "check knows map files and people files" check_finds_maps_and_people
tap "a file that is not there is told" no_file
tap "a full disk is no success" full_disk
tap "two outputs into one file are refused" same_name_twice
tap "a replay writes the same bytes for any batch and any number of shards" replay_is_the_same
tap "a replay takes lines, array, pretty print, parts, gzip, a pipe" replay_takes_any_form
tap "alerts are numbered from 1 and counted" replay_numbers_alerts
tap "every event is accounted for, and the refused ones are kept" replay_adds_up
tap "without files a replay shows a table" replay_shows_a_table
tap_end
