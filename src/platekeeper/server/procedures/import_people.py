"""People come from a file (IV.a-c): shown first as they would be added, then added all together or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from platekeeper.core.blanks import BLANKS
from platekeeper.core.blanks.kinds import Kind
from platekeeper.core.clauses import Clause
from platekeeper.core.people_file import PersonRow, parse
from platekeeper.core.policy import Policy
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.lookups import agencies
from platekeeper.server.personnel.models import Agency, Person
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.draft_policy import governing, may_govern
from platekeeper.server.procedures.manage_people import end_of_day, let_hold, take_on
from platekeeper.server.procedures.passwords import Password, made


class ImportStopped(Exception):
    """The file cannot be imported as it is: nothing was added. The plan says which lines stand in the way."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What would be done for one line: `problems` stand in the way, `notes` do not; positions begin on the day `since`."""

    row: PersonRow
    agency: Agency | None
    since: date
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The dry run of a file, whose SHA-256 is `digest`."""

    digest: str
    lines: tuple[Planned, ...]

    @property
    def stopping(self) -> list[Planned]:
        """Return the lines that stand in the way."""
        return [line for line in self.lines if line.problems]


def plan(by: Footing, content: bytes) -> Plan:
    """Return what importing a file would do; nothing is changed. Raises `PeopleFileError`."""
    by.demand(may_govern(by), attempted=Action.PEOPLE_IMPORTED)
    return _plan(by, content)


def import_people(by: Footing, content: bytes) -> list[tuple[Person, str]]:
    """Add everybody in a file with their positions; return them with their first passwords, which are kept nowhere.

    One transaction: all of them or nobody. Raises `PeopleFileError`, `ImportStopped`.
    """
    by.demand(may_govern(by), attempted=Action.PEOPLE_IMPORTED)
    passwords = [made() for _ in parse(content)]  # before the transaction, since hashes take their time
    with transaction.atomic():
        planned = _plan(by, content)  # again: a login name may have been taken since the plan was shown
        if planned.stopping:
            raise ImportStopped
        try:
            added = [_add(by, *each) for each in zip(planned.lines, passwords, strict=True)]
        except ValidationError as error:
            raise ImportStopped from error
        append(
            at=by.at,
            by=by.actor,
            action=Action.PEOPLE_IMPORTED,
            clause=Clause.IV_h,
            details={"people": len(added), "file": planned.digest},
            policy=by.policy.stamp,
        )
    return added


def _plan(by: Footing, content: bytes) -> Plan:
    rows = parse(content)
    taken = {name.casefold() for name in Person.objects.values_list("username", flat=True)}
    known = {agency.name.casefold(): agency for agency in agencies()}
    titles = _titles(governing(by.policy))
    lines = []
    for row in rows:
        agency = known.get(row.agency.casefold()) if row.agency else None
        problems = tuple(_problems(row, by.today, taken=row.username.casefold() in taken, agency=agency))
        since = max(row.since or by.today, by.today)
        lines.append(Planned(row, agency, since, problems, tuple(_notes(row, by.today, titles))))
    return Plan(hashlib.sha256(content).hexdigest(), tuple(lines))


def _titles(policy: Policy) -> dict[str, str]:
    """Return every position that a policy names, by how it reads whatever the size of its letters."""
    named = (title for key, blank in BLANKS.items() if blank.kind is Kind.POSITIONS for title in policy.positions(key))
    return {title.casefold(): title for title in named}


def _problems(row: PersonRow, today: date, *, taken: bool, agency: Agency | None) -> Iterator[str]:
    if taken:
        yield "The login name is taken: choose another, or take the line out."
    if row.kind == Person.Kind.OUTSIDE and agency is None:
        yield f"There is no other agency “{row.agency}”: add it first, or mend its name."
    if row.positions and row.until is not None and row.until < today:
        yield "The positions have ended already: take them out, or mend “until”."
    if row.ends_on is not None and row.ends_on < today:
        yield "The account has ended already: take the line out, or mend “ends_on”."


def _notes(row: PersonRow, today: date, titles: dict[str, str]) -> Iterator[str]:
    if row.positions and row.since is not None and row.since < today:
        yield "The positions are held from today: nobody held one before it was given."
    if not row.positions and (row.since or row.until):
        yield "The days are left out: they are of positions, and there are none."
    for title in row.positions:
        meant = titles.get(title.casefold())
        if meant is None:
            yield f"The policy does not name “{title}”: the position gives no duties."
        elif meant != title:
            yield f"The policy does not name “{title}”, but “{meant}”: as it is written, it gives no duties."


def _add(by: Footing, line: Planned, password: Password) -> tuple[Person, str]:
    row = line.row
    person = take_on(
        by, username=row.username, name=row.name, kind=Person.Kind(row.kind), badge=row.badge, email=row.email,
        agency=line.agency, password=password, ends_at=end_of_day(by, row.ends_on) if row.ends_on else None,
    )  # fmt: skip
    for title in row.positions:
        let_hold(by, person=person, title=title, since=line.since, until=row.until)
    return person, password.typed
