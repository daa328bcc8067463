"""Files that are put together on disk before they are packed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from platekeeper.server.storage.file_by_file import FileByFile, unnamed, zipped
from platekeeper.verify import Folder


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


def test_the_same_files_make_the_same_packet(tmp_path: Path) -> None:
    with zipped({"b": b"2", "a": b"1"}, unnamed(tmp_path), folder="packet-1") as one:
        content = one.read()
    with zipped({"a": b"1", "b": b"2"}, unnamed(tmp_path), folder="packet-1") as other:
        assert other.read() == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["packet-1/a", "packet-1/b"]
        archive.extractall(tmp_path)
    assert dict(Folder(tmp_path)) == {"packet-1/a": b"1", "packet-1/b": b"2"}
