"""The policy's next version is drafted: blanks filled one by one, clauses amended, the whole put up for review."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from platekeeper.core.amendments import amended
from platekeeper.core.blanks import BLANKS, BlankError
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import NO_POLICY, Policy, digest_of
from platekeeper.core.profiles import PROFILES
from platekeeper.core.rules.access import Standing, has_duty, may_act
from platekeeper.core.rules.adoption import date_fits
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.changes import ensure_position
from platekeeper.server.personnel.lookups import holders
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy import changes
from platekeeper.server.policy.lookups import as_policy, draft
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures.authority import Footing, demanded

AUTHORITY = "signature.authority"
REVIEWER = "IV.g.reviewer"


def may_govern(by: Footing) -> Decision:
    """Decide whether this is the authority that signs the policy; before anything is in force, the first draft or the
    version adopted for a day to come says who."""
    return has_duty(by.authority, governing(by.policy), AUTHORITY)


def may_draft(by: Footing) -> Decision:
    """Decide whether somebody may work on the draft: the authority that signs, and the position that reviews (IV.g)."""
    if has_duty(by.authority, by.policy, REVIEWER):
        return Allowed()
    return may_govern(by)


def may_comment(by: Footing) -> Decision:
    """Decide whether somebody reads and comments on what the department drafts or reviews: everybody of the department."""
    outside = Refused(Clause.IV_g, "The department reviews its own policy.")
    return outside if by.authority.standing is Standing.OUTSIDE else may_act(by.authority)


def governing(policy: Policy) -> Policy:
    """Return the policy in force, or before any is in force the first version, drafted or adopted already."""
    first = PolicyVersion.objects.order_by("number").first() if policy.number == 0 else None
    return as_policy(first) if first else policy


def fill_blank(by: Footing, *, key: str, value: Any) -> PolicyVersion:
    """Set one blank of the draft, which confirms it; None empties it. Raises `BlankError` when the value does not fit.

    Before anything is in force the draft itself says who governs: what would leave nobody is refused.
    """
    blank = BLANKS[key]
    by.demand(may_draft(by), attempted=Action.POLICY_DRAFTED, subject=f"blank:{key}")
    checked = None if value is None else blank.checked(value)

    def leaves() -> Decision:
        return _somebody_governs(by) if key == AUTHORITY and by.policy.number == 0 else Allowed()

    with by.act(Action.POLICY_DRAFTED, subject=f"blank:{key}", leaves=leaves):
        version = changes.open_draft(at=by.at)
        if checked is not None:
            _demand_fitting_date(by, as_policy(version), key, checked)
        changes.fill(version, key=key, value=checked)
        _name_positions({key: checked})
        _log(by, Action.POLICY_DRAFTED, version, blank.clause, {"blank": key, "value": checked})
    return version


def choose_profile(by: Footing, *, name: str) -> PolicyVersion:
    """Propose the values of a profile where the draft says nothing yet; each is confirmed singly before adoption."""
    profile = PROFILES[name]
    by.demand(may_draft(by), attempted=Action.POLICY_DRAFTED, subject=f"profile:{name}")
    with transaction.atomic():
        version = changes.open_draft(at=by.at)
        proposed = {
            key: BLANKS[key].checked(value)
            for key, value in profile.values_for(as_policy(version).chief).items()
            if key not in version.values or key in version.unconfirmed
        }
        changes.prefill(version, values=proposed)
        _name_positions(proposed)
        _log(by, Action.POLICY_DRAFTED, version, Clause.II, {"profile": name, "values": proposed})
    return version


def amend_clause(by: Footing, *, number: str, how: str, reason: str, title: str = "", text: str = "") -> PolicyVersion:
    """Add, strike or word one clause of the draft anew. Raises `AmendmentError` when that cannot be."""
    by.demand(may_draft(by), attempted=Action.POLICY_DRAFTED, subject=f"clause:{number}"[:80])
    amendment = amended(number, how=how, reason=reason, title=title, text=text)
    with transaction.atomic():
        version = changes.open_draft(at=by.at)
        changes.amend(version, number=amendment.number, amendment=amendment)
        _log(by, Action.POLICY_DRAFTED, version, Clause.II, {"clause": amendment.number, **amendment.as_data()})
    return version


def take_back_amendment(by: Footing, *, number: str) -> None:
    """Let a clause stand in the draft as the model has it; an added clause goes."""
    by.demand(may_draft(by), attempted=Action.POLICY_DRAFTED, subject=f"clause:{number}"[:80])
    with transaction.atomic():
        version = changes.open_draft(at=by.at)
        if number in version.amendments:
            changes.amend(version, number=number, amendment=None)
            _log(by, Action.POLICY_DRAFTED, version, Clause.II, {"clause": number, "how": "taken back"})


CHANGED = Refused(Clause.signature, "The draft was changed a moment ago. Look at it again.")


def as_read(version: PolicyVersion | None, shown: str | None) -> Decision:
    """Decide whether a draft is still the one that somebody read: `shown` is its digest, None where nobody read it."""
    return Allowed() if version is None or shown in (None, digest_of(version.values, version.amendments)) else CHANGED


def put_up(by: Footing, *, shown: str | None = None) -> PolicyVersion | None:
    """Put the draft up for review, as it was `shown`; any change afterwards makes it a draft again."""
    by.demand(may_draft(by), attempted=Action.POLICY_PUT_UP)
    with by.act(Action.POLICY_PUT_UP):
        version = changes.held_draft()
        if version is not None:
            demanded(as_read(version, shown))
            changes.put_up(version, at=by.at)
            _log(by, Action.POLICY_PUT_UP, version, Clause.IV_g, {"unfilled": len(BLANKS) - len(version.values)})
    return version


def comment(by: Footing, *, clause: str, text: str) -> None:
    """Say something of the draft that is up for review: everybody in the department may (IV.g)."""
    version = draft()
    waiting = Refused(Clause.IV_g, "No draft is up for review.")
    empty = Refused(Clause.IV_g, "Write what you have to say.")
    by.demand(
        may_comment(by),
        Allowed() if version is not None and version.put_up_at is not None else waiting,
        Allowed() if text.strip() else empty,
        attempted=Action.POLICY_COMMENTED,
    )
    if version is not None:
        with transaction.atomic():
            changes.comment(version, clause=clause[:20], text=text.strip()[:1000], at=by.at, by=by.person)
            _log(
                by, Action.POLICY_COMMENTED, version, Clause.IV_g, {"clause": clause[:20], "text": text.strip()[:1000]}
            )


def discard(by: Footing) -> None:
    """Throw the draft away; the first one stays, since it says who may adopt at all."""
    first = Refused(Clause.signature, "The first draft cannot be discarded: it names who may adopt it.", AUTHORITY)
    by.demand(
        may_draft(by),
        first if PolicyVersion.objects.count() < 2 else Allowed(),
        attempted=Action.POLICY_DISCARDED,
    )
    with transaction.atomic():
        version = draft()
        if version is not None and changes.discard(version):
            _log(by, Action.POLICY_DISCARDED, version, Clause.II, {"values": version.values})


def _somebody_governs(by: Footing) -> Decision:
    """Decide whether somebody is left who governs."""
    titles = governing(by.policy).positions(AUTHORITY)
    nobody = Refused(
        Clause.signature,
        "Nobody holds any of these positions, so nobody could go on with the first policy. Name beside them one that"
        " is held; it can go once a new one is given to somebody.",
    )
    held = holders(titles, at=by.at, today=by.today).exclude(kind=Person.Kind.OUTSIDE)
    return Allowed() if held.filter(is_active=True).exists() else nobody


def _demand_fitting_date(by: Footing, drafted: Policy, key: str, value: Any) -> None:
    fits = date_fits(key, value, drafted, by.at.astimezone(drafted.zone).date())
    if isinstance(fits, Refused):
        raise BlankError(fits.reason)


def _name_positions(values: dict[str, Any]) -> None:
    for key, value in values.items():
        if BLANKS[key].kind == "positions":
            for title in value or ():
                ensure_position(title)


def _log(by: Footing, action: Action, version: PolicyVersion, clause: Clause, details: dict[str, Any]) -> None:
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=clause,
        subject=f"policy:{version.number}",
        details=details,
        policy=by.policy.stamp if by.policy is not NO_POLICY else None,
    )
