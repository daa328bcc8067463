"""The page of formats names every format that there is a parser or a writer for."""

from __future__ import annotations

from pathlib import Path

from platekeeper.core.formats.cameras import CAMERA_FORMATS
from platekeeper.core.formats.hotlists import HOT_LIST_FORMATS

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"


def test_every_format_is_named() -> None:
    rows = {line.split("|")[1].strip(): line for line in PAGE.read_text().splitlines() if line.startswith("| ")}
    assert [name for name in CAMERA_FORMATS if f"`{name}`" not in rows["reads from a camera"]] == []
    assert [name for name in HOT_LIST_FORMATS if f"`{name}`" not in rows["hot lists"]] == []
