#!/usr/bin/python3
"""`goodhart tune propose` with a reviewer who is wrong one time in ten: what is far off moves,
what is good stays, nothing that guards people is loosened unless asked, and --apply is on the
record of the service."""
import json
import sys

from keeper import Keeper
from support import GOODHART, ROOT, goodhart, main, path

sys.path.insert(0, str(ROOT / "tests/eval"))
from rounds import Company, costs, rounds  # noqa: E402

PRICE = {"accusation": 500, "alarm": 30, "waste": 1}
GUARDS = ("review.", "case.")
state = {}


def assignments(settings):
    return [f"{name}={value}" for name, value in settings.items()]


def noisy_thresholds_come_within_a_tenth_of_the_best():
    company = state["company"] = Company(GOODHART, path("company"), "--actors", "150",
                                         "--weeks", "8", "--gamers", "0.06", "--seed", "5202")
    history = state["history"] = rounds(company, ["incident.false_alarms=20"], PRICE, 5202)
    ends = {"start": history[0], "end": history[-1]} | {
        f"{rate:g}": {"incident.false_alarms": f"{rate:g}"}
        for rate in (0.001, 0.002, 0.005, 0.02, 0.1, 0.5, 3)}
    cost = costs(company, {name: company.found(assignments(settings))
                           for name, settings in ends.items()}, PRICE)
    best = min(value for name, value in cost.items() if name not in ("start", "end"))
    print(f"# start {cost['start']:.0f}, after {len(history) - 1} rounds {cost['end']:.0f}, "
          f"the best threshold for all {best:.0f} USD")
    assert cost["start"] > 2 * best, cost
    assert cost["end"] <= 1.1 * best, cost
    assert len(history) <= 6, history


def strict_thresholds_are_tried_looser():
    company = Company(GOODHART, path("strict"), "--actors", "50", "--weeks", "8", "--gamers",
                      "0.2", "--seed", "5201")
    price = PRICE | {"alarm": 10}
    history = rounds(company, ["incident.false_alarms=0.001"], price, 5201)
    settings = {"start": history[0], "end": history[-1]} | {
        f"{rate:g}": {"incident.false_alarms": f"{rate:g}"}
        for rate in (0.003, 0.01, 0.03, 0.5)}
    found = {name: company.found(assignments(s)) for name, s in settings.items()}
    cost = costs(company, found, price)
    best = min(value for name, value in cost.items() if name not in ("start", "end"))
    print(f"# start {cost['start']:.0f}, after {len(history) - 1} rounds {cost['end']:.0f}, "
          f"the best threshold for all {best:.0f} USD")
    assert cost["start"] > 2 * best and cost["end"] <= 1.1 * best, cost


def what_has_become_good_is_left_alone():
    company, last = state["company"], assignments(state["history"][-1])
    said = company.propose(last, "--cost-alarm", "30", "--reviewer-error", "0.1")
    assert said and not [row for row in said if row["type"] == "proposal"], said


def guards_are_not_loosened():
    """Findings that were judged right no longer reach a manager: floors are too high."""
    company = state["company"]
    strict = ["review.floor=1e9", "case.floor=1e9", "review.fewest_usd=1e6"]
    assert not [f for f in company.found(strict) if f["track"] != "incident"]
    assert [f for f in company.found([]) if f["track"] != "incident"]
    said = company.propose(strict)
    assert not [row for row in said if row["type"] == "proposal" and
                (row["accused"] or row["option"].startswith(GUARDS))], said


def what_is_applied_stands_in_the_record():
    company = state["company"]
    with open(path("noisy.yaml"), "w", encoding="utf-8") as file:
        file.write("incident:\n  false_alarms: 20\n")
    keeper = Keeper("applied")
    keeper.file = ("--config", path("noisy.yaml"))
    keeper.start()
    endpoint = ("--endpoint", keeper.settings["control.bind"])
    # What the service has in force counts, not the defaults of whoever asks it.
    status, output, errors = goodhart("tune", "propose", company.events, company.verdicts,
                                      "--cost-alarm", "30", "--reviewer-error", "0.1", "--json",
                                      "--apply", *endpoint, patience=120)
    assert status == 0, errors
    chosen = {row["option"]: row for row in map(json.loads, output.splitlines())
              if row["type"] == "proposal"}
    assert chosen, output
    status, output, errors = goodhart("settings", "history", "--json", *endpoint)
    assert status == 0, errors
    history = [row for row in map(json.loads, output.splitlines()) if row["via"] == "propose"]
    assert sorted(c["name"] for row in history for c in row["changes"]) == sorted(chosen)
    for row in history:
        (change,) = row["changes"]
        assert float(change["after"]) == chosen[change["name"]]["to"], row
        assert row["reason"] == chosen[change["name"]]["reason"], row
    keeper.stop()


def wrong_usage_is_told():
    status, _, errors = goodhart("tune", "--apply", state["company"].events)
    assert status == 2 and "--apply" in errors, errors


main([noisy_thresholds_come_within_a_tenth_of_the_best, what_has_become_good_is_left_alone,
      guards_are_not_loosened, what_is_applied_stands_in_the_record,
      strict_thresholds_are_tried_looser, wrong_usage_is_told])
