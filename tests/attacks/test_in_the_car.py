"""Whoever is on the vehicle's own network, where a unit listens for its camera, over real sockets."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import HTTPServer
from time import monotonic

import pytest

from platekeeper.field.sources import posts
from platekeeper.field.sources.posts import Answer, Post, taking

HEAD = b"POST / HTTP/1.1\r\nHost: unit\r\nContent-Length: %d\r\n\r\n"
CHUNKS = b"POST / HTTP/1.1\r\nHost: unit\r\nTransfer-Encoding: chunked\r\n\r\n"


class Unit:
    """Takes messages one after the other, as a unit does."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.server = HTTPServer(("127.0.0.1", 0), taking(self._take))

    def _take(self, post: Post) -> Answer:
        self.taken.append(post.body)
        return 200, b"{}"

    def open(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.server.server_port), timeout=30)


@pytest.fixture
def unit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Unit]:
    monkeypatch.setattr(posts, "LONGEST", 1.0)
    made = Unit()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    with made.server:
        yield made
        made.server.shutdown()
        thread.join()


_HUGE = """
import struct
from platekeeper.field.frames import decoded, encoded
import numpy as np
small = encoded(np.zeros((32, 32, 3), np.uint8))
at = small.index(bytes([0xff, 0xc0])) + 5
for side in (9_000, 30_000, 65_500):
    assert decoded(small[:at] + struct.pack(">HH", side, side) + small[at + 4:]) is None, side
assert decoded(small) is not None
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


def test_a_picture_that_claims_to_be_huge_is_none() -> None:
    """In a process of its own, as the unit is one."""
    done = subprocess.run([sys.executable, "-c", _HUGE], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 300_000, "kilobytes"


def _said(unit: Unit, content: bytes) -> bytes:
    with closing(unit.open()) as camera:
        camera.sendall(HEAD % len(content) + content)
        return camera.recv(1000)


@pytest.mark.parametrize("begun", [b"POST / HT", HEAD % 100_000, CHUNKS, CHUNKS + b"ffff\r\n"])
def test_a_byte_at_a_time_does_not_keep_the_camera_waiting(begun: bytes, unit: Unit) -> None:
    over = threading.Event()

    def drip(sender: socket.socket) -> None:
        with closing(sender), suppress(OSError):
            sender.sendall(begun)
            while not over.wait(0.05):
                sender.sendall(b"x")

    (thread := threading.Thread(target=drip, args=(unit.open(),))).start()
    try:
        over.wait(0.3)
        began = monotonic()
        assert _said(unit, b"a read").startswith(b"HTTP/1.0 200")
        assert monotonic() - began < 10 and unit.taken == [b"a read"]
    finally:
        over.set()
        thread.join()


def test_half_a_message_is_not_taken(unit: Unit) -> None:
    with closing(unit.open()) as camera:
        camera.sendall(HEAD % 1000 + b"half a re")
        camera.shutdown(socket.SHUT_WR)
        camera.recv(1000)
    assert unit.taken == []
