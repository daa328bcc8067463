"""People of other agencies at a screen of ours (IV.h, VI.l): guests, who see what their agency's MOU in force shares."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import cast

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from platekeeper.core.clauses import Clause
from platekeeper.core.formats.outgoing import Row
from platekeeper.core.ledger import canonical
from platekeeper.core.rules.access import Standing, may_act
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.reasons import may_justify
from platekeeper.core.rules.sharing import Share
from platekeeper.server.hits.lookups import hits_between
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.copies import plain
from platekeeper.server.procedures.grounds import Ground, ground_for, log_leaving, record_leaving
from platekeeper.server.procedures.request_searches import SEARCH_REQUEST
from platekeeper.server.procedures.rows_that_leave import Cut, fit_for
from platekeeper.server.querylog.requests import asked_of
from platekeeper.server.sharing.lookups import disseminations, in_force
from platekeeper.server.sharing.models import Dissemination, Mou

LONGEST = timedelta(days=7)
"""A guest looks at the hits of a week at most at once."""
MOST = 200
"""Hits on a page; each page is a look of its own, on record."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page of what a guest was shown, and its record. `newer` and `older`: the numbers of the pages beside it, if any."""

    rows: list[Row]
    record: Dissemination
    newer: int | None = None
    older: int | None = None


def is_guest(by: Footing) -> bool:
    """Say whether somebody is of another agency."""
    return by.authority.standing is Standing.OUTSIDE


def mous_of_guest(by: Footing) -> list[Mou]:
    """Return the MOUs of a guest's agency that are in force now, the last to end first; without one they do nothing."""
    return in_force(by.person.agency, at=by.at, zone=by.policy.zone)


def may_be_guest(by: Footing) -> Decision:
    """Decide who opens the guests' page: people of another agency while an MOU with it is in force."""
    ours = Refused(Clause.VI_l, "This page is for people of other agencies.")
    return first_refusal(may_act(by.authority), Allowed() if is_guest(by) else ours)


def received_by(by: Footing) -> QuerySet[Dissemination]:
    """Return what a guest got, newest first: what they looked at, and the answers to what they asked. Who they are says
    their account, whatever they or their agency are called meanwhile: a file handed to a name is nobody's."""
    asked = asked_of(by.person).filter(asked_by=by.person).annotate(
        source=Concat(Value(SEARCH_REQUEST), Cast("pk", CharField()))
    )  # fmt: skip
    answered = Q(agency=by.person.agency, source__in=asked.values("source"))
    return disseminations().filter(Q(by=by.person) | answered)


def view_hits(
    by: Footing, *, purpose: str, why: str, case_number: str, since: datetime, until: datetime, page: str = ""
) -> Seen:
    """Show a guest a page of the hits of a time, cut down as the MOU says, for a purpose it shares; on record first."""
    unnamed = Refused(Clause.VI_l, "Give your case or call number.")
    long = Refused(Clause.VI_l, f"Look at {LONGEST.days} days at most at once.")
    by.demand(
        may_be_guest(by),
        may_justify(why),
        Allowed() if case_number.strip() else unnamed,
        Allowed() if since < until <= since + LONGEST else long,
        attempted=Action.DISSEMINATED,
    )
    agency = by.person.agency
    ground = ground_for(agency, what=Share.HITS, purpose=purpose, at=by.at, policy=by.policy)
    if isinstance(ground, Refused):
        by.log_refusal(ground, attempted=Action.DISSEMINATED, subject=f"agency:{agency.pk}")
        raise RefusedAction(ground)
    pages = Paginator(hits_between(since, until).reverse(), MOST)
    source = f"hits {since:%Y-%m-%dT%H:%M%z}/{until:%Y-%m-%dT%H:%M%z}"
    return _shown(by, ground, pages.get_page(page), purpose=purpose, why=why, case_number=case_number, source=source)


def _shown(
    by: Footing, ground: Ground, page: Page[Hit], *, purpose: str, why: str, case_number: str, source: str
) -> Seen:
    cut = Cut(fit_for(ground.terms, Dissemination.Form.SCREEN))
    rows = list(cut.hits(cast("QuerySet[Hit]", page.object_list)))
    content = b"\n".join(canonical(plain(_without_image(row))) for row in rows)
    with transaction.atomic():
        gone = record_leaving(
            ground, to=by.person.name, what=Share.HITS, purpose=purpose, why=why, form=Dissemination.Form.SCREEN,
            source=f"{source} page {page.number}", content=content, records=len(rows),
            withheld=cut.withheld, by=by.person, at=by.at, policy=by.policy, case_number=case_number.strip()[:40],
            ended_at=by.at,
        )  # fmt: skip
        log_leaving(gone, Outcome.DONE, at=by.at, by=by.actor, policy=by.policy)
    return Seen(
        rows,
        gone,
        newer=page.previous_page_number() if page.has_previous() else None,
        older=page.next_page_number() if page.has_next() else None,
    )


def _without_image(row: Row) -> dict[str, object]:
    told = asdict(row)
    del told["image"]
    return told
