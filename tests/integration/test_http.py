#!/usr/bin/python3
"""Events over HTTP: what is answered 200 is kept, and every refusal says why."""
import gzip
import http.client
import json
import os
import random
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time
import zlib

from keeper import Keeper, shim
from support import BASE_MS, Service, done, goodhart, main, path, text, until, usage, write

ANY = "127.0.0.1:0"
JSON = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}
KIB = 1024


def served(**settings):
    return Service(otlp__bind=ANY, web__bind=ANY, **settings)


def address(url):
    host, port = url.split("//")[1].rsplit(":", 1)
    return host, int(port)


def ask(url, method, where, body=None, headers=None, chunked=False):
    """Status, headers and body of one request on a connection of its own."""
    connection = http.client.HTTPConnection(*address(url), timeout=20)
    try:
        connection.request(method, where, body, headers or {}, encode_chunked=chunked)
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read()
    finally:
        connection.close()


def post(url, body, headers=JSON, where="/v1/events", **more):
    status, kept, reply = ask(url, "POST", where, body, headers, **more)
    return status, kept, json.loads(reply) if reply[:1] == b"{" else reply.decode()


def raw(url, request, more=b"", wait=20):
    """Everything that comes back of some bytes."""
    with socket.create_connection(address(url), wait) as client:
        try:
            client.sendall(request + more)
        except OSError:
            pass
        answer = b""
        try:
            while part := client.recv(65536):
                answer += part
        except OSError:
            pass
        return answer


def parts(body, size):
    return iter([body[at:at + size] for at in range(0, len(body), size)])


def a_frame_of_any_form_is_taken_and_each_refusal_is_told_with_its_place():
    service = served()
    assert post(service.http, usage(1))[::2] == (200, {"accepted": 1, "refused": 0})
    assert post(service.http, f"[{usage(2)},{usage(3)}]")[2]["accepted"] == 2
    lines = "\n".join([usage(4), '{"id":"x"}', usage(5), "{broken", usage(4)])
    status, _, said = post(service.http, lines, LINES)
    assert status == 200 and (said["accepted"], said["refused"]) == (3, 2), said
    assert [(row["index"], row["line"], row["reason"]) for row in said["refusals"]] == [
        (1, 2, "missing"), (3, 4, "syntax")], said
    assert "ts" in said["refusals"][0]["text"]
    write("binary", [usage(number) for number in range(10, 20)])
    done("encode", path("binary"), "--out", path("binary.gh"))
    with open(path("binary.gh"), "rb") as file:
        body = file.read()
    for kind in ("application/x-protobuf", "application/octet-stream"):
        status, _, said = post(service.http, body, {"Content-Type": kind})
        assert status == 200 and said == {"accepted": 10, "refused": 0}, said
    assert post(service.http, "", LINES)[2] == {"accepted": 0, "refused": 0}
    counters = service.stop()
    assert counters["applied"] == 15 and counters["duplicates"] == 11, counters
    assert counters["refused"] == 2 and counters["http"]["kept"] == 6, counters["http"]


def only_some_refusals_are_told_but_all_are_counted():
    service = served()
    said = post(service.http, "\n".join(["{bad"] * 5000 + [usage(1)]), LINES)[2]
    assert (said["accepted"], said["refused"]) == (1, 5000) and len(said["refusals"]) == 8
    assert service.stop()["refused"] == 5000


def packed_and_in_chunks_it_is_the_same():
    service = served()
    lines = "\n".join(usage(number) for number in range(3000)).encode()
    for coding in ("gzip", None):
        for size in (1, 977, 100000):
            body = gzip.compress(lines) if coding else lines
            headers = LINES | ({"Content-Encoding": coding} if coding else {})
            if size > 1:
                status, _, said = post(service.http, parts(body, size),
                                       headers | {"Transfer-Encoding": "chunked"}, chunked=True)
                assert status == 200 and said["accepted"] == 3000, said
            status, _, said = post(service.http, body, headers)
            assert status == 200 and said["accepted"] == 3000, said
    assert service.stop()["applied"] == 3000


