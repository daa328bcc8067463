"""The clause register on its page, as JSON and as PDF: of today, of a past day, and never of a future one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from platekeeper.core.clauses import Clause
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry, LedgerOpening
from platekeeper.server.register.evidence import Status
from tests.cast import Cast
from tests.register.breaches import BREACHES

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
ZONE = ZoneInfo("America/New_York")
DAY = datetime.now(ZONE).date() - timedelta(days=3)
NOON = datetime.combine(DAY, time(12), ZONE).astimezone(UTC)


def _text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def test_every_clause_is_on_the_page_with_its_anchor_and_in_the_json(cast: Cast, as_role: AsRole) -> None:
    auditor = as_role("auditor")
    page, data = _text(auditor, "/register/"), auditor.get("/register/register.json").json()
    assert [line["clause"] for line in data["clauses"]] == [clause.number for clause in Clause]
    assert all(f'id="{clause.number}"' in page and f'href="#{clause.number}"' in page for clause in Clause)
    assert sum(data["counts"].values()) == len(Clause)
    assert data["policy"]["version"] == 1


def test_a_past_day_shows_its_breach_and_the_day_before_does_not(cast: Cast, as_role: AsRole) -> None:
    BREACHES[Clause.VII_e](cast, NOON)
    auditor = as_role("auditor")

    def said(query: str) -> str:
        lines = auditor.get(f"/register/register.json?{query}").json()["clauses"]
        return str(next(line["status"] for line in lines if line["clause"] == "VII.e"))

    assert said(f"on={DAY}&days=1") == said(f"on={DAY}&days=7") == Status.BREACH
    assert said(f"on={DAY - timedelta(days=1)}") == Status.IDLE
    only = _text(auditor, f"/register/?on={DAY}&days=1&status=breach")
    assert 'id="VII.e.1"' in only and 'id="VI.c"' not in only
    assert f"{DAY}, until 23:59" in only


def test_the_pdf_is_one(cast: Cast, as_role: AsRole) -> None:
    answer = as_role("chief").get(f"/register/register.pdf?on={DAY}&days=7")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert f"clause-register-{DAY}.pdf" in answer["Content-Disposition"]


@pytest.mark.parametrize("form", ["", "register.json", "register.pdf"])
@pytest.mark.parametrize(
    ("query", "words"),
    [
        (f"on={DAY + timedelta(days=90)}", "is still to come"),
        ("on=yesterday", "Write the day as 2026-03-01."),
        ("on=0001-01-01", "Name a day of the years 1900 to 2999."),
        ("days=12", "Choose one of the windows offered."),
        ("on=2026-13-45&days=x", "Write the day as 2026-03-01."),
    ],
)
def test_what_cannot_be_shown_is_said(form: str, query: str, words: str, cast: Cast, as_role: AsRole) -> None:
    assert words in _text(as_role("auditor"), f"/register/{form}?{query}", status=400)


@pytest.mark.parametrize("form", ["", "register.json", "register.pdf"])
def test_each_view_is_logged_with_what_was_asked(form: str, cast: Cast, as_role: AsRole) -> None:
    as_role("sergeant").get(f"/register/{form}?on={DAY}&days=7")
    viewed = LedgerEntry.objects.get(action=Action.REGISTER_VIEWED)
    assert (viewed.person, viewed.clause) == (cast.sergeant.pk, "VI.e")
    sealed = dict(LedgerOpening.objects.filter(entry=viewed).values_list("field", "value"))
    assert (sealed["on"], sealed["days"]) == (str(DAY), "7")


def test_a_page_that_is_not_open_to_the_viewer_is_named_but_not_linked(cast: Cast, as_role: AsRole) -> None:
    assert 'href="/audit/"' in _text(as_role("auditor"), "/register/")
    sergeant = _text(as_role("sergeant"), "/register/").split("<main")[1]
    assert 'href="/audit/"' not in sergeant
    assert "(on the page “Ledger”)" in sergeant
