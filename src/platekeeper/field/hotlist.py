"""The hot list on the unit: pulled, verified, matched, and no longer used once it has expired (V.a, VII.d)."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from platekeeper.core.formats.deltas import DeltaError, applied
from platekeeper.core.formats.hotlists.rows import HotListFormatError
from platekeeper.core.hotlists.in_force import ListInForce, Matcher, candidates_of
from platekeeper.core.hotlists.issued import Issued, IssuedList, Rows, read_issue
from platekeeper.core.hotlists.loaded import Loaded, format_of, withdrawn
from platekeeper.core.hotlists.own import OwnEntries
from platekeeper.core.hotlists.standing import Standing
from platekeeper.core.hotlists.wanted import WantedHit
from platekeeper.core.matching import HotListIndex, PlateBatch
from platekeeper.core.moments import microseconds, moment_of
from platekeeper.core.plates import plate_text
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.lists import is_fresh
from platekeeper.core.transfer import Bundle, TransferError
from platekeeper.field.files import write_durably
from platekeeper.field.link import Link, NotTaken
from platekeeper.field.sighting import Sighting

_LARGEST_PIECE = 16 << 20


@dataclass(frozen=True, slots=True)
class HotListOnUnit:
    """What was issued last, ready for matching. Never changed once made, so threads share it."""

    bundle: Bundle
    issued: Issued
    matcher: Matcher

    def match(self, sighting: Sighting, *, now: int) -> list[WantedHit]:
        """Return what a sighting matches, its candidates as look-alikes; nothing once the list has expired.

        `now` is the best that is known of the time, in microseconds UTC.
        """
        plate = plate_text(sighting.plate)
        if self.expired(now=now):
            return []
        others = [text for text in candidates_of(sighting.candidates) if text != plate]
        return self.matcher.match(
            PlateBatch([plate or ""]), states=[sighting.state or None], at=[now], candidates=[others]
        )

    def wanted(self, plate: str, *, now: int) -> list[WantedHit]:
        """Return what a plate that somebody typed is wanted for; nothing once the list has expired."""
        text = plate_text(plate)
        if text is None or self.expired(now=now):
            return []
        return self.matcher.match(PlateBatch([text]), states=[None], at=[now])

    def expired(self, *, now: int) -> bool:
        """Say whether the department's word has run out."""
        return now >= microseconds(self.bundle.expires_at)

    def stale(self, *, now: int) -> Sequence[str]:
        """Return the lists that are older than their own rules allow, in words (V.a)."""
        zone, at = ZoneInfo(self.issued.zone), moment_of(now)
        judged = ((each.name, is_fresh(each.rules, each.delivered_at, at=at, zone=zone)) for each in self.issued.lists)
        return [f"{name}: {decision.reason}" for name, decision in judged if isinstance(decision, Refused)]


