#!/usr/bin/env python3
"""Durable producer for goodhart: what it is given reaches the service's disk, or is refused by
number. One file; python3-zmq and the standard library.

    with DurableProducer("tcp://127.0.0.1:5602") as producer:
        producer.send({"id": "e1", "ts": "2026-11-20T09:31:05Z", "actor": "ada"})
    print(producer.durable, producer.rejections)

    python3 goodhart_durable.py --endpoint tcp://127.0.0.1:5602 events.ndjson

There is no thread: messages are exchanged while one of its methods runs. Events are kept in
memory until the service has them on disk; what is not known to be there when the process dies
must be given again, under the same `stream`: `known` tells how many of its events the service
has, so the first one to give is number known + 1. An event that comes twice is taken once.

The protocol stands in src/edge/durable_frame.h of goodhart."""
import argparse
import collections
import json
import os
import struct
import sys
import time
import zlib

import zmq

HELLO, WELCOME, BATCH, ACK, NACK, REJECT, BYE, ERROR = range(1, 9)
HEAD = struct.Struct("<4sBBHII16sQII")
BATCH_EVENTS = 4096
BATCH_BYTES = 1 << 20
HELLO_S = 1.0  # silence after which the stream is opened again
ERRORS = 30  # HELLOs in a row that are answered with ERROR
STEP_MS = 200

Rejection = collections.namedtuple("Rejection", "number reason text")
_Batch = collections.namedtuple("_Batch", "first last frame")


class DurableError(Exception):
    """The service does not answer, or does not want this stream. Nothing is lost: what was
    given is still kept, and flush() may be called again."""


def _frame(kind, stream, number, count=0, body=b""):
    return HEAD.pack(b"GHP1", kind, 0, HEAD.size, len(body), zlib.crc32(body) if body else 0,
                     stream, number, count, 0) + body


def _line(event):
    """One event as a line without its end: a dict, or JSON as text or bytes."""
    if isinstance(event, dict):
        event = json.dumps(event, separators=(",", ":"), allow_nan=False)
    line = event.encode() if isinstance(event, str) else bytes(event)
    line = line.rstrip(b"\r\n")
    if b"\n" in line:
        raise ValueError("an event is one line of JSON")
    if len(line) >= BATCH_BYTES:
        raise ValueError("an event has less than 1 MiB")
    return line


