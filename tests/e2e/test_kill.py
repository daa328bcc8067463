"""Reads over HTTP into the real server, killed with -9 in the middle: nothing lost, nothing twice, every hit and no other.

`PLATEKEEPER_KILL_READS` sets the size: 5,000 in `make test`, 50,000 in `make crash`.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.serving import ask, environment_in, headers, post, serving
from tests.e2e.town import wanted

pytestmark = pytest.mark.crash

READS = int(os.environ.get("PLATEKEEPER_KILL_READS", "5000"))
BATCH = 100
HOT_EVERY = 250
LIST_LINES = 2_000


def test_no_acknowledged_read_is_lost_and_none_is_doubled(tmp_path: Path) -> None:
    environment = environment_in(tmp_path)
    key = ask(environment, "found", str(LIST_LINES))["key"]
    start = datetime.now(UTC) - timedelta(hours=2)
    batches = [_batch(first, start) for first in range(0, READS, BATCH)]

    with serving(environment) as (server, port):
        half = len(batches) // 2
        for batch in batches[:half]:
            assert post(port, key, batch)["stored"] == BATCH
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    acknowledged = half * BATCH
    assert acknowledged <= ask(environment, "count")["reads"] <= acknowledged + BATCH

    # The sender knows nothing of what arrived, so it repeats everything.
    with serving(environment) as (_, port):
        receipts = [post(port, key, batch) for batch in batches]
    found = ask(environment, "count")

    assert sum(receipt["repeated"] for receipt in receipts) >= acknowledged
    assert found["reads"] == found["batched"] == READS
    assert found["hits"] == sorted(wanted(number % LIST_LINES) for number in range(0, READS, HOT_EVERY))
    assert found["faults"] == []


def test_a_batch_cut_off_while_it_is_on_its_way_is_whole_or_absent(tmp_path: Path) -> None:
    environment = environment_in(tmp_path)
    key = ask(environment, "found", "10")["key"]
    start = datetime.now(UTC) - timedelta(hours=2)
    for round_number in range(3):
        with serving(environment) as (server, port):
            sender = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            sender.request("POST", "/api/reads", _batch(round_number * BATCH, start), headers(key))
            time.sleep(0.004 * (round_number + 1))  # somewhere between receiving, storing, matching and answering
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
            sender.close()
    with serving(environment) as (_, port):
        for round_number in range(3):
            post(port, key, _batch(round_number * BATCH, start))
    found = ask(environment, "count")
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
