"""The only writer of partners, of what they are asked, and of the hot lists that go either way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from platekeeper.server.hotlist.models import HotList
from platekeeper.server.partners.models import (
    Heard,
    Offer,
    Partner,
    PartnerAnswer,
    PartnerQuestion,
    PartnerStep,
    Subscription,
)
from platekeeper.server.personnel.models import Agency, Person
from platekeeper.server.querylog.models import QueryLogEntry

_SENT_KEPT = 30
"""Digests that an offer remembers: from each of them a subscriber gets a difference."""


def add_partner(
    *, agency: Agency, address: str, public_key: str, fingerprint: str, account: Person, policy: tuple[int, str]
) -> Partner:
    """Add a partner. Raises IntegrityError for a key that is known already."""
    return Partner.objects.create(
        agency=agency, address=address, public_key=public_key, fingerprint=fingerprint, account=account,
        policy_number=policy[0], policy_digest=policy[1],
    )  # fmt: skip


def move_partner(partner: Partner, *, address: str) -> None:
    """Change where a partner's server is reached."""
    partner.address = address
    partner.save(update_fields=["address"])


def add_step(
    partner: Partner, *, kind: PartnerStep.Kind, at: datetime, by: Person, why: str, policy: tuple[int, str]
) -> PartnerStep:
    """Add a step of a connection."""
    return PartnerStep.objects.create(
        partner=partner, kind=kind, at=at, by=by, why=why[:240], policy_number=policy[0], policy_digest=policy[1]
    )


def hear(partner: Partner, *, uid: str, at: datetime, forget_before: datetime) -> None:
    """Remember a request's number, and forget those too old to come again. Raises IntegrityError for one that came before."""
    Heard.objects.filter(partner=partner, at__lt=forget_before).delete()
    Heard.objects.create(partner=partner, uid=uid, at=at)


def note_repeat(partner: Partner, *, uid: str) -> bool:
    """Note that a request came again; return whether it is the first time it did."""
    return bool(Heard.objects.filter(partner=partner, uid=uid, repeated=False).update(repeated=True))


def choose(entry: QueryLogEntry, partner: Partner) -> PartnerQuestion:
    """Choose a partner that a query is put to."""
    return PartnerQuestion.objects.create(entry=entry, partner=partner)


def begin(question: PartnerQuestion, *, at: datetime) -> bool:
    """Begin to ask; return whether nobody had begun before."""
    chosen = PartnerQuestion.objects.filter(pk=question.pk, state=PartnerQuestion.State.CHOSEN)
    begun = chosen.update(state=PartnerQuestion.State.BEGUN, asked_at=at)
    question.refresh_from_db()
    return bool(begun)


def end(question: PartnerQuestion, *, answer: Mapping[str, Any] | None = None, **told: Any) -> None:
    """Enter what came of a question: the other fields of `PartnerQuestion`, and what was found where there is an answer."""
    PartnerQuestion.objects.filter(pk=question.pk).update(**told)
    question.refresh_from_db()
    if answer is not None:
        PartnerAnswer.objects.create(question=question, said=dict(answer))


def forget_answers(*, before: datetime) -> int:
    """Forget what partners found in queries that began before a moment; return how many answers."""
    return PartnerAnswer.objects.filter(question__entry__begun_at__lt=before).delete()[0]


def offer(*, partner: Partner, name: str, at: datetime, by: Person, policy: tuple[int, str]) -> Offer:
    """Offer a hot list to a partner. Raises IntegrityError where it is offered already."""
    return Offer.objects.create(
        partner=partner, name=name, offered_at=at, offered_by=by, policy_number=policy[0], policy_digest=policy[1]
    )


def end_offer(offered: Offer, *, at: datetime) -> bool:
    """End an offer; return whether it still stood."""
    return bool(Offer.objects.filter(pk=offered.pk, ended_at=None).update(ended_at=at))


def note_sent(offered: Offer, digest: str, *, made_of: str) -> None:
    """Remember that a partner is sent the rows of a digest, and of what they were made."""
    offered.sent = [*(each for each in offered.sent if each != digest), digest][-_SENT_KEPT:]
    offered.made_of = made_of
    offered.save(update_fields=["sent", "made_of"])


def subscribe(
    *, partner: Partner, name: str, purpose: str, hot_list: HotList, at: datetime, policy: tuple[int, str]
) -> Subscription:
    """Subscribe to a partner's hot list; one subscribed to before goes on from the rows that it holds."""
    before = hot_list.subscriptions.last()
    return Subscription.objects.create(
        partner=partner, name=name, purpose=purpose, hot_list=hot_list, begun_at=at, policy_number=policy[0],
        policy_digest=policy[1], digest=before.digest if before else "",
    )  # fmt: skip


def end_subscription(subscription: Subscription, *, at: datetime) -> bool:
    """End a subscription; return whether it still stood."""
    return bool(Subscription.objects.filter(pk=subscription.pk, ended_at=None).update(ended_at=at))


def note_fetch(subscription: Subscription, **told: Any) -> None:
    """Enter what came of fetching: the other fields of `Subscription`."""
    Subscription.objects.filter(pk=subscription.pk).update(**told)
    subscription.refresh_from_db()
