#!/usr/bin/python3
"""What a replay makes of a simulated company: the same bytes however it is asked, counters
that add up, alerts as the contract has them; and what the commands say to a person."""
import itertools
import json
import re

from contract import (BEHAVIOURS, DATA, DAY, HOUR, MONEY, START_MS, check_alert, check_stream,
                      judged, moment, replay)
from support import goodhart, main, path, text, write

VARYING = {"seconds", "events_per_second", "peak_memory_bytes", "shards", "stages"}
company = {}


def steady(summary):
    return {key: value for key, value in json.loads(summary).items() if key not in VARYING}


def a_small_company_is_simulated_with_labels():
    status, output, errors = goodhart("simulate", "--actors", "16", "--weeks", "7", "--gamers",
                                      "0.3", "--strength", "10", "--seed", "3", "--out",
                                      path("company"), patience=120)
    assert status == 0 and output == "", errors
    company["events"] = path("company/events.ndjson")
    labels = json.loads(text(path("company/labels.json")))
    assert set(labels) == {"plan", "actors"}
    assert labels["plan"]["actors"] == len(labels["actors"]) == 16
    gamers = [actor for actor in labels["actors"] if actor["gamer"]]
    assert 1 <= len(gamers) <= 8
    behaviours = set(BEHAVIOURS)
    for actor in labels["actors"]:
        common = {"actor", "team", "role", "gamer", "bursts", "behaviour"}
        gaming = {"form", "together", "from", "until", "strength", "tokens_gamed",
                  "cost_gamed"}
        assert set(actor) == (common | gaming if actor["gamer"] else common), actor
        assert all(isinstance(burst, str) for burst in actor["bursts"])
        if actor["gamer"]:
            assert actor["behaviour"] in behaviours and actor["strength"] > 1
            assert moment(actor["from"]) < moment(actor["until"])
            assert actor["tokens_gamed"] > 0 and actor["cost_gamed"] > 0
        else:
            assert actor["behaviour"] is None
    known = {json.loads(line).get("actor") for line in text(company["events"]).splitlines()}
    assert known - {None} <= {actor["actor"] for actor in labels["actors"]}


def a_replay_writes_the_same_bytes_however_it_is_asked():
    company["written"] = first = replay(company["events"])
    assert first[0] and first[1]
    ways = [()] + [("--shards", str(shards), "--frame", str(frame))
                   for shards, frame in itertools.product((1, 2, 3, 8), (1, 7, 1000))]
    ways += [("--shards", str(shards), "--threads", str(threads))
             for shards, threads in itertools.product((1, 3), (1, 2, 3, 7))]
    for way in ways:
        alerts, findings, summary = replay(company["events"], *way)
        assert alerts == first[0], way
        assert findings == first[1], way
        assert steady(summary) == steady(first[2]), way


def counters_add_up():
    count = json.loads(company["written"][2])
    alerts, findings = (len(company["written"][i].splitlines()) for i in (0, 1))
    assert count["events"] == len(text(company["events"]).splitlines())
    assert count["events"] == sum(count[key] for key in (
        "applied", "late", "duplicates", "refused"))
    assert count["refused"] == sum(count["refused_by"].values())
    assert count["findings"] == findings == sum(count["findings_by_detector"].values())
    assert count["findings"] == sum(count["findings_by_track"].values())
    assert count["alerts"] == alerts


def alerts_are_as_the_contract_has_them():
    alerts = [json.loads(line) for line in company["written"][0].splitlines()]
    state = check_stream(alerts)
    assert {alert["data"]["track"] for alert in alerts} >= {"incident", "case"}
    findings = [json.loads(line) for line in company["written"][1].splitlines()]
    assert {(found["finding"], found["revision"], found["track"]) for found in findings} == {
        (finding, revision, track) for finding, (revision, track, _) in state.items()}
    assert all(DATA <= set(found) for found in findings)
    ids = {json.loads(line)["id"] for line in text(company["events"]).splitlines()}
    assert all(sample in ids for alert in alerts for sample in alert["data"]["samples"])


def nights(bursts, days):
    """Office days of one person, and on some of them a lot more at night."""
    for day, call in itertools.product(range(days), range(20)):
        night = day in bursts and call < 10
        hour = 2 + call / 10 if night else 9 + call * 0.4
        yield {"id": f"{day}-{call}", "ts": START_MS - 9 * HOUR + day * DAY + int(hour * HOUR),
               "actor": "ann", "model": "claude-sonnet-4-5", "output_tokens": 100,
               "input_tokens": 900_000 if night else 10_000}


