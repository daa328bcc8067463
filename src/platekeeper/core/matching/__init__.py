"""Hot list entries against the plates that LPRs read, at memory speed (design section 4)."""

from platekeeper.core.matching.entries import NO_END, Entries, taken_off
from platekeeper.core.matching.index import HotListIndex
from platekeeper.core.matching.packing import PlateBatch
from platekeeper.core.matching.words import HowMatched, Match, StateAgreement

__all__ = ["NO_END", "Entries", "HotListIndex", "HowMatched", "Match", "PlateBatch", "StateAgreement", "taken_off"]
