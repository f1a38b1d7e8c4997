#!/usr/bin/python3
"""What `goodhart tune` says other settings would have found: what a replay under them finds;
the same bytes on any number of threads; verdicts and labels; names that must stay inert."""
import html.parser
import json
import re

from keeper import Keeper
from support import company, done, goodhart, main, path, text, write

MOVES = {"same", "earlier", "later", "severity", "track", "gone", "new"}
HOSTILE = "<script>alert(1)</script>\"'&\u202eevil"
state = {}


def cases(*arguments):
    """Cases and changes of a run."""
    rows = [json.loads(line) for line in done("tune", *arguments, "--json").splitlines()]
    return ([row for row in rows if row["type"] == "case"],
            [row for row in rows if row["type"] == "change"])


def found(*arguments):
    done("replay", state["events"], *arguments, "--findings", path("found.ndjson"))
    return [json.loads(line) for line in text(path("found.ndjson")).splitlines()]


def by_track(findings):
    return {track: sum(one["track"] == track for one in findings)
            for track in ("incident", "review", "case")}


def a_candidate_finds_what_a_replay_under_it_finds():
    state["events"] = company(40, 7, 0.25, 16)
    settings = ("incident.false_alarms=0.02", "agent_loop.enabled=false")
    now = found()
    then = found(*(word for one in settings for word in ("--set", one)))
    both, changes = cases(state["events"], *(w for s in settings for w in ("--try", s)))
    assert [one["in_force"] for one in both] == [True, False]
    for case, findings in zip(both, (now, then)):
        assert case["findings"] == by_track(findings), case
        assert case["people"] == len({one["actor"] for one in findings})
        assert case["accused"] == len({one["actor"] for one in findings if one["reviewable"]})
    assert {(s["option"], s["now"], s["tried"]) for s in both[1]["settings"]} == {
        ("incident.false_alarms", "0.5", "0.02"), ("agent_loop.enabled", "true", "false")}
    known = {one["finding"] for one in now}, {one["finding"] for one in then}
    for change in changes:
        for side, ids in zip(("now", "then"), known):
            assert change[side] is None or change[side]["finding"] in ids, change
        assert change["reason"] and change["change"] in MOVES - {"same"}
    gone = {c["now"]["finding"] for c in changes if c["change"] == "gone"}
    assert gone and not gone & known[1]
    assert {one["finding"] for one in now if one["detector"] == "agent_loop"} <= gone
    counted = both[1]["changes"]
    assert sum(counted[move] for move in MOVES - {"new"}) == len(now)
    assert sum(counted[move] for move in MOVES - {"gone"}) == len(then)


def threads_and_shards_change_no_byte():
    arguments = ("tune", "sweep", "verbosity.false_alarms=0.001..5:4:log", state["events"],
                 "--labels", path("company/labels.json"))
    written = []
    for threads, shards in ((1, 1), (2, 3), (8, 2)):
        page = path(f"page-{threads}.html")
        lines = done(*arguments, "--set", f"service.threads={threads}", "--set",
                     f"service.shards={shards}", "--html", page, "--json")
        written.append((lines, text(page)))
    assert written[0][0] and "<svg" in written[0][1]
    assert all(one == written[0] for one in written[1:])


def a_noisy_detector_falls_silent_along_a_sweep():
    swept, _ = cases("sweep", "verbosity.fewest_usd=0..50:4", state["events"])
    swept.sort(key=lambda case: case["value"])
    incidents = [case["findings"]["incident"] for case in swept]
    assert incidents == sorted(incidents, reverse=True) and incidents[0] > incidents[-1]
    alarms, _ = cases("sweep", "incident.false_alarms=0.001..1:4:log", state["events"])
    alarms.sort(key=lambda case: case["value"])
    people = [case["people"] for case in alarms]
    assert people[0] < people[-1], people
    accused = {case["accused"] for case in alarms}
    assert len(accused) == 1  # incidents are no road to a review


