"""Every version that was released is brought up to this one: people sign in, pages answer, the ledger stands."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.moving.making import database, python, told
from tests.roles.making import in_home
from tests.upgrades.keep import KEPT

ENGINE = "postgresql" if "PLATEKEEPER_DATABASE_URL" in os.environ else "sqlite"


def _laid(kept: Path, home: Path) -> dict[str, str]:
    """Lay the records that a version kept into a home, or a database, of their own; return the environment of both."""
    home.mkdir()
    sql = gzip.decompress((kept / f"{ENGINE}.sql.gz").read_bytes()).decode()
    if ENGINE == "sqlite":
        with closing(sqlite3.connect(home / "records.sqlite3")) as records:
            records.executescript(sql)
        return in_home(home)
    url = database(os.environ["PLATEKEEPER_DATABASE_URL"], f"of_{kept.name.replace('.', '_')}")
    subprocess.run(
        ["psql", "--quiet", "--set", "ON_ERROR_STOP=1", url],
        input=sql,
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return in_home(home) | {"PLATEKEEPER_DATABASE_URL": url}


@pytest.mark.records
@pytest.mark.parametrize("version", sorted(each.parent.name for each in KEPT.glob("*/ledger.json")))
def test_a_released_version_is_brought_up(version: str, tmp_path: Path) -> None:
    ledger = json.loads((KEPT / version / "ledger.json").read_text())[ENGINE]
    environment = _laid(KEPT / version, tmp_path / "home") | {"PLATEKEEPER_HOSTS": "testserver"}
    there = told(python(environment, "tests.upgrades.department", "look", str(ledger["leaves"])))
    assert there == {
        "version": [0, []], "signed in": 302, "pages": [200] * 4, "root": ledger["root"], "faults": [],
    }  # fmt: skip
