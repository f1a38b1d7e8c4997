#!/usr/bin/python3
"""Memory that runs out at one request of the whole program, once and for good: it does its work
or ends with a word about memory, corrupts and leaks nothing, and what a service had
acknowledged is there for the next one.

    test_starved.py [COMMANDS [RUNS]]    so many requests are tried, of each command and of the
                                         service; 0 is all of them (make torture)"""
import json
import os
import re
import shutil
import subprocess
import sys

from keeper import Keeper
from support import ROOT, ended, goodhart, main, path, start, text, until, usage, write

STARVED = os.environ.get("STARVED", str(ROOT / "build/asan-clang/goodhart-starved"))
COMMANDS = int(sys.argv[1]) if len(sys.argv) > 1 else 16
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 6
EVENTS = 120
SANITIZER, CUT_SHORT = 99, 30
# A sanitizer must not be taken for a failure that was told.
OPTIONS = f"exitcode={SANITIZER}:allocator_may_return_null=1"
world = {}


def environment(at, for_good, count=None):
    more = {"ASAN_OPTIONS": OPTIONS, "LSAN_OPTIONS": f"exitcode={SANITIZER}",
            "STARVE_AT": str(at)}
    if for_good:
        more["STARVE_FOR_GOOD"] = "1"
    if count:
        more["STARVE_COUNT"] = count
    return os.environ | more


def told(status, errors, where):
    """It ended as it may."""
    assert "Sanitizer" not in errors and "runtime error" not in errors, f"{where}: {errors}"
    assert status in (0, 1), f"{where}: exit status {status}: {errors}"
    assert status == 0 or "memory" in errors, f"{where}: not a word about memory: {errors}"


def points(requests, wanted):
    """Which requests are refused: the first ones densely, for there most is made."""
    if not wanted:
        return range(1, requests + 1)
    return sorted({round(requests ** (i / (wanted - 1))) for i in range(wanted)})


def requests_of(arguments):
    process = start([STARVED, *arguments], env=environment(0, False, path("count")))
    status, output, errors = ended(process, CUT_SHORT)
    assert status == 0, errors
    return int(text(path("count")).split()[0]), output


def command_survives(name, arguments, results=()):
    """Every way that the command may end, against what it does with memory enough."""
    requests, output = requests_of(arguments)
    wanted = [output] + [text(result) for result in results]
    ends = {0: 0, 1: 0}
    for for_good in (False, True):
        for at in points(requests, COMMANDS):
            for result in results:
                os.remove(result) if os.path.exists(result) else None
            process = start([STARVED, *arguments], env=environment(at, for_good))
            status, output, errors = ended(process, CUT_SHORT)
            told(status, errors, f"{name}, request {at}{' and all after' * for_good}")
            ends[status] += 1
            if status == 0:
                assert [output] + [text(result) for result in results] == wanted, (name, at)
    print(f"# {name}: {requests} requests; {ends[1]} runs failed, {ends[0]} did without")
    assert ends[1] > 0


def a_stream_of_events():
    assert os.access(STARVED, os.X_OK), f"{STARVED} is not there: see make test"
    world["events"] = write("events.ndjson", [
        usage(i, session=f"s{i % 5}", prompt_hash="00000000000000ff", user_tokens=5,
              team="pay\\u00e9") for i in range(EVENTS)] + [
        '{"id":"b1","ts":1}', '{"id":"p1","ts":1790000000000,"kind":"profile","actor":"user1",'
        '"timezone":"Europe/Berlin","role":"engineer"}', '{"kind":"tick","id":"t1","ts":'
        '"2026-12-01T00:00:00Z"}'])
    world["config"] = write("good.yaml", ["order:", "  lateness: 900", "service:",
                                          "  shards: 2"])


def a_replay_does_its_work_or_says_that_memory_is_out():
    results = [path("findings"), path("alerts")]
    command_survives("replay", ["replay", "--config", world["config"], "--findings", results[0],
                                "--alerts", results[1], world["events"]], results)


def a_check_does_its_work_or_says_that_memory_is_out():
    good = write("good.ndjson", [usage(i) for i in range(20)])
    command_survives("check", ["check", good])


def verification_finds_no_fault_where_only_memory_is_short():
    keeper = Keeper("verified", store__segment_bytes=65536).start()
    keeper.send(world["events"])
    keeper.stop()
    command_survives("log verify", ["log", "verify", keeper.folder])
    command_survives("log export", ["log", "export", "--records", keeper.folder])


def keys_are_made_or_memory_is_out():
    keys = path("keys.json")
    status, _, errors = goodhart("key", "new", "ada", "--keys", keys, "--actors", "ada,eve",
                                 "--out", path("ada.key"))
    assert status == 0, errors
    command_survives("key list", ["key", "list", "--keys", keys])


class Starved(Keeper):
    """A service with too little memory."""

    def start_starved(self, at, for_good, count=None):
        self.process = start([STARVED, "run", "--exit-after-idle", "0.5", *self.sets()],
                             env=environment(at, for_good, count))
        until(lambda: self.process.poll() is not None or
              "run: alerts on" in text(self.process.err_path))
        return self


def starved(name):
    return Starved(name, store__segment_bytes=65536, service__shards=2)


def service_survives(name, at, for_good):
    """One service that runs short, and what the next one finds. Whether it got to its end."""
    where = f"run, request {at}{' and all after' * for_good}"
    keeper = starved(name).start_starved(at, for_good)
    sender = keeper.sender(world["service"], "--stream", "ab" * 16, timeout=3)
    try:
        status, _, errors = ended(keeper.process, CUT_SHORT)
    except subprocess.TimeoutExpired as never:
        raise AssertionError(f"{where}: goes on for ever: "
                             f"{text(keeper.process.err_path)}") from never
    finally:
        sender.kill()
        sender.wait()
    told(status, errors, where)
    acknowledged = re.findall(r'"acknowledged":(\d+)', text(sender.out_path))
    keeper.start()
    keeper.send(world["service"], "--stream", "ab" * 16)
    assert keeper.kept() == world["kept"], where
    counters = keeper.stop()
    assert counters["applied"] == EVENTS and counters["duplicates"] == 0, (where, counters)
    status, output, errors = keeper.verified()
    assert status == 0, f"{where}: {output}{errors}"
    shutil.rmtree(keeper.folder)
    return bool(acknowledged)


def a_service_loses_nothing_that_it_had_acknowledged():
    world["service"] = write("service.ndjson", [
        usage(i, ts=1790000000000 + i * 60000, actor="ann", agent=("ping", "pong")[i % 2],
              caller=("pong", "ping")[i % 2], tool_calls=0) for i in range(EVENTS)])
    keeper = starved("plenty").start_starved(0, False, path("count"))
    keeper.send(world["service"])
    status, output, errors = ended(keeper.process, CUT_SHORT)
    assert status == 0 and json.loads(output)["applied"] == EVENTS, errors
    world["kept"] = keeper.start().kept()
    assert world["kept"]
    keeper.stop()
    requests = int(text(path("count")).split()[0])
    ends = [service_survives(f"run-{at}-{for_good}", at, for_good)
            for for_good in (False, True) for at in points(requests, RUNS)]
    print(f"# run: {requests} requests, {len(ends)} tried, {len(world['kept'])} alerts; in "
          f"{sum(ends)} the producer was told that all is on disk")


main([a_stream_of_events, a_replay_does_its_work_or_says_that_memory_is_out,
      a_check_does_its_work_or_says_that_memory_is_out,
      verification_finds_no_fault_where_only_memory_is_short,
      keys_are_made_or_memory_is_out, a_service_loses_nothing_that_it_had_acknowledged])
