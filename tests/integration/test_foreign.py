#!/usr/bin/python3
"""Pages of others in somebody's browser: neither a name that points here nor a form gets in."""
import socket

from support import Service, main, text, usage, write

ANY = "127.0.0.1:0"
JSON = "Content-Type: application/json"


def served(**settings):
    return Service(otlp__bind=ANY, web__bind=ANY, **settings)


def answer(url, first, *headers, body=""):
    """Status and text of a request of exactly these lines."""
    host, port = url.split("//")[1].rsplit(":", 1)
    lines = [first, *headers, f"Content-Length: {len(body)}", "Connection: close", "", body]
    with socket.create_connection((host.strip("[]"), int(port)), 20) as client:
        client.sendall("\r\n".join(lines).encode())
        reply = b""
        while part := client.recv(65536):
            reply += part
    return int(reply.split()[1]), reply.decode()


def events(url, *headers, number=1):
    return answer(url, "POST /v1/events HTTP/1.1", JSON, *headers, body=usage(number))


def a_name_that_points_here_is_not_ours_unless_it_is_listed():
    service = served(http__hosts="intake.example,intake")
    port = service.http.rsplit(":", 1)[1]
    for host in ("127.0.0.1", f"127.0.0.1:{port}", "localhost", f"LOCALHOST:{port}",
                 "localhost.", "[::1]:4318", "10.1.2.3", "Intake.Example:80", "intake"):
        assert events(service.http, f"Host: {host}")[0] == 200, host
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example",
                 "localhost.evil.example", "intake.example.evil", "[::1]x", ""):
        status, said = events(service.http, f"Host: {host}")
        assert status == 421 and "http.hosts" in said and '{"error"' in said, (host, said)
        status, said = answer(service.web, "POST /-/reload HTTP/1.1", f"Host: {host}")
        assert status == 421 and "http.hosts" in said, (host, said)
    assert events(service.http)[0] == 400  # HTTP/1.1 without Host
    status, said = events(service.http, "Host: localhost", "Host: evil.example")
    assert status == 400, said
    assert answer(service.web, "GET /-/healthy HTTP/1.0")[0] == 200
    told = service.stop()
    assert told["http"]["otlp"]["foreign"] == 7 and told["http"]["web"]["foreign"] == 7, told
    assert told["applied"] == 1 and told["duplicates"] == 8, told


def a_page_of_somebody_else_neither_sends_nor_reloads():
    people = write("people.yaml", ["people: [{actor: ada}]"])
    service = served(identity__people=people)
    for sign in ("Origin: http://evil.example", "Origin: null", "Origin: http://localhost:1",
                 "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"):
        status, said = events(service.http, "Host: localhost", sign)
        assert status == 403 and "pages of others" in said, (sign, said)
        status, said = answer(service.web, "POST /-/reload HTTP/1.1", "Host: localhost",
                              "Content-Type: application/x-www-form-urlencoded", sign)
        assert status == 403, (sign, said)
        assert answer(service.web, "GET /metrics HTTP/1.1", "Host: 127.0.0.1", sign)[0] == 403
    assert "read again" not in text(service.process.err_path)
    for signs in ([], ["Origin: http://localhost:99", "Sec-Fetch-Site: same-origin"],
                  ["Sec-Fetch-Site: none"]):
        status, said = answer(service.web, "POST /-/reload HTTP/1.1", "Host: localhost:99",
                              *signs)
        assert status == 200 and "read again" in said, (signs, said)
    metrics = answer(service.web, "GET /metrics HTTP/1.1", "Host: localhost")[1]
    assert 'goodhart_http_foreign_total{server="web"}' in metrics
    told = service.stop()
    assert told["applied"] == 0 and told["http"]["otlp"]["foreign"] == 5, told
    assert told["http"]["web"]["foreign"] == 10, told


def beyond_this_machine_names_are_the_operators():
    service = Service(otlp__bind="*:0", identity__insecure="true")
    url = "http://127.0.0.1:" + service.http.rsplit(":", 1)[1]
    assert events(url, "Host: goodhart.tools.svc:4318")[0] == 200
    status, said = events(url, "Host: evil.example", "Origin: http://evil.example")
    assert status == 403, said
    assert service.stop()["http"]["otlp"]["foreign"] == 1


main([
    a_name_that_points_here_is_not_ours_unless_it_is_listed,
    a_page_of_somebody_else_neither_sends_nor_reloads,
    beyond_this_machine_names_are_the_operators,
])
