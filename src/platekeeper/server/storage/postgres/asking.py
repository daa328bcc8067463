"""What a search asks of a partition, as SQL: its terms as conditions, each with its values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from platekeeper.core.search.areas import Area, Circle
from platekeeper.core.search.hours import Span
from platekeeper.core.search.sought import Sought
from platekeeper.core.sphere import EARTH
from platekeeper.server.storage.terms import Cursor, SearchTerms

# As `core.search.areas` and `core.sphere` have them, step for step.
_IN_CIRCLE = (
    "2 * %s * asin(sqrt(least(sin(radians(latitude - %s) / 2) ^ 2 + cos(radians(%s)) * cos(radians(latitude)) "
    "* sin(radians(longitude - %s) / 2) ^ 2, 1))) <= %s"
)
_EASTWARD = "({0} - longitude) - 360 * floor((({0} - longitude) + 180) / 360)"
_IN_POLYGON = (
    "(SELECT count(*) % 2 = 1 FROM (SELECT from_north, to_north, "
    f"{_EASTWARD.format('from_east')} AS here, {_EASTWARD.format('to_east')} AS there "
    "FROM unnest(%s::float8[], %s::float8[], %s::float8[], %s::float8[]) "
    "AS corner (from_north, from_east, to_north, to_east)) AS edge "
    "WHERE (here > 0) <> (there > 0) AND abs(here - there) < 180 "
    "AND from_north + (to_north - from_north) * here / nullif(here - there, 0) < latitude)"
).replace("% 2", "%% 2")


class Condition(NamedTuple):
    """Conditions that must all hold, with the values of their placeholders in order."""

    texts: list[str]
    values: list[object]

    def demand(self, text: str, *values: object) -> None:
        """Demand one more."""
        self.texts.append(text)
        self.values.extend(values)

    @property
    def sql(self) -> str:
        """Return them as one."""
        return " AND ".join(self.texts) or "true"


def of_plates(sought: Sought) -> Condition:
    """Return the condition on the column `folded`; it can be answered by trigrams."""
    wanted, values = [], list[object]()
    for partial in sought.partials:
        if "[" in partial.glob:
            wanted.append("folded ~ %s")
            values.append(f"^{partial.glob.replace('?', '.').replace('*', '.*')}$")
        else:
            wanted.append("folded LIKE %s")
            values.append(partial.glob.replace("?", "_").replace("*", "%"))
    if sought.plates:
        wanted.append("folded = ANY(%s::text[])")
        values.append(sought.plates)
    return Condition([f"({' OR '.join(wanted)})"], values)


def of_rows(terms: SearchTerms, spans: Sequence[Span], before: Cursor | None) -> Condition:
    """Return what is asked of a row beside its plate: when, where, and all the rest."""
    asked = Condition([], [])
    asked.demand("at >= %s AND at < %s", spans[0][0], spans[-1][1])
    if len(spans) > 1:
        edges = [at for span in spans for at in span]
        asked.demand(f"({' OR '.join(['at >= %s AND at < %s'] * len(spans))})", *edges)
    if before is not None:
        asked.demand("(at, number) < (%s, %s)", before.at, before.rowid)
    if terms.lprs:
        asked.demand("lpr = ANY(%s::bigint[])", list(terms.lprs))
    for column, choices in (("state", terms.states), ("direction", terms.directions)):
        if choices:
            asked.demand(f"lower({column}) = ANY(%s::text[])", [each.lower() for each in choices])
    for name, texts in terms.vehicle.items():
        asked.demand("lower(vehicle::json ->> %s) = ANY(%s::text[])", name, sorted(texts))
    if terms.area is not None:
        _demand_area(asked, terms.area)
    if terms.ids is not None:
        asked.demand("id = ANY(%s::bytea[])", list(terms.ids))
    if terms.other_than:
        asked.demand("id <> ALL(%s::bytea[])", list(terms.other_than))
    return asked


def _demand_area(asked: Condition, area: Area) -> None:
    asked.demand("latitude BETWEEN %s AND %s AND longitude IS NOT NULL", *area.latitudes)
    if isinstance(area, Circle):
        asked.demand(_IN_CIRCLE, EARTH, area.latitude, area.latitude, area.longitude, area.meters)
        return
    begins, ends = area.corners, (*area.corners[1:], area.corners[0])
    asked.demand(_IN_POLYGON, *([corner[axis] for corner in each] for each in (begins, ends) for axis in (0, 1)))
