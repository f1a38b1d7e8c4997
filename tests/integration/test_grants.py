#!/usr/bin/python3
"""What subscribers hear by their keys, what a service refuses to start with, and the commands
that set it up."""
import json
import os
import stat
import time

import zmq

from identity import Keyed, key_of, keys_write, server_key
from support import (ANYWHERE, GOODHART, NO_HTTP, PATIENCE, Service, company, ended, goodhart,
                     lines, main, path, start, text, until, usage, write)


class Listener:
    """SUB with a key: what came under which prefix until the heartbeat says that all is out."""

    def __init__(self, service, key, *topics):
        self.socket, self.how = service.socket(zmq.SUB, key)
        while self.how == "hung up":  # when a grant ends, for a moment everybody is
            self.socket.close(0)
            self.socket, self.how = service.socket(zmq.SUB, key)
        assert self.how == "in", self.how
        for topic in (*topics, "heartbeat/"):
            self.socket.subscribe(topic)
        self.got, self.newest = [], 0
        self.until(0)

    def until(self, newest):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if not self.socket.poll(100):
                continue
            topic, sequence, _ = self.socket.recv_multipart()
            number = int.from_bytes(sequence, "big")
            if topic != b"heartbeat/":
                self.got.append((topic.decode(), number))
            elif number >= newest:
                return self.got
        raise AssertionError("no heartbeat")

    def quiet(self, seconds):
        """Whether nothing at all comes."""
        while self.socket.poll(0):
            self.socket.recv_multipart()
        return not self.socket.poll(seconds * 1000)


