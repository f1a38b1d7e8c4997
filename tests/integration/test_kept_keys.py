#!/usr/bin/python3
"""Keys where events are kept: who may hand in durable events, for whom, and ask for alerts."""
import json
import os

import zmq

from identity import SERVER, key_of, keys_write, server_key
from keeper import Keeper
from support import ANYWHERE, context, goodhart, main, path, text, usage, write

world = {}


def key_file(name, key):
    with open(path(f"{name}.key"), "w", encoding="utf-8",
              opener=lambda file, flags: os.open(file, flags, 0o600)) as file:
        json.dump({"name": name, "public": key[0]["public"], "secret": key[1]}, file)
    return "--key", path(f"{name}.key"), "--server", path("server.key.public")


def a_service_that_keeps_asks_for_keys_everywhere():
    keys = {"gate": key_of("gate", ("produce",), actors=["*"]),
            "ann": key_of("ann", ("produce",), actors=["user1"]),
            "chief": key_of("chief", ("replay", "subscribe"), topics=["*"]),
            "lead": key_of("lead", ("replay",), teams=["pay"])}
    server_key()
    keys_write(path("keys.json"), *keys.values())
    world["keys"] = {name: key_file(name, key) for name, key in keys.items()}
    world["raw"] = keys
    keeper = Keeper("asked", intake__pull=ANYWHERE, durable__bind=ANYWHERE,
                    alerts__publish=ANYWHERE, alerts__replay=ANYWHERE,
                    identity__keys=path("keys.json"),
                    identity__secret=path("server.key")).start()
    told = text(keeper.process.err_path)
    assert "self-test passed" in told, told
    world["keeper"] = keeper
    world["at"] = {name: word.split()[0] for name, word in (
        (part, told.split(f"{part} on ")[1])
        for part in ("durable events", "replay of alerts"))}


def send(name, file):
    return goodhart("send", "--durable", "--timeout", "3", "--endpoint",
                    world["at"]["durable events"], file,
                    *(world["keys"][name] if name else ()))


def an_event_for_somebody_else_is_refused_by_number():
    file = write("mixed", [usage(n) for n in (1, 2, 8, 3)])  # of user1, user2, user1, user3
    status, output, errors = send("ann", file)
    assert status == 0, errors
    said = json.loads(output)
    assert (said["acknowledged"], said["rejected"]) == (4, 2), said
    assert "event 2 is refused" in errors and "event 4 is refused" in errors, errors
    assert "not_allowed" in errors
    status, output, errors = send("gate", write("whole", [usage(n) for n in range(20, 40)]))
    assert status == 0 and json.loads(output)["rejected"] == 0, errors


def who_has_no_key_or_another_role_sends_nothing():
    for name in (None, "lead"):
        status, _, errors = send(name, write("one", [usage(99)]))
        assert status == 1, (name, errors)


def ask(key, request):
    socket = context.socket(zmq.REQ)
    public, secret = world["raw"][key][0]["public"], world["raw"][key][1]
    socket.curve_serverkey = SERVER["public"].encode()
    socket.curve_publickey, socket.curve_secretkey = public.encode(), secret.encode()
    socket.connect(world["at"]["replay of alerts"])
    socket.send(json.dumps(request).encode())
    answer = json.loads(socket.recv_multipart()[0]) if socket.poll(2000) else None
    socket.close()
    return answer


def alerts_are_handed_out_as_they_may_be_heard():
    assert ask("chief", {"since": 0})["newest"] == 0
    assert ask("lead", {"since": 0, "topics": ["team/pay/"]})["newest"] == 0
    for topics in ({}, {"topics": ["alert/"]}, {"topics": ["team/pay/", "team/ops/"]},
                   {"topics": ["team/"]}, {"topics": [""]}):
        assert "may not hear" in ask("lead", {"since": 0} | topics)["error"], topics
    assert ask("ann", {"since": 0}) is None


def the_log_knows_which_key_handed_what_in():
    counters = world["keeper"].stop()
    assert counters["applied"] == 2 + 20, counters
    assert counters["refused_by"]["not_allowed"] == 2, counters
    status, output, errors = goodhart("log", "export", "--records", world["keeper"].folder)
    assert status == 0, errors
    records = [json.loads(line) for line in output.splitlines()]
    assert [record["position"] for record in records] == list(range(23))
    assert len(records[0]["basis"]) == 32
    assert [record["owner"] for record in records] == [""] + ["ann"] * 2 + ["gate"] * 20
    assert records[1]["event"]["id"] == "e1"


main([a_service_that_keeps_asks_for_keys_everywhere,
      an_event_for_somebody_else_is_refused_by_number,
      who_has_no_key_or_another_role_sends_nothing,
      alerts_are_handed_out_as_they_may_be_heard,
      the_log_knows_which_key_handed_what_in])
