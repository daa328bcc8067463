"""Who reached LPR data, and who let them (IV.b-c, VI.b, VIII.a-b): each query is judged again as of its moment."""

from __future__ import annotations

from datetime import date

from django.db.models import F, Q

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.personnel.models import Grant, Person
from platekeeper.server.register.evidence.basis import Evidence, Fault, judged, refusals, unfit
from platekeeper.server.register.evidence.counts import inquirers, inquiries
from platekeeper.server.register.evidence.queries import without_second_word
from platekeeper.server.register.history import Rule, holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Sought, Times, asked
from platekeeper.server.register.sums import Makers, grouped
from platekeeper.server.register.words import many

_TO_OTHERS = ~Q(granted_by=F("person"))


def members(period: Period) -> Evidence:
    """Judge IV.b: did members query who were designated to reach LPR data?"""
    wrong, count = _inquiries(period, holds("IV.b.access"), kind=Person.Kind.MEMBER)
    return judged(
        many(count, "query by members", "queries by members"),
        Fault(wrong, "by somebody not designated"),
        refusals(period, "IV.b"),
        activity=count + period.refusals["IV.b"],
    )


def staff(period: Period) -> Evidence:
    """Judge IV.c: did staff query who were authorized, by the position that authorizes?"""
    wrong, count = _inquiries(period, _is_authorized, kind=Person.Kind.STAFF)
    given, improper = _grants(period, Grant.Kind.STAFF_ACCESS, "IV.c.authorizer")
    return judged(
        many(count, "query by staff", "queries by staff"),
        Fault(wrong, "by somebody not authorized"),
        many(given, "authorization given", "authorizations given"),
        Fault(improper, "by somebody who could not give it"),
        refusals(period, "IV.c"),
        activity=count + given + period.refusals["IV.c"],
    )


def named_positions(period: Period) -> Evidence:
    """Judge VI.b: was every query made by a named position or a designee, and every designee named properly?"""
    wrong, count = _inquiries(period, _is_named)
    given, improper = _grants(period, Grant.Kind.DESIGNEE, "VI.b.designators")
    return judged(
        many(count, "query", "queries"),
        Fault(wrong, "by somebody neither in a named position nor a designee"),
        many(given, "designee named", "designees named"),
        Fault(improper, "by somebody who could not name them"),
        refusals(period, "VI.b"),
        activity=count + given + period.refusals["VI.b"],
    )


def stored_reads(period: Period) -> Evidence:
    """Judge VIII.a: was every inquiry made by a position that the policy names?"""
    wrong, count = _inquiries(period, holds("VIII.a.access"))
    return judged(
        many(count, "inquiry", "inquiries"),
        Fault(wrong, "by somebody outside the named positions"),
        refusals(period, "VIII.a"),
        activity=count + period.refusals["VIII.a"],
    )


def granted(period: Period) -> Evidence:
    """Judge VIII.b: had everybody who inquired been granted access, by the position that grants it?"""
    wrong, count = _inquiries(period, _may_inquire)
    given, improper = _grants(period, Grant.Kind.INQUIRIES, "VIII.b.grantor")
    return judged(
        many(count, "inquiry", "inquiries"),
        Fault(wrong, "without access granted"),
        many(given, "grant of access", "grants of access"),
        Fault(improper, "by somebody who could not grant it"),
        *without_second_word(period),
        refusals(period, "VIII.b"),
        activity=count + given + period.refusals["VIII.b"],
    )


def _inquiries(period: Period, rule: Rule, *, kind: Person.Kind | None = None) -> tuple[int, int]:
    """Return how many inquiries a rule would have refused, and how many there were, of one kind of people if one is given."""
    people = inquirers(period, kind)
    return unfit(period, inquiries, rule, by="by", moment="begun_at", made=people), people.total()


def _grants(period: Period, kind: Grant.Kind, key: str) -> tuple[int, int]:
    """Return how many authorizations of a kind were given, and how many by the wrong person or to themselves."""
    by = _given(period)
    others, count = by[f"{kind}_to_others"], by[kind.value].total()
    wrong = unfit(
        period, lambda of: Grant.objects.filter(of.within("granted_at"), _TO_OTHERS, kind=kind), holds(key),
        by="granted_by", moment="granted_at", made=others,
    )  # fmt: skip
    return count, count - others.total() + wrong


@asked
def _given(of: Times) -> Sought[dict[str, Makers]]:
    """How many authorizations of each kind each person gave, and how many to others."""
    kinds = {each.value: Q(kind=each) for each in Grant.Kind}
    to_others = {f"{name}_to_others": is_it & _TO_OTHERS for name, is_it in kinds.items()}
    return grouped(Grant.objects.filter(of.within("granted_at")), "granted_by", **kinds, **to_others)


def _is_authorized(who: Authority, policy: Policy, today: date) -> Decision:
    return Allowed() if who.staff_access else Refused(Clause.IV_c, "Not authorized.")


def _may_inquire(who: Authority, policy: Policy, today: date) -> Decision:
    return Allowed() if who.inquiries else Refused(Clause.VIII_b, "Not granted.")


def _is_named(who: Authority, policy: Policy, today: date) -> Decision:
    named: Rule = holds("VI.b.access")
    return Allowed() if who.designee else named(who, policy, today)
