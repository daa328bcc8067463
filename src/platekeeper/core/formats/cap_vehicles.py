"""Plates and vehicles as bulletins give them, in parameters or in words: proposals for a person to check, never more.

Issuers put a vehicle where they like: in parameters of their own (`VehicleLicensePlate`), in the text for phones (`CMAMtext`:
"LIC/ABC1234 (NY) 2008 Gray Dodge"), or in sentences. What is found is what looks like a plate beside a word that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from platekeeper.core.formats.cap import Alert, Info
from platekeeper.core.plates import STATES, Plate, is_junk, parse_state
from platekeeper.core.rules.field_entries import Ground

MOST = 20
"""Proposals of one bulletin; what names more plates is no bulletin about a vehicle."""
_NAMES = """
    AL Alabama;AK Alaska;AZ Arizona;AR Arkansas;CA California;CO Colorado;CT Connecticut;DE Delaware;FL Florida;GA Georgia;
    HI Hawaii;ID Idaho;IL Illinois;IN Indiana;IA Iowa;KS Kansas;KY Kentucky;LA Louisiana;ME Maine;MD Maryland;
    MA Massachusetts;MI Michigan;MN Minnesota;MS Mississippi;MO Missouri;MT Montana;NE Nebraska;NV Nevada;
    NH New Hampshire;NJ New Jersey;NM New Mexico;NY New York;NC North Carolina;ND North Dakota;OH Ohio;OK Oklahoma;
    OR Oregon;PA Pennsylvania;RI Rhode Island;SC South Carolina;SD South Dakota;TN Tennessee;TX Texas;UT Utah;VT Vermont;
    VA Virginia;WA Washington;WV West Virginia;WI Wisconsin;WY Wyoming;ON Ontario;QC Quebec;DC District of Columbia
"""
STATE_NAMES = {
    name.strip().upper(): code for code, name in (each.strip().split(" ", 1) for each in _NAMES.strip().split(";"))
}
_COLORS = (
    "black|white|silver|gray|grey|red|blue|green|brown|tan|beige|gold|yellow|orange|purple|maroon|burgundy|teal|"
    "champagne|charcoal|bronze|turquoise|pink|cream"
)
_MAKES = (
    "Acura|Alfa Romeo|Audi|BMW|Buick|Cadillac|Chevrolet|Chevy|Chrysler|Dodge|Fiat|Ford|Freightliner|Genesis|GMC|Honda|Hummer|"
    "Hyundai|Infiniti|Isuzu|Jaguar|Jeep|Kia|Land Rover|Lexus|Lincoln|Mack|Mazda|Mercedes(?:-Benz)?|Mercury|Mini|Mitsubishi|"
    "Nissan|Oldsmobile|Peterbilt|Plymouth|Pontiac|Porsche|Ram|Range Rover|Saab|Saturn|Scion|Smart|Subaru|Suzuki|Tesla|Toyota|"
    "Volkswagen|VW|Volvo"
)
_YEAR = re.compile(r"\b(?:19[5-9]\d|20[0-4]\d)\b|'\d\d\b|\b\d\d'")
_COLOR = re.compile(rf"\b(?:(?:light|dark)[ -])?(?:{_COLORS})\b", re.I)
_MAKE = re.compile(rf"\b(?:{_MAKES})\b(?-i: [A-Z][\w-]{{1,15}})?", re.I)
# "in", "or" and "me" are words: of the two letters only capitals name a state
_STATE = rf"(?:(?i:{'|'.join(sorted(STATE_NAMES, key=len, reverse=True))})|{'|'.join(sorted(STATES))})"
_SAYS_PLATE = re.compile(
    r"\b(?:licen[cs]e[ -]*(?:plates?|tags?)?|registration|(?:number[ -]?)?plates?|tags?|LIC|LP|REG|placas?)\b", re.I
)
_LINK = re.compile(r"(?:[\s:#/.,\-]|\b(?:nos?|number|num|is|are|of|reads?|reading|plates?|n[uú]mero)\b)*", re.I)
_GROUPS = re.compile(r"[A-Z0-9]{1,8}(?:[ \-][A-Z0-9]{1,5}){0,2}\b")
_STATE_FIRST = re.compile(rf"\(?({_STATE})\)?[\s:#/\-]{{1,3}}")
_STATE_LAST = re.compile(rf"[\s,]{{0,3}}\(?({_STATE})\b")
_STATE_BEFORE = re.compile(rf"\b({_STATE})[\s:,]{{1,3}}$")
_IN_BRACKETS = re.compile(r"(?:vehicle|veh[ií]culo|suv|sedan|truck|van)\b[^.()]{0,120}\(", re.I)
_NEAR = 60
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\s_.\-/]+")
_ABOUT = 110
"""How far from a plate, in characters, the words that describe its vehicle stand."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What looks like a plate, normalized, with the vehicle beside it as it is written; `where` it was found."""

    plate: str
    state: str = ""
    vehicle: str = ""
    where: str = ""


def proposals(alert: Alert) -> tuple[Proposal, ...]:
    """Return what looks like a plate in a bulletin: each once, the most telling first, whatever its languages say again."""
    found: dict[str, Proposal] = {}
    for info in alert.infos:
        for each in (*_in_parameters(info), *_in_words(info)):
            known = found.get(each.plate)
            if known is None:
                found[each.plate] = each
            else:
                found[each.plate] = replace(
                    known, state=known.state or each.state, vehicle=known.vehicle or each.vehicle
                )
    return tuple(found.values())[:MOST]


