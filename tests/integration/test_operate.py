#!/usr/bin/python3
"""What whoever runs the service sees of it: metrics, what systemd hears, and the log.

A real Prometheus scrapes a real service and is asked by its API; promtool judges the text; a
datagram socket stands for systemd."""
import collections
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request

from identity import Keyed, key_of
from support import (GOODHART, PATIENCE, ROOT, Service, company, done, goodhart, lines,
                     main, path, start, text, until, usage, write)

import zmq

ANY = "127.0.0.1:0"
NOWHERE = {"durable.bind": "", "alerts.replay": ""}
OPEN = "application/openmetrics-text"


def fetch(service, where="/metrics", accept=None, method="GET"):
    """Status, type and text."""
    host, port = service.web.split("//")[1].rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE)
    try:
        connection.request(method, where, headers={"Accept": accept} if accept else {})
        reply = connection.getresponse()
        return reply.status, reply.headers["Content-Type"], reply.read().decode()
    finally:
        connection.close()


def values(service):
    """{'name{label="value"}': value} of what is said now."""
    samples = (line.rsplit(" ", 1) for line in fetch(service)[2].splitlines() if line[0] != "#")
    return {name: float(value) for name, value in samples}


def until_value(service, name, wanted):
    until(lambda: values(service).get(name) == wanted)


def refused(number):
    return json.dumps({"id": f"r{number}", "ts": "never", "actor": "somebody"})


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def metrics_count_what_came_and_what_became_of_it():
    service = Service(web__bind=ANY)
    service.push(*(usage(n) for n in range(200)), usage(0), refused(1), refused(2))
    until_value(service, "goodhart_events_received_total", 203)
    said = values(service)
    assert said['goodhart_events_handled_total{outcome="applied"}'] == 200
    assert said['goodhart_events_handled_total{outcome="duplicate"}'] == 1
    assert said['goodhart_events_refused_total{reason="time"}'] == 2
    assert said['goodhart_events_applied_total{kind="usage"}'] == 200
    assert said["goodhart_actors"] == 7 and said["goodhart_tokens_total"] == 200 * 110
    assert said["goodhart_ready"] == 1 and said["goodhart_event_lag_seconds"] != 0
    assert said["goodhart_batch_events_sum"] == 203
    buckets = said['goodhart_batch_events_bucket{le="+Inf"}']
    assert buckets == said["goodhart_batch_events_count"]
    assert abs(said["goodhart_heartbeat_timestamp_seconds"] - time.time()) < PATIENCE
    assert said["process_start_time_seconds"] <= time.time()
    assert not any("store" in name or "handshakes" in name for name in said)
    summary = service.stop()
    assert summary["events"] == 203 and summary["refused"] == 2


def both_formats_are_what_they_say():
    service = Service(web__bind=ANY, store__folder=path("both"), **NOWHERE)
    service.push(*(usage(n) for n in range(50)))
    until_value(service, "goodhart_events_received_total", 50)
    assert values(service)["goodhart_store_position"] >= 50
    status, kind, plain = fetch(service)
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    judged = subprocess.run(["promtool", "check", "metrics"], input=plain, text=True,
                            capture_output=True, timeout=PATIENCE)
    assert judged.returncode == 0 and judged.stderr == "", judged.stdout + judged.stderr
    status, kind, more = fetch(service, accept=OPEN + "; version=1.0.0")
    assert (status, kind.split(";")[0]) == (200, OPEN) and more.endswith("\n# EOF\n")
    assert "# TYPE goodhart_frames counter\ngoodhart_frames_total " in more
    assert fetch(service, method="HEAD")[2] == ""
    assert fetch(service, method="POST")[0] == 405
    told = [line.split()[2] for line in plain.splitlines() if line.startswith("# TYPE")]
    table = re.findall(r"^\| `(\w+)` \| (?:gauge|counter|info|histogram) ",
                       text(ROOT / "deploy/metrics.md"), re.MULTILINE)
    assert told and not set(told) - set(table), set(told) - set(table)
    assert told == [name for name in table if name in told], "not in the order of the table"
    service.stop()


