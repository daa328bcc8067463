"""Files that are put together on disk before they are packed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from platekeeper.server.storage.file_by_file import FileByFile, unnamed, zipped
from platekeeper.verify import Folder, manifest


def test_each_is_what_was_added_last_and_nothing_is_left(tmp_path: Path) -> None:
    with FileByFile(tmp_path / "outgoing") as files:
        files.add("a", b"one")
        files.add("b/c", b"")
        assert files["a"] == b"one"
        files.update({"a": b"another", "d": bytes(1000)})
        assert dict(files) == {"a": b"another", "b/c": b"", "d": bytes(1000)}
        assert "e" not in files
        assert list((tmp_path / "outgoing").iterdir()) == [], "it has no name"
    with pytest.raises(ValueError, match="closed"):
        files["a"]


def test_a_large_one_is_added_and_given_in_pieces(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    with FileByFile(tmp_path) as files:
        files.add("before", b"1")
        files.add_pieces("large", (content[at : at + 1000] for at in range(0, len(content), 1000)))
        files.add("after", b"2")
        pieces = list(files.pieces("large"))
        assert (b"".join(pieces), len(pieces), files.size("large")) == (content, 3, len(content))
        assert [b"".join(files.pieces(name)) for name in ("before", "after")] == [b"1", b"2"]
        assert manifest("sha256", files, files) == manifest("sha256", dict(files), files)


def test_the_same_files_make_the_same_packet(tmp_path: Path) -> None:
    content, other = (_packed({"b": b"2", "a": b"1"}, tmp_path), _packed({"a": b"1", "b": b"2"}, tmp_path))
    assert content == other
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["packet-1/a", "packet-1/b"]
        archive.extractall(tmp_path)
    assert dict(Folder(tmp_path)) == {"packet-1/a": b"1", "packet-1/b": b"2"}


def _packed(files: dict[str, bytes], folder: Path) -> bytes:
    with FileByFile(folder) as added:
        added.update(files)
        with zipped(added, unnamed(folder), folder="packet-1") as packed:
            return packed.read()
