"""The categories of hot list entries, as the policy names them (III, VI.a), and what a hit on one does."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """Why a plate is wanted."""

    STOLEN_VEHICLE = "stolen_vehicle"
    STOLEN_PLATE = "stolen_plate"
    WANTED_PERSON = "wanted_person"
    REGISTRATION = "registration"
    AMBER = "amber"
    MISSING_PERSON = "missing_person"
    TERRORIST = "terrorist"
    CRIME_JUST_OCCURRED = "crime_just_occurred"
    GANG = "gang"
    SEX_OFFENDER = "sex_offender"
    CRIME_SUSPECT = "crime_suspect"
    FUGITIVE = "fugitive"
    SEARCH_WARRANT = "search_warrant"
    OTHER = "other"


class Source(StrEnum):
    """Where an entry comes from (III)."""

    PORTAL = "portal"
    NCIC = "ncic"
    NICB = "nicb"
    DEPARTMENT = "department"


class HitAction(StrEnum):
    """What a hit on an entry asks for; none of them is by itself ground for a stop (VII.e)."""

    STOP = "stop"
    CONFIRM_FIRST = "confirm_first"
    OBSERVE = "observe"
    SILENT = "silent"


HIGH_PRIORITY = frozenset({Category.AMBER, Category.MISSING_PERSON, Category.TERRORIST, Category.CRIME_JUST_OCCURRED})
"""Categories whose alarm sounds at once."""

MANDATORY_ENTRY = frozenset({Category.AMBER, Category.MISSING_PERSON})
"""Categories that must be entered when a bulletin names a plate (VII.g)."""

USUAL_ACTION: dict[Category, HitAction] = {
    Category.REGISTRATION: HitAction.CONFIRM_FIRST,
    Category.GANG: HitAction.OBSERVE,
    Category.SEX_OFFENDER: HitAction.OBSERVE,
    Category.TERRORIST: HitAction.OBSERVE,
}
"""What a hit of a category does unless its entry says otherwise; the rest are `STOP`."""


def usual_action(category: Category) -> HitAction:
    """Return what a hit of `category` does unless its entry says otherwise."""
    return USUAL_ACTION.get(category, HitAction.STOP)