def a_prometheus_takes_it_and_answers():
    service = Service(web__bind=ANY)
    service.push(*(usage(n) for n in range(120)))
    port = free_port()
    config = write("prometheus.yml", [json.dumps({
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(ROOT / "deploy/prometheus/goodhart.rules.yml")],
        "scrape_configs": [{"job_name": "goodhart", "static_configs": [
            {"targets": [service.web.split("//")[1]]}]}]})])
    prometheus = start(["prometheus", f"--config.file={config}",
                        f"--storage.tsdb.path={path('tsdb')}",
                        f"--web.listen-address=127.0.0.1:{port}"])

    def api(where):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{where}", timeout=5) as reply:
                return json.load(reply)["data"]
        except OSError:
            return None

    def asked(query):
        found = api("/api/v1/query?query=" + urllib.request.quote(query))
        return [float(row["value"][1]) for row in found["result"]] if found else None

    until(lambda: asked("goodhart_events_received_total") == [120.0], 60)
    assert asked('up{job="goodhart"}') == [1.0]
    assert asked('sum(goodhart_batch_events_bucket{le="+Inf"})') == asked(
        "sum(goodhart_batch_events_count)")
    kinds = api("/api/v1/metadata")
    assert kinds["goodhart_findings"][0]["type"] == "counter"
    assert kinds["goodhart_batch_seconds"][0]["type"] == "histogram"
    rules = until(lambda: api("/api/v1/rules"))["groups"][0]["rules"]
    until(lambda: all(rule["health"] == "ok" for rule in
                      api("/api/v1/rules")["groups"][0]["rules"]), 60)
    assert len(rules) > 10
    prometheus.terminate()
    prometheus.wait(PATIENCE)
    service.stop()


def nobody_is_named():
    """People, teams, keys, sessions, models: none of what events or key files say."""
    names = {"actor": "quentin-q", "team": "team-zeta", "session": "sess-omega",
             "model": "model-psi", "agent": "agent-chi", "project": "proj-phi"}
    producer = key_of("laptop-quentin", actors=["*"], teams=["*"])
    service = Keyed(producer, web__bind=ANY)
    client, how = service.socket(zmq.PUSH, producer)
    assert how == "in"
    for number in range(20):
        client.send_string(usage(number, **names))
    client.send_string(json.dumps({"id": "r", "ts": "never", "actor": "quentin-q"}))
    until_value(service, "goodhart_events_received_total", 21)
    assert values(service)["goodhart_keys"] == 1
    assert values(service)['goodhart_handshakes_total{state="good"}'] >= 1
    for accept in (None, OPEN):
        said = fetch(service, accept=accept)[2]
        for name in [*names.values(), "laptop-quentin", "quentin", producer[0]["public"]]:
            assert name not in said, name
    client.close(0)
    service.stop()


def findings_are_counted_by_detector_and_track():
    service = Service("--alerts", path("counted.ndjson"), web__bind=ANY)
    log = company(40, 8, 0.2, 16)
    service.send(log)
    wanted = sum(1 for _ in open(log, encoding="utf-8"))
    until(lambda: values(service)["goodhart_events_received_total"] == wanted, 120)
    until(lambda: values(service)["goodhart_events_waiting"] == 0)
    said = values(service)
    service.stop()
    wanted = collections.Counter()
    for alert in lines(path("counted.ndjson"))[:int(said["goodhart_alert_sequence"])]:
        change, finding = alert["type"].rsplit(".", 1)[1], alert["data"]
        wanted[f'goodhart_alerts_total{{change="{change}"}}'] += 1
        if change in ("opened", "escalated"):
            wanted[f'goodhart_findings_total{{detector="{finding["detector"]}",'
                   f'track="{finding["track"]}"}}'] += 1
    counted = {name: value for name, value in said.items() if value and
               name.startswith(("goodhart_alerts_total", "goodhart_findings_total"))}
    assert counted == wanted and len(wanted) > 6, (counted, wanted)
    assert said["goodhart_alert_delay_seconds_count"] == said["goodhart_alert_sequence"] > 20


