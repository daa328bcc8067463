"""Processes and databases for what is killed: `PLATEKEEPER_MOVE_KILLS` says how often, `PLATEKEEPER_SEED` where."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import psycopg

from tests.e2e.serving import ROOT

KILLS, SEED = int(os.environ.get("PLATEKEEPER_MOVE_KILLS", "2")), int(os.environ.get("PLATEKEEPER_SEED", "7"))
Ran = subprocess.CompletedProcess[str]


def python(environment: dict[str, str], module: str, *words: str) -> Ran:
    """Run a module of the tests in a process of its own."""
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)


def told(ran: Ran) -> Any:
    """Return what a process that ended well printed."""
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def database(administrator: str, name: str, *, like: str = "template0") -> str:
    """Make a database, empty or as another one is; return its URL."""
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}".encode())
    return f"{administrator.rpartition('/')[0]}/{name}"
