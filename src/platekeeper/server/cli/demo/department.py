"""Found the demo department the way a real one is founded: through the procedures, so its ledger tells the story."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import update_last_login

from platekeeper.core.categories import Category, HitAction, Source
from platekeeper.core.formats.cameras import platekeeper as own_format
from platekeeper.core.formats.reads import UnparsedRead
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.freshness import is_of_today
from platekeeper.server.cli.demo import town
from platekeeper.server.cli.demo.traffic import Traffic
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.lookups import hot_lists, newest_delivery
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.lookups import accounts_unused_since
from platekeeper.server.personnel.models import Course, Person
from platekeeper.server.procedures.adopt_policy import adopt
from platekeeper.server.procedures.authority import Footing, footing
from platekeeper.server.procedures.draft_policy import choose_profile, fill_blank, put_up
from platekeeper.server.procedures.found_department import found_department
from platekeeper.server.procedures.keep_inventory import set_papers
from platekeeper.server.procedures.keep_recovery_key import make_recovery_key, prove
from platekeeper.server.procedures.load_hot_list import load_hot_list
from platekeeper.server.procedures.manage_equipment import add_lpr, issue_key
from platekeeper.server.procedures.manage_hot_lists import ListSettings, add_list
from platekeeper.server.procedures.manage_people import (
    add_person,
    authorize_staff,
    give_position,
    grant_inquiries,
)
from platekeeper.server.procedures.passwords import chosen
from platekeeper.server.procedures.receive_reads import Intake, Submission
from platekeeper.server.procedures.sign_in import record
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.procedures.train_people import add_course, record_training

BACKFILL = 900
"""Reads in the day of traffic before the cameras go live."""

COUNTY_LIST = ListSettings(
    name="Mill County BOLOs",
    source=Source.DEPARTMENT,
    format="mapped",
    columns={"plate": "Tag", "category": "Why", "reason": "Remarks"},
    words={"10-29V": Category.STOLEN_VEHICLE.value, "ATL": Category.CRIME_SUSPECT.value},
    actions={Category.CRIME_SUSPECT: HitAction.OBSERVE},
    stale_after=48,
)
"""A second list, as a neighboring agency would send it, with a template and rules of its own."""


def found(*, at: datetime) -> list[str]:
    """Make the department, its policy, people and LPRs, a hundred days before `at`; return the LPRs' keys."""
    now, at = at, at - timedelta(days=100)
    chief = found_department(
        name="Harbor Falls",
        kind="police",
        zone=town.ZONE,
        first_person_name=town.CHIEF[1],
        username=town.CHIEF[0],
        password=town.PASSWORD,
        at=at,
    )
    _adopt_policy(chief, at=at)
    people = {role.username: _hire(footing(chief, at=at), role) for role in town.ROLES}
    trainer = footing(people["trainer"], at=now - timedelta(days=40))
    initial, *_others = [add_course(trainer, title=t, kind=Course.Kind(k), outline=o) for t, k, o in town.COURSES]
    trained = [people[role.username] for role in town.ROLES if role.trained]
    record_training(trainer, people=trained, course=initial, on=trainer.today)
    administrator = footing(people["administrator"], at=at)
    return [_install(administrator, row) for row in town.LPRS]


def recovery_shares(*, at: datetime) -> bytes:
    """Make the recovery key of the demo's backups and prove it; return its shares, which a real department never files."""
    shares = make_recovery_key(at=at, needed=2, holders=["Chief", "LPR Data Custodian", "county clerk"])
    prove(shares[:2], at=at)
    return "\n".join(shares).encode()


def deliver_todays_lists(*, at: datetime) -> None:
    """Deliver the portal's list of today and the county's, unless they have come already."""
    newest, zone = newest_delivery(), ZoneInfo(town.ZONE)
    if isinstance(is_of_today(newest.delivered_at if newest else None, at=at, zone=zone), Refused):
        custodian = footing(Person.objects.get(username="custodian"), at=at)
        content = town.hot_list_file(day=custodian.today.toordinal())
        load_hot_list(custodian, file_name="LPRinfo.txt", content=content, at=at)
        county = hot_lists().filter(name=COUNTY_LIST.name).first() or add_list(custodian, COUNTY_LIST)
        load_hot_list(custodian, file_name="bolos.csv", content=town.county_file(), at=at, hot_list=county)


def sign_in(*, at: datetime) -> None:
    """Have everybody sign in who has not lately, as people at work do: accounts that nobody uses are disabled."""
    for person in accounts_unused_since(at - timedelta(days=30)):
        record(person, Action.SIGNED_IN, at=at)
        update_last_login(Person, person)


def backfill(*, at: datetime) -> None:
    """Let a day of traffic pass, ending a minute before `at`, through the same intake that the cameras use."""
    deliver_todays_lists(at=at)
    chance, traffic = random.Random(5), Traffic(seed=1, one_in=90)
    moments = sorted(at - timedelta(seconds=chance.uniform(60, 86_400)) for _ in range(BACKFILL))
    readers = list(lprs())
    intake = Intake(read_store().writer(), id_key=settings.READ_ID_KEY)
    try:
        for start in range(0, len(moments), 100):
            batch = moments[start : start + 100]
            intake.take([_submission(traffic, moment, chance.choice(readers), at=at) for moment in batch])
    finally:
        intake.close()


def _adopt_policy(chief: Person, *, at: datetime) -> None:
    by = footing(chief, at=at)
    choose_profile(by, name="new_york")
    today = at.astimezone(ZoneInfo(town.ZONE)).date()  # not `by.today`: no policy names the zone yet
    dates = {
        "header.effective": today.isoformat(),
        "header.review": (today + timedelta(days=365)).isoformat(),
    }
    for key, value in (town.POLICY | dates).items():
        fill_blank(by, key=key, value=value)
    put_up(by)
    adopt(by)


def _hire(chief: Footing, role: town.Role) -> Person:
    person = add_person(
        chief,
        username=role.username,
        name=role.name,
        kind=Person.Kind(role.kind),
        password=chosen(town.PASSWORD),
    )
    give_position(chief, person=person, title=role.position)
    if role.staff_access:
        authorize_staff(chief, person=person)
    if role.inquiries:
        grant_inquiries(chief, person=person)
    return person


def _install(administrator: Footing, row: tuple[str, str, str, float, float]) -> str:
    name, kind, place, latitude, longitude = row
    lpr = add_lpr(
        administrator,
        name=name,
        kind=LPR.Kind(kind),
        zone=town.ZONE,
        place=place,
        latitude=latitude,
        longitude=longitude,
    )
    set_papers(administrator, lpr, value=18_000, on_plan=True)
    return issue_key(administrator, lpr=lpr)


def _submission(traffic: Traffic, moment: datetime, lpr: LPR, *, at: datetime) -> Submission:
    payload = json.dumps(traffic.read(moment, hour=moment.astimezone(ZoneInfo(town.ZONE)).hour))
    parsed = own_format.parse(payload.encode())
    return Submission(
        lpr=lpr,
        format="platekeeper",
        reads=[item for item in parsed if not isinstance(item, UnparsedRead)],
        unparsed=[item for item in parsed if isinstance(item, UnparsedRead)],
        received_at=at,
    )
