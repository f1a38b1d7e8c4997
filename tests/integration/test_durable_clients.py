#!/usr/bin/python3
"""Durable producers of three makes against a service that is killed; and missed alerts, asked
for by a stranger."""
import json
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import zmq

from support import (ANYWHERE, BASE_MS, GOODHART, PACKAGES, PATIENCE, ROOT, Service, company,
                     context, ended, goodhart, lines, main, packages_install, path, start, text,
                     usage, write)

PYTHON = ROOT / "deploy/clients/python/goodhart_durable.py"
NODE = PACKAGES / "goodhart-durable.mjs"
sys.path.insert(0, str(PYTHON.parent))
from goodhart_durable import (ACK, BATCH, HEAD, HELLO, WELCOME, DurableError,  # noqa: E402
                              DurableProducer)

EVENTS = 9000  # of each producer, in three parts; a kill after the first and the second
BAD_EVERY = 250


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def service(name, port, **settings):
    return Service(store__folder=path(name), durable__bind=f"tcp://127.0.0.1:{port}",
                   alerts__replay=ANYWHERE, **settings)


def kill(running):
    running.process.send_signal(signal.SIGKILL)
    running.process.wait(PATIENCE)


# --- three producers, two kills ---

class Feeder:
    """A producer that is fed by its standard input, part by part."""

    def __init__(self, name, command):
        self.name = name
        self.process = start(command, stdin=subprocess.PIPE)
        self.thread = None

    def line(self, number):
        if number % BAD_EVERY == 0:
            return f"bad {self.name} {number}"
        return json.dumps({"id": f"{self.name}{number}", "ts": BASE_MS + number * 20,
                           "actor": f"{self.name}-{number % 5}", "input_tokens": 100})

    def feed(self, part, seconds):
        self.thread = threading.Thread(target=self.write, args=(part, seconds), daemon=True)
        self.thread.start()

    def write(self, part, seconds):
        step = 100
        for first in range(part.start, part.stop, step):
            rows = (self.line(n) for n in range(first, min(first + step, part.stop)))
            self.process.stdin.write("".join(row + "\n" for row in rows).encode())
            self.process.stdin.flush()
            time.sleep(seconds * step / len(part))

    def refused(self):
        """Numbers that it was told; Node and Python say it as `goodhart send` does."""
        return [int(n) for n in re.findall(r"event (\d+) is refused: ", text(
            self.process.err_path))]


def feeders(endpoint):
    packages_install()
    shutil.copy(ROOT / "deploy/clients/node/goodhart-durable.mjs", NODE)
    options = ["--endpoint", endpoint, "--timeout", "30", "-"]
    return [Feeder("c", [GOODHART, "send", "--durable", "--batch", "16", *options]),
            Feeder("python", ["/usr/bin/python3", str(PYTHON), "--batch", "16", *options]),
            Feeder("node", ["node", str(NODE), "--batch", "16", *options])]


