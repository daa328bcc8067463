"""Files that are whole or not there, also where two write the same one at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from platekeeper.server.storage.files import write_durably, write_pieces_durably


def test_two_who_write_the_same_at_once_each_write_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "000000000007.txt"

    def pieces() -> Iterator[bytes]:
        yield b"what one "
        write_durably(path, b"what another writes")
        assert path.read_bytes() == b"what another writes"
        yield b"writes"

    write_pieces_durably(path, pieces())
    assert path.read_bytes() == b"what one writes"
    assert list(tmp_path.iterdir()) == [path]


def test_what_breaks_off_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    write_durably(path, b"before")

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="space"):
        write_pieces_durably(path, pieces())
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"before", [path])
