"""Who alerts are told: web servers that fail in every way, a mail server, an Alertmanager; and
what became of the alerts."""
import email
import email.policy
import http.server
import json
import os
import socket
import socketserver
import sqlite3
import ssl
import subprocess
import threading
import time
import urllib.request

from support import path, start, until


def certificate():
    """A certificate for localhost and its key, made once."""
    files = path("peer.crt"), path("peer.key")
    if not os.path.exists(files[0]):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
             "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out",
             files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files


def tls_context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*certificate())
    return made


def secret(name, text):
    """A file that only its owner may read."""
    with open(path(name), "w", encoding="utf-8", opener=lambda file, flags: os.open(
            file, flags, 0o600)) as file:
        file.write(text)
    return path(name)


class Web:
    """A web server. `answer(number, post)` says what happens to each post: a status, a status
    with headers, "drop" (hang up), or seconds to sleep before 200. None is 200."""

    def __init__(self, answer=lambda number, post: None, port=0, tls=False):
        self.posts, self.taken, self.lock = [], [], threading.Lock()
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                post = {"path": self.path, "headers": dict(self.headers), "body": body,
                        "at": time.monotonic()}
                with web.lock:
                    web.posts.append(post)
                    number = len(web.posts)
                    verdict = answer(number, post)
                self.judge(verdict, post)

            def judge(self, verdict, post):
                headers = {}
                if isinstance(verdict, float):
                    time.sleep(verdict)
                    verdict = None
                if verdict == "drop":
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                if isinstance(verdict, tuple):
                    verdict, headers = verdict
                status = verdict or 200
                if status == 200:
                    with web.lock:
                        web.taken.append(post)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.handle_error = lambda *arguments: None
        if tls:
            self.server.socket = tls_context().wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True,
                         kwargs={"poll_interval": 0.05}).start()

    def bodies(self):
        with self.lock:
            return [post["body"].decode() for post in self.taken]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Mail:
    """A mail server; with `tls` it offers STARTTLS, `answer(command)` may refuse a command."""

    def __init__(self, tls=False, answer=lambda command: None):
        self.mails, self.commands = [], []
        mail = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, line):
                self.wfile.write(line.encode() + b"\r\n")

            def handle(self):
                to, secure = [], False
                self.say("220 peer")
                while line := self.rfile.readline().decode().strip():
                    word = line.split()[0].upper()
                    mail.commands.append((secure, line))
                    if refusal := answer(line):
                        self.say(refusal)
                    elif word == "EHLO":
                        self.wfile.write(b"250-peer\r\n")
                        if tls and not secure:
                            self.wfile.write(b"250-STARTTLS\r\n")
                        self.say("250 AUTH PLAIN")
                    elif word == "STARTTLS" and tls:
                        self.say("220 go on")
                        self.connection = tls_context().wrap_socket(
                            self.connection, server_side=True)
                        self.rfile = self.connection.makefile("rb")
                        self.wfile = self.connection.makefile("wb", buffering=0)
                        secure = True
                    elif word == "AUTH":
                        self.say("334 ")
                        mail.commands.append((secure, self.rfile.readline().decode().strip()))
                        self.say("235 welcome")
                    elif word == "RCPT":
                        to.append(line.split(":", 1)[1].strip("<> "))
                        self.say("250 ok")
                    elif word == "DATA":
                        self.say("354 go on")
                        mail.mails.append((to, self.data()))
                        self.say("250 taken")
                    elif word == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 ok" if word in ("MAIL", "RSET", "NOOP") else "502 what")

            def data(self):
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line[1:] if line.startswith(b"..") else line)
                return email.message_from_bytes(b"".join(lines), policy=email.policy.default)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

            def handle_error(self, request, address):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"smtp://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True,
                         kwargs={"poll_interval": 0.05}).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Alertmanager:
    """Debian's, a process of our own with a folder of its own, that tells a web server of what
    it would tell people."""

    def __init__(self, receiver):
        port, config = free_port(), path("alertmanager.json")
        with open(config, "w", encoding="utf-8") as file:
            json.dump({"route": {"receiver": "peer", "group_by": ["team", "detector"],
                                 "group_wait": "1s", "group_interval": "1s",
                                 "repeat_interval": "1h"},
                       "receivers": [{"name": "peer", "webhook_configs": [
                           {"url": receiver, "send_resolved": True}]}]}, file)
        self.url = f"http://127.0.0.1:{port}"
        self.process = start(["prometheus-alertmanager", f"--config.file={config}",
                              f"--storage.path={path('alertmanager')}",
                              f"--web.listen-address=127.0.0.1:{port}",
                              "--cluster.listen-address="])
        until(self.ready)

    def get(self, what):
        with urllib.request.urlopen(f"{self.url}/api/v2/{what}", timeout=10) as answer:
            return json.load(answer)

    def ready(self):
        assert self.process.poll() is None
        try:
            return self.get("status")
        except OSError:
            return False

    def close(self):
        self.process.terminate()
        self.process.wait(20)


def alerts_of(bodies):
    return [json.loads(body) for body in bodies]


def finding(alert):
    return alert["data"]["finding"]


def newest(alerts):
    """The last revision of each finding, by its id."""
    return {finding(alert): alert for alert in alerts}


def counts(keeper, name):
    """Of one sink, from the counters of a service that has ended."""
    return next(sink for sink in keeper["sinks"] if sink["sink"].startswith(name))


def settled(keeper, name, alerts):
    """Waits until the position that is kept is that of the newest alert."""
    def there():
        with sqlite3.connect(f"file:{keeper.folder}/sinks.db?mode=ro", uri=True) as database:
            rows = dict(database.execute("SELECT name, position FROM sink"))
        return rows[name] == alerts

    until(there, 60)


def adds_up(sink, alerts):
    fates = ("told", "collapsed", "filtered", "refused", "unknown", "unreadable")
    assert sum(sink[fate] for fate in fates) == alerts, sink
    assert sink["position"] == alerts and sink["waiting"] == 0, sink


def in_order(got, wanted):
    """All of `wanted` came, doubles left out, in this order."""
    assert list(dict.fromkeys(got)) == wanted, (len(set(got)), len(wanted))
