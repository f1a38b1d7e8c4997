#!/usr/bin/python3
"""goodhart explain over a simulated company: every finding is explained by the numbers of the
engine that found it, and where nothing was found the reason is one that the events bear out.
The engine's numbers are compared with what `replay` publishes, an independent way to them."""
import collections
import json
import math
import random

from support import ANYWHERE, Service, company, done, goodhart, lines, main, path, replayed, write

LOG = company(40, 7, 0.3, 5)
ALERTS = [json.loads(line) for line in replayed(LOG)]
EVENTS = lines(LOG)
FOUND = {}
for alert in ALERTS:
    FOUND.setdefault(alert["data"]["finding"], []).append(alert)


def explained(*arguments):
    return json.loads(done("explain", *arguments, "--json"))


def by_pair(actor, detector, *arguments):
    return explained("--actor", actor, "--detector", detector, *arguments, LOG)


def close(a, b):
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


ANSWERS = {finding: explained(finding, LOG) for finding in FOUND}


def every_finding_is_explained_by_what_raised_it():
    for finding, alerts in FOUND.items():
        answer, body = ANSWERS[finding], alerts[-1]["data"]
        assert answer["reason"] == "found" and answer["finding"] == finding
        assert (answer["actor"], answer["detector"]) == (body["actor"], body["detector"])
        assert answer["track"] == body["track"]
        news = [r for r in answer["raised"]
                if r["finding"] == finding and r["heard"] == "news"]
        told = [a for a in alerts if not a["type"].endswith("closed")]
        assert [r["time"] for r in news] == [a["time"] for a in told], finding
        for one, alert in zip(news, told):
            assert close(max(0, one["score"]), alert["data"]["evidence"]["log_e"])


def an_incident_is_told_from_its_threshold_on():
    checked = 0
    for answer in ANSWERS.values():
        for one in answer["raised"]:
            alone = one["fast"] and answer["detector"] == "agent_loop"  # by duration, not score
            if one["track"] == "incident" and not alone:
                assert one["score"] >= one["threshold"], (answer["finding"], one)
                checked += 1
    assert checked > 20


def a_day_past_all_its_thresholds_was_raised_and_no_other():
    for answer in ANSWERS.values():
        days = {one["time"][:10] for one in answer["raised"]
                if one["track"] == "incident" and not one["fast"]}
        past = [day for day in answer["days"] if day.get("observed") and day["shows"] and
                day["score"] >= day["threshold"] and day["excess_usd"] >= day["least_usd"]]
        assert len(past) == len([one for one in answer["raised"] if not one["fast"]
                                 and one["track"] == "incident"]), answer["finding"]
        assert bool(days) == bool(past)


def a_person_is_selected_exactly_from_what_was_needed_on():
    seen = collections.Counter()
    for answer in ANSWERS.values():
        for day in answer["days"]:
            for one in (day.get("review"), day.get("case")):
                if not one:
                    continue
                passes = one["log_e"] >= one["log_needed"] and (one["frozen"] or (
                    one["log_e"] >= one["log_floor"] and one["excess_usd"] >= one["least_usd"]
                    and one["lock_p"] <= one["lock_needed"]))
                assert passes == one["selected"], (answer["finding"], day["date"], one)
                seen[passes] += 1
    assert seen[True] > 5 and seen[False] > 100


def the_recorded_days_give_the_evidence_of_the_engine():
    ways = 0
    for finding, answer in ANSWERS.items():
        if not answer["epochs"] or answer["detector"] not in STRUCTURAL:
            continue
        assert all(epoch["reproduced"] for epoch in answer["epochs"]), finding
        for epoch in answer["epochs"]:
            for way in ("review", "case", "incident"):
                one = epoch[way]
                assert not one["passed"] or one["others_are_enough"] or 0 <= one["factor"] < 1
                ways += one["passed"]
    assert ways > 5


STRUCTURAL = {"agent_loop", "always_on", "context_bloat", "output_churn", "repetition",
              "verbosity"}
CONTEXT = {"off_hours_burst", "outputless_spend", "quota_chasing", "runaway", "spend_shift"}
KEYS = {"agent_loop": ("agent", "caller"), "repetition": ("prompt_hash",)}


def what_is_said_to_remove_a_finding_does():
    """As a replay under that setting tells."""
    tried = 0
    for finding, answer in list(ANSWERS.items())[:12]:
        for one in answer["settings"]:
            value = str(bool(one["value"])).lower() if one["option"].endswith("enabled") \
                else repr(one["value"])
            left = [json.loads(line)["data"] for line in
                    replayed(LOG, "--set", f"{one['option']}={value}")]
            worst = [a for a in left if a["finding"] == finding and
                     (a["track"] == answer["track"] or answer["track"] == "incident")]
            assert not worst, (finding, one)
            tried += 1
    assert tried > 10


