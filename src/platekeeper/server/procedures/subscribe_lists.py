"""Hot lists of partners are subscribed to, each into a list of its own, whose rules are set as any list's (IV.e, VI.l)."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from platekeeper.core.categories import Source
from platekeeper.core.clauses import Clause
from platekeeper.core.federation import lists
from platekeeper.core.federation.words import (
    AskLists,
    Lists,
    NotAnswered,
    OfferedList,
)
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Allowed, Refused
from platekeeper.core.rules.lists import USUAL_ALARMS
from platekeeper.server.hotlist import changes as hotlist
from platekeeper.server.hotlist.lookups import hot_lists
from platekeeper.server.hotlist.models import HotList
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.partners import changes
from platekeeper.server.partners.lookups import subscriptions
from platekeeper.server.partners.models import Partner, Subscription
from platekeeper.server.procedures.ask_partners import Came, may_ask_partner
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.connect_partners import subject_of
from platekeeper.server.procedures.fetch_lists import DUTY, ask_for, details_of, log_fetching

State = Subscription.State


def offered_by(by: Footing, partner: Partner) -> list[OfferedList] | Came | NotAnswered:
    """Ask a partner which lists it offers; what came instead where it does not say."""
    by.demand(has_duty(by.authority, by.policy, DUTY), may_ask_partner(by, partner), attempted=Action.LIST_SUBSCRIBED,
              subject=subject_of(partner))  # fmt: skip
    log_fetching(partner, Outcome.BEGUN, {"asked": "lists"}, by=by)
    came = ask_for(partner, AskLists(), at=by.at)
    log_fetching(partner, Outcome.DONE if isinstance(came, Lists) else Outcome.FAILED, {"asked": "lists"}, by=by)
    if isinstance(came, Lists):
        return came.lists
    return (
        came if isinstance(came, Came | NotAnswered) else Came(state=State.INVALID, reason="This is no list of lists.")
    )


def subscribe(by: Footing, partner: Partner, *, name: str, title: str, purpose: str) -> Subscription:
    """Subscribe to a partner's list for a purpose; it is fetched into a list of its own, with rules as any list has."""
    there = subscriptions().filter(partner=partner, name=name).exists()
    twice = Refused(Clause.VI_l, "This list is subscribed to already.")
    by.demand(
        has_duty(by.authority, by.policy, DUTY), may_ask_partner(by, partner), twice if there else Allowed(),
        attempted=Action.LIST_SUBSCRIBED, subject=subject_of(partner),
    )  # fmt: skip
    with by.act(Action.LIST_SUBSCRIBED, subject=subject_of(partner), twice=twice):
        subscription = changes.subscribe(
            partner=partner, name=name[:20], purpose=purpose, hot_list=_list_for(partner, name[:20], title, at=by.at),
            at=by.at, policy=by.policy.stamp,
        )  # fmt: skip
        _log_subscribed(by, subscription, "subscribed")
    return subscription


def unsubscribe(by: Footing, subscription: Subscription) -> None:
    """Fetch a list no longer; what it holds grows stale, and the list is taken out of use on its own page."""
    by.demand(
        has_duty(by.authority, by.policy, DUTY),
        attempted=Action.LIST_SUBSCRIBED,
        subject=subject_of(subscription.partner),
    )
    with by.act(Action.LIST_SUBSCRIBED, subject=subject_of(subscription.partner)):
        if changes.end_subscription(subscription, at=by.at):
            _log_subscribed(by, subscription, "ended")


def _list_for(partner: Partner, name: str, title: str, *, at: datetime) -> HotList:
    """Return the list that a partner's was fetched into before, or a new one; titles may be alike, names are not."""
    if (before := partner.subscriptions.filter(name=name).last()) is not None:
        return before.hot_list
    slug, named = f"p{partner.pk}-{sha256(name.encode()).hexdigest()[:8]}", f"{title} of {partner.agency.name}"[:80]
    if hot_lists().filter(name=named).exists():
        named = f"{named[:58]}, {slug}"
    return hotlist.add_list(
        slug=slug, at=at, name=named, source=Source.DEPARTMENT, format=lists.FORMAT, **lists.LAYOUT,
        alarms=sorted(kind.value for kind in USUAL_ALARMS),
    )  # fmt: skip


def _log_subscribed(by: Footing, subscription: Subscription, what: str) -> None:
    append(
        at=by.at, by=by.actor, action=Action.LIST_SUBSCRIBED, clause=Clause.VI_l, subject=subject_of(subscription.partner),
        details={**details_of(subscription), "what": what, "purpose": subscription.purpose}, policy=by.policy.stamp,
    )  # fmt: skip