def each_refusal_of_a_request_says_why():
    service = served(http__body_bytes=65536, http__buffer_bytes=65536)
    url = service.http
    head = b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    for method, where, status in (("GET", "/v1/events", 405), ("PUT", "/v1/events", 405),
                                  ("GET", "/", 404), ("POST", "/v1/event", 404),
                                  ("POST", "/v1/events/x", 404)):
        got, headers, _ = ask(url, method, where)
        assert got == status, (method, where, got)
        assert (headers["Allow"] == "POST") == (status == 405)
    for headers, status, words in (
            ({"Content-Type": "text/plain"}, 415, "Content-Type"),
            ({}, 415, "Content-Type"),
            (JSON | {"Content-Encoding": "zstd"}, 415, "gzip, identity"),
            (JSON | {"Content-Encoding": "gzip"}, 400, "gzip")):
        got, kept, said = post(url, "{}", headers)
        assert got == status and words in said["error"], (headers, got, said)
        assert kept["Content-Type"] == "application/json"
    assert b" 411 " in raw(url, head + b"Content-Type: application/json\r\n\r\n")
    large = usage(1, note="x" * 70000)
    got, _, said = post(url, large)
    assert got == 413 and "http.body_bytes" in said["error"], said
    got, _, said = post(url, parts(large.encode(), 1000),
                        JSON | {"Transfer-Encoding": "chunked"}, chunked=True)
    assert got == 413, said
    assert b" 200 " not in raw(url, b"nonsense\r\n\r\n")
    long = b"GET /" + b"x" * 100000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = raw(url, long)
    assert answer == b"" or b" 414 " in answer[:40] or b" 4" in answer[:40], answer[:80]
    assert post(url, usage(1))[0] == 200
    counters = service.stop()
    assert counters["applied"] == 1, counters
    assert counters["http"]["otlp"]["too_large"] == 2, counters["http"]


def a_bomb_costs_no_more_than_the_limit():
    service = served(http__body_bytes=1048576)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join([packer.compress(bytes(1048576)) for _ in range(900)] + [packer.flush()])
    assert len(bomb) < 1048576

    def memory():
        status = text(f"/proc/{service.process.pid}/status")
        return int(status.split("VmHWM:")[1].split()[0])
    before = memory()
    for _ in range(3):
        status, _, said = post(service.http, bomb, JSON | {"Content-Encoding": "gzip"})
        assert status == 413, said
    assert memory() - before < 20 * KIB, memory() - before
    service.stop()


