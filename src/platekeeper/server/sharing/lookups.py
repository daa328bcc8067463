"""Read MOUs and orders. How an MOU stands at a moment follows from its steps up to then."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F, Prefetch, QuerySet

from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.sharing import SHOWN_AHEAD, MouFacts, OrderFacts, Share, Terms, is_in_force, may_share
from platekeeper.core.rules.transfers import is_late
from platekeeper.server.personnel.models import Agency
from platekeeper.server.sharing.models import Dissemination, Mou, MouStep, Order, Routine, Transfer

Kind = MouStep.Kind
_ATTESTED = {Kind.OURS, Kind.THEIRS}
_DECISIVE = {*_ATTESTED, Kind.ENDED}


def mous() -> QuerySet[Mou]:
    """Return every MOU with its steps, without its document."""
    steps = Prefetch("steps", MouStep.objects.select_related("by"))
    return Mou.objects.select_related("agency").defer("document").prefetch_related(steps)


def orders() -> QuerySet[Order]:
    """Return every order, without its document."""
    return Order.objects.select_related("agency", "recorded_by", "withdrawn_by").defer("document")


def disseminations() -> QuerySet[Dissemination]:
    """Return everything that left, or was about to, the newest first."""
    return Dissemination.objects.select_related("agency", "mou", "order", "by", "transfer").defer(
        "mou__document", "order__document"
    )


def ending(*, today: date) -> list[Mou]:
    """Return the MOUs attested by both and not ended whose last day comes within `SHOWN_AHEAD`, the next first."""
    near = mous().filter(ends_on__gte=today, ends_on__lte=today + SHOWN_AHEAD).order_by("ends_on", "pk")
    return [mou for mou in near if {step.kind for step in mou.steps.all()} & _DECISIVE == _ATTESTED]


def unattested(*, at: datetime, zone: ZoneInfo) -> list[Mou]:
    """Return the MOUs that the other agency attested and that wait for the department's word, the next to begin first."""
    found = mous().filter(ends_on__gte=at.astimezone(zone).date()).order_by("begins_on", "pk")
    kinds = [(mou, {step.kind for step in mou.steps.all()}) for mou in found]
    return [mou for mou, taken in kinds if taken & _DECISIVE == {Kind.THEIRS}]


def routines() -> QuerySet[Routine]:
    """Return every routine, those that go on first."""
    found = Routine.objects.select_related("mou__agency", "begun_by", "ended_by").defer("mou__document")
    return found.order_by(F("ended_at").desc(nulls_first=True), "pk")


def transfers() -> QuerySet[Transfer]:
    """Return every transfer with its files, the newest period first."""
    return Transfer.objects.select_related("routine__mou__agency", "received_by").defer("routine__mou__document")


def unfinished_transfers() -> QuerySet[Transfer]:
    """Return the transfers that are not sent yet, or whose receipt is not here, the oldest period first."""
    return transfers().filter(received_at=None, given_up_at=None).order_by("since", "pk")


def late_transfers(*, at: datetime) -> list[Transfer]:
    """Return the transfers that should have been sent, or received, by a moment."""
    return [
        each
        for each in unfinished_transfers()
        if is_late(due=each.due_at, sent=each.sent_at, received=each.received_at, at=at)
    ]


def facts_of(mou: Mou, *, at: datetime, zone: ZoneInfo) -> MouFacts:
    """Return an MOU as it stood at a moment; its days are those of the department's zone."""
    taken = [step.kind for step in mou.steps.all() if step.at <= at]
    stops = [kind for kind in taken if kind in {Kind.SUSPENDED, Kind.RESUMED}]
    return MouFacts(
        title=mou.title,
        shares=frozenset(map(Share, mou.shares)),
        purposes=frozenset(mou.purposes),
        barred=frozenset(mou.barred),
        terms=Terms.of(mou.terms),
        begins=midnight(mou.begins_on, zone),
        ends=midnight(mou.ends_on + timedelta(days=1), zone),
        ours=Kind.OURS in taken,
        theirs=Kind.THEIRS in taken,
        suspended=stops[-1:] == [Kind.SUSPENDED],
        ended=Kind.ENDED in taken,
    )


def order_facts(order: Order, *, at: datetime, zone: ZoneInfo) -> OrderFacts:
    """Return an order as it stood at a moment."""
    return OrderFacts(
        title=str(order),
        shares=frozenset(map(Share, order.shares)),
        begins=midnight(order.issued_on, zone),
        ends=midnight(order.ends_on + timedelta(days=1), zone),
        withdrawn=order.withdrawn_at is not None and order.withdrawn_at <= at,
    )


def covering(agency: Agency, *, what: Share, purpose: str, at: datetime, zone: ZoneInfo) -> tuple[Mou | None, Decision]:
    """Return the MOU with an agency that lets `what` leave for a purpose, or None and why none does."""
    refusal: Decision = may_share(None, what=what, purpose=purpose, at=at)
    for mou in mous().filter(agency=agency).order_by("begins_on", "pk"):
        decision = may_share(facts_of(mou, at=at, zone=zone), what=what, purpose=purpose, at=at)
        if decision:
            return mou, decision
        refusal = decision
    return None, refusal


def in_force(agency: Agency, *, at: datetime, zone: ZoneInfo) -> list[Mou]:
    """Return the MOUs with an agency that are in force at a moment, the last to end first."""
    found = mous().filter(agency=agency).order_by("-ends_on", "pk")
    return [mou for mou in found if is_in_force(facts_of(mou, at=at, zone=zone), at=at)]


def shared_with(agency: Agency, *, at: datetime, zone: ZoneInfo) -> frozenset[str]:
    """Return what the MOUs with an agency that are in force at a moment let leave, all of them together."""
    return frozenset(share for mou in in_force(agency, at=at, zone=zone) for share in mou.shares)


def state_of(mou: Mou, *, at: datetime, zone: ZoneInfo) -> Decision:
    """Say whether an MOU is in force, and if not, why not."""
    return is_in_force(facts_of(mou, at=at, zone=zone), at=at)


def subject_of(what: Mou | Order | Dissemination | Routine | Transfer) -> str:
    """Return what the ledger calls it."""
    return f"{type(what).__name__.lower()}:{what.pk}"


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment at which a day begins in a zone."""
    return datetime.combine(day, time(), zone)
