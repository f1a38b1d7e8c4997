"""The alert contract from outside: what every alert and every stream of them must hold, and
logs written by hand that are replayed. Nothing here is taken from our sources."""
import datetime
import json
import math
import re

from support import goodhart, path, text, write

START_MS = 1772442000000  # Monday 2026-03-02 09:00 UTC
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000

BEHAVIOURS = ("agent_loop", "context_bloat", "off_hours_burst", "outputless_spend",
              "repetition", "verbosity", "always_on", "quota_chasing", "output_churn",
              "spend_shift", "runaway")
TRACKS = ("incident", "review", "case")
CHANGES = ("opened", "updated", "escalated", "closed")
ENVELOPE = {"specversion", "id", "source", "type", "subject", "time", "datacontenttype",
            "sequence", "data"}
NUMBERS = ("tokens", "excess_tokens")
MONEY = ("cost_usd", "excess_cost_usd")
DATA = {"finding", "revision", "detector", "actor", "team", "severity", "track", "reviewable",
        "evidence", "provenance", "authenticated_share", "from", "until", "facts",
        "explanation", "question", "samples", *NUMBERS, *MONEY}
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def moment(time):
    assert RFC3339.fullmatch(time), time
    return datetime.datetime.fromisoformat(time.replace("Z", "+00:00"))


def number(value):
    return type(value) in (int, float) and math.isfinite(value)


def check_evidence(evidence):
    assert set(evidence) == {"e_value", "log_e", "p_bound"}, evidence
    assert number(evidence["log_e"]) and number(evidence["p_bound"])
    log_e = min(evidence["log_e"], 300 * math.log(10))  # beyond 1e300 only log_e goes on
    assert math.isclose(evidence["p_bound"], min(1, math.exp(-log_e)), rel_tol=1e-9), evidence
    assert math.isclose(evidence["e_value"], math.exp(log_e), rel_tol=1e-9), evidence


def check_facts(facts):
    assert facts and len({fact["name"] for fact in facts}) == len(facts)
    for fact in facts:
        assert set(fact) == {"name", "value", "unit", "expected"}, fact
        assert isinstance(fact["name"], str) and isinstance(fact["unit"], str)
        assert fact["value"] is None or number(fact["value"]), fact
        assert fact["expected"] is None or number(fact["expected"]), fact


def check_finding(found):
    assert DATA <= set(found) <= DATA | {"experiment"}, set(found) ^ DATA
    assert re.fullmatch(r"[0-9a-f]+", found["finding"])
    assert type(found["revision"]) is int and found["revision"] >= 1
    assert found["detector"] in BEHAVIOURS and found["track"] in TRACKS
    assert found["severity"] in ("notice", "warning", "critical")
    assert found["reviewable"] is (found["track"] != "incident")
    assert all(number(found[key]) and found[key] >= 0 for key in NUMBERS), found
    assert all(found[key] is None or number(found[key]) for key in MONEY), found
    assert all(isinstance(found[key], str) and found[key] for key in (
        "actor", "team", "explanation", "question"))
    assert found["question"].endswith("?")
    assert moment(found["from"]) <= moment(found["until"])
    assert len(found["samples"]) <= 20 and len(set(found["samples"])) == len(found["samples"])
    share = found["authenticated_share"]
    assert number(share) and found["provenance"] == (
        "self_reported" if share == 0 else "authenticated" if share == 1 else "mixed"), found
    assert found["severity"] != "critical" or share == 1, found
    check_evidence(found["evidence"])
    check_facts(found["facts"])


def check_alert(alert):
    found = alert["data"]
    assert set(alert) == ENVELOPE, set(alert) ^ ENVELOPE
    assert alert["specversion"] == "1.0" and alert["datacontenttype"] == "application/json"
    assert alert["id"] == f"{found['finding']}-{found['revision']}"
    assert alert["type"].removeprefix("dev.goodhart.finding.") in CHANGES
    assert alert["subject"] == found["actor"] and alert["source"]
    check_finding(found)
    assert moment(found["until"]) <= moment(alert["time"])


def check_stream(alerts):
    """What must hold between alerts: ids, order, the life of a finding."""
    state = {}
    assert [alert["sequence"] for alert in alerts] == list(range(1, len(alerts) + 1))
    assert len({alert["id"] for alert in alerts}) == len(alerts)
    for alert in alerts:
        check_alert(alert)
        found, change = alert["data"], alert["type"].rpartition(".")[2]
        revision, track, last = state.get(found["finding"], (0, None, "closed"))
        assert found["revision"] == revision + 1, alert["id"]
        assert (change == "opened") == (revision == 0) or last == "closed", alert["id"]
        if change == "escalated":
            assert track is None or TRACKS.index(found["track"]) > TRACKS.index(track)
        elif change in ("updated", "closed"):
            assert found["track"] == track, alert["id"]
        state[found["finding"]] = found["revision"], found["track"], change
    return state


def replay(file, *arguments):
    """Alerts, findings and summary, as text."""
    outputs = [path(name) for name in ("alerts", "findings", "summary")]
    flags = [flag for name, output in zip(("--alerts", "--findings", "--summary"), outputs)
             for flag in (name, output)]
    status, _, errors = goodhart("replay", file, *flags, *arguments, patience=120)
    assert status == 0, errors
    return [text(output) for output in outputs]


def judged(events, *arguments):
    """Alerts and summary of a log that is written by hand."""
    file = write("log.ndjson", (json.dumps(event) for event in events))
    alerts, _, summary = replay(file, *arguments)
    return [json.loads(line) for line in alerts.splitlines()], json.loads(summary)
