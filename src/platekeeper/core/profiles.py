"""Profiles: values that pre-fill a draft. Each is a proposal; every value is confirmed singly before adoption.

Positions are the usual ones; a department puts its own in their place. The dates and the department's name are in no
profile, since nobody else can know them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CHIEF = "{chief}"
"""Stands for "Chief" or "Sheriff", as the kind of department has it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A set of values with the name and the idea that people choose it by."""

    name: str
    title: str
    idea: str
    values: Mapping[str, Any]

    def values_for(self, chief: str) -> dict[str, Any]:
        """Return the values with the department's own head in place."""
        return {
            key: [chief if title == CHIEF else title for title in value] if isinstance(value, list) else value
            for key, value in self.values.items()
        }


_KEEPER, _FIXER, _PATROL = ["LPR Data Custodian"], ["LPR Administrator"], ["Patrol Sergeant"]
_LOOKING = ["Crime Analyst", "Detective", "LPR Data Custodian"]

_USUAL: dict[str, Any] = {
    "IV.a.users": ["Patrol Officer", "Patrol Sergeant"],
    "IV.b.access": ["Detective", "LPR Data Custodian", "Patrol Officer", "Patrol Sergeant"],
    "IV.c.authorizer": [CHIEF],
    "IV.d.defects": _FIXER,
    "IV.e.custodian": _KEEPER,
    "IV.f.inventory": _FIXER,
    "IV.f.threshold": 5000,
    "IV.g.reviewer": _KEEPER,
    "IV.g.reminder": 30,
    "IV.h.uses": [],
    "IV.h.also": ["VI.b", "VI.l", "VIII.a"],
    "IV.i.trainers": ["Training Officer"],
    "IV.i.in_service": ["Training Officer"],
    "IV.i.refresher": 365,
    "IV.i.changes": 30,
    "V.b.destination": "the Department's server",
    "V.b.method": "network",
    "V.b.responsible": _KEEPER,
    "V.b.every": "1 days",
    "V.b.erased": "1 days",
    "V.c.method": "preserved in Platekeeper's case file with its image and how it was verified",
    "V.d.authorizer": ["Patrol Lieutenant"],
    "V.e.director": ["Duty Sergeant"],
    "VI.a.decider": _KEEPER,
    "VI.a.plates": "both",
    "VI.b.access": _LOOKING,
    "VI.b.designators": [],
    "VI.e.auditors": ["Auditor"],
    "VI.i.every": "1 days",
    "VI.i.by": _KEEPER,
    "VI.i.destination": "the Department's server",
    "VI.j.manager": _KEEPER,
    "VI.k.place": "the Department's server",
    "VI.k.floor": "30 days",
    "VI.k.ceiling": "180 days",
    "VI.k.no_hit": "never",
    "VI.k.hits": "1 years",
    "VI.k.disposal": "automatic",
    "VI.k.approvers": [CHIEF],
    "VI.k.1.period": "5 years",
    "VI.k.1.join": "and",
    "VI.k.2.schedule": [["felony", "25 years"], ["misdemeanor", "10 years"], ["violation", "5 years"]],
    "VI.k.4.director": [CHIEF],
    "VI.l.how": "request",
    "VI.l.destinations": [],
    "VI.l.accounts": [],
    "VI.l.director": [CHIEF],
    "VI.m.keeper": _KEEPER,
    "VI.m.every": "24 hours",
    "VI.m.copies": 2,
    "VI.m.places": ["a second disk in another building"],
    "VI.m.method": "Platekeeper's own backup, onto an encrypted disk",
    "VII.e.dispatch": ["Dispatcher"],
    "VII.e.supervisors": _PATROL,
    "VII.e.window": 15,
    "VII.f.directors": ["Dispatcher", *_PATROL],
    "VII.h.1.tours": 1,
    "VII.h.1.to": _PATROL,
    "VII.h.2.checker": _PATROL,
    "VIII.a.access": _LOOKING,
    "VIII.b.grantor": [CHIEF],
    "VIII.b.older": "30 days",
    "VIII.b.approvers": [CHIEF, *_PATROL],
    "VIII.e.floor": "5 years",
    "IX.c.administrator": _FIXER,
    "IX.d.administrator": _FIXER,
    "signature.authority": [CHIEF],
}

_ALL = (
    Profile(
        "new_york",
        "New York model policy",
        "Reads are kept 30 days at least and disposed of after 180; shared on request.",
        _USUAL,
    ),
    Profile(
        "strict_21_days",
        "Strict: 21 days",
        "Reads are disposed of after 21 days; complete plates only; nothing is shared; training twice a year.",
        _USUAL
        | {
            "VI.k.floor": "1 days",
            "VI.k.ceiling": "21 days",
            "VI.a.plates": "complete",
            "VI.l.how": "none",
            "IV.i.refresher": 183,
            "IV.b.access": ["Detective", "Patrol Officer", "Patrol Sergeant"],
            "VI.b.access": ["Detective"],
            "VIII.a.access": ["Detective"],
            "VIII.b.older": "7 days",
        },
    ),
    Profile(
        "three_minutes",
        "Three minutes without a hit",
        "A read without a hit is disposed of after three minutes, and is in no backup.",
        _USUAL
        | {
            "VI.k.floor": "1 minutes",
            "VI.k.ceiling": "180 days",
            "VI.k.no_hit": "3 minutes",
            "VI.l.how": "none",
            "VI.b.access": ["Detective"],
            "VIII.a.access": ["Detective"],
        },
    ),
)

PROFILES: dict[str, Profile] = {profile.name: profile for profile in _ALL}
"""Every profile by name."""
