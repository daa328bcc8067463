"""Questions that clauses ask of the records: written in SQL once for all periods, and asked of each period once.

The register asks a hundred, and Django takes longer to write most of them than the database to answer. So a question is
written where no period is known yet, with `TIMES` where one's times will stand: nothing of the first period that asked
can be left in it. Whatever else a question depends on is an argument of the function that writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, wraps
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, Protocol, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateField, DateTimeField, Field, Q, QuerySet
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler

T = TypeVar("T")
P = ParamSpec("P")
Row = tuple[Any, ...]
_WRITTEN = 1_000
"""Questions that are kept: fewer than a hundred, and more only where what they depend on changes, such as the lists."""


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
