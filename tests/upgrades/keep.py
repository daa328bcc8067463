"""`make kept`: keep a small department of the version that is being released, so that every later one is tested on it.

    tests/upgrades/<version>/ledger.json        its leaves and root
    tests/upgrades/<version>/sqlite.sql.gz      its records, as SQL
    tests/upgrades/<version>/postgresql.sql.gz

A version that was released is never made anew: its records are what that version wrote.
"""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from tests.postgres import cluster

KEPT = Path(__file__).parent


def keep(into: Path) -> None:
    """Found the department on both engines, and keep it. Raises FileExistsError for a version that is kept already."""
    with tempfile.TemporaryDirectory() as folder, cluster() as url:
        home = Path(folder) / "sqlite"
        ledgers = {"sqlite": _found(home)}
        with closing(sqlite3.connect(home / "records.sqlite3")) as records:
            lite = "\n".join(records.iterdump())
        ledgers["postgresql"] = _found(Path(folder) / "postgresql", PLATEKEEPER_DATABASE_URL=url)
        dump = ["pg_dump", "--no-owner", "--no-privileges", "--exclude-schema=lpr", "--no-comments", "--dbname", url]
        post = subprocess.run(dump, check=True, capture_output=True, text=True).stdout
    into.mkdir()
    for engine, sql in (("sqlite", lite), ("postgresql", post)):
        (into / f"{engine}.sql.gz").write_bytes(gzip.compress(sql.encode(), mtime=0))
    (into / "ledger.json").write_text(json.dumps(ledgers, indent=1) + "\n")


def _found(home: Path, **settings: str) -> object:
    """Found the department in a process of its own; return its ledger."""
    environment = {**os.environ, "PLATEKEEPER_HOME": str(home), **settings}
    command = [sys.executable, "-m", "tests.upgrades.department", "found"]
    return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)


if __name__ == "__main__":
    os.umask(0o022)
    place = KEPT / (sys.argv[1] if sys.argv[1:] else version("platekeeper"))
    keep(place)
    for each in sorted(place.iterdir()):
        print(f"{each.stat().st_size:>8}  {each}")
