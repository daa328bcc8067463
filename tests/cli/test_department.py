"""`platekeeper init` makes a real, empty department, and explains itself when it cannot."""

from __future__ import annotations

import os
import pty
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

WORD = "a long and quiet word"
ANSWERS = {
    "name": "Mill Creek", "kind": "sheriff_office", "zone": "America/New_York", "person": "Sam Sheriff", "login": "sam"
}  # fmt: skip


def _run(home: Path, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command as its own process in a home of its own; `said` is typed."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PLATEKEEPER")}
    environment = {**inherited, "PLATEKEEPER_HOME": str(home), "PYTHONWARNINGS": "error"}
    command = [sys.executable, "-m", "platekeeper.server.cli.main", *words]
    return subprocess.run(
        command, input=said, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def _init(home: Path, *, password: str = WORD, **changed: str) -> subprocess.CompletedProcess[str]:
    options = [word for name, value in {**ANSWERS, **changed}.items() for word in (f"--{name}", value)]
    return _run(home, "init", "--password-stdin", *options, said=password + "\n")


def _rounds_of_the_password(home: Path) -> int:
    with closing(sqlite3.connect(home / "records.sqlite3")) as records:
        [(stored,)] = records.execute("SELECT password FROM personnel_person")
    return int(str(stored).split("$")[1])


def test_a_department_is_founded_once_and_its_hot_list_waits_for_the_policy(tmp_path: Path) -> None:
    """In one, since founding takes seconds."""
    home = tmp_path / "home"
    first = _init(home)
    assert (first.returncode, first.stderr) == (0, "")
    assert "Sign in as sam" in first.stdout
    assert _rounds_of_the_password(home) >= 600_000
    again = _init(home)
    assert again.returncode == 2
    assert "Traceback" not in again.stderr and again.stderr
    (tmp_path / "list.txt").write_bytes(b"HEADER\r\nABC1234   NYPC VFORDBLK\r\n")
    loaded = _run(home, "hotlist", "load", str(tmp_path / "list.txt"))
    missing = _run(home, "hotlist", "load", str(tmp_path / "none.txt"))
    assert loaded.returncode != 0
    assert missing.returncode == 1
    assert "Nothing was changed" in missing.stderr
    assert "Traceback" not in loaded.stderr + missing.stderr


@pytest.mark.parametrize(
    ("again", "code"), [(WORD, 0), ("another long and quiet word", 2)], ids=["the same", "another"]
)
def test_a_password_that_is_typed_is_typed_twice(again: str, code: int, tmp_path: Path) -> None:
    home, (ours, theirs) = tmp_path / "home", pty.openpty()
    options = [word for name, value in ANSWERS.items() for word in (f"--{name}", value)]
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PLATEKEEPER")}
    init = subprocess.Popen(
        [sys.executable, "-m", "platekeeper.server.cli.main", "init", *options], stdin=theirs, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**inherited, "PLATEKEEPER_HOME": str(home)}, start_new_session=True,
    )  # fmt: skip
    assert init.stderr is not None
    for typed in (WORD, again):
        while init.stderr.read(1) not in {b":", b""}:
            pass
        os.write(ours, f"{typed}\n".encode())
    _out, told = init.communicate(timeout=120)
    assert init.returncode == code
    assert (b"differ" in told, (home / "records.sqlite3").exists()) == (code == 2, code == 0)
    for end in (ours, theirs):
        os.close(end)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"kind": "navy"}, "kind"),
        ({"zone": "Mars/North"}, "zone"),
        ({"password": "short"}, "12"),
        ({"password": "password1234"}, "common"),
    ],
)
def test_an_answer_that_cannot_be_is_explained(changed: dict[str, str], words: str, tmp_path: Path) -> None:
    refused = _init(tmp_path / "home", **changed)
    assert refused.returncode == 2
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr
