"""An encrypted file holds what was put in, whatever its size, and nothing that was changed, cut, swapped or added."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from platekeeper.server.storage.backups import BackupDamaged, chunks
from platekeeper.server.storage.backups.chunks import CHUNK

KEY = bytes(range(32))
HEADER, SEALED = 62, CHUNK + 16


def _sealed(content: bytes, folder: Path, *, path: str = "a/b") -> bytes:
    place = folder / "file"
    place.unlink(missing_ok=True)
    told = chunks.seal(io.BytesIO(content), place, path=path, key=KEY, key_id="00" * 16)
    assert told.size == place.stat().st_size
    return place.read_bytes()


def _opened(sealed: bytes) -> tuple[bytes, bytes]:
    name, *pieces = chunks.opened(io.BytesIO(sealed), key=KEY)
    return name, b"".join(pieces)


@pytest.mark.parametrize(
    "size", [0, 1, 4090, 4091, 4092, CHUNK - 6, CHUNK - 5, CHUNK - 4, 2 * CHUNK - 5, 2 * CHUNK + 7]
)
def test_what_went_in_comes_out(size: int, tmp_path: Path) -> None:
    content = bytes([0x80, 0] * (size // 2 + 1))[:size]
    sealed = _sealed(content, tmp_path)
    assert _opened(sealed) == (b"a/b", content)
    assert (len(sealed) - HEADER - 16 * -((HEADER - len(sealed)) // SEALED)) % 4096 == 0  # a size is told to 4 KiB


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=some.binary(max_size=9000), at=some.floats(0, 1, exclude_max=True), bit=some.integers(0, 7))
def test_a_bit_that_flips_is_found(content: bytes, at: float, bit: int, tmp_path: Path) -> None:
    sealed = bytearray(_sealed(content, tmp_path))
    sealed[int(at * len(sealed))] ^= 1 << bit
    with pytest.raises(BackupDamaged):
        _opened(bytes(sealed))


_HARM: dict[str, Callable[[bytes, bytes, bytes, bytes], bytes]] = {
    "the last chunk cut off": lambda head, one, two, three: head + one + two,
    "all chunks cut off": lambda head, one, two, three: head,
    "chunks swapped": lambda head, one, two, three: head + two + one + three,
    "a chunk twice": lambda head, one, two, three: head + one + one + two + three,
    "a chunk left out": lambda head, one, two, three: head + two + three,
    "something added": lambda head, one, two, three: head + one + two + three + two,
}


@pytest.mark.parametrize("harm", _HARM)
def test_chunks_stay_where_they_are(harm: str, tmp_path: Path) -> None:
    sealed = _sealed(bytes(2 * CHUNK + 10), tmp_path)
    ends = (0, HEADER, HEADER + SEALED, HEADER + 2 * SEALED, len(sealed))
    head, one, two, three = (sealed[since:until] for since, until in pairwise(ends))
    with pytest.raises(BackupDamaged):
        _opened(_HARM[harm](head, one, two, three))


def test_chunks_of_another_file_do_not_fit(tmp_path: Path) -> None:
    first, second = _sealed(b"one", tmp_path), _sealed(b"two", tmp_path)
    with pytest.raises(BackupDamaged):
        _opened(first[:HEADER] + second[HEADER:])
