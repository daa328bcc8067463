"""The rows of hot lists on the unit's disk: under their digest once they are whole, swept once no list wants them.

What is fetched piece by piece is appended, so what broke off goes on where it was, also after a power cut; the digest
says in the end whether it is what was signed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from platekeeper.core.formats.deltas import DeltaError, applied
from platekeeper.core.hotlists.issued import Rows
from platekeeper.core.transfer import TransferError
from platekeeper.field.files import keep_entries, write_durably
from platekeeper.field.link import Link, NotTaken

_LARGEST_PIECE = 16 << 20


class RowFiles:
    """The folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, sha256: str) -> Path:
        """Return where rows lie once they are whole."""
        return self._folder / f"rows-{sha256}"

    @contextlib.contextmanager
    def alone(self) -> Iterator[bool]:
        """Say for a block whether the folder is ours alone: another command of this unit may be fetching or sweeping."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
        finally:
            os.close(handle)

    def expect(self, wanted: Iterable[str], *, beside: Iterable[str]) -> None:
        """Take down which rows are to come, beside those in force, and sweep the others; a fetch that breaks off goes on."""
        write_durably(self._coming, json.dumps(sorted(wanted)).encode())
        self.sweep(beside)

    def settle(self, wanted: Iterable[str]) -> None:
        """Sweep whatever is not of the list that is in force from now on."""
        self._coming.unlink(missing_ok=True)
        self.sweep(wanted)

    def sweep(self, wanted: Iterable[str]) -> None:
        """Remove rows, whole or not, that are neither wanted nor to come, and what a write that was cut off left behind."""
        try:
            kept = {*wanted, *json.loads(self._coming.read_bytes())}
        except (FileNotFoundError, ValueError):
            kept = {*wanted}
        for path in (*self._folder.glob("rows-*"), *self._folder.glob("partial-*")):
            kind, _, sha256 = path.name.partition("-")
            if sha256 not in kept or (kind == "partial" and self.place(sha256).exists()):
                path.unlink(missing_ok=True)
        for path in self._folder.glob(".*.partial"):
            path.unlink(missing_ok=True)

    def fetch(self, rows: Rows, *, link: Link) -> None:
        """Fetch rows as what is different from some that are here, or else piece by piece.

        Raises `NotTaken`, `TransferError`, and OSError where the disk takes no more.
        """
        for path in self._folder.glob("rows-*"):
            with contextlib.suppress(NotTaken, DeltaError):
                asked = {"sha256": rows.sha256, "since": path.name.removeprefix("rows-")}
                content = applied(path.read_bytes(), _asked(link, asked))
                if hashlib.sha256(content).hexdigest() == rows.sha256:
                    write_durably(self.place(rows.sha256), content)
                    return
        partial = self._folder / f"partial-{rows.sha256}"
        with partial.open("ab") as file:
            while (there := file.tell()) < rows.size:
                if not (piece := _unpacked(_asked(link, {"sha256": rows.sha256, "after": there}))):
                    break
                file.write(piece)
                file.flush()
                os.fsync(file.fileno())
        with partial.open("rb") as file:
            came = hashlib.file_digest(file, "sha256").hexdigest()
        if came != rows.sha256:
            partial.unlink()
            raise TransferError("The rows that came are not those that were signed.")
        partial.replace(self.place(rows.sha256))
        keep_entries(self._folder)

    @property
    def _coming(self) -> Path:
        return self._folder / "coming"


def _asked(link: Link, asked: Mapping[str, object]) -> bytes:
    return link.post("/api/hot-list/rows", json.dumps(asked).encode()).content


def _unpacked(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, _LARGEST_PIECE)
    except zlib.error as error:
        raise NotTaken("A piece of the hot list broke off.") from error
