#!/usr/bin/python3
"""A whole service under a sanitizer: durable and pushed events, subscribers, who asks for
missed alerts, sinks, snapshots, keys that are read again, two shards, a stop and a start from
what is kept.

    test_sanitized.py tsan|memcheck    threads; or valgrind (make torture)"""
import json
import shutil
import signal
import sys
import time

import zmq

from identity import key_of, keys_write, server_key
from keeper import Keeper
from sink_peers import Web, free_port, secret
from support import (GOODHART, ROOT, Subscriber, company, context, ended, main, path,
                     start, text, until)

WHICH = sys.argv[1] if len(sys.argv) > 1 else "tsan"
PATIENT, REPORT = 180, 66
TSAN = [str(ROOT / "build/tsan/goodhart")]
MEMCHECK = ["valgrind", "--quiet", "--fair-sched=try", "--leak-check=full",
            "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite",
            f"--error-exitcode={REPORT}", str(ROOT / "build/debug/goodhart")]
PROGRAM = {"tsan": TSAN, "memcheck": MEMCHECK}[WHICH]
SUPPRESSIONS = ROOT / "tests/support/tsan.supp"
world = {}


class Sanitized(Keeper):
    """A keeper whose service runs under the sanitizer."""

    def start(self, wait=True):
        self.environment["TSAN_OPTIONS"] = (
            f"suppressions={SUPPRESSIONS}:exitcode={REPORT}:second_deadlock_stack=1")
        self.process = start([*PROGRAM, "run", *self.sets()], env=self.environment)
        until(lambda: "run: alerts on" in text(self.process.err_path) or
              self.process.poll() is not None, PATIENT)
        return self

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        status, output, errors = ended(self.process, PATIENT)
        if status != 0 or "WARNING: ThreadSanitizer" in errors or "ERROR" in errors:
            shutil.copy(self.process.err_path, ROOT / f"build/{WHICH}.report")
            raise AssertionError(f"exit status {status}, see build/{WHICH}.report: "
                                 f"{errors[:4000]}")
        return output


def a_company_in_four_parts():
    log = text(company(20, 5, 0.4, 6)).splitlines(True)[:24000]
    step = len(log) // 4
    world["parts"] = [log[i * step:(i + 1) * step] for i in range(4)]


def live(keeper, parts):
    """Durable and pushed events while others listen and ask."""
    subscriber = Subscriber(keeper, "alert/")
    watcher = start([GOODHART, "watch", "--json", "--since", "0", "--idle", "3",
                     *keeper.sets({"alerts.publish", "alerts.replay", "alerts.heartbeat"})])
    pushed = context.socket(zmq.PUSH)
    pushed.connect(keeper.settings["intake.pull"])
    for part in parts:
        with open(path("part"), "w", encoding="utf-8") as file:
            file.writelines(part[:len(part) // 2])
        sender = keeper.sender(path("part"), "--batch", "256", timeout=PATIENT)
        status, _, errors = ended(sender, PATIENT)
        assert status == 0, errors
        pushed.send("".join(part[len(part) // 2:]).encode())
        time.sleep(1.2)  # a snapshot is due
    ended(watcher, PATIENT)
    pushed.close(0)
    subscriber.socket.close(0)


def nothing_is_reported_of_a_live_service():
    web = Web()
    keeper = Sanitized("plain", store__snapshot_interval=1, service__shards=2,
                       service__summary=0.5, sinks__webhook=web.url,
                       sinks__slack=secret("hook", web.url), sinks__slack_window=1,
                       sinks__alertmanager=f"http://127.0.0.1:{free_port()}")
    keeper.start()
    live(keeper, world["parts"][:2])
    keeper.end()
    keeper.start()
    live(keeper, world["parts"][2:])
    keeper.kill()
    keeper.start()  # from a snapshot and what stands behind it
    keeper.end()
    assert len(web.bodies()) > 10
    web.close()


def nothing_is_reported_where_keys_are_shown_and_read_again():
    keys = [key_of("gate", actors=["*"], teams=["*"]), key_of("ada", actors=["ada"])]
    file = path("keys.json")
    keys_write(file, *keys)
    keeper = Sanitized("keyed", identity__keys=file, identity__secret=server_key(),
                       service__shards=2)
    keeper.start()
    server = json.loads(text(server_key()))["public"]
    sockets = []
    for (public, secret), line in ((keys[0], "g"), (keys[1], "a")):
        socket = context.socket(zmq.PUSH)
        socket.curve_serverkey = server.encode()
        socket.curve_publickey = public["public"].encode()
        socket.curve_secretkey = secret.encode()
        socket.connect(keeper.settings["intake.pull"])
        sockets.append(socket)
        for n in range(50):
            socket.send(b'{"id":"%s%d","ts":1790000000000,"actor":"ada"}' % (line.encode(), n))
    time.sleep(1)
    keys_write(file, keys[0])
    keeper.process.send_signal(signal.SIGHUP)
    until(lambda: "read again" in text(keeper.process.err_path), PATIENT)
    for socket in sockets:
        socket.close(0)
    keeper.end()


main([a_company_in_four_parts, nothing_is_reported_of_a_live_service,
      nothing_is_reported_where_keys_are_shown_and_read_again])
