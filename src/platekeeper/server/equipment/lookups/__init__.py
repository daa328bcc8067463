"""Find LPRs, in `watching` what was counted of them."""

from platekeeper.server.equipment.lookups.lprs import field_names, hash_of_key, lpr_of_key, lprs, lprs_called

__all__ = ["field_names", "hash_of_key", "lpr_of_key", "lprs", "lprs_called"]
