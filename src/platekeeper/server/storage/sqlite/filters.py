"""What of a search's terms is asked row by row, once plate, LPR and time have narrowed the rows down."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from platekeeper.server.storage.terms import SearchTerms


def row_filters(terms: SearchTerms) -> tuple[str, list[object]]:
    """Return what follows a condition, with its values; the connection must have been given `add_functions`.

    No index may be chosen for any of it, hence the plus before a column.
    """
    wanted: list[str] = []
    values: list[object] = []
    for column, choices in (("state", terms.states), ("direction", terms.directions)):
        if choices:
            wanted.append(f"+{column} COLLATE NOCASE IN ({', '.join('?' * len(choices))})")
            values += choices
    if terms.area is not None:
        wanted.append("latitude BETWEEN ? AND ? AND lies_inside(latitude, longitude)")
        values += terms.area.latitudes
    if terms.vehicle:
        wanted.append("is_such(vehicle)")
    if terms.ids is not None or terms.other_than:
        wanted.append("is_meant(id)")
    return "".join(f" AND {each}" for each in wanted), values


def add_functions(connection: sqlite3.Connection, terms: SearchTerms) -> None:
    """Give a connection what its rows are asked."""
    area, vehicle, ids = terms.area, terms.vehicle, terms.ids
    if area is not None:
        connection.create_function(
            "lies_inside",
            2,
            lambda latitude, longitude: longitude is not None and area.contains(latitude, longitude),
            deterministic=True,
        )
    if vehicle:
        connection.create_function("is_such", 1, lambda text: _is_such(text, vehicle), deterministic=True)
    if ids is not None or terms.other_than:
        connection.create_function(
            "is_meant",
            1,
            lambda identity: identity not in terms.other_than and (ids is None or identity in ids),
            deterministic=True,
        )


def _is_such(text: str, wanted: Mapping[str, frozenset[str]]) -> bool:
    if text == "{}":
        return False
    vehicle = json.loads(text)
    return all(str(vehicle.get(name, "")).casefold() in values for name, values in wanted.items())
