"""How long ten million lines of the portal's file take from bytes to a list ready for matching, and whether matching minds.

One process matches batch after batch against the list before. Another parses the new file and keeps its columns on disk
(every file and folder synced). Then the first maps the new list and matches on. What is compared is the 99th percentile
of a batch's time before, while the file is loaded, and in the seconds around the swap, all in this run.

`--quick` loads the smallest file only.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import resource
import sys
import tempfile
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.making import listed, reads
from platekeeper.core.formats.hotlists.new_york import FORMAT
from platekeeper.core.matching import HotListIndex, PlateBatch
from platekeeper.server.storage import indexes

SIZES = (100_000, 1_000_000, 10_000_000)
BATCH = 100
NOW = 1_772_539_200
QUIET_SECONDS = 3.0
AROUND = 0.5


def main() -> None:
    """Load files of growing size while another process matches, and print."""
    print(
        f"batches of {BATCH} reads against a list of the same size; columns synced to disk; progress told by the block"
    )
    heading = ("lines", "file MB", "CPU s", "lines/CPU s", "peak MB", "told", "p99 us", "loading", "swap")
    print("{:>10} {:>8} {:>7} {:>12} {:>8} {:>5} {:>8} {:>8} {:>6}".format(*heading))
    for size in SIZES[:1] if "--quick" in sys.argv else SIZES:
        with tempfile.TemporaryDirectory(prefix="platekeeper-bench-") as folder:
            _measure(size, Path(folder))


def _measure(size: int, folder: Path) -> None:
    content = file_of(size)
    _loaded(content, folder, "old")
    spawn = multiprocessing.get_context("spawn")
    swap, stop = spawn.Event(), spawn.Event()
    ours, theirs = spawn.Pipe()
    matching = spawn.Process(target=match_on, args=(folder, size, swap, stop, theirs))
    matching.start()
    ours.recv()
    time.sleep(QUIET_SECONDS)
    begun = time.monotonic()
    loader = spawn.Process(target=load, args=(folder, size, theirs))
    loader.start()
    cpu, told, peak = ours.recv()
    loader.join()
    swap.set()
    time.sleep(QUIET_SECONDS)
    stop.set()
    at, took, swapped = ours.recv()
    matching.join()
    usual = _p99(took[at < begun])
    loading, around = took[(at >= begun) & (at < swapped)], took[abs(at - swapped) < AROUND]
    print(
        f"{size:>10} {len(content) / 1e6:>8.0f} {cpu:>7.1f} {size / cpu:>12.0f} {peak / 1e6:>8.0f} {told:>5} {usual:>8.0f} "
        f"{_p99(loading) / usual:>7.1f}x {_p99(around) / usual:>5.1f}x",
        flush=True,
    )


def load(folder: Path, size: int, answer: multiprocessing.connection.Connection) -> None:
    """Load the file in this process; tell CPU seconds, how often progress was told, and the most memory there was."""
    content = file_of(size, reverse=True)
    begun = time.process_time()
    told = _loaded(content, folder, "new")
    cpu = time.process_time() - begun
    answer.send((cpu, told, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))


def match_on(folder: Path, size: int, swap: Event, stop: Event, answer: multiprocessing.connection.Connection) -> None:
    """Match batch after batch, against the new list once it is there; tell when each batch began and how long it took."""
    driven = reads(100_000, list_length=size, hits=100)
    batches = [driven[first : first + BATCH] for first in range(0, len(driven), BATCH)]
    current = HotListIndex.from_columns(indexes.mapped(folder, "old"))
    states, at, swapped, times = ["NY"] * BATCH, [NOW] * BATCH, 0.0, []
    for texts in batches:
        current.match(PlateBatch(texts), states=states, at=at)
    answer.send("ready")
    number = 0
    while not stop.is_set():
        begun = time.monotonic()
        if not swapped and swap.is_set():
            current, swapped = HotListIndex.from_columns(indexes.mapped(folder, "new")), begun
        current.match(PlateBatch(batches[number % len(batches)]), states=states, at=at)
        times.append((begun, (time.monotonic() - begun) * 1e6))
        number += 1
        time.sleep(0.001)  # a busy road, not a race: another process may have the core in between
    begins, took = np.array(times).T
    answer.send((begins, took, swapped))


def file_of(size: int, *, reverse: bool = False) -> bytes:
    """Return a file in the New York layout; `reverse` gives other bytes of the same plates."""
    rows = np.full((size, 25), ord(" "), np.uint8)
    plates = listed(size)[:: -1 if reverse else 1]
    rows[:, :10] = np.where(plates == 0, ord(" "), plates)
    rows[:, 10:12] = np.frombuffer(b"NY", np.uint8)
    rows[:, 12:14] = np.frombuffer(b"PC", np.uint8)
    rows[:, 15] = np.frombuffer(b"VPWX", np.uint8)[np.arange(size) % 4]
    rows[:, 16:23] = np.frombuffer(b"FORDBLK", np.uint8)
    rows[:, 23:] = np.frombuffer(b"\r\n", np.uint8)
    return b"HEADER\r\n" + rows.tobytes()


def _loaded(content: bytes, folder: Path, name: str) -> int:
    told = []
    hashlib.sha256(content)
    rows = FORMAT.rows(content)
    parsed = FORMAT.parse(rows, progress=lambda done, of: told.append(done / of))
    indexes.keep(folder, name, columns=HotListIndex(parsed.entries).columns(), rows=rows)
    return len(told)


def _p99(times: np.ndarray) -> float:
    return float(np.percentile(times, 99))


if __name__ == "__main__":
    main()
