"""Something leaves once, for another agency (IV.h, VI.l): the results of a query, or the hits of a time, as a file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import BufferedRandom
from typing import IO, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from platekeeper.core.clauses import Clause
from platekeeper.core.formats import nlets
from platekeeper.core.formats.outgoing import Form, Row, write
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.sharing import Share, may_draft
from platekeeper.server.hits.lookups import hits_between
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.lookups import department
from platekeeper.server.personnel.models import Agency
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.grounds import Ground, ground_for, log_leaving, record_leaving, still_so
from platekeeper.server.procedures.rows_that_leave import Cut, fit_for
from platekeeper.server.procedures.search_lpr_data import every_result
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.sharing import changes
from platekeeper.server.sharing.lookups import subject_of
from platekeeper.server.sharing.models import Dissemination, Order
from platekeeper.server.storage.file_by_file import unnamed

FORMS = (*Form, Dissemination.Form.NLETS)
MOST, LARGEST = 50_000, 1024**3
"""Rows, and bytes, that leave at once by hand: what is more is a routine transfer, or was asked too widely."""
_WIDE = Refused(Clause.VI_l, f"More than {MOST:,} rows leave at once by routine transfer alone. Ask for less.")
_LARGE = Refused(
    Clause.VI_l, f"This is more than {LARGEST // 1024**3} GB with its images. Ask for less, or choose a format without."
)
TOO_MUCH = (_WIDE, _LARGE)
_UNSAID = Refused(Clause.VI_l, "Say who gets it, and why.")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class To:
    """Who gets something, why, in which format, and by which order where no MOU covers it."""

    agency: Agency
    name: str
    why: str
    form: Dissemination.Form
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What left, and its record. `file` has no name on disk: closed, it is gone."""

    file: BufferedRandom = field(repr=False)
    record: Dissemination


class _TooMuch(Exception):
    """More than may leave at once."""

    def __init__(self, refusal: Refused) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


def hand_out_results(by: Footing, entry_id: int, to: To) -> HandedOut:
    """Hand the results of one's own query to another agency, under its purpose and case. Raises as `look_again`."""
    entry, found = every_result(by, entry_id)
    ground = _demand(by, to, what=Share.SEARCHES, purpose=entry.purpose)
    return _hand_out(
        by, to, ground, lambda cut: cut.reads(_no_more(found), store=read_store()), what=Share.SEARCHES,
        purpose=entry.purpose, source=f"query:{entry.pk}", case_number=entry.case_now,
    )  # fmt: skip


def hand_out_hits(
    by: Footing, to: To, *, purpose: str, since: datetime, until: datetime, case_number: str = ""
) -> HandedOut:
    """Hand the hits captured in a time to another agency."""
    by.demand(may_draft(by.authority, by.policy), attempted=Action.DISSEMINATED)
    ground, found = _demand(by, to, what=Share.HITS, purpose=purpose), hits_between(since, until)
    by.demand(_WIDE if found.count() > MOST else Allowed(), attempted=Action.DISSEMINATED)
    return _hand_out(
        by, to, ground, lambda cut: cut.hits(found), what=Share.HITS, purpose=purpose,
        source=f"hits {since:%Y-%m-%dT%H:%M%z}/{until:%Y-%m-%dT%H:%M%z}", case_number=case_number,
    )  # fmt: skip


def confirm(by: Footing, gone: Dissemination, *, receipt: str) -> None:
    """Record that whoever got something said so."""
    subject, unsaid = subject_of(gone), Refused(Clause.VI_l, "Say who confirmed it, and how.")
    by.demand(
        may_draft(by.authority, by.policy), Allowed() if receipt.strip() else unsaid,
        attempted=Action.DISSEMINATION_RECEIVED, subject=subject,
    )  # fmt: skip
    with by.act(Action.DISSEMINATION_RECEIVED, subject=subject):
        if not changes.confirm_dissemination(gone, at=by.at, receipt=receipt.strip()):
            raise RefusedAction(Refused(Clause.VI_l, "It was confirmed already, or never left."))
        append(
            at=by.at, by=by.actor, action=Action.DISSEMINATION_RECEIVED, clause=Clause.VI_l, subject=subject,
            sealed={"receipt": receipt.strip()[:240]}, policy=by.policy.stamp,
        )  # fmt: skip


