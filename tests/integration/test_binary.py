#!/usr/bin/python3
"""Binary frames from a stranger: a producer that is made from events.proto by protoc alone,
beside one that speaks JSON."""
import base64
import datetime
import gzip
import json
import os
import random
import subprocess
import sys
import zlib

import zmq

from keeper import Keeper
from support import (ANYWHERE, BASE_MS, PATIENCE, ROOT, Service, context, folder, goodhart,
                     lines, main, path, text, until, usage, write)

sys.path.insert(0, str(ROOT / "deploy/clients/python"))
from goodhart_durable import ACK, BATCH, BYE, HEAD, HELLO, REJECT, WELCOME  # noqa: E402

MARKER = b"\x8fGH1"
SCHEMA = ROOT / "include/goodhart/events.proto"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
made = {}  # the module that protoc makes, and the stream of events


def the_schema_compiles():
    subprocess.run(["protoc", f"--proto_path={SCHEMA.parent}", f"--python_out={folder.name}",
                    SCHEMA.name], check=True, capture_output=True, timeout=PATIENCE)
    sys.path.insert(0, folder.name)
    import events_pb2
    made["pb"] = events_pb2


def milliseconds(value):
    if isinstance(value, int):
        return value
    return (datetime.datetime.fromisoformat(value.replace("Z", "+00:00")) - EPOCH) \
        // datetime.timedelta(milliseconds=1)


def message(event):
    """The message of an event that is a dict, as in JSON."""
    out = made["pb"].Event()
    for key, value in event.items():
        field = out.DESCRIPTOR.fields_by_name[key]
        if key in ("ts", "from", "until"):
            value = milliseconds(value)
        elif key.endswith("_hash"):
            value = int(value, 16)
        elif field.enum_type:
            value = field.enum_type.values_by_name[value].number
        setattr(out, key, value)
    return out


def frame(events):
    """A binary frame of events: dicts, or messages."""
    batch = made["pb"].Batch()
    batch.event.extend(e if not isinstance(e, dict) else message(e) for e in events)
    return MARKER + batch.SerializeToString()


def cut(events, size):
    return (events[i:i + size] for i in range(0, len(events), size))


def stream_make():
    """A company, what a replay of it in JSON publishes, and the same events as messages."""
    status, _, errors = goodhart("simulate", "--actors", "25", "--weeks", "8", "--gamers",
                                 "0.3", "--seed", "5", "--out", path("stream"), patience=120)
    assert status == 0, errors
    file = path("stream/events.ndjson")
    status, _, errors = goodhart("replay", file, "--alerts", path("json.ndjson"), patience=120)
    assert status == 0, errors
    made.update(file=file, events=[message(event) for event in lines(file)],
                alerts=text(path("json.ndjson")))


def what_a_service_finds_is_the_same_in_both_forms():
    stream_make()
    assert len(made["alerts"].splitlines()) >= 10
    service = Service("--alerts", path("pull.ndjson"), intake__high_water_mark=100000)
    service.push(*(frame(part) for part in cut(made["events"], 500)))
    counters = service.stop()
    assert counters["applied"] == len(made["events"]), counters
    assert counters["refused"] == counters["unknown_keys"] == 0, counters
    assert text(path("pull.ndjson")) == made["alerts"]


def a_file_is_the_same_in_both_forms():
    binary, packed = path("stream.ghb"), path("stream.ghb.gz")
    status, _, errors = goodhart("encode", made["file"], "--out", binary, patience=60)
    assert status == 0, errors
    status, output, errors = goodhart("encode", "--json", binary, patience=60)
    assert status == 0 and output == text(made["file"]), errors
    with open(binary, "rb") as file:
        own = file.read()
    assert own == frame(made["events"])  # byte for byte what the stranger writes
    with gzip.open(packed, "wb") as file:
        file.write(b"".join(frame(part) for part in cut(made["events"], 1000)))
    for number, name in enumerate((binary, packed)):
        alerts = path(f"file-{number}.ndjson")
        status, _, errors = goodhart("replay", name, "--alerts", alerts, patience=60)
        assert status == 0 and text(alerts) == made["alerts"], errors


def frames_of_both_forms_may_be_mixed_and_joined():
    service = Service()
    one, two, three = (json.loads(usage(n)) for n in (1, 2, 3))
    service.push(usage(0), frame([one]), frame([two]) + frame([three]), MARKER,
                 [usage(4), frame([json.loads(usage(5))])])
    counters = service.stop()
    assert (counters["applied"], counters["refused"], counters["frames"]) == (6, 0, 6), counters


