"""People of other agencies at a screen of ours (IV.h, VI.l): guests, who see what their agency's MOU in force shares."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.formats.outgoing import Row
from platekeeper.core.ledger import canonical
from platekeeper.core.rules.access import Standing, may_act
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.reasons import may_justify
from platekeeper.core.rules.sharing import Share
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.copies import plain
from platekeeper.server.procedures.grounds import Ground, ground_for, log_leaving, record_leaving
from platekeeper.server.procedures.rows_that_leave import Cut, hits_between
from platekeeper.server.sharing.lookups import in_force
from platekeeper.server.sharing.models import Dissemination, Mou

LONGEST = timedelta(days=7)
"""A guest looks at the hits of a week at most at once."""
MOST = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """What a guest was shown, and its record."""

    rows: list[Row]
    record: Dissemination


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


def view_hits(by: Footing, *, purpose: str, why: str, case_number: str, since: datetime, until: datetime) -> Seen:
    """Show a guest the hits of a time, cut down as the MOU says, for a purpose it shares; on record first."""
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
    return _shown(by, ground, purpose=purpose, why=why, case_number=case_number, since=since, until=until)


def _shown(
    by: Footing, ground: Ground, *, purpose: str, why: str, case_number: str, since: datetime, until: datetime
) -> Seen:
    cut = Cut(ground.terms)
    rows = list(cut.hits(hits_between(since, until).reverse()[:MOST]))
    content = b"\n".join(canonical(plain(_without_image(row))) for row in rows)
    with transaction.atomic():
        gone = record_leaving(
            ground, to=by.person.name, what=Share.HITS, purpose=purpose, why=why, form=Dissemination.Form.SCREEN,
            source=f"hits {since:%Y-%m-%dT%H:%M%z}/{until:%Y-%m-%dT%H:%M%z}", content=content, records=len(rows),
            withheld=cut.withheld, by=by.person, at=by.at, policy=by.policy, case_number=case_number.strip()[:40],
            ended_at=by.at,
        )  # fmt: skip
        log_leaving(gone, Outcome.DONE, at=by.at, by=by.actor, policy=by.policy)
    return Seen(rows, gone)


def _without_image(row: Row) -> dict[str, object]:
    told = asdict(row)
    del told["image"]
    return told
