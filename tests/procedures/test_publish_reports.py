"""Reports to the public are frozen and show no small count; reports to a state have the whole numbers."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from platekeeper.core.rules.audits import Step
from platekeeper.core.state_reports import STATE_REPORTS
from platekeeper.server.equipment.models import DayCount
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.oversight.changes import take_audit_step
from platekeeper.server.oversight.models import Publication
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.figures import figures_of
from platekeeper.server.procedures.publish_reports import draw_up, publish, state_report, withdraw
from platekeeper.server.register.period import PeriodError, between
from platekeeper.server.retention import changes as retention
from platekeeper.server.retention.models import Disposal
from tests.cast import Cast, assemble
from tests.web.access.query_log import searched, under_review
from tests.web.making import STAMP

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
FIRST, LAST = date(2026, 2, 1), date(2026, 3, 31)


@pytest.fixture
def cast() -> Cast:
    cast = assemble()
    for day in range(59):
        DayCount.objects.create(
            lpr=cast.lpr, day=FIRST + timedelta(days=day), watched=True, reads=1000 + 10 * day, readable=900
        )
    at = datetime(2026, 2, 3, 12, tzinfo=UTC)
    for purpose, count in (("stolen", 40), ("wanted", 9), ("missing", 2)):
        for _ in range(count):
            searched(cast, at=at, purpose=purpose)
    searched(cast, at=at, requestor_agency="Mill County Sheriff's Office", purpose="stolen")
    return cast


def _table(report: dict[str, object], name: str) -> dict[str, object]:
    tables = report["tables"]
    assert isinstance(tables, list)
    [found] = [table for table in tables if table["name"] == name]
    return {"total": found["total"], **dict(found["rows"])}


def test_a_report_shows_no_small_count(cast: Cast) -> None:
    drawn = draw_up(footing(cast.auditor, at=NOW), first=FIRST, last=LAST, places=True)
    queries = _table(drawn, "queries")
    assert queries["total"] == 52
    assert queries["stolen vehicle or plate"] == 41
    assert queries["missing or endangered person"] == "<5"
    assert queries["wanted person or fugitive"] == "withheld"
    assert _table(drawn, "shared")["Mill County Sheriff's Office"] == "<5"
    searched(cast, at=datetime(2026, 2, 3, 12, tzinfo=UTC), requestor_agency="Det. Smith, State Police")
    assert "Smith" not in str(draw_up(footing(cast.auditor, at=NOW), first=FIRST, last=LAST, places=True))
    assert _table(drawn, "reads")["2026-02"] == sum(1000 + 10 * day for day in range(28))
    assert drawn["places"] == ["Bridge Street at Canal"]
    assert draw_up(footing(cast.auditor, at=NOW), first=FIRST, last=LAST, places=False)["places"] is None


def test_what_is_published_stays_as_it_was(cast: Cast) -> None:
    published = publish(footing(cast.chief, at=NOW), first=FIRST, last=LAST, places=True)
    if folder := os.environ.get("PLATEKEEPER_SHOTS"):
        (Path(folder) / "report.pdf").write_bytes(published.pdf)
    client = Client()
    before = _read(client, published)
    for _ in range(100):
        searched(cast, at=datetime(2026, 2, 3, 12, tzinfo=UTC))
    assert _read(client, published) == before
    assert json.loads(before[0])["tables"]
    assert "Queries of stored reads" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(before[1])).pages)


def _read(client: Client, published: Publication) -> list[bytes]:
    """Return the three forms; the token of the form that chooses the language is another each time."""
    forms = (reverse(f"transparency_{form}", args=[published.pk]) for form in ("json", "pdf", "report"))
    return [re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", client.get(form).content) for form in forms]


def test_nobody_reads_what_is_not_published(cast: Cast) -> None:
    client = Client()
    assert client.get(reverse("transparency")).status_code == 404
    published = publish(footing(cast.chief, at=NOW), first=FIRST, last=LAST, places=False)
    assert client.get(reverse("transparency")).status_code == 200
    withdraw(footing(cast.chief, at=NOW), published, why="A number was wrong.")
    for name in ("transparency_report", "transparency_json", "transparency_pdf"):
        assert client.get(reverse(name, args=[published.pk])).status_code == 404
    assert Publication.objects.filter(pk=published.pk).exists()
    with pytest.raises(RefusedAction, match="small counts could be worked out"):  # it may have been read
        publish(footing(cast.chief, at=NOW), first=FIRST, last=FIRST.replace(day=28), places=False)
    assert publish(footing(cast.chief, at=NOW), first=FIRST, last=LAST, places=False).pk != published.pk


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (date(2026, 2, 2), LAST, "whole months"),
        (FIRST, date(2026, 3, 30), "whole months"),
        (date(2026, 1, 1), FIRST.replace(day=28), "small counts could be worked out"),
        (date(2026, 3, 1), date(2026, 4, 30), "small counts could be worked out"),
        (
            NOW.date().replace(day=1),
            (NOW.date().replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1),
            "is over",
        ),
    ],
)
def test_a_period_that_cannot_be_published(first: date, last: date, why: str, cast: Cast) -> None:
    publish(footing(cast.chief, at=NOW), first=FIRST, last=LAST, places=False)
    with pytest.raises(RefusedAction, match=why):
        publish(footing(cast.chief, at=NOW), first=first, last=last, places=False)


def test_only_the_chief_publishes_and_the_ledger_says_so(cast: Cast) -> None:
    for role in ("auditor", "custodian", "officer"):
        with pytest.raises(RefusedAction):
            publish(footing(cast.people()[role], at=NOW), first=FIRST, last=LAST, places=False)
    published = publish(footing(cast.chief, at=NOW), first=FIRST, last=LAST, places=False)
    told = LedgerEntry.objects.get(action=Action.REPORT_PUBLISHED).content()
    assert (told["subject"], told["details"]["pdf"]) == (f"publication:{published.pk}", published.sha256)


@pytest.mark.parametrize("name", STATE_REPORTS)
def test_every_figure_that_a_state_wants_is_counted(name: str, cast: Cast) -> None:
    numbers = figures_of(between(FIRST, LAST, now=NOW)).numbers()
    assert {figure for _, figure in STATE_REPORTS[name].rows} <= numbers.keys()


def test_a_report_to_a_state_has_whole_numbers(cast: Cast) -> None:
    table, pdf = state_report(footing(cast.chief, at=NOW), STATE_REPORTS["new_jersey"], first=FIRST, last=LAST)
    rows = {row["figure"]: row["number"] for row in csv.DictReader(io.StringIO(table.decode()))}
    assert rows["Accesses to stored data"] == "52"
    assert rows["Users authorized at the end of the year"] == "6"
    assert rows["Of them, with training that still holds"] == "0"  # it was recorded after the period
    assert "Directive 2022-12" in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert LedgerEntry.objects.filter(action=Action.STATE_REPORT_MADE).count() == 1


def test_what_nobody_counted_is_not_said_to_be_none(cast: Cast) -> None:
    """Where reads end before their day is over, no day is ever counted."""
    first, last, later = date(2026, 4, 1), date(2026, 4, 30), datetime(2028, 1, 3, 12, tzinfo=UTC)
    figures = figures_of(between(first, last, now=later))
    assert dict(STATE_REPORTS["generic"].filled(figures.numbers()))["Reads"] is None
    assert dict(figures.said)["Reads"].startswith("not counted")
    report = publish(footing(cast.chief, at=later), first=first, last=last, places=False).report
    assert "reads" not in {table["name"] for table in report["tables"]}


def test_nothing_is_published_before_the_last_day_is_counted(cast: Cast) -> None:
    first, last, chief = (
        date(2026, 4, 1),
        date(2026, 4, 30),
        footing(cast.chief, at=datetime(2026, 5, 1, 12, tzinfo=UTC)),
    )
    with pytest.raises(RefusedAction, match="not counted yet"):
        publish(chief, first=first, last=last, places=False)
    DayCount.objects.create(lpr=cast.lpr, day=last, watched=True, reads=0, readable=0)
    assert publish(chief, first=first, last=last, places=False).pk


def test_a_days_reads_are_disposed_of_once(cast: Cast) -> None:
    at = datetime(2026, 3, 3, 12, tzinfo=UTC)
    for kind, day in ((Disposal.Kind.READS, 1), (Disposal.Kind.READS, 1), (Disposal.Kind.HITS, 2)):
        begun = retention.begin_disposal(day=FIRST.replace(day=day), at=at, policy=STAMP, kind=kind)
        retention.complete_disposal(begun, at=at, counts={}, digest="", bytes_freed=0)
    numbers = figures_of(between(FIRST, LAST, now=NOW)).numbers()
    assert dict(STATE_REPORTS["generic"].filled(numbers))["Days of reads disposed of"] == 1


def test_a_query_is_reviewed_in_the_year_of_the_review(cast: Cast) -> None:
    last_year = datetime(2026, 2, 20, 12, tzinfo=UTC)
    misused = under_review(cast, Step.MISUSE, at=last_year)
    again = under_review(cast, Step.FINE, entry=misused.entry, at=last_year)
    for item, kind, by in ((misused, Step.ENDED, cast.chief), (again, Step.ANSWERED, misused.entry.by)):
        take_audit_step(item, kind=kind, words="x", at=datetime(2026, 3, 2, 12, tzinfo=UTC), by=by, policy=STAMP)
    for first, last, reviewed in ((FIRST, FIRST.replace(day=28), 1), (LAST.replace(day=1), LAST, 0)):
        numbers = figures_of(between(first, last, now=NOW)).numbers()
        assert (numbers["reviewed"], numbers["reviewed.misuse"]) == (reviewed, reviewed)


def test_a_finding_that_is_unfounded_is_counted_as_fine(cast: Cast) -> None:
    item = under_review(cast, Step.MISUSE, at=datetime(2026, 2, 20, 12, tzinfo=UTC))
    at = datetime(2026, 2, 21, 12, tzinfo=UTC)
    take_audit_step(item, kind=Step.UNFOUNDED, words="x", at=at, by=cast.chief, policy=STAMP)
    numbers = figures_of(between(FIRST, FIRST.replace(day=28), now=NOW)).numbers()
    assert (numbers["reviewed"], numbers["reviewed.misuse"]) == (1, 0)


def test_a_period_to_come_has_no_figures(cast: Cast) -> None:
    with pytest.raises(PeriodError):
        draw_up(footing(cast.auditor, at=NOW), first=date(2090, 1, 1), last=date(2090, 1, 31), places=False)
