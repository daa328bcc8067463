"""Rows of a hot list on the unit's disk: appended piece by piece, gone on with after a cut, swept once nobody wants them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as live

from platekeeper.core.transfer import TransferError
from platekeeper.field.clock import machine_clock
from platekeeper.field.hotlist import HotListKeeper
from platekeeper.field.link import Link, NotTaken
from platekeeper.server.api import units
from platekeeper.server.storage.field_keys import field_keys
from tests.cast import Cast
from tests.field.network import Network, network
from tests.hotlist.making import NOW, deliver, file, line, made_a_unit, plates

PIECE = 5_000


@pytest.fixture(autouse=True)
def _in_small_pieces(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made_a_unit(cast, cast.lpr)
    monkeypatch.setattr(units, "PIECE", PIECE)


@pytest.fixture
def between(link: Link) -> Iterator[Network]:
    with network(int(link.server.rsplit(":", 1)[1])) as made:
        yield made


@pytest.fixture
def cut(between: Network, link: Link) -> Link:
    """Return a way to the server on which the network can be cut."""
    return Link(f"http://127.0.0.1:{between.port}", link.key, timeout=10)


def _keeper(folder: Path, cast: Cast) -> HotListKeeper:
    signs, _ = field_keys(live.HOME.field_keys).public
    return HotListKeeper(folder, unit=cast.lpr.pk, signs=signs.hex())


def _deliver(cast: Cast, *, first: int = 0, at: timedelta = timedelta(0)) -> None:
    deliver(file(*[line(plate) for plate in [*plates(first + 3000)][first:]]), by=cast.custodian, at=NOW + at)


def _broken_off(keeper: HotListKeeper, cut: Link, between: Network, *, after: int) -> None:
    """Pull until the network is cut, some bytes down the way."""
    between.down = after
    with pytest.raises(NotTaken):
        keeper.pull(cut, now=machine_clock().wall())
    between.down = None


def _names(folder: Path) -> set[str]:
    return {path.name.partition("-")[0] for path in folder.iterdir()}


def test_pieces_are_appended_and_what_broke_off_goes_on(
    cast: Cast, cut: Link, between: Network, tmp_path: Path
) -> None:
    _deliver(cast)
    keeper, sizes, files = _keeper(tmp_path, cast), [0], set()
    while not sizes[1:] or sizes[-1] > sizes[-2]:
        try:
            between.down = 4_500
            keeper.pull(cut, now=machine_clock().wall())
            break
        except NotTaken:
            (partial,) = tmp_path.glob("partial-*")
            sizes.append(partial.stat().st_size)
            files.add(partial.stat().st_ino)
            keeper = _keeper(tmp_path, cast)  # as after a power cut
    between.down = None
    assert keeper.current or keeper.pull(cut, now=machine_clock().wall())
    (rows,) = tmp_path.glob("rows-*")
    assert len(sizes) > 3, sizes
    assert [size % PIECE for size in sizes] == [0] * len(sizes)
    assert files == {rows.stat().st_ino}, "one file from the first piece to the last, never written anew"
    assert _names(tmp_path) == {"issue", "rows"}


def test_half_a_piece_that_a_power_cut_left_is_found_by_its_digest(
    cast: Cast, cut: Link, between: Network, tmp_path: Path
) -> None:
    _deliver(cast)
    _broken_off(_keeper(tmp_path, cast), cut, between, after=4_500)
    (partial,) = tmp_path.glob("partial-*")
    with partial.open("ab") as torn:
        torn.write(bytes(4096))
    keeper = _keeper(tmp_path, cast)
    with pytest.raises(TransferError, match="not those that were signed"):
        keeper.pull(cut, now=machine_clock().wall())
    assert keeper.current is None
    assert keeper.pull(cut, now=machine_clock().wall()), "from the beginning"


def test_what_no_list_wants_is_swept_at_the_start(cast: Cast, link: Link, tmp_path: Path) -> None:
    _deliver(cast)
    _keeper(tmp_path, cast).pull(link, now=machine_clock().wall())
    (rows,) = tmp_path.glob("rows-*")
    for name in (f"partial-{'ab' * 32}", rows.name.replace("rows", "partial"), f"rows-{'cd' * 32}", ".issue.partial"):
        (tmp_path / name).write_bytes(b"left behind")
    keeper = _keeper(tmp_path, cast)
    assert keeper.current is not None
    assert {path.name for path in tmp_path.iterdir()} == {"issue", rows.name}


def test_what_was_begun_is_kept_for_the_same_list_and_swept_by_a_newer_one(
    cast: Cast, cut: Link, between: Network, tmp_path: Path
) -> None:
    _deliver(cast)
    keeper = _keeper(tmp_path, cast)
    _broken_off(keeper, cut, between, after=4_500)
    begun = set(tmp_path.glob("partial-*"))
    assert set(tmp_path.glob("partial-*")) == begun and _keeper(tmp_path, cast).current is None
    _deliver(cast, first=1500, at=timedelta(minutes=1))
    _broken_off(keeper, cut, between, after=4_500)
    assert len(set(tmp_path.glob("partial-*")) - begun) == 1
    assert not begun & set(tmp_path.glob("partial-*")), "nobody wants it any more"
    assert keeper.pull(cut, now=machine_clock().wall())
    assert _names(tmp_path) == {"issue", "rows"}


def test_two_commands_do_not_write_into_one_file(cast: Cast, link: Link, tmp_path: Path) -> None:
    _deliver(cast)
    keeper = _keeper(tmp_path, cast)
    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)  # as `send` does beside `drive`
    (tmp_path / "partial-of-the-other").touch()
    assert not keeper.pull(link, now=machine_clock().wall())
    assert _keeper(tmp_path, cast).current is None
    assert _names(tmp_path) == {"partial"}, "and what the other fetches is not swept"
    os.close(handle)
    assert keeper.pull(link, now=machine_clock().wall())
