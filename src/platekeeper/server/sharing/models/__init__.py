"""Sharing: the grounds on which LPR data leaves, what left, and the transfers made by the clock."""

from platekeeper.server.sharing.models.grounds import Mou, MouStep, Order, Share
from platekeeper.server.sharing.models.leaving import Dissemination, Routine, Transfer

__all__ = ["Dissemination", "Mou", "MouStep", "Order", "Routine", "Share", "Transfer"]
