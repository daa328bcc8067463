"""Questions that clauses ask of the records: written in SQL once for all periods, and asked of each period once.

The register asks a hundred, and Django takes longer to write most of them than the database to answer. So a question is
written where no period is known yet, with `TIMES` where one's times will stand: nothing of the first period that asked
can be left in it. Whatever else a question depends on is an argument of the function that writes it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, wraps
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, Protocol, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Count, DateField, DateTimeField, ExpressionWrapper, Field, Q, QuerySet, Value
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler

T = TypeVar("T")
P = ParamSpec("P")
Row = tuple[Any, ...]
Alike = list[dict[str, Any]]
"""Records alike in some respects, a row for each kind, with how many there are."""
Makers = Counter[int | None]
"""How many records each person made; None where nobody did."""
_WRITTEN = 1_000
"""Questions that are kept: some two hundred, and more only where the department's lists or names change."""


class Of(Protocol):
    """What conditions are about: the times of a period, or of whatever period a question is asked of."""

    @property
    def since(self) -> Any:
        """The moment after which it begins."""

    @property
    def at(self) -> Any:
        """Its last moment."""

    @property
    def first_day(self) -> Any:
        """The department's first day of it."""

    @property
    def today(self) -> Any:
        """The department's last day of it."""

    def within(self, field: str) -> Q:
        """Return the condition that a moment lies in the period."""


class Asking(Of, Protocol):
    """A period that asks."""

    @property
    def known(self) -> dict[Hashable, Any]:
        """What was answered already."""


class OfPeriod(Expression):
    """A time of the period that a question is asked of, some time later or earlier."""

    def __init__(self, name: str, output_field: Field[Any, Any], later: timedelta = timedelta()) -> None:
        """Take what the period calls it, a moment or a day."""
        super().__init__(output_field=output_field)
        self.name, self.later = name, later

    def __add__(self, later: timedelta) -> OfPeriod:  # type: ignore[override]  # what it stands for is a time
        return OfPeriod(self.name, self.output_field, self.later + later)

    def __sub__(self, earlier: timedelta) -> OfPeriod:  # type: ignore[override]
        return self + -earlier

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """Stand in the question for what is filled in as it is asked."""
        return "%s", (self,)

    def in_period(self, period: Of) -> Any:
        """Return it as the database takes it."""
        moment: date | datetime = getattr(period, self.name)
        return self.output_field.get_db_prep_value(moment + self.later, connection)


class Times(NamedTuple):
    """The times of whatever period a question is asked of, by the names that a period has for them."""

    since: OfPeriod
    at: OfPeriod
    today: OfPeriod
    first_day: OfPeriod

    def within(self, field: str) -> Q:
        """Return the condition that a moment lies in the period."""
        return Q(**{f"{field}__gt": self.since, f"{field}__lte": self.at})


TIMES = Times(
    *(OfPeriod(name, DateTimeField()) for name in ("since", "at")),
    *(OfPeriod(name, DateField()) for name in ("today", "first_day")),
)


@dataclass(frozen=True, slots=True)
class Sought(Generic[T]):
    """What is looked for, as rows, and what they come to."""

    found: QuerySet[Any, Any]
    read: Callable[[list[Row]], T]

    def answer(self) -> T:
        """Write it and ask it at once, of no period."""
        return self.read([tuple(row) for row in self.found])


class _Written(Generic[T]):
    """A question in SQL."""

    def __init__(self, question: Sought[T]) -> None:
        self._compiler = question.found.query.get_compiler(connection=connection)
        self._read = question.read
        try:
            self._sql, self._given = self._compiler.as_sql()
        except EmptyResultSet:  # what is one of none
            self._sql, self._given = "", ()

    def answer(self, period: Of) -> T:
        if not self._sql:
            return self._read([])
        given = [each.in_period(period) if isinstance(each, OfPeriod) else each for each in self._given]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, given)
            rows = cursor.fetchall()
        return self._read(list(self._compiler.results_iter([rows], tuple_expected=True)))


@lru_cache(_WRITTEN)
def _written(write: Callable[..., Sought[T]], *arguments: Hashable) -> _Written[T]:
    return _Written(write(TIMES, *arguments))


def asked(write: Callable[Concatenate[Times, P], Sought[T]]) -> Callable[Concatenate[Asking, P], T]:
    """Make of a function that writes a question one that answers it for a period; it is asked once of each. What the question
    depends on besides times are arguments by position, which can be hashed."""
    if write.__closure__ is not None:
        raise TypeError(f"{write.__qualname__} knows more than it is given, and would go on knowing it")

    @wraps(write)
    def answer(period: Asking, /, *arguments: P.args, **named: P.kwargs) -> T:
        if named:
            raise TypeError("what a question depends on is given by position")
        key: Hashable = (write, *arguments)
        if key not in period.known:
            period.known[key] = _written(write, *arguments).answer(period)
        found: T = period.known[key]
        return found

    return answer


def counted(found: QuerySet[Any, Any], *, distinct: str = "pk") -> Sought[int]:
    """Count the records, or how many values of a field they have between them."""
    one = found.order_by().annotate(one=Value(1)).values("one")
    count = Count(distinct, distinct=distinct != "pk")
    return Sought(one.annotate(count=count).values_list("count"), lambda rows: sum(row[0] for row in rows))


def rows(found: QuerySet[Any, Any], *fields: str) -> Sought[list[Row]]:
    """Look the fields of records up, in their order."""
    return Sought(found.values_list(*fields), list)


def tally(found: QuerySet[Any, Any], /, **which: Q) -> Sought[dict[str, int]]:
    """Count in one pass how many of the records meet each condition; `Q()` is met by all."""
    return Sought(
        _in_all(found, which), lambda rows: dict(zip(which, rows[0] if rows else [0] * len(which), strict=True))
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
        sums: defaultdict[Any, dict[str, Makers]] = defaultdict(lambda: {name: Counter() for name in which})
        for (part, maker), name, count in _each(rows, 2, which):
            sums[part][name][maker] = count
        return sums

    return Sought(_by(found, (into, by), which), read)


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


def _in_all(found: QuerySet[Any, Any], which: Mapping[str, Q]) -> QuerySet[Any, Any]:
    """Count as an aggregate does, but as one row: an aggregate is asked at once."""
    one = found.order_by().annotate(one=Value(1)).values("one")
    counts: QuerySet[Any, Any] = one.annotate(**_counts(which)).values_list(*which)
    return counts


def _by(found: QuerySet[Any, Any], fields: Sequence[str], which: Mapping[str, Q]) -> QuerySet[Any, Any]:
    counts: QuerySet[Any, Any] = found.order_by().values_list(*fields).annotate(**_counts(which))
    return counts


def _each(rows: list[Row], fields: int, which: Mapping[str, Q]) -> Iterator[tuple[Row, str, int]]:
    for row in rows:
        values, counts = row[:fields], row[fields:]
        yield from ((values, name, count) for name, count in zip(which, counts, strict=True) if count)


def _counts(which: Mapping[str, Q]) -> dict[str, Count]:
    return {name: Count("pk", filter=condition or None) for name, condition in which.items()}