def what_is_published_is_taken_too():
    publisher = context.socket(zmq.PUB)
    publisher.bind(ANYWHERE)
    service = Service(intake__subscribe=publisher.last_endpoint.decode())
    events = [json.loads(usage(n)) for n in range(40)]

    def publish():
        publisher.send_multipart([b"usage", frame(events)])
        return service_heard(service)
    until(publish)
    counters = service.stop()
    assert counters["applied"] == 40 and counters["refused"] == 0, counters
    publisher.close(0)


def service_heard(service):
    """Whether the heartbeat tells of events."""
    socket = context.socket(zmq.SUB)
    socket.connect(service.alerts)
    socket.subscribe("heartbeat/")
    heard = socket.poll(PATIENCE * 1000) and json.loads(socket.recv_multipart()[2])["events"]
    socket.close(0)
    return heard


def bad_events():
    """Reason, key and message or bytes of events that are wrong in one way each."""
    good = json.loads(usage(0))
    pb = made["pb"]
    whole = message(good).SerializeToString()
    foreign = message(good)
    foreign.input_tokens = -3
    return [("range", "input_tokens", foreign.SerializeToString()),
            ("length", "team", message(good | {"team": ""}).SerializeToString()),
            ("control", "team", message(good | {"team": "a\0b"}).SerializeToString()),
            ("encoding", "team", whole + b"\x22\x01\xff"),
            ("missing", "actor", pb.Event(id="x", ts=BASE_MS).SerializeToString()),
            ("version", "v", message(good | {"v": 2}).SerializeToString()),
            ("kind", "kind", whole + b"\x80\x01\x63"),
            ("value", "status", whole + b"\xc0\x01\x09"),
            ("duplicate_key", "id", whole + b"\x0a\x01x"),
            ("type", "session", whole + b"\x28\x01"),
            ("syntax", "", whole + b"\x0b"),
            ("too_long", "", whole + b"\xba\x3e\xf0\xff\x03" + bytes(65520))]


def varint(number):
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(
        number >> 7)


def each_bad_event_is_refused_alone_and_can_be_read_again():
    letters = path("letters.ndjson")
    service = Service(intake__dead_letters=letters)
    bad = bad_events()
    body = MARKER
    for number, (_, _, event) in enumerate(bad):
        for one in (message(json.loads(usage(number))).SerializeToString(), event):
            body += b"\x0a" + varint(len(one)) + one
    service.push(body + b"\x10\x05" + b"\x0a\x05cut", b"\x8fGH2" + body[4:])
    counters = service.stop()
    assert counters["applied"] == len(bad), counters
    record = lines(letters)
    assert [(letter["reason"], letter["key"]) for letter in record] == [
        (reason, key) for reason, key, _ in bad] + [("syntax", ""), ("syntax", ""),
                                                   ("version", "")], record
    kept = [base64.b64decode(letter["event_binary_base64"]) for letter in record]
    wanted = [event for _, _, event in bad] + [b"\x10\x05", b"\x0a\x05cut",
                                               b"\x8fGH2" + body[4:]]
    assert kept == [event[:65536] for event in wanted]
    assert [letter["index"] for letter in record[:len(bad)]] == list(range(1, 2 * len(bad), 2))
    assert all(body[letter["offset"]:].startswith(event) for letter, event in
               zip(record[:len(bad)], kept))
    assert made["pb"].Event.FromString(kept[0]).input_tokens == -3


def check_tells_what_is_wrong_in_a_binary_file():
    good, bad = message(json.loads(usage(1))), message(json.loads(usage(2)))
    bad.cost_usd = float("nan")
    with open(path("wrong.ghb"), "wb") as file:
        file.write(frame([good, bad]))
    status, _, errors = goodhart("check", path("wrong.ghb"))
    assert status == 1, errors
    assert "wrong.ghb:1: event 2: cost_usd: nan: a finite number, 0 or more" in errors, errors
    status, output, errors = goodhart("encode", "--json", path("wrong.ghb"))
    assert status == 1 and json.loads(output)["id"] == "e1" and "1 of 2" in errors, errors


# --- durable ---

