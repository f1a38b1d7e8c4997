#!/usr/bin/python3
"""What becomes of doubled, late, future and missing events, by the rules of the event contract
and that of held events in include/goodhart/engine.h. Logs are written by hand."""
import json

from contract import DAY, HOUR, MINUTE, START_MS, judged
from support import goodhart, lines, main, path, write


def calls(count, start_ms=START_MS, step_ms=MINUTE, name="call", **keys):
    return [{"id": f"{name}-{i}", "ts": start_ms + i * step_ms, "actor": "ann",
             "input_tokens": 10, "output_tokens": 0} | keys for i in range(count)]


def counted(events, **wanted):
    """Replays; every outcome that is not named must be 0."""
    _, summary = judged(events)
    got = {key: summary[key] for key in ("applied", "late", "duplicates", "refused")}
    assert got == dict.fromkeys(got, 0) | wanted, got
    return summary


def the_same_id_again_is_a_duplicate_and_counts_once():
    events = calls(5)
    summary = counted(events + [events[2] | {"input_tokens": 999}, events[4]], applied=5,
                      duplicates=2)
    assert summary["tokens"] == 50


def an_event_past_the_lateness_counts_in_totals_alone():
    last_ms = START_MS + HOUR
    events = calls(2, step_ms=HOUR)
    summary = counted(events + calls(1, last_ms - 600_000, name="just"), applied=3)
    assert summary["tokens"] == 30
    summary = counted(events + calls(1, last_ms - 600_001, name="late"), applied=2, late=1)
    assert summary["tokens"] == 30
    late = calls(1, last_ms - 700_000, name="late")
    counted(events + late + late, applied=2, late=1, duplicates=1)


def one_wrong_clock_is_refused_and_moves_time_for_nobody():
    summary = counted(calls(3) + calls(1, START_MS + DAY, name="wrong") +
                      calls(3, START_MS + 3 * MINUTE, name="right"), applied=6, refused=1)
    assert summary["refused_by"]["future"] == 1 and summary["tokens"] == 60
    counted(calls(1) + calls(1, START_MS + HOUR, name="edge"), applied=2)


def a_refused_event_is_told_with_place_and_reason():
    file = write("wrong.ndjson", map(json.dumps, calls(2) + calls(1, START_MS + DAY, name="x") +
                                     calls(1, START_MS + 2 * MINUTE, name="y")))
    status, _, errors = goodhart("replay", file, "--dead-letters", path("dead"),
                                 "--summary", path("summary"))
    assert status == 0, errors
    letter, = lines(path("dead"))
    assert (letter["reason"], letter["line"], letter["index"]) == ("future", 3, 2), letter
    assert json.loads(letter["event"])["id"] == "x-0"


def a_quiet_night_loses_nothing_that_comes_after_it():
    morning = START_MS + 40 * MINUTE + 14 * HOUR
    counted(calls(40) + calls(40, morning, name="next"), applied=80)
    nights = [event for night in range(5)
              for event in calls(45, START_MS + night * DAY, 10 * MINUTE, name=f"day{night}")]
    counted(nights, applied=225)


def a_stream_with_hours_between_its_events_comes_through():
    log = calls(96, step_ms=2 * HOUR)
    counted(log + [{"kind": "tick", "id": "end", "ts": log[-1]["ts"]}], applied=97)


def a_few_events_after_a_silence_wait_for_a_quorum_or_a_tick():
    """The rule of held events in include/goodhart/engine.h."""
    morning = START_MS + 14 * HOUR
    few = calls(3) + calls(31, morning, name="next")
    counted(few, applied=3, refused=31)
    counted(few + calls(1, morning + HOUR, name="last"), applied=35)
    counted(few + [{"kind": "tick", "id": "t", "ts": few[-1]["ts"]}], applied=35)
    counted(calls(3) + [{"kind": "tick", "id": "t", "ts": morning - HOUR}] +
            calls(5, morning, name="next"), applied=9)


def a_tick_makes_what_is_older_late():
    tick = {"kind": "tick", "id": "tick", "ts": START_MS + HOUR}
    counted(calls(3) + [tick] + calls(2, START_MS + 3 * MINUTE, name="old"), applied=4, late=2)


def a_tick_out_of_reach_is_refused():
    tick = {"kind": "tick", "id": "tick", "ts": START_MS + 400 * DAY}
    summary = counted(calls(3) + [tick] + calls(2, START_MS + 3 * MINUTE, name="on"),
                      applied=5, refused=1)
    assert summary["refused_by"]["future"] == 1


main([
    the_same_id_again_is_a_duplicate_and_counts_once,
    an_event_past_the_lateness_counts_in_totals_alone,
    one_wrong_clock_is_refused_and_moves_time_for_nobody,
    a_refused_event_is_told_with_place_and_reason,
    a_quiet_night_loses_nothing_that_comes_after_it,
    a_stream_with_hours_between_its_events_comes_through,
    a_few_events_after_a_silence_wait_for_a_quorum_or_a_tick,
    a_tick_makes_what_is_older_late,
    a_tick_out_of_reach_is_refused,
])
