"""Sections IV, VI and VIII of people: authority ends at once, with every session, and access is never given to oneself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from platekeeper.core.rules.access import may_inquire, may_reach_lpr_data, may_use_lpr
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel import changes as personnel
from platekeeper.server.personnel.changes import ensure_position
from platekeeper.server.personnel.models import Disabling, Grant, Person
from platekeeper.server.policy import changes as policy
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures import manage_people
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.end_accounts import end_accounts
from tests.cast import FOUNDED, ROLES, Cast
from tests.web.access.policy import drafted

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def _by(cast: Cast, role: str, *, at: datetime = NOW) -> Footing:
    return footing(cast.people()[role], at=at)


def _clause(decision: Decision) -> str:
    return decision.clause.number if isinstance(decision, Refused) else "allowed"


def _use(cast: Cast, role: str, *, at: datetime = NOW) -> str:
    by = _by(cast, role, at=at)
    return _clause(may_use_lpr(by.authority, by.policy, by.today))


def _reach(cast: Cast, role: str, *, at: datetime = NOW) -> str:
    by = _by(cast, role, at=at)
    return _clause(may_reach_lpr_data(by.authority, by.policy, by.today))


def _signed_in(person: Person) -> None:
    session = SessionStore()
    session.create()
    UserSession.objects.create(user=person, session_key=session.session_key, ip="127.0.0.1", user_agent="car 12")


def _designators(*titles: str) -> None:
    version = PolicyVersion.objects.get()
    version.values["VI.b.designators"] = list(titles)
    version.save()


_ENDINGS: dict[str, tuple[str, Callable[[Footing, Person], object]]] = {
    "position": ("officer", lambda by, who: manage_people.end_position(by, person=who, title="Patrol Officer")),
    "staff access": ("clerk", lambda by, who: manage_people.end_grant(by, person=who, kind=Grant.Kind.STAFF_ACCESS)),
    "inquiries": ("detective", lambda by, who: manage_people.end_grant(by, person=who, kind=Grant.Kind.INQUIRIES)),
    "account": ("officer", lambda by, who: manage_people.set_active(by, person=who, active=False)),
    "password": ("officer", lambda by, who: manage_people.issue_password(by, person=who)),
}


@pytest.mark.parametrize(("role", "end"), _ENDINGS.values(), ids=list(_ENDINGS))
def test_iv_a_to_c_and_viii_b_what_ends_ends_every_session_at_once(
    role: str, end: Callable[[Footing, Person], object], cast: Cast
) -> None:
    for who in (cast.people()[role], cast.sergeant):
        _signed_in(who)
    end(_by(cast, "chief"), cast.people()[role])
    assert [each.user for each in UserSession.objects.all()] == [cast.sergeant]
    assert Session.objects.count() == 1
    assert LedgerEntry.objects.latest("index").content()["details"]["sessions_ended"] == 1


def test_iv_a_a_position_holds_from_its_first_day_to_its_last(cast: Cast) -> None:
    chief = _by(cast, "chief")
    days = {"since": chief.today + 2 * DAY, "until": chief.today + 4 * DAY}
    manage_people.give_position(chief, person=cast.detective, title="Patrol Officer", **days)
    held = [_use(cast, "detective", at=NOW + n * DAY) for n in range(6)]
    assert held == ["IV.a", "IV.a", "allowed", "allowed", "allowed", "IV.a"]


def test_iv_b_a_member_loses_lpr_data_with_the_position_and_nobody_gives_one_backwards(cast: Cast) -> None:
    chief = _by(cast, "chief")
    manage_people.end_position(chief, person=cast.detective, title="Detective")
    assert _reach(cast, "detective", at=NOW + timedelta(seconds=1)) == "IV.b"
    assert _reach(cast, "detective", at=NOW - timedelta(seconds=1)) == "allowed"  # what was decided then stands
    with pytest.raises(RefusedAction, match="nobody held it before"):
        manage_people.give_position(chief, person=cast.detective, title="Detective", since=chief.today - DAY)


def test_iv_c_access_of_staff_ends_and_may_be_given_again(cast: Cast) -> None:
    chief = _by(cast, "chief")
    manage_people.end_grant(chief, person=cast.clerk, kind=Grant.Kind.STAFF_ACCESS)
    assert _reach(cast, "clerk", at=NOW + timedelta(seconds=1)) == "IV.c"
    later = _by(cast, "chief", at=NOW + timedelta(minutes=1))
    manage_people.authorize_staff(later, person=cast.clerk)
    assert _reach(cast, "clerk", at=NOW + timedelta(minutes=2)) == "allowed"
    assert _reach(cast, "clerk", at=NOW + timedelta(seconds=30)) == "IV.c"  # the gap is kept


def test_vi_b_a_designee_reaches_lpr_data_without_a_position_of_vi_b_until_it_ends(cast: Cast) -> None:
    assert _reach(cast, "sergeant") == "VI.b"
    _designators("Chief")
    manage_people.name_designee(_by(cast, "chief"), person=cast.sergeant)
    assert _reach(cast, "sergeant") == "allowed"
    by = _by(cast, "sergeant")
    assert _clause(may_inquire(by.authority, by.policy, by.today)) == "VIII.a"  # a search is another matter
    _signed_in(cast.sergeant)
    manage_people.end_grant(_by(cast, "chief"), person=cast.sergeant, kind=Grant.Kind.DESIGNEE)
    assert _reach(cast, "sergeant", at=NOW + timedelta(seconds=1)) == "VI.b"
    assert not UserSession.objects.exists()


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"chief"}))
def test_vi_b_only_the_designators_name_a_designee(role: str, cast: Cast) -> None:
    _designators("Chief")
    with pytest.raises(RefusedAction) as refused:
        manage_people.name_designee(_by(cast, role), person=cast.rookie)
    assert refused.value.refusal.clause.number == "VI.b"


def test_vi_b_nobody_is_named_while_the_policy_does_not_say_by_whom(cast: Cast) -> None:
    _designators()
    with pytest.raises(RefusedAction):
        manage_people.name_designee(_by(cast, "chief"), person=cast.rookie)


@pytest.mark.parametrize(
    ("give", "role"),
    [
        (manage_people.grant_inquiries, "outsider"), (manage_people.name_designee, "outsider"),
        (manage_people.authorize_staff, "officer"), (manage_people.grant_inquiries, "chief"),
        (manage_people.name_designee, "chief"),
    ],
)  # fmt: skip
def test_vi_b_and_viii_b_what_means_nothing_or_goes_to_oneself_is_not_given(
    give: Callable[..., None], role: str, cast: Cast
) -> None:
    _designators("Chief")
    with pytest.raises(RefusedAction):
        give(_by(cast, "chief"), person=cast.people()[role])
    assert not Grant.objects.filter(person=cast.people()[role]).exists()


def test_viii_b_access_is_given_once_and_the_history_says_by_whom(cast: Cast) -> None:
    chief = _by(cast, "chief")
    with pytest.raises(RefusedAction, match="given already"):
        manage_people.grant_inquiries(chief, person=cast.detective)
    manage_people.end_grant(chief, person=cast.detective, kind=Grant.Kind.INQUIRIES)
    manage_people.grant_inquiries(_by(cast, "chief", at=NOW + DAY), person=cast.detective)
    given = Grant.objects.filter(person=cast.detective).order_by("granted_at")
    assert [(grant.granted_by, grant.ended_at is None) for grant in given] == [(cast.chief, False), (cast.chief, True)]


def test_iv_h_a_temporary_account_ends_by_itself_after_its_last_day(cast: Cast) -> None:
    chief = _by(cast, "chief")
    manage_people.set_last_day(chief, person=cast.officer, last_day=chief.today + DAY)
    _signed_in(cast.officer)
    Person.objects.update(last_login=NOW)
    last = Person.objects.get(pk=cast.officer.pk).ends_at
    assert last is not None
    cast.officer.refresh_from_db()
    assert _use(cast, "officer", at=last - timedelta(seconds=1)) == "allowed"
    assert _use(cast, "officer", at=last) == "IV.h"
    assert end_accounts(at=last) == 1
    assert not UserSession.objects.exists()
    later = _by(cast, "chief", at=last + DAY)
    cast.officer.refresh_from_db()
    with pytest.raises(RefusedAction, match="set a later one"):
        manage_people.set_active(later, person=cast.officer, active=True)
    manage_people.set_last_day(later, person=cast.officer, last_day=None)
    manage_people.set_active(later, person=cast.officer, active=True)
    assert Disabling.objects.get(person=cast.officer).disabled_at == last
    assert _use(cast, "officer", at=last + timedelta(hours=1)) == "IV.h"
    assert _use(cast, "officer", at=last + 2 * DAY) == "allowed"


def test_signature_the_last_who_signs_keeps_position_and_account(cast: Cast) -> None:
    chief = _by(cast, "chief")
    acts: tuple[Callable[[], None], ...] = (
        lambda: manage_people.end_position(chief, person=cast.chief, title="Chief"),
        lambda: manage_people.set_active(chief, person=cast.chief, active=False),
        lambda: manage_people.set_last_day(chief, person=cast.chief, last_day=chief.today),
    )
    for act in acts:
        with pytest.raises(RefusedAction):
            act()
    assert _clause(manage_people.may_look(_by(cast, "chief"))) == "allowed"


@pytest.mark.parametrize(
    ("since", "until", "stays"),
    [(-DAY, None, True), (9 * DAY, None, True), (-DAY, 400 * DAY, False)],
    ids=["held for good", "held for good from a day to come", "held for a while"],
)
def test_signature_who_signs_has_a_last_day_where_another_signs_for_good(
    since: timedelta, until: timedelta | None, stays: bool, cast: Cast
) -> None:
    chief, second = _chiefs(cast)
    personnel.give_position(
        cast.detective,
        ensure_position("Chief"),
        since=second.today + since,
        until=second.today + until if until else None,
        at=NOW,
    )
    manage_people.set_last_day(chief, person=cast.sergeant, last_day=chief.today + 300 * DAY)
    if stays:
        manage_people.set_last_day(second, person=cast.chief, last_day=second.today + 300 * DAY)
    else:
        with pytest.raises(RefusedAction, match="for good"):
            manage_people.set_last_day(second, person=cast.chief, last_day=second.today + 300 * DAY)
    assert (Person.objects.get(pk=cast.chief.pk).ends_at is not None) == stays


def test_signature_two_who_sign_give_each_other_no_last_day(cast: Cast) -> None:
    chief, second = _chiefs(cast)
    manage_people.set_last_day(chief, person=cast.sergeant, last_day=chief.today + 9 * DAY)
    for day in (8, 9, 10):
        with pytest.raises(RefusedAction, match="for good"):
            manage_people.set_last_day(second, person=cast.chief, last_day=second.today + day * DAY)
    manage_people.set_last_day(second, person=cast.officer, last_day=second.today)  # who signs nothing
    manage_people.set_last_day(chief, person=cast.sergeant, last_day=None)
    manage_people.set_last_day(second, person=cast.chief, last_day=second.today + 8 * DAY)


def test_signature_the_last_for_good_stays_while_another_signs_for_a_while(cast: Cast) -> None:
    chief, second = _chiefs(cast)
    manage_people.set_last_day(chief, person=cast.sergeant, last_day=chief.today + 9 * DAY)
    acts: tuple[Callable[[], None], ...] = (
        lambda: manage_people.end_position(second, person=cast.chief, title="Chief"),
        lambda: manage_people.set_active(second, person=cast.chief, active=False),
    )
    for act in acts:
        with pytest.raises(RefusedAction, match="for good"):
            act()
    manage_people.set_active(chief, person=cast.sergeant, active=False)  # who signs for a while may go
    manage_people.set_active(chief, person=cast.officer, active=False)  # and who signs nothing


def test_signature_who_signs_the_version_to_come_stays(cast: Cast) -> None:
    chief = _by(cast, "chief")
    personnel.give_position(cast.sergeant, ensure_position("Commissioner"), since=FOUNDED.date(), at=FOUNDED)
    draft = drafted(cast, effective=3)
    policy.fill(draft, key="signature.authority", value=["Commissioner"])
    policy.adopt(draft, at=NOW, by=cast.chief.pk, by_name=cast.chief.name, effective_at=NOW + 3 * DAY)
    acts: tuple[Callable[[], None], ...] = (
        lambda: manage_people.end_position(chief, person=cast.sergeant, title="Commissioner"),
        lambda: manage_people.set_active(chief, person=cast.sergeant, active=False),
        lambda: manage_people.set_last_day(chief, person=cast.sergeant, last_day=chief.today + 9 * DAY),
    )
    for act in acts:
        with pytest.raises(RefusedAction, match="adopted for a day to come"):
            act()
    personnel.give_position(cast.detective, ensure_position("Commissioner"), since=chief.today + DAY, at=NOW)
    manage_people.end_position(chief, person=cast.sergeant, title="Commissioner")


def _chiefs(cast: Cast) -> tuple[Footing, Footing]:
    """Return the Chief, and the sergeant as another."""
    personnel.give_position(cast.sergeant, ensure_position("Chief"), since=FOUNDED.date(), at=FOUNDED)
    return _by(cast, "chief"), _by(cast, "sergeant")


def test_iv_h_an_account_that_nobody_uses_ends_by_itself(cast: Cast) -> None:
    Person.objects.update(last_login=NOW)
    Person.objects.filter(pk__in=[cast.officer.pk, cast.chief.pk]).update(last_login=NOW - 91 * DAY)
    assert end_accounts(at=NOW) == 1  # the Chief alone could enable anybody again
    assert not Person.objects.get(pk=cast.officer.pk).is_active
    assert Person.objects.get(pk=cast.chief.pk).is_active
    cast.officer.refresh_from_db()
    manage_people.set_active(_by(cast, "chief"), person=cast.officer, active=True)
    assert end_accounts(at=NOW + DAY) == 0
