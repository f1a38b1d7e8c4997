#!/usr/bin/python3
"""Alerts out of the service, as strangers see them: Python and Node subscribers."""
import json
import os
import time

import zmq

from support import (PACKAGES, PATIENCE, ROOT, Service, Subscriber, company, context, ended,
                     main, packages_install, path, replayed, start, text, until, usage)

stream = {}


def stream_make():
    """A log in which several detectors find something, and what a replay publishes of it."""
    file = company(60, 10, 0.3, 5)
    bodies = replayed(file, "--findings", path("findings.ndjson"))
    stream.update(file=file, alerts=[json.loads(body) for body in bodies], bodies=bodies,
                  findings=text(path("findings.ndjson")))
    assert len(stream["alerts"]) >= 10, len(stream["alerts"])


def a_replay_of_the_test_stream_finds_something():
    stream_make()
    assert len({alert["data"]["detector"] for alert in stream["alerts"]}) >= 2


def the_service_publishes_what_a_replay_writes_byte_for_byte():
    service = Service("--alerts", path("run.ndjson"), "--findings", path("run-findings.ndjson"))
    subscriber = Subscriber(service, "alert/")
    service.send(stream["file"])
    alerts = subscriber.collect(len(stream["bodies"]))
    counters = service.stop()
    assert [topic for topic, _, _ in alerts] == ["alert/"] * len(alerts)
    assert [body for _, _, body in alerts] == stream["bodies"]
    assert [number for _, number, _ in alerts] == list(range(1, len(alerts) + 1))
    assert all(json.loads(body)["sequence"] == number for _, number, body in alerts)
    assert text(path("run.ndjson")).splitlines() == stream["bodies"]
    assert text(path("run-findings.ndjson")) == stream["findings"]
    assert counters["alerts"] == len(alerts)


def an_alert_has_the_keys_of_the_contract_and_their_types():
    number = (int, float)
    types = {"finding": str, "revision": int, "detector": str, "actor": str, "team": str,
             "severity": str, "track": str, "reviewable": bool, "evidence": dict,
             "provenance": str, "authenticated_share": number, "from": str,
             "until": str, "tokens": number, "cost_usd": (*number, type(None)),
             "excess_tokens": number, "excess_cost_usd": (*number, type(None)), "facts": list,
             "explanation": str, "question": str, "samples": list, "experiment": str}
    for alert in stream["alerts"]:
        found = alert["data"]
        assert set(types) - set(found) <= {"experiment"}, set(types) - set(found)
        assert not set(found) - set(types), set(found) - set(types)
        assert all(isinstance(found[key], types[key]) for key in found), found
        assert alert["specversion"] == "1.0" and alert["subject"] == found["actor"]
        assert alert["id"] == f"{found['finding']}-{found['revision']}"
        assert alert["type"].removeprefix("dev.goodhart.finding.") in (
            "opened", "updated", "escalated", "closed")
        assert found["severity"] in ("notice", "warning", "critical")
        assert found["reviewable"] == (found["track"] in ("review", "case"))
        assert set(found["evidence"]) == {"e_value", "log_e", "p_bound"}
        assert all(set(fact) == {"name", "value", "unit", "expected"}
                   for fact in found["facts"])
        assert len(found["samples"]) <= 20 and found["explanation"] and found["question"]


def quoted(name):
    return name.replace("%", "%25").replace("/", "%2F")