class DurableProducer:
    """A stream of numbered events to a goodhart service. One thread uses it.

    endpoint   the service's setting durable.bind, e.g. "tcp://127.0.0.1:5602"
    stream     32 hexadecimal digits, to go on with a stream of before; None: a new one
    on_reject  called with each Rejection(number, reason, text); None: they are collected in
               the list `rejections`
    timeout    seconds that a call waits while nothing is heard before it raises DurableError
    batch      events in one message, 1..4096
    secret, public, server
               CURVE keys in Z85: one's own two, and the service's public one

    The constructor waits until the service has said how far the stream is. What it tells:

    stream     to be kept by whoever wants to go on with it
    known      number of the newest event that was durable before this producer began
    sent       number of the newest event that was given
    durable    all up to this number are on the service's disk, or were refused
    rejected   how many of them were refused
    resent     events that were sent once more"""

    def __init__(self, endpoint, stream=None, *, on_reject=None, timeout=10.0, batch=64,
                 secret=None, public=None, server=None):
        self.stream = stream if stream is not None else os.urandom(16).hex()
        self._id = bytes.fromhex(self.stream)
        if len(self._id) != 16:
            raise ValueError("stream: 32 hexadecimal digits")
        if not 1 <= batch <= BATCH_EVENTS:
            raise ValueError("batch: 1..4096 events")
        if len({key is None for key in (secret, public, server)}) > 1:
            raise ValueError("secret, public and server go together")
        self.endpoint, self.timeout, self.batch = endpoint, timeout, batch
        self.known = self.sent = self.durable = self.rejected = self.resent = 0
        self.rejections = []
        self._on_reject = on_reject or self.rejections.append
        self._open = []  # lines of a batch that is not closed yet
        self._open_bytes = 0
        self._waiting = collections.deque()  # to be written
        self._written = collections.deque()  # on their way, or durable unheard
        self._newest_written = 0
        self._credit = 0
        self._welcomed = self._asked = False
        self._errors, self._trouble = 0, ""
        self._heard = time.monotonic()
        self._said_hello = self._heard - HELLO_S
        self._context = zmq.Context()
        self._socket = self._connect(secret, public, server)
        try:
            self._wait(lambda: self._welcomed, timeout)
        except BaseException:
            self._disconnect()
            raise

    # --- what a program calls ---

    def send(self, event):
        """Takes one event (a dict, or a line of JSON) and returns its number. Waits while the
        service gives no credit. It leaves with its batch: when that is full, or with the next
        flush() or poll()."""
        line = _line(event)
        if self._open_bytes + len(line) + 1 > BATCH_BYTES:
            self._close_batch()
        if not self._room():
            self._close_batch()
            self._exchange()
            self._wait(self._room, self.timeout)
        self._open.append(line)
        self._open_bytes += len(line) + 1
        self.sent += 1
        if len(self._open) >= self.batch:
            self.poll()
        return self.sent

    def send_many(self, events):
        """Takes events in turn and returns the number of the last one."""
        for event in events:
            self.send(event)
        return self.sent

    def poll(self):
        """Sends what is waiting and hears what has come, without waiting for it."""
        self._close_batch()
        self._exchange()

    def flush(self, timeout=None):
        """Waits until all that was sent is durable. timeout: seconds that nothing may be
        heard; None: that of the producer."""
        self.poll()
        if self._welcomed and not self._waiting:
            self._write(_frame(BYE, self._id, self.sent))
        self._wait(lambda: not self.pending, self.timeout if timeout is None else timeout)

    @property
    def pending(self):
        """Events that are not known to be durable."""
        return self.sent - self.durable

    def close(self):
        """Flushes and disconnects. When that raises, the producer is still open; abandon()
        ends it without asking the service."""
        if self._socket is not None:
            self.flush()
            self._disconnect()

    def abandon(self):
        """Disconnects. Returns how many events are not known to be durable: give them again
        under the same stream."""
        self._disconnect()
        return self.pending

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        try:
            self.close()
        finally:
            self._disconnect()

    # --- the socket ---

    def _connect(self, secret, public, server):
        socket = self._context.socket(zmq.DEALER)
        socket.linger = 0
        socket.immediate = True  # what is queued for nobody would come out of turn later
        socket.sndhwm, socket.rcvhwm = 1000, 10000
        socket.heartbeat_ivl, socket.heartbeat_timeout = 5000, 15000
        socket.reconnect_ivl_max = 2000
        if secret is not None:
            socket.curve_secretkey = secret.encode() if isinstance(secret, str) else secret
            socket.curve_publickey = public.encode() if isinstance(public, str) else public
            socket.curve_serverkey = server.encode() if isinstance(server, str) else server
        socket.connect(self.endpoint)
        return socket

    def _disconnect(self):
        if self._socket is not None:
            self._socket.close(0)
            self._socket = None
            self._context.term()

    def _write(self, frame):
        try:
            self._socket.send(frame, zmq.DONTWAIT)
        except zmq.Again:
            return False
        return True

    def _exchange(self):
        """Hears what there is and writes what may be written."""
        while True:
            try:
                self._hear(self._socket.recv(zmq.DONTWAIT))
            except zmq.Again:
                break
        self._pump()

    def _wait(self, done, timeout):
        """Silence counts from here: before, nobody listened."""
        self._heard = time.monotonic()
        while not done():
            self._judge(timeout)
            wanted = zmq.POLLIN | (zmq.POLLOUT if self._may_write() else 0)
            self._socket.poll(STEP_MS, wanted)
            self._exchange()

    def _judge(self, timeout):
        """What a silence means: the stream is opened again, or it is time to give up."""
        now = time.monotonic()
        if self._errors >= ERRORS:
            raise DurableError(f"{self.endpoint}: the service answers: {self._trouble}")
        if now - self._heard >= timeout:
            raise DurableError(f"{self.endpoint}: nothing was heard for {timeout:g} s: is the "
                               "service running, with store.folder set?")
        quiet = not self._welcomed or now - self._heard >= HELLO_S
        if quiet and now - self._said_hello >= HELLO_S:
            self._welcomed = False
            self._asked = self._write(_frame(HELLO, self._id, self._oldest()))
            if self._asked:
                self._said_hello = now

    # --- the protocol ---

    def _oldest(self):
        """The oldest event that can still be sent, or will be sent next."""
        for batches in (self._written, self._waiting):
            if batches:
                return batches[0].first
        return self.sent - len(self._open) + 1

    def _covered(self, last, alone):
        """One batch may always be on its way, however small the credit, but at "stop"."""
        return self._welcomed and self._credit > 0 and (
            alone or last <= self.durable + self._credit)

    def _room(self):
        return self._covered(self.sent + 1, self.pending == 0)

    def _may_write(self):
        return bool(self._waiting) and self._covered(self._waiting[0].last, not self._written)

    def _close_batch(self):
        if self._open:
            body = b"\n".join(self._open) + b"\n"
            first = self.sent - len(self._open) + 1
            self._waiting.append(_Batch(first, self.sent, _frame(
                BATCH, self._id, first, len(self._open), body)))
            self._open, self._open_bytes = [], 0

    def _pump(self):
        while self._may_write() and self._write(self._waiting[0].frame):
            batch = self._waiting.popleft()
            self._written.append(batch)
            if batch.last <= self._newest_written:
                self.resent += batch.last - batch.first + 1
            self._newest_written = max(self._newest_written, batch.last)

    def _rewind(self, number):
        """What is written next is the batch that holds `number`."""
        while self._written and self._written[-1].last >= number:
            self._waiting.appendleft(self._written.pop())

    def _durable_to(self, number, credit):
        self.durable = max(self.durable, number)
        self._credit, self._errors = credit, 0
        for batches in (self._written, self._waiting):
            while batches and batches[0].last <= self.durable:
                batches.popleft()

    def _hear(self, frame):
        if len(frame) < HEAD.size:
            return
        magic, kind, _, size, body_size, crc, stream, number, count, _ = HEAD.unpack_from(frame)
        body = frame[HEAD.size:]
        if (magic, size, body_size) != (b"GHP1", HEAD.size, len(body)) or (
                crc != (zlib.crc32(body) if body else 0)):
            return
        if stream != self._id and not (kind == ERROR and stream == bytes(16)):
            return
        self._heard = time.monotonic()
        if kind == WELCOME and self._asked:
            self._durable_to(number, count)
            self._welcomed, self._asked = True, False
            if self.sent < self.durable:  # of an earlier run
                self.sent = self.known = self.durable
            self._rewind(self.durable + 1)
        elif kind in (ACK, WELCOME):  # a slow service answers several HELLOs
            self._durable_to(number, count)
        elif kind == NACK:  # what came before it is not durable yet
            self._rewind(number)
        elif kind == REJECT:
            told = json.loads(body)
            self.rejected += 1
            self._on_reject(Rejection(number, told.get("reason"), told.get("text")))
        elif kind == ERROR:  # only what is said to a HELLO counts
            self._trouble = body.decode("utf-8", "replace")
            self._errors += self._asked
            self._welcomed = self._asked = False