def who_is_slow_is_cut_off_and_others_are_served():
    service = served(http__timeout=1)
    head = (b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\n\r\n")
    slow = [socket.create_connection(address(service.http), 20) for _ in range(8)]
    for number, client in enumerate(slow):
        client.sendall(head if number % 2 else head[:20])
    end = time.monotonic() + 20
    open_still = set(slow)
    while open_still and time.monotonic() < end:
        for client in list(open_still):
            try:
                client.sendall(b" ")
                client.settimeout(0.01)
                if client.recv(1000) == b"":
                    open_still.discard(client)
            except TimeoutError:
                pass
            except OSError:
                open_still.discard(client)
        assert post(service.http, usage(1))[0] == 200
        time.sleep(0.1)
    assert not open_still
    assert service.stop()["http"]["otlp"]["cut_off"] >= 4


def one_address_has_so_many_connections():
    service = served(http__per_address=4)
    clients = [socket.create_connection(address(service.http), 20) for _ in range(4)]
    for client in clients:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b" 404 " in client.recv(1000)
    assert raw(service.http, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") == b""
    clients.pop().close()
    until(lambda: b" 404 " in raw(
        service.http, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    assert service.stop()["http"]["otlp"]["turned_away"] >= 1


def a_plain_address_for_all_the_world_is_refused_by_name():
    for option in ("otlp.bind", "web.bind"):
        other = {"otlp.bind": "web.bind", "web.bind": "otlp.bind"}[option]
        for value, words in (("0.0.0.0:0", "this machine alone"), ("*:0", "this machine alone"),
                             ("[::]:0", "this machine alone"), ("localhost:1", "HOST:PORT")):
            status, _, errors = goodhart(
                "run", "--set", f"{option}={value}", "--set", f"{other}=", "--set",
                "intake.pull=tcp://127.0.0.1:*", "--set", "alerts.publish=tcp://127.0.0.1:*",
                "--set", "control.bind=")
            assert status == 2 and f"{option}: {value}: " in errors and words in errors, errors
    service = Service(otlp__bind="*:0", identity__insecure="true")
    assert post(service.http.replace("0.0.0.0", "127.0.0.1"), usage(1))[0] == 200
    service.stop()


def health_tells_what_the_service_is_in():
    service = served()
    for method in ("GET", "HEAD"):
        for where in ("/-/healthy", "/-/ready"):
            status, headers, body = ask(service.web, method, where)
            assert status == 200 and (body == b"") == (method == "HEAD"), (where, status)
            assert int(headers["Content-Length"]) > 0
    assert ask(service.web, "POST", "/-/healthy")[0] == 405
    assert ask(service.web, "GET", "/-/reload")[0] == 405
    assert ask(service.web, "POST", "/-/reload")[0] == 200
    assert ask(service.http, "GET", "/-/healthy")[0] == 404
    service.stop()


def new_key(name, *arguments):
    secret = path(f"{name}.key")
    done("key", "new", name, "--keys", path("keys.json"), "--out", secret, "--token",
         *arguments)
    with open(secret, encoding="utf-8") as file:
        return {"Authorization": f"Bearer {json.load(file)['token']}"}


def a_token_speaks_for_whom_its_key_may_speak_until_it_is_revoked():
    done("key", "server", "--out", path("server.key"))
    ada, ear = new_key("ada", "--actors", "ada"), new_key("ear", "--roles", "subscribe")
    root = new_key("root", "--roles", "control,produce", "--actors", "*")
    service = served(identity__keys=path("keys.json"), identity__secret=path("server.key"))
    url = service.http
    status, headers, said = post(url, usage(1))
    assert status == 401 and headers["WWW-Authenticate"] == "Bearer", said
    for wrong in ("Bearer gh_" + "A" * 43, "Bearer ", "Basic YTpi", "Bearer " + "x" * 5000,
                  ada["Authorization"] + "x", ada["Authorization"][:-1]):
        assert post(url, usage(1), JSON | {"Authorization": wrong})[0] == 401, wrong
    status, _, said = post(url, usage(1), JSON | ear)
    assert status == 403 and "role" in said["error"], said
    lines = "\n".join([usage(1, actor="ada"), usage(2, actor="bob"), usage(3, actor="ada")])
    status, _, said = post(url, lines, LINES | ada)
    assert status == 200 and (said["accepted"], said["refused"]) == (2, 1), said
    assert said["refusals"][0]["reason"] == "not_allowed" and said["refusals"][0]["index"] == 1
    assert ask(service.web, "POST", "/-/reload")[0] == 401
    assert ask(service.web, "POST", "/-/reload", headers=ada)[0] == 403
    assert ask(service.web, "POST", "/-/reload", headers=root)[0] == 200
    assert ask(service.web, "GET", "/-/ready")[0] == 200
    done("key", "revoke", "ada", "--keys", path("keys.json"))
    until(lambda: post(url, usage(4, actor="ada"), JSON | ada)[0] == 401, 5)
    with open(path("keys.json"), "r+", encoding="utf-8") as file:
        whole = file.read()
        assert root["Authorization"][7:] not in whole
        file.seek(0)
        file.write("broken" + whole)
    status, _, body = ask(service.web, "POST", "/-/reload", headers=root)
    assert status == 422 and b"identity.keys" in body, body
    assert post(url, usage(5), JSON | root)[0] == 200  # those read before stay in force
    errors = text(service.process.err_path)
    counters = service.stop()
    assert "gh_" not in errors
    assert counters["identity"]["keys"]["ada"]["not_allowed"] == 1, counters
    assert counters["identity"]["tokens"]["good"] >= 3, counters
    assert counters["applied"] >= 3


class Sender(threading.Thread):
    """Sends frames one after the other, each again until it is answered 200."""

    def __init__(self, where, frames):
        super().__init__()
        self.where, self.frames = where, frames
        self.answered, self.turned_away, self.failed = [], 0, None
        self.start()

    def run(self):
        try:
            for frame in self.frames:
                self.send(frame)
        except Exception as failure:
            self.failed = failure

    def send(self, frame):
        end = time.monotonic() + 90
        while time.monotonic() < end:
            try:
                status, headers, said = post(self.where(), "\n".join(frame), LINES)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
                continue
            if status == 200:
                assert said == {"accepted": len(frame), "refused": 0}, said
                self.answered += frame
                return
            assert status == 503 and int(headers["Retry-After"]) > 0, (status, said)
            self.turned_away += 1
            time.sleep(0.05)
        raise AssertionError("not taken in time")


def frames_of(sender, frames, size):
    return [[usage(sender * 1000000 + frame * size + row, ts=BASE_MS) for row in range(size)]
            for frame in range(frames)]


def under_pressure_it_says_so_and_nothing_is_lost_or_doubled():
    service = served(http__body_bytes=65536, http__buffer_bytes=65536)
    senders = [Sender(lambda: service.http, frames_of(number, 20, 300))
               for number in range(16)]
    for sender in senders:
        sender.join(120)
        assert not sender.is_alive() and not sender.failed, sender.failed
    counters = service.stop()
    assert counters["applied"] == counters["events"] == 16 * 20 * 300, counters
    print(f"# turned away {sum(sender.turned_away for sender in senders)} times")


def port_of(keeper, kind):
    found = [line for line in text(keeper.process.err_path).splitlines() if kind in line]
    return found[0].split(" on ")[1].split()[0] if found else "http://127.0.0.1:1"


def what_was_answered_is_in_the_log_after_any_kill():
    keeper = Keeper("kills", otlp__bind=ANY, store__snapshot_interval=1).start()
    senders = [Sender(lambda: port_of(keeper, "OTLP and events on"), frames_of(number, 300, 20))
               for number in range(4)]
    lot, kills = random.Random(7), 0
    while any(sender.is_alive() for sender in senders) and kills < 15:
        time.sleep(lot.uniform(0.02, 0.3))
        keeper.kill()
        kills += 1
        keeper.start()
    for sender in senders:
        sender.join(120)
        assert not sender.is_alive() and not sender.failed, sender.failed
    keeper.kill()  # after the last answer: nothing may hang on an orderly end
    keeper.start()
    sent = [row for sender in senders for row in sender.answered]
    counters = keeper.stop()
    assert counters["store"]["position"] >= len(sent) == 4 * 300 * 20, counters["store"]
    assert counters["applied"] == len(sent), counters
    status, output, errors = keeper.verified()
    assert status == 0, output + errors
    print(f"# {kills} kills")
    assert kills >= 5


def while_the_disk_is_full_it_is_not_ready_and_says_when_to_try_again():
    flag = path("http-full")
    keeper = Keeper("http-disk", {"LD_PRELOAD": shim(), "FAIL_IO_FOLDER": path("http-disk"),
                                  "FAIL_IO_FLAG": flag}, otlp__bind=ANY, web__bind=ANY).start()
    url, web = port_of(keeper, "OTLP and events on"), port_of(keeper, "health on")
    assert post(url, usage(1))[0] == 200
    with open(flag, "w", encoding="utf-8") as file:
        file.write("28")
    status, headers, said = post(url, usage(2))
    assert status == 503 and headers["Retry-After"], said
    assert "disk" in said["error"], said
    assert post(url, usage(3))[0] == 503
    status, _, body = ask(web, "GET", "/-/ready")
    assert status == 503 and b"disk" in body, body
    assert ask(web, "GET", "/-/healthy")[0] == 200
    os.remove(flag)
    until(lambda: ask(web, "GET", "/-/ready")[0] == 200)
    for number in (2, 3):
        assert post(url, usage(number))[2] == {"accepted": 1, "refused": 0}
    counters = keeper.stop()
    assert counters["applied"] == 3 and counters["http"]["stalled"] >= 2, counters


def at_the_end_what_was_taken_is_answered():
    for how in (signal.SIGTERM, signal.SIGINT):
        service = served()
        senders = [Sender(lambda: service.http, frames_of(number, 1000, 20))
                   for number in range(4)]
        until(lambda: sum(len(sender.answered) for sender in senders) > 500)
        counters = service.stop(how)
        answered = sum(len(sender.answered) for sender in senders)
        assert counters["applied"] == counters["events"] >= answered > 0, (counters, answered)
        # A sender may have read its last answer after the count above, never before.
        for sender in senders:
            sender.where = None
            sender.join(20)
        assert sum(len(sender.answered) for sender in senders) <= counters["applied"]


def requests_that_are_cut_short_or_nonsense_leave_it_serving():
    service = served(http__per_address=1000)
    lot = random.Random(5)
    whole = (b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\n"
             b"Content-Type: application/json\r\n"
             b"Content-Length: %d\r\n\r\n" % len(usage(1))) + usage(1).encode()
    for _ in range(300):
        bad = bytearray(whole[:lot.randrange(len(whole))])
        for _ in range(lot.randrange(4)):
            if bad:
                bad[lot.randrange(len(bad))] = lot.randrange(256)
        with socket.create_connection(address(service.http), 20) as client:
            client.sendall(bad)
            if lot.random() < 0.3:  # a reset instead of an end
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert post(service.http, usage(2))[0] == 200
    service.stop()


def a_service_that_recovers_is_healthy_and_not_ready():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    web = f"http://127.0.0.1:{port}"
    keeper = Keeper("recovers", web__bind=f"127.0.0.1:{port}").start()
    keeper.send(write("many", [usage(number) for number in range(200000)]))
    keeper.kill()
    for name in os.listdir(keeper.folder):
        if name.startswith("snapshot-"):
            os.remove(os.path.join(keeper.folder, name))
    keeper.start(wait=False)
    seen = set()

    def ready():
        try:
            states = [ask(web, "GET", where) for where in ("/-/healthy", "/-/ready")]
        except OSError:
            return False
        assert states[0][0] == 200, states
        seen.add((states[1][0], states[1][2]))
        return states[1][0] == 200
    until(ready)
    assert (503, b"the service starts or ends: try again\n") in seen, seen
    keeper.stop()


def with_a_certificate_it_speaks_tls_and_may_be_reached_by_others():
    key, certificate = path("tls.key"), path("tls.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=goodhart test",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
                    certificate], check=True, capture_output=True, timeout=60)
    os.chmod(key, 0o600)
    service = served(http__certificate=certificate, http__key=key)
    assert service.http.startswith("https://") and service.web.startswith("https://")
    trusting = ssl.create_default_context(cafile=certificate)
    connection = http.client.HTTPSConnection(*address(service.http), timeout=20,
                                             context=trusting)
    for number in range(3):  # on one connection
        connection.request("POST", "/v1/events", usage(number), JSON)
        reply = connection.getresponse()
        assert reply.status == 200 and json.loads(reply.read())["accepted"] == 1
    connection.close()
    assert b" 200 " not in raw(service.http, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert service.stop()["applied"] == 3
    everywhere = Service(otlp__bind="*:0", http__certificate=certificate, http__key=key)
    everywhere.stop()


main([
    a_frame_of_any_form_is_taken_and_each_refusal_is_told_with_its_place,
    only_some_refusals_are_told_but_all_are_counted,
    packed_and_in_chunks_it_is_the_same,
    each_refusal_of_a_request_says_why,
    a_bomb_costs_no_more_than_the_limit,
    who_is_slow_is_cut_off_and_others_are_served,
    one_address_has_so_many_connections,
    a_plain_address_for_all_the_world_is_refused_by_name,
    health_tells_what_the_service_is_in,
    a_token_speaks_for_whom_its_key_may_speak_until_it_is_revoked,
    under_pressure_it_says_so_and_nothing_is_lost_or_doubled,
    what_was_answered_is_in_the_log_after_any_kill,
    while_the_disk_is_full_it_is_not_ready_and_says_when_to_try_again,
    at_the_end_what_was_taken_is_answered,
    requests_that_are_cut_short_or_nonsense_leave_it_serving,
    a_service_that_recovers_is_healthy_and_not_ready,
    with_a_certificate_it_speaks_tls_and_may_be_reached_by_others,
])
