"""The blanks of the policy as typed values: what each asks, of which clause, and what waits for it."""

from platekeeper.core.blanks.kinds import Blank, BlankError, Kind
from platekeeper.core.blanks.table import BLANKS, blanks_of

__all__ = ["BLANKS", "Blank", "BlankError", "Kind", "blanks_of"]
