"""An evidence packet leaves whole: on which grounds it may go to an agency, and the record of each kind that is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.minimizing import may_leave_whole
from platekeeper.core.rules.sharing import Share
from platekeeper.server.casefiles.lookups import preserved, subject_of
from platekeeper.server.casefiles.models import CaseFile, Preserved, PreservedImage
from platekeeper.server.personnel.models import Agency
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.grounds import UNADDRESSED, Ground, ground_for, record_leaving
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.sharing.models import Dissemination, Order

PURPOSE = QueryLogEntry.Purpose.INVESTIGATION.value
"""A case file is that of a criminal investigation."""
_SHARES = {
    Preserved.Kind.HIT: Share.HITS,
    Preserved.Kind.READ: Share.READS,
    Preserved.Kind.QUERY: Share.SEARCHES,
    Preserved.Kind.SEARCH: Share.SEARCHES,
    Preserved.Kind.TOUR: Share.HITS,
}
Grounds = dict[Share, Ground | None]


def held_in(paths: Iterable[str]) -> Counter[Share]:
    """Return how much LPR data of each kind is in a packet, by the paths of its files."""
    copies = (
        path.rpartition("/")[2] for path in paths if path.startswith("data/preserved/") and path.endswith(".json")
    )
    kinds = (name.removesuffix(".json").partition("-")[2] for name in copies)
    return Counter(_SHARES[Preserved.Kind(kind)] for kind in kinds)


def grounds_of(by: Footing, case: CaseFile, *, agency: Agency | None, order: Order | None) -> Grounds | Refused:
    """Return the ground for each kind of LPR data in a packet; None for whoever is of no agency, such as counsel."""
    held = {_SHARES[Preserved.Kind(kind)] for kind in preserved().filter(case=case).values_list("kind", flat=True)}
    if agency is None:
        return UNADDRESSED if order is not None else dict.fromkeys(held)
    grounds: Grounds = {}
    for what in sorted(held):
        found = ground_for(agency, what=what, purpose=PURPOSE, at=by.at, policy=by.policy, order=order)
        if isinstance(found, Refused):
            return found
        images = PreservedImage.objects.filter(preserved__in=preserved().filter(case=case)).exists()
        if isinstance(uncut := may_leave_whole(found.terms, images=images), Refused):
            return uncut
        grounds[what] = found
    return grounds


def record_packet(
    by: Footing, case: CaseFile, grounds: Grounds, *, held: Counter[Share], to: str, why: str, sha256: str, size: int
) -> None:
    """Record that a packet leaves, a record for each kind that is in it, within the transaction that logs it."""
    for what in sorted(held):
        record_leaving(
            grounds[what], to=to, what=what, purpose=PURPOSE, why=why, form=Dissemination.Form.PACKET,
            source=subject_of(case), sha256=sha256, size=size, records=held[what], by=by.person, at=by.at,
            policy=by.policy, case_number=case.number, ended_at=by.at,
        )  # fmt: skip
