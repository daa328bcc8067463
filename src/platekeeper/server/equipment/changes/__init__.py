"""The only writers of the inventory of LPRs, in `defects` of what is wrong with them, in `care` of what is done for them."""

from platekeeper.server.equipment.changes.lprs import (
    add_lpr,
    change_make,
    change_place,
    issue_key,
    name_fields,
    rename_lpr,
    schedule_uploads,
    set_in_service,
)

__all__ = [
    "add_lpr",
    "change_make",
    "change_place",
    "issue_key",
    "name_fields",
    "rename_lpr",
    "schedule_uploads",
    "set_in_service",
]
