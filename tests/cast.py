"""The cast: one fictional department, Harbor Falls, with somebody in every role, and a filled-in policy in force."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from platekeeper.core.profiles import PROFILES
from platekeeper.core.rules.sharing import Share, Terms
from platekeeper.server.equipment import changes as equipment
from platekeeper.server.equipment.models import LPR
from platekeeper.server.personnel import changes as personnel
from platekeeper.server.personnel.changes import training
from platekeeper.server.personnel.models import Agency, Course, Grant, Person
from platekeeper.server.policy import changes as policy
from platekeeper.server.sharing import changes as sharing
from platekeeper.server.sharing.models import MouStep
from tests.kept import kept

FOUNDED = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)

POLICY: dict[str, Any] = PROFILES["new_york"].values_for("Chief") | {
    "header.effective": "2026-01-05",
    "header.review": f"{datetime.now(UTC).date() + timedelta(days=300)}",
    "header.section": "Section 12.4",
    "III.name": "Harbor Falls",
    "III.kind": "police",
    "III.zone": "America/New_York",
    "IV.a.users": ["Patrol Officer", "Patrol Sergeant"],
    "IV.b.access": ["Chief", "Detective", "LPR Data Custodian", "Patrol Officer", "Patrol Sergeant"],
    "IV.c.authorizer": ["Chief"],
    "IV.e.custodian": ["LPR Data Custodian"],
    "IV.f.inventory": ["LPR Administrator"],
    "IV.i.trainers": ["Training Officer"],
    "IV.i.refresher": 365,
    "V.d.authorizer": ["Chief"],
    "V.e.director": ["Patrol Sergeant"],
    "VI.a.decider": ["LPR Data Custodian"],
    "VI.a.plates": "both",
    "VI.b.access": ["Crime Analyst", "Detective", "LPR Data Custodian"],
    "VI.e.auditors": ["Auditor"],
    "VI.j.manager": ["LPR Data Custodian"],
    "VI.k.floor": "30 days",
    "VI.k.ceiling": "180 days",
    "VI.l.destinations": ["Mill County Sheriff's Office"],
    "VI.m.keeper": ["LPR Data Custodian"],
    "VI.m.every": "24 hours",
    "VII.e.dispatch": ["Dispatcher"],
    "VII.e.supervisors": ["Patrol Sergeant"],
    "VII.e.window": 15,
    "VII.f.directors": ["Patrol Sergeant"],
    "VIII.a.access": ["Crime Analyst", "Detective", "LPR Data Custodian"],
    "VIII.b.grantor": ["Chief"],
    "signature.authority": ["Chief"],
}
"""Every blank of this version filled, as the cast's department adopted them."""

PURPOSES = ["investigation", "stolen", "wanted", "missing", "audit"]
GENEROUS = Terms(images=True, only_hits=False, misses=True, days=90)
"""What the MOU with the outsider's agency lets leave: everything."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody, by the role they play."""

    department: Agency
    officer: Person  # a trained member
    rookie: Person  # an untrained member
    clerk: Person  # authorized staff: a crime analyst
    temp: Person  # staff without authorization
    custodian: Person
    administrator: Person
    dispatcher: Person
    sergeant: Person
    detective: Person
    trainer: Person
    chief: Person
    auditor: Person
    outsider: Person  # of another agency
    lpr: LPR
    lpr_key: str

    def people(self) -> dict[str, Person]:
        """Return everybody by role name."""
        return {role: who for role in ROLES if isinstance(who := getattr(self, role), Person)}


