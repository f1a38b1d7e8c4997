#!/usr/bin/python3
"""`goodhart watch` against a publisher that the test plays itself, hostile ones included."""
import json
import os
import pty
import re
import select
import signal
import struct
import time

import zmq

from support import (GOODHART, PATIENCE, context, ended, goodhart, main, path, start, text,
                     until)

ALICE = {"finding": "f1", "detector": "agent_loop", "actor": "alice", "team": "pay",
         "severity": "critical", "track": "case", "reviewable": True, "tokens": 8400000,
         "cost_usd": 120.5, "excess_tokens": 7100000, "excess_cost_usd": 101.2,
         "explanation": "Two agents went round 400 times.", "question": "What was it for?"}


def body(number, **data):
    return json.dumps({"specversion": "1.0", "id": f"{number}-1", "time":
                       "2026-11-20T09:31:05.123Z", "type": "dev.goodhart.finding.opened",
                       "sequence": number, "data": ALICE | {"finding": f"f{number}"} | data})


class Publisher:
    """Stands in for the service."""

    def __init__(self):
        self.socket = context.socket(zmq.XPUB)
        self.endpoint = f"tcp://127.0.0.1:{self.socket.bind_to_random_port('tcp://127.0.0.1')}"

    def watched(self, topics=("alert/",)):
        """Waits until all that is to be subscribed to is."""
        wanted = {b"\x01heartbeat/"} | {b"\x01" + topic.encode() for topic in topics}
        while wanted:
            assert self.socket.poll(PATIENCE * 1000), wanted
            wanted.discard(self.socket.recv())

    def publish(self, sequence, content, topic="alert/"):
        content = content if isinstance(content, bytes) else content.encode()
        self.socket.send_multipart([topic.encode(), struct.pack(">Q", sequence), content])

    def beat(self, sequence, **more):
        self.publish(sequence, json.dumps({"sequence": sequence} | more), "heartbeat/")


def watch(publisher, *arguments, topics=("alert/",)):
    process = start([GOODHART, "watch", "--endpoint", publisher.endpoint, *arguments])
    publisher.watched(topics)
    return process


def an_alert_is_shown_with_all_that_a_reader_needs():
    publisher = Publisher()
    process = watch(publisher, "--count", "1")
    publisher.beat(0)
    publisher.publish(1, body(1))
    status, output, _ = ended(process)
    assert status == 0
    for part in ("2026-11-20T09:31:05.123Z", "critical", "case", "agent_loop", "alice", "(pay)",
                 "opened", "Two agents went round 400 times.", "8.4 million tokens, $120.50",
                 "7.1 million tokens, $101.20", "ask: What was it for?"):
        assert part in output, (part, output)
    assert "\x1b" not in output  # no terminal, no colours


def json_is_the_body_as_it_came():
    publisher = Publisher()
    process = watch(publisher, "--json", "--count", "2")
    publisher.publish(1, body(1))
    publisher.publish(2, body(2, actor="zoë 🐙"))
    status, output, _ = ended(process)
    assert status == 0
    assert output == body(1) + "\n" + body(2, actor="zoë 🐙") + "\n"


def an_alert_under_several_topics_is_shown_once():
    publisher = Publisher()
    topics = ("severity/", "actor/alice/")
    process = watch(publisher, "--json", "--count", "2", *topics, topics=topics)
    for number in (1, 2):
        publisher.publish(number, body(number), "severity/critical/")
        publisher.publish(number, body(number), "actor/alice/")
    _, output, errors = ended(process)
    assert [json.loads(line)["id"] for line in output.splitlines()] == ["1-1", "2-1"]
    assert "gap" not in errors, errors


def gaps_are_told_with_their_size():
    publisher = Publisher()
    process = watch(publisher, "--json", "--idle", "1")
    publisher.beat(40)
    publisher.publish(41, body(41))
    publisher.publish(44, body(44))
    publisher.beat(47)
    publisher.beat(0)
    publisher.publish(1, body(1))
    _, output, errors = ended(process)
    assert len(output.splitlines()) == 3
    assert "published before: 40" in errors, errors
    assert "gap: 2 alerts were lost on the way, up to 43" in errors, errors
    assert "gap: 3 alerts were lost on the way, up to 47" in errors, errors
    assert "the service began anew" in errors, errors
    assert "watch: 5 alerts were lost" in errors, errors


def a_part_of_the_topics_sees_no_gaps_where_there_are_none():
    publisher = Publisher()
    process = watch(publisher, "--idle", "0.5", "team/pay/", topics=("team/pay/",))
    publisher.beat(0)
    publisher.publish(3, body(3), "team/pay/")
    publisher.publish(9, body(9), "team/pay/")
    publisher.beat(9)
    _, _, errors = ended(process)
    assert "gap" not in errors, errors


def nobody_who_keeps_alerts_is_no_alarm_while_nothing_is_missing():
    publisher = Publisher()
    nobody = "--replay", f"ipc://{path('nobody')}"
    process = watch(publisher, "--idle", "1", *nobody, "team/pay/", topics=("team/pay/",))
    publisher.beat(0)
    publisher.publish(3, body(3), "team/pay/")
    publisher.beat(9)
    _, output, errors = ended(process)
    assert output and "missed" not in errors and "lost" not in errors, errors
    publisher = Publisher()
    process = watch(publisher, "--idle", "1", *nobody)
    publisher.publish(1, body(1))
    publisher.publish(4, body(4))
    _, _, errors = ended(process)
    assert "cannot be had" in errors and "2 alerts were lost" in errors, errors


HOSTILE = ("a\x1b[2Jb", "c\x07d\x08e", "\x9b31m", "\x7f", "new\nline\r", "\u202etxt\u2066",
           "\u200bzero", "\ufeff", "tag\U000e0041")


