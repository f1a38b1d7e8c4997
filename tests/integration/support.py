"""What the tests over real sockets share: TAP, processes with an end, strangers' sockets.

Every wait has a bound. A process that a test started is ended by its id."""
import atexit
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback

import zmq

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "build/node"
GOODHART = os.environ.get("GOODHART", str(ROOT / "build/goodhart"))
PATIENCE = 20  # seconds that anything may take on a busy machine
ANYWHERE = "tcp://127.0.0.1:*"
NO_HTTP = ("--set", "otlp.bind=", "--set", "web.bind=", "--set", "control.bind=")
BASE_MS = 1790000000000

folder = tempfile.TemporaryDirectory(prefix="goodhart-test-")
started = []
context = zmq.Context()
context.linger = 0


@atexit.register
def end_all():
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()
    context.destroy(0)
    folder.cleanup()


def path(name):
    return os.path.join(folder.name, name)


def start(arguments, **options):
    """A process whose two outputs go to files, so that nothing can block on a pipe."""
    number = len(started)
    out, err = open(path(f"{number}.out"), "w+b"), open(path(f"{number}.err"), "w+b")
    options = {"stdout": out, "stderr": err, "stdin": subprocess.DEVNULL} | options
    process = subprocess.Popen(arguments, **options)
    process.out_path, process.err_path = out.name, err.name
    out.close()
    err.close()
    started.append(process)
    return process


def text(file):
    with open(file, encoding="utf-8", errors="surrogateescape") as opened:
        return opened.read()


def ended(process, patience=PATIENCE):
    """Exit status, output, errors of a process that ends by itself."""
    process.wait(patience)
    return process.returncode, text(process.out_path), text(process.err_path)


def goodhart(*arguments, patience=PATIENCE):
    return ended(start([GOODHART, *arguments]), patience)


def done(*arguments, patience=120):
    """Output of a command that has to succeed."""
    status, output, errors = goodhart(*arguments, patience=patience)
    assert status == 0, errors
    return output


def company(actors, weeks, gamers, seed):
    """The log of a simulated company; labels.json stands beside it."""
    done("simulate", "--actors", str(actors), "--weeks", str(weeks), "--gamers", str(gamers),
         "--seed", str(seed), "--out", path("company"))
    return path("company/events.ndjson")


def replayed(*arguments):
    """What a replay publishes: a body for each alert."""
    done("replay", *arguments, "--alerts", path("replay.ndjson"))
    return text(path("replay.ndjson")).splitlines()


