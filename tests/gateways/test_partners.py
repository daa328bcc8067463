"""What another department's server may do to who asks it, over real sockets; and what is no address of one."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from platekeeper.server.gateways.ending import connect_within
from platekeeper.server.gateways.partners import NoAnswer, Unreachable, ask, server_at

MOST = 1000
OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def served(said: Callable[[socket.socket], object]) -> Iterator[str]:
    """Serve one connection for a block, whatever is asked; give the address."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            there, _ = listening.accept()
            with there:
                asked = b""
                while not asked.endswith(b"{}"):
                    asked += there.recv(65536)
                said(there)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(5)


def saying(content: bytes) -> Callable[[socket.socket], object]:
    return lambda there: there.sendall(content)


def drip(there: socket.socket) -> None:
    """Send a header a byte at a time, each in time by itself."""
    stop = threading.Event()
    there.sendall(OK)
    while not stop.wait(0.05):
        there.sendall(b"X")


def hold(there: socket.socket) -> None:
    """Say nothing until who asks has gone."""
    there.recv(1)


CASES: dict[str, tuple[Callable[[socket.socket], object], type[Exception], str]] = {
    "a megabyte said to come": (saying(OK + b"Content-Length: 1000000\r\n\r\n" + b"0" * 5000), NoAnswer, "larger than"),
    "chunks without end": (
        lambda there: there.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"400\r\n%b\r\n" % (b"0" * 1024) * 20),
        NoAnswer, "larger than",
    ),
    "broken off": (saying(OK + b"Content-Length: 100\r\n\r\nhalf"), Unreachable, "broke off"),
    "nothing": (lambda there: None, Unreachable, "broke off"),
    "no HTTP": (saying(b"SSH-2.0-OpenSSH\r\n"), NoAnswer, "no answer of a server"),
    "a redirect": (
        saying(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), NoAnswer, "302"
    ),
    "headers without end": (
        saying(OK + b"".join(b"X-%d: y\r\n" % number for number in range(200)) + b"\r\n"), NoAnswer, "no answer of a server"
    ),
    "a header in drops": (drip, Unreachable, "within 0.5 seconds"),
    "silence": (hold, Unreachable, "within 0.5 seconds"),
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
def test_a_hostile_server_is_left_in_time(what: str) -> None:
    said, error, words = CASES[what]
    with served(said) as address, pytest.raises(error, match=words):
        ask(address, b"{}", most=MOST, seconds=0.5)


def test_an_answer_is_returned() -> None:
    with served(saying(OK + b"Content-Length: 2\r\n\r\n{}")) as address:
        assert ask(address, b"{}", most=MOST) == b"{}"


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="cannot be reached"):
        ask("http://127.0.0.1:9", b"{}", most=MOST)


def test_all_addresses_of_a_name_together_have_the_time_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes a connection there: of each address who asks would learn nothing until its time is over."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        for _ in range(3):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        there = socket.getaddrinfo("127.0.0.1", full.getsockname()[1], type=socket.SOCK_STREAM)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: there * 20)
        began = time.monotonic()
        address = f"http://localhost:{full.getsockname()[1]}"
        with pytest.raises(Unreachable, match="cannot be reached"):
            ask(address, b"{}", most=MOST, seconds=0.3)
        with pytest.raises(OSError, match="timed out"):
            connect_within(full.getsockname(), 0.3)
        assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "address", ["", "lpr.example.gov", "http://lpr.example.gov", "https://", "https://me@lpr.example.gov", "ftp://127.0.0.1",
                "https://lpr.example.gov/?x=1", "https://lpr.example.gov:port", "https://lpr mill.gov", "https://lpr.gov/a b",
                "https://mill\x7f.gov", "https://127.1", "https://0x7f000001", "https://[::1"]
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError):
        server_at(address)


@pytest.mark.parametrize(
    "address", ["https://lpr.example.gov/plates/", "http://[::1]:8000", "http://localhost:8000", "https://müller.example.", "https://10.0.0.7:8443"]
)  # fmt: skip
def test_an_address_is_https_or_here(address: str) -> None:
    assert server_at(address)[0]
