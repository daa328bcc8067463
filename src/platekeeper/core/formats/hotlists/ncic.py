"""The NCIC LPR extract (`VEHEXTRT.txt`), rebuilt twice a day; fixed width without a header.

It writes the letter O as the digit 0 in plate, state and make: the state is restored ("0H" is OH), plates are matched
with both as one character anyhow. The same plate in two states is two entries. Some states append a description.
"""

from __future__ import annotations

from platekeeper.core.categories import Category
from platekeeper.core.formats.hotlists.fixed_width import FixedWidth

FORMAT = FixedWidth(
    title="NCIC extract (VEHEXTRT.txt)",
    plate=(27, 37),
    state=(37, 39),
    code=0,
    codes={
        "A": Category.AMBER,
        "F": Category.CRIME_SUSPECT,  # felony vehicle
        "W": Category.WANTED_PERSON,
        "V": Category.STOLEN_VEHICLE,
        "P": Category.STOLEN_PLATE,
        "M": Category.MISSING_PERSON,
        "C": Category.OTHER,  # supervised release
        "H": Category.OTHER,  # protection order
        "K": Category.OTHER,  # protective interest
        "L": Category.OTHER,  # violent person
        "R": Category.STOLEN_PLATE,  # Canadian
        "T": Category.TERRORIST,  # terrorist or gang: one code for both
        "X": Category.SEX_OFFENDER,
    },
    details={
        "reference": (1, 10),
        "agency": (10, 19),
        "plate_type": (43, 45),
        "year": (45, 49),
        "make": (49, 53),
        "model": (53, 56),
        "color": (58, 65),
        "reason": (65, 100),
    },
)
