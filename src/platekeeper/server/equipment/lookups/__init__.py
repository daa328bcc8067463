"""Find LPRs, in `defects` what is wrong with them, in `care` what is done for them."""

from platekeeper.server.equipment.lookups.defects import in_service, open_defects
from platekeeper.server.equipment.lookups.lprs import field_names, hash_of_key, lpr_of_key, lprs, lprs_called

__all__ = ["field_names", "hash_of_key", "in_service", "lpr_of_key", "lprs", "lprs_called", "open_defects"]
