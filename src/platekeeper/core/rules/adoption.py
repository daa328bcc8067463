"""When a draft may be adopted (the policy's header and signature)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from platekeeper.core.blanks import BLANKS
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.retention import periods_agree

_DATES = _EFFECTIVE, _REVIEW = "header.effective", "header.review"
NEEDED = ("III.name", "III.kind", "III.zone", "signature.authority", *_DATES)
"""The blanks without which there is no policy. Any other may stay open, and refuses what needs it."""
_LONGEST_REVIEW = 366
_LOCKED = "Nobody holds the position that would authorize the next version: nobody could ever change this policy."


@dataclass(frozen=True, slots=True)
class Offered:
    """A draft offered for adoption on `today`, in the calendar that it names itself.

    `can_be_changed`: somebody holds a position that it lets sign its next version.
    """

    policy: Policy
    is_draft: bool
    is_up_for_review: bool
    unconfirmed: tuple[str, ...]
    can_be_changed: bool
    today: date

    @property
    def effective_on(self) -> date:
        """The day from which it is to be in force; raises `KeyError` while that is unfilled."""
        return date.fromisoformat(self.policy.values[_EFFECTIVE])


def may_adopt(offered: Offered) -> Decision:
    """Decide whether the draft may be adopted as it is."""
    return first_refusal(*hindrances(offered))


def hindrances(offered: Offered) -> list[Refused]:
    """Return everything that stands in the way of adopting the draft as it is."""
    if not offered.is_draft:
        return [Refused(Clause.signature, "There is no draft to adopt.")]
    policy = offered.policy
    judged = (
        *(policy.needs(key) for key in NEEDED),
        _is_confirmed(offered),
        Allowed() if offered.can_be_changed else Refused(Clause.signature, _LOCKED, "signature.authority"),
        periods_agree(policy),
        *(date_fits(key, policy.values[key], policy, offered.today) for key in _DATES if key in policy.values),
        Allowed()
        if offered.is_up_for_review
        else Refused(Clause.signature, "Put the draft up for review first; what is adopted is what was up for review."),
    )
    return [decision for decision in judged if isinstance(decision, Refused)]


def date_fits(key: str, value: str, policy: Policy, today: date) -> Decision:
    """Decide whether a draft's date may stand in a blank: of any other blank, whatever fits its kind may.

    The effective date is said first: it is not held to the review date, which is held to it.
    """
    if key == _EFFECTIVE and date.fromisoformat(value) < today:
        reason = f"The effective date {value} is past: a policy binds from the day it is adopted, not before."
        return Refused(Clause.header, reason, key)
    if key == _REVIEW and date.fromisoformat(value) <= today:
        return Refused(Clause.IV_g, f"The review date {value} must be a day to come.", key)
    if key == _REVIEW and _EFFECTIVE in policy.values:
        effective = date.fromisoformat(policy.values[_EFFECTIVE])
        if not 0 < (date.fromisoformat(value) - effective).days <= _LONGEST_REVIEW:
            reason = "The review date must be within a year after the effective date: the review is yearly."
            return Refused(Clause.IV_g, reason, key)
    return Allowed()


def _is_confirmed(offered: Offered) -> Decision:
    if not offered.unconfirmed:
        return Allowed()
    first = BLANKS[offered.unconfirmed[0]]
    waiting = f"Not confirmed yet, of what the profile proposed: {len(offered.unconfirmed)}"
    return Refused(first.clause, f"{waiting}; the first is: {first.label}.", first.key)
