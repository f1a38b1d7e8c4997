#!/usr/bin/python3
"""A service that is killed while it goes on after a kill, three times in a row, each at a call
to the disk of its recovery: what comes of it is what comes without.

    test_recovery.py [STRIDE]    every STRIDE-th of these calls; 1 is all (make torture)"""
import os
import random
import shutil
import signal
import sys

from keeper import Keeper, shim
from support import company, main, path, replayed, text, until

STRIDE = int(sys.argv[1]) if len(sys.argv) > 1 else 12
DEEP = 3
stream = {}


def a_service_that_was_killed_with_much_to_recover():
    file = company(30, 6, 0.4, 6)
    lines = text(file).splitlines(True)
    stream["bodies"] = replayed(file)
    stream["parts"] = path("first"), path("second")
    for name, part in zip(stream["parts"], (lines[:len(lines) // 2], lines[len(lines) // 2:])):
        with open(name, "w", encoding="utf-8") as out:
            out.writelines(part)
    keeper = Keeper("killed").start()
    keeper.send(stream["parts"][0])
    keeper.kill()
    # The alerts are to be written again, not only compared.
    for name in os.listdir(keeper.folder):
        if name.startswith("ledger"):
            os.remove(os.path.join(keeper.folder, name))
    stream["folder"] = keeper.folder


def copy(name):
    folder = path(name)
    shutil.copytree(stream["folder"], folder)
    return Keeper(name, {"LD_PRELOAD": shim(), "FAIL_IO_FOLDER": folder})


def the_same_is_recovered_on_any_number_of_threads():
    for threads in (1, 2, 3, 7):
        keeper = copy(f"threads-{threads}")
        keeper.settings["service.threads"] = threads
        bodies = keeper.start().kept()
        assert len(bodies) > 10 and bodies == stream["bodies"][:len(bodies)], threads
        assert threads == 1 or bodies == stream["recovered"], threads
        stream["recovered"] = bodies
        keeper.stop()


def killed_in_recovery(keeper, at):
    """Whether it was killed at that call before it had recovered."""
    keeper.environment |= {"FAIL_IO_AT": str(at), "FAIL_IO_ERRNO": "0"}
    process = keeper.start(wait=False).process
    until(lambda: process.poll() is not None or
          "run: alerts on" in text(process.err_path), 60)
    told = text(process.err_path)
    del keeper.environment["FAIL_IO_AT"]
    if process.poll() is None:
        keeper.kill()
        return False
    assert process.returncode == -signal.SIGKILL, told
    return "alerts on" not in told


def the_calls_of_a_recovery_are_counted():
    low, high = 1, 1
    while killed_in_recovery(copy(f"count-{high}"), high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if killed_in_recovery(copy(f"count-{middle}"), middle):
            low = middle
        else:
            high = middle
    stream["calls"] = low
    print(f"# {low} calls to the disk; {len(stream['bodies'])} alerts")
    assert low > 20


def killed_three_times_while_recovering_nothing_is_lost_or_said_twice():
    lot, tried = random.Random(3), 0
    for first in range(1, stream["calls"] + 1, STRIDE):
        keeper = copy(f"deep-{first}")
        depth = 0
        for at in [first] + [lot.randint(1, stream["calls"]) for _ in range(DEEP - 1)]:
            while not killed_in_recovery(keeper, at):
                assert at > 1, "a recovery that writes nothing"
                at //= 2  # there is less to do than the first time
            depth += 1
        assert depth == DEEP
        keeper.start()
        keeper.send(stream["parts"][1])
        assert keeper.kept() == stream["bodies"], first
        keeper.stop()
        status, output, errors = keeper.verified()
        assert status == 0, output + errors
        shutil.rmtree(keeper.folder)
        tried += 1
    print(f"# {tried} times, {DEEP} deep")


main([a_service_that_was_killed_with_much_to_recover,
      the_same_is_recovered_on_any_number_of_threads, the_calls_of_a_recovery_are_counted,
      killed_three_times_while_recovering_nothing_is_lost_or_said_twice])
