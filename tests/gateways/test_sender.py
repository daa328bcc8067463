"""What a server may answer instead of a receipt."""

from __future__ import annotations

import socket
from threading import Thread

import pytest

from platekeeper.server.gateways.sender import NotDelivered, Sender


def _answered(said: bytes) -> NotDelivered:
    """Return what comes of posting to a server that answers so and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(said)

        thread = Thread(target=answer)
        thread.start()
        with pytest.raises(NotDelivered) as refused:
            Sender(f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=10).post("/api/reads", b"[]", key="k")
        thread.join()
    return refused.value


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"", 0), (b"no HTTP at all\r\n\r\n", 0), (b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{", 0),
        (b"HTTP/1.1 200 OK\r\n\r\nno JSON", 0), (b"HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{", 500),
    ],
)  # fmt: skip
def test_whatever_is_no_receipt_is_not_delivered(said: bytes, status: int) -> None:
    refused = _answered(said)
    assert (refused.status, refused.again) == (status, None)
    assert str(refused)


@pytest.mark.parametrize(("told", "again"), [("7", 7), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None)])
def test_it_is_said_when_the_server_wants_it_again(told: str, again: int | None) -> None:
    refused = _answered(f"HTTP/1.1 429 Slow\r\nRetry-After: {told}\r\nContent-Length: 0\r\n\r\n".encode())
    assert (refused.status, refused.again) == (429, again)
