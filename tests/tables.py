"""Records with every table and no row: migrated once in a run of the tests, then copied, where they are SQLite's.

How they are migrated is tried in tests/cli, tests/roles and tests/moving.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import IO

from django.core.management import call_command
from django.db import connection

SHARED = "TESTS_SHARE"
"""The variable that names a folder which all processes of a run share."""


def make_tables() -> None:
    """Make the tables of the department that has just been founded in this process's home."""
    if (kept := _kept()) and kept.exists():
        shutil.copyfile(kept, connection.settings_dict["NAME"])
    else:
        call_command("migrate", verbosity=0)
        keep_tables()


def keep_tables() -> None:
    """Keep the records as they are, migrated and empty, for those who make tables after us."""
    if (kept := _kept()) and not kept.exists():
        ours = kept.with_suffix(f".{os.getpid()}")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(ours)])
        ours.replace(kept)


def begin_from_kept() -> bool:
    """Lay the kept tables where the test database will be, and say whether there were any.

    Whoever finds none holds the others up until `let_others_begin`.
    """
    kept = _kept()
    if kept is None:
        return False
    _first.append((kept.parent / "migrating.lock").open("a"))
    fcntl.flock(_first[-1], fcntl.LOCK_EX)
    if not kept.exists():
        return False
    shutil.copyfile(kept, connection.settings_dict["TEST"]["NAME"])
    let_others_begin()
    return True


def let_others_begin() -> None:
    """Let the next process look for kept tables."""
    while _first:
        _first.pop().close()


_first: list[IO[str]] = []
"""The lock, in the process that holds it."""


def _kept() -> Path | None:
    is_here = connection.vendor == "sqlite" and SHARED in os.environ
    return Path(os.environ[SHARED]) / "migrated.sqlite3" if is_here else None
