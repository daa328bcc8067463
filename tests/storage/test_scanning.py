"""Scanning: the reads that count, in these windows, as looking at every read finds them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platekeeper.core.investigations.sightings import Sightings, Window, text_of
from platekeeper.server.storage.reads import ReadStore
from tests.storage.making import DAY, MIDNIGHT, NOON, Said, filled, put, store_in

pytestmark = pytest.mark.records
A_DAY = 86_400_000_000
_times = st.sampled_from([MIDNIGHT - A_DAY, MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + 1, NOON, NOON + 1, MIDNIGHT + A_DAY])
_plates = st.text("AB0O", min_size=1, max_size=3)
_reads = st.fixed_dictionaries({"raw": _plates, "at": _times, "lpr": st.integers(1, 3)}).map(
    lambda read: read | {"unreadable": read["raw"] == "O"}
)
_windows = st.builds(
    lambda since, length, lprs: Window(since, since + length, tuple(sorted(lprs))),
    _times, st.sampled_from([0, 1, A_DAY, 3 * A_DAY]), st.sets(st.integers(1, 3), max_size=2),
)  # fmt: skip
Seen = list[tuple[str, int, int]]


@settings(max_examples=50)
@given(
    reads=st.lists(_reads, max_size=20),
    windows=st.lists(_windows, max_size=3),
    plates=st.none() | st.lists(_plates.map(lambda plate: plate.replace("O", "0")), max_size=3),
    sealed=st.booleans(),
)
def test_a_scan_finds_what_looking_at_every_read_finds(
    reads: list[Said], windows: list[Window], plates: list[str] | None, sealed: bool
) -> None:
    with TemporaryDirectory() as folder:
        store = store_in(Path(folder))
        with store.writer() as writer:
            for read in reads:
                put(writer, read)
            every = store.recent(100)
        if sealed:
            store.seal(before=DAY + timedelta(days=1), settled=list)
        found = _scanned(store, windows, plates)
    assert found == sorted(
        (row.folded, row.lpr, row.at)
        for row in (read.row for read in every)
        if row.folded is not None
        and (plates is None or row.folded in plates)
        and any(each.since <= row.at < each.until and (not each.lprs or row.lpr in each.lprs) for each in windows)
    )


def test_of_a_reads_revisions_the_one_that_stands_is_seen(tmp_path: Path) -> None:
    store = filled(
        tmp_path,
        {"raw": "ABC1", "event": "e"},
        {"raw": "ABC2", "event": "e"},
        {"raw": "XYZ", "event": "f", "stage": 1},
        {"raw": "XY2", "event": "f", "stage": 0},
        {"raw": "GONE", "event": "g"},
        {"raw": "gone", "event": "g", "unreadable": True},
    )
    assert [plate for plate, *_ in _scanned(store, [Window(NOON, NOON + 1)], None)] == ["ABC2", "XYZ"]


def test_an_empty_store_and_no_window_answer(tmp_path: Path) -> None:
    assert list(store_in(tmp_path / "not there").scan([Window(0, 1)])) == []
    store = filled(tmp_path, {"raw": "ABC"})
    assert list(store.scan([])) == []
    assert _scanned(store, [Window(0, 2**62)], []) == []


def _scanned(store: ReadStore, windows: list[Window], plates: list[str] | None) -> Seen:
    seen = Sightings.joined(store.scan(windows, plates=plates))
    rows = zip(seen.plates.tolist(), seen.lprs.tolist(), seen.ats.tolist(), strict=True)
    return sorted((text_of(plate), lpr, at) for plate, lpr, at in rows)
