"""Any CSV or TSV with a heading: the usual names of columns are known, and a list's template can name others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.formats.hotlists.delimited import FIELDS, Delimited
from platekeeper.core.formats.hotlists.words import CATEGORY_WORDS

_USUAL = {
    "plate": (
        "plate",
        "plate number",
        "plate no",
        "license plate",
        "licence plate",
        "license plate number",
        "license number",
        "tag",
        "tag number",
        "lic",
        "vrm",
        "registration",
        "registration number",
        "reg",
    ),
    "state": ("state", "plate state", "license state", "state/province", "jurisdiction", "province", "lis", "region"),
    "category": ("category", "type", "list", "alert type"),
    "reason": ("reason", "description", "notes", "comment"),
    "make": ("make", "vehicle make", "vma"),
    "model": ("model", "vehicle model", "vmo"),
    "year": ("year", "vehicle year", "vyr"),
    "color": ("color", "colour", "vehicle color", "vco"),
    "reference": ("case number", "case", "nic number", "nic", "reference", "incident"),
    "agency": ("agency", "ori", "department"),
    "effective": ("effective date", "effective", "start date", "start"),
    "expires": ("expiry date", "expiration date", "expires", "expiry", "end date", "end"),
    "action": ("hit action", "response"),
    "operation": ("action", "operation", "op", "change"),
}

FORMAT = Delimited(
    title="CSV or TSV with a heading",
    columns=_USUAL,
    categories=CATEGORY_WORDS,
    actions={**{a.value: a for a in HitAction}, **{a.value.replace("_", " "): a for a in HitAction}},
)
INCREMENTAL = replace(FORMAT, title="CSV or TSV of rows to add and remove", is_incremental=True)


def templated(layout: Delimited, *, columns: Mapping[str, str], categories: Mapping[str, str]) -> Delimited:
    """Return a layout with a list's own template: our column -> theirs, and their category words -> ours."""
    unknown = sorted(columns.keys() - set(FIELDS))
    if unknown:
        raise ValueError(f"There is no column {unknown[0]!r}; ours are: {', '.join(FIELDS)}.")
    own = {word.strip().lower(): Category(category) for word, category in categories.items()}
    return replace(
        layout,
        columns={**layout.columns, **{ours: (theirs,) for ours, theirs in columns.items() if theirs.strip()}},
        categories={**layout.categories, **own},
    )
