"""A new hot list is loaded and swapped in while reads pour in and the server is killed: all stored once, every hit right.

What should be a hit is computed again here from plain sets. `PLATEKEEPER_SWAP_LINES` and `PLATEKEEPER_SWAP_READS` set the
sizes: small in `make test`, ten million lines and 200,000 reads in `make crash`.
"""

from __future__ import annotations

import http.client
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest

from tests.e2e.serving import ROOT, ask, environment_in, headers, serving
from tests.e2e.town import list_of

pytestmark = pytest.mark.crash

LINES = int(os.environ.get("PLATEKEEPER_SWAP_LINES", "20000"))
READS = int(os.environ.get("PLATEKEEPER_SWAP_READS", "6000"))
BATCH = 100
HOT_EVERY = 20
SENDERS = 4
KINDS = ("both", "old", "new", "partial")
PATTERN = "KP?7*"


def test_reads_while_a_list_is_swapped_and_the_server_is_killed(tmp_path: Path) -> None:
    environment = environment_in(tmp_path)
    key = ask(environment, "found", "1")["key"]
    ask(environment, "partial", PATTERN)
    old, new = (_list_file(tmp_path / name, name) for name in ("old", "new"))
    _load(environment, old).wait()
    start = datetime.now(UTC) - timedelta(hours=2)
    batches = [_batch(first, start) for first in range(0, READS, BATCH)]
    third = len(batches) // 3
    killed = threading.Event()
    with serving(environment) as (server, port):
        _send(port, key, batches[:third], killed)
        loading = _load(environment, new)
        on_its_way = batches[third : third + third // 2]
        middle = threading.Thread(target=_send, args=(port, key, on_its_way, killed))
        middle.start()
        time.sleep(0.5)
        killed.set()
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        middle.join()
    killed.clear()
    with serving(environment) as (_, port):
        _send(port, key, batches[third : 2 * third], killed)  # what arrived is sent again: the sender cannot know
        assert loading.wait(timeout=600) == 0
        _send(port, key, batches[2 * third :], killed)

    found = ask(environment, "count")
    assert found["reads"] == found["batched"] == READS
    assert found["faults"] == []
    hits = set(found["hits"])
    assert len(hits) == len(found["hits"])
    first, last = range(third * BATCH), range(2 * third * BATCH, READS)
    must = {*_driven(range(READS), "both", "partial"), *_driven(first, "old"), *_driven(last, "new")}
    may = {*_driven(range(2 * third * BATCH), "old"), *_driven(range(third * BATCH, READS), "new")}
    assert must - hits == set()
    assert hits - must - may == set()


def _batch(first: int, start: datetime) -> bytes:
    reads = []
    for number in range(first, first + BATCH):
        at = start + timedelta(seconds=number * 5400 / READS)
        reads.append({"plate": _plate(number), "captured_at": at.isoformat(), "state": "NY", "event_id": f"e{number}"})
    return json.dumps(reads).encode()


def _plate(number: int) -> str:
    return _hot(number) if number % HOT_EVERY == 0 else f"RV{number:07d}"


def _kind(number: int) -> str:
    return KINDS[number // HOT_EVERY % len(KINDS)]


def _hot(number: int) -> str:
    kind = _kind(number)
    if kind == "partial":
        return f"KP{number % 10}7{number // 10:05d}"
    return f"{ {'both': 'KM', 'old': 'KH', 'new': 'KW'}[kind] }{number:06d}"


def _driven(numbers: Iterable[int], *kinds: str) -> list[str]:
    return [_hot(number) for number in numbers if number % HOT_EVERY == 0 and _kind(number) in kinds]


def _list_file(path: Path, kind: str) -> Path:
    strangers = (f"HX{number:07d}" for number in range(LINES))
    path.write_bytes(list_of(chain(strangers, _driven(range(READS), "both", kind))))
    return path


def _load(environment: dict[str, str], file: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "platekeeper.server.cli.main", "hotlist", "load", str(file)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def _send(port: int, key: str, batches: Iterable[bytes], killed: threading.Event) -> None:
    """Send batches over several connections kept open; each is acknowledged, unless the server was killed."""
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for batch in batches:
        waiting.put(batch)
    senders = [threading.Thread(target=_sender, args=(port, key, waiting, killed)) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()


def _sender(port: int, key: str, waiting: queue.SimpleQueue[bytes], killed: threading.Event) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection, suppress(queue.Empty):
        while True:
            batch = waiting.get_nowait()
            try:
                connection.request("POST", "/api/reads", batch, headers(key))
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException):
                if killed.is_set():
                    return
                raise
            assert answer.status == 200, content
