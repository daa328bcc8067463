"""The fictional town: its LPRs, its people, its plates, its hot list. Every name and plate is made up."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from platekeeper.core.profiles import PROFILES

PASSWORD = "harbor-falls-demo"  # noqa: S105 - of a fictional department that is served on loopback only
ZONE = "America/New_York"


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody in the demo department, and what to try as them."""

    username: str
    name: str
    kind: str
    position: str
    trained: bool
    staff_access: bool
    inquiries: bool
    does: str


ROLES = (
    Role(
        "member",
        "Maya Okafor",
        "member",
        "Patrol Officer",
        True,
        False,
        False,
        "sees hits on the live board, works one",
    ),
    Role(
        "dispatcher",
        "Dan Whitfield",
        "staff",
        "Dispatcher",
        True,
        False,
        False,
        "confirms hits from the dispatch queue",
    ),
    Role(
        "sergeant",
        "Sofia Marchetti",
        "member",
        "Patrol Sergeant",
        True,
        False,
        False,
        "reviews departures, enters alerts",
    ),
    Role(
        "investigator", "Ines Varga", "member", "Detective", True, False, True, "searches stored reads, with a reason"
    ),
    Role("analyst", "Aaron Lind", "staff", "Crime Analyst", True, True, True, "authorized staff: searches for others"),
    Role(
        "custodian",
        "Carmen Doyle",
        "member",
        "LPR Data Custodian",
        True,
        False,
        True,
        "hot lists, dead letters, Query Log",
    ),
    Role("administrator", "Ada Brandt", "staff", "LPR Administrator", True, False, False, "LPRs and their keys"),
    Role("trainer", "Tom Reyes", "member", "Training Officer", True, False, False, "records training"),
    Role(
        "auditor", "Audrey Chen", "staff", "Auditor", True, False, False, "sees every step: Query Log, ledger, register"
    ),
    Role(
        "rookie",
        "Rory Haines",
        "member",
        "Patrol Officer",
        False,
        False,
        False,
        "not trained yet: refused, with the clause",
    ),
)
CHIEF = ("chief", "Helen Abara")

LPRS = (
    ("Bridge Street east", "fixed", "Bridge Street at Canal", 43.0481, -76.1474),
    ("Route 11 north", "fixed", "Route 11, mile 4", 43.0893, -76.1452),
    ("Harbor Road trailer", "portable", "Harbor Road at the ferry", 43.0702, -76.1711),
    ("Car 14", "mobile", "Patrol car 14", 43.0533, -76.1559),
)

POLICY: dict[str, object] = PROFILES["new_york"].values_for("Chief") | {
    "IV.b.access": ["Chief", "Detective", "LPR Data Custodian", "Patrol Officer", "Patrol Sergeant"],
    "V.d.authorizer": ["Chief"],
    "V.e.director": ["Patrol Sergeant"],
    "VI.l.destinations": ["Mill County Crime Analysis Center"],
    "VII.f.directors": ["Patrol Sergeant"],
    "header.section": "Section 12.4",
}
"""What the department answers to every blank, but for the dates."""

COURSES = (
    (
        "LPR use, law and this policy",
        "initial",
        "Reading a hit, the two steps before a stop, what may be searched and why.",
    ),
    ("LPR yearly refresher", "refresher", "What changed within the year, and a worked hit."),
)

_STATES = ("NY",) * 8 + ("NJ", "PA")
_CODES = ("V",) * 5 + ("P",) * 3 + ("W",) * 3 + ("X",) * 5 + ("Z",) * 2 + ("M", "S", "T", "R")
_MAKES = ("TOYT", "HOND", "FORD", "CHEV", "SUBA", "NISS")
COLORS = {
    "BLK": ("#2d2f33", "#2d2f33"),
    "WHI": ("#efefef", "#efefef"),
    "SIL": ("#a9aeb5", "#a9aeb5"),
    "RED": ("#8c1f1f", "#8c1f1f"),
    "BLU": ("#1f3a6b", "#1f3a6b"),
    "YEL/BLK": ("#d9b12f", "#2d2f33"),
}
"""The colors of the town's cars as its hot list writes them, and the paint of body and roof in pictures."""


def plates(*, seed: int) -> Iterator[tuple[str, str]]:
    """Yield fictional (plate, state) pairs without end."""
    chance = random.Random(seed)
    while True:
        letters = "".join(chance.choices(string.ascii_uppercase, k=3))
        yield f"{letters}{chance.randint(1000, 9999)}", chance.choice(_STATES)


def color_of(plate: str, state: str) -> str:
    """Return the color of the car with a plate, as the hot list writes it: a picture shows the same."""
    return tuple(COLORS)[crc32(f"{state}{plate}".encode()) % len(COLORS)]


def wanted(count: int = 24) -> list[tuple[str, str]]:
    """Return the plates of the town that stand on its hot list and drive through it."""
    source = plates(seed=41)
    return [next(source) for _ in range(count)]


def hot_list_file(*, day: int, lines: int = 1500) -> bytes:
    """Return a file in the New York layout: the town's wanted plates and strangers, a few of them new each day."""
    chance, strangers = random.Random(day), plates(seed=7)
    rows = [*wanted(), *(next(strangers) for _ in range(lines)), *_first(plates(seed=day), 20)]
    text = ["LPR HOT LIST - FICTIONAL"]
    for number, (plate, state) in enumerate(rows):
        code = _CODES[number % len(_CODES)]
        text.append(f"{plate:<10}{state:<2}{'PC':<3}{code}{chance.choice(_MAKES):<4}{color_of(plate, state)}")
    text.append(f"{'0':<10}{'NY':<2}{'PC':<3}VFORDBLK")  # real files hold junk plates
    return ("\r\n".join(text) + "\r\n").encode()


def county_file() -> bytes:
    """Return the county's list: a few of the wanted cars, and strangers."""
    rows = [*wanted()[:3], *_first(plates(seed=11), 40)]
    lines = [
        f"{plate},{state},{('10-29V', 'ATL')[n % 2]},as told by Mill County" for n, (plate, state) in enumerate(rows)
    ]
    return "\n".join(("Tag,State,Why,Remarks", *lines)).encode()


def _first(source: Iterator[tuple[str, str]], count: int) -> list[tuple[str, str]]:
    return [next(source) for _ in range(count)]
