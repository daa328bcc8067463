"""Rekor's hot list: `Plate Number,Description,State/Province`. The description is the reason."""

from __future__ import annotations

from platekeeper.core.formats.hotlists.delimited import Delimited
from platekeeper.core.formats.hotlists.words import CATEGORY_WORDS

FORMAT = Delimited(
    title="Rekor hot list (CSV)",
    columns={
        "plate": ("Plate Number", "plate_number", "Plate"),
        "category": ("Description",),
        "state": ("State/Province", "State", "Region"),
    },
    categories=CATEGORY_WORDS,
)
