"""Reads over HTTP into the real server, killed with -9 in the middle: nothing lost, nothing twice, every hit and no other.

`PLATEKEEPER_KILL_READS` sets the size: 5,000 in `make test`, 50,000 in `make crash`.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.e2e.town import wanted

READS = int(os.environ.get("PLATEKEEPER_KILL_READS", "5000"))
BATCH = 100
HOT_EVERY = 250
LIST_LINES = 2_000
ROOT = Path(__file__).parents[2]


def test_no_acknowledged_read_is_lost_and_none_is_doubled(tmp_path: Path) -> None:
    environment = _environment(tmp_path)
    key = _ask(environment, "found", str(LIST_LINES))["key"]
    start = datetime.now(UTC) - timedelta(hours=2)
    batches = [_batch(first, start) for first in range(0, READS, BATCH)]

    with _serving(environment) as (server, port):
        half = len(batches) // 2
        for batch in batches[:half]:
            assert _post(port, key, batch)["stored"] == BATCH
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    acknowledged = half * BATCH
    assert acknowledged <= _ask(environment, "count")["reads"] <= acknowledged + BATCH

    # The sender knows nothing of what arrived, so it repeats everything.
    with _serving(environment) as (_, port):
        receipts = [_post(port, key, batch) for batch in batches]
    found = _ask(environment, "count")

    assert sum(receipt["repeated"] for receipt in receipts) >= acknowledged
    assert found["reads"] == found["batched"] == READS
    assert found["hits"] == sorted(wanted(number % LIST_LINES) for number in range(0, READS, HOT_EVERY))
    assert found["faults"] == []


def test_a_batch_cut_off_while_it_is_on_its_way_is_whole_or_absent(tmp_path: Path) -> None:
    environment = _environment(tmp_path)
    key = _ask(environment, "found", "10")["key"]
    start = datetime.now(UTC) - timedelta(hours=2)
    for round_number in range(3):
        with _serving(environment) as (server, port):
            sender = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            sender.request("POST", "/api/reads", _batch(round_number * BATCH, start), _headers(key))
            time.sleep(0.004 * (round_number + 1))  # somewhere between receiving, storing, matching and answering
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
            sender.close()
    with _serving(environment) as (_, port):
        for round_number in range(3):
            _post(port, key, _batch(round_number * BATCH, start))
    found = _ask(environment, "count")
    assert found["reads"] == found["batched"] == 3 * BATCH
    assert found["hits"] == [wanted(0)]  # read 250 wants a line beyond this short list
    assert found["faults"] == []


def _batch(first: int, start: datetime) -> bytes:
    reads = []
    for number in range(first, first + BATCH):
        hot = number % HOT_EVERY == 0
        plate = wanted(number % LIST_LINES) if hot else f"R{number:07d}"
        at = start + timedelta(seconds=number * 5400 / max(READS, 1))
        reads.append({"plate": plate, "captured_at": at.isoformat(), "state": "NY", "event_id": f"e{number}"})
    return json.dumps(reads).encode()


def _post(port: int, key: str, body: bytes) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/api/reads", body, _headers(key))
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status == 200, content
    receipt: dict[str, Any] = json.loads(content)
    return receipt


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLATEKEEPER_")}
    return {
        **kept,
        "PLATEKEEPER_HOME": str(home / "home"),
        "DJANGO_SETTINGS_MODULE": "platekeeper.server.config.settings",
    }


def _ask(environment: dict[str, str], *question: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.e2e.town", *question]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


@contextmanager
def _serving(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    from platekeeper.server.cli.serve import server

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = subprocess.Popen(server("127.0.0.1", port), env=environment, start_new_session=True)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, "the server ended at its start"
            time.sleep(0.1)
        yield process, port
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)