def no_control_character_reaches_the_terminal():
    for arguments in ((), ("--json",), ("--summary",)):
        publisher = Publisher()
        process = watch(publisher, "--count", str(len(HOSTILE)), *arguments)
        for number, name in enumerate(HOSTILE, 1):
            raw = body(number, actor=name, team=name, severity=name, track=name, detector=name,
                       explanation=name, question=name)
            if number % 2:  # the same letters unescaped, where JSON allows it
                raw = json.dumps(json.loads(raw), ensure_ascii=False)
            publisher.publish(number, "\r\n\t" + raw if number % 3 else raw)
        status, output, errors = ended(process)
        assert status == 0, errors
        bad = re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", output + errors)
        assert not bad, (arguments, bad)
        if arguments != ("--json",):
            assert not re.search("[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]",
                                 output + errors)
        else:
            assert [json.loads(line)["data"]["actor"] for line in
                    output.splitlines()] == list(HOSTILE)


def what_is_no_alert_is_passed_over_and_told_once():
    publisher = Publisher()
    process = watch(publisher, "--json", "--count", "1")
    for strange in (b"", b"{", b"[]", b"{}", b'{"id": 1, "data": {}}', b"\xff", b"\x1b[2J",
                    b'{"id":"x","data":{"actor":"\x1b[2J"}}', b"[" * 100000):
        publisher.publish(1, strange)
    publisher.socket.send_multipart([b"alert/", b"1", b"{}"])
    publisher.socket.send_multipart([b"alert/"])
    publisher.publish(2, body(2))
    status, output, errors = ended(process)
    assert status == 0 and output == body(2) + "\n", output
    assert errors.count("no alert") == 1 and "\x1b" not in errors, errors


def the_summary_tells_who_was_found_and_the_share():
    publisher = Publisher()
    process = watch(publisher, "--summary", "--idle", "0.5")
    publisher.beat(0, actors=200)
    publisher.publish(1, body(1))
    publisher.publish(2, body(2))
    publisher.publish(3, body(2, revision=2).replace('"2-1"', '"2-2"'))
    publisher.publish(4, body(4, actor="bob", track="incident", reviewable=False,
                              detector="runaway", excess_cost_usd=None))
    _, _, errors = ended(process)
    rows = [re.split(r"\s{2,}", line) for line in errors.splitlines()]
    table = [row for row in rows if row[0].startswith(("case", "incident"))]
    assert [" ".join(" ".join(row).split()) for row in table] == [
        "case agent_loop 1 2 $202.40 alice", "incident runaway 1 1 $0.00 bob"], errors
    assert "actors with a finding to review: 1 of 200 (0.5 %)" in errors, errors


def it_waits_for_a_first_sign_of_life_before_it_counts_quiet():
    publisher = Publisher()
    process = watch(publisher, "--idle", "0.3")
    time.sleep(0.8)
    assert process.poll() is None
    publisher.beat(0)
    began = time.monotonic()
    status, _, _ = ended(process)
    assert status == 0 and time.monotonic() - began > 0.2


def an_interrupt_ends_it_in_order():
    publisher = Publisher()
    process = watch(publisher, "--summary")
    publisher.publish(1, body(1))
    until(lambda: "alice" in text(process.out_path))
    process.send_signal(signal.SIGINT)
    status, _, errors = ended(process)
    assert status == 0 and "actors with a finding to review: 1" in errors, errors


def a_service_that_falls_silent_is_told_once():
    publisher = Publisher()
    process = watch(publisher, "--set", "alerts.heartbeat=100", "--count", "1")
    until(lambda: "nothing is heard" in text(process.err_path))
    time.sleep(1.2)
    publisher.publish(1, body(1))
    _, _, errors = ended(process)
    assert errors.count("nothing is heard") == 1 and "heard again" in errors, errors


def on_terminal(environment):
    """What watch writes when standard output is a terminal."""
    publisher = Publisher()
    ours, theirs = pty.openpty()
    child = start([GOODHART, "watch", "--endpoint", publisher.endpoint, "--count", "1"],
                  stdout=theirs, env={"TERM": "xterm"} | environment)
    os.close(theirs)
    publisher.watched()
    publisher.publish(1, body(1, actor="\x1b[5mblink"))
    seen = b""
    while select.select([ours], [], [], PATIENCE)[0]:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        seen += piece
    child.wait(PATIENCE)
    os.close(ours)
    return seen.decode()


def colours_are_for_terminals_that_want_them():
    assert "\x1b[31mcritical\x1b[0m" in on_terminal({})
    assert "\x1b[5m" not in on_terminal({})
    assert "\x1b" not in on_terminal({"NO_COLOR": "1"})
    assert "\x1b" not in on_terminal({"TERM": "dumb"})


def an_endpoint_of_another_kind_is_wrong():
    status, _, errors = goodhart("watch", "--endpoint", "5603")
    assert status == 2 and "--endpoint" in errors and "tcp://" in errors, errors


main([
    an_alert_is_shown_with_all_that_a_reader_needs,
    json_is_the_body_as_it_came,
    an_alert_under_several_topics_is_shown_once,
    gaps_are_told_with_their_size,
    a_part_of_the_topics_sees_no_gaps_where_there_are_none,
    nobody_who_keeps_alerts_is_no_alarm_while_nothing_is_missing,
    no_control_character_reaches_the_terminal,
    what_is_no_alert_is_passed_over_and_told_once,
    the_summary_tells_who_was_found_and_the_share,
    it_waits_for_a_first_sign_of_life_before_it_counts_quiet,
    an_interrupt_ends_it_in_order,
    a_service_that_falls_silent_is_told_once,
    colours_are_for_terminals_that_want_them,
    an_endpoint_of_another_kind_is_wrong,
])
