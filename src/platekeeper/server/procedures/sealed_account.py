"""The sealed account: in an envelope for the day on which nobody who governs can sign in (IV.h). Its use alarms them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Allowed, Refused
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.lookups import of_subject
from platekeeper.server.personnel import changes
from platekeeper.server.personnel.changes import guarding
from platekeeper.server.personnel.lookups import holders
from platekeeper.server.personnel.lookups.guarding import broken_seals, is_sealed, seals
from platekeeper.server.personnel.models import Person, Seal
from platekeeper.server.policy.lookups import as_policy, in_force, to_come
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.draft_policy import AUTHORITY, governing, may_govern
from platekeeper.server.procedures.hand_over import can_mail, unsent
from platekeeper.server.procedures.manage_people import let_hold, take_on
from platekeeper.server.procedures.passwords import Password, made
from platekeeper.server.procedures.sign_in import end_sessions, unlock

LONGEST = 4_000
"""Characters of an answer: it stays in the ledger as long as the department exists."""
_AGAIN = timedelta(hours=1)
"""After so long an alarm that could not be mailed is tried again."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is printed once and put away: a login name that nobody guesses, a password, and codes for ten sign-ins."""

    username: str
    password: str
    codes: list[str]


def seal(by: Footing) -> Envelope:
    """Seal the department's account for emergencies: make it the first time, and give it new secrets each time.

    It holds the positions that authorize the policy, now and in each version to come, so it can add and enable people;
    untrained, it reaches no LPR data.
    """
    own = Refused(Clause.IV_h, "Somebody who signed in as themselves seals the account anew.")
    waits = Refused(Clause.IV_h, "The seal was broken: answer for that first, then seal the account anew.")
    by.demand(
        may_govern(by),
        own if is_sealed(by.person) else Allowed(),
        waits if broken_seals().exists() else Allowed(),
        attempted=Action.ACCOUNT_SEALED,
    )
    password = made()
    with by.act(Action.ACCOUNT_SEALED, twice=waits):
        guarding.hold_department()
        person = _sealed_person() or _make(by, password)
        signing = frozenset[str]().union(*_signing(by.policy, at=by.at))
        for title in sorted(signing - _titles(person)):
            let_hold(by, person=person, title=title, since=by.today, until=None)
        changes.set_password(person, stored_password=password.stored, must_set_password=False)
        changes.set_active(person, active=True, at=by.at)
        unlock(person)
        Authenticator.objects.filter(user=person).delete()
        TOTP.activate(person, generate_totp_secret())  # which nobody knows: with it the recovery codes are asked for
        codes = RecoveryCodes.activate(person).get_unused_codes()
        guarding.put_seal(person, at=by.at, by=by.person)
        ended = end_sessions(person)
        _log(by.at, by, Action.ACCOUNT_SEALED, person, {"sessions_ended": ended})
    return Envelope(person.username, password.typed, codes)


def signs_no_more(policy: Policy, *, at: datetime) -> bool:
    """Say whether the account that is sealed holds no position that authorizes the policy, or a version to come: in its
    envelope it would help nobody in."""
    standing = seals().filter(ended_at=None).first()
    if standing is None:
        return False
    held = _titles(standing.person)
    return any(held.isdisjoint(titles) for titles in _signing(policy, at=at))


def noticed(person: Person, *, at: datetime) -> None:
    """Break the seal of a sealed account that was signed in to, and log it; of any other account, do nothing."""
    with transaction.atomic():
        if guarding.break_seal(person, at=at):
            _log(at, None, Action.SEAL_BROKEN, person, {})


def tell_of_broken_seals(*, at: datetime) -> int:
    """Mail those who govern about seals that were broken, where there is mail; return how many seals."""
    untold = broken_seals().filter(told_at=None) if can_mail() else ()
    waiting = [each for each in untold if not _tried(each, since=at - _AGAIN)]
    for each in waiting:
        to = [person.email for person in _governing(at) if person.email and person != each.person]
        with transaction.atomic():
            _log(at, None, Action.SEAL_TOLD, each.person, {"mails": len(to)}, outcome=Outcome.BEGUN)
        failure = _mail(each, to=to)
        outcome = Outcome.FAILED if failure else Outcome.DONE
        with transaction.atomic():
            if not failure:
                guarding.note_told(each, at=at)
            _log(at, None, Action.SEAL_TOLD, each.person, {"mails": len(to), "failure": failure}, outcome=outcome)
    return len(waiting)


