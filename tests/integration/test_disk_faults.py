#!/usr/bin/python3
"""A disk that fails at one call: each write and each sync of a short scenario, once and for
good, or the process is killed there. What was acknowledged is in the log, once, in order.

    test_disk_faults.py [STRIDE]    every STRIDE-th call; 1 is all of them (make torture)"""
import errno
import json
import os
import shutil
import subprocess
import sys

from keeper import Keeper, shim
from support import ended, goodhart, main, path, text, until

STRIDE = int(sys.argv[1]) if len(sys.argv) > 1 else 9
EVENTS = 400
world = {}


def a_scenario_and_how_many_calls_it_makes():
    with open(path("events"), "w", encoding="utf-8") as file:
        for i in range(EVENTS):
            file.write('{"id":"e%d","ts":"2026-03-02T09:00:%02d.000Z","actor":"user%d",'
                       '"input_tokens":%d}\n' % (i, i % 60, i % 7, i))
    world["ids"] = [f"e{i}" for i in range(EVENTS)]
    keeper = service("counted", FAIL_IO_COUNT=path("count"))
    keeper.start()
    keeper.send(path("events"), "--rate", "800")
    keeper.stop()
    world["calls"] = int(text(path("count")))
    print(f"# {world['calls']} calls, every {STRIDE}th is tried")
    assert world["calls"] > 50


def service(name, **faults):
    return Keeper(name, {"LD_PRELOAD": shim(), "FAIL_IO_FOLDER": path(name)} | {
        key: str(value) for key, value in faults.items()}, store__segment_bytes=65536)


def exported(keeper):
    status, output, errors = goodhart("log", "export", keeper.folder)
    assert status == 0, errors
    return [json.loads(line)["id"] for line in output.splitlines()]


def survive(name, **faults):
    """One run with a fault, and what a second run without it finds."""
    keeper = service(name, **faults)
    process = keeper.start(wait=False).process
    until(lambda: process.poll() is not None or "alerts on" in text(process.err_path) or
          "nothing is taken" in text(process.err_path))
    sender = keeper.sender(path("events"), "--rate", "800", "--stream", "cd" * 16,
                           timeout=2)
    try:
        sender.wait(4)
    except subprocess.TimeoutExpired:
        sender.terminate()  # the disk never comes back; it says how far it came
    status, output, errors = ended(sender)
    assert status in (0, 1), errors
    acknowledged = json.loads(output)["acknowledged"] if output else 0
    if keeper.process.poll() is None:
        keeper.kill()
    del keeper.environment["LD_PRELOAD"]
    if acknowledged > 0:
        before = exported(keeper)
        assert before == world["ids"][:len(before)] and len(before) >= acknowledged, (
            len(before), acknowledged)
        status, output, errors = keeper.verified()
        assert status == 0, output + errors
    keeper.start()
    keeper.send(path("events"), "--rate", "800", "--stream", "cd" * 16)
    counters = keeper.stop()
    assert counters["applied"] == EVENTS and counters["duplicates"] == 0, counters
    assert exported(keeper) == world["ids"]
    status, output, errors = keeper.verified()
    assert status == 0, output + errors
    shutil.rmtree(keeper.folder)
    return acknowledged


def each(kind, offset, **faults):
    acknowledged = []
    for at in range(1 + offset % STRIDE, world["calls"] + 1, STRIDE):
        try:
            acknowledged.append(survive(f"{kind}-{at}", FAIL_IO_AT=at, **faults))
        except Exception as problem:
            raise AssertionError(f"call {at}: {problem}") from problem
    print(f"# {len(acknowledged)} runs, acknowledged before: {min(acknowledged)} to "
          f"{max(acknowledged)}")


def killed_at_any_call_nothing_acknowledged_is_lost():
    each("killed", 0, FAIL_IO_ERRNO=0)


def a_call_that_fails_once_changes_nothing():
    each("once", 3, FAIL_IO_ERRNO=errno.EIO, FAIL_IO_ONCE=1)


def a_disk_that_is_full_from_some_call_on_takes_no_more():
    each("full", 6, FAIL_IO_ERRNO=errno.ENOSPC)


main([a_scenario_and_how_many_calls_it_makes, killed_at_any_call_nothing_acknowledged_is_lost,
      a_call_that_fails_once_changes_nothing,
      a_disk_that_is_full_from_some_call_on_takes_no_more])
