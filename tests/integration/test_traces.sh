#!/usr/bin/env bash
# test_traces.sh - recorded traffic of real services, imported and replayed: every line is
# taken, every event accounted for, and nobody in it is brought before a manager.
#   GOODHART_TRACES=FOLDER  where the public traces are (../shared/data); skipped without
#
# The traces are short, so conversations are also dealt to fewer people over many days. That
# spreads them over all 24 hours: people without hours of their own. An incident that says so
# is one of the false alarms that a detector may raise, and they are counted against that.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/checks/tap.sh
traces=$(realpath -q "${GOODHART_TRACES:-../shared/data}")
goodhart=$(realpath "${GOODHART:-build/goodhart}")
judge=$PWD/tests/integration/judge.py
azure=azure-llm-2023/code.csv.gz
mooncake=mooncake/conversation.jsonl.xz
agents=agent-traces/requests.csv.gz
for file in "$azure" "$mooncake" "$agents"; do
    [ -f "$traces/$file" ] && continue
    tap_plan 1
    echo "ok 1 - recorded traffic raises no review # SKIP no $file in GOODHART_TRACES"
    exit 0
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

rows() { # FILE: lines that hold a call
    case $1 in
    *.gz) zcat "$traces/$1" | grep -c . | awk '{print $1 - 1}' ;;
    *.xz) xzcat "$traces/$1" | grep -c . ;;
    esac
}

# The tick at the end tells that the log is complete up to there. Without it, calls that follow
# a long silence at the very end would be held for want of others that confirm the time.
replay_trace() { # FORMAT FILE FLAG...
    local format=$1 file=$2
    shift 2
    "$goodhart" import "$format" "$traces/$file" "$@" > events.ndjson 2> import.err || return 1
    grep -q ' 0 lines or files refused' import.err || { cat import.err; return 1; }
    [ "$(wc -l < events.ndjson)" = $(($(rows "$file") + 1)) ] ||
        { wc -l events.ndjson; return 1; }
    tail -n 1 events.ndjson | grep -q '"kind":"tick"' || { tail -n 1 events.ndjson; return 1; }
    "$goodhart" replay events.ndjson --alerts alerts.ndjson \
        --findings findings.ndjson --summary summary.json
}
all_taken() {
    "$judge" "one['events'] == one['applied'] == $(wc -l < events.ndjson)" summary.json
}
nobody_is_accused() {
    "$judge" 'every(lambda finding: finding["track"] == "incident")' findings.ndjson &&
        "$judge" 'one["reviewable_actors"] == 0 == one["findings_by_track"]["review"]' \
            summary.json
}
alarms_are_few() { # DAYS: no detector opens more than it may
    "$judge" "every(lambda detector: sum(alert['data']['detector'] == detector
        and alert['type'].endswith('opened') for alert in all) <= 0.5 * $1,
        {alert['data']['detector'] for alert in all})" alerts.ndjson
}
is_honest() { # DAYS FORMAT FILE FLAG...
    local days=$1
    shift
    replay_trace "$@" && all_taken && nobody_is_accused && alarms_are_few "$days"
}
raises_nothing() { is_honest 0 "$@"; }

tap_plan 7
tap "an hour of completions of one account raises nothing" \
    raises_nothing azure-trace $azure
tap "an hour of chats of one account raises nothing" raises_nothing mooncake $mooncake
tap "an hour of chats of two hundred people raises nothing" \
    raises_nothing mooncake $mooncake --actors 200
tap "chats of twenty people over twelve weeks accuse nobody" \
    is_honest 84 mooncake $mooncake --actors 20 --days 84
tap "coding agents, each session a person of its own, raise nothing" \
    raises_nothing agent-trace $agents
tap "coding agents of forty people over eight weeks raise nothing" \
    raises_nothing agent-trace $agents --actors 40 --days 56
tap "coding agents of seven people without hours of their own are not accused" \
    is_honest 84 agent-trace $agents --actors 7 --days 84
tap_end