def answer(by: Footing, found: Seal, *, said: str) -> None:
    """Answer for a broken seal: why, and what was done. The account's secrets are spent until it is sealed anew."""
    unsaid = Refused(Clause.IV_h, "Say who opened the envelope, why, and what was done.")
    own = Refused(Clause.IV_h, "Somebody who signed in as themselves answers for the seal.")
    long = Refused(
        Clause.IV_h, f"An answer has {LONGEST} characters at most: say the rest in a report of the department's."
    )
    by.demand(
        may_govern(by),
        own if is_sealed(by.person) else Allowed(),
        Allowed() if said.strip() else unsaid,
        Allowed() if len(said.strip()) <= LONGEST else long,
        attempted=Action.SEAL_ANSWERED,
        subject=f"person:{found.person_id}",
    )
    with transaction.atomic():
        if guarding.answer_seal(found, answer=said.strip(), at=by.at, by=by.person):
            changes.set_active(found.person, active=False, at=by.at)
            ended = end_sessions(found.person)
            _log(by.at, by, Action.SEAL_ANSWERED, found.person, {"sessions_ended": ended}, said=said.strip())


def _tried(found: Seal, *, since: datetime) -> bool:
    told = of_subject(f"person:{found.person_id}")
    return any(each.action == Action.SEAL_TOLD and each.at > max(since, found.broken_at or since) for each in told)


def _sealed_person() -> Person | None:
    newest = seals().first()
    return newest.person if newest else None


def _make(by: Footing, password: Password) -> Person:
    return take_on(
        by, username=f"sealed-{secrets.token_hex(4)}", name="Sealed account", kind=Person.Kind.STAFF, password=password
    )


def _signing(policy: Policy, *, at: datetime) -> list[frozenset[str]]:
    """Return the positions that authorize the policy now, and those that will under each version to come."""
    return [each.positions(AUTHORITY) for each in (governing(policy), *map(as_policy, to_come(at=at)))]


def _titles(person: Person) -> frozenset[str]:
    """Return what the account holds by now, be it since a moment ago."""
    return frozenset(person.holdings.filter(ended_at=None).values_list("position__title", flat=True))


def _governing(at: datetime) -> Iterable[Person]:
    policy = in_force(at=at)
    return holders(governing(policy).positions(AUTHORITY), at=at, today=at.astimezone(policy.zone).date())


def _mail(found: Seal, *, to: list[str]) -> str:
    """Return why the alarm was not sent, or nothing. It names nobody."""
    body = (
        f"The sealed account of Platekeeper was signed in to, {found.broken_at:%Y-%m-%d %H:%M} UTC.\n\n"
        "Find out who opened the envelope and why. Then sign in, open People, Sealed account, and answer for it.\n"
        "If nobody of yours did: disable the account now, and read in the ledger what was done with it."
    )
    subject = f"ALARM: the sealed account was used{' (DEMO, fictional)' if settings.DEMO else ''}"
    message = EmailMessage(subject, body, to=to, headers={"Auto-Submitted": "auto-generated"})
    try:
        message.send()
    except (OSError, ValueError) as error:
        return unsent(error)
    return "" if to else "nobody who governs has an e-mail address"


def _log(
    at: datetime, by: Footing | None, action: Action, person: Person, details: dict[str, object],
    *, outcome: Outcome = Outcome.DONE, said: str = "",
) -> None:  # fmt: skip
    append(
        at=at,
        by=by.actor if by else SYSTEM,
        action=action,
        outcome=outcome,
        clause=Clause.IV_h,
        subject=f"person:{person.pk}",
        details=details,
        sealed={"said": said},
        policy=(by.policy if by else in_force(at=at)).stamp,
    )
