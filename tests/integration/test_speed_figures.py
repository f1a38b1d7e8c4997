#!/usr/bin/python3
"""The figures of make bench, on rows that are worked out by hand."""
import importlib.machinery
import importlib.util
import os
import sys
import tempfile
import traceback

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../bench")
sys.path.insert(0, BENCH)
sys.dont_write_bytecode = True
import live


def script(name):
    loader = importlib.machinery.SourceFileLoader(name, os.path.join(BENCH, name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


run, curve, speed = script("run"), script("curve"), script("speed")


def rows_of(**ns):
    names = {"goodhart": "live goodhart, frames of 64", "decode": "decode pull single",
             "alone": "live libzmq alone, frames of 64", "copy": run.COPY,
             "python": "live Python, counts, frames of 64"}
    return [{"name": names[key], "ns_per_event": value, "bytes_per_event": 600, "events": 7,
             "processor_ns": value / 2}
            for key, value in ns.items()]


def parts_of_limits_are_limit_by_cost():
    rows = rows_of(goodhart=1000, alone=250, decode=400, copy=20)
    run.add_limits(rows)
    assert [row.get("of_limit") for row in rows] == [0.25, None, 20 * 600 / 300 / 400, None]


def what_was_not_measured_has_no_part():
    rows = rows_of(goodhart=1000)
    run.add_limits(rows)
    assert "of_limit" not in rows[0]


def the_engine_is_told_by_what_it_keeps():
    rows = [{"name": run.KEPT, "bytes": 3000.0}, {"name": run.ENGINE, "ns_per_event": 9},
            {"name": "stage decode", "ns_per_event": 9}]
    run.add_bytes(rows, {"actors": 10, "events": 100, "bytes": 36000})
    assert rows[1]["bytes_per_event"] == 300 and rows[2]["bytes_per_event"] == 360


def peers_are_so_many_times_slower():
    of = speed.Run({"rows": rows_of(goodhart=500, python=10000)}, {})
    assert of.live("goodhart", "frames of 64") == 2e6
    assert of.times("Python, counts", "frames of 64") == 20
    assert of.times("Python, counts", "frames of 64", "processor_ns") == 20
    assert of.times("Node, counts", "frames of 64") is None


def sizes_that_want_too_much_memory_are_left_out():
    measured = []
    curve.measure_once = lambda actors: measured.append(actors) or {
        "actors": actors, "peak_bytes": actors * 1000 + len(measured) % 2, "all speak": 9}
    found, left_out = curve.points(10**6, 500 * 10**6)
    assert [point["actors"] for point in found] == [10**4, 3 * 10**4, 10**5, 3 * 10**5]
    assert measured == [point["actors"] for point in found for _ in range(curve.ROUNDS)]
    assert [(point["actors"], point["wanted_bytes"]) for point in left_out] == [(10**6, 10**9)]


def edges_are_numbered_and_timed_from_the_first():
    lines = ['{"ts":"2026-02-02T23:59:30.000Z","actor":"ann","agent":"x"}',
             '{"ts":"2026-02-02T23:59:40.000Z","actor":"bob"}',
             '{"ts":"2026-02-03T00:01:00.000Z","actor":"bob","agent":"y","caller":"x"}']
    with tempfile.TemporaryDirectory() as folder:
        events, edges = os.path.join(folder, "events"), os.path.join(folder, "edges")
        with open(events, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)
        live.edges(events, edges)
        with open(edges, encoding="utf-8") as file:
            assert file.read() == "0,1,1\n1,2,3\n"


def main(tests):
    print(f"1..{len(tests)}")
    failed = 0
    for number, test in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} - {test.__name__}")
        except Exception:
            failed += 1
            for line in traceback.format_exc(limit=-3).splitlines():
                print(f"# {line}")
            print(f"not ok {number} - {test.__name__}")
    sys.exit(failed > 0)


main([parts_of_limits_are_limit_by_cost, what_was_not_measured_has_no_part,
      the_engine_is_told_by_what_it_keeps, peers_are_so_many_times_slower,
      sizes_that_want_too_much_memory_are_left_out,
      edges_are_numbered_and_timed_from_the_first])
