#!/usr/bin/python3
"""Settings of a service that runs: told, changed, undone, read again; and findings that come
out the same from the log with its records as they came live."""
import json
import os
import re
import shutil
import signal
import threading
import time
import urllib.error
import urllib.request

import zmq

from keeper import Keeper
from support import (ANYWHERE, ROOT, Service, company, context, done, goodhart, main, path,
                     replayed, text, until)

ANY_HTTP = "127.0.0.1:0"
world = {}


class Operated(Keeper):
    """A keeper with an operator."""

    def __init__(self, name, *arguments, **settings):
        super().__init__(name, **settings)
        self.arguments = arguments

    def sets(self, names=None):
        return super().sets(names) + ([] if names else [*self.arguments])

    def operate(self, *words):
        return goodhart(*words, "--endpoint", self.settings["control.bind"])

    def told(self, *words):
        status, output, errors = self.operate(*words, "--json")
        assert status == 0, (words, errors)
        return [json.loads(line) for line in output.splitlines()]

    def set(self, *words):
        return self.told("set", *words, "--reason", "a test")[0]

    def value(self, name):
        return self.told("get", name)[0]

    def history(self):
        return self.told("settings", "history")

    def web(self):
        return re.search(r"health on (\S+)", text(self.process.err_path))[1]

    def reload(self):
        try:
            with urllib.request.urlopen(urllib.request.Request(
                    self.web() + "/-/reload", method="POST"), timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metric(self, name):
        with urllib.request.urlopen(self.web() + "/metrics", timeout=20) as answer:
            return float(re.search(rf"^goodhart_{name} (\S+)$", answer.read().decode(),
                                   re.MULTILINE)[1])


def written(name, body):
    with open(path(name), "w", encoding="utf-8") as file:
        file.write(body)
    return path(name)


def what_is_set_is_told_kept_and_undone():
    file = written("told.yaml", "verbosity:\n  short_prompt: 4\n")
    keeper = Operated("told", "--config", file).start()
    row = keeper.value("verbosity.short_prompt")
    assert (row["value"], row["layer"]) == ("4", "file") and row["origin"].endswith(":2:3"), row
    record = keeper.set("verbosity.short_prompt=5", "runaway.enabled=false")
    assert sorted((c["name"], c["before"], c["after"]) for c in record["changes"]) == [
        ("runaway.enabled", "true", "false"), ("verbosity.short_prompt", "4", "5")]
    assert record["stated"] and record["via"] == "set" and record["reason"] == "a test", record
    keeper.set("verbosity.enabled=false", "--team", "build", "--until", "2099-01-01")
    row = keeper.value("verbosity.short_prompt")
    assert (row["value"], row["layer"]) == ("5", "live") and "a test" in row["origin"], row
    assert keeper.told("get", "verbosity.enabled")[1]["scope"] == "team:build"
    before = keeper.history()
    keeper.kill()
    keeper.start()
    assert keeper.history() == before
    assert keeper.value("verbosity.short_prompt")["value"] == "5"
    undone = keeper.told("settings", "revert", "2")[0]
    assert undone["via"] == "revert" and len(undone["changes"]) == 2, undone
    row = keeper.value("verbosity.short_prompt")
    assert (row["value"], row["layer"]) == ("4", "file"), row
    keeper.set("--unset", "verbosity.enabled", "--team", "build")
    assert len(keeper.told("get", "verbosity.enabled")) == 1
    history = keeper.history()
    assert [c["number"] for c in history] == [5, 4, 3, 2, 1]
    assert [c["via"] for c in history] == ["set", "revert", "set", "set", "start"]
    assert history[0]["live"] == []
    keeper.stop()
    status, output, errors = keeper.verified()
    assert status == 0 and json.loads(output)["changes"] == 5, output + errors


def what_is_wrong_changes_nothing_and_says_why():
    keeper = Operated("wrong", "--set", "verbosity.sample_ratio=3").start()
    before = keeper.told("get"), keeper.history()
    for words, why in (
            (["verbosity.enabld=false"], "did you mean"),
            (["verbosity.enabled=perhaps"], "must be true or false"),
            (["runaway.enabled=false", "verbosity.short_prompt=-1"], "verbosity.short_prompt"),
            (["intake.pull=tcp://127.0.0.1:1"], "holds from the next start"),
            (["evidence.epoch=7"], "log that has begun"),
            (["verbosity.sample_ratio=4"], "started with --set verbosity.sample_ratio=3"),
            (["verbosity.enabled=false", "--until", "2099-01-01"], "team or a role"),
            (["verbosity.enabled=false", "--team", "a", "--until", "soon"], "until: a date"),
            (["order.lateness=60", "--team", "a"], "order.lateness"),
            (["--unset", "runaway.enabled"], "nothing was set for it"),
            (["service.model=/nowhere"], "/nowhere"), (["log.level=loud"], "log.level"),
            (["verbosity.enabled"], "GROUP.OPTION=VALUE"), ([], "name what is to be set")):
        status, output, errors = keeper.operate("set", *words, "--reason", "a test")
        assert status in (1, 2) and why in errors and output == "", (words, errors)
        assert (keeper.told("get"), keeper.history()) == before, words
    for words, why in ((["set", "runaway.enabled=false"], "--reason"),
                       (["settings", "revert", "9"], "no change 9"),
                       (["settings", "revert"], "nothing was set"),
                       (["settings", "revert", "1"], "configuration file"),
                       (["get", "verbositi"], "did you mean")):
        status, _, errors = keeper.operate(*words)
        assert status in (1, 2) and why in errors, (words, errors)
    tried = keeper.told("set", "runaway.enabled=false", "--check")[0]
    assert tried["changes"][0]["after"] == "false"
    assert (keeper.told("get"), keeper.history()) == before
    keeper.stop()


def what_is_no_request_is_answered_and_counted():
    keeper = Operated("raw", web__bind=ANY_HTTP).start()
    socket = context.socket(zmq.DEALER)
    socket.connect(keeper.settings["control.bind"])

    def ask(*parts):
        socket.send_multipart(parts)
        assert socket.poll(20000), parts
        return json.loads(socket.recv_multipart()[-1])
    frames = [b"", b"{", b"[]", b"7", b"\xff\xfe", b'{"do":7}', b'{"do":"go"}', b"{}" * 9,
              b'{"do":"get","names":7}', b'{"do":"get","nmes":[]}', b'{"do":"set"}',
              b'{"do":"get","names":[7]}', b'{"do":"set","set":[[]],"reason":"x"}',
              b'{"do":"set","set":[{"name":"a"}],"reason":"x"}', b'{"do":"get","do":"get"}',
              b'{"do":"revert","change":-1}', b'{"do":"history","limit":101}',
              b'{"do":"set","reason":"' + b"x" * 600 + b'","set":[]}',
              json.dumps({"do": "get", "names": ["order"] * 65}).encode(), b"[" * 5000]
    for frame in frames:
        answer = ask(frame)
        assert list(answer) == ["error"] and answer["error"], (frame, answer)
    assert len(ask(b"", b'{"do":"get","names":["runaway.enabled"]}')["settings"]) == 1
    socket.send(b'{"do":"get","x":"' + b"x" * 70000 + b'"}')  # too large: the library ends it
    again = context.socket(zmq.REQ)
    again.connect(keeper.settings["control.bind"])
    again.send(b'{"do":"history"}')
    assert again.poll(20000) and len(json.loads(again.recv())["history"]) == 1
    socket.close(0)
    again.close(0)
    until(lambda: keeper.metric("settings_requests_total") == len(frames) + 2)
    assert keeper.metric("settings_refused_total") == len(frames)
    assert keeper.metric("settings_changes_total") == 0
    keeper.stop()


def a_file_is_read_again_whole_or_not_at_all():
    file = written("again.yaml", "verbosity:\n  short_prompt: 4\n")
    keeper = Operated("again", "--config", file, web__bind=ANY_HTTP).start()
    keeper.set("repetition.enabled=false")
    assert keeper.reload() == (200, "read again\n") and len(keeper.history()) == 2
    written("again.yaml", "runaway:\n  enabled: false\nverbosity:\n  short_prompt: four\n")
    status, why = keeper.reload()
    assert status == 422 and "again.yaml:4:17: verbosity.short_prompt: four" in why, why
    until(lambda: keeper.metric("config_last_reload_successful") == 0)
    assert keeper.value("runaway.enabled")["value"] == "true" and len(keeper.history()) == 2
    written("again.yaml", "verbosity:\n  short_prompt: 6\nintake:\n  frame_bytes: 70000\n"
            "overrides:\n  - role: sre\n    reason: nights\n"
            "    set: {verbosity.enabled: false}\n")
    keeper.process.send_signal(signal.SIGHUP)
    until(lambda: len(keeper.history()) == 3)
    until(lambda: keeper.metric("config_last_reload_successful") == 1)
    change = keeper.history()[0]
    assert change["via"] == "reload" and [
        (c["name"], c["scope"]) for c in change["changes"]] == [
        ("verbosity.short_prompt", ""), ("verbosity.enabled", "role:sre")], change
    assert keeper.value("repetition.enabled")["layer"] == "live"
    row = keeper.value("intake.frame_bytes")
    assert (row["value"], row["next"]) == ("8388608", "70000"), row
    assert "frame_bytes: 70000 holds from the next start" in text(keeper.process.err_path)
    written("again.yaml", "evidence:\n  epoch: 7\n")
    status, why = keeper.reload()
    assert status == 422 and "evidence.epoch" in why, why
    written("again.yaml", "verbosity:\n  short_prompt: 7\n")
    keeper.stop()
    keeper.start()
    change = keeper.history()[0]
    assert change["via"] == "start" and [(c["before"], c["after"]) for c in change["changes"]] \
        == [("6", "7"), ("false", None)], change
    keeper.stop()


def without_a_store_nothing_is_kept_and_so_it_says():
    service = Service()
    ask = ["--endpoint", service.control]
    status, output, errors = goodhart("set", "runaway.enabled=false", "--reason", "x", *ask)
    assert status == 0 and "not kept" in errors and "true -> false" in output, (output, errors)
    assert '"false"' in done("get", "runaway.enabled", "--json", *ask)
    assert "store.folder" in goodhart("settings", "history", *ask)[2]
    service.stop()
    status, _, errors = goodhart("get", *ask, patience=30)
    assert status == 1 and "nobody answers" in errors, errors


def a_key_needs_the_role_and_its_name_is_on_record():
    secret, keys = path("service.key"), path("keys.json")
    done("key", "server", "--out", secret)
    for name, roles in (("olga", "control"), ("petra", "produce,subscribe,replay")):
        done("key", "new", name, "--keys", keys, "--roles", roles, "--actors", "*", "--out",
             path(f"{name}.key"))
    keeper = Operated("keys", identity__keys=keys, identity__secret=secret,
                      control__bind=ANYWHERE).start()
    where = re.search(r"settings on (\S+)", text(keeper.process.err_path))[1]

    def ask(who, *words):
        return goodhart(*words, "--endpoint", where, "--key", path(f"{who}.key"), "--server",
                        f"{secret}.public", patience=30)
    status, output, errors = ask("olga", "set", "runaway.enabled=false", "--reason", "x",
                                 "--json")
    assert status == 0, errors
    record = json.loads(output)
    assert record["who"] == "olga" and record["stated"] is False, record
    assert ask("petra", "get", "runaway.enabled")[0] == 1
    assert goodhart("get", "--endpoint", where, patience=30)[0] == 1
    keeper.stop()


# Moments of a stream at which something is changed: what, and back.
CHANGES = (["verbosity.enabled=false"], ["repetition.enabled=false", "runaway.fewest_usd=50"],
           ["incident.false_alarms=5"], ["--unset", "repetition.enabled"],
           ["agent_loop.enabled=false", "--team", "team-1"], ["spend_shift.enabled=false"],
           ["always_on.enabled=false", "--team", "team-2", "--until", "2026-02-10"],
           ["--unset", "verbosity.enabled"], ["outputless_spend.fewest_usd=20"],
           ["service.prices=%s"], ["--unset", "spend_shift.enabled"], ["review.alpha=0.2"])


def prices():
    """Another price table: the one built in, written otherwise."""
    return written("prices.json", json.dumps(json.loads(text(ROOT / "models/prices.json"))))


def a_company_that_is_watched_while_its_settings_change():
    file = company(60, 6, 0.4, 6)
    world["unchanged"] = replayed(file)
    lines = text(file).splitlines(True)
    keeper = world["keeper"] = Operated("live").start()
    step = len(lines) // (len(CHANGES) + 1)
    for i in range(len(CHANGES) + 1):
        part = written("part", "".join(lines[i * step:] if i == len(CHANGES)
                                       else lines[i * step:(i + 1) * step]))
        sender = keeper.sender(part)
        if i < len(CHANGES):  # somewhere within the part
            keeper.set(*[word % prices() if "%s" in word else word for word in CHANGES[i]])
        assert sender.wait(90) == 0, text(sender.err_path)
    world["alerts"] = keeper.kept()
    world["history"] = keeper.history()
    assert len(world["alerts"]) > 10 and world["alerts"] != world["unchanged"]
    assert len(world["history"]) == len(CHANGES) + 1


def after_a_kill_the_same_is_known():
    keeper = world["keeper"]
    keeper.kill()
    keeper.start()
    assert keeper.kept() == world["alerts"] and keeper.history() == world["history"]
    keeper.stop()


def each_finding_is_derived_again_byte_for_byte():
    findings = sorted({json.loads(body)["subject"] if "finding" not in json.loads(body)["data"]
                       else json.loads(body)["data"]["finding"] for body in world["alerts"]})
    for finding in findings[::max(1, len(findings) // 12)]:
        status, output, errors = world["keeper"].rederived(finding)
        assert status == 0 and json.loads(output)["other"] == 0, errors


def from_the_log_alone_the_same_comes_out():
    fresh = Operated("fresh")
    os.mkdir(fresh.folder, 0o700)
    for name in os.listdir(world["keeper"].folder):
        if name.startswith(("log-", "basis-", "model-", "prices-")):
            shutil.copy(os.path.join(world["keeper"].folder, name), fresh.folder)
    fresh.start()
    assert fresh.kept() == world["alerts"] and fresh.history() == world["history"]
    fresh.stop()
    status, output, errors = fresh.verified()
    assert status == 0, output + errors


def settings_db_comes_back_from_the_log():
    keeper = world["keeper"]
    for name in os.listdir(keeper.folder):
        if name.startswith("settings.db"):
            os.remove(os.path.join(keeper.folder, name))
    keeper.start()
    assert keeper.history() == world["history"]
    keeper.stop()


class Operator(threading.Thread):
    """Changes settings and has the file read again, without a pause."""

    def __init__(self, keeper):
        super().__init__()
        self.keeper, self.changed, self.going, self.failed = keeper, 0, True, None
        self.start()

    def run(self):
        socket = context.socket(zmq.REQ)
        socket.connect(self.keeper.settings["control.bind"])
        while self.going and not self.failed:
            wish = {"name": "verbosity.short_prompt", "value": str(3 + self.changed % 5)}
            socket.send_json({"do": "set", "set": [wish], "reason": "load"})
            answer = socket.recv_json() if socket.poll(20000) else {"error": "no answer"}
            self.failed = answer.get("error")
            self.changed += 1
            self.keeper.process.send_signal(signal.SIGHUP)
            time.sleep(0.01)
        socket.close(0)


def nothing_is_lost_while_settings_change_under_load():
    file = written("load.yaml", "verbosity:\n  enabled: true\n")
    keeper = Operated("load", "--config", file, web__bind=ANY_HTTP)
    keeper.settings["store.snapshot_interval"] = 1
    keeper.start()
    lines = text(path("company/events.ndjson")).splitlines(True)
    parts = [written(f"load-{i}", "".join(lines[i::2])) for i in range(2)]
    operator = Operator(keeper)
    sender = keeper.sender(parts[0])
    done("send", parts[1], "--endpoint", keeper.settings["intake.pull"])
    assert sender.wait(90) == 0, text(sender.err_path)
    operator.going = False
    operator.join()
    assert operator.failed is None and operator.changed > 5, (operator.failed, operator.changed)
    pause = keeper.metric("settings_pause_seconds")
    counters = keeper.stop()
    assert counters["events"] == len(lines), counters
    assert counters["events"] == sum(counters[name] for name in (
        "applied", "duplicates", "late", "refused")), counters
    print(f"# {operator.changed} changes while {counters['events']} events came: at most "
          f"{1000 * pause:.0f} ms each")


main([what_is_set_is_told_kept_and_undone, what_is_wrong_changes_nothing_and_says_why,
      what_is_no_request_is_answered_and_counted, a_file_is_read_again_whole_or_not_at_all,
      without_a_store_nothing_is_kept_and_so_it_says,
      a_key_needs_the_role_and_its_name_is_on_record,
      a_company_that_is_watched_while_its_settings_change, after_a_kill_the_same_is_known,
      each_finding_is_derived_again_byte_for_byte, from_the_log_alone_the_same_comes_out,
      settings_db_comes_back_from_the_log, nothing_is_lost_while_settings_change_under_load])
