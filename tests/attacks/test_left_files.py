"""Files that somebody lays into a watched folder: whatever they are called and hold, those behind them have their turn."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from platekeeper.server.hotlist.models import AlertBulletin, HotListDelivery
from platekeeper.server.procedures.alert_bulletins import look_at, take_in
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.watch_alerts import take_alerts
from platekeeper.server.procedures.watch_hot_lists import take_inbox
from platekeeper.server.storage.home import Home
from tests.cast import Cast
from tests.core.bulletins import bulletin, info
from tests.hotlist.making import file, line, records

pytestmark = records
NAMES = [b"M\xe4rz.txt", b"a\nb.txt", b"x" * 251 + b".txt", "ä".encode() * 120 + b".txt", b"-rf.txt", b"\x1b[2J.txt"]


def _lay(folder: Path, name: bytes, content: bytes, *, seconds: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / os.fsdecode(name)
    path.write_bytes(content)
    then = (datetime.now(UTC) - timedelta(seconds=seconds)).timestamp()
    os.utime(path, (then, then))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_holds_up_no_hot_list(name: bytes, cast: Cast, own_home: Home) -> None:
    _lay(own_home.inbox, name, b"no hot list", seconds=90)
    _lay(own_home.inbox, name + b"2" if len(name) < 250 else b"2", file(line("ABC1234")), seconds=60)
    take_inbox(at=datetime.now(UTC))
    assert HotListDelivery.objects.count() == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_name_holds_up_no_bulletin(name: bytes, cast: Cast, own_home: Home) -> None:
    _lay(own_home.alert_inbox, name, b"no bulletin", seconds=90)
    _lay(own_home.alert_inbox, b"2.xml", bulletin(info()), seconds=60)
    take_alerts(at=datetime.now(UTC))
    assert AlertBulletin.objects.count() == 2


def test_a_bulletin_that_refers_to_thousands_is_looked_at(cast: Cast) -> None:
    many = " ".join(f"a,{n:x},2026-05-24T16:49:00Z" for n in range(36_000))
    kept = take_in(None, bulletin(info(), kind="Update", references=many), file_name="a", at=datetime.now(UTC))
    assert look_at(footing(cast.officer, at=datetime.now(UTC)), kept.pk).alert is not None
