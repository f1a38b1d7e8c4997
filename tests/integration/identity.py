"""A service that asks for keys, key files, and clients that show one of any state."""
import json
import os
import random
import time

import zmq
from zmq.utils.monitor import recv_monitor_message

from support import PATIENCE, Service, context, goodhart, path, text, until

SERVER = {}


def key_of(name, roles=("produce",), **more):
    public, secret = (key.decode() for key in zmq.curve_keypair())
    return {"name": name, "public": public, "roles": list(roles)} | more, secret


def keys_write(file, *keys):
    """As a whole, as a person's editor would, but never half."""
    with open(file + ".new", "w", encoding="utf-8") as out:
        json.dump({"keys": [key for key, _ in keys]}, out)
    os.replace(file + ".new", file)


def server_key():
    if not SERVER:
        status, _, errors = goodhart("key", "server", "--out", path("server.key"))
        assert status == 0, errors
        SERVER.update(json.loads(text(path("server.key"))))
    return path("server.key")


class Keyed(Service):
    """A service with a key file of its own."""

    def __init__(self, *keys, arguments=(), **settings):
        self.file = path(f"keys-{random.getrandbits(64):x}.json")
        keys_write(self.file, *keys)
        super().__init__(*arguments, **{
            "identity.keys": self.file, "identity.secret": server_key()} | settings)

    def told(self):
        errors = text(self.process.err_path)
        if self.process.poll() is not None:
            raise AssertionError(f"the service ended: {errors}")
        return errors if "alerts on" in errors and errors.endswith("\n") else None

    def socket(self, kind, key, server=None):
        """A client with this key (None: plain), and how its handshake ended: "in", "refused",
        "hung up" or None."""
        client = context.socket(kind)
        client.reconnect_ivl = 50
        client.sndtimeo = PATIENCE * 1000
        if key:
            client.curve_serverkey = (server or SERVER["public"]).encode()
            client.curve_publickey, client.curve_secretkey = (
                key[0]["public"].encode(), key[1].encode())
        monitor = client.get_monitor_socket()
        client.connect(self.events if kind == zmq.PUSH else self.alerts)
        names = {zmq.EVENT_HANDSHAKE_SUCCEEDED: "in",
                 zmq.EVENT_HANDSHAKE_FAILED_AUTH: "refused",
                 zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "no common language",
                 zmq.EVENT_DISCONNECTED: "hung up"}
        end, how = time.monotonic() + PATIENCE, None
        while not how and time.monotonic() < end:
            if monitor.poll(100):
                how = names.get(recv_monitor_message(monitor)["event"])
        client.disable_monitor()
        return client, how

    def producer(self, key):
        client, how = self.socket(zmq.PUSH, key)
        assert how == "in", how
        return client

    def counters_until(self, what):
        """Stops once the service has told, in its lines of counters, that `what` holds."""
        until(lambda: any(what(line) for line in self.summaries()))
        return self.stop()

    def summaries(self):
        for line in text(self.process.err_path).splitlines(keepends=True):
            if line.startswith("goodhart run: {") and line.endswith("\n"):  # all of it is there
                yield json.loads(line.removeprefix("goodhart run: "))
