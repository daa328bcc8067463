"""Ends a connection under whoever waits for it: a socket's own limit begins anew with every byte that comes."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType


class Ending:
    """Within it, connections that are watched are cut off once so many seconds are over."""

    def __init__(self, seconds: float) -> None:
        self._late, self._watched = threading.Event(), list[socket.socket]()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    @property
    def is_late(self) -> bool:
        """Whether the time is over."""
        return self._late.is_set()

    def watch(self, connected: socket.socket) -> None:
        """Cut this off, too, once the time is over, which is at once if it is."""
        self._watched.append(connected)
        if self.is_late:
            _cut(connected)

    def __enter__(self) -> Ending:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self._late.set()
        for connected in tuple(self._watched):
            _cut(connected)


def connect_within(place: tuple[str, int], timeout: float, source: object = None) -> socket.socket:
    """Connect as `socket.create_connection` does, but to all addresses of a name within `timeout`, instead of to each."""
    until, last = time.monotonic() + timeout, OSError(f"{place[0]} has no address.")
    for family, kind, protocol, _name, address in socket.getaddrinfo(*place, type=socket.SOCK_STREAM):
        if (left := until - time.monotonic()) <= 0:
            break
        connecting = socket.socket(family, kind, protocol)
        try:
            connecting.settimeout(left)
            connecting.connect(address)
            connecting.settimeout(timeout)
            return connecting
        except OSError as error:
            connecting.close()
            last = error
    raise last


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)  # of the socket itself, also below TLS
