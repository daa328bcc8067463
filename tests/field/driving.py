"""Run as `python -m tests.field.driving FOLDER SERVER KEY READS BOOT WRONG_BY BEGAN`: a unit that drives, until it is killed.

It sees every read up to READS that is not in its spool yet, some milliseconds apart, and sends what waits all the while.
Ends by itself once all are seen and sent.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from pathlib import Path

from platekeeper.field.link import Link, NotTaken
from platekeeper.field.spool import ALARM, OTHER
from platekeeper.field.upload import Uploader
from tests.field.making import SetClock, keep, now_of, sighting, spool_in


def main(*given: str) -> None:
    folder, server, key, reads, boot, wrong_by, began = given
    clock = SetClock(boot, int(wrong_by), int(began))
    seen = threading.Event()
    threading.Thread(target=_see, args=(Path(folder), clock, int(reads), seen), daemon=True).start()
    uploader = Uploader(spool_in(Path(folder), clock), Link(server, key, timeout=5))
    while True:
        last = seen.is_set()
        with contextlib.suppress(NotTaken):
            uploader.run()
            if last:
                return
        time.sleep(0.02)


def _see(folder: Path, clock: SetClock, reads: int, seen: threading.Event) -> None:
    spool = spool_in(folder, clock)
    for number in range(sum(spool.counts().values()), reads):
        keep(spool, sighting(number, at=now_of(clock)), rank=OTHER if number % 7 else ALARM)
        time.sleep(0.004)
    seen.set()


if __name__ == "__main__":
    main(*sys.argv[1:])
