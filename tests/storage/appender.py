"""A process that appends batches until it is killed or, with a limit on file size, until the disk seems full.

Arguments: the store's folder, the number of the first batch, the largest file size in bytes (0: none), bytes to
add to every image. Prints `ack N` once batch N is stored, `full N` when it was refused; then it lifts the limit,
repeats the batch and goes on for five more.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from platekeeper.server.storage.errors import StoreFull
from platekeeper.server.storage.rows import Incoming
from platekeeper.server.storage.sqlite.store import SqliteReads
from tests.storage.making import JPEG, MIDNIGHT, batch_id, incoming

READS_A_BATCH = 10


def batch_of(number: int, *, padding: int = 0) -> list[Incoming]:
    """Return batch `number`: ten reads of its own on both sides of midnight, half of them with an image."""
    return [
        incoming(
            f"B{number}R{read}",
            at=MIDNIGHT + (number * READS_A_BATCH + read) * (-1) ** read,
            lpr=1 + read % 3,
            image=JPEG + f"{number}.{read}".encode() + bytes(padding) if read % 2 else None,
            batch=batch_id(number),
            received=number,
        )
        for read in range(READS_A_BATCH)
    ]


def main() -> None:
    """Append batch after batch."""
    folder, (first, largest, padding) = Path(sys.argv[1]), map(int, sys.argv[2:])
    if largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    last = None
    number = first
    with SqliteReads(folder).writer() as writer:
        while last is None or number <= last:
            arrivals = batch_of(number, padding=padding)
            try:
                writer.append(batch=batch_id(number), incoming=arrivals, received=number)
            except StoreFull:
                print("full", number, flush=True)
                resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                last = number + 5
                continue
            print("ack", number, flush=True)
            if number % 3:
                writer.settle(batch_id(number))
            number += 1


if __name__ == "__main__":
    main()
