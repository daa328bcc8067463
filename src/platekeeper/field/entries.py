"""Plates entered by hand on the unit, and whether they were read before (VII.f-g), on what the unit has itself.

An entry is signed with the unit's key and handed in when there is a network. One that an alert requires stands here at
once; any other waits for the department's word, which comes with the next hot list.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from platekeeper.core.categories import usual_action
from platekeeper.core.formats.signed_entries import SignedEntry, sign_entry
from platekeeper.core.hotlists.in_force import Matcher, candidates_of
from platekeeper.core.hotlists.own import OwnEntries, OwnEntry
from platekeeper.core.hotlists.wanted import WantedHit
from platekeeper.core.matching import PlateBatch
from platekeeper.core.moments import microseconds, moment_of
from platekeeper.core.partial import parse_pattern
from platekeeper.core.plates import fold, parse_state, plate_text
from platekeeper.core.rules.field_entries import REQUIRED, USUAL, Ground
from platekeeper.field.acts import Acts
from platekeeper.field.handing import Pace, hand_over
from platekeeper.field.link import Link, NotTaken
from platekeeper.field.sighting import Sighting
from platekeeper.field.spool import NOT_ASIDE, TAKEN_AFTER_ALL, Kind, Spool

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    uid TEXT PRIMARY KEY, line BLOB NOT NULL, made INTEGER NOT NULL, ends INTEGER NOT NULL, ground TEXT NOT NULL,
    plate TEXT NOT NULL, jurisdiction TEXT NOT NULL, reason TEXT NOT NULL, state TEXT NOT NULL, said TEXT NOT NULL
);
"""
WAITING = "waiting"
_MOST = 50
"""Of a batch: the server takes no more than some hundred lines at once."""
_MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Prior:
    """A read that is on the unit: when, where, and what of the plate was sure."""

    number: int
    plate: str
    at: int
    latitude: float | None
    longitude: float | None


class FieldEntries:
    """The entries and look-ups of a spool."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self._acts = spool, Acts(spool)
        spool.make(_SCHEMA)

    def enter(self, entry: SignedEntry, *, key: Ed25519PrivateKey) -> str:
        """Sign an entry and keep it until it is handed in; return its number. Raises ValueError for what is no plate."""
        plate = parse_pattern(entry.plate).text
        stands = entry.stands or USUAL[entry.ground].stands
        uid, made = secrets.token_hex(16), moment_of(self._spool.now)
        line = sign_entry(entry, uid=uid, made_at=made, public=key.public_key().public_bytes_raw(), sign=key.sign)
        with self._spool.changing() as rows:
            rows.execute(
                "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
                (uid, line, microseconds(made), microseconds(made + stands), entry.ground.value, plate,
                 parse_state(entry.jurisdiction) or "", entry.reason, WAITING),
            )  # fmt: skip
        return uid

    def match(self, sighting: Sighting, *, now: int) -> list[WantedHit]:
        """Return what a sighting matches of the entries that stand here until the department has them."""
        standing = [
            _own(row)
            for row in self._spool.rows(
                "SELECT uid, made, ends, ground, plate, jurisdiction, reason FROM entries WHERE state = ? AND ends > ?",
                WAITING, now,
            )
            if Ground(row[3]) in REQUIRED
        ]  # fmt: skip
        if not standing:
            return []
        matcher = Matcher(version=0, lists=(), own=OwnEntries(standing))
        return matcher.match(
            PlateBatch([plate_text(sighting.plate) or ""]), states=[sighting.state or None], at=[now],
            candidates=[candidates_of(sighting.candidates)],
        )  # fmt: skip

    def hand_in(self, link: Link) -> int:
        """Hand in what waits; return how many the department has now, entered or refused. Raises `NotTaken`."""

        def send(entries: Sequence[tuple[str, bytes]]) -> None:
            said = link.post("/api/entries", b"\n".join(bytes(line) for _, line in entries)).json().get("lines")
            if not isinstance(said, list) or len(said) != len(entries):
                raise NotTaken("The answer does not account for every entry.")
            with self._spool.changing() as rows:
                for (uid, _), told in zip(entries, said, strict=True):
                    became = (told["state"], told.get("reason", ""), uid)
                    rows.execute("UPDATE entries SET state = ?, said = ? WHERE uid = ?", became)
                    rows.execute(TAKEN_AFTER_ALL, (Kind.ENTRY, uid))

        return hand_over(self._spool, Kind.ENTRY, self._waiting, send, which=lambda entry: entry[0], pace=Pace(_MOST))

    def _waiting(self, most: int) -> list[tuple[str, bytes]]:
        found = self._spool.rows(
            f"SELECT uid, line FROM entries WHERE state = ? AND uid {NOT_ASIDE} ORDER BY made LIMIT ?",
            WAITING, Kind.ENTRY, self._spool.now, most,
        )  # fmt: skip
        return [(uid, line) for uid, line in found]

    def listed(self) -> list[tuple[str, str, str, str]]:
        """Return plate, ground, state and what was said of every entry, the newest first."""
        found = self._spool.rows("SELECT plate, ground, state, said FROM entries ORDER BY made DESC LIMIT 20")
        return [(plate, ground, state, said) for plate, ground, state, said in found]

    def look_up(self, raw: str, *, member: str, reason: str) -> list[Prior]:
        """Return the reads of a plate, complete or partial, that are on the unit, the newest first (VII.g).

        The look-up is on disk, with who asked and why, before anything is shown. Raises ValueError for what is no plate.
        """
        pattern = parse_pattern(raw, least_known=2)
        if not member.strip() or not reason.strip():
            raise ValueError("Say who you are and why you look this plate up.")
        self._spool.teach("fold", fold)
        found = self._spool.rows(
            "SELECT number, plate, at, said FROM reads WHERE fold(plate) GLOB ? ORDER BY at DESC LIMIT ?",
            pattern.glob, _MOST_FOUND,
        )  # fmt: skip
        with self._spool.changing() as rows:
            self._acts.insert(rows, kind="look_up", member=member.strip(), plate=pattern.text, said=reason.strip())
        return [_prior(number, plate, at, json.loads(said)) for number, plate, at, said in found]


def _prior(number: int, plate: str, at: int, said: dict[str, float]) -> Prior:
    return Prior(number, plate, at, said.get("latitude"), said.get("longitude"))


def _own(row: tuple[Any, ...]) -> OwnEntry:
    uid, made, ends, ground, plate, jurisdiction, reason = row
    category = USUAL[Ground(ground)].category
    begins, until = moment_of(made) - timedelta(seconds=1), moment_of(ends)
    return OwnEntry(
        key=f"field:{uid}", plate=plate, is_partial=not parse_pattern(plate).is_complete, jurisdiction=jurisdiction,
        category=category, hit_action=usual_action(category), effective_at=begins, expires_at=until,
        copy={"plate": plate, "state": jurisdiction, "category": category.value, "reason": reason, "list": "this unit"},
    )  # fmt: skip
