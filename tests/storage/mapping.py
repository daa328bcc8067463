"""A small archive of map tiles, as the world makes them."""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from pmtiles.tile import Compression, TileType, deserialize_header, serialize_header, zxy_to_tileid
from pmtiles.writer import Writer

Place = tuple[int, int, int]


def drawn(words: str) -> bytes:
    """Return a tile with words on it and a line around, to be looked at."""
    picture = Image.new("RGB", (256, 256), "#e8efe4")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 255, 255), outline="#7a8f70")
    draw.text((12, 12), words, fill="#34422e")
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


PICTURE = drawn("streets")
TILES: Mapping[Place, bytes] = {
    (0, 0, 0): PICTURE,
    (1, 0, 0): PICTURE,
    **{(2, x, y): PICTURE + b"%d %d" % (x, y) for x in range(2) for y in range(2)},
}


def archive(
    folder: Path,
    *,
    tiles: Mapping[Place, bytes] = TILES,
    metadata: Mapping[str, Any] | None = None,
    as_given: bool = False,
    **header: Any,
) -> Path:
    """Write an archive, of the whole world unless the header says otherwise; `as_given`: its tiles are packed already."""
    path = folder / "streets.pmtiles"
    head = {"tile_type": TileType.PNG, "tile_compression": Compression.NONE} | header
    packs = head["tile_compression"] is Compression.GZIP and not as_given
    with path.open("wb") as file:
        writer = Writer(file)  # type: ignore[no-untyped-call]
        for place, content in sorted(tiles.items(), key=lambda item: zxy_to_tileid(*item[0])):
            writer.write_tile(zxy_to_tileid(*place), gzip.compress(content) if packs else content)  # type: ignore[no-untyped-call]
        writer.finalize(head, dict(metadata or {}))  # type: ignore[no-untyped-call]
    return path


def with_part(path: Path, part: str, content: bytes) -> Path:
    """Let an archive have another part, `root` or `metadata`, behind everything else."""
    whole = path.read_bytes()
    head: Any = deserialize_header(whole[:127])
    head |= {f"{part}_offset": len(whole), f"{part}_length": len(content)}
    path.write_bytes(serialize_header(head) + whole[127:] + content)
    return path
