#!/usr/bin/python3
"""Who may send and for whom: keys of every state, forged names, forged events, revocation."""
import datetime
import json
import signal
import time

import zmq

from identity import SERVER, Keyed, key_of, keys_write
from raw_peer import RawCurve, RawNull
from support import Service, goodhart, lines, main, path, text, until, usage

PAST, FUTURE = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"


def events(numbers, **more):
    return "\n".join(usage(number, **more) for number in numbers).encode()


def sum_is_exact(counters):
    parts = sum(counters[name] for name in ("applied", "duplicates", "late", "refused"))
    assert parts == counters["events"], counters
    assert counters["refused"] == sum(counters["refused_by"].values()), counters


def the_right_key_comes_in_and_every_other_is_refused():
    good = key_of("good", actors=["ada"])
    judge = key_of("judge", ("control",), actors=["*"])
    others = {"subscribe": key_of("subscribe", ("subscribe", "replay"), actors=["*"]),
              "revoked": key_of("revoked", actors=["*"], revoked=PAST),
              "expired": key_of("expired", actors=["*"], not_after=PAST),
              "early": key_of("early", actors=["*"], not_before=FUTURE)}
    unknown = key_of("good", actors=["*"])
    service = Keyed(good, judge, *others.values())
    wrong_secret = (good[0], unknown[1])
    for name, key, wanted in [("unknown", unknown, ["refused"]),
                              ("plain", None, ["no common language", "hung up"]),
                              ("wrong secret", wrong_secret, ["hung up"]),
                              *((name, key, ["refused"]) for name, key in others.items())]:
        client, how = service.socket(zmq.PUSH, key)
        assert how in wanted, (name, how)
        try:  # the library may have given the connection up, and then takes nothing
            client.send(events([9], actor="ada"), zmq.DONTWAIT)
        except zmq.Again:
            pass
        client.close()
    for key in (good, judge):
        assert service.socket(zmq.PUSH, key)[1] == "in"
        client, how = service.socket(zmq.SUB, key)
        assert how == "refused", how
    assert service.socket(zmq.SUB, others["subscribe"])[1] == "in"
    # Every part of a message is a frame of its own, and each of them shows the key.
    service.producer(good).send_multipart([events([n], actor="ada") for n in range(3)])
    time.sleep(0.3)
    counters = service.stop()
    assert (counters["events"], counters["applied"]) == (3, 3), counters
    assert counters["identity"]["keys"]["good"]["events"] == 3, counters
    shaken = counters["identity"]["handshakes"]
    assert shaken["revoked"] >= 1 and shaken["expired"] >= 1 and shaken["early"] >= 1, shaken
    assert shaken["role"] >= 3 and shaken["unknown"] >= 2 + 1, shaken


def a_client_of_another_server_key_gets_no_handshake():
    good = key_of("good", actors=["ada"])
    service = Keyed(good)
    assert service.socket(zmq.PUSH, good, server=key_of("x")[0]["public"])[1] == "hung up"
    assert service.stop()["events"] == 0


def each_key_speaks_for_its_actors_and_teams_and_for_nobody_else():
    actors, teams = ["ada", "bob", "cy", "*"], [None, "pay", "ops"]
    grants = {"nobody": ([], []), "ada": (["ada"], []), "ada-pay": (["ada"], ["pay"]),
              "two": (["ada", "bob"], ["pay", "ops"]), "team": ([], ["pay"]),
              "teams": ([], ["*"]), "people": (["*"], []), "all": (["*"], ["*"])}
    keys = {name: key_of(name, actors=who, teams=team) for name, (who, team) in grants.items()}
    letters = path("matrix.ndjson")
    service = Keyed(*keys.values(), intake__dead_letters=letters, service__summary="0.2")
    number, wanted = 0, {}
    for name, (who, team_list) in grants.items():
        socket = service.producer(keys[name])
        for actor in actors:
            for team in teams:
                may = (actor in who or "*" in who) and (
                    team is None or team in team_list or "*" in team_list)
                event = {"actor": actor} | ({"team": team} if team else {})
                socket.send(usage(number, **event).encode())
                wanted[f"e{number}"] = (name, may)
                number += 1
    counters = service.counters_until(lambda line: line["events"] == number)
    sum_is_exact(counters)
    permitted = sum(may for _, may in wanted.values())
    assert counters["applied"] == permitted and counters["refused"] == number - permitted
    assert counters["refused_by"]["not_allowed"] == number - permitted, counters
    refused = {json.loads(letter["event"])["id"]: letter["owner"] for letter in lines(letters)}
    assert refused == {event: name for event, (name, may) in wanted.items() if not may}
    for name in grants:
        mine = [may for owner, may in wanted.values() if owner == name]
        keys = counters["identity"]["keys"][name]
        assert (keys["events"], keys["refused"], keys["not_allowed"]) == (
            len(mine), mine.count(False), mine.count(False)), name


