"""The inventory of LPRs, and what the watch over them counted and found."""

from platekeeper.server.equipment.models.lprs import LPR
from platekeeper.server.equipment.models.watching import DayCount, WatchFinding

__all__ = ["LPR", "DayCount", "WatchFinding"]