def without_verdicts_there_is_no_precision():
    status, output, errors = goodhart("tune", state["events"], "--try", "review.floor=1e6")
    assert status == 0, errors
    assert "no verdicts" in output and "precision" not in output.split("* in force")[0]
    both, _ = cases(state["events"], "--try", "review.floor=1e6")
    assert "precision" not in both[0] and both[0]["best"] is False
    assert both[1]["accused"] < both[0]["accused"]


def verdicts_of_the_log_are_counted_once_a_finding():
    now = found()
    told = [one for one in now if one["reviewable"]][:3]
    lines = text(state["events"]).splitlines()
    at = json.loads(lines[-1])["ts"]
    verdicts = [{"kind": "verdict", "id": f"v{i}-{n}", "ts": at, "actor": one["actor"],
                 "finding": one["finding"], "verdict": word, "reviewer": "r"}
                for i, one in enumerate(told)
                for n, word in enumerate(("gaming", "legitimate" if i == 0 else "gaming"))]
    write("judged.ndjson", lines[:-1] + [json.dumps(v) for v in verdicts] + lines[-1:])
    both, _ = cases(path("judged.ndjson"), "--try", "review.floor=1e6")
    assert both[0]["judged"]["right"] == len(told) - 1, both[0]
    assert both[0]["judged"]["wrong"] == 1
    low, point, high = both[0]["precision"]
    assert 0 <= low < point < high <= 1


def labels_take_the_place_of_verdicts():
    labels = path("company/labels.json")
    gamers = {one["actor"] for one in json.loads(text(labels))["actors"] if one["gamer"]}
    silent = ("--labels", labels, "--try", "agent_loop.enabled=false")
    both, changes = cases(state["events"], *silent)
    assert both[0]["judged"]["right"] > 0 and both[0]["judged"]["open"] == 0
    lost = {c["actor"] for c in changes
            if c["change"] == "gone" and c["now"]["excess_usd"] > 500}
    assert lost and lost <= gamers
    assert both[1]["gain_usd"][1] < -500 and both[1]["unseen_usd"][1] > 500
    dear, _ = cases(state["events"], *silent, "--cost-waste", "10")
    assert dear[1]["gain_usd"][1] < 5 * both[1]["gain_usd"][1]


def a_search_finds_what_costs_less_and_asks_for_no_more_points():
    arguments = ("search", "verbosity.fewest_usd=0..50", state["events"], "--labels",
                 path("company/labels.json"), "--cost-alarm", "100", "--points", "10")
    status, output, errors = goodhart("tune", *arguments, "--json", patience=120)
    assert status == 0, errors
    tried = int(re.search(r"tune: (\d+) settings tried", errors)[1])
    rows = [json.loads(line) for line in output.splitlines()]
    best = [row for row in rows if row["type"] == "case" and row["best"]]
    assert tried <= 10 and len(best) == 1 and not best[0]["in_force"], errors
    assert best[0]["gain_usd"][1] > 0
    status, _, errors = goodhart("tune", "search", "review.floor=1..1e6:log", state["events"])
    assert status == 2 and "no verdicts" in errors, errors


