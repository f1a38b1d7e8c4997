#!/usr/bin/env bash
# demo.sh - a made-up company, live: its events go through ZeroMQ into a service, alerts come
# out, and in the end the simulator's labels tell who was found rightly. Called by `make demo`.
#   RATE=N  events a second in the second half; 0: as fast as it goes (2800)
#   SEED=K  another company (16: one in which all three tracks arise)
#   KEEP=1  keeps events, labels, alerts and findings, and says where
set -euo pipefail
cd "$(dirname "$0")/.."
goodhart=${GOODHART:-build/goodhart}
rate=${RATE:-2800} seed=${SEED:-16}
people=80 gamers=15 # in a hundred
taught=2026-03-02 # the simulator begins on 2026-02-02; four weeks teach what is usual

folder=$(mktemp -d "${TMPDIR:-/tmp}/goodhart-demo.XXXXXX")
clean_up() {
    local pid tries started
    trap - EXIT INT TERM HUP PIPE
    started=$(jobs -p)
    for pid in $started; do
        kill "$pid" 2>/dev/null || true
    done
    for pid in $started; do
        for ((tries = 0; tries < 100; tries++)); do
            kill -0 "$pid" 2>/dev/null || continue 2
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
    done
    [ -n "${KEEP:-}" ] || rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    bold=$'\e[1m' plain=$'\e[0m'
fi
say() { printf '%s%s%s\n' "$bold" "$*" "$plain"; }
fail() {
    echo "demo: $1" >&2
    [ ! -s "$2" ] || tail -n 5 "$2" >&2
    exit 1
}

# until_says PATTERN FILE PID: waits until the process has written that.
until_says() {
    local tries
    for tries in {1..300}; do
        if grep -qs "$1" "$2"; then return; fi
        kill -0 "$3" 2>/dev/null || fail "a process ended early:" "$2"
        sleep 0.1
    done
    fail "nothing was heard for 30 s" "$2"
}
end() { # PID FILE
    kill "$1" 2>/dev/null || true
    wait "$1" || fail "a process failed:" "$2"
}

say "A made-up company of $people people, eight weeks. About $gamers % game the leaderboard,"
say "most from the fifth week on: far more than in life, so that a minute shows something."
"$goodhart" simulate --actors "$people" --weeks 8 --gamers "0.$gamers" --seed "$seed" \
    --out "$folder" 2> "$folder/simulate.err" || fail "simulate failed" "$folder/simulate.err"
awk -v day="$taught" -v folder="$folder" 'match($0, /"ts":"[^"]*/) {
    later = later || substr($0, RSTART + 6, 10) >= day
    print > (folder (later ? "/later.ndjson" : "/first.ndjson")) }' "$folder/events.ndjson"

"$goodhart" run --set 'intake.pull=tcp://127.0.0.1:*' --set 'alerts.publish=tcp://127.0.0.1:*' \
    --set otlp.bind= --set web.bind= --set control.bind= \
    --set service.summary=0.2 --alerts "$folder/alerts.ndjson" \
    --findings "$folder/findings.ndjson" \
    > "$folder/counters.json" 2> "$folder/run.err" &
service=$!
until_says 'alerts on' "$folder/run.err" "$service"
events_at=$(sed -n 's/.*events on \([^ ]*\).*/\1/p' "$folder/run.err")
alerts_at=$(sed -n 's/.*alerts on \([^ ]*\).*/\1/p' "$folder/run.err")
"$goodhart" watch --endpoint "$alerts_at" 2> "$folder/watch.err" &
watcher=$!
until_says connected "$folder/watch.err" "$watcher"

send() {
    "$goodhart" send "$folder/$1.ndjson" --endpoint "$events_at" --rate "$2" \
        > "$folder/$1.sent" 2> "$folder/$1.err" &
    wait $! || fail "send failed" "$folder/$1.err"
}
say "goodhart run takes events on $events_at and publishes alerts on $alerts_at."
first=$(wc -l < "$folder/first.ndjson")
say "Four weeks teach what is usual: $first events, as fast as they go."
send first 0
# Another producer may overtake what still waits, and would make it late.
until_says "\"events\":$first," "$folder/run.err" "$service"
later=$(wc -l < "$folder/later.ndjson")
say "Four weeks are judged: $later events; alerts as goodhart watch shows them:"
echo
send later "$rate"
end "$service" "$folder/run.err"
sleep 0.5 # what it published last is still on its way to watch
end "$watcher" "$folder/watch.err"
grep -E 'gap|lost' "$folder/watch.err" || true

python3 deploy/demo_summary.py "$folder" "$bold" "$plain"
if [ -n "${KEEP:-}" ]; then say "Kept in $folder."; fi
