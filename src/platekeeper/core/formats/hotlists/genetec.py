"""Genetec's hot list export: `Category;PlateState;PlateNumber;EffectiveDate;ExpiryDate`, dates yyyy-mm-dd.

The delimiter is a setting of the export, so the heading decides.
"""

from __future__ import annotations

from platekeeper.core.formats.hotlists.delimited import Delimited
from platekeeper.core.formats.hotlists.words import CATEGORY_WORDS

FORMAT = Delimited(
    title="Genetec hot list (;)",
    columns={
        "plate": ("PlateNumber", "Plate"),
        "state": ("PlateState", "State"),
        "category": ("Category",),
        "effective": ("EffectiveDate",),
        "expires": ("ExpiryDate",),
    },
    categories=CATEGORY_WORDS,
)