class Page(html.parser.HTMLParser):
    """What is in a page: tags, and nothing that loads or runs."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], set(), ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            assert not name.startswith("on") and name not in ("src", "href", "srcset"), name
        if tag not in ("meta", "line", "circle", "polyline"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert not self.open or tag in ("tr", "td", "th") or self.open[-1] == tag or \
            tag in self.open, (tag, self.open)
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        self.text += data


def names_of_strangers_stay_inert():
    lines = [json.loads(line) for line in text(state["events"]).splitlines()]
    _, changes = cases(state["events"], "--try", "review.floor=1e6")
    victim, team = changes[0]["actor"], changes[0]["team"]
    for line in lines:
        for key in ("actor", "caller"):
            if line.get(key) == victim:
                line[key] = HOSTILE
        if line.get("team") == team:
            line["team"] = "</td>\u202eteam"
    write("hostile.ndjson", [json.dumps(line) for line in lines])
    page = path("hostile.html")
    output = done("tune", path("hostile.ndjson"), "--try", "review.floor=1e6", "--html", page)
    assert "script" in output and "\u202e" not in output and "\x1b" not in output
    parsed = Page()
    parsed.feed(text(page))
    assert "script" not in parsed.tags and "svg" in parsed.tags
    assert "<script>alert(1)" in parsed.text
    for row in re.findall(r"<td>.*?</td>", text(page)):
        assert "\u202e" not in row or "<bdi>" in row


def what_is_wrong_is_told():
    for arguments, wanted in (
            ((), "no past to look at"),
            ((state["events"],), "nothing to try"),
            ((state["events"], "--try", "review.flor=1"), "did you mean"),
            ((state["events"], "--try", "review.floor=0"), "--try review.floor: 0: must be"),
            ((state["events"], "--try", "review.floor=1300"), "is what is in force"),
            ((state["events"], "--try", "review.floor=1", "--from", "yesterday"), "--from"),
            ((state["events"], "--try", "review.floor=1", "--from", "2026-03-02", "--until",
              "2026-03-01"), "--until: must be after --from"),
            ((state["events"], "--try", "review.floor=1", "--until", "2026-02-05"),
             "the first 7 days"),
            ((state["events"], "--try", "review.floor=1", "--from", "2031-01-01"), "no event"),
            (("sweep", state["events"]), "needs one"),
            (("sweep", "review.floor=9..1", state["events"]), "FROM must be less than TO"),
            (("sweep", "review.floor=0..9", state["events"]), "review.floor: 0: must be 1.."),
            (("search", "review.floor=2000..9000", state["events"]), "must be in the range"),
            (("review.floor=1..9", state["events"]), "tune sweep and tune search")):
        status, output, errors = goodhart("tune", *arguments)
        assert status in (1, 2) and output == "" and wanted in errors, (arguments, errors)


def a_team_is_tried_alone():
    everybody, all_changes = cases(state["events"], "--try", "agent_loop.enabled=false")
    team = next(c["team"] for c in all_changes if c["detector"] == "agent_loop")
    one, changes = cases(state["events"], "--try", "agent_loop.fewest_usd=1e5", "--team", team)
    assert one[1]["settings"] == [{"option": "agent_loop.fewest_usd", "now": "0",
                                   "tried": "100000", "team": team}]
    touched = {c["team"] for c in changes if c["detector"] == "agent_loop"}
    assert touched <= {team}
    assert everybody[0]["findings"] == one[0]["findings"]


def of_a_service_what_it_was_told_is_in_force():
    keeper = Keeper("operated").start()
    keeper.send(state["events"])
    status, _, errors = goodhart("set", "incident.false_alarms=0.02", "--reason", "too noisy",
                                 "--endpoint", keeper.settings["control.bind"])
    assert status == 0, errors
    folder = ("--set", f"store.folder={keeper.folder}")
    running, _ = cases("--try", "incident.false_alarms=0.5", *folder)
    keeper.stop()
    stopped, _ = cases("--try", "incident.false_alarms=0.5", *folder)
    assert [(s["now"], s["tried"]) for s in stopped[1]["settings"]] == [("0.02", "0.5")]
    assert running == stopped
    assert stopped[0]["findings"] == by_track(found("--set", "incident.false_alarms=0.02"))
    assert stopped[1]["findings"] == by_track(found())
    status, _, errors = goodhart("tune", "--try", "incident.false_alarms=0.02", *folder)
    assert status == 2 and "is what is in force" in errors, errors


def tables_fit_a_terminal():
    output = done("tune", "sweep", "verbosity.fewest_usd=0..50:4", state["events"], "--labels",
                  path("company/labels.json"))
    output += done("tune", state["events"], "--try", "verbosity.fewest_usd=50")
    assert max(map(len, output.splitlines())) <= 100


main([
    a_candidate_finds_what_a_replay_under_it_finds,
    threads_and_shards_change_no_byte,
    a_noisy_detector_falls_silent_along_a_sweep,
    without_verdicts_there_is_no_precision,
    verdicts_of_the_log_are_counted_once_a_finding,
    labels_take_the_place_of_verdicts,
    a_search_finds_what_costs_less_and_asks_for_no_more_points,
    names_of_strangers_stay_inert,
    what_is_wrong_is_told,
    a_team_is_tried_alone,
    of_a_service_what_it_was_told_is_in_force,
    tables_fit_a_terminal,
])