def three_producers_lose_nothing_when_the_service_is_killed_twice():
    port, letters = free_port(), path("letters.ndjson")
    settings = {"durable__credit": 1000, "store__snapshot_interval": 1,
                "intake__dead_letters": letters}
    running = service("killed", port, **settings)
    producers = feeders(running.durable)
    third = EVENTS // 3
    for part in range(2):
        for producer in producers:
            producer.feed(range(part * third + 1, (part + 1) * third + 1), 2)
        time.sleep(1.2)
        kill(running)  # while they send
        time.sleep(0.2)
        running = service("killed", port, **settings)
        for producer in producers:
            producer.thread.join(PATIENCE)
            assert not producer.thread.is_alive(), producer.name
    for producer in producers:
        producer.feed(range(2 * third + 1, EVENTS + 1), 1)
        producer.thread.join(PATIENCE)
        producer.process.stdin.close()
    ends = [ended(producer.process) for producer in producers]
    counters = running.stop()
    bad = set(range(BAD_EVERY, EVENTS + 1, BAD_EVERY))
    for producer, (status, output, errors) in zip(producers, ends):
        assert status == 0, (producer.name, errors)
        told = json.loads(output.splitlines()[-1])
        assert told["acknowledged"] == EVENTS, told
        refused = producer.refused()
        # One that is told just when the service dies is not told again; else each is, once.
        assert set(refused) <= bad and len(set(refused)) == len(refused), producer.name
        assert {n for n in bad if n > 2 * third} <= set(refused), (producer.name, refused)
        assert told["rejected"] == len(refused), told
    assert any(json.loads(output.splitlines()[-1])["resent"] for _, output, _ in ends)
    good = len(producers) * (EVENTS - len(bad))
    assert counters["applied"] + counters["late"] == good, counters
    assert counters["duplicates"] == counters["held"] == 0, counters
    parts = sum(counters[name] for name in ("applied", "duplicates", "late", "refused"))
    assert counters["events"] == parts, counters
    durable = counters["durable"]
    assert durable["rejected"] == counters["refused"] and durable["streams"] == 3, durable
    assert durable["lost"] == durable["forgotten"] == 0, durable
    wanted = {producer.line(number) for producer in producers for number in bad}
    # Every refusal is written down; one whose batch came again after a kill, twice.
    record = [letter["event"] for letter in lines(letters)]
    assert set(record) == wanted, (len(set(record)), len(wanted))
    assert counters["refused"] >= 3 * len([n for n in bad if n > 2 * third]), counters


def large_batches_lose_nothing_either():
    """What is gathered for one commit is more than one batch here."""
    port, count = free_port(), 400000
    settings = {"store__snapshot_interval": 1, "durable__credit": 100000}
    file = write("large.ndjson", (json.dumps({"id": f"l{n}", "ts": BASE_MS + n, "actor": "a"})
                                  for n in range(count)))
    running = service("large", port, **settings)
    sender = start([GOODHART, "send", "--durable", "--batch", "3000",
                    "--endpoint", running.durable, "--timeout", "30", file])
    for turn in range(4):
        time.sleep(0.1 + turn * 0.03)
        kill(running)
        running = service("large", port, **settings)
    status, output, errors = ended(sender)
    assert status == 0 and json.loads(output)["acknowledged"] == count, errors
    counters = running.stop()
    assert (counters["applied"], counters["duplicates"]) == (count, 0), counters


# --- what a client does by itself ---

def a_stream_goes_on_where_the_service_has_it():
    running = service("resume", free_port())
    with DurableProducer(running.durable, batch=10) as producer:
        assert producer.send(json.loads(usage(1))) == 1
        assert producer.send_many(usage(n) for n in range(2, 26)) == 25
        producer.send("{}")
        stream = producer.stream
    assert (producer.durable, producer.pending) == (26, 0)
    assert [(r.number, r.reason) for r in producer.rejections] == [(26, "missing")]
    with DurableProducer(running.durable, stream) as producer:
        assert producer.known == 26
        assert producer.send(usage(27)) == 27
    file = write("resumed.ndjson", [usage(n) for n in range(1, 31)])
    for command in ([GOODHART, "send", "--durable", "--endpoint", running.durable, file],
                    ["/usr/bin/python3", str(PYTHON), "--endpoint", running.durable, file],
                    ["node", str(NODE), "--endpoint", running.durable, file]):
        status, output, errors = ended(start([*command, "--stream", stream]))
        assert status == 0, errors
        told = json.loads(output)
        assert told["known_before"] + told["acknowledged"] == 30, told
    counters = running.stop()
    assert (counters["applied"], counters["refused"]) == (29, 1), counters


def what_is_no_event_never_leaves():
    running = service("wrong", free_port())
    producer = DurableProducer(running.durable)
    for wrong in ("{}\n{}", b"x" * (1 << 20), {"x": float("nan")}):
        try:
            producer.send(wrong)
        except ValueError:
            continue
        raise AssertionError("it was taken")
    assert producer.sent == 0
    producer.close()
    producer.close()
    running.stop()