_PEOPLE = (  # role, name, kind, position, trained, staff access, inquiries
    ("officer", "Olive Officer", Person.Kind.MEMBER, "Patrol Officer", True, False, False),
    ("rookie", "Rory Rookie", Person.Kind.MEMBER, "Patrol Officer", False, False, False),
    ("clerk", "Clara Clerk", Person.Kind.STAFF, "Crime Analyst", True, True, True),
    ("temp", "Theo Temp", Person.Kind.STAFF, "Crime Analyst", True, False, False),
    ("custodian", "Cass Custodian", Person.Kind.MEMBER, "LPR Data Custodian", True, False, True),
    ("administrator", "Ada Administrator", Person.Kind.STAFF, "LPR Administrator", True, False, False),
    ("dispatcher", "Dora Dispatcher", Person.Kind.STAFF, "Dispatcher", True, False, False),
    ("sergeant", "Sam Sergeant", Person.Kind.MEMBER, "Patrol Sergeant", True, False, False),
    ("detective", "Dee Detective", Person.Kind.MEMBER, "Detective", True, False, True),
    ("trainer", "Tina Trainer", Person.Kind.MEMBER, "Training Officer", True, False, False),
    ("chief", "Charlie Chief", Person.Kind.MEMBER, "Chief", True, False, False),
    ("auditor", "Audrey Auditor", Person.Kind.STAFF, "Auditor", True, False, False),
    ("outsider", "Otto Outsider", Person.Kind.OUTSIDE, "", False, False, False),
)
ROLES = tuple(row[0] for row in _PEOPLE)


def assemble(*, today: date | None = None) -> Cast:
    """Found the department and everybody in it. Training was taken 30 days before `today` (real today by default)."""
    cast = _assembled(trained_on=(today or datetime.now(UTC).date()) - timedelta(days=30))
    return replace(cast, lpr_key=equipment.issue_key(cast.lpr, at=FOUNDED))


@kept
def _assembled(*, trained_on: date) -> Cast:
    department = personnel.add_agency(name="Harbor Falls Police Department", ori="NY0000000", is_department=True)
    elsewhere = personnel.add_agency(name="Mill County Sheriff's Office", ori="NY0000001")
    people: dict[str, Person] = {}
    for role, name, kind, title, *_rest in _PEOPLE:
        agency = elsewhere if kind is Person.Kind.OUTSIDE else department
        person = personnel.add_person(username=role, name=name, kind=kind, agency=agency, at=FOUNDED)
        if title:
            personnel.give_position(person, personnel.ensure_position(title), since=FOUNDED.date(), at=FOUNDED)
        people[role] = person
    draft = policy.open_draft(at=FOUNDED)
    for key, value in POLICY.items():
        policy.fill(draft, key=key, value=value)
    version = policy.adopt(draft, at=FOUNDED, by=people["chief"].pk, by_name=people["chief"].name, effective_at=FOUNDED)
    stamp = (version.number, version.digest)
    basics = training.add_course(title="LPR basics", kind=Course.Kind.INITIAL, at=FOUNDED)
    for role, _name, _kind, _title, trained, staff_access, inquiries in _PEOPLE:
        who, chief = people[role], people["chief"]
        if trained:
            training.record_training(
                who, course=basics, on=trained_on, given_by="Tina Trainer",
                at=FOUNDED, by=people["trainer"], policy=stamp,
            )  # fmt: skip
        if staff_access:
            personnel.grant(who, kind=Grant.Kind.STAFF_ACCESS, at=FOUNDED, by=chief, policy=stamp)
        if inquiries:
            personnel.grant(who, kind=Grant.Kind.INQUIRIES, at=FOUNDED, by=chief, policy=stamp)
    _share(elsewhere, people, policy=stamp)
    lpr = equipment.add_lpr(
        name="Bridge Street east", kind=LPR.Kind.FIXED, zone="America/New_York", at=FOUNDED,
        place="Bridge Street at Canal", latitude=43.0481, longitude=-76.1474,
    )  # fmt: skip
    return Cast(department=department, lpr=lpr, lpr_key="", **people)


def _share(agency: Agency, people: dict[str, Person], *, policy: tuple[int, str]) -> None:
    """Let an MOU with another agency be in force that shares everything, for every purpose."""
    mou = sharing.draft_mou(
        agency=agency, title="Mutual sharing", shares=sorted(Share), purposes=PURPOSES, terms=GENEROUS.kept(),
        document=b"%PDF-1.7", begins_on=FOUNDED.date(), ends_on=datetime.now(UTC).date() + timedelta(days=300),
        at=FOUNDED, by=people["custodian"], policy=policy,
    )  # fmt: skip
    for kind, by in ((MouStep.Kind.THEIRS, "custodian"), (MouStep.Kind.OURS, "chief")):
        sharing.add_step(mou, kind=kind, at=FOUNDED, by=people[by], policy=policy, note="")
