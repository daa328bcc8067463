"""Processes and databases for what is killed: `PLATEKEEPER_MOVE_KILLS` says how often, `PLATEKEEPER_SEED` where.

Rounds that went well are written into the folder `PLATEKEEPER_CRASHED` where it is given, and are not done again.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.e2e.serving import ROOT

KILLS, SEED = int(os.environ.get("PLATEKEEPER_MOVE_KILLS", "1")), int(os.environ.get("PLATEKEEPER_SEED", "7"))
Ran = subprocess.CompletedProcess[str]


def python(environment: dict[str, str], module: str, *words: str) -> Ran:
    """Run a module of the tests in a process of its own."""
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)


def rounds(name: str, *, folder: Path) -> Iterator[tuple[int, random.Random]]:
    """Yield the number and the dice of each round that is not on record yet; asking for the next one records it."""
    kept = Path(os.environ.get("PLATEKEEPER_CRASHED", folder)) / f"{name}-{SEED}.txt"
    kept.parent.mkdir(parents=True, exist_ok=True)
    done = len(kept.read_text().splitlines()) if kept.exists() else 0
    for number in range(done, KILLS):
        yield number, random.Random(SEED * 1_000_003 + number)
        with kept.open("a") as lines:
            lines.write(f"{number}\n")


def told(ran: Ran) -> Any:
    """Return what a process that ended well printed."""
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def database(administrator: str, name: str, *, like: str = "template0") -> str:
    """Make a database, empty or as another one is; return its URL."""
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}".encode())
    return f"{administrator.rpartition('/')[0]}/{name}"


@contextmanager
def copied(administrator: str, name: str, *, like: str = "template0") -> Iterator[str]:
    """Lend a database of `database`, which is dropped when what is done in it went well."""
    yield database(administrator, name, like=like)
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} (FORCE)".encode())
