"""Appends 100 reads to today 20 times a second until it reads a line. Arguments: engine, folder, URL of the database.

Prints a line of JSON once it has begun, and another at the end: when each append began (monotonic) and how long it took,
in seconds.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.department.engines import department
from benchmarks.department.running import stopped_by_a_line
from benchmarks.street import DAYS, rows_of
from platekeeper.server.storage.rows import Incoming, ReadRow

BATCH, A_SECOND = 100, 20

name, folder, url = sys.argv[1:]
reads = [ReadRow._make(row[1 : 1 + len(ReadRow._fields)]) for row in rows_of(DAYS[0], BATCH * len(DAYS))]
appends: list[tuple[float, float]] = []
stopped = stopped_by_a_line()
with department(name, Path(folder), url).store().writer() as writer:
    print(json.dumps({"begun": True}), flush=True)
    due = time.monotonic()
    while not stopped.is_set():
        now = time.time_ns() // 1000
        incoming = [Incoming(read._replace(at=now, received=now, id=secrets.token_bytes(16))) for read in reads]
        batch, begun = secrets.token_bytes(16), time.monotonic()
        writer.append(batch=batch, incoming=incoming, received=now)
        writer.settle(batch)
        appends.append((begun, time.monotonic() - begun))
        due = max(due + 1 / A_SECOND, time.monotonic() - 1)
        time.sleep(max(0.0, due - time.monotonic()))
print(json.dumps({"appends": appends}), flush=True)
