"""The department's archive of map tiles: a PMTiles file, version 3, with pictures in it, read where it lies.

Every reading opens the file and takes the few spans it needs, so its size costs nothing, threads share nothing, and a file
that is laid in its place is found. It is never mapped: one that is cut short under a mapping would take the process down.
The format: https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md
"""

from __future__ import annotations

import hashlib
import html
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.utils.html import strip_tags
from pmtiles import tile as pmtiles

LARGEST = 16 * 1024**2
"""Bytes of a tile, a directory or the metadata: what claims to be larger is broken."""
_LARGEST_DIRECTORY = 1024**2
"""Bytes of a directory once it is unpacked: a hundred thousand tiles and more, where the largest archives have some ten."""
_LONGEST_CREDIT = 1000
_PICTURES = {
    pmtiles.TileType.PNG: "image/png",
    pmtiles.TileType.JPEG: "image/jpeg",
    pmtiles.TileType.WEBP: "image/webp",
    pmtiles.TileType.AVIF: "image/avif",
}
_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    IndexError,
    RecursionError,
    SuspiciousOperation,
    zlib.error,
    pmtiles.MagicNumberNotFound,
    pmtiles.SpecVersionUnsupported,
)
_NOT_UNPACKED = {pmtiles.Compression.BROTLI, pmtiles.Compression.ZSTD}


class MapUnreadable(Exception):
    """There is no such file, or it is no archive; the message says what to do."""


class MapNotPictures(MapUnreadable):
    """The archive is of a kind that is not drawn here; the message says how one is made that is."""


@dataclass(frozen=True, slots=True)
class MapFile:
    """What an archive says of itself: degrees, zoom levels, and whom it wants named, as text."""

    media_type: str
    zooms: tuple[int, int]  # least and most
    south_west: tuple[float, float]  # latitude, longitude
    north_east: tuple[float, float]
    credit: str
    version: str  # another one for another file

    def covers(self, latitude: float, longitude: float) -> bool:
        """Say whether a place is inside what the archive is said to cover."""
        (south, west), (north, east) = self.south_west, self.north_east
        return south <= latitude <= north and west <= longitude <= east


def map_file(path: Path) -> MapFile:
    """Return what the archive says of itself. Raises `MapUnreadable`, or `MapNotPictures`."""
    with _opened(path) as archive:
        return archive.about()


def tile(path: Path, z: int, x: int, y: int) -> tuple[MapFile, bytes] | None:
    """Return a tile and what it is out of: no bytes where nothing is drawn, None where none can be. Raises as `map_file`."""
    with _opened(path) as archive:
        about = archive.about()
        least, most = about.zooms
        if not (least <= z <= most and x < 2**z and y < 2**z):
            return None
        return about, archive.tile(pmtiles.zxy_to_tileid(z, x, y))


@contextmanager
def _opened(path: Path) -> Iterator[_Archive]:
    try:
        with path.open("rb") as file:
            yield _Archive(file.fileno())
    except _BROKEN as error:
        why = getattr(error, "strerror", None) or str(error) or "it is broken, or something else"
        raise MapUnreadable(f"{path} cannot be read as a PMTiles archive of version 3: {why}.") from error


class _Archive:
    """An archive that is open."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._head = self._span(0, 127)
        self._header = pmtiles.deserialize_header(self._head)
        self._demand_pictures()

    def about(self) -> MapFile:
        head, stood = self._header, os.fstat(self._file)
        south, west, north, east = (head[f"{side}_e7"] / 1e7 for side in ("min_lat", "min_lon", "max_lat", "max_lon"))  # type: ignore[literal-required]
        return MapFile(
            media_type=_PICTURES[head["tile_type"]],
            zooms=(head["min_zoom"], min(head["max_zoom"], 31)),
            south_west=(south, west),
            north_east=(north, east),
            credit=_credit(self._span(head["metadata_offset"], head["metadata_length"])),
            version=hashlib.sha256(self._head + f"{stood.st_size} {stood.st_mtime_ns}".encode()).hexdigest()[:16],
        )

    def tile(self, number: int) -> bytes:
        """Return a tile's picture, or nothing. Directories are nested three deep at most."""
        head = self._header
        offset, length = head["root_offset"], head["root_length"]
        for _level in range(4):
            entry = pmtiles.find_tile(_directory(self._span(offset, length)), number)
            if entry is None:
                return b""
            if entry.run_length:
                return self._unpacked(self._span(head["tile_data_offset"] + entry.offset, entry.length))
            offset, length = head["leaf_directory_offset"] + entry.offset, entry.length
        raise ValueError("its directories lead nowhere")

    def _span(self, offset: int, length: int) -> bytes:
        if length > LARGEST or offset + length > os.fstat(self._file).st_size:
            raise ValueError("it is cut short, or broken")
        return os.pread(self._file, length, offset)

    def _unpacked(self, content: bytes) -> bytes:
        if self._header["tile_compression"] is not pmtiles.Compression.GZIP:
            return content
        return _unpacked(content, most=LARGEST)

    def _demand_pictures(self) -> None:
        head = self._header
        if head["tile_type"] not in _PICTURES:
            raise MapNotPictures(
                "It holds no pictures but vector tiles, and maps here are made of pictures. Render them with QGIS (Generate "
                "XYZ tiles, MBTiles) or tileserver-gl, and make an archive of that: pmtiles-convert streets.mbtiles "
                "streets.pmtiles"
            )
        if head["internal_compression"] is not pmtiles.Compression.GZIP or head["tile_compression"] in _NOT_UNPACKED:
            raise MapNotPictures("It is packed in a way that is not read here. Make it anew with pmtiles-convert.")


@lru_cache(maxsize=4)
def _credit(metadata: bytes) -> str:
    """Return whom the archive wants to be named, as text: in the wild it is HTML."""
    said: Any = json.loads(_unpacked(metadata, most=LARGEST))
    wanted = said.get("attribution", "") if isinstance(said, dict) else ""
    return html.unescape(strip_tags(wanted[:_LONGEST_CREDIT])).strip() if isinstance(wanted, str) else ""


@lru_cache(maxsize=32)  # by its bytes, so it outlives no file
def _directory(packed: bytes) -> list[pmtiles.Entry]:
    _unpacked(packed, most=_LARGEST_DIRECTORY)  # the library unpacks whatever comes of it
    return pmtiles.deserialize_directory(packed)


def _unpacked(packed: bytes, *, most: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    content = unpacker.decompress(packed, most)
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("a part of it is broken, or larger than it may be")
    return content
