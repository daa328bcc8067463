"""Several scenes, and who travels with a plate: one Query Log entry each, and what is true of the reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from platekeeper.core.formats.reads import ParsedRead
from platekeeper.core.investigations.terms import Scene, Scenes, TravelsWith, UnclearTerms
from platekeeper.server.equipment import changes as equipment
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.investigate import AtSeveral, Traveling, found_by, investigate
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.receive_reads import Intake, Submission
from platekeeper.server.procedures.search_lpr_data import results
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog.models import Approval, QueryLogEntry
from platekeeper.server.storage.errors import SearchTooWide
from tests.cast import FOUNDED, ROLES, Cast
from tests.retention.making import say

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ALLOWED = {"detective", "clerk", "custodian"}


def another_lpr(name: str) -> LPR:
    return equipment.add_lpr(name=name, kind=LPR.Kind.FIXED, zone="America/New_York", at=FOUNDED)


def drive(*seen: tuple[str, LPR, datetime]) -> None:
    """Let LPRs read plates."""
    intake = Intake(read_store().writer(), id_key=b"k" * 32)
    try:
        for plate, lpr, at in seen:
            read = ParsedRead(raw_plate=plate, captured_at=at, event_id=f"{plate} {lpr.pk} {at}", state="NY")
            intake.take([Submission(lpr=lpr, format="test", reads=[(read, None)], unparsed=[], received_at=NOW)])
    finally:
        intake.close()


def question(asked: Scenes | TravelsWith, **reasons: str) -> Question:
    terms = asked.terms()
    told: dict[str, Any] = {
        "purpose": "investigation",
        "offense": "robbery",
        "case_number": "26-7",
        "justification": "gray van left the bank on Canal Street",
        "none_prohibited": True,
    }
    since, until = (datetime.fromisoformat(terms[name]) for name in ("since", "until"))
    asked_of = Question(plate=terms["plate"], since=since, until=until, tool=terms, **{**told, **reasons})
    return replace(asked_of, lprs=tuple(terms["lprs"]))


def asked_of(cast: Cast, asked: Scenes | TravelsWith, *, approved: bool) -> AtSeveral | Traveling:
    """Investigate, with somebody else's approval or where none is needed; return what was found."""
    by = footing(cast.detective, at=NOW)
    entry = investigate(by, question(asked))
    if approved:
        Approval.objects.create(entry=entry, kind="before", asked_at=NOW, decided_at=NOW, granted=True)
    return found_by(by, entry.pk)[1]


def two_scenes(cast: Cast, other: LPR) -> Scenes:
    first, second = NOW - 30 * HOUR, NOW - 2 * HOUR
    return Scenes((Scene((cast.lpr.pk,), first, first + HOUR), Scene((other.pk,), second, second + HOUR)))


def test_plates_at_both_scenes_are_found_the_rarest_first(cast: Cast) -> None:
    other = another_lpr("Mill Road")
    first, second = NOW - 30 * HOUR + MINUTE, NOW - 2 * HOUR + MINUTE
    drive(
        *(("BUS1", cast.lpr, first - timedelta(days=day)) for day in range(1, 6)),
        *((plate, cast.lpr, first) for plate in ("BUS1", "CARO1", "ONCE1")),
        *((plate, other, second) for plate in ("BUS1", "CAR01", "ONCE2")),
        ("ONCE1", other, second + 2 * HOUR),
    )
    by = footing(cast.detective, at=NOW)
    entry = investigate(by, question(two_scenes(cast, other)))
    _, found = found_by(by, entry.pk)
    assert isinstance(found, AtSeveral)
    assert [(each.plate, each.counts, each.usual.days, each.is_common) for each in found.plates] == [
        ("CAR01", (1, 1), 0, False),
        ("BUS1", (1, 1), 5, True),
    ]
    assert (
        found.rows()[1]["words"]
        == "2 of 2 scenes (scene 1: 1, scene 2: 1); seen there on 5 of the 7 days before (5 times)"
    )
    entry.refresh_from_db()
    assert (entry.state, entry.found, entry.terms["tool"]) == ("completed", 2, "scenes")
    actions = LedgerEntry.objects.filter(subject=f"query:{entry.pk}").order_by("index").values_list("action", flat=True)
    assert list(actions) == ["query_begun", "query_completed", "query_page_viewed"]