def a_client_gives_up_in_time_and_keeps_what_it_has():
    endpoint = f"tcp://127.0.0.1:{free_port()}"
    for command in (["/usr/bin/python3", str(PYTHON)], ["node", str(NODE)]):
        status, output, errors = ended(start([*command, "--endpoint", endpoint, "--timeout",
                                              "0.5", write("one.ndjson", [usage(1)])]))
        assert status == 1 and output == "", (status, output)
        assert "nothing was heard for 0.5 s" in errors and "store.folder" in errors, errors
    port = free_port()
    running = service("patience", port)
    producer = DurableProducer(running.durable, timeout=0.5)
    kill(running)
    producer.send(usage(1))
    try:
        producer.flush()
        raise AssertionError("nobody was there")
    except DurableError:
        assert producer.pending == 1
    running = service("patience", port)
    producer.flush(timeout=PATIENCE)
    assert producer.durable == 1
    producer.close()
    assert running.stop()["applied"] == 1


def clients_speak_curve():
    """The service's part is played here: it only has to be another implementation."""
    public, secret = zmq.curve_keypair()
    mine, own = zmq.curve_keypair()
    server = context.socket(zmq.ROUTER)
    server.curve_server, server.curve_secretkey = True, secret
    endpoint = f"tcp://127.0.0.1:{server.bind_to_random_port('tcp://127.0.0.1')}"
    file, key = write("curve.ndjson", [usage(1), usage(2)]), write("key", [own.decode()])
    for command in (["/usr/bin/python3", str(PYTHON)], ["node", str(NODE)]):
        client = start([*command, "--endpoint", endpoint, "--secret", key, "--public",
                        mine.decode(), "--server", public.decode(), file])
        seen = b""
        while client.poll() is None:
            if not server.poll(50):
                continue
            route, frame = server.recv_multipart()
            head = HEAD.unpack_from(frame)
            if head[1] in (HELLO, BATCH):
                number = head[7] + head[8] - 1 if head[1] == BATCH else 0
                seen += frame[HEAD.size:]
                server.send_multipart([route, HEAD.pack(
                    b"GHP1", WELCOME if head[1] == HELLO else ACK, 0, HEAD.size, 0, 0, head[6],
                    number, 100, 0)])
        status, output, errors = ended(client)
        assert status == 0, errors
        assert json.loads(output)["acknowledged"] == 2 and seen.decode() == text(file), seen
    server.close()


# --- missed alerts ---

stream = {}


def ask(running, request):
    """[head, (sequence, body), ...] of one answer."""
    asker = context.socket(zmq.REQ)
    asker.connect(running.replay)
    asker.send(request if isinstance(request, bytes) else json.dumps(request).encode())
    assert asker.poll(PATIENCE * 1000), request
    head, *rest = asker.recv_multipart()
    asker.close()
    pairs = zip(rest[::2], rest[1::2], strict=True)
    return json.loads(head), [(struct.unpack(">Q", n)[0], body.decode()) for n, body in pairs]


def pages(running, **request):
    """All alerts, page by page."""
    found, since, newest = [], 0, 1
    while since < newest:
        head, alerts = ask(running, {"since": since} | request)
        assert head["since"] == since and head["next"] > since, head
        assert len(alerts) <= request.get("limit", 256)
        assert all(since < number <= head["next"] for number, _ in alerts), head
        found += alerts
        since, newest = head["next"], head["newest"]
    return found