def ticks_and_verdicts_need_more_than_a_name():
    keys = {"ada": key_of("ada", actors=["ada"], teams=["*"]),
            "gate": key_of("gate", actors=["*"]),
            "judge": key_of("judge", ("control",), actors=["*"]),
            "some": key_of("some", ("control", "produce"), actors=["ada"])}
    service = Keyed(*keys.values(), service__summary="0.2")
    tick = {"kind": "tick", "ts": 1790000000000}
    verdict = {"kind": "verdict", "ts": 1790000000000, "actor": "ada", "finding": "f" * 32,
               "verdict": "legitimate"}
    for name, key in keys.items():
        socket = service.producer(key)
        socket.send(json.dumps(tick | {"id": f"t-{name}"}).encode())
        socket.send(json.dumps(verdict | {"id": f"v-{name}"}).encode())
    counters = service.counters_until(lambda line: line["events"] == 8)
    sum_is_exact(counters)
    got = {name: row["not_allowed"] for name, row in counters["identity"]["keys"].items()}
    assert got == {"ada": 2, "gate": 1, "judge": 1, "some": 2}, got


def of_ten_thousand_forged_events_none_reaches_the_engine():
    ada = key_of("ada", actors=["ada"])
    letters = path("forged.ndjson")
    service = Keyed(ada, intake__dead_letters=letters, service__summary="0.2")
    socket = service.producer(ada)
    sent = 0
    for batch in range(100):
        forged = [usage(sent + i, actor=f"victim{i}") for i in range(100)]
        honest = [usage(100000 + batch, actor="ada"), usage(100000, actor="ada"), "{broken"]
        socket.send("\n".join(forged + honest).encode())
        sent += len(forged) + len(honest)
    counters = service.counters_until(lambda line: line["events"] == sent)
    sum_is_exact(counters)
    assert counters["events"] == sent == 10300
    assert counters["refused_by"]["not_allowed"] == 10000, counters
    assert counters["refused_by"]["syntax"] == 100, counters
    assert (counters["applied"], counters["duplicates"]) == (100, 100), counters
    assert counters["actors"] == 1 and counters["tokens"] == 100 * 110, counters
    assert counters["identity"]["keys"] == {
        "ada": {"events": 10300, "refused": 10100, "not_allowed": 10000,
                "new_actors": 1}}, counters
    assert counters["dead_letters"] == 10100
    assert {letter["owner"] for letter in lines(letters)} == {"ada"}


def a_revoked_key_says_nothing_more_on_its_open_connection():
    ada, bob = key_of("ada", actors=["ada"]), key_of("bob", actors=["bob"])
    letters = path("revoked.ndjson")
    service = Keyed(ada, bob, intake__dead_letters=letters, service__summary="0.2")
    socket, other = service.producer(ada), service.producer(bob)
    socket.send(events(range(10), actor="ada"))
    until(lambda: any(line["applied"] == 10 for line in service.summaries()))
    status, _, errors = goodhart("key", "revoke", "ada", "--keys", service.file)
    assert status == 0, errors
    until(lambda: "keys in force: 2" in text(service.process.err_path))
    socket.send(events(range(10, 30), actor="ada"))
    other.send(events(range(30, 35), actor="bob"))
    assert service.socket(zmq.PUSH, ada)[1] == "refused"
    counters = service.counters_until(lambda line: line["events"] == 35)
    sum_is_exact(counters)
    assert counters["applied"] == 15 and counters["refused_by"]["not_allowed"] == 20, counters
    assert all(letter["text"] == "key ada: has been revoked" and letter["owner"] == "ada"
               for letter in lines(letters)), lines(letters)[0]


def a_key_that_expires_or_goes_or_changes_hands_says_nothing_more():
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
    keys = {"dated": key_of("dated", actors=["*"], not_after=soon.isoformat()),
            "gone": key_of("gone", actors=["*"]), "swapped": key_of("swapped", actors=["*"]),
            "stays": key_of("stays", actors=["ada"])}
    service = Keyed(*keys.values(), service__summary="0.2")
    sockets = {name: service.producer(key) for name, key in keys.items()}
    # Another's key under the name of the old one: the old connection is not the new one.
    keys_write(service.file, keys["dated"], key_of("swapped", actors=["*"]), keys["stays"])
    until(lambda: "keys in force: 3" in text(service.process.err_path))
    until(lambda: datetime.datetime.now(datetime.timezone.utc) > soon)
    for number, socket in enumerate(sockets.values()):
        socket.send(usage(number, actor="ada").encode())
    counters = service.counters_until(lambda line: line["events"] == 4)
    assert counters["applied"] == 1 and counters["refused_by"]["not_allowed"] == 3, counters
    got = {name: row["not_allowed"] for name, row in counters["identity"]["keys"].items()}
    assert got == {"dated": 1, "gone": 1, "swapped": 1, "stays": 0}, got


