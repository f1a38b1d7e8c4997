"""Peers that speak ZMTP 3.0 themselves, so that they can say in a handshake what no library
lets its users say: NULL and CURVE clients with metadata of their own."""
import ctypes
import socket
import struct

from zmq.utils import z85

sodium = ctypes.CDLL("libsodium.so.23")


def box(nonce, message, public, secret):
    out = ctypes.create_string_buffer(len(message) + 16)
    assert sodium.crypto_box_easy(out, message, ctypes.c_ulonglong(len(message)), nonce,
                                  public, secret) == 0
    return out.raw


def unbox(nonce, sealed, public, secret):
    out = ctypes.create_string_buffer(len(sealed) - 16)
    assert sodium.crypto_box_open_easy(out, sealed, ctypes.c_ulonglong(len(sealed)), nonce,
                                       public, secret) == 0
    return out.raw


def pair():
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    assert sodium.crypto_box_keypair(public, secret) == 0
    return public.raw, secret.raw


def properties(**values):
    packed = b""
    for name, value in values.items():
        name, value = name.replace("_", "-").encode(), value.encode()
        packed += bytes([len(name)]) + name + struct.pack(">I", len(value)) + value
    return packed


class Raw:
    """A connection with its greeting done."""

    def __init__(self, endpoint, mechanism):
        host, port = endpoint.removeprefix("tcp://").rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), 10)
        self.socket.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + mechanism.ljust(20, b"\0") +
                            bytes(32))
        self.theirs = self.read(64)

    def read(self, size):
        got = b""
        while len(got) < size:
            piece = self.socket.recv(size - len(got))
            if not piece:
                raise ConnectionError("hung up")
            got += piece
        return got

    def frame(self):
        """(is a command, body)"""
        flags = self.read(1)[0]
        size = struct.unpack(">Q", self.read(8))[0] if flags & 2 else self.read(1)[0]
        return bool(flags & 4), self.read(size)

    def send(self, body, command=False):
        long = len(body) > 255
        self.socket.sendall(bytes([4 * command + 2 * long]) +
                            struct.pack(">Q" if long else ">B", len(body)) + body)

    def close(self):
        self.socket.close()


class RawNull(Raw):
    def __init__(self, endpoint, **metadata):
        super().__init__(endpoint, b"NULL")
        self.send(b"\x05READY" + properties(Socket_Type="PUSH", **metadata), command=True)
        self.frame()

    def message(self, body):
        self.send(body)


class RawCurve(Raw):
    """Keys are Z85, as in the key file."""

    def __init__(self, endpoint, server, public, secret, **metadata):
        super().__init__(endpoint, b"CURVE")
        server, public, secret = (z85.decode(key) for key in (server, public, secret))
        short_public, self.secret = pair()
        self.count = 0
        hello = box(b"CurveZMQHELLO---" + self.nonce(), bytes(64), server, self.secret)
        self.send(b"\x05HELLO\x01\x00" + bytes(72) + short_public +
                  struct.pack(">Q", self.count) + hello, command=True)
        _, welcome = self.frame()
        inside = unbox(b"WELCOME-" + welcome[8:24], welcome[24:], server, self.secret)
        self.server, cookie = inside[:32], inside[32:]
        vouch = box(b"VOUCH---" + bytes(16), short_public + server, self.server, secret)
        inside = public + bytes(16) + vouch + properties(Socket_Type="PUSH", **metadata)
        sealed = box(b"CurveZMQINITIATE" + self.nonce(), inside, self.server, self.secret)
        self.send(b"\x08INITIATE" + cookie + struct.pack(">Q", self.count) + sealed,
                  command=True)
        _, self.answer = self.frame()

    def nonce(self):
        self.count += 1
        return struct.pack(">Q", self.count)

    def message(self, body):
        sealed = box(b"CurveZMQMESSAGEC" + self.nonce(), b"\0" + body, self.server, self.secret)
        self.send(b"\x07MESSAGE" + struct.pack(">Q", self.count) + sealed)
