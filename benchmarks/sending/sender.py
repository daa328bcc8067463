"""Sends reads over keep-alive connections as fast as they are acknowledged; bounded in count and in time.

Arguments: port, key, reads, reads a request, bytes of image, the hour (ISO) that the reads are captured in. Prints JSON:
seconds, p50 and p99 of a request in milliseconds, reads a second in each quarter. Bodies are made before the clock runs,
and answers are looked at only as far as their status and count, so that the sender takes as little of the machine as can be.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

CONNECTIONS = 32
LONGEST = 120.0  # seconds
HOT_EVERY = 1_000
ENTRIES = 10_000  # every hot list of the benchmark has the plates of at least so many lines

_STORED = re.compile(rb'"stored": ?(\d+)')


def main() -> None:
    """Make the requests, send them, print what was measured."""
    port, key, reads, batch, image, hour = sys.argv[1:]
    requests = _requests(key, int(reads), int(batch), int(image), datetime.fromisoformat(hour))
    times: list[tuple[float, float]] = []  # when each request was answered, and how long it took
    problems: list[str] = []
    waiting = iter(requests)
    taking = threading.Lock()
    deadline = time.monotonic() + LONGEST

    def send() -> None:
        try:
            with socket.create_connection(("127.0.0.1", int(port)), timeout=LONGEST) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while time.monotonic() < deadline:
                    with taking:
                        request = next(waiting, None)
                    if request is None:
                        return
                    begun = time.perf_counter()
                    connection.sendall(request)
                    answer = answer_of(connection)
                    ended = time.perf_counter()
                    stored = _STORED.search(answer)
                    if not answer.startswith(b"HTTP/1.1 200") or not stored or int(stored[1]) != int(batch):
                        problems.append(repr(answer[:300]))
                        return
                    times.append((ended, ended - begun))
        except OSError as error:
            problems.append(str(error))

    begun = time.perf_counter()
    threads = [threading.Thread(target=send) for _ in range(min(CONNECTIONS, len(requests)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    if problems or len(times) != len(requests):
        sys.exit(f"{len(times)} of {len(requests)} requests were taken; {problems[:2]}")
    print(json.dumps({"seconds": seconds, **_figures(times, begun, int(batch))}))


def _requests(key: str, reads: int, batch: int, image: int, hour: datetime) -> list[bytes]:
    run = secrets.token_hex(4)
    picture = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(image - 4)).decode() if image else None
    requests = []
    for first in range(0, reads, batch):
        sent = [_read(run, number, reads, hour, picture) for number in range(first, first + batch)]
        requests.append(request_of(key, sent))
    return requests


def request_of(key: str, reads: Sequence[Mapping[str, object]]) -> bytes:
    """Return a whole request that posts reads."""
    body = json.dumps(reads)
    head = (
        f"POST /api/reads HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


def _read(run: str, number: int, reads: int, hour: datetime, picture: str | None) -> dict[str, object]:
    plate = f"HVK{number // HOT_EVERY % ENTRIES:04d}W" if number % HOT_EVERY == 0 else f"R{number:07d}"
    at = hour + timedelta(seconds=3_599 * number / reads)
    return {
        "plate": plate, "captured_at": at.isoformat(), "event_id": f"{run}-{number}", "state": "NY",
        "confidence": 0.93, "direction": "north", **({"image": picture} if picture else {}),
    }  # fmt: skip


def answer_of(connection: socket.socket) -> bytes:
    """Read one whole answer; return its first two kilobytes."""
    held = connection.recv(1 << 16)
    while b"\r\n\r\n" not in held:
        held += _some(connection)
    head, _, body = held.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    missing = length - len(body)
    while missing > 0:
        more = _some(connection)
        held += more
        missing -= len(more)
    return held[:2048]


def _some(connection: socket.socket) -> bytes:
    more = connection.recv(1 << 16)
    if not more:
        raise OSError("the server closed the connection")
    return more


def _figures(times: list[tuple[float, float]], begun: float, batch: int) -> dict[str, object]:
    took = sorted(duration for _, duration in times)
    ends = sorted(ended for ended, _ in times)
    marks = [begun, *(ends[len(ends) * quarter // 4 - 1] for quarter in (1, 2, 3, 4))]
    counts = [len(ends) * quarter // 4 - len(ends) * (quarter - 1) // 4 for quarter in (1, 2, 3, 4)]
    return {
        "p50": 1000 * took[len(took) // 2],
        "p99": 1000 * took[min(len(took) - 1, len(took) * 99 // 100)],
        "quarters": [
            batch * count / max(later - sooner, 1e-9)
            for count, sooner, later in zip(counts, marks[:-1], marks[1:], strict=True)
        ],
    }


if __name__ == "__main__":
    main()