def until(what, patience=PATIENCE):
    """The first true value of what()."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        value = what()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"nothing within {patience} s")


class Service:
    """A running `goodhart run`."""

    def __init__(self, *arguments, **settings):
        settings = {"intake.pull": ANYWHERE, "alerts.publish": ANYWHERE,
                    "alerts.heartbeat": 100, "otlp.bind": "", "web.bind": "",
                    "control.bind": ANYWHERE} | {
            name.replace("__", "."): value for name, value in settings.items()}
        command = [GOODHART, "run", *arguments]
        for name, value in settings.items():
            command += ["--set", f"{name}={value}"]
        self.process = start(command)
        told = until(self.told)
        self.events = next(iter(re.findall(r"run: events on (\S+)", told)), None)
        self.alerts = re.search(r"run: alerts on (\S+)", told)[1]
        self.http = next(iter(re.findall(r"OTLP and events on (\S+)", told)), None)
        self.web = next(iter(re.findall(r"health on (\S+)", told)), None)
        self.durable = next(iter(re.findall(r"durable events on (\S+)", told)), None)
        self.control = next(iter(re.findall(r"settings on (\S+)", told)), None)
        self.replay = next(iter(re.findall(r"replay of alerts on (\S+)", told)), None)

    def told(self):
        errors = text(self.process.err_path)
        if self.process.poll() is not None:
            raise AssertionError(f"the service ended: {errors}")
        return errors if "run: alerts on" in errors and errors.endswith("\n") else None

    def stop(self, how=signal.SIGTERM):
        """Ends it and returns its counters."""
        self.process.send_signal(how)
        return self.counters()

    def counters(self):
        status, output, errors = ended(self.process)
        assert status == 0, errors
        return json.loads(output)

    def push(self, *frames):
        """Frames, each one message or a list of parts, from a producer that then leaves."""
        socket = context.socket(zmq.PUSH)
        socket.connect(self.events)
        for frame in frames:
            parts = frame if isinstance(frame, list) else [frame]
            socket.send_multipart([p.encode() if isinstance(p, str) else p for p in parts])
        socket.close(PATIENCE * 1000)

    def send(self, file, *arguments):
        status, output, errors = goodhart("send", file, "--endpoint", self.events, *arguments)
        assert status == 0, errors
        return json.loads(output)


class Subscriber:
    """SUB with prefixes, from before the first alert on."""

    def __init__(self, service, *topics, wait=True):
        self.socket = context.socket(zmq.SUB)
        self.socket.connect(service.alerts)
        for topic in topics:
            self.socket.subscribe(topic)
        self.socket.subscribe("heartbeat/")
        if wait:
            self.next()

    def next(self, patience=PATIENCE):
        """(topic, sequence, body) or None."""
        if not self.socket.poll(patience * 1000):
            return None
        topic, sequence, body = self.socket.recv_multipart()
        assert len(sequence) == 8
        return topic.decode(), struct.unpack(">Q", sequence)[0], body.decode()

    def collect(self, newest):
        """Alerts until the heartbeat says that `newest` is out."""
        alerts = []
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            topic, sequence, body = self.next()
            if topic != "heartbeat/":
                alerts.append((topic, sequence, body))
            elif sequence >= newest:
                return alerts
        raise AssertionError("no heartbeat with the newest sequence")


def packages_install():
    """What Node needs, in build/, so that the source tree stays clean."""
    wanted = json.loads(text(ROOT / "tests/integration/package.json"))["dependencies"]
    if all((PACKAGES / "node_modules" / name).is_dir() for name in wanted):
        return
    PACKAGES.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "tests/integration/package.json", PACKAGES)
    done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts",
                           "--no-package-lock"], cwd=PACKAGES, capture_output=True, timeout=180)
    assert done.returncode == 0, done.stderr.decode()


def python_install(*wanted):
    """A Python that has these packages, in build/; their versions belong to the names."""
    folder = ROOT / "build/python"
    python = folder / "bin/python"
    stamp, names = folder / "installed", " ".join(wanted)
    if stamp.is_file() and stamp.read_text() == names:
        return str(python)
    for command in (["/usr/bin/python3", "-m", "venv", folder],
                    [python, "-m", "pip", "install", "--quiet", *wanted]):
        done_ = subprocess.run(command, capture_output=True, timeout=240)
        assert done_.returncode == 0, done_.stderr.decode()
    stamp.write_text(names)
    return str(python)


def usage(number, **keys):
    """One honest event as a line."""
    event = {"id": f"e{number}", "ts": BASE_MS + number * 1000, "actor": f"user{number % 7}",
             "model": "m", "input_tokens": 100, "output_tokens": 10}
    return json.dumps(event | keys)


def write(name, lines):
    with open(path(name), "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)
    return path(name)


def lines(file):
    return [json.loads(line) for line in text(file).splitlines()]


def main(tests):
    """Runs the functions in order; their names are the sentences."""
    print(f"1..{len(tests)}", flush=True)
    if not os.access(GOODHART, os.X_OK):
        print(f"Bail out! {GOODHART} is not there: make all")
        sys.exit(1)
    failed = 0
    for number, test in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} - {test.__name__}", flush=True)
        except Exception:
            failed += 1
            for line in traceback.format_exc(limit=-3).splitlines():
                print(f"# {line}")
            print(f"not ok {number} - {test.__name__}", flush=True)
    sys.exit(failed > 0)