def ground_of(alert: Alert) -> Ground:
    """Return the ground on which a bulletin's plates would be entered: an alert that VII.g names, else a BOLO."""
    words = " ".join(f"{info.event} {info.headline}" for info in alert.infos).lower()
    codes = {value.upper() for info in alert.infos for _, value in info.event_codes}
    if "CAE" in codes or "amber" in words or "child abduction" in words:
        return Ground.AMBER
    if "college student" in words:
        return Ground.MISSING_STUDENT
    return Ground.MISSING_CHILD if "missing child" in words else Ground.BOLO


def _in_parameters(info: Info) -> Iterator[Proposal]:
    """Give the vehicles of parameters; a name that comes again begins the next vehicle."""
    vehicles: list[dict[str, str]] = [{}]
    for name, value in info.parameters:
        kind = _kind(name)
        if not kind or not value:
            continue
        if kind in vehicles[-1]:
            vehicles.append({})
        vehicles[-1][kind] = value
    for vehicle in vehicles:
        for plate, state in _read(vehicle.get("plate", "")):
            said = " ".join(vehicle[kind] for kind in ("year", "color", "make", "model", "style") if kind in vehicle)
            yield Proposal(plate, _state(vehicle.get("state", "")) or state, said[:120], "parameter")


def _kind(name: str) -> str:
    """Say what a parameter tells of a vehicle, by the words its name is made of; empty for nothing."""
    words = {word.lower() for word in _WORDS.split(name) if word}
    joined = "".join(sorted(words))
    about_plate = bool(
        words & {"plate", "license", "licence", "tag", "registration", "lic", "lpn", "platenumber", "licenseplate"}
    )
    if words & {"state", "province", "jurisdiction", "issuer"} and (about_plate or "vehicle" in joined):
        return "state"
    if about_plate and not words & {"type", "year", "expires", "expiration", "color", "colour", "driver", "drivers"}:
        return "plate"
    if not any(word.startswith(("vehicle", "veh", "car", "suspect", "auto")) for word in words) and len(words) > 1:
        return ""
    for kind, said in (("make", {"make"}), ("model", {"model"}), ("color", {"color", "colour"}), ("year", {"year"})):
        if words & said:
            return kind
    return "style" if words & {"style", "body"} else ""


def _read(value: str) -> Iterator[tuple[str, str]]:
    """Give plate and state of a parameter that says it holds a plate: alone, or with its state and words around."""
    yield from ((each.plate, each.state) for each in _beside(f"plate {value.upper()}"))


def _in_words(info: Info) -> Iterator[Proposal]:
    texts = [("headline", info.headline), ("description", info.description), ("instruction", info.instruction)]
    texts += [(name, value) for name, value in info.parameters if not _kind(name)]
    for where, text in texts:
        yield from (replace(each, where=where) for each in _beside(text))


def _beside(text: str) -> Iterator[Proposal]:
    """Give the plates that stand beside a word that says so, with state and vehicle."""
    for said in _SAYS_PLATE.finditer(text):
        begin = said.end() + _LINK.match(text[said.end() : said.end() + _NEAR]).end()  # type: ignore[union-attr] # or empty
        before = _STATE_BEFORE.search(text[max(0, said.start() - _NEAR) : said.start()])
        yield from _at(text, begin, state=_state(before[1]) if before else "")
    for said in _IN_BRACKETS.finditer(text):
        yield from _at(text, said.end())


def _at(text: str, begin: int, *, state: str = "") -> Iterator[Proposal]:
    """Give the plate that begins at a place, after its state if that comes first; `state` is what was said before."""
    first = _STATE_FIRST.match(text, begin)
    for start, inner in ((first.end(), _state(first[1])) if first else (begin, ""), (begin, "")):
        groups = _GROUPS.match(text, start)
        plate, length = _plate(groups[0]) if groups else ("", 0)
        if plate:
            last = _STATE_LAST.match(text, start + length)
            vehicle = _vehicle(text, start, start + length)
            yield Proposal(plate, (_state(last[1]) if last else "") or inner or state, vehicle)
            return


def _plate(text: str) -> tuple[str, int]:
    """Return the plate that groups of characters begin with, and the length of what it is written in; else empty.

    "ABC 1234" is read on from "ABC", "CKDR 123 LAST" no further than its digits.
    """
    ends = [each.end() for each in re.finditer(r"[A-Z0-9]+", text)]
    for end, following in zip(ends, [*ends[1:], 0], strict=True):
        plate, longer = re.sub(r"[ \-]", "", text[:end]), re.sub(r"[ \-]", "", text[:following])
        if _looks_like_plate(plate):
            goes_on = following and len(plate) < 6 and len(longer) <= 8 and text[end + 1 : following].isdigit()
            return (longer, following) if goes_on else (plate, end)
    return "", 0


def _looks_like_plate(text: str) -> bool:
    digits = sum(map(str.isdigit, text))
    mixed = 0 < digits < len(text) and 4 <= len(text) <= 8
    return (mixed or (digits == len(text) and 5 <= digits <= 7)) and not is_junk(Plate(text))


def _state(text: str) -> str:
    return STATE_NAMES.get(text.upper().strip(), "") or parse_state(text) or ""


def _vehicle(text: str, start: int, end: int) -> str:
    """Return year, color and make as they are written near a plate, in the same sentence where there is one."""
    before = re.split(r"[.;](?:\s|$)", text[max(0, start - _ABOUT) : start])[-1]
    after = re.split(r"[.;](?:\s|$)", text[end : end + _ABOUT])[0]
    said = []
    for pattern in (_YEAR, _COLOR, _MAKE):
        found = [*pattern.finditer(before)][-1:] or [*pattern.finditer(after)][:1]
        said += [each[0] for each in found]
    return " ".join(said)[:120]
