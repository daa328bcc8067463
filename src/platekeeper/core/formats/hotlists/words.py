"""Words that lists use for our categories, in lower case."""

from __future__ import annotations

from platekeeper.core.categories import Category

CATEGORY_WORDS: dict[str, Category] = {
    **{category.value.replace("_", " "): category for category in Category},
    **{category.value: category for category in Category},
    "stolen": Category.STOLEN_VEHICLE,
    "stolen car": Category.STOLEN_VEHICLE,
    "stolen vehicles": Category.STOLEN_VEHICLE,
    "stolen plates": Category.STOLEN_PLATE,
    "lost or stolen plate": Category.STOLEN_PLATE,
    "wanted": Category.WANTED_PERSON,
    "wanted persons": Category.WANTED_PERSON,
    "warrant": Category.WANTED_PERSON,
    "suspended": Category.REGISTRATION,
    "revoked": Category.REGISTRATION,
    "suspended registration": Category.REGISTRATION,
    "amber alert": Category.AMBER,
    "missing": Category.MISSING_PERSON,
    "missing persons": Category.MISSING_PERSON,
    "gang member": Category.GANG,
    "sex offenders": Category.SEX_OFFENDER,
    "suspect": Category.CRIME_SUSPECT,
    "felony": Category.CRIME_SUSPECT,
    "watch list": Category.TERRORIST,
    "terrorism": Category.TERRORIST,
    "bolo": Category.CRIME_JUST_OCCURRED,
}
"""Anything else is kept as `OTHER`, with the list's own word as the reason."""
