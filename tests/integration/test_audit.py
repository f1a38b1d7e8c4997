#!/usr/bin/python3
"""Verdicts move what a detector may alarm, and people who were drawn by lot are told of.

One simulated company; a reviewer finds every incident legitimate an hour after it came. The
verdicts go into the stream in order of time, and the stream is replayed.
"""
import collections
import datetime
import json
import os
import re
import subprocess

from support import GOODHART, main, path

TIME = re.compile(r'"ts":"([^"]*)"')
EVENTS = path("events.ndjson")


def replay(events, *settings):
    """The findings that were opened, and the summary."""
    alerts, summary = path("alerts"), path("summary")
    subprocess.run([GOODHART, "replay", events, "--alerts", alerts, "--summary", summary,
                    *(word for text in settings for word in ("--set", text))],
                   check=True, timeout=600, stderr=subprocess.DEVNULL)
    with open(alerts, encoding="utf-8") as lines, open(summary, encoding="utf-8") as one:
        told = [json.loads(line) for line in lines]
        return [alert for alert in told if alert["type"].endswith(".opened")], json.load(one)


def by_lot(opened):
    return [alert["subject"] for alert in opened
            if "a lot was drawn" in alert["data"]["explanation"]]


def an_hour_later(text):
    at = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    return (at + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def judge(opened, to):
    """The stream with a verdict on each of the findings."""
    due = collections.deque(sorted((an_hour_later(alert["time"]), alert["data"]["finding"])
                                   for alert in opened))
    with open(EVENTS, encoding="utf-8") as lines, open(to, "w", encoding="utf-8") as file:
        for line in lines:
            at = TIME.search(line).group(1)
            while due and due[0][0] <= at:
                when, finding = due.popleft()
                file.write(json.dumps({"kind": "verdict", "id": f"{finding} {when}", "ts": when,
                                       "actor": "boss", "finding": finding,
                                       "verdict": "legitimate"}) + "\n")
            file.write(line)


def nobody_is_drawn_unless_asked_for_and_nothing_moves_without_verdicts():
    opened, summary = replay(EVENTS)
    assert summary["audited"] == summary["allowances_moved"] == 0 and not by_lot(opened)


def a_lot_is_a_notice_and_nobodys_guilt():
    opened, summary = replay(EVENTS, "incident.audit=1")
    told = [alert["data"] for alert in opened
            if "a lot was drawn" in alert["data"]["explanation"]]
    assert 0 < len(told) == summary["audited"], (len(told), summary["audited"])
    assert all(data["severity"] == "notice" and not data["reviewable"] for data in told)


def the_key_says_who_is_drawn():
    everybody, _ = replay(EVENTS, "incident.audit=1")
    drawn = [by_lot(replay(EVENTS, "incident.audit=0.5", f"incident.audit_key={key}")[0])
             for key in (7, 7, 8)]
    assert drawn[0] == drawn[1] != drawn[2], drawn
    assert all(set(some) <= set(by_lot(everybody)) for some in drawn), drawn


def what_is_never_real_is_told_less_often():
    opened, _ = replay(EVENTS)
    judged = path("judged.ndjson")
    judge(opened, judged)
    before, summary = replay(judged, "incident.worth=0.01")
    assert summary["allowances_moved"] == 0, summary
    after, summary = replay(judged, "incident.worth=0.5")
    assert summary["verdicts_void"] < len(opened) / 2, summary["verdicts_void"]
    assert summary["allowances_moved"] > 0, summary
    assert len(after) < len(before), (len(after), len(before))


if __name__ == "__main__":
    subprocess.run([GOODHART, "simulate", "--actors", "300", "--weeks", "16", "--gamers",
                    "0.05", "--seed", "11", "--out", os.path.dirname(EVENTS)],
                   check=True, timeout=600, stderr=subprocess.DEVNULL)
    main([nobody_is_drawn_unless_asked_for_and_nothing_moves_without_verdicts,
          a_lot_is_a_notice_and_nobodys_guilt, the_key_says_who_is_drawn,
          what_is_never_real_is_told_less_often])
