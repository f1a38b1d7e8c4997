#!/usr/bin/python3
"""OTLP over HTTP: what exporters send becomes events, and what they hear says what to do."""
import gzip
import http.client
import json
import os
import signal

from support import (PACKAGES, ROOT, Service, done, ended, main, packages_install, path,
                     python_install, start, text, until)

ANY = "127.0.0.1:0"
JSON, PROTOBUF = "application/json", "application/x-protobuf"
START_S = 1786000000


def ask(service, where, body, kind=JSON, **headers):
    """Status, type and body of the answer."""
    host, port = service.http.split("//")[1].rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    try:
        connection.request("POST", where, body, {"Content-Type": kind} | {
            name.replace("_", "-"): value for name, value in headers.items()})
        reply = connection.getresponse()
        return reply.status, reply.headers["Content-Type"], reply.read()
    finally:
        connection.close()


def values(**attributes):
    kinds = {str: "stringValue", int: "intValue", float: "doubleValue", bool: "boolValue"}
    return [{"key": name.replace("__", "."), "value": {kinds[type(value)]: value}}
            for name, value in attributes.items()]


def record(number, **attributes):
    """One model call as Claude Code logs it."""
    told = {"session__id": "s-1", "user__email": "dev1@example.test",
            "event__name": "api_request", "prompt__id": "p-1", "model": "claude-sonnet-5",
            "cost_usd": 0.0123, "input_tokens": 12, "output_tokens": 345,
            "cache_read_tokens": 45678, "cache_creation_tokens": 901,
            "request_id": f"req_{number}"} | attributes
    return {"timeUnixNano": str((START_S + number) * 10**9),
            "body": {"stringValue": "claude_code.api_request"}, "attributes": values(**told)}


def logs(*records):
    return json.dumps({"resourceLogs": [{
        "resource": {"attributes": values(service__name="claude-code")},
        "scopeLogs": [{"scope": {"name": "com.anthropic.claude_code.events"},
                       "logRecords": records}]}]})


def served(**settings):
    return Service(otlp__bind=ANY, web__bind=ANY, **settings)


def a_record_is_answered_in_its_own_encoding_and_counts_once():
    service = served()
    for _ in range(2):
        assert ask(service, "/v1/logs", logs(record(1), record(2))) == (200, JSON, b"{}")
    packed = gzip.compress(logs(record(3)).encode())
    assert ask(service, "/v1/logs", packed, Content_Encoding="gzip") == (200, JSON, b"{}")
    assert ask(service, "/v1/logs", b"", PROTOBUF) == (200, PROTOBUF, b"")
    assert ask(service, "/v1/traces", "{}") == (200, JSON, b"{}")
    assert ask(service, "/v1/metrics", "{}") == (200, JSON, b"{}")
    counters = service.stop()
    assert counters["applied"] == 3 and counters["duplicates"] == 2, counters
    assert counters["tokens"] == 3 * (12 + 345 + 45678 + 901), counters["tokens"]
    assert abs(counters["cost_usd"] - 3 * 0.0123) < 1e-9, counters["cost_usd"]
    assert counters["http"]["records_events"] == 5, counters["http"]


def what_no_map_knows_is_taken_and_counted():
    service = served()
    strange = {"timeUnixNano": str(START_S * 10**9), "body": {"stringValue": "hello"}}
    assert ask(service, "/v1/logs", logs(strange)) == (200, JSON, b"{}")
    counters = service.stop()
    assert counters["events"] == 0, counters
    assert counters["http"]["records_unknown"] + counters["http"]["records_known"] == 1


def a_request_that_is_none_is_refused_for_good_in_its_own_encoding():
    service = served()
    for body in ("{", "[]", '{"resourceLogs": 5}', "\x00"):
        status, kind, said = ask(service, "/v1/logs", body)
        assert (status, kind) == (400, JSON), (body, status, kind)
        said = json.loads(said)
        assert said["code"] == 3 and said["message"], said
    status, kind, said = ask(service, "/v1/logs", b"\x0a\xff\xff", PROTOBUF)
    assert (status, kind) == (400, PROTOBUF) and said[:2] == b"\x08\x03", said
    status, kind, said = ask(service, "/v1/logs", "{}", "text/plain")
    assert status == 415 and json.loads(said)["code"] == 3, said
    assert ask(service, "/v1/logs", b"nonsense", PROTOBUF, Content_Encoding="gzip")[0] == 400
    service.stop()


def records_that_are_wrong_are_told_in_part_and_the_others_kept():
    service = served()
    status, _, said = ask(service, "/v1/logs", logs(
        record(1), record(2, input_tokens="many"), record(3)))
    partial = json.loads(said)["partialSuccess"]
    assert status == 200 and str(partial["rejectedLogRecords"]) == "1", said
    assert "input_tokens" in partial["errorMessage"] and "many" not in said.decode(), said
    counters = service.stop()
    assert counters["applied"] == 2 and counters["http"]["records_bad"] == 1, counters


