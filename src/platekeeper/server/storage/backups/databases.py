"""What a backup copies of a SQLite file, whoever writes to it meanwhile, and what it looks up in one."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from itertools import takewhile
from pathlib import Path
from urllib.parse import quote

from platekeeper.server.storage.backups.pieces import Piece, PieceGone, state_of


def database_piece(source: Path, path: str) -> Piece:
    """Return a SQLite file, in use or not, as a piece."""

    def produce(place: Path) -> Path:
        try:
            _copy(source, place)
        except (OSError, sqlite3.OperationalError) as error:
            if source.exists():
                raise
            raise PieceGone(path) from error
        return place

    return Piece(path, state_of(source, source.with_name(f"{source.name}-wal")), produce)


def leaf_hashes(records: Path) -> list[bytes]:
    """Return the ledger's leaf hashes in a file of records, in their order."""
    with closing(sqlite3.connect(f"file:{quote(str(records))}?mode=ro", uri=True)) as restored:
        return [leaf for (leaf,) in restored.execute('SELECT leaf_hash FROM ledger_ledgerentry ORDER BY "index"')]


def leaf_hashes_of_dump(dump: Path) -> list[bytes]:
    """Return the ledger's leaf hashes in a dump of pg_dump's, in their order. Raises `CalledProcessError`."""
    command = ["pg_restore", "--data-only", "--table=ledger_ledgerentry", "--file=-", str(dump)]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\n")
    begins = next(number for number, line in enumerate(said) if line.startswith("COPY "))
    columns = [name.strip('" ') for name in said[begins].partition("(")[2].partition(")")[0].split(",")]
    rows = (line.split("\t") for line in takewhile(lambda line: line != "\\.", said[begins + 1 :]))
    number, leaf = columns.index("index"), columns.index("leaf_hash")
    leaves = {int(row[number]): bytes.fromhex(row[leaf].removeprefix("\\\\x")) for row in rows}
    return [leaves[each] for each in sorted(leaves)]


def _copy(source: Path, place: Path) -> None:
    """Copy a file as it is at one moment."""
    with closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=20)) as original:
        original.execute("PRAGMA query_only=ON")
        with closing(sqlite3.connect(place)) as copy:
            original.backup(copy)  # all pages in one step: in smaller steps a busy writer would make it start over
