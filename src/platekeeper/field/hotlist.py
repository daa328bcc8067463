"""The hot list on the unit: pulled, verified, matched, and no longer used once it has expired (V.a, VII.d)."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

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
from platekeeper.field.rowfiles import RowFiles
from platekeeper.field.sighting import Sighting


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
        self._rows = RowFiles(folder)
        self.trouble = ""
        self.current: HotListOnUnit | None = None
        try:
            with self._rows.alone() as is_ours:
                self._begin(is_ours=is_ours)
        except (TransferError, HotListFormatError, OSError, ValueError) as error:
            self.trouble = f"The hot list on this unit cannot be used: {error}"

    def pull(self, link: Link, *, now: int) -> bool:
        """Ask the department for what is in force; return whether that is anything new. Raises `NotTaken`, `TransferError`.

        What broke off goes on where it was. The list before stays in force until the new one is whole. `now` is the best
        that is known of the time, in microseconds UTC.
        """
        answer = link.post("/api/hot-list", self._known()).json()
        try:
            line, contents = (base64.b64decode(answer[name], validate=True) for name in ("line", "contents"))
        except (KeyError, ValueError, TypeError) as error:
            raise NotTaken("The answer is no hot list.") from error
        if not line:
            return False
        is_new = self.take(line, contents, link=link, now=now)
        if is_new:  # says so at once: until then no tour begins on it
            with contextlib.suppress(NotTaken):
                link.post("/api/hot-list", self._known())
        return is_new

    def take(self, line: bytes, contents: bytes, *, link: Link, now: int) -> bool:
        """Take what was issued in force, fetching the rows that are missing; return whether it is in force now.

        It is not while another command of this unit is at it. One that is older than what the unit has is taken only where
        that is of a time still to come: the department's clock was wrong then. Raises `NotTaken`, `TransferError`.
        """
        bundle, issued = read_issue(line, contents, unit=self._unit, public=self._signs)
        if self.current is not None and bundle.made_at < self.current.bundle.made_at <= moment_of(now):
            raise TransferError("This hot list is older than the one on the unit.")
        with self._rows.alone() as is_ours:
            if not is_ours:
                return False
            missing = [rows for rows in _files(issued) if not self._rows.place(rows.sha256).exists()]
            if missing:
                self._rows.expect(_names(issued), beside=self._in_force())
            for rows in missing:
                self._rows.fetch(rows, link=link)
            self.current = HotListOnUnit(bundle, issued, self._matcher(issued))
            write_durably(self._folder / "issue", line + b"\n" + contents)
            self.trouble = ""
            self._rows.settle(self._in_force())
        return True

    def _begin(self, *, is_ours: bool) -> None:
        """Load what was issued last, and remove what was left behind when the unit was cut off."""
        with contextlib.suppress(FileNotFoundError):
            bundle, issued = self._issue()
            self.current = HotListOnUnit(bundle, issued, self._matcher(issued))
        if is_ours:
            self._rows.sweep(self._in_force())

    def _issue(self) -> tuple[Bundle, Issued]:
        line, _, contents = (self._folder / "issue").read_bytes().partition(b"\n")
        return read_issue(line, contents, unit=self._unit, public=self._signs)

    def _in_force(self) -> set[str]:
        """Return which rows the list on the disk needs, whichever of this unit's commands put it there."""
        try:
            return _names(self._issue()[1])
        except (FileNotFoundError, TransferError):
            return set()

    def _known(self) -> bytes:
        if self.current is None:
            return b"{}"
        has = self.current.bundle
        return json.dumps({"known": has.content["sha256"], "uid": has.uid}).encode()

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
        content = self._rows.place(rows.sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != rows.sha256:
            self._rows.place(rows.sha256).unlink()
            raise TransferError("its rows were changed on the disk. Pull it again.")
        reader = format_of(rows.format, rows.layout)
        parsed = reader.parse(content, progress=lambda _done, _of: None)
        return Loaded(
            rows.sha256, reader, content, HotListIndex(parsed.entries), parsed.removed, withdrawn(base, parsed)
        )


def _files(issued: Issued) -> list[Rows]:
    return [rows for each in issued.lists for rows in each.files]


def _names(issued: Issued) -> set[str]:
    return {rows.sha256 for rows in _files(issued)}
