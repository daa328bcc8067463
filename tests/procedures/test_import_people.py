"""People from a file: planned, then all of them or nobody; what each leaves in the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from platekeeper.core.people_file import PeopleFileError
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.lookups import authority_of
from platekeeper.server.personnel.models import Holding, Person, Position
from platekeeper.server.procedures import import_people as importing
from platekeeper.server.procedures import manage_people
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.import_people import ImportStopped, import_people, plan
from tests.cast import ROLES, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC).replace(hour=17, minute=0)  # about noon in Harbor Falls: one day, here and in UTC
TODAY = NOW.date()
HEAD = "name,username,kind,badge,email,agency,positions,since,until,ends_on\n"
MAYA = f"Maya Okafor,mokafor,member,114,m@h.gov,,Patrol Officer|Detective,,{TODAY + timedelta(9)},\n"
LEE = f"Lee Wu,lwu,outside,,,mill county sheriff's office,,,,{TODAY}\n"


def _by(cast: Cast, role: str = "chief") -> Footing:
    return footing(cast.people()[role], at=NOW)


def _file(*lines: str) -> bytes:
    return (HEAD + "".join(lines)).encode()


def _state() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Person, Position, Holding, LedgerEntry))


def test_everybody_is_added_with_positions_and_a_first_password(cast: Cast) -> None:
    before, content = LedgerEntry.objects.count(), _file(MAYA, LEE)
    added = dict(import_people(_by(cast), content))
    maya, lee = Person.objects.get(username="mokafor"), Person.objects.get(username="lwu")
    assert (maya.name, maya.kind, maya.badge, maya.email) == ("Maya Okafor", "member", "114", "m@h.gov")
    assert (maya.agency, maya.added_at, maya.ends_at) == (cast.department, NOW, None)
    assert lee.agency == cast.outsider.agency
    assert lee.ends_at == datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=ZoneInfo("America/New_York")) + timedelta(
        1
    )
    for person in (maya, lee):
        assert person.must_set_password
        assert check_password(added[person], person.password)
    assert len(set(added.values())) == 2
    held = Holding.objects.filter(person=maya)
    assert {(each.position.title, each.since, each.until) for each in held} == {
        ("Patrol Officer", TODAY, TODAY + timedelta(9)), ("Detective", TODAY, TODAY + timedelta(9)),
    }  # fmt: skip
    assert authority_of(maya, at=NOW, today=TODAY).positions == {"Patrol Officer", "Detective"}

    entries = list(LedgerEntry.objects.order_by("index"))[before:]
    assert [(each.action, each.subject) for each in entries] == [
        ("person_added", f"person:{maya.pk}"), ("position_given", f"person:{maya.pk}"),
        ("position_given", f"person:{maya.pk}"), ("person_added", f"person:{lee.pk}"), ("people_imported", ""),
    ]  # fmt: skip
    assert entries[-1].content()["details"] == {"people": 2, "file": hashlib.sha256(content).hexdigest()}
    assert not any(password in str(each.content()) for password in added.values() for each in entries)


def test_a_plan_changes_nothing(cast: Cast) -> None:
    before = _state()
    planned = plan(_by(cast), _file(MAYA, LEE, "Pat Poe,ppoe,staff,,,,Harbor Master,,,\n"))
    assert [line.row.username for line in planned.lines] == ["mokafor", "lwu", "ppoe"]
    assert not planned.stopping
    assert _state() == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A,officer,member,,,,,,,\n", "The login name is taken"),
        ("A,OFFICER,member,,,,,,,\n", "The login name is taken"),
        ("A,a,outside,,,Atlantis,,,,\n", "There is no other agency “Atlantis”"),
        ("A,a,outside,,,Harbor Falls Police Department,,,,\n", "There is no other agency"),
        (f"A,a,staff,,,,Auditor,,{TODAY - timedelta(1)},\n", "The positions have ended already"),
        (f"A,a,staff,,,,,,,{TODAY - timedelta(1)}\n", "The account has ended already"),
    ],
)
def test_one_line_that_stands_in_the_way_stops_all(line: str, said: str, cast: Cast) -> None:
    [stopping] = plan(_by(cast), _file(MAYA, line)).stopping
    assert stopping.row.line == 3
    assert stopping.problems[0].startswith(said)
    before = _state()
    with pytest.raises(ImportStopped):
        import_people(_by(cast), _file(MAYA, line))
    assert _state() == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A,a,staff,,,,Harbor Master,,,\n", "does not name “Harbor Master”: the position gives no duties"),
        ("A,a,staff,,,,auditor,,,\n", "does not name “auditor”, but “Auditor”"),
        (f"A,a,staff,,,,Auditor,{TODAY - timedelta(1)},,\n", "held from today"),
        (f"A,a,staff,,,,,{TODAY},,\n", "The days are left out"),
    ],
)
def test_what_is_odd_is_noted_and_stops_nothing(line: str, said: str, cast: Cast) -> None:
    [planned] = plan(_by(cast), _file(line)).lines
    assert not planned.problems
    [note] = planned.notes
    assert said in note
    [(person, _)] = import_people(_by(cast), _file(line))
    assert all(held.since == TODAY for held in Holding.objects.filter(person=person))


def test_what_is_usual_has_no_notes(cast: Cast) -> None:
    assert [line.notes for line in plan(_by(cast), _file(MAYA, LEE)).lines] == [(), ()]


def test_a_position_of_a_later_day_begins_then(cast: Cast) -> None:
    later = TODAY + timedelta(30)
    [(person, _)] = import_people(_by(cast), _file(f"A,a,staff,,,,Auditor,{later},,\n"))
    assert not authority_of(person, at=NOW, today=TODAY).positions
    assert authority_of(person, at=NOW + timedelta(30), today=later).positions == {"Auditor"}


def test_a_failure_amid_the_people_adds_nobody(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    before, calls = _state(), 0

    def fail_at_the_second(*args: object, **kwargs: object) -> Person:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ValidationError("taken just now")
        return take_on(*args, **kwargs)  # type: ignore[arg-type]

    take_on = manage_people.take_on
    monkeypatch.setattr(importing, "take_on", fail_at_the_second)
    with pytest.raises(ImportStopped):
        import_people(_by(cast), _file(MAYA, LEE))
    assert calls == 2
    assert _state() == before


@pytest.mark.parametrize("act", [plan, import_people])
def test_only_who_governs_may_and_a_refusal_is_logged(act: Callable[[Footing, bytes], object], cast: Cast) -> None:
    for role in ROLES:
        if role != "chief":
            with pytest.raises(RefusedAction):
                act(_by(cast, role), _file(MAYA))
            logged = LedgerEntry.objects.order_by("index").last()
            assert logged is not None
            assert logged.content()["details"]["attempted"] == "people_imported"
    assert not Person.objects.filter(username="mokafor").exists()


def test_a_file_that_cannot_be_read_is_explained_and_nothing_done(cast: Cast) -> None:
    before = _state()
    for act in (plan, import_people):
        with pytest.raises(PeopleFileError):
            act(_by(cast), _file(MAYA, MAYA))
    assert _state() == before


def test_many_come_at_once(cast: Cast) -> None:
    lines = [f"Person {number},p{number},member,,,,Patrol Officer,,,\n" for number in range(200)]
    added = import_people(_by(cast), _file(*lines))
    assert len({password for _, password in added}) == 200
    assert Holding.objects.filter(person__username__regex=r"^p\d+$", since=TODAY).count() == 200
