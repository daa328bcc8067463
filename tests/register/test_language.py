"""What the register says of a clause is said in the language of whoever reads it, and is the same evidence."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import translation

from platekeeper.server.register.lines import Line, line_of, register
from platekeeper.server.register.words import Joined, Said, many, some
from tests.cast import FOUNDED, Cast
from tests.house.strings import kept
from tests.register.breaches import BREACHES, MORE
from tests.register.judging import NOW, of_day, until

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("America/New_York")
DAY = NOW.astimezone(ZONE).date() - timedelta(days=3)
NOON = datetime.combine(DAY, time(12), ZONE).astimezone(UTC)

BOTH = {"final"}
"""Words of both languages that only labels of the policy's blanks use in Spanish."""


def _words(said: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", said.lower()))


def _english() -> set[str]:
    """Return the words that are said of counts in English alone."""
    counted = {english: spanish for english, spanish in kept().items() if english[0].startswith("{0} ")}
    english, spanish = (_words(" ".join(map(" ".join, each))) for each in (counted, counted.values()))
    return (english | {"none"}) - spanish - BOTH


def _in_spanish(line: Line) -> str:
    with translation.override("es"):
        return line.evidence.words


def test_every_breach_is_said_in_spanish(cast: Cast) -> None:
    english = _english()
    for clause, plant in [*BREACHES.items(), *(each[1:] for each in MORE)]:
        with transaction.atomic():
            plant(cast, NOON)
            line = line_of(clause, of_day(DAY, days=7))
            transaction.set_rollback(True)
        said = _in_spanish(line)
        assert not _words(said) & english, said
        assert _words(line.evidence.words) & english, "and the same evidence is said in English again"


def test_every_line_is_said_in_spanish_before_anything_happened(cast: Cast) -> None:
    english = _english()
    lines = [*register(until()), *register(until(FOUNDED - timedelta(days=1)))]
    assert not [said for said in map(_in_spanish, lines) if _words(said) & english]


@pytest.mark.parametrize(
    ("said", "english", "spanish"),
    [
        (many(0, "log forwarded", "logs forwarded"), "no logs forwarded", "0 registros remitidos"),
        (many(1, "log forwarded", "logs forwarded"), "1 log forwarded", "1 registro remitido"),
        (many(1300, "log forwarded", "logs forwarded"), "1,300 logs forwarded", "1,300 registros remitidos"),
        (some(0, "open"), "none open", "0 abiertos"),
        (Joined("", Said("next review by {0}", "2026-03-01"), some(1, "open")), "next review by 2026-03-01, 1 open",
         "próxima revisión a más tardar el 2026-03-01, 1 abierto"),
    ],
)  # fmt: skip
def test_a_count_has_its_own_plural_and_gender_in_each_language(said: object, english: str, spanish: str) -> None:
    assert str(said) == english
    with translation.override("es"):
        assert str(said) == spanish