def people_stand_in_the_place_of_their_accounts():
    with open(path("people.yaml"), "w", encoding="utf-8") as file:
        file.write("people:\n  - actor: ada\n    ids: [dev1@example.test]\n    team: pay\n")
    service = served(identity__people=path("people.yaml"), intake__dead_letters=path("letters"))
    ask(service, "/v1/logs", logs(record(1)))
    ask(service, "/v1/logs", logs(record(2, user__email="Dev1@Example.Test")))
    ask(service, "/v1/logs", logs(record(3, user__email="new@example.test")))
    counters = service.stop()
    assert counters["actors"] == 2 and counters["teams"] >= 1, counters
    assert counters["http"]["strangers"] == 1, counters["http"]
    assert counters["applied"] == 4, counters  # with the profile
    assert not os.path.exists(path("letters")) or text(path("letters")) == ""


def usage_points(tokens):
    """What the same agent sums up of a minute, as its metric tells it."""
    return json.dumps({"resourceMetrics": [{
        "resource": {"attributes": values(service__name="claude-code")},
        "scopeMetrics": [{"scope": {"name": "com.anthropic.claude_code"}, "metrics": [{
            "name": "claude_code.token.usage", "unit": "tokens", "sum": {
                "aggregationTemporality": 1, "isMonotonic": True, "dataPoints": [{
                    "attributes": values(type="output", user__email="dev1@example.test"),
                    "startTimeUnixNano": str(START_S * 10**9),
                    "timeUnixNano": str((START_S + 60) * 10**9), "asDouble": tokens}]}}]}]}]})


def what_never_arrived_is_seen_by_numbers_and_by_sums():
    service = served(store__folder=path("cover"), durable__bind="", alerts__replay="")
    came = [number for number in range(1, 101) if number not in range(11, 31)]
    ask(service, "/v1/logs", logs(*(record(n, event__sequence=n) for n in came)))
    ask(service, "/v1/metrics", usage_points(60000.0))
    host, port = service.web.split("//")[1].rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    connection.request("GET", "/-/coverage")
    reply = connection.getresponse()
    shown = [json.loads(line) for line in reply.read().decode().splitlines()]
    assert reply.status == 200 and len(shown) == 1, shown
    assert shown[0]["actor"] == "dev1@example.test" and shown[0]["calls"] == 80, shown
    assert shown[0]["missing"] == 20 and shown[0]["total_tokens"] == 60000, shown
    assert shown[0]["call_tokens"] == 80 * (12 + 345 + 45678 + 901), shown
    counters = service.stop()
    assert counters["missing"] == 20 and counters["applied"] == 80, counters
    events = [json.loads(line) for line in done("log", "export", path("cover")).splitlines()]
    # Said a minute later, for until then they might have come.
    assert [event.get("missing", 0) for event in events] == [0] * 70 + [20] + [0] * 9, events


def a_file_that_is_broken_keeps_the_old_one_and_says_so():
    people = path("people2.yaml")
    with open(people, "w", encoding="utf-8") as file:
        file.write("people:\n  - actor: ada\n    ids: [dev1@example.test]\n")
    service = served(identity__people=people)

    def reload():
        host, port = service.web.split("//")[1].rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        connection.request("POST", "/-/reload")
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    assert reload()[0] == 200
    with open(people, "w", encoding="utf-8") as file:
        file.write("people:\n  - actor: 5x\n    hours: never\n")
    status, said = reload()
    assert status == 422 and "people2.yaml" in said and "hours" in said, said
    with open(people, "w", encoding="utf-8") as file:
        file.write("people:\n  - actor: eve\n    ids: [dev1@example.test]\n    team: ops\n")
    service.process.send_signal(signal.SIGHUP)
    until(lambda: text(service.process.err_path).count("read again; people: 1") == 2)
    ask(service, "/v1/logs", logs(record(1)))
    until(lambda: "what was read before" in text(service.process.err_path))
    assert service.stop()["teams"] >= 1


def tokens_are_asked_for_and_permissions_hold():
    done("key", "server", "--out", path("s.key"))
    done("key", "new", "dev", "--keys", path("k.json"), "--out", path("dev.key"), "--token",
         "--actors", "dev1@example.test")
    with open(path("dev.key"), encoding="utf-8") as file:
        token = {"Authorization": "Bearer " + json.load(file)["token"]}
    service = served(identity__keys=path("k.json"), identity__secret=path("s.key"))
    status, _, said = ask(service, "/v1/logs", logs(record(1)))
    assert status == 401 and json.loads(said)["code"] == 16, said
    status, _, said = ask(service, "/v1/logs", logs(
        record(1), record(2, user__email="boss@example.test")), **token)
    partial = json.loads(said)["partialSuccess"]
    assert status == 200 and str(partial["rejectedLogRecords"]) == "1", said
    assert "not_allowed" in partial["errorMessage"], said
    counters = service.stop()
    assert counters["applied"] == counters["authenticated"] == 1, counters