def halves():
    """A log in which somebody is found early and late: (first half, second, alerts of both)."""
    log = text(company(60, 10, 0.3, 5)).splitlines()
    first = write("first.ndjson", log[:len(log) * 7 // 10])
    second = write("second.ndjson", log[len(log) * 7 // 10:])
    found = []
    for files in ([first], [first, second]):
        status, _, errors = goodhart("replay", *files, "--alerts", path("all.ndjson"),
                                     patience=120)
        assert status == 0, errors
        found.append(lines(path("all.ndjson")))
    return first, second, len(found[0]), found[1]


def subscribers_hear_what_their_keys_grant_and_a_revoked_one_nothing_more():
    first, second, before, alerts = halves()
    teams = [alert["data"]["team"] for alert in alerts]
    mine = max(set(teams), key=teams[:before].count)
    assert 0 < teams[:before].count(mine) and mine in teams[before:], teams
    assert set(teams) != {mine}
    gate = key_of("gate", ("produce",), actors=["*"], teams=["*"])
    chief = key_of("chief", ("subscribe",), topics=["*"])
    lead = key_of("lead", ("subscribe",), teams=[mine])
    away = key_of("away", ("subscribe",), teams=[mine])
    # As without keys: what came with one may be critical, and that is one more revision.
    service = Keyed(gate, chief, lead, away, incident__critical_usd=1e9)
    with open(path("gate.key"), "w", encoding="utf-8",
              opener=lambda file, flags: os.open(file, flags, 0o600)) as file:
        json.dump({"name": "gate", "public": gate[0]["public"], "secret": gate[1]}, file)
    credentials = ("--key", path("gate.key"), "--server", path("server.key.public"))
    everything = Listener(service, chief, "alert/")
    team = Listener(service, lead, f"team/{mine}/", "alert/", "team/", "", "severity/",
                    "actor/")
    leaver = Listener(service, away, f"team/{mine}/")
    curious = Listener(service, lead, "alert/", "t", f"team/{mine}", "detector/")
    service.send(first, *credentials)
    wanted = [(f"team/{mine}/", n + 1) for n in range(before) if teams[n] == mine]
    assert everything.until(before) == [("alert/", n + 1) for n in range(before)]
    assert team.until(before) == leaver.until(before) == wanted
    assert curious.until(before) == []

    status, _, errors = goodhart("key", "revoke", "away", "--keys", service.file)
    assert status == 0, errors
    until(lambda: "keys in force: 4" in text(service.process.err_path))
    until(lambda: leaver.quiet(1))
    everything.until(before)  # the others are back, and lost nothing, for nothing was sent
    team.until(before)
    curious.until(before)
    service.send(second, *credentials)
    whole = [("alert/", n + 1) for n in range(len(alerts))]
    assert everything.until(len(alerts)) == whole
    assert team.until(len(alerts)) == [
        (f"team/{mine}/", n + 1) for n in range(len(alerts)) if teams[n] == mine]
    assert leaver.got == wanted and leaver.quiet(1)
    assert curious.until(len(alerts)) == []
    identity = service.stop()["identity"]
    assert identity["alerts_rebinds"] == 1, identity
    assert identity["subscriptions_denied"] >= 5 + 4, identity


def a_grant_that_shrinks_ends_what_was_granted():
    lead = key_of("lead", ("subscribe",), teams=["pay"])
    service = Keyed(lead)
    before = Listener(service, lead, "team/pay/")
    ended_too = before.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    keys_write(service.file, (lead[0] | {"teams": ["ops"]}, lead[1]), key_of("new"))
    assert ended_too.poll(PATIENCE * 1000)
    before.socket.disable_monitor()
    again = Listener(service, lead, "team/pay/", "team/ops/")
    again.until(0)
    identity = service.stop()["identity"]
    assert identity["alerts_rebinds"] == 1 and identity["subscriptions_denied"] >= 1, identity


def refused_start(*settings):
    status, _, errors = goodhart("run", *NO_HTTP, *(part for setting in settings
                                          for part in ("--set", setting)))
    assert status == 2, (status, errors)
    return errors


def a_plain_socket_for_all_the_world_is_refused_by_name():
    for option, other in (("intake.pull", "alerts.publish"), ("alerts.publish", "intake.pull")):
        for endpoint in ("tcp://0.0.0.0:*", "tcp://*:*"):
            errors = refused_start(f"{option}={endpoint}", f"{other}={ANYWHERE}")
            assert f"{option}: {endpoint}: plain sockets" in errors, errors
            assert "identity.insecure=true" in errors and "identity.keys" in errors, errors
    service = Service(intake__pull="tcp://0.0.0.0:*", identity__insecure="true")
    service.events = service.events.replace("0.0.0.0", "127.0.0.1")
    service.push(usage(1))
    assert service.stop()["applied"] == 1


def a_service_with_keys_may_listen_everywhere_and_tests_itself():
    ada = key_of("ada", actors=["ada"])
    service = Keyed(ada, intake__pull="tcp://0.0.0.0:*")
    assert "self-test passed" in text(service.process.err_path)
    service.events = service.events.replace("0.0.0.0", "127.0.0.1")
    service.producer(ada).send(usage(1, actor="ada").encode())
    time.sleep(0.3)
    counters = service.stop()
    assert counters["applied"] == 1, counters
    assert counters["identity"]["handshakes"]["unknown"] == 3, counters  # at each socket


def keys_and_what_shows_none_do_not_go_together():
    keys_write(path("some.json"), key_of("ada"))
    settings = (f"identity.keys={path('some.json')}", f"identity.secret={server_key()}")
    errors = refused_start(*settings, "intake.subscribe=tcp://127.0.0.1:9")
    assert "intake.subscribe: a publisher shows no key" in errors, errors
    errors = refused_start(settings[0])
    assert "identity.secret: empty" in errors, errors
    os.chmod(path("server.key"), 0o644)
    errors = refused_start(*settings)
    os.chmod(path("server.key"), 0o600)
    assert "others may read it" in errors and "chmod 600" in errors, errors


def four_commands_set_it_up_and_each_refusal_is_told():
    here, log = path("setup"), write("one.ndjson", [usage(1, actor="ada")])
    os.mkdir(here)

    def key(*arguments):
        return ended(start([GOODHART, "key", *arguments], cwd=here))

    for arguments in (("server",), ("new", "ada", "--keys", "keys.json", "--actors", "ada"),
                      ("new", "lead", "--keys", "keys.json", "--roles", "subscribe", "--teams",
                       "pay")):
        status, output, errors = key(*arguments)
        assert (status, output) == (0, ""), errors
        assert json.loads(text(f"{here}/{(*arguments, 'server')[1]}.key"))["secret"] not in (
            errors + text(f"{here}/keys.json") if os.path.exists(f"{here}/keys.json") else "")
    assert all(stat.S_IMODE(os.stat(f"{here}/{name}.key").st_mode) == 0o600
               for name in ("server", "ada", "lead"))
    status, output, _ = key("list", "--keys", "keys.json")
    assert [json.loads(line)["name"] for line in output.splitlines()] == ["ada", "lead"]
    assert "secret" not in output
    status, _, errors = key("new", "ada", "--keys", "keys.json", "--out", "other.key")
    assert status == 2 and "not used twice" in errors, errors
    assert not os.path.exists(f"{here}/other.key")
    service = Service(**{"identity.keys": f"{here}/keys.json",
                         "identity.secret": f"{here}/server.key"})

    def client(command, endpoint, *arguments):
        return goodhart(*command, "--endpoint", endpoint, *arguments)

    mine = ("--key", f"{here}/ada.key", "--server", f"{here}/server.key.public")
    theirs = ("--key", f"{here}/lead.key", *mine[2:])
    status, output, errors = client(("send", log), service.events, *mine)
    assert status == 0, errors
    send, watch = ("send", log, "--timeout", "3"), ("watch", "--idle", "0.2")
    for command, endpoint, good, bad in ((send, service.events, mine, theirs),
                                         (watch, service.alerts, theirs, mine)):
        status, _, errors = client(command, endpoint, *good)
        assert status == 0, errors
        status, _, errors = client(command, endpoint, *bad)
        assert status == 1 and "the service refuses this key" in errors, errors
        status, _, errors = client(command, endpoint)
        assert status == 1 and "the service asks for a key: give yours with --key" in errors
        status, _, errors = client(command, endpoint, *good[:2])
        assert status == 2 and "identity.server: empty" in errors, errors
    assert key("server", "other")[0] == 0
    for command, endpoint, good in ((send, service.events, mine),
                                    (watch, service.alerts, theirs)):
        status, _, errors = client(command, endpoint, *good[:3], f"{here}/other.key.public")
        assert status == 1 and "is identity.server the public key" in errors, errors
    plain = Service()
    status, _, errors = client(send, plain.events, *mine)
    assert status == 1 and "the service is plain and we have a key" in errors, errors
    assert plain.stop()["events"] == 0
    counters = service.stop()
    assert (counters["applied"], counters["duplicates"]) == (1, 1), counters


main([subscribers_hear_what_their_keys_grant_and_a_revoked_one_nothing_more,
      a_grant_that_shrinks_ends_what_was_granted,
      a_plain_socket_for_all_the_world_is_refused_by_name,
      a_service_with_keys_may_listen_everywhere_and_tests_itself,
      keys_and_what_shows_none_do_not_go_together,
      four_commands_set_it_up_and_each_refusal_is_told])