def _lines(path):
    with sys.stdin.buffer if path == "-" else open(path, "rb") as file:
        for line in file:
            if line.strip():
                yield line


def _print_rejection(r):
    print(f"event {r.number} is refused: {r.reason}: {r.text}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description="Sends events, one JSON object a line, to the "
                                     "disk of a goodhart service.")
    parser.add_argument("file", help="events; - is standard input")
    parser.add_argument("--endpoint", default="tcp://127.0.0.1:5602")
    parser.add_argument("--stream", help="go on with the stream of an earlier run over the "
                        "same file")
    parser.add_argument("--batch", type=int, default=64, help="events in one message")
    parser.add_argument("--timeout", type=float, default=10.0, help="seconds of silence")
    parser.add_argument("--secret", help="file with the secret key, in Z85")
    parser.add_argument("--public", help="public key, in Z85")
    parser.add_argument("--server", help="the service's public key, in Z85")
    a = parser.parse_args()
    secret = open(a.secret, encoding="ascii").read().strip() if a.secret else None
    stream = a.stream or os.urandom(16).hex()
    print(f"stream {stream}", file=sys.stderr)
    try:
        with DurableProducer(a.endpoint, stream, timeout=a.timeout, batch=a.batch,
                             on_reject=_print_rejection,
                             secret=secret, public=a.public, server=a.server) as producer:
            skip = producer.known
            for number, line in enumerate(_lines(a.file)):
                if number >= skip:
                    producer.send(line)
    except (DurableError, OSError, ValueError) as failure:
        print(failure, file=sys.stderr)
        return 1
    print(json.dumps({"stream": stream, "known_before": producer.known,
                      "acknowledged": producer.durable - producer.known,
                      "rejected": producer.rejected, "resent": producer.resent}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
