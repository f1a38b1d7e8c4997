#!/usr/bin/python3
"""Two agents that answer each other for an hour, written by hand: an incident within the
hour, whatever the source reports, and none where something new is said or was declared."""
import re

from contract import DAY, HOUR, MINUTE, START_MS, check_stream, judged, moment
from support import main


def exchange(minutes=60, actors=("ann",), start_ms=START_MS, step_ms=MINUTE, **keys):
    """Two agents that answer each other once a minute; a key may be a function of the hop."""
    for hop in range(minutes * MINUTE // step_ms + 1):
        event = {"id": f"hop-{start_ms}-{hop}", "ts": start_ms + hop * step_ms,
                 "actor": actors[hop % len(actors)], "agent": ("ping", "pong")[hop % 2],
                 "caller": ("pong", "ping")[hop % 2], "model": "claude-sonnet-4-5",
                 "input_tokens": 2000, "output_tokens": 300}
        yield event | {key: value(hop) if callable(value) else value
                       for key, value in keys.items()}


def loops(alerts):
    return [alert for alert in alerts if alert["data"]["detector"] == "agent_loop"]


def check_loop(events, *arguments, start_ms=START_MS):
    alerts, summary = judged(events, *arguments)
    found = loops(alerts)
    assert found, "no incident"
    opened = found[0]
    assert opened["type"].endswith("opened") and opened["data"]["track"] == "incident"
    at = moment(opened["time"]).timestamp() * 1000
    assert start_ms < at <= start_ms + HOUR, opened["time"]
    assert {"ping", "pong"} <= set(re.findall(r"\w+", opened["data"]["explanation"]))
    check_stream(alerts)
    return found, summary


def spread(hop):
    """64 bits that are far from those of every other hop."""
    value = (hop + 1) * 0x9E3779B97F4A7C15 & (1 << 64) - 1
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & (1 << 64) - 1
    return f"{value ^ value >> 27:016x}"


def repeated(hop):
    return f"00000000000000{'0f' if hop % 2 else 'f0'}"


def a_loop_of_two_agents_is_an_incident_within_the_hour():
    check_loop(exchange())


def a_loop_is_an_incident_whatever_its_source_reports():
    variants = {
        "hash": {"prompt_hash": repeated},
        "hash and tools": {"prompt_hash": repeated, "tool_calls": 0},
        "tools alone": {"tool_calls": 0},
        "no tools, other lengths": {"tool_calls": 0,
                                    "output_tokens": lambda hop: 100 + hop * 37 % 900},
        "session": {"session": "s1"},
        "a session a call": {"session": lambda hop: f"s{hop}"},
        "trace": {"trace": "t1", "origin": "scheduled"},
        "response": {"response_hash": repeated, "status": "ok", "duration_ms": 900},
        "no model": {"model": "of-our-own"},
        "cached": {"input_tokens": 10, "cache_read_tokens": 1990},
        "all": {"session": "s1", "trace": "t1", "prompt_hash": repeated, "tool_calls": 0,
                "response_hash": repeated, "user_tokens": 0, "team": "core"},
    }
    for name, keys in variants.items():
        try:
            check_loop(exchange(**keys))
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error


def a_loop_between_agents_of_two_people_is_an_incident():
    found, _ = check_loop(exchange(actors=("ann", "bob")))
    assert {alert["subject"] for alert in found} <= {"ann", "bob"}
    for shards in ("2", "3"):
        again, _ = check_loop(exchange(actors=("ann", "bob")), "--shards", shards)
        assert again == found


def a_loop_amid_the_traffic_of_others_is_an_incident():
    others = [{"id": f"other-{i}", "ts": START_MS + i * 7_000, "actor": f"user{i % 9}",
               "model": "claude-sonnet-4-5", "input_tokens": 900, "output_tokens": 100}
              for i in range(520)]
    found, _ = check_loop(sorted([*exchange(), *others], key=lambda event: event["ts"]))
    assert {alert["subject"] for alert in found} == {"ann"}


def a_lively_exchange_is_no_incident():
    for keys in ({"prompt_hash": spread, "tool_calls": lambda hop: 1 + hop % 3},
                 {"prompt_hash": spread, "output_tokens": lambda hop: 100 + hop * 37 % 900},
                 {"tool_calls": 1, "output_tokens": lambda hop: 100 + hop * 37 % 900}):
        alerts, summary = judged(exchange(minutes=180, **keys))
        assert not alerts, alerts[0]["data"]["explanation"]
        assert summary["applied"] == summary["events"] == 181


def agents_that_a_person_leads_are_no_incident():
    def led(event, hop):
        return event | ({"user_tokens": 40} if hop % 4 == 0 else {})
    events = [led(event, hop) for hop, event in enumerate(exchange(minutes=180))]
    for event in events[::4]:
        del event["caller"]
    alerts, _ = judged(events)
    assert not alerts, alerts[0]["data"]["explanation"]


def declared(**keys):
    return {"kind": "experiment", "id": "declared", "ts": START_MS - MINUTE, "actor": "ann",
            "experiment": "ping-pong", "from": START_MS - HOUR, "until": START_MS + DAY} | keys


def of_team(**keys):
    event = declared(team="core", **keys)
    del event["actor"]
    return event


def a_declared_experiment_covers_a_loop():
    """Calls that name none are covered by their actor's own newest one."""
    budget = {"budget_tokens": 10_000_000}
    named = {"experiment": "ping-pong"}
    for first, keys in ((declared(**budget), named), (declared(**budget), {}),
                        (of_team(**budget), named | {"team": "core"})):
        alerts, _ = judged([first, *exchange(**keys)])
        assert not alerts, (first, keys)


def a_loop_outside_of_the_experiment_counts():
    check_loop([of_team(budget_tokens=10_000_000), *exchange(team="core")])
    check_loop([declared(budget_tokens=5_000), *exchange(experiment="ping-pong")])
    check_loop([declared(budget_tokens=10_000_000, until=START_MS - 1),
                *exchange(experiment="ping-pong")])
    check_loop(exchange(experiment="never-declared"))


def a_tick_closes_what_has_been_quiet():
    log = list(exchange())
    opened = loops(judged(log)[0])
    assert not any(alert["type"].endswith("closed") for alert in opened)
    tick = {"kind": "tick", "id": "tick", "ts": START_MS + 3 * DAY}
    closed = loops(judged([*log, tick])[0])
    assert closed[-1]["type"].endswith("closed"), closed[-1]["type"]
    assert closed[:-1] == opened
    assert moment(closed[-1]["time"]).timestamp() * 1000 <= tick["ts"]


main([
    a_loop_of_two_agents_is_an_incident_within_the_hour,
    a_loop_is_an_incident_whatever_its_source_reports,
    a_loop_between_agents_of_two_people_is_an_incident,
    a_loop_amid_the_traffic_of_others_is_an_incident,
    a_lively_exchange_is_no_incident,
    agents_that_a_person_leads_are_no_incident,
    a_declared_experiment_covers_a_loop,
    a_loop_outside_of_the_experiment_counts,
    a_tick_closes_what_has_been_quiet,
])
