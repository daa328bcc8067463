"""The department's own hot list entries as records: asked for, put on the list, and who decides on what is urgent."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from django.db.models import F, Q, QuerySet

from platekeeper.core.categories import MANDATORY_ENTRY
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority
from platekeeper.core.rules.alerts import URGENT_ENTRY
from platekeeper.core.rules.decision import Allowed, Decision
from platekeeper.core.rules.entries import LONGEST
from platekeeper.core.rules.field_entries import LONGEST_IN_FIELD, Ground
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.register.history import holds
from platekeeper.server.register.questions import Of, Sought, Times, asked
from platekeeper.server.register.sums import Makers, grouped, named, tally

_State = HotListEntry.State
URGENT = [category.value for category in URGENT_ENTRY]
MANDATORY = [category.value for category in MANDATORY_ENTRY]
ASKED_FOR = Q(ground="")
"""Of entries asked for under VI.a; the others were made in the field and are judged by VII.f-g."""
AT_ONCE = Q(ground="", decided_at=F("requested_at"), decided_by=F("requested_by"))
"""Of entries that were in force at the word of who asked for them."""


def decides_urgent(who: Authority, policy: Policy, today: date) -> Decision:
    """An urgent entry is decided by who decides, or by the position that directs entries in the field."""
    directs = holds("VII.f.directors")(who, policy, today)
    return Allowed() if directs else holds("VI.a.decider")(who, policy, today)


def decided(of: Of) -> QuerySet[HotListEntry]:
    """Return the entries put on the list in the period."""
    return HotListEntry.objects.filter(of.within("decided_at")).exclude(state=_State.REFUSED)


class PutOn(NamedTuple):
    """An entry put on the list; by whom is a person's number."""

    plate: str
    category: str
    ground: str
    decided_by: int | None
    decided_at: datetime | None


@asked
def put_on(of: Times) -> Sought[list[PutOn]]:
    """The entries put on the list in the period."""
    return named(decided(of), PutOn)


def requested(of: Of) -> QuerySet[HotListEntry]:
    """Return the entries asked for or made in the field in the period."""
    return HotListEntry.objects.filter(of.within("requested_at"))


@asked
def asked_for(of: Times) -> Sought[dict[str, Makers]]:
    """What is said of the entries asked for in the period, by who asked for them."""
    heard = Q(ground__in=[Ground.DISPATCH, Ground.BOLO]) | Q(ground="", category__in=URGENT)
    too_long = Q(ground="", expires_at__gt=F("effective_at") + LONGEST)
    too_long_in_field = ~ASKED_FOR & Q(expires_at__gt=F("effective_at") + LONGEST_IN_FIELD, bulletin=None)
    return grouped(
        requested(of), "requested_by", requests=ASKED_FOR, made=~ASKED_FOR, bare=Q(reason=""),
        endless=too_long | too_long_in_field, heard=heard, heard_unnamed=heard & Q(authority=""),
        unnamed=Q(authority=""), at_once=AT_ONCE,
    )  # fmt: skip


@asked
def waiting(of: Times) -> Sought[dict[str, int]]:
    """How many requests waited for their decision at the end of the period."""
    since_then = Q(decided_at__gt=of.at) | Q(decided_at=None, canceled_at__gt=of.at)
    found = HotListEntry.objects.filter(Q(state=_State.REQUESTED) | since_then, requested_at__lte=of.at)
    return tally(found, all=Q(), mandatory=Q(category__in=MANDATORY))
