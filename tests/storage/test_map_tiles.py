"""An archive of map tiles, made here by the library that the world makes them with, and read where it lies."""

from __future__ import annotations

import gzip
import os
import random
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pmtiles.tile import Compression, TileType, zxy_to_tileid

from platekeeper.server.storage.map_tiles import MapNotPictures, MapUnreadable, map_file, tile
from tests.storage.mapping import PICTURE, archive, with_part

MB = 1 << 20
ABROAD: dict[str, Any] = {"min_lat_e7": 0, "min_lon_e7": 0, "max_lat_e7": 10_000_000, "max_lon_e7": 10_000_000}


def test_it_says_what_it_is(tmp_path: Path) -> None:
    found = map_file(archive(tmp_path))
    assert (found.media_type, found.zooms) == ("image/png", (0, 2))
    assert (found.covers(43.04, -76.15), map_file(archive(tmp_path, **ABROAD)).covers(43.04, -76.15)) == (True, False)


@pytest.mark.parametrize(
    ("attribution", "text"),
    [
        ('<a href="https://example.org/" onclick="x()">&copy; Somebody</a> &amp; others', "© Somebody & others"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("&lt;b&gt;bold&lt;/b&gt;", "<b>bold</b>"),  # text: the map's script writes it as such
        (None, ""),
        (["a"], ""),
    ],
)
def test_whom_it_wants_named_is_text(tmp_path: Path, attribution: Any, text: str) -> None:
    assert map_file(archive(tmp_path, metadata={"attribution": attribution})).credit == text


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ((0, 0, 0), PICTURE),
        ((2, 1, 1), PICTURE + b"1 1"),
        ((2, 3, 3), b""),  # inside its levels, and nothing drawn there
        ((3, 0, 0), None), ((2, 4, 0), None), ((2, 0, 4), None), ((9**18, 0, 0), None), ((0, 9**18, 0), None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("packed", [Compression.NONE, Compression.GZIP, Compression.UNKNOWN])
def test_a_tile_is_found_or_not(
    tmp_path: Path, place: tuple[int, int, int], found: bytes | None, packed: Compression
) -> None:
    got = tile(archive(tmp_path, tile_compression=packed), *place)
    assert (got and got[1]) == found


def test_many_tiles_lie_in_leaves_and_threads_read_them_at_once(tmp_path: Path) -> None:
    places = [(7, x, y) for x in range(128) for y in range(128)]
    by_number = sorted(places, key=lambda place: zxy_to_tileid(*place))
    path = archive(tmp_path, tiles={place: os.urandom(8) + b"%d %d" % place[1:] for place in by_number})
    asked = random.sample(places, 200)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda place: tile(path, *place), asked))
    assert [each[1][8:] for each in found if each] == [b"%d %d" % place[1:] for place in asked]


@pytest.mark.parametrize("kind", [TileType.MVT, TileType.UNKNOWN, TileType.MLT])
def test_vector_tiles_are_refused_with_how_pictures_are_made(tmp_path: Path, kind: TileType) -> None:
    with pytest.raises(MapNotPictures, match=r"QGIS .* pmtiles-convert"):
        map_file(archive(tmp_path, tile_type=kind))


def test_what_is_packed_in_another_way_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MapNotPictures, match="packed"):
        map_file(archive(tmp_path, tile_compression=Compression.BROTLI))


@pytest.mark.parametrize(
    "content", [b"", b"PMTiles", b"PMTiles\x02" + bytes(200), b"%PDF" + bytes(200), b"PMTiles\x03" + b"\xff" * 200]
)
def test_what_is_no_archive_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "streets.pmtiles"
    path.write_bytes(content)
    with pytest.raises(MapUnreadable, match=r"streets\.pmtiles cannot be read"):
        map_file(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(MapUnreadable, match="No such file"):
        map_file(tmp_path / "none.pmtiles")


def test_no_cut_and_no_wrong_byte_does_more_than_raise(tmp_path: Path) -> None:
    path = archive(tmp_path)
    whole = path.read_bytes()
    chance = random.Random(11)
    for _time in range(300):
        broken = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.3 else whole)
        for _byte in range(min(3, len(broken))):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        path.write_bytes(broken)
        try:
            tile(path, 2, 1, 1)
        except MapUnreadable:
            continue


def test_a_tile_that_unpacks_without_end_is_stopped(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(20 * 1024**2))
    path = archive(tmp_path, tiles={(0, 0, 0): bomb}, as_given=True, tile_compression=Compression.GZIP)
    with pytest.raises(MapUnreadable, match="broken"):
        tile(path, 0, 0, 0)


HOSTILE: dict[str, tuple[str, bytes]] = {
    "a directory that unpacks without end": ("root", gzip.compress(bytes(200 * MB))),
    "a directory behind another one": ("root", gzip.compress(b"\0") + gzip.compress(bytes(200 * MB))),
    "a directory of millions": ("root", gzip.compress(b"\xff\xff\xff\x07" + b"\x01" * 16 * MB)),
    "metadata that unpack without end": ("metadata", gzip.compress(b'"' + b" " * 200 * MB)),
    "metadata that nest without end": ("metadata", gzip.compress(b"[" * 100_000)),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_would_take_all_memory_or_time_is_refused(what: str, tmp_path: Path) -> None:
    part, content = HOSTILE[what]
    path = with_part(archive(tmp_path), part, content)
    tracemalloc.start()
    try:
        with pytest.raises(MapUnreadable, match="cannot be read"):
            tile(path, 0, 0, 0)
        assert tracemalloc.get_traced_memory()[1] < 64 * MB
    finally:
        tracemalloc.stop()


def test_a_credit_is_a_line_and_no_book(tmp_path: Path) -> None:
    assert len(map_file(archive(tmp_path, metadata={"attribution": "Somebody " * 100_000})).credit) <= 1000


def test_another_file_in_its_place_is_another_version(tmp_path: Path) -> None:
    first = map_file(archive(tmp_path)).version
    assert map_file(archive(tmp_path, tiles={(0, 0, 0): PICTURE})).version != first