def missed_alerts_are_had_by_pages_and_topics():
    file = company(60, 10, 0.3, 5)
    port = free_port()
    running = service("company-store", port)
    status, output, errors = goodhart("send", "--durable", "--endpoint", running.durable, file)
    assert status == 0 and json.loads(output)["rejected"] == 0, errors
    running.stop()
    running = service("company-store", port)  # what was published before is kept
    stream.update(service=running, alerts=pages(running))
    alerts = stream["alerts"]
    assert len(alerts) >= 10
    assert [number for number, _ in alerts] == list(range(1, len(alerts) + 1))
    assert all(json.loads(body)["sequence"] == number for number, body in alerts)
    assert pages(running, limit=1) == pages(running, limit=7) == alerts
    assert pages(running, topics=[]) == alerts
    found = [json.loads(body)["data"] for _, body in alerts]
    actor, detector = found[0]["actor"], found[-1]["detector"]
    by_actor = [row for row, data in zip(alerts, found) if data["actor"] == actor]
    assert pages(running, topics=[f"actor/{actor}/"]) == by_actor
    either = [row for row, data in zip(alerts, found)
              if data["actor"] == actor or data["detector"] == detector]
    assert pages(running, topics=[f"actor/{actor}/", f"detector/{detector}/"],
                 limit=2) == either
    assert pages(running, topics=["nobody/"]) == []
    head, rest = ask(running, {"since": len(alerts) + 1000})
    assert rest == [] and head["newest"] == len(alerts) and head["oldest"] == 1, head
    head, rest = ask(running, {"since": 2**63 - 1})
    assert rest == [] and head["next"] == 2**63 - 1, head


BAD_REQUESTS = [
    (b"", "JSON object"), (b"noise", "JSON object"), (b"[1]", "JSON object"),
    (b'{"since": 0, "since": 1}', "JSON object"), ({}, "since"), ({"since": -1}, "since"),
    ({"since": "0"}, "since"), ({"since": 1.5}, "since"), (b'{"since": 9223372036854775808}',
                                                           "JSON object"),
    ({"since": 0, "limit": 0}, "limit"), ({"since": 0, "limit": 257}, "limit"),
    ({"since": 0, "limit": True}, "limit"), ({"since": 0, "topics": "alert/"}, "topics"),
    ({"since": 0, "topics": [1]}, "topics"), ({"since": 0, "topics": ["a"] * 65}, "topics"),
]


def a_bad_request_is_answered_with_what_is_wrong():
    for request, word in BAD_REQUESTS:
        head, rest = ask(stream["service"], request)
        assert set(head) == {"error"} and word in head["error"] and rest == [], (request, head)
    dealer = context.socket(zmq.DEALER)  # needs no empty frame
    dealer.connect(stream["service"].replay)
    dealer.send(b'{"since": 0, "limit": 1}')
    assert dealer.poll(PATIENCE * 1000) and len(dealer.recv_multipart()) == 3
    dealer.close()


def watch_shows_what_was_missed_once():
    running, wanted = stream["service"], [body for _, body in stream["alerts"]]
    watch = ["watch", "--endpoint", running.alerts, "--replay", running.replay, "--json"]
    status, output, errors = goodhart(*watch, "--since", "0", "--idle", "1")
    assert status == 0, errors
    assert output.splitlines() == wanted
    half = len(wanted) // 2
    status, output, errors = goodhart(*watch, "--since", str(half), "--count",
                                      str(len(wanted) - half))
    assert status == 0 and output.splitlines() == wanted[half:], errors
    actor = json.loads(wanted[0])["data"]["actor"]
    status, output, errors = goodhart(*watch, "--since", "0", "--idle", "1", f"actor/{actor}/",
                                      "severity/")
    assert status == 0 and output.splitlines() == wanted, errors
    running.stop()


main([
    three_producers_lose_nothing_when_the_service_is_killed_twice,
    large_batches_lose_nothing_either,
    a_stream_goes_on_where_the_service_has_it,
    what_is_no_event_never_leaves,
    a_client_gives_up_in_time_and_keeps_what_it_has,
    clients_speak_curve,
    missed_alerts_are_had_by_pages_and_topics,
    a_bad_request_is_answered_with_what_is_wrong,
    watch_shows_what_was_missed_once,
])