class Supervisor:
    """What systemd would be: a datagram socket, and all that was heard on it."""

    def __init__(self, watchdog_us=None):
        self.name = path(f"notify-{time.monotonic_ns()}")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.name)
        self.heard = []
        self.environment = os.environ | {"NOTIFY_SOCKET": self.name}
        if watchdog_us:
            self.environment |= {"WATCHDOG_USEC": str(watchdog_us)}

    def hear(self, wait):
        """One more message as pairs, or None."""
        self.socket.settimeout(wait)
        try:
            self.heard.append(dict(line.split("=", 1) for line in
                                   self.socket.recv(4096).decode().splitlines()))
        except TimeoutError:
            return None
        return self.heard[-1]

    def until(self, name, value="1"):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            message = self.hear(1)
            if message and message.get(name) == value:
                return message
        raise AssertionError(f"{name}={value} was not heard: {self.heard}")

    def service(self, **settings):
        settings = {"intake.pull": "tcp://127.0.0.1:*", "alerts.publish": "tcp://127.0.0.1:*",
                    "otlp.bind": "", "web.bind": "",
                    "control.bind": ""} | settings
        command = [GOODHART, "run"]
        for name, value in settings.items():
            command += ["--set", f"{name}={value}"]
        return start(command, env=self.environment)


def systemd_hears_of_each_stage():
    supervisor = Supervisor()
    process = supervisor.service()
    ready = supervisor.until("READY")
    assert ready["STATUS"] == "taking events"
    assert supervisor.heard[0] == {"STATUS": "reading what is kept"}
    before_us = time.monotonic_ns() // 1000
    process.send_signal(signal.SIGHUP)
    reloading = supervisor.until("RELOADING")
    assert before_us <= int(reloading["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
    supervisor.until("READY")
    process.send_signal(signal.SIGTERM)
    supervisor.until("STOPPING")
    assert process.wait(PATIENCE) == 0
    assert supervisor.hear(0.2) is None
    assert not any("WATCHDOG" in message for message in supervisor.heard)


def the_watchdog_hears_only_while_the_loop_goes_round():
    supervisor = Supervisor(watchdog_us=400000)
    process = supervisor.service(**{"alerts.heartbeat": 60000})
    supervisor.until("READY")
    for _ in range(3):
        supervisor.until("WATCHDOG")
    process.send_signal(signal.SIGSTOP)
    while supervisor.hear(0.5):  # what was on its way
        pass
    assert supervisor.hear(2) is None, "heard of a service that stands still"
    process.send_signal(signal.SIGCONT)
    supervisor.until("WATCHDOG")
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


def the_log_can_be_read_by_machines():
    for form in ("json", "logfmt"):
        process = Supervisor().service(**{"log.format": form, "service.summary": 0.1})
        until(lambda: "counters" in text(process.err_path))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        told = text(process.err_path).splitlines()
        if form == "json":
            said = [json.loads(line) for line in told]
            assert all(set(line) == {"ts", "level", "event", "msg"} for line in said)
            counters = [line["msg"] for line in said if line["event"] == "counters"]
            assert json.loads(counters[0])["events"] == 0
            assert any(line["msg"].startswith("alerts on tcp://") for line in said)
        else:
            form = r'ts=\S+Z level=(error|warning|info|debug) event=\w+ msg="(\\.|[^"\\])*"'
            assert told and all(re.fullmatch(form, line) for line in told), told


def the_log_says_no_more_than_it_should():
    process = Supervisor().service(**{"log.level": "error"})
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0 and text(process.err_path) == ""
    status, _, errors = goodhart("run", "--set", "log.level=loud")
    assert status == 2 and "log.level: loud: must be error, warning, info or debug" in errors
    status, _, errors = goodhart("run", "--set", "log.format=xml")
    assert status == 2 and "log.format: xml: must be text, logfmt or json" in errors


def the_page_of_metrics_is_what_the_program_says():
    assert done("options", "--metrics") == text(ROOT / "deploy/metrics.md")


main([metrics_count_what_came_and_what_became_of_it, both_formats_are_what_they_say,
      a_prometheus_takes_it_and_answers, nobody_is_named,
      findings_are_counted_by_detector_and_track, systemd_hears_of_each_stage,
      the_watchdog_hears_only_while_the_loop_goes_round, the_log_can_be_read_by_machines,
      the_log_says_no_more_than_it_should, the_page_of_metrics_is_what_the_program_says])
