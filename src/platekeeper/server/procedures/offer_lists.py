"""Hot lists are offered to a partner, and sent under an MOU that shares them (IV.h, VI.l)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.conf import settings

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.clauses import Clause
from platekeeper.core.federation import lists
from platekeeper.core.federation.words import MOST_LISTS, PIECE, AskRows, Lists, OfferedList, Rows
from platekeeper.core.formats.hotlists.rows import HotListLine
from platekeeper.core.hotlists.standing import Standing
from platekeeper.core.plates import Plate
from platekeeper.core.rules.decision import Allowed, Refused
from platekeeper.core.rules.partners import may_connect
from platekeeper.server.hotlist.lookups import PORTAL, entries, hot_lists, suppressed
from platekeeper.server.hotlist.matcher import current
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.partners import changes
from platekeeper.server.partners.lookups import offers
from platekeeper.server.partners.models import Offer, Partner
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.connect_partners import subject_of
from platekeeper.server.storage import snapshots

OWN = "own"
"""How the department's own entries are called among its lists."""


def lists_to_offer() -> dict[str, str]:
    """Return the lists that can be offered, by slug: what the portal delivers, partners have from the portal."""
    named = hot_lists().filter(in_use=True).exclude(slug=PORTAL).filter(subscriptions=None)
    return {OWN: "Own entries", **dict(named.values_list("slug", "name"))}


def offer_list(by: Footing, partner: Partner, *, name: str) -> Offer:
    """Offer a list to a partner: it can be fetched while an MOU shares it."""
    unknown = Refused(Clause.VI_l, "There is no such list to offer.")
    many = Refused(
        Clause.VI_l, f"{MOST_LISTS} lists are offered to them, and an answer has no room for more: end another."
    )
    by.demand(
        may_connect(by.authority, by.policy),
        Allowed() if name in lists_to_offer() else unknown,
        Allowed() if offers().filter(partner=partner).count() < MOST_LISTS else many,
        attempted=Action.LIST_OFFERED,
        subject=subject_of(partner),
    )  # fmt: skip
    twice = Refused(Clause.VI_l, "This list is offered to them already.")
    with by.act(Action.LIST_OFFERED, subject=subject_of(partner), twice=twice):
        offered = changes.offer(partner=partner, name=name, at=by.at, by=by.person, policy=by.policy.stamp)
        _log(by, partner, name, "offered")
    return offered


def end_offer(by: Footing, offered: Offer) -> None:
    """Offer a list no longer."""
    by.demand(may_connect(by.authority, by.policy), attempted=Action.LIST_OFFERED, subject=subject_of(offered.partner))
    with by.act(Action.LIST_OFFERED, subject=subject_of(offered.partner)):
        if changes.end_offer(offered, at=by.at):
            _log(by, offered.partner, offered.name, "ended")


@dataclass(frozen=True, slots=True)
class RowsSent:
    """A piece of a list as it is said, and all the rows it is of."""

    said: Rows
    rows: bytes


def offered_to(partner: Partner) -> Lists:
    """Return the lists that a partner may have."""
    named = lists_to_offer()
    names = offers().filter(partner=partner).values_list("name", flat=True)
    return Lists([OfferedList(name, named[name]) for name in names if name in named])


def rows_for(by: Footing, partner: Partner, asked: AskRows) -> RowsSent | Refused:
    """Return the rows that a partner asks for: as they are now, or, for who is in the middle of fetching some, those."""
    one = offers().filter(partner=partner, name=asked.name).first()
    if one is None or asked.name not in lists_to_offer():
        return Refused(Clause.VI_l, "This list is not offered to you.")
    if asked.digest in one.sent:
        rows = snapshots.read(settings.HOME.hot_lists, asked.digest)
    elif (made_of := _made_of(one.name)) and made_of == one.made_of:
        rows = snapshots.read(settings.HOME.hot_lists, one.sent[-1])
    else:
        lines = list(islice(_lines(one.name, at=by.at), lists.MOST_LINES + 1))
        if len(lines) > lists.MOST_LINES:
            return Refused(Clause.VI_l, f"This list has more than {lists.MOST_LINES:,} lines, too many to be sent.")
        rows = lists.rows_of(lines, agency=by.policy.department)
        changes.note_sent(one, snapshots.keep(settings.HOME.hot_lists, rows), made_of=made_of)
    return RowsSent(_piece(one, rows, asked), rows)


def _piece(offered: Offer, rows: bytes, asked: AskRows) -> Rows:
    digest = hashlib.sha256(rows).hexdigest()
    if asked.known == digest:
        return Rows(digest, len(rows))
    if asked.known in offered.sent:
        change = lists.difference(snapshots.read(settings.HOME.hot_lists, asked.known), rows)
        if len(change) <= PIECE:
            return Rows(digest, len(rows), lists.packed(change), of_known=True)
    return Rows(digest, len(rows), lists.packed(rows[asked.after : asked.after + PIECE]))


def _lines(name: str, *, at: datetime) -> Iterator[HotListLine]:
    """Give what a list holds: no line that a complaint took off, no entry that its owner alone sees."""
    if name == OWN:
        active = entries().filter(state=HotListEntry.State.ACTIVE, is_partial=False, expires_at__gt=at).order_by("pk")
        yield from (_line(entry) for entry in active.exclude(hit_action=HitAction.SILENT))
        return
    if (there := current().lists.get(name)) is not None:
        wrong = suppressed()
        _, every = there.standing.missing_in(Standing())
        yield from (line for line in every if f"{name}:{line.key}" not in wrong)


def _made_of(name: str) -> str:
    """Return what tells whether rows must be made anew, which takes long for a long list; empty for own entries."""
    there = current().lists.get(name)
    wrong = sorted(key for key in suppressed() if key.startswith(f"{name}:"))
    return hashlib.sha256(repr((there.files, wrong)).encode()).hexdigest() if there is not None else ""


def _line(entry: HotListEntry) -> HotListLine:
    return HotListLine(
        plate=Plate(entry.plate), state=entry.jurisdiction or None, category=Category(entry.category),
        reason=entry.reason, reference=entry.case_number, effective=entry.effective_at, expires=entry.expires_at,
    )  # fmt: skip


def _log(by: Footing, partner: Partner, name: str, what: str) -> None:
    append(
        at=by.at, by=by.actor, action=Action.LIST_OFFERED, clause=Clause.VI_l, subject=subject_of(partner),
        details={"agency": partner.agency.name, "list": name, "what": what}, policy=by.policy.stamp,
    )  # fmt: skip
