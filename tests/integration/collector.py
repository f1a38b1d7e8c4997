#!/usr/bin/python3
"""What: an OpenTelemetry Collector with deploy/otel-collector.yaml brings all here, once,
whatever ends goodhart meanwhile.
How: a Collector as its project builds it. OTELCOL=PROGRAM names one; else `go` builds it into
build/otelcol, which takes minutes and the Go module proxy: so `make test` leaves it out."""
import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.request

from support import GOODHART, ROOT, done, ended, main, path, start, until

VERSION = "0.115.0"
CORE = "go.opentelemetry.io/collector"
PARTS = {
    "receivers": [f"{CORE}/receiver/otlpreceiver v{VERSION}"],
    "processors": [f"{CORE}/processor/batchprocessor v{VERSION}",
                   f"{CORE}/processor/memorylimiterprocessor v{VERSION}"],
    "exporters": [f"{CORE}/exporter/otlphttpexporter v{VERSION}",
                  "github.com/open-telemetry/opentelemetry-collector-contrib/exporter/"
                  f"fileexporter v{VERSION}"],
    "providers": [f"{CORE}/confmap/provider/fileprovider v1.21.0",
                  f"{CORE}/confmap/provider/envprovider v1.21.0"]}
RECORDS, REQUEST = 3000, 50


def collector():
    built = ROOT / "build/otelcol"
    if "OTELCOL" in os.environ or (built / "otelcol").exists():
        return os.environ.get("OTELCOL", str(built / "otelcol"))
    built.mkdir(parents=True, exist_ok=True)
    manifest = {"dist": {"name": "otelcol", "output_path": str(built)}} | {
        kind: [{"gomod": part} for part in parts] for kind, parts in PARTS.items()}
    (built / "manifest.yaml").write_text(json.dumps(manifest), encoding="utf-8")
    subprocess.run(["go", "run", f"{CORE}/cmd/builder@v{VERSION}", "--config",
                    "manifest.yaml"], cwd=built, check=True)
    return str(built / "otelcol")


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def service(otlp):
    process = start([GOODHART, "run"] + [word for name, value in {
        "otlp.bind": f"127.0.0.1:{otlp}", "web.bind": "", "durable.bind": "",
        "control.bind": "",
        "intake.pull": "tcp://127.0.0.1:*", "alerts.publish": "tcp://127.0.0.1:*",
        "alerts.replay": "", "store.folder": path("store")}.items()
        for word in ("--set", f"{name}={value}")])
    until(lambda: "alerts on" in pathlib.Path(process.err_path).read_text(encoding="utf-8"))
    return process


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def record(number):
    words = {"event.name": "api_request", "session.id": f"s{number % 40}",
             "user.email": f"dev{number % 20}@example.test", "model": "claude-sonnet-5",
             "request_id": f"req_{number}"}
    counts = {"input_tokens": 100 + number, "output_tokens": 7, "cache_read_tokens": 1000}
    fields = [{"key": key, "value": {"stringValue": value}} for key, value in words.items()]
    fields += [{"key": key, "value": {"intValue": value}} for key, value in counts.items()]
    when = int(time.time() - 600 + number / 10)
    return {"timeUnixNano": str(when * 10**9), "attributes": fields,
            "body": {"stringValue": "claude_code.api_request"}}


def tell(port, first):
    """One request of an agent."""
    scope = {"scope": {"name": "com.anthropic.claude_code.events"},
             "logRecords": [record(number) for number in range(first, first + REQUEST)]}
    name = {"key": "service.name", "value": {"stringValue": "claude-code"}}
    body = json.dumps({"resourceLogs": [{"resource": {"attributes": [name]},
                                         "scopeLogs": [scope]}]})
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/logs", body.encode(),
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 200


def kept():
    lines = done("log", "export", path("store")).splitlines()
    return [event for event in map(json.loads, lines) if event.get("kind", "usage") == "usage"]


def all_that_a_collector_is_given_is_kept_once_though_goodhart_is_killed_twice():
    otlp, http, grpc = free_ports(3)
    goodhart = service(otlp)
    process = start([collector(), "--config", str(ROOT / "deploy/otel-collector.yaml")],
                    env=os.environ | {"GOODHART_ENDPOINT": f"http://127.0.0.1:{otlp}",
                                      "COLLECTOR_HTTP": f"127.0.0.1:{http}",
                                      "COLLECTOR_GRPC": f"127.0.0.1:{grpc}"})
    until(lambda: listens(http))
    for first in range(0, RECORDS, REQUEST):
        tell(http, first)
        time.sleep(0.05)
        if first in (500, 1500):
            goodhart.kill()
            goodhart.wait()
            time.sleep(1.5)
            goodhart = service(otlp)
    until(lambda: len(kept()) >= RECORDS, 60)
    process.terminate()
    assert process.wait(20) == 0
    goodhart.terminate()
    assert ended(goodhart)[0] == 0
    events = kept()
    assert len(events) == len({event["id"] for event in events}) == RECORDS
    assert sum(event["input_tokens"] for event in events) == sum(
        100 + number for number in range(RECORDS))
    assert {event["actor"] for event in events} == {f"dev{i}@example.test" for i in range(20)}


main([all_that_a_collector_is_given_is_kept_once_though_goodhart_is_killed_twice])
