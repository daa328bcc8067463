"""The inventory of LPRs, what is wrong with them, and what is done for them."""

from platekeeper.server.equipment.models.care import Care, TechnicalQuestion
from platekeeper.server.equipment.models.defects import Defect, DefectNote, DefectPhoto
from platekeeper.server.equipment.models.inventory import Camera, Custody, Papers
from platekeeper.server.equipment.models.lprs import LPR
from platekeeper.server.equipment.models.watching import DayCount, WatchFinding

__all__ = [
    "LPR",
    "Camera",
    "Care",
    "Custody",
    "DayCount",
    "Defect",
    "DefectNote",
    "DefectPhoto",
    "Papers",
    "TechnicalQuestion",
    "WatchFinding",
]
