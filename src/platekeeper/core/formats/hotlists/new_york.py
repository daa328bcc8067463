"""The New York State Integrated Justice Portal's file: `LPRinfo.zip`, or the bare file that lies in it.

Fixed width after one header line. The policy's own definition of a hot list counts suspended and revoked registrations,
so the codes X and Z are loaded, too (III). Real files hold junk plates such as "0".
"""

from __future__ import annotations

from platekeeper.core.categories import Category
from platekeeper.core.formats.hotlists.fixed_width import FixedWidth

FORMAT = FixedWidth(
    title="New York State portal (LPRinfo.zip)",
    header_lines=1,
    plate=(0, 10),
    state=(10, 12),
    code=15,
    codes={
        "M": Category.MISSING_PERSON,
        "P": Category.STOLEN_PLATE,
        "R": Category.STOLEN_PLATE,  # stolen Canadian plate
        "S": Category.SEX_OFFENDER,
        "T": Category.TERRORIST,
        "V": Category.STOLEN_VEHICLE,
        "W": Category.WANTED_PERSON,
        "X": Category.REGISTRATION,  # suspended or falsified registration
        "Z": Category.REGISTRATION,  # client ID suspended
    },
    details={"plate_type": (12, 15), "make": (16, 20), "color": (20, None)},
)
