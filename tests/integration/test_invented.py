#!/usr/bin/python3
"""One key invents people by the hundred thousand: what it costs is bounded, and what is said of
honest people stays the same, byte for byte. Those who are let in are people like others from
then on: they count among peers and in selections, so a key of everybody is to be trusted.

    test_invented.py [PEOPLE]    so many are invented; 10,000,000 in make torture"""
import json
import os
import re
import sys


from identity import Keyed, key_of
from support import company, main, path, replayed, text, until, usage

PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
FRAME, ADMITTED = 100, 1000
# Frames that wait in queues (intake.high_water_mark of each producer), and a person's state.
QUEUES, PER_PERSON = 48 << 20, 64 << 10
world = {}


def a_company_and_what_a_replay_makes_of_it():
    file = company(30, 6, 0.4, 6)
    log = text(file).splitlines()
    world["bodies"] = [body.replace(SELF_REPORTED, AUTHENTICATED) for body in replayed(file)]
    world["parts"] = log[:len(log) // 2], log[len(log) // 2:]
    assert len(world["bodies"]) > 50


def send(producer, lines):
    for at in range(0, len(lines), FRAME):
        producer.send("\n".join(lines[at:at + FRAME]).encode())


def invented(count, now):
    """Events of people who are nobody, as large a spend as an event may tell."""
    for at in range(0, count, FRAME):
        yield [usage(n, id=f"ghost-{n}", ts=now, actor=f"ghost{n}", input_tokens=10 ** 9,
                     session=f"s{n}", cost_usd=1000) for n in range(at, min(at + FRAME, count))]


def peak_bytes(service):
    status = text(f"/proc/{service.process.pid}/status")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


# What a replay of a file cannot know.
SELF_REPORTED = '"provenance":"self_reported","authenticated_share":0,'
AUTHENTICATED = '"provenance":"authenticated","authenticated_share":1,'


def judged(people, **rights):
    """Half of the company's events, a flood of invented people by another key, the rest:
    (alerts, counters, largest memory)."""
    gate, flood = key_of("gate", actors=["*"], teams=["*"]), key_of("flood", **rights)
    alerts = path(f"alerts-{len(os.listdir(path('.')))}")
    service = Keyed(gate, flood, arguments=("--alerts", alerts),
                    **{"identity.new_actors": ADMITTED, "service.summary": 0.2,
                       "incident.critical_usd": 1e9})
    honest, flooder = service.producer(gate), service.producer(flood)
    first, second = world["parts"]
    send(honest, first)
    applied = len(first)
    until(lambda: any(line["events"] >= applied for line in service.summaries()), 60)
    now = json.loads(first[-1])["ts"]
    for lines in invented(people, now):
        flooder.send("\n".join(lines).encode())
    until(lambda: any(line["events"] >= applied + people for line in service.summaries()), 600)
    send(honest, second)
    until(lambda: any(line["events"] >= applied + people + len(second)
                      for line in service.summaries()), 60)
    peak = peak_bytes(service)
    counters = service.stop()
    assert counters["events"] == sum(counters[what] for what in (
        "applied", "duplicates", "late", "refused")) == applied + people + len(second), counters
    return text(alerts).splitlines(), counters, peak


def a_service_without_a_flood():
    bodies, counters, world["peak"] = judged(0, actors=["ada"])
    assert bodies == world["bodies"] and counters["refused"] == 0, counters


def told(what, peak):
    print(f"# {PEOPLE} invented by {what}: {peak >> 20} MiB at most, without "
          f"{world['peak'] >> 20}")


def a_key_of_some_people_brings_up_nobody():
    bodies, counters, peak = judged(PEOPLE, actors=["ada"])
    told("a key of one person", peak)
    assert counters["refused_by"]["not_allowed"] == counters["refused"] == PEOPLE, counters
    assert bodies == world["bodies"]
    assert peak < world["peak"] + QUEUES


def a_key_of_everybody_brings_up_as_many_as_it_may():
    bodies, counters, peak = judged(PEOPLE, actors=["*"])
    told(f"a key of everybody, {ADMITTED} let in", peak)
    assert counters["refused_by"]["limit"] == counters["refused"] == PEOPLE - ADMITTED, counters
    assert counters["identity"]["keys"]["flood"]["new_actors"] == ADMITTED, counters
    assert peak < world["peak"] + QUEUES + ADMITTED * PER_PERSON
    assert [body for body in bodies if '"ghost' not in body] == world["bodies"]


main([a_company_and_what_a_replay_makes_of_it, a_service_without_a_flood,
      a_key_of_some_people_brings_up_nobody, a_key_of_everybody_brings_up_as_many_as_it_may])