def no_finding_has_a_reason_that_the_events_bear_out():
    calls = collections.defaultdict(list)
    service = set()
    for event in EVENTS:
        if event.get("kind", "usage") == "usage":
            calls[event["actor"]].append(event)
        if event.get("account") == "service":
            service.add(event["actor"])
    having = {(a["data"]["actor"], a["data"]["detector"]) for a in ALERTS}
    pairs = sorted((actor, detector) for actor in calls for detector in STRUCTURAL | CONTEXT
                   if (actor, detector) not in having)
    reasons = collections.Counter()
    for actor, detector in random.Random(7).sample(pairs, 50):
        answer = by_pair(actor, detector)
        reasons[answer["reason"]] += 1
        assert answer["reason"] != "found" and "finding" not in answer
        made, nearest = answer["made"], answer.get("nearest")
        assert sum(made.values()) == sum("made" in day for day in answer["days"]) > 0
        if answer["reason"] in ("usual", "below"):
            assert not nearest or nearest["had"] < nearest["needed"], answer["reason"]
            assert made.get("judged") or nearest
        if answer["reason"] == "unjudged":
            assert not made.get("judged") and made[answer["why"]] == max(made.values())
        if "service" in made:
            assert actor in service
        for key in KEYS.get(detector, ()):
            said = f"no call tells {key}" in answer["untold"]
            assert said == all(key not in call for call in calls[actor]), (actor, key)
    assert len(reasons) >= 2, reasons


def the_answer_does_not_depend_on_shards_or_threads():
    for finding in list(FOUND)[:3]:
        first = done("explain", finding, LOG, "--json", "--set", "service.shards=1")
        for more in ("service.shards=7", "service.threads=1"):
            assert done("explain", finding, LOG, "--json", "--set", more) == first


def one_date_is_told_alone():
    answer = ANSWERS[next(f for f, a in ANSWERS.items() if a["detector"] == "repetition")]
    day = next(day for day in answer["days"] if "made" in day)
    alone = by_pair(answer["actor"], "repetition", "--on", day["date"])
    assert [one["date"] for one in alone["days"]] == [day["date"]] and alone["days"][0] == day
    none = by_pair(answer["actor"], "repetition", "--on", "2031-01-01")
    assert none["reason"] == "no_day" and none["days"] == []


def a_person_who_is_not_there_is_said_to_be_and_the_nearest_name():
    status, output, errors = goodhart("explain", "--actor", "a4O", "--detector", "runaway", LOG)
    assert status == 2 and output == "" and "no event of this actor; did you mean a" in errors
    status, _, errors = goodhart("explain", "--actor", "a4", "--detector", "runawy", LOG)
    assert status == 2 and "did you mean runaway?" in errors
    status, _, errors = goodhart("explain", "0" * 32, LOG)
    assert status == 2 and "no such finding" in errors


def a_name_moves_nothing_on_a_terminal():
    name = "eve\u202e\u2066 <b>"
    events = [{"id": f"e{n}", "ts": 1790000000000 + n * 60000, "actor": name,
               "input_tokens": 10} for n in range(50)]
    log = write("odd.ndjson", [json.dumps(e) for e in events])
    shown = done("explain", "--actor", name, "--detector", "agent_loop", log)
    assert "eve?? <b>" in shown.replace("\n", " ")
    assert not [c for c in shown if ord(c) < 32 and c != "\n" or 0x202a <= ord(c) <= 0x2069]


def people_read_the_same_numbers():
    for finding in list(FOUND)[:8]:
        shown = done("explain", finding, LOG)
        assert "How sure:" in shown and "How near:" in shown and finding in shown
        assert "What would have changed it" in shown
        assert all(len(line) <= 160 for line in shown.splitlines())


def a_kept_log_explains_what_was_published_from_it():
    folder = path("store")
    service = Service(store__folder=folder, intake__durable=ANYWHERE)
    done("send", "--durable", LOG, "--endpoint", service.durable)
    service.stop()
    finding, alerts = next((f, a) for f, a in FOUND.items()
                           if a[-1]["data"]["track"] == "case")
    answer = explained(finding, "--set", f"store.folder={folder}")
    assert answer["reason"] == "found" and answer["track"] == "case"
    assert [day["score"] for day in answer["days"] if "score" in day] == \
        [day["score"] for day in ANSWERS[finding]["days"] if "score" in day]
    status, _, errors = goodhart("explain", "0" * 32, "--set", f"store.folder={folder}")
    assert status == 2 and "no such finding" in errors, alerts


main([every_finding_is_explained_by_what_raised_it,
      an_incident_is_told_from_its_threshold_on,
      a_day_past_all_its_thresholds_was_raised_and_no_other,
      a_person_is_selected_exactly_from_what_was_needed_on,
      the_recorded_days_give_the_evidence_of_the_engine,
      what_is_said_to_remove_a_finding_does,
      no_finding_has_a_reason_that_the_events_bear_out,
      the_answer_does_not_depend_on_shards_or_threads,
      one_date_is_told_alone,
      a_person_who_is_not_there_is_said_to_be_and_the_nearest_name,
      a_name_moves_nothing_on_a_terminal,
      people_read_the_same_numbers,
      a_kept_log_explains_what_was_published_from_it])