def a_bad_key_file_changes_nothing_and_is_told_once():
    ada = key_of("ada", actors=["ada"])
    service = Keyed(ada, service__summary="0.2")
    socket = service.producer(ada)
    with open(service.file, "w", encoding="utf-8") as file:
        file.write('{"keys": [{"name": "ada", "rolse": []}]}')
    until(lambda: "rolse" in text(service.process.err_path))
    time.sleep(2.2)
    errors = text(service.process.err_path)
    assert errors.count("rolse: not a member") == 1, errors
    assert f"{service.file}:1:36: key 1 (ada): rolse" in errors, errors
    socket.send(events(range(3), actor="ada"))
    until(lambda: any(line["applied"] == 3 for line in service.summaries()))
    service.process.send_signal(signal.SIGHUP)  # asked for, so told again
    until(lambda: text(service.process.err_path).count("rolse: not a member") == 2)
    keys_write(service.file, ada, key_of("bob"))
    until(lambda: "keys in force: 2" in text(service.process.err_path))
    counters = service.stop()
    assert counters["identity"]["key_file_failures"] == 2, counters
    assert counters["identity"]["key_file_reads"] == 1, counters


def names_in_the_metadata_of_a_handshake_are_nobodys():
    ada = key_of("ada", actors=["ada"])
    gate = key_of("gate", actors=["*"], teams=["*"])
    letters = path("metadata.ndjson")
    service = Keyed(ada, gate, intake__dead_letters=letters, service__summary="0.2")
    claims = {"User_Id": "gate", "X_Goodhart_Key": gate[0]["public"]}
    raw = RawCurve(service.events, SERVER["public"], ada[0]["public"], ada[1], **claims)
    assert raw.answer.startswith(b"\x05READY"), raw.answer
    raw.message(usage(1, actor="ada").encode())
    raw.message(usage(2, actor="bob").encode())
    stranger = key_of("gate")
    raw_stranger = RawCurve(service.events, SERVER["public"], stranger[0]["public"],
                            stranger[1], **claims)
    assert raw_stranger.answer == b"\x05ERROR\x03400", raw_stranger.answer
    refused = None
    try:
        plain = RawNull(service.events, **claims)
        plain.message(usage(3, actor="bob").encode())
        plain.read(1)
    except (ConnectionError, OSError) as error:
        refused = error
    assert refused
    counters = service.counters_until(lambda line: line["events"] == 2)
    assert counters["applied"] == 1 and counters["refused_by"]["not_allowed"] == 1, counters
    assert [letter["owner"] for letter in lines(letters)] == ["ada"]
    assert set(counters["identity"]["keys"]) == {"ada"}, counters


def a_plain_service_takes_no_name_for_a_key():
    letters = path("plain.ndjson")
    service = Service(intake__dead_letters=letters)
    raw = RawNull(service.events, User_Id="gate")
    raw.message(usage(1).encode())
    raw.message(usage(2, v=2).encode())
    time.sleep(0.3)
    counters = service.stop()
    assert (counters["applied"], counters["refused"]) == (1, 1), counters
    assert "identity" not in counters and "owner" not in lines(letters)[0]


def one_key_cannot_use_up_the_room_for_new_people():
    flood, gate = key_of("flood", actors=["*"]), key_of("gate", actors=["*"])
    service = Keyed(flood, gate, **{"identity.new_actors": 51, "service.summary": 0.2})
    honest, flooder = service.producer(gate), service.producer(flood)
    honest.send(events(range(10), actor="ada"))
    until(lambda: any(line["applied"] == 10 for line in service.summaries()))
    flooder.send("\n".join(usage(10 + n, actor=f"ghost{n}") for n in range(500)).encode())
    flooder.send(events([510], actor="ada"))  # somebody who is known
    flooder.send(events([511, 512], actor="ghost7"))  # let through before
    honest.send("\n".join(usage(520 + n, actor=f"new{n}") for n in range(50)).encode())
    counters = service.counters_until(lambda line: line["events"] >= 563)
    sum_is_exact(counters)
    assert counters["applied"] == 10 + 51 + 1 + 2 + 50, counters
    assert counters["refused_by"]["limit"] == 449, counters
    keys = counters["identity"]["keys"]
    assert keys["flood"]["new_actors"] == 51 and keys["gate"]["new_actors"] == 50 + 1, keys


main([one_key_cannot_use_up_the_room_for_new_people,
      the_right_key_comes_in_and_every_other_is_refused,
      a_client_of_another_server_key_gets_no_handshake,
      each_key_speaks_for_its_actors_and_teams_and_for_nobody_else,
      ticks_and_verdicts_need_more_than_a_name,
      of_ten_thousand_forged_events_none_reaches_the_engine,
      a_revoked_key_says_nothing_more_on_its_open_connection,
      a_key_that_expires_or_goes_or_changes_hands_says_nothing_more,
      a_bad_key_file_changes_nothing_and_is_told_once,
      names_in_the_metadata_of_a_handshake_are_nobodys,
      a_plain_service_takes_no_name_for_a_key])
