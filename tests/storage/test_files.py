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


@pytest.mark.parametrize("laid", ["kept.receipt", ".kept.receipt.partial"])
def test_a_link_that_somebody_laid_beside_leads_nowhere(laid: str, tmp_path: Path) -> None:
    """A receipt is written onto a stick that came from outside: a link on it may lead to a file of this machine."""
    (secret := tmp_path / "secrets.json").write_bytes(b"ours")
    (stick := tmp_path / "stick").mkdir()
    (stick / laid).symlink_to(secret)
    write_durably(stick / "kept.receipt", b"receipt")
    assert ((stick / "kept.receipt").read_bytes(), secret.read_bytes()) == (b"receipt", b"ours")
    assert not (stick / "kept.receipt").is_symlink()


def test_what_breaks_off_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    write_durably(path, b"before")

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="space"):
        write_pieces_durably(path, pieces())
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"before", [path])