def what_comes_back_after_weeks_is_another_finding():
    alerts, _ = judged(nights({40, 41, 42, 43, 70, 71, 72, 73}, days=100))
    check_stream(alerts)
    found = [alert for alert in alerts if alert["data"]["detector"] == "off_hours_burst"]
    changes = [alert["type"].rpartition(".")[2] for alert in found]
    assert [change for change in changes if change != "updated"] == [
        "opened", "closed", "opened", "closed"], changes
    assert found[0]["data"]["finding"] != found[-1]["data"]["finding"]
    assert moment(found[0]["data"]["until"]) < moment(found[-1]["data"]["from"])


def the_check_of_the_contract_sees_every_break():
    alert = json.loads(company["written"][0].splitlines()[0])
    breaks = [("data", key, None) for key in sorted(DATA - set(MONEY))]
    breaks += [("data", "track", "accusation"), ("data", "severity", "fatal"),
               ("data", "reviewable", True), ("data", "revision", 0), ("data", "from", "soon"),
               ("data", "evidence", {"e_value": 2, "log_e": 0.7, "p_bound": 0.1})]
    for part, key, value in breaks:
        broken = json.loads(json.dumps(alert))
        broken[part][key] = value
        try:
            check_alert(broken)
        except (AssertionError, TypeError):
            continue
        raise AssertionError(f"{key} = {value} was not seen")


def check_names_what_is_wrong():
    file = write("bad.ndjson", [
        '{"id":"1","ts":0,"actor":"ann","input_tokens":1}',
        '{"id":"2","ts":"yesterday","actor":"ann"}',
        '{"id":"3","ts":0}',
        '{"id":"4","ts":0,"actor":"ann","kind":"usagee"}',
        '{"id":"5","ts":0,"actor":"ann","prompt_hash":"xyz"}',
        '{"id":"6","ts":0,"actor":"ann","v":2}',
        '{"id":"7","ts":0,"actor":"ann","agent":{"name":"x"}}',
        '{"id":"8","ts":0,"actor":"ann","status":"broken"}'])
    status, output, errors = goodhart("check", file)
    assert status == 1 and output == ""
    for line, key in ((2, "ts"), (3, "actor"), (4, "kind"), (5, "prompt_hash"), (6, "v"),
                      (7, "agent"), (8, "status")):
        assert re.search(rf"^{re.escape(file)}:{line}: .*\b{key}\b", errors, re.MULTILINE), (
            key, errors)
    assert "7 refused" in errors
    status, _, errors = goodhart("check", company["events"])
    assert status == 0, errors


def exit_statuses_are_0_1_2():
    good = company["events"]
    for wanted, *arguments in (
            (0, "options"), (0, "help"), (0, "replay", good, "--summary", path("s")),
            (1, "replay", path("absent")), (1, "check", path("bad.ndjson")),
            (1, "send", path("absent"), "--endpoint", "tcp://127.0.0.1:9", "--timeout", "0.1"),
            (1, "send", good, "--endpoint", "tcp://127.0.0.1:9", "--timeout", "0.1"),
            (1, "import", "mooncake", path("absent")), (1, "simulate", "--out", "/dev/null/x"),
            (2, "import", "nonsense", good), (2, "simulate"), (2, "simulate", "--actors", "1"),
            (2, "replay"), (2, "replay", good, "--shards", "0"), (2, "send"),
            (2, "watch", "-x"), (2, "run", "--set", "intake.pull=nonsense"), (2, "check"),
            (2, "help", "nonsense"), (2, "nonsense")):
        status, output, errors = goodhart(*arguments)
        assert status == wanted, (arguments, status, errors)
        assert (errors == "") <= (wanted == 0), arguments


def every_command_has_help_with_an_example():
    _, overview, _ = goodhart("--help")
    commands = re.findall(r"^  ([a-z]+)  ", overview.split("\nflags")[0], re.MULTILINE)
    assert {"run", "send", "watch", "replay", "simulate", "check", "import",
            "options"} <= set(commands), commands
    for command in commands:
        status, output, errors = goodhart(command, "--help")
        assert status == 0 and errors == "", command
        assert output.startswith(f"usage: goodhart {command} ")
        assert f"  goodhart {command}" in output, command


main([
    a_small_company_is_simulated_with_labels,
    a_replay_writes_the_same_bytes_however_it_is_asked,
    counters_add_up,
    alerts_are_as_the_contract_has_them,
    what_comes_back_after_weeks_is_another_finding,
    the_check_of_the_contract_sees_every_break,
    check_names_what_is_wrong,
    exit_statuses_are_0_1_2,
    every_command_has_help_with_an_example,
])
