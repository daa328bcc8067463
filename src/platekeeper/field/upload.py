"""Reads go up when there is a network, the most important first, each batch by itself, until the server says it has them."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from platekeeper.core.moments import microseconds, moment_of
from platekeeper.field.handing import Pace, hand_over
from platekeeper.field.link import Answer, Link, NotTaken
from platekeeper.field.spool import Kept, Kind, Outcome, Spool

MOST_READS, MOST_BYTES = 50, 4 << 20
"""Of a batch: small enough to get through a weak network at once."""
_COUNTED = {"stored": Outcome.KEPT, "repeated": Outcome.KEPT, "dead_letters": Outcome.DEAD_LETTER,
            "past_ceiling": Outcome.PAST_CEILING}  # fmt: skip


def batch_of(reads: Sequence[Kept]) -> bytes:
    """Return reads as `POST /api/reads` takes them; the same reads give the same bytes whenever they are sent."""
    return json.dumps([_written(read) for read in reads]).encode()


@dataclass(slots=True)
class Uploader:
    """Sends what waits."""

    spool: Spool
    link: Link
    pace: Pace = field(default_factory=lambda: Pace(MOST_READS))

    def run(self) -> int:
        """Send everything that waits; return how many reads the server has now that it was not known to have.

        Raises `NotTaken` where it stops before all is sent; what was confirmed until then stays confirmed.
        """
        self._greet()
        return hand_over(
            self.spool, Kind.READ, self._waiting, self._send, which=lambda read: read.number, pace=self.pace
        )

    def _waiting(self, most: int) -> list[Kept]:
        return self.spool.waiting(most=most, most_bytes=MOST_BYTES)

    def _greet(self) -> None:
        """Say that the unit is there, and hear what time it is before any read's time is said."""
        self._post(b"[]")

    def _send(self, reads: Sequence[Kept]) -> None:
        outcomes = _outcomes(self._post(batch_of(reads)), of=len(reads))
        if len(outcomes) == 1:
            self.spool.confirm([read.number for read in reads], outcomes.pop())
            return
        for read in reads:  # the receipt counts and does not name; sent again one by one, nothing is stored twice
            (outcome,) = _outcomes(self._post(batch_of([read])), of=1)
            self.spool.confirm([read.number], outcome)

    def _post(self, content: bytes) -> Answer:
        answer = self.link.post("/api/reads", content)
        if answer.at is not None:
            self.spool.hear(microseconds(answer.at))
        return answer


def _outcomes(answer: Answer, *, of: int) -> set[Outcome]:
    """Return what became of a batch. Raises `NotTaken` for an answer that does not account for every read sent."""
    said = answer.json()
    counts = [count for name in _COUNTED if type(count := said.get(name)) is int and count >= 0]
    if len(counts) != len(_COUNTED) or sum(counts) != of:
        raise NotTaken("The answer does not account for what was sent.")
    return {outcome for outcome, count in zip(_COUNTED.values(), counts, strict=True) if count}


def _written(read: Kept) -> dict[str, Any]:
    image = {"image": base64.b64encode(read.image).decode()} if read.image else {}
    return {**read.said, "captured_at": moment_of(read.told).isoformat(), **image}
