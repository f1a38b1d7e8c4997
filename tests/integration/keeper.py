"""A service that keeps what it was given, over several runs, and a disk that can fail it."""
import json
import os
import signal
import subprocess

from support import GOODHART, ROOT, ended, goodhart, path, start, text, until


class Keeper:
    """A service that keeps, on endpoints that stay the same from one run to the next."""

    def __init__(self, name, environment=None, **settings):
        self.folder, self.name = path(name), name
        self.environment = os.environ | (environment or {})
        self.settings = {"store.folder": self.folder, "alerts.heartbeat": 100,
                         "otlp.bind": "", "web.bind": ""} | {
            f"{group}.{option}": f"ipc://{path(f'{name}-{group}-{option}')}"
            for group, option in (
                ("intake", "pull"), ("durable", "bind"), ("alerts", "publish"),
                ("alerts", "replay"), ("control", "bind"))} | {
            option.replace("__", "."): value for option, value in settings.items()}
        self.alerts = self.settings["alerts.publish"]
        self.process, self.file = None, ()  # file: ("--config", FILE)

    def sets(self, names=None):
        return [word for name, value in self.settings.items() if not names or name in names
                for word in ("--set", f"{name}={value}")]

    def start(self, wait=True):
        self.process = start([GOODHART, "run", *self.file, *self.sets()], env=self.environment)
        if wait:
            until(self.ready, 60)
        return self

    def ready(self):
        errors = text(self.process.err_path)
        assert self.process.poll() is None, f"the service ended: {errors}"
        return "run: alerts on" in errors

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status, output, errors = ended(self.process, 60)
        assert status == 0, errors
        return json.loads(output)

    def sender(self, file, *arguments, timeout=60):
        return start([GOODHART, "send", "--durable", "--timeout", str(timeout), file,
                      *arguments, *self.sets({"durable.bind"})])

    def send(self, file, *arguments):
        status, output, errors = ended(self.sender(file, *arguments), 90)
        assert status == 0, errors
        return json.loads(output), errors

    def kept(self, since=0):
        """Every alert that can be had, as published."""
        status, output, errors = goodhart(
            "watch", "--json", "--since", str(since), "--idle", "1",
            *self.sets({"alerts.publish", "alerts.replay", "alerts.heartbeat"}))
        assert status == 0, errors
        return output.splitlines()

    def rederived(self, finding):
        return goodhart("review", "rederive", finding, *self.sets({"store.folder"}))

    def verified(self):
        return goodhart("log", "verify", self.folder)


def shim():
    library = path("fail_io.so")
    if not os.path.exists(library):
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library,
                        ROOT / "tests/integration/fail_io.c", "-ldl"], check=True)
    return library