@pytest.mark.parametrize("tool", ["scenes", "travels_with"])
def test_what_is_past_its_time_is_not_found_though_nothing_took_it_yet(tool: str, cast: Cast) -> None:
    other, first, second = another_lpr("Mill Road"), NOW - 30 * HOUR + MINUTE, NOW - 2 * HOUR + MINUTE
    drive(*((plate, lpr, at) for plate in ("CAR1", "CAR2") for lpr, at in ((cast.lpr, first), (other, second))))
    both = TravelsWith("CAR1", (), NOW - 48 * HOUR, NOW, 3, occasions=2, places=1)
    by = footing(cast.detective, at=NOW)
    entry = investigate(by, question(two_scenes(cast, other) if tool == "scenes" else both))
    assert [each.total for _entry, each in [found_by(by, entry.pk)]] == [2 if tool == "scenes" else 1]
    say(cast, floor="1 minutes", no_hit="12 hours")  # the first scene is over
    found = found_by(footing(cast.detective, at=NOW), entry.pk)[1]
    assert found.seen == 1 if isinstance(found, Traveling) else found.plates == []


@pytest.mark.parametrize("tool", ["scenes", "travels_with"])
def test_what_takes_too_long_is_stopped_and_logged_as_failed(
    tool: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = another_lpr("Mill Road")
    drive(("CAR1", cast.lpr, NOW - 30 * HOUR), ("CAR1", other, NOW - 2 * HOUR))
    scenes = two_scenes(cast, other)
    asked = scenes if tool == "scenes" else TravelsWith("CAR1", (), NOW - 48 * HOUR, NOW, 3, occasions=2, places=1)
    monkeypatch.setattr("platekeeper.server.procedures.investigate.SECONDS", 0.0)
    with pytest.raises(SearchTooWide, match="Ask for less"):
        investigate(footing(cast.detective, at=NOW), question(asked))
    assert QueryLogEntry.objects.get().state == "failed"
    assert LedgerEntry.objects.latest("index").action == "query_failed"


def test_who_travels_with_a_plate_is_told_against_chance(cast: Cast) -> None:
    other = another_lpr("Mill Road")
    places, begun = (cast.lpr, other), NOW - timedelta(days=9)
    seen = []
    for day in range(5):
        at, lpr = begun + timedelta(days=day), places[day % 2]
        seen += [("GIVEN1", lpr, at), ("TRAIL1", lpr, at + MINUTE), ("NEARBY", lpr, at + 9 * MINUTE)]
    seen += [("BUSY22", lpr, begun + n * 11 * MINUTE) for n in range(300) for lpr in places]
    drive(*seen)
    asked = TravelsWith("GIVEN1", (), NOW - timedelta(days=10), NOW, minutes=3, occasions=2, places=2)
    by = footing(cast.detective, at=NOW)
    _, found = found_by(by, investigate(by, question(asked)).pk)
    assert isinstance(found, Traveling)
    first = found.plates[0]
    assert (found.seen, first.companion.plate, first.companion.occasions, first.otherwise) == (5, "TRAIL1", 5, 0)
    assert "5 of 5 sightings at 2 places within 3 minutes" in found.words(first)
    assert "NEARBY" not in {each.companion.plate for each in found.plates}
    assert all(each.surprise < first.surprise for each in found.plates[1:])


@pytest.mark.parametrize(("approved", "days"), [(False, 2), (True, 7)])
def test_how_usual_a_plate_is_at_scenes_is_told_from_no_read_that_is_too_old(
    approved: bool, days: int, cast: Cast
) -> None:
    other, begun = another_lpr("Mill Road"), NOW - timedelta(days=27, hours=12)
    drive(
        *(("BUS1", cast.lpr, begun - timedelta(days=day)) for day in range(1, 7)),
        ("BUS1", cast.lpr, begun), ("BUS1", other, begun + 2 * HOUR),
    )  # fmt: skip
    scenes = [Scene((lpr.pk,), begun + at * HOUR, begun + (at + 1) * HOUR) for lpr, at in ((cast.lpr, 0), (other, 2))]
    found = asked_of(cast, Scenes(tuple(scenes)), approved=approved)
    assert isinstance(found, AtSeveral)
    assert (found.days, found.plates[0].usual.days, found.clipped == "") == (days, min(days, 6), approved)
    assert f"{days} days before" in found.rows()[0]["words"]


@pytest.mark.parametrize(("approved", "days"), [(False, 10), (True, 28)])
def test_how_often_a_companion_is_there_anyway_is_told_from_no_read_that_is_too_old(
    approved: bool, days: int, cast: Cast
) -> None:
    until = NOW - timedelta(days=20)
    met = [until - timedelta(days=day) for day in (1, 2, 3)]
    drive(
        *((plate, cast.lpr, at) for at in met for plate in ("GIVEN1", "TRAIL1")),
        *(("TRAIL1", cast.lpr, until - timedelta(days=day)) for day in (6, 9, 12, 20)),
    )
    asked = TravelsWith("GIVEN1", (), until - timedelta(days=5), until, minutes=3, occasions=2, places=1)
    found = asked_of(cast, asked, approved=approved)
    assert isinstance(found, Traveling)
    assert (found.days, found.plates[0].days, found.clipped == "") == (days, days, approved)
    assert found.plates[0].otherwise == (4 if approved else 2)


def test_a_misread_that_was_corrected_is_no_sighting(cast: Cast) -> None:
    intake = Intake(read_store().writer(), id_key=b"k" * 32)
    try:
        for plate in ("GIVEN1", "G1VEN9"):
            read = ParsedRead(raw_plate=plate, captured_at=NOW - HOUR, event_id="one")
            intake.take([Submission(lpr=cast.lpr, format="t", reads=[(read, None)], unparsed=[], received_at=NOW)])
    finally:
        intake.close()
    asked = TravelsWith("GIVEN1", (), NOW - 2 * HOUR, NOW, minutes=3, occasions=2, places=1)
    by = footing(cast.detective, at=NOW)
    _, found = found_by(by, investigate(by, question(asked)).pk)
    assert isinstance(found, Traveling)
    assert found.looked_at == 0


def test_looked_at_again_a_tool_finds_nothing_that_came_later(cast: Cast) -> None:
    other, by = another_lpr("Mill Road"), footing(cast.detective, at=NOW)
    hour, later = timedelta(hours=1), NOW + timedelta(minutes=20)
    spans = ((cast.lpr, NOW - hour), (other, NOW - 3 * hour))
    scenes = Scenes(tuple(Scene((lpr.pk,), since, since + 2 * hour) for lpr, since in spans))
    travels = TravelsWith("ABC1234", (), NOW - 3 * hour, NOW + hour, minutes=2, occasions=1, places=2)
    drive(*((plate, lpr, since) for plate in ("ABC1234", "CAR0001") for lpr, since in spans))
    entries = [investigate(by, question(asked)) for asked in (scenes, travels)]
    drive(("CAR0002", other, NOW - 3 * hour), *((plate, cast.lpr, later) for plate in ("CAR0002", "ABC1234")))
    again = [found_by(footing(cast.detective, at=later), entry.pk)[1] for entry in entries]
    at_both, traveling = again
    assert isinstance(at_both, AtSeveral) and isinstance(traveling, Traveling)
    assert {each.plate for each in at_both.plates} == {"ABC1234", "CAR0001"}
    assert ([each.companion.plate for each in traveling.plates], traveling.seen) == (["CAR0001"], 2)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_investigate_and_that_refusals_are_logged(role: str, cast: Cast) -> None:
    by = footing(cast.people()[role], at=NOW)
    asked = question(two_scenes(cast, another_lpr("Mill Road")))
    if role in ALLOWED:
        assert investigate(by, asked).found == 0
        return
    with pytest.raises(RefusedAction):
        investigate(by, asked)
    entry = QueryLogEntry.objects.get()
    assert (entry.state, entry.terms) == ("refused", asked.terms())


@pytest.mark.parametrize("missing", ["purpose", "offense", "case_number", "justification"])
def test_without_a_reason_it_is_refused_and_logged(missing: str, cast: Cast) -> None:
    asked = question(two_scenes(cast, another_lpr("Mill Road")), **{missing: ""})
    with pytest.raises(RefusedAction):
        investigate(footing(cast.detective, at=NOW), asked)
    assert QueryLogEntry.objects.get().state == "refused"


def test_what_cannot_be_asked_is_an_error_before_anything_is_decided(cast: Cast) -> None:
    asked = question(two_scenes(cast, another_lpr("Mill Road")))
    with pytest.raises(UnclearTerms):
        investigate(footing(cast.detective, at=NOW), replace(asked, tool={**asked.terms(), "least": 9}))
    assert not QueryLogEntry.objects.exists()


def test_results_are_their_askers_own_and_no_search_shows_them(cast: Cast) -> None:
    by = footing(cast.detective, at=NOW)
    entry = investigate(by, question(two_scenes(cast, another_lpr("Mill Road"))))
    for look in (lambda: found_by(footing(cast.clerk, at=NOW), entry.pk), lambda: results(by, entry.pk)):
        with pytest.raises(QueryLogEntry.DoesNotExist):
            look()
    with pytest.raises(RefusedAction):
        found_by(footing(cast.detective, at=NOW + 13 * HOUR), entry.pk)
