"""A process that seals until it is killed or, with a limit on file size, until the disk seems full.

Arguments: the store's folder, the largest file size in bytes (0: none). Takes every batch for settled. Prints `sealed N`
after each run that sealed N hours, `full` when the disk was full; then it lifts the limit and seals what is left.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
from datetime import date
from pathlib import Path

from platekeeper.server.storage.errors import is_full
from platekeeper.server.storage.sqlite.store import SqliteReads


def main() -> None:
    """Seal again and again."""
    store, largest = SqliteReads(Path(sys.argv[1])), int(sys.argv[2])
    if largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    while True:
        try:
            sealed = store.seal(before=date.max, settled=set)
        except (OSError, sqlite3.Error) as error:
            if not is_full(error):
                raise
            print("full", flush=True)
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            continue
        if sealed:
            print("sealed", sum(sealed.values()), flush=True)
        elif largest:
            return


if __name__ == "__main__":
    main()
