"""Stored reads are brought in from a file (V.b), batch by batch, as if the LPR had sent them.

Reads are known by what the file says of them, so an import that broke off is simply begun again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.formats.cameras.payload import Item
from platekeeper.core.formats.reads import ReadFormatError, UnparsedRead, storable
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.receive_reads import Receipt, Submission

MOST_READS, MOST_BYTES = 1000, 16 * 1024 * 1024
"""Of one batch: reads, and bytes of their pictures."""

Receive = Callable[[Submission], Receipt]


class ImportRefused(Exception):
    """The file is not what it was said to be, and nothing of it was stored. The message says why."""


@dataclass(slots=True)
class Totals:
    """What became of the rows so far; everything counted is on disk."""

    stored: int = 0
    repeated: int = 0
    dead_letters: int = 0
    past_ceiling: int = 0
    barred: int = 0


@dataclass(frozen=True, slots=True)
class ReadsImport:
    """A file of reads of one LPR. `receive` takes a batch in, `clock` gives the time at which each one arrives."""

    lpr: LPR
    file_name: str
    format: str
    receive: Receive
    clock: Callable[[], datetime]
    totals: Totals = field(default_factory=Totals)

    def run(self, items: Iterable[Item], *, progress: Callable[[Totals], None] = lambda _totals: None) -> Totals:
        """Take all items in and return the totals. Raises `ImportRefused`, or what taking a batch in raises.

        The ledger says that an import began, and how it ended; what stopped it is told there too.
        """
        self._log(Outcome.BEGUN)
        try:
            for submission in self._submissions(items):
                receipt = self.receive(submission)
                self.totals.stored += receipt.stored
                self.totals.repeated += receipt.repeated
                self.totals.dead_letters += receipt.dead_letters
                self.totals.past_ceiling += receipt.past_ceiling
                self.totals.barred += receipt.barred
                progress(self.totals)
        except BaseException as error:  # interrupted by hand, too
            self._log(Outcome.FAILED, reason=str(error) or type(error).__name__)
            raise
        self._log(Outcome.DONE)
        return self.totals

    def _submissions(self, items: Iterable[Item]) -> Iterator[Submission]:
        try:
            for number, batch in enumerate(_batches(items)):
                reads = [item for item in batch if not isinstance(item, UnparsedRead)]
                unparsed = [item for item in batch if isinstance(item, UnparsedRead)]
                if number == 0 and not reads:
                    raise ImportRefused(f"None of the first {len(batch)} rows is understood: {unparsed[0].reason}")
                yield Submission(
                    lpr=self.lpr, format=self.format, reads=reads, unparsed=unparsed, received_at=self.clock()
                )
        except ReadFormatError as error:
            raise ImportRefused(str(error)) from error

    def _log(self, outcome: Outcome, *, reason: str = "") -> None:
        sealed = {"file_name": storable(self.file_name)[:160], **({"reason": storable(reason)[:500]} if reason else {})}
        now = self.clock()
        with transaction.atomic():
            append(
                at=now,
                by=SYSTEM,
                action=Action.READS_IMPORTED,
                outcome=outcome,
                clause=Clause.V_b,
                subject=f"lpr:{self.lpr.pk}",
                details={"format": self.format, **(asdict(self.totals) if outcome is not Outcome.BEGUN else {})},
                sealed=sealed,
                policy=in_force(at=now).stamp,
            )


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    weight = 0
    for item in items:
        more = len(item.payload) if isinstance(item, UnparsedRead) else len(item[1] or b"")
        if batch and (len(batch) == MOST_READS or weight + more > MOST_BYTES):
            yield batch
            batch, weight = [], 0
        batch.append(item)
        weight += more
    if batch:
        yield batch