class HotListKeeper:
    """What was issued to the unit, as it lies on its disk. What is not whole or not signed is never matched against."""

    def __init__(self, folder: Path, *, unit: int, signs: str) -> None:
        """`signs` is the department's public key, in hexadecimal."""
        self._folder, self._unit, self._signs = folder, unit, bytes.fromhex(signs)
        self.trouble = ""
        self.current: HotListOnUnit | None = None
        try:
            self.current = self._load()
        except FileNotFoundError:
            pass
        except (TransferError, HotListFormatError, OSError, ValueError) as error:
            self.trouble = f"The hot list on this unit cannot be used: {error}"

    def pull(self, link: Link) -> bool:
        """Ask the department for what is in force; return whether that is anything new. Raises `NotTaken`, `TransferError`.

        What broke off goes on where it was. The list before stays in force until the new one is whole.
        """
        answer = link.post("/api/hot-list", json.dumps({"known": self._known()}).encode()).json()
        try:
            line, contents = (base64.b64decode(answer[name], validate=True) for name in ("line", "contents"))
        except (KeyError, ValueError, TypeError) as error:
            raise NotTaken("The answer is no hot list.") from error
        if not line:
            return False
        return self.take(line, contents, link=link)

    def take(self, line: bytes, contents: bytes, *, link: Link) -> bool:
        """Take what was issued in force, fetching the rows that are missing. Raises `NotTaken`, `TransferError`."""
        bundle, issued = read_issue(line, contents, unit=self._unit, public=self._signs)
        if self.current is not None and bundle.made_at < self.current.bundle.made_at:
            raise TransferError("This hot list is older than the one on the unit.")
        for each in issued.lists:
            for rows in each.files:
                if not self._place(rows.sha256).exists():
                    self._fetch(rows, link=link)
        self.current = HotListOnUnit(bundle, issued, self._matcher(issued))
        write_durably(self._folder / "issue", line + b"\n" + contents)
        self.trouble = ""
        kept = {rows.sha256 for each in issued.lists for rows in each.files}
        for path in self._folder.glob("rows-*"):
            if path.name.removeprefix("rows-") not in kept:
                path.unlink(missing_ok=True)
        return True

    def _load(self) -> HotListOnUnit:
        line, _, contents = (self._folder / "issue").read_bytes().partition(b"\n")
        bundle, issued = read_issue(line, contents, unit=self._unit, public=self._signs)
        return HotListOnUnit(bundle, issued, self._matcher(issued))

    def _known(self) -> str:
        return str(self.current.bundle.content["sha256"]) if self.current is not None else ""

    def _place(self, sha256: str) -> Path:
        return self._folder / f"rows-{sha256}"

    def _fetch(self, rows: Rows, *, link: Link) -> None:
        """Fetch rows as what is different from some that are here, or else piece by piece."""
        for path in self._folder.glob("rows-*"):
            with contextlib.suppress(NotTaken, DeltaError):
                asked = {"sha256": rows.sha256, "since": path.name.removeprefix("rows-")}
                change = link.post("/api/hot-list/rows", json.dumps(asked).encode()).content
                if self._keep(rows, applied(path.read_bytes(), change)):
                    return
        partial = self._folder / f"partial-{rows.sha256}"
        content = partial.read_bytes() if partial.exists() else b""
        while len(content) < rows.size:
            asked_piece = {"sha256": rows.sha256, "after": len(content)}
            packed = link.post("/api/hot-list/rows", json.dumps(asked_piece).encode()).content
            try:
                piece = zlib.decompressobj().decompress(packed, _LARGEST_PIECE)
            except zlib.error as error:
                raise NotTaken("A piece of the hot list broke off.") from error
            if not piece:
                break
            content += piece
            write_durably(partial, content)
        partial.unlink(missing_ok=True)
        if not self._keep(rows, content):
            raise TransferError("The rows that came are not those that were signed.")

    def _keep(self, rows: Rows, content: bytes) -> bool:
        if hashlib.sha256(content).hexdigest() != rows.sha256:
            return False
        write_durably(self._place(rows.sha256), content)
        return True

    def _matcher(self, issued: Issued) -> Matcher:
        lists = [
            ListInForce(
                slug=each.slug, name=each.name, source=each.source, delivery=each.delivery, digest=each.digest,
                delivered_at=each.delivered_at, standing=self._standing(each), rules=each.rules,
            )
            for each in issued.lists
        ]  # fmt: skip
        return Matcher(version=0, lists=lists, own=OwnEntries(issued.own), suppressed=issued.suppressed)

    def _standing(self, each: IssuedList) -> Standing:
        whole = self._loaded(each.whole, None) if each.whole else None
        return Standing(whole, self._loaded(each.changed, whole) if each.changed else None)

    def _loaded(self, rows: Rows, base: Loaded | None) -> Loaded:
        content = self._place(rows.sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != rows.sha256:
            self._place(rows.sha256).unlink()
            raise TransferError("its rows were changed on the disk. Pull it again.")
        reader = format_of(rows.format, rows.layout)
        parsed = reader.parse(content, progress=lambda _done, _of: None)
        return Loaded(
            rows.sha256, reader, content, HotListIndex(parsed.entries), parsed.removed, withdrawn(base, parsed)
        )
