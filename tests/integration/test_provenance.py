#!/usr/bin/python3
"""What came with a key and what anybody may have said, at a real service: findings tell which,
and where keys are in force nobody is brought before a manager, or kept from it, by words
without one. A publisher that shows no key is the stranger."""
import json
import signal
import struct

import zmq

from identity import SERVER, key_of, keys_write, server_key
from support import (ANYWHERE, PATIENCE, Service, company, context, goodhart, lines, main, path,
                     text, until)

GAMER, FRAMED = "a21", "a0"  # of this company: who lets agents talk, and who is honest
HALF_DAY = 12  # hours of event time between two looks at how far the service is
world = {}


def company_make():
    file = company(40, 6, 0.2, 3)
    actors = {actor["actor"]: actor for actor in json.loads(
        text(path("company/labels.json")))["actors"]}
    assert actors[GAMER]["behaviour"] == "agent_loop" and not actors[FRAMED]["gamer"]
    world["events"] = lines(file)


def copied(event):
    """What the gamer did, as if the framed had done it."""
    forged = {key: f"forged-{value}" if key in ("id", "session", "agent", "caller", "ref")
              else value for key, value in event.items() if key != "team"}
    return forged | {"actor": FRAMED}


def excuses():
    """What would keep the gamer out of every review."""
    ever = {"ts": world["events"][0]["ts"], "actor": GAMER, "from": 0, "until": 4 * 10**12}
    yield ever | {"kind": "schedule", "id": "x1", "type": "leave"}
    yield ever | {"kind": "experiment", "id": "x2", "experiment": "ever", "budget_usd": 1e9}
    yield {"kind": "profile", "id": "x3", "ts": ever["ts"], "actor": GAMER,
           "account": "service"}


def words():
    """Events in the order of time, each with whether it has a key."""
    for event in world["events"][:1]:
        yield event, True
        yield from ((excuse, False) for excuse in excuses())
    for event in world["events"][1:]:
        yield event, True
        if event.get("actor") == GAMER and event.get("kind", "usage") in ("usage", "output"):
            yield copied(event), False


def with_keys():
    return ((event, True) for event in world["events"])


def without_keys():
    return ((event, False) for event in world["events"])


