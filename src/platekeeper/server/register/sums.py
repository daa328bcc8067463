"""What questions come to: a number, or numbers by what the records are alike in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet, Value

from platekeeper.server.register.questions import Row, Sought

N = TypeVar("N", bound=tuple[Any, ...])
Alike = list[dict[str, Any]]
"""Records alike in some respects, a row for each kind, with how many there are."""
Makers = Counter[int | None]
"""How many records each person made; None where nobody did."""


def counted(found: QuerySet[Any, Any], *, distinct: str = "pk") -> Sought[int]:
    """Count the records, or how many values of a field they have between them."""
    count = _in_all(found, {"count": Count(distinct, distinct=distinct != "pk")})
    return Sought(count, lambda rows: sum(row[0] for row in rows))


def rows(found: QuerySet[Any, Any], *fields: str) -> Sought[list[Row]]:
    """Look the fields of records up, in their order."""
    return Sought(found.values_list(*fields), list)


def named(found: QuerySet[Any, Any], kind: type[N]) -> Sought[list[N]]:
    """Look records up as named tuples, whose names are the fields."""
    fields: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]  # what a named tuple has
    return Sought(found.values_list(*fields), lambda rows: [kind(*row) for row in rows])


def first(found: QuerySet[Any, Any], *fields: str) -> Sought[Row | None]:
    """Look the fields of the first record up, by the order of the records; None where there is none."""
    return Sought(found.values_list(*fields)[:1], lambda rows: rows[0] if rows else None)


def tally(found: QuerySet[Any, Any], /, **which: Q) -> Sought[dict[str, int]]:
    """Count in one pass how many of the records meet each condition; `Q()` is met by all."""
    return Sought(
        _in_all(found, _counts(which)),
        lambda rows: dict(zip(which, rows[0] if rows else [0] * len(which), strict=True)),
    )


def grouped(found: QuerySet[Any, Any], by: str, /, **which: Q) -> Sought[dict[str, Counter[Any]]]:
    """Count in one pass how many of the records meet each condition, for each value of a field."""

    def read(rows: list[Row]) -> dict[str, Counter[Any]]:
        sums: dict[str, Counter[Any]] = {name: Counter() for name in which}
        for (value,), name, count in _each(rows, 1, which):
            sums[name][value] = count
        return sums

    return Sought(_by(found, (by,), which), read)


def parted(found: QuerySet[Any, Any], into: str, by: str, /, **which: Q) -> Sought[dict[Any, dict[str, Makers]]]:
    """Count as `grouped` does, for each value of `into` apart; for a value that no record has, every count is none."""

    def read(rows: list[Row]) -> dict[Any, dict[str, Makers]]:
        sums = _Parts(which)
        for (part, maker), name, count in _each(rows, 2, which):
            sums.setdefault(part, sums[part])[name][maker] = count
        return sums

    return Sought(_by(found, (into, by), which), read)


class _Parts(dict[Any, dict[str, Makers]]):
    """Counts by part; of a part that is not there every count is none."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__()
        self._names = tuple(names)

    def __missing__(self, part: object) -> dict[str, Makers]:
        return {name: Counter() for name in self._names}


def makers(found: QuerySet[Any, Any], by: str) -> Sought[Counter[Any]]:
    """Count in one pass how many records there are for each value of a field, such as who made them."""
    return Sought(_by(found, (by,), {"all": Q()}), lambda rows: Counter(dict(rows)))


def alike(found: QuerySet[Any, Any], /, *fields: str, **which: Q) -> Sought[Alike]:
    """Count in one pass the records that are alike in these fields and conditions: a row for each kind, `total` adds them up.

    Where `tally` looks into a record for every count that it is in, and a subquery is asked as often, this does so once.
    """
    held = {name: ExpressionWrapper(condition, BooleanField()) for name, condition in which.items()}
    kinds = found.order_by().annotate(**held).values_list(*fields, *which)
    names = (*fields, *which, "alike")
    return Sought(kinds.annotate(alike=Count("pk")), lambda rows: [dict(zip(names, row, strict=True)) for row in rows])


def total(rows: Alike, met: Callable[[dict[str, Any]], bool] = lambda _row: True) -> int:
    """Return how many records of such rows meet a condition."""
    return sum(row["alike"] for row in rows if met(row))


def _in_all(found: QuerySet[Any, Any], counts: Mapping[str, Count]) -> QuerySet[Any, Any]:
    """Count as an aggregate does, but as one row: an aggregate is asked at once."""
    one = found.order_by().annotate(one=Value(1)).values("one")
    row: QuerySet[Any, Any] = one.annotate(**counts).values_list(*counts)
    return row


def _by(found: QuerySet[Any, Any], fields: Sequence[str], which: Mapping[str, Q]) -> QuerySet[Any, Any]:
    counts: QuerySet[Any, Any] = found.order_by().values_list(*fields).annotate(**_counts(which))
    return counts


def _each(rows: list[Row], fields: int, which: Mapping[str, Q]) -> Iterator[tuple[Row, str, int]]:
    for row in rows:
        values, counts = row[:fields], row[fields:]
        yield from ((values, name, count) for name, count in zip(which, counts, strict=True) if count)


def _counts(which: Mapping[str, Q]) -> dict[str, Count]:
    return {name: Count("pk", filter=condition or None) for name, condition in which.items()}
