"""The only writers of people, and in `training` of what they were taught."""

from platekeeper.server.personnel.changes.people import (
    add_agency,
    add_person,
    change_agency,
    change_person,
    end_grant,
    end_position,
    ensure_position,
    give_position,
    grant,
    own_password,
    set_active,
    set_end,
    set_password,
)

__all__ = [
    "add_agency",
    "add_person",
    "change_agency",
    "change_person",
    "end_grant",
    "end_position",
    "ensure_position",
    "give_position",
    "grant",
    "own_password",
    "set_active",
    "set_end",
    "set_password",
]