class Producer:
    """The protocol of durable_frame.h by hand: frames of known numbers, sent and awaited."""

    def __init__(self, endpoint, stream):
        self.socket = context.socket(zmq.DEALER)
        self.socket.connect(endpoint)
        self.stream, self.rejected, self.heard = stream, [], 0

    def say(self, kind, number, count=0, body=b""):
        self.socket.send(HEAD.pack(b"GHP1", kind, 0, HEAD.size, len(body),
                                   zlib.crc32(body) if body else 0, self.stream, number, count,
                                   0) + body)

    def hear(self, kinds, number):
        """Waits for one of `kinds` that says at least `number`."""
        while self.socket.poll(PATIENCE * 1000):
            told = self.socket.recv()
            kind, _, _, _, _, _, reached, _, _ = HEAD.unpack(told[:HEAD.size])[1:]
            if kind == REJECT:
                self.rejected.append((reached, json.loads(told[HEAD.size:])["reason"]))
            elif kind in kinds and reached >= number:
                return reached
            elif kind not in (WELCOME, ACK):
                raise AssertionError((kind, told[HEAD.size:]))
        raise AssertionError("nothing is heard")


def durable_events_are_kept_over_a_kill_and_found_the_same():
    keeper = Keeper("binary").start()
    events = made["events"]
    half = len(events) // 2
    producer = Producer(keeper.settings["durable.bind"], random.randbytes(16))
    producer.say(HELLO, 1)
    producer.hear((WELCOME,), 0)
    number = 1
    for part in cut(events[:half], 1000):
        producer.say(BATCH, number, len(part), frame(part))
        number += len(part)
        producer.hear((ACK,), number - 1)
    keeper.kill()
    keeper.start()
    producer.say(HELLO, number)
    assert producer.hear((WELCOME,), half) == half
    number -= 100  # again, with others behind: what is known is passed over
    for part in cut(events[number - 1:], 1000):
        producer.say(BATCH, number, len(part), frame(part))
        number += len(part)
        producer.hear((ACK,), number - 1)
    producer.say(BATCH, number, 2, frame([{"id": "bad"}, json.loads(usage(1))]))
    producer.hear((ACK,), number + 1)
    assert producer.rejected == [(number, "missing")], producer.rejected
    producer.say(BYE, number + 1)
    producer.hear((BYE,), number + 1)
    alerts = [json.loads(line) for line in keeper.kept()]
    counters = keeper.stop()
    assert counters["duplicates"] == 0, counters
    assert counters["durable"]["repeated"] == 100, counters
    wanted = [json.loads(line) for line in made["alerts"].splitlines()]
    for alert in alerts + wanted:
        for key in ("sequence", "source"):
            alert.pop(key, None)
    assert alerts[:len(wanted)] == wanted  # the last event may bring more
    status, _, errors = keeper.verified()
    assert status == 0, errors


def send_takes_either_form_and_sends_either():
    keeper = Keeper("send", durable__credit=2000).start()
    events = [usage(n) for n in range(5000)]
    ndjson = write("some.ndjson", events)
    binary = path("some.ghb")
    status, _, errors = goodhart("encode", ndjson, "--out", binary)
    assert status == 0, errors
    told, _ = keeper.send(ndjson, "--binary", "--batch", "300")
    assert told["acknowledged"] == 5000 and told["skipped"] == 0, told
    told_json, _ = keeper.send(binary)
    assert told_json["acknowledged"] == 5000 and told_json["bytes"] > 2 * told["bytes"], told
    endpoint = ["--endpoint", keeper.settings["intake.pull"]]
    for file, form in ((binary, ["--binary"]), (ndjson, ["--binary"]), (binary, [])):
        status, output, errors = goodhart("send", file, *form, *endpoint)
        assert status == 0 and json.loads(output)["events"] == 5000, errors
    bad = write("bad.ndjson", [usage(1), "{}", usage(2)])
    status, output, errors = goodhart("send", bad, "--binary", *endpoint)
    assert status == 0 and json.loads(output)["skipped"] == 1, output
    assert "1 pieces were left out" in errors, errors
    counters = keeper.stop()
    assert (counters["applied"], counters["duplicates"]) == (5000, 4 * 5000 + 2), counters
    assert counters["refused"] == 0, counters


main([
    the_schema_compiles,
    what_a_service_finds_is_the_same_in_both_forms,
    a_file_is_the_same_in_both_forms,
    frames_of_both_forms_may_be_mixed_and_joined,
    what_is_published_is_taken_too,
    each_bad_event_is_refused_alone_and_can_be_read_again,
    check_tells_what_is_wrong_in_a_binary_file,
    durable_events_are_kept_over_a_kill_and_found_the_same,
    send_takes_either_form_and_sends_either,
])