def a_prefix_of_each_kind_gets_its_alerts_and_no_others():
    some = stream["alerts"][len(stream["alerts"]) // 2]["data"]
    service = Service()
    subscribers = {}
    for kind in ("detector", "severity", "team", "actor"):
        topic = f"{kind}/{quoted(some[kind])}/"
        subscribers[kind] = topic, Subscriber(service, topic)
    subscribers["alert"] = "alert/", Subscriber(service, "alert/")
    service.send(stream["file"])
    for kind, (topic, subscriber) in subscribers.items():
        got = subscriber.collect(len(stream["bodies"]))
        wanted = [body for alert, body in zip(stream["alerts"], stream["bodies"])
                  if kind == "alert" or alert["data"][kind] == some[kind]]
        assert [body for _, _, body in got] == wanted, (topic, len(got), len(wanted))
        assert {heard for heard, _, _ in got} == {topic}
    service.stop()


def a_short_prefix_gets_every_topic_that_begins_with_it():
    service = Service()
    subscriber = Subscriber(service, "severity/")
    service.send(stream["file"])
    got = subscriber.collect(len(stream["bodies"]))
    service.stop()
    assert [topic for topic, _, _ in got] == [
        f"severity/{alert['data']['severity']}/" for alert in stream["alerts"]]


def a_node_subscriber_gets_the_same_alerts():
    packages_install()
    service = Service()
    wanted = len(stream["bodies"])
    node = start(["node", str(ROOT / "tests/integration/subscriber.mjs"), service.alerts,
                  str(wanted), "alert/"], env=os.environ | {"NODE_PACKAGES": str(PACKAGES)})
    until(lambda: "ready" in text(node.err_path) or node.poll() is not None)
    service.send(stream["file"])
    status, output, errors = ended(node)
    service.stop()
    assert status == 0, errors
    rows = [json.loads(line) for line in output.splitlines()]
    assert [body for _, _, body in rows] == stream["bodies"]
    assert [number for _, number, _ in rows] == list(range(1, wanted + 1))


def a_heartbeat_comes_once_a_second_busy_or_not():
    service = Service(alerts__heartbeat=1000)
    subscriber = Subscriber(service)
    producer = context.socket(zmq.PUSH)
    producer.connect(service.events)
    beats, number = [], 0
    end = time.monotonic() + 4.5
    while time.monotonic() < end:
        for _ in range(50 if time.monotonic() < end - 2 else 0):
            number += 1
            producer.send(usage(number).encode())
        if subscriber.socket.poll(5):
            topic, sequence, body = subscriber.next()
            beats.append(time.monotonic())
            assert (topic, sequence, json.loads(body)["sequence"]) == ("heartbeat/", 0, 0)
    producer.close()
    service.stop()
    gaps = [later - earlier for earlier, later in zip(beats, beats[1:])]
    assert len(beats) in (3, 4, 5), beats
    assert all(0.5 < gap < 1.9 for gap in gaps), gaps


def who_comes_late_sees_by_the_heartbeat_how_much_was_before():
    service = Service()
    first = Subscriber(service, "alert/")
    service.send(stream["file"])
    first.collect(len(stream["bodies"]))
    late = Subscriber(service, "alert/", wait=False)
    topic, sequence, _ = late.next()
    assert (topic, sequence) == ("heartbeat/", len(stream["bodies"])), (topic, sequence)
    service.stop()


def who_never_reads_holds_up_nobody():
    service = Service(alerts__high_water_mark=1)
    stuck = context.socket(zmq.SUB)
    stuck.rcvhwm = 1
    stuck.connect(service.alerts)
    stuck.subscribe("")
    assert stuck.poll(PATIENCE * 1000)
    service.send(stream["file"])
    counters = service.stop()
    assert counters["alerts"] == len(stream["bodies"])
    assert counters["seconds"] < PATIENCE
    stuck.close()


def the_last_alerts_are_out_before_it_ends():
    """TERM right after the sender has left: everything is still to be judged."""
    service = Service()
    subscriber = Subscriber(service, "alert/")
    service.send(stream["file"])
    counters = service.stop()
    alerts = subscriber.collect(counters["alerts"])
    assert [body for _, _, body in alerts] == stream["bodies"]


main([
    a_replay_of_the_test_stream_finds_something,
    the_service_publishes_what_a_replay_writes_byte_for_byte,
    an_alert_has_the_keys_of_the_contract_and_their_types,
    a_prefix_of_each_kind_gets_its_alerts_and_no_others,
    a_short_prefix_gets_every_topic_that_begins_with_it,
    a_node_subscriber_gets_the_same_alerts,
    a_heartbeat_comes_once_a_second_busy_or_not,
    who_comes_late_sees_by_the_heartbeat_how_much_was_before,
    who_never_reads_holds_up_nobody,
    the_last_alerts_are_out_before_it_ends,
])
