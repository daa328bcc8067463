"""Somebody is left who authorizes the policy, whoever goes: asked of each act that takes a position or an account (IV.h)."""

from __future__ import annotations

from collections.abc import Callable

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.server.personnel.lookups import holders, staying
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.lookups import as_policy, to_come
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.draft_policy import AUTHORITY, governing

_NOBODY_NOW = Refused(Clause.signature, "Nobody else authorizes the policy: give the position to somebody else first.")
_NOBODY_STAYS = Refused(
    Clause.signature,
    "Nobody else authorizes the policy for good: first give the position, with no end, to somebody who has no last day.",
)
_NOBODY_THEN = Refused(
    Clause.signature,
    "Nobody else authorizes the version of the policy that is adopted for a day to come: first give its position, with no"
    " end, to somebody who has no last day.",
)


def others_sign(
    by: Footing, person: Person, *, losing: str | None = None, some_day: bool = False
) -> Callable[[], Decision]:
    """Return what decides whether others authorize the policy once somebody does not: by one position, or any they hold.

    Others do today (not asked of a last day, which is to come), and for good where this person did; so, too, under each
    version that is adopted for a day to come. Ask for it before the act, and decide before or after.
    """
    held = set(person.holdings.filter(ended_at=None).values_list("position__title", flat=True))
    lost = held if losing is None else held & {losing}
    now = governing(by.policy).positions(AUTHORITY)
    coming = [as_policy(version).positions(AUTHORITY) for version in to_come(at=by.at)]

    def asked(titles: frozenset[str], *, is_now: bool) -> Callable[[], Decision]:
        for_good = some_day or staying(titles).filter(pk=person.pk).exists()
        return lambda: _others(by, person, titles, is_now=is_now, today=is_now and not some_day, for_good=for_good)

    signing = [(now, True), *((titles, False) for titles in coming)]
    questions = [asked(titles, is_now=is_now) for titles, is_now in signing if titles & lost]
    return lambda: first_refusal(*(question() for question in questions))


def _others(
    by: Footing, person: Person, titles: frozenset[str], *, is_now: bool, today: bool, for_good: bool
) -> Decision:
    """Decide whether somebody else holds one of these positions, who neither ended nor was disabled since."""
    active = holders(titles, at=by.at, today=by.today).exclude(pk=person.pk).filter(is_active=True)
    hold = active.filter(holdings__position__title__in=titles, holdings__ended_at=None).exists()
    stay = staying(titles).exclude(pk=person.pk).exists()
    if today and not hold:
        return _NOBODY_NOW
    if stay or (hold and not for_good):
        return Allowed()
    return _NOBODY_STAYS if is_now else _NOBODY_THEN
