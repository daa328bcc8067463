"""Whoever works hits and tours in Spanish reads no word of English in what keeps people safe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import escape

import pytest
from django.test import Client
from django.utils import translation

from platekeeper.core.rules.tours import Purpose
from platekeeper.server.hits import changes
from platekeeper.server.hits.ended import GONE, OVER, UNREADABLE
from platekeeper.server.hits.models import HitStep
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.keep_user_logs import check_log, forward_log
from platekeeper.server.procedures.override_tour import ask_override
from platekeeper.server.procedures.run_tour import end_tour
from platekeeper.server.userlog.lookups import logs
from platekeeper.server.userlog.models import TourOverride
from platekeeper.server.web.language import said
from tests.cast import Cast
from tests.house import strings
from tests.touring import begin, hot_list_on_hand, patrol_car
from tests.web.making import STAMP, make_hit

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]


def _in_spanish(words: str) -> str:
    with translation.override("es"):
        return escape(said(words))


@pytest.fixture
def read(as_role: AsRole) -> Callable[[str, str], str]:
    """Return a function that reads a page as a role, in Spanish."""

    def page(role: str, address: str) -> str:
        client = as_role(role)
        client.cookies["language"] = "es"
        return client.get(address).content.decode()

    return page


def test_a_hit(cast: Cast, read: Callable[[str, str], str]) -> None:
    hit = make_hit(cast, entry_key="portal:NY:ABC1234:V")  # its list carries no such line
    page = read("officer", f"/hits/{hit.pk}/")
    assert "parar, tras los dos pasos de VII.e" in page and "<dd>stop</dd>" not in page
    assert _in_spanish(GONE) in page
    for words in (GONE, OVER, UNREADABLE, "{0} hit has no outcome", "{0} hits have no outcome"):
        assert (words,) in strings.found(), "what is found is translated"
    changes.add_step(
        hit, kind=HitStep.Kind.OUTCOME, at=datetime.now(UTC), by=cast.officer, outcome=HitStep.Outcome.WRONG_STATE,
        policy=STAMP,
    )  # fmt: skip
    assert "<p>estado equivocado" in read("officer", f"/hits/{hit.pk}/")


def test_an_override(cast: Cast, read: Callable[[str, str], str]) -> None:
    now = datetime.now(UTC)
    hot_list_on_hand(cast, at=now - timedelta(days=2))
    ask_override(footing(cast.officer, at=now), lpr=patrol_car(), purpose=Purpose.PATROL, why="an abduction")
    words = TourOverride.objects.get().refusal
    assert _in_spanish(words) != escape(words)
    page = read("sergeant", "/tours/today/")
    assert _in_spanish(words) in page and escape(words) not in page


def test_a_log_and_what_it_lacks(cast: Cast, read: Callable[[str, str], str]) -> None:
    now = datetime.now(UTC)
    hot_list_on_hand(cast, at=now)
    tour = begin(footing(cast.officer, at=now - timedelta(minutes=5)), patrol_car())
    hit = make_hit(cast, at=now - timedelta(minutes=2))
    changes.add_step(
        hit, kind=HitStep.Kind.OUTCOME, at=now - timedelta(minutes=1), by=cast.officer, policy=STAMP,
        outcome=HitStep.Outcome.MISREAD,
    )  # fmt: skip
    end_tour(footing(cast.sergeant, at=now), tour)
    lacking = "nadie dijo si el vehículo quedó resguardado"
    assert lacking in read("sergeant", "/tours/logs/")
    forward_log(footing(cast.officer, at=now), logs().get(), remark="parked")
    check_log(footing(cast.sergeant, at=now), logs().get(), accept=True)
    assert "lectura errónea" in read("officer", f"/tours/logs/{tour.log_id}/")
