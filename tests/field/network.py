"""A network that a test can cut: a port of loopback that hands on to a server, as long and as far as it is told to."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Network:
    """`up` and `down` are how many bytes still get through, to the server and back; None for all, 0 for no network."""

    server: int
    up: int | None = None
    down: int | None = None
    port: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hand_on(self, there: socket.socket) -> None:
        with contextlib.suppress(OSError), there:
            if self.up == 0 or self.down == 0:
                return
            with socket.create_connection(("127.0.0.1", self.server), timeout=30) as here:
                back = threading.Thread(target=self._pour, args=(here, there, "down"), daemon=True)
                back.start()
                self._pour(there, here, "up")
                back.join(30)

    def _pour(self, source: socket.socket, sink: socket.socket, way: str) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(4096):
                with self._lock:
                    left = getattr(self, way)
                    passing = piece if left is None else piece[:left]
                    if left is not None:
                        setattr(self, way, left - len(passing))
                sink.sendall(passing)
                if len(passing) < len(piece):
                    break
            else:
                sink.shutdown(socket.SHUT_WR)
                return
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def network(server: int) -> Iterator[Network]:
    """Give a network before a server, for a block."""
    made = Network(server)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made.port = int(listening.getsockname()[1])
        threading.Thread(target=_accept, args=(listening, made), daemon=True).start()
        yield made


def _accept(listening: socket.socket, made: Network) -> None:
    with contextlib.suppress(OSError):
        while True:
            there, _ = listening.accept()
            threading.Thread(target=made.hand_on, args=(there,), daemon=True).start()
