"""Hot lists are offered to a partner, and sent under an MOU that shares them (IV.h, VI.l)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.clauses import Clause
from platekeeper.core.federation import lists
from platekeeper.core.federation.words import PIECE, AskLists, AskRows, Lists, OfferedList, Rows
from platekeeper.core.formats.hotlists.rows import HotListLine
from platekeeper.core.hotlists.standing import Standing
from platekeeper.core.plates import Plate
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.partners import may_answer, may_connect
from platekeeper.core.rules.sharing import Share
from platekeeper.server.hotlist.lookups import PORTAL, entries, hot_lists, suppressed
from platekeeper.server.hotlist.matcher import current
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.partners import changes
from platekeeper.server.partners.lookups import is_connected, offers
from platekeeper.server.partners.models import Offer, Partner
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.connect_partners import subject_of
from platekeeper.server.sharing.lookups import covering
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
    decision = may_connect(by.authority, by.policy)
    by.demand(
        decision, Allowed() if name in lists_to_offer() else unknown, attempted=Action.LIST_OFFERED,
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


def answered(by: Footing, partner: Partner, asked: AskLists | AskRows) -> tuple[Decision, Lists | Rows | None]:
    """Return what a partner gets who asks for lists or for the rows of one; None where it is refused."""
    offered = offers().filter(partner=partner)
    if isinstance(asked, AskLists):
        named = lists_to_offer()
        return Allowed(), Lists([OfferedList(each.name, named[each.name]) for each in offered if each.name in named])
    _, shared = covering(partner.agency, what=Share.HOT_LISTS, purpose=asked.purpose, at=by.at, zone=by.policy.zone)
    decision = may_answer(is_connected=is_connected(partner), shared=shared)
    one = offered.filter(name=asked.name).first()
    if not decision or one is None or asked.name not in lists_to_offer():
        return decision and Refused(Clause.VI_l, "This list is not offered to you."), None
    rows = _rows(by, one, asked)
    if rows is None:
        return Refused(
            Clause.VI_l, f"This list has more than {lists.MOST_LINES:,} lines, too many to send like this."
        ), None
    return decision, _piece(one, rows, asked)


def _rows(by: Footing, offered: Offer, asked: AskRows) -> bytes | None:
    """Return the rows as they are now, or, for who is in the middle of fetching some, those; None for too many."""
    if asked.digest in offered.sent:
        return snapshots.read(settings.HOME.hot_lists, asked.digest)
    lines = list(_lines(offered.name, at=by.at))
    if len(lines) > lists.MOST_LINES:
        return None
    rows = lists.rows_of(lines, agency=by.policy.department)
    changes.note_sent(offered, snapshots.keep(settings.HOME.hot_lists, rows))
    return rows


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