class Told:
    """A service with keys that also listens to a publisher without one."""

    def __init__(self, name, **settings):
        if not SERVER:
            server_key()
            world["gate"] = key_of("gate", actors=["*"], teams=["*"])
            world["chief"] = key_of("chief", ("subscribe", "replay"), topics=["*"])
            keys_write(path("keys.json"), world["gate"], world["chief"])
        self.name, self.sent = name, 0
        self.publisher = context.socket(zmq.XPUB)
        self.publisher.sndhwm = 0
        self.publisher.setsockopt(zmq.XPUB_VERBOSE, 1)  # the next run asks for the same again
        port = self.publisher.bind_to_random_port("tcp://127.0.0.1")
        self.settings = {"identity__keys": path("keys.json"), "identity__insecure": "true",
                         "identity__secret": server_key(), "order__lateness": 86400,
                         "intake__subscribe": f"tcp://127.0.0.1:{port}",
                         "alerts__heartbeat": 50} | settings
        self.start()

    def client(self, kind, key, endpoint):
        socket = context.socket(kind)
        socket.curve_serverkey = SERVER["public"].encode()
        socket.curve_publickey = world[key][0]["public"].encode()
        socket.curve_secretkey = world[key][1].encode()
        socket.connect(endpoint)
        return socket

    def start(self):
        self.service = Service("--alerts", path(f"{self.name}.ndjson"), **self.settings)
        self.events = self.client(zmq.PUSH, "gate", self.service.events)
        self.alerts = self.client(zmq.SUB, "chief", self.service.alerts)
        self.alerts.subscribe("heartbeat/")
        self.base = self.sent
        until(lambda: self.publisher.poll(1000) and self.publisher.recv() == b"\x01")

    def caught_up(self):
        """The service has kept and judged all that was sent."""
        def beat():
            assert self.alerts.poll(PATIENCE * 1000)
            events = json.loads(self.alerts.recv_multipart()[2])["events"]
            return events >= self.sent - self.base
        until(beat, 60)

    def say(self, batch, socket):
        for first in range(0, len(batch), 200):
            frame = "\n".join(json.dumps(event) for event in batch[first:first + 200])
            socket.send(frame.encode())
        self.sent += len(batch)
        self.caught_up()

    def hear(self, stream):
        """What has a key first: so the other says nothing that is newer."""
        batch, half = {True: [], False: []}, None
        for event, keyed in stream:
            now = event["ts"][:10] + str(int(event["ts"][11:13]) // HALF_DAY)
            if now != half:
                self.turn(batch)
                half = now
            batch[keyed].append(event)
        self.turn(batch)
        return self

    def turn(self, batch):
        for keyed, socket in ((True, self.events), (False, self.publisher)):
            if batch[keyed]:
                self.say(batch[keyed], socket)
            batch[keyed] = []

    def stop(self):
        self.events.close(0)
        self.counters = self.service.stop()
        self.publisher.close(0)
        self.found = [alert["data"] | {"time": alert["time"]}
                      for alert in lines(path(f"{self.name}.ndjson"))]
        return self


def of(found, provenance):
    return [one for one in found if one["provenance"] == provenance]


def reviewed(found):
    return {one["actor"] for one in found if one["reviewable"]}


def findings_of_a_key_say_so_and_reach_a_review():
    company_make()
    world["alone"] = Told("alone").hear(with_keys()).stop()
    found, counters = world["alone"].found, world["alone"].counters
    assert GAMER in reviewed(found) and FRAMED not in reviewed(found), reviewed(found)
    assert of(found, "authenticated") == found
    assert {one["authenticated_share"] for one in found} == {1}
    assert counters["authenticated"] == counters["applied"] == len(world["events"])
    assert counters["kept_apart"] == 0


def who_shows_no_key_is_heard_and_reviewed_by_nobody():
    told = Told("nobody").hear(without_keys()).stop()
    assert "it raises incidents alone" in text(told.service.process.err_path)
    assert told.found and of(told.found, "self_reported") == told.found
    assert not reviewed(told.found) and told.counters["reviewable_actors"] == 0
    assert {one["severity"] for one in told.found} <= {"notice", "warning"}
    assert told.counters["kept_apart"] == told.counters["applied"] == len(world["events"])


def unless_the_operator_says_otherwise():
    told = Told("heard", review__require_authenticated="off").hear(without_keys()).stop()
    assert of(told.found, "self_reported") == told.found and told.counters["kept_apart"] == 0
    assert reviewed(told.found) == reviewed(world["alone"].found)
    keyed = [(one["finding"], one["revision"], one["track"]) for one in world["alone"].found]
    assert [(one["finding"], one["revision"], one["track"]) for one in told.found] == keyed


def nobody_is_framed_and_nobody_gets_out_by_words_without_a_key():
    """Killed half-way: what it says after recovery is the same."""
    told = Told("words", store__folder=path("store"), alerts__replay=ANYWHERE,
                store__snapshot_interval=3600)
    stream = list(words())
    told.hear(stream[:len(stream) // 2])
    told.service.process.send_signal(signal.SIGKILL)
    told.service.process.wait()
    told.start()
    told.hear(stream[len(stream) // 2:])
    socket = told.client(zmq.REQ, "chief", told.service.replay)
    found, since, newest = [], 0, 1
    while since < newest:
        socket.send(json.dumps({"since": since, "limit": 100}).encode())
        head, *rest = socket.recv_multipart()
        since, newest = (json.loads(head)[key] for key in ("next", "newest"))
        for sequence, body in zip(rest[::2], rest[1::2]):
            alert = json.loads(body)
            assert alert["sequence"] == struct.unpack(">Q", sequence)[0] == len(found) + 1
            found.append(alert["data"] | {"time": alert["time"]})
    socket.close(0)
    told.stop()
    assert told.counters["kept_apart"] > 500 and not of(found, "mixed")
    assert FRAMED in {one["actor"] for one in of(found, "self_reported")}
    assert FRAMED not in reviewed(found)
    assert of(found, "authenticated") == world["alone"].found
    world["found"] = found


def each_of_them_is_derived_again_from_the_log():
    some = {one["finding"]: one for one in world["found"]}.values()
    for provenance in ("authenticated", "self_reported"):
        one = next(one for one in of(some, provenance) if one["actor"] in (GAMER, FRAMED))
        status, output, errors = goodhart("review", "rederive", one["finding"], "--set",
                                          f"store.folder={path('store')}", patience=60)
        assert status == 0 and json.loads(output)["other"] == 0, errors


def where_such_words_count_they_frame_and_excuse():
    """The same words do what they are meant to do: the test above tests something."""
    told = Told("off", review__require_authenticated="off").hear(words()).stop()
    assert FRAMED in reviewed(told.found) and GAMER not in reviewed(told.found)
    framed = [one for one in told.found if one["actor"] == FRAMED and one["reviewable"]]
    assert of(framed, "mixed") == framed
    assert all(0 < one["authenticated_share"] < 1 for one in framed)


def a_word_that_only_a_key_may_say_is_not_believed():
    event = {"id": "boast", "ts": world["events"][0]["ts"], "actor": "a1", "input_tokens": 1,
             "authenticated": True, "owner": "gate", "provenance": "authenticated"}
    told = Told("boast").hear([(event, False)]).stop()
    assert told.counters["applied"] == told.counters["kept_apart"] == 1
    assert told.counters["unknown_keys"] == 3 and told.counters["authenticated"] == 0


main([findings_of_a_key_say_so_and_reach_a_review,
      who_shows_no_key_is_heard_and_reviewed_by_nobody,
      unless_the_operator_says_otherwise,
      nobody_is_framed_and_nobody_gets_out_by_words_without_a_key,
      each_of_them_is_derived_again_from_the_log,
      where_such_words_count_they_frame_and_excuse,
      a_word_that_only_a_key_may_say_is_not_believed])
