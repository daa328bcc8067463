"""The watched folder and the command line deliver as the page does."""

from __future__ import annotations

import argparse
import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from platekeeper.server.cli import hotlist as command
from platekeeper.server.hotlist.models import HotListDelivery
from platekeeper.server.hotlist.refusals import refused_files
from platekeeper.server.procedures import watch_hot_lists
from platekeeper.server.procedures.watch_hot_lists import take_inbox
from platekeeper.server.storage import snapshots
from platekeeper.server.storage.home import Home
from tests.cast import Cast
from tests.hotlist.making import file, line, records

pytestmark = records

GOOD = file(line("ABC1234"))


def _later(seconds: float = 5) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def _command(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.register(parser.add_subparsers())
    chosen = parser.parse_args(["hotlist", *words])
    return int(chosen.run(chosen))


def test_a_file_at_rest_is_delivered_and_leaves_the_folder(cast: Cast, own_home: Home) -> None:
    (own_home.inbox / "LPRinfo.txt").write_bytes(GOOD)
    (taken,) = take_inbox(at=_later())

    assert taken.delivery is not None and taken.delivery == HotListDelivery.objects.get()
    assert list(own_home.inbox.iterdir()) == []
    assert snapshots.read(own_home.hot_lists, taken.delivery.digest) == GOOD, "where it is kept, once"
    assert take_inbox(at=_later()) == []


def test_a_file_that_may_not_be_moved_is_refused_once_and_the_others_are_taken(
    cast: Cast, own_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.rename

    def rename(path: Path, target: Path) -> Path:  # as in a folder that is another's, with the sticky bit
        if path.name == "fixed.txt":
            raise PermissionError(1, "Operation not permitted")
        return whole(path, target)

    monkeypatch.setattr(Path, "rename", rename)

    def lay(name: str) -> None:
        (own_home.inbox / name).write_bytes(GOOD)
        os.utime(own_home.inbox / name, (1, 1))

    lay("fixed.txt")
    lay("free.txt")
    first, again = (take_inbox(at=datetime.now(UTC)) for _ in range(2))
    assert [(each.file_name, each.delivery is None) for each in first] == [("free.txt", False), ("fixed.txt", True)]
    assert [each.file_name for each in again] == ["fixed.txt"] and HotListDelivery.objects.count() == 1
    [shown] = refused_files(most=9)
    assert (shown.file_name, shown.reason) == ("fixed.txt", first[-1].reason)
    lay("fixed.txt")  # another one
    take_inbox(at=datetime.now(UTC))
    assert len(refused_files(most=9)) == 2


def test_a_file_that_was_cut_off_is_taken_before_another_of_its_name(
    cast: Cast, own_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own_home.inbox / "LPRinfo.txt").write_bytes(GOOD)
    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(watch_hot_lists, "load_hot_list", _cut_off)
        take_inbox(at=_later())
    (own_home.inbox / "LPRinfo.txt").write_bytes(file(line("NEW0001")))
    os.utime(own_home.inbox / "LPRinfo.txt", (1, 1))
    taken = take_inbox(at=_later())
    assert [(each.file_name, each.delivery.digest) for each in taken if each.delivery] == [
        ("LPRinfo.txt", hashlib.sha256(content).hexdigest()) for content in (GOOD, file(line("NEW0001")))
    ]
    assert list(own_home.inbox.iterdir()) == []


def _cut_off(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_file_still_growing_waits(cast: Cast, own_home: Home) -> None:
    (own_home.inbox / "LPRinfo.txt").write_bytes(GOOD[:20])
    assert take_inbox(at=datetime.now(UTC)) == []
    assert (own_home.inbox / "LPRinfo.txt").exists()


def test_a_bad_file_is_moved_to_refused_with_the_reason_beside_it(cast: Cast, own_home: Home) -> None:
    (own_home.inbox / "LPRinfo.zip").write_bytes(b"PK\x03\x04 broken")
    (taken,) = take_inbox(at=_later())

    assert taken.delivery is None
    moved = sorted((own_home.inbox / "refused").iterdir())
    assert [path.suffix for path in moved] == [".zip", ".txt"]
    assert moved[1].read_text().strip() == taken.reason
    assert not HotListDelivery.objects.exists()


def test_before_the_policy_is_filled_nothing_is_delivered_and_the_clause_is_named(own_home: Home) -> None:
    (own_home.inbox / "LPRinfo.txt").write_bytes(GOOD)
    (taken,) = take_inbox(at=_later())
    assert taken.reason.startswith("IV.e: ")


def test_the_oldest_file_comes_first_and_refused_files_of_one_name_are_all_kept(cast: Cast, own_home: Home) -> None:
    at = _later()
    for age, plate in ((50, "OLD0001"), (40, "NEW0001")):
        path = own_home.inbox / f"{plate}.txt"
        path.write_bytes(file(line(plate)))
        os.utime(path, (at.timestamp() - age, at.timestamp() - age))
    assert [taken.file_name for taken in take_inbox(at=at)] == ["OLD0001.txt", "NEW0001.txt"]
    for content in (b"no hot list", b"none either"):
        (own_home.inbox / "NEW0001.txt").write_bytes(content)
        take_inbox(at=at)
    assert len(list((own_home.inbox / "refused").glob("*-NEW0001.txt"))) == 2


def test_hidden_files_links_and_folders_are_left_alone(cast: Cast, own_home: Home, tmp_path: Path) -> None:
    (own_home.inbox / ".arriving").write_bytes(GOOD)
    (own_home.inbox / "folder").mkdir()
    (tmp_path / "elsewhere").write_bytes(GOOD)
    for name in ("link", ".taking-link"):
        (own_home.inbox / name).symlink_to(tmp_path / "elsewhere")
    assert take_inbox(at=_later()) == []


def test_a_name_that_is_no_text_is_taken_all_the_same(cast: Cast, own_home: Home) -> None:
    Path(os.fsdecode(os.fsencode(own_home.inbox) + b"/LPR\xff.txt")).write_bytes(GOOD)
    (taken,) = take_inbox(at=_later())
    assert taken.delivery is not None
    assert taken.delivery.file_name == "LPR?.txt"


def test_a_file_that_is_refused_unread_is_shown_with_the_others(
    cast: Cast, own_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_hot_lists, "LARGEST_FILE", 3)
    (own_home.inbox / "large.txt").write_bytes(GOOD)
    (taken,) = take_inbox(at=_later())
    [shown] = refused_files(most=9)
    assert (shown.file_name, shown.reason, shown.loading) == ("large.txt", taken.reason, None)


def test_without_a_folder_there_is_nothing_to_take(tmp_path: Path, settings: Settings) -> None:
    settings.HOME = Home(tmp_path / "nowhere")
    assert take_inbox(at=_later()) == []


def test_the_command_line_loads_a_file(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "LPRinfo.txt").write_bytes(GOOD)
    assert _command("load", str(tmp_path / "LPRinfo.txt")) == 0
    assert "Loaded 1 plates: 1 new, 0 gone." in capsys.readouterr().out
    assert HotListDelivery.objects.get().file_name == "LPRinfo.txt"


def test_the_command_line_says_what_is_wrong(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _command("load", str(tmp_path / "absent")) == 1
    assert "No such file" in capsys.readouterr().err
    (tmp_path / "bad").write_bytes(b"")
    assert _command("load", str(tmp_path / "bad")) == 1
    assert "Nothing was changed." in capsys.readouterr().err
    assert not HotListDelivery.objects.exists()
