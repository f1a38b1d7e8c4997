#!/usr/bin/python3
"""Whatever is sent is accounted for: sent = applied + duplicates + late + refused, exactly, by
lossy and by durable intake, and what a durable producer no longer has is told by stream."""
import json
import sys
import time
import zlib

import zmq

from keeper import Keeper
from support import BASE_MS, PATIENCE, ROOT, context, goodhart, main, path, text, until, usage

sys.path.insert(0, str(ROOT / "deploy/clients/python"))
from goodhart_durable import ACK, BATCH, HEAD, HELLO, NACK, REJECT, WELCOME  # noqa: E402

ALICE, BOB = b"a" * 16, b"b" * 16


def events(first, count, who):
    """Of ten: seven new ones, one that came before, one that is late, one that is none."""
    for n in range(first, first + count):
        kind = n % 10
        if kind == 7:
            yield usage(n - 2, id=f"{who}{n - 2}")
        elif kind == 8:
            yield usage(n, id=f"{who}{n}", ts=BASE_MS - 10 ** 9)
        elif kind == 9:
            yield f"{who} {n} is no event"
        else:
            yield usage(n, id=f"{who}{n}")


def sums(counters, sent):
    """Of whole tens."""
    parts = {what: counters[what] for what in ("applied", "duplicates", "late", "refused")}
    assert counters["events"] == sent == sum(parts.values()), counters
    assert counters["held"] == 0, counters
    assert parts == {"applied": sent // 10 * 7, "duplicates": sent // 10, "late": sent // 10,
                     "refused": sent // 10}, counters


class Peer:
    """A durable producer that says what it is told to say."""

    def __init__(self, keeper, stream):
        self.socket = context.socket(zmq.DEALER)
        self.socket.connect(keeper.settings["durable.bind"])
        self.stream, self.rejected = stream, 0

    def say(self, kind, number, count=0, body=b""):
        self.socket.send(HEAD.pack(b"GHP1", kind, 0, HEAD.size, len(body),
                                   zlib.crc32(body) if body else 0, self.stream, number, count,
                                   0) + body)

    def hear(self, kind, number=None):
        """The number of the next message of this kind; of this number, if one is given."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if not self.socket.poll(100):
                continue
            frame = self.socket.recv()
            head = HEAD.unpack_from(frame)
            self.rejected += head[1] == REJECT
            if head[1] == kind and number in (None, head[7]):
                return head[7]
        raise AssertionError(f"nothing of kind {kind}")

    def batch(self, first, count, who):
        body = "".join(line + "\n" for line in events(first, count, who)).encode()
        self.say(BATCH, first, count, body)


def what_is_pushed_is_summed_up():
    keeper = Keeper("pushed").start()
    pushed = context.socket(zmq.PUSH)
    pushed.connect(keeper.settings["intake.pull"])
    for first in range(10, 1010, 100):
        pushed.send("\n".join(events(first, 100, "p")).encode())
    time.sleep(0.5)
    pushed.close(PATIENCE * 1000)
    sums(keeper.stop(), 1000)


def what_is_sent_durably_is_summed_up_and_gaps_by_stream():
    keeper = Keeper("numbered").start()
    alice, bob = Peer(keeper, ALICE), Peer(keeper, BOB)
    alice.say(HELLO, 1)
    assert alice.hear(WELCOME) == 0
    alice.batch(1, 99, "a")
    alice.hear(ACK, 99)
    alice.batch(200, 10, "a")  # a gap on the way: nothing of it is taken
    assert alice.hear(NACK) == 100
    alice.batch(90, 30, "a")  # ten of them for the second time
    alice.hear(ACK, 119)
    alice.say(HELLO, 150)  # 120 to 149 it no longer has
    alice.hear(WELCOME)
    alice.batch(150, 50, "a")
    alice.hear(ACK, 199)
    bob.say(HELLO, 31)  # it never had the first 30
    bob.hear(WELCOME)
    bob.batch(31, 69, "b")
    bob.hear(ACK, 99)
    counters = keeper.stop()
    lost = {"a": 30, "b": 30}
    sent = 199 + 99 - sum(lost.values())
    parts = [counters[what] for what in ("applied", "duplicates", "late", "refused")]
    assert counters["events"] == sum(parts) == sent, counters
    durable = counters["durable"]
    assert durable["events"] == sent and durable["repeated"] == 10, durable
    assert durable["lost"] == sum(lost.values()) and durable["gaps"] == 1, durable
    assert durable["rejected"] == counters["refused"] == alice.rejected + bob.rejected == sum(
        n % 10 == 9 for numbers in (range(1, 120), range(150, 200), range(31, 100))
        for n in numbers), counters
    status, output, errors = goodhart("log", "export", "--records", keeper.folder)
    assert status == 0, errors
    told = [json.loads(line)["lost"] for line in output.splitlines() if '"lost":' in line]
    assert told == [{"stream": ALICE.hex(), "from": 120, "until": 149},
                    {"stream": BOB.hex(), "from": 1, "until": 30}], told


def what_a_service_takes_in_both_ways_is_summed_up_once():
    keeper = Keeper("both", service__summary=0.2).start()
    with open(path("both.ndjson"), "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in events(10, 500, "d"))
    keeper.send(path("both.ndjson"))
    pushed = context.socket(zmq.PUSH)
    pushed.connect(keeper.settings["intake.pull"])
    pushed.send("\n".join(events(10, 500, "p")).encode())
    until(lambda: '"events":1000,' in text(keeper.process.err_path))
    pushed.close(0)
    sums(keeper.stop(), 1000)


main([what_is_pushed_is_summed_up, what_is_sent_durably_is_summed_up_and_gaps_by_stream,
      what_a_service_takes_in_both_ways_is_summed_up_once])
