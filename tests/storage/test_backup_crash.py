"""A backup run, or the disposal of a day from it, is cut short at each thing it does on disk (VI.k, VI.m)."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from platekeeper.server.storage.backups import RecoveryKey, backup, forget_day, restore, rooms_of, verify
from platekeeper.server.storage.backups.databases import database_piece
from platekeeper.server.storage.backups.pieces import trees
from platekeeper.server.storage.sqlite.store import SqliteReads
from tests.storage.making import DAY, JPEG, MIDNIGHT, PNG, filled, put

KEY = RecoveryKey(b"the key of tests, 32 bytes long.")
LOCK = KEY.lock
_STEPS = ("fsync", "rename", "replace", "link", "unlink", "rmdir", "open")


class Killed(BaseException):
    """What a process that is killed does not live to see."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    with closing(sqlite3.connect(made / "records.sqlite3")) as records:
        records.execute("CREATE TABLE hit (plate)")
    filled(made / "lpr-data", {"raw": "NEW", "image": JPEG}, {"raw": "OLD", "at": MIDNIGHT - 1, "image": PNG})
    (made / "secrets.json").write_text("{}")
    return made


def test_a_run_killed_at_any_step_leaves_the_backup_before_it_or_its_own(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    _back_up(home, target)
    with SqliteReads(home / "lpr-data").writer() as writer:
        put(writer, {"raw": "NEWER", "image": PNG})
    seen: dict[bytes, set[str]] = {}
    for step in _killed_at_each(lambda: _back_up(home, target)):
        assert verify(target, LOCK) == []
        catalogue = next(target.glob("*/CATALOGUE")).read_bytes()
        if catalogue not in seen:
            restore(target, tmp_path / f"again-{step}", KEY)
            seen[catalogue] = {read.row.raw for read in SqliteReads(tmp_path / f"again-{step}" / "lpr-data").recent(9)}
    assert [sorted(raws) for raws in list(seen.values())[:2]] == [["NEW", "OLD"], ["NEW", "NEWER", "OLD"]]
    _back_up(home, target)
    assert not (home / "scratch").exists()
    named = len(["keyring", "catalogue", "lock"]) + len(["records", "secrets"]) + len(["catalogue"] * 4)
    assert len([file for file in target.rglob("*") if file.is_file()]) == named + 2 * len(["reads", "images"])


def test_the_run_after_one_that_was_killed_goes_on_and_leaves_nothing_behind(home: Path, tmp_path: Path) -> None:
    """Each time from the same backup, so that kills fall all over a run."""
    before = tmp_path / "before"
    _back_up(home, before)
    with SqliteReads(home / "lpr-data").writer() as writer:
        put(writer, {"raw": "NEWER", "image": PNG}, {"raw": "LATE", "at": MIDNIGHT - 1, "image": JPEG})
    step, killed = 0, True
    while killed:
        step += 5
        target = tmp_path / f"target-{step}"
        shutil.copytree(before, target)
        killed = _killed_once(step, lambda target=target: _back_up(home, target))  # type: ignore[misc]
        assert verify(target, LOCK) == []
        _back_up(home, target)
        assert verify(target, LOCK) == []
        files = [file for file in target.rglob("*") if file.is_file()]
        assert len(files) == len(["keyring", "catalogue", "lock"]) + len(["catalogue"] * 4) + 2 + 2 * 2
        shutil.rmtree(target)
    assert step > 40


def test_a_disposal_killed_at_any_step_is_finished_when_it_is_repeated(home: Path, tmp_path: Path) -> None:
    target, old = tmp_path / "backup", SqliteReads(home / "lpr-data").days()[0]
    _back_up(home, target)
    for _ in _killed_at_each(lambda: forget_day(target, old)):
        assert [each for each in verify(target, LOCK) if str(old) not in each] == []
        assert str(DAY) in rooms_of(target, LOCK)
    forget_day(target, old)
    assert verify(target, LOCK) == []
    assert rooms_of(target, LOCK) == [str(DAY), "records", "rest"]
    assert {file.name for file in (target / LOCK.fingerprint).iterdir() if file.is_file()} == {"CATALOGUE", "KEYRING"}


def test_the_keyring_that_was_replaced_is_written_over(home: Path, tmp_path: Path) -> None:
    """The old keys are gone from the disk's own blocks as well, as far as the file system writes where it is told."""
    target, old = tmp_path / "backup", SqliteReads(home / "lpr-data").days()[0]
    _back_up(home, target)
    with next(target.glob("*/KEYRING")).open("rb") as before:  # holds on to the old file's blocks
        text = before.read()
        forget_day(target, old)
        before.seek(0)
        after = before.read()
    assert str(old).encode() in text
    assert len(after) == len(text)
    assert str(old).encode() not in after


def test_half_a_keyring_that_a_crash_left_goes_with_the_next_disposal(home: Path, tmp_path: Path) -> None:
    target, old = tmp_path / "backup", SqliteReads(home / "lpr-data").days()[0]
    _back_up(home, target)
    folder = next(target.glob("*/KEYRING")).parent
    half = folder / ".KEYRING.partial"
    half.write_bytes((folder / "KEYRING").read_bytes())
    forget_day(target, old)
    assert not half.exists()


def _back_up(home: Path, target: Path) -> None:
    backup(
        reads=SqliteReads(home / "lpr-data"),
        records=[database_piece(home / "records.sqlite3", "records.sqlite3")],
        others=trees([home / "secrets.json"]),
        target=target,
        lock=LOCK,
        scratch=home / "scratch",
        stamp="one",
    )


def _killed_at_each(act: Callable[[], object]) -> Iterator[int]:
    """Run an act again and again, killed at its first, second, third ... step on disk; yield after each time."""
    step = 0
    while True:
        step += 1
        killed = _killed_once(step, act)
        yield step
        if not killed:
            return


def _killed_once(step: int, act: Callable[[], object]) -> bool:
    """Run an act, killed at a step; say whether it came to that."""
    try:
        with _killing(step):
            act()
    except Killed:
        return True
    return False


@contextmanager
def _killing(at: int) -> Iterator[None]:
    left = at

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def step(*arguments: object, **named: object) -> object:
            nonlocal left
            left -= 1
            if left <= 0:
                raise Killed
            return real(*arguments, **named)

        return step

    with pytest.MonkeyPatch.context() as patched:
        for name in _STEPS:
            patched.setattr(os, name, counted(getattr(os, name)))
        yield