def sent_by_an_sdk(service, encoding, compression, count, token=""):
    sender = start(["node", str(ROOT / "tests/integration/otlp_sender.mjs"), service.http,
                    encoding, compression, str(count), token],
                   env=os.environ | {"NODE_PACKAGES": str(PACKAGES)})
    return ended(sender, 60)


def all_arrived(service, folder, ways, count):
    """What a sender of ours sends, from `ways` of sending it, one after the other. Its metric
    may be told again at the end."""
    counters = service.stop()
    assert counters["applied"] == counters["events"] == ways * 2 * count, counters
    assert counters["http"]["records_totals"] in (ways, 2 * ways), counters["http"]
    events = [json.loads(line) for line in done("log", "export", folder).splitlines()]
    assert len({event["id"] for event in events}) == ways * 2 * count
    calls = [event for event in events if event["actor"] == "dev1@example.test"]
    chats = [event for event in events if event["actor"] == "dev2@example.test"]
    assert len(calls) == len(chats) == ways * count
    for number, event in enumerate(calls):
        assert (event["input_tokens"], event["output_tokens"], event["cache_read_tokens"],
                event["cost_usd"], event["session"], event["model"]) == (
                    number % count, 10, 1000, 0.5, "s-1", "claude-sonnet-5"), event
        assert "missing" not in event, event
    for event in chats:
        assert (event["input_tokens"], event["output_tokens"], event["cache_read_tokens"],
                event["provider"], event["model"]) == (300, 80, 900, "openai", "gpt-5"), event


def kept(folder):
    return served(store__folder=folder, durable__bind="", alerts__replay="")


def what_an_sdk_sends_arrives_as_it_was_sent():
    packages_install()
    ways = [(encoding, compression) for encoding in ("json", "protobuf")
            for compression in ("none", "gzip")]
    service, count = kept(path("sdk")), 600
    for encoding, compression in ways:
        status, output, errors = sent_by_an_sdk(service, encoding, compression, count)
        assert status == 0, errors
        assert json.loads(output)["failed"] == 0, output
    all_arrived(service, path("sdk"), len(ways), count)


def what_the_sdk_of_python_sends_arrives_as_it_was_sent():
    python = python_install("opentelemetry-sdk==1.45.2",
                            "opentelemetry-exporter-otlp-proto-http==1.45.2")
    service, count = kept(path("python")), 600
    for compression in ("none", "gzip"):
        status, _, errors = ended(start([
            python, str(ROOT / "tests/integration/otlp_sender.py"), service.http, compression,
            str(count)]), 60)
        assert status == 0, errors
    all_arrived(service, path("python"), 2, count)


def an_sdk_tries_again_what_may_be_tried_again():
    packages_install()
    service = served(http__buffer_bytes=65536, http__body_bytes=65536)
    done("key", "server", "--out", path("t.key"))
    closed = served(identity__keys=path("k.json"), identity__secret=path("t.key"))
    senders = [start(["node", str(ROOT / "tests/integration/otlp_sender.mjs"), service.http,
                      "protobuf", "gzip", "100"],
                     env=os.environ | {"NODE_PACKAGES": str(PACKAGES)})
               for _ in range(3)]
    for sender in senders:
        status, _, errors = ended(sender, 60)
        assert status == 0, errors
    assert service.stop()["applied"] == 200
    status, output, errors = sent_by_an_sdk(closed, "json", "none", 5)
    assert status == 1 and json.loads(output)["failed"] >= 3, output + errors
    assert "Unauthorized" in errors or "401" in errors or "key is asked" in errors, errors
    assert closed.stop()["applied"] == 0


main([
    a_record_is_answered_in_its_own_encoding_and_counts_once,
    what_no_map_knows_is_taken_and_counted,
    a_request_that_is_none_is_refused_for_good_in_its_own_encoding,
    records_that_are_wrong_are_told_in_part_and_the_others_kept,
    people_stand_in_the_place_of_their_accounts,
    what_never_arrived_is_seen_by_numbers_and_by_sums,
    a_file_that_is_broken_keeps_the_old_one_and_says_so,
    tokens_are_asked_for_and_permissions_hold,
    what_an_sdk_sends_arrives_as_it_was_sent,
    what_the_sdk_of_python_sends_arrives_as_it_was_sent,
    an_sdk_tries_again_what_may_be_tried_again,
])
