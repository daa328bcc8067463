"""Ports of loopback, for the servers that tests start."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def listens(port: int) -> bool:
    """Say whether somebody listens on a port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def await_listening(port: int, *, runs: Callable[[], bool], seconds: float = 120) -> None:
    """Return once somebody listens on a port. A machine that does much else besides is slow to start a server; one that
    ended at its start is not waited for."""
    ends = time.monotonic() + seconds
    while not listens(port):
        assert runs(), "it ended at its start"
        assert time.monotonic() < ends, f"nobody listens after {seconds} seconds"
        time.sleep(0.1)
