"""Something leaves once, for another agency (IV.h, VI.l): the results of a query, or the hits of a time, as a file."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.formats import nlets
from platekeeper.core.formats.outgoing import Form, Row, write
from platekeeper.core.rules.decision import Allowed, Refused
from platekeeper.core.rules.sharing import Share, may_draft
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.lookups import department
from platekeeper.server.personnel.models import Agency
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.grounds import Ground, ground_for, log_leaving, record_leaving
from platekeeper.server.procedures.rows_of_reads import moment_of
from platekeeper.server.procedures.rows_that_leave import Cut, by_read, hits_between
from platekeeper.server.procedures.search_lpr_data import every_result
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.sharing import changes
from platekeeper.server.sharing.lookups import subject_of
from platekeeper.server.sharing.models import Dissemination, Order

FORMS = (*Form, Dissemination.Form.NLETS)
MOST = 50_000
"""Rows that leave at once by hand: what is more is a routine transfer, or was asked too widely."""
_TICK = timedelta(microseconds=1)
_WIDE = Refused(Clause.VI_l, f"More than {MOST:,} rows leave at once by routine transfer alone. Ask for less.")
_UNSAID = Refused(Clause.VI_l, "Say who gets it, and why.")


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
    """What left, and its record."""

    content: bytes = field(repr=False)
    record: Dissemination


def hand_out_results(by: Footing, entry_id: int, to: To) -> HandedOut:
    """Hand the results of one's own query to another agency, under its purpose and case. Raises as `look_again`."""
    entry, found = every_result(by, entry_id, most=MOST + 1)
    ground = _demand(by, to, what=Share.SEARCHES, purpose=entry.purpose)
    by.demand(_WIDE if len(found) > MOST else Allowed(), attempted=Action.DISSEMINATED)
    seen = [moment_of(read.row) for read in found]
    hits = by_read(hits_between(min(seen), max(seen) + _TICK)) if seen else {}
    return _hand_out(
        by, to, ground, lambda cut: cut.reads(found, store=read_store(), hits=hits), what=Share.SEARCHES,
        purpose=entry.purpose, source=f"query:{entry.pk}", case_number=entry.case_number,
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
    ground = ground_for(to.agency, what=what, purpose=purpose, at=by.at, policy=by.policy, order=to.order)
    decision = ground if isinstance(ground, Refused) else Allowed()
    by.demand(said, decision, attempted=Action.DISSEMINATED, subject=f"agency:{to.agency.pk}")
    assert isinstance(ground, Ground)  # or it had been refused
    return ground


def _hand_out(
    by: Footing, to: To, ground: Ground, rows: Callable[[Cut], Iterable[Row]], *, what: Share, purpose: str, source: str,
    case_number: str,
) -> HandedOut:  # fmt: skip
    """Write the rows, log what is about to leave with its digest, and give it."""
    cut = Cut(ground.terms)
    content, records = _written(rows(cut), to)
    with transaction.atomic():
        gone = record_leaving(
            ground, to=to.name, what=what, purpose=purpose, why=to.why, form=to.form, source=source, content=content,
            records=records, withheld=cut.withheld, by=by.person, at=by.at, policy=by.policy, case_number=case_number,
        )  # fmt: skip
        log_leaving(gone, Outcome.BEGUN, at=by.at, by=by.actor, policy=by.policy)
    with transaction.atomic():
        changes.end_dissemination(gone, at=by.at)
        log_leaving(gone, Outcome.DONE, at=by.at, by=by.actor, policy=by.policy)
    return HandedOut(content, gone)


def _written(rows: Iterable[Row], to: To) -> tuple[bytes, int]:
    if to.form == Dissemination.Form.NLETS:
        kept, ours = list(rows), department()
        text = nlets.answer(kept, ori=ours.ori if ours else "", to=to.agency.ori)
        return text.encode(), len(kept)
    out = io.BytesIO()
    records = write(rows, Form(to.form), out)
    return out.getvalue(), records