def _demand(by: Footing, to: To, *, what: Share, purpose: str) -> Ground:
    said = Allowed() if to.name.strip() and to.why.strip() else _UNSAID
    ground = _ground(by, to, what=what, purpose=purpose, at=by.at)
    decision = ground if isinstance(ground, Refused) else Allowed()
    by.demand(said, decision, attempted=Action.DISSEMINATED, subject=f"agency:{to.agency.pk}")
    assert isinstance(ground, Ground)  # or it had been refused
    return ground


def _ground(by: Footing, to: To, *, what: Share, purpose: str, at: datetime) -> Ground | Refused:
    return ground_for(to.agency, what=what, purpose=purpose, at=at, policy=by.policy, order=to.order)


def _hand_out(
    by: Footing, to: To, ground: Ground, rows: Callable[[Cut], Iterable[Row]], *, what: Share, purpose: str, source: str,
    case_number: str,
) -> HandedOut:  # fmt: skip
    """Write the rows, log what is about to leave with its digest, and give it."""
    cut = Cut(fit_for(ground.terms, to.form))

    def leaves() -> Decision:  # what was suspended while the rows were written leaves no more
        return still_so(ground, _ground(by, to, what=what, purpose=purpose, at=max(by.at, timezone.now())))

    file = unnamed(settings.HOME.outgoing)
    try:
        records = _written(rows(cut), to, file)
        file.seek(0)
        sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
        with by.act(Action.DISSEMINATED, subject=f"agency:{to.agency.pk}", leaves=leaves):
            gone = record_leaving(
                ground, to=to.name, what=what, purpose=purpose, why=to.why, form=to.form, source=source, sha256=sha256,
                size=size, records=records, withheld=cut.withheld, by=by.person, at=by.at, policy=by.policy,
                case_number=case_number,
            )  # fmt: skip
            log_leaving(gone, Outcome.BEGUN, at=by.at, by=by.actor, policy=by.policy)
        with transaction.atomic():
            changes.end_dissemination(gone, at=by.at)
            log_leaving(gone, Outcome.DONE, at=by.at, by=by.actor, policy=by.policy)
        file.seek(0)
    except BaseException as error:
        file.close()
        if isinstance(error, _TooMuch):
            by.demand(error.refusal, attempted=Action.DISSEMINATED, subject=f"agency:{to.agency.pk}")
        raise
    return HandedOut(file, gone)


def _written(rows: Iterable[Row], to: To, out: IO[bytes]) -> int:
    """Write the rows one by one; return how many. Raises `_TooMuch`."""
    bounded = _bounded(rows, out)
    if to.form != Dissemination.Form.NLETS:
        return write(bounded, Form(to.form), out)
    ours, counted = department(), _Counted(bounded)
    for line in nlets.answer(counted, ori=ours.ori if ours else "", to=to.agency.ori):
        out.write(line.encode())
    return counted.count


class _Counted(Iterator[Row]):
    """Rows that are counted as they are taken."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows, self.count = rows, 0

    def __next__(self) -> Row:
        row = next(self._rows)
        self.count += 1
        return row


def _bounded(rows: Iterable[Row], out: IO[bytes]) -> Iterator[Row]:
    for row in rows:
        if out.tell() > LARGEST:
            raise _TooMuch(_LARGE)
        yield row


def _no_more(found: Iterable[T]) -> Iterator[T]:
    for number, each in enumerate(found):
        if number >= MOST:
            raise _TooMuch(_WIDE)
        yield each
