"""Snapshots are kept under their digest and read back as they were, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from platekeeper.server.storage.snapshots import SnapshotDamaged, keep, read


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    digest = keep(tmp_path / "lists", b"one")
    assert digest == hashlib.sha256(b"one").hexdigest()
    assert keep(tmp_path / "lists", b"one") == digest
    assert read(tmp_path / "lists", digest) == b"one"


def test_a_damaged_or_missing_file_is_said_so_and_mended_by_keeping_it_again(tmp_path: Path) -> None:
    digest = keep(tmp_path, b"one")
    (tmp_path / digest).write_bytes(b"two")
    with pytest.raises(SnapshotDamaged, match="not what was kept"):
        read(tmp_path, digest)
    keep(tmp_path, b"one")
    assert read(tmp_path, digest) == b"one"
    (tmp_path / digest).unlink()
    with pytest.raises(SnapshotDamaged, match="missing"):
        read(tmp_path, digest)


@pytest.mark.parametrize("digest", ["", "../secrets.json", "A" * 64, "a" * 63])
def test_only_digests_name_files(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ValueError, match="64"):
        read(tmp_path, digest)
