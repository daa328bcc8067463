"""Whom an entry reached: each LPR that reads, on a tour or without one, its member's receipt, and whether its reads are
matched (VII.f-g)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.lookups import newest_uploads, sendings_of
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.reads.uploads import uploads
from platekeeper.server.userlog.lookups import open_tours

_BY_ITSELF = (LPR.Kind.FIXED, LPR.Kind.PORTABLE)


@dataclass(frozen=True, slots=True)
class Reached:
    """An LPR that reads: `matched_at` is when reads of it came last, since the entry stands; a sign of life is none.

    `member` is empty without a tour. `held_at`: when the unit said that it has lists that were issued to it since then.
    `is_late` where reads come by file, so that a hit would come too late in the car.
    """

    lpr: LPR
    member: str
    sent_at: datetime | None
    seen_at: datetime | None
    matched_at: datetime | None
    held_at: datetime | None
    is_late: bool


def reach(by: Footing, entry: HotListEntry) -> list[Reached]:
    """Return to whom an entry was sent, who went on duty since, and the LPRs that read without a tour, in this order.

    Those are the fixed and the portable ones, and any other that reads came of all the same.
    """
    stands_since = max(entry.decided_at or entry.effective_at, entry.effective_at)
    held = newest_uploads(since=stands_since, held=True)
    read = {each.lpr.pk: each for each in uploads(by.policy, at=by.at)}
    sent = {(each.lpr_id, each.member_id): each for each in sendings_of(entry)}

    def reached(lpr: LPR, name: str, key: tuple[int, int] | None) -> Reached:
        sending, read_at = sent.get(key) if key else None, read[lpr.pk].uploaded_at
        return Reached(
            lpr=lpr, member=name,
            sent_at=sending.sent_at if sending else None,
            seen_at=sending.seen_at if sending else None,
            matched_at=read_at if read_at and read_at >= stands_since else None,
            held_at=held[lpr.pk].held_at if lpr.pk in held else None,
            is_late=lpr.upload_way in (LPR.Way.FILE, LPR.Way.DOCKED),
        )  # fmt: skip

    found = [reached(each.lpr, each.member.name, (each.lpr_id, each.member_id)) for each in sent.values()]
    since = [tour for tour in open_tours() if (tour.lpr_id, tour.member_id) not in sent]
    found += [reached(tour.lpr, tour.member.name, None) for tour in since]
    on_tour = {each.lpr.pk for each in found}
    others = [reached(each.lpr, "", None) for each in read.values() if each.lpr.pk not in on_tour]
    return found + [each for each in others if each.lpr.in_service and (each.lpr.kind in _BY_ITSELF or each.matched_at)]
