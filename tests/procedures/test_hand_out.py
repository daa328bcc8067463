"""Something leaves once: on a ground, cut down as the MOU says, logged before and after, and recorded with its digest."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from platekeeper.core.rules.sharing import Share, Terms
from platekeeper.server.casefiles import changes as casefiles
from platekeeper.server.casefiles.models import Preserved
from platekeeper.server.hits.changes import add_step
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import answer_requests, hand_out, keep_cases, manage_mous, preserve
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.export_packet import export_packet
from platekeeper.server.procedures.export_query_log import Format, export_query_log
from platekeeper.server.procedures.hand_out import HandedOut, To
from platekeeper.server.procedures.packets_that_leave import held_in
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.search_lpr_data import search
from platekeeper.server.querylog.lookups import entries
from platekeeper.server.sharing.models import Dissemination
from tests.bags import content_of
from tests.cast import Cast
from tests.hotlist.traffic import drive_past
from tests.sharing import end_mous, make_mou, make_order
from tests.web.making import STAMP, make_hit

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
Form = Dissemination.Form


@pytest.fixture
def cast(cast: Cast) -> Cast:
    end_mous(cast, at=NOW)
    return cast


def _to(cast: Cast, **changed: Any) -> To:
    facts: dict[str, Any] = {
        "agency": cast.outsider.agency,
        "name": "Otto Outsider",
        "why": "their burglary 26-9",
        "form": Form.CSV,
    }
    return To(**(facts | changed))


class Handed(NamedTuple):
    """What was handed out, taken whole."""

    content: bytes
    record: Dissemination


def _taken(handed: HandedOut) -> Handed:
    with handed.file as file:
        return Handed(file.read(), handed.record)


def _hits(cast: Cast, **changed: Any) -> Handed:
    by = footing(cast.custodian, at=NOW + timedelta(minutes=1))
    since, until = NOW - timedelta(days=1), by.at + timedelta(days=1)
    return _taken(hand_out.hand_out_hits(by, _to(cast, **changed), purpose="stolen", since=since, until=until))


def _results(cast: Cast, entry: int, **changed: Any) -> Handed:
    by = footing(cast.detective, at=NOW + timedelta(minutes=1))
    return _taken(hand_out.hand_out_results(by, entry, _to(cast, **changed)))


def _rows(handed: Handed) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(handed.content.decode())))


def test_nothing_leaves_without_an_mou_or_an_order_and_the_refusal_is_logged(cast: Cast) -> None:
    make_hit(cast)
    with pytest.raises(RefusedAction, match="was ended"):
        _hits(cast)
    order = make_order(cast, at=NOW)
    assert len(_rows(_hits(cast, order=order))) == 1
    manage_mous.withdraw_order(footing(cast.custodian, at=NOW), order, why="quashed")
    order.refresh_from_db()
    with pytest.raises(RefusedAction, match="withdrawn"):
        _hits(cast, order=order)
    refusals = LedgerEntry.objects.filter(action="action_refused", clause="VI.l")
    assert [each.content()["details"]["attempted"] for each in refusals] == ["disseminated"] * 2
    gone = Dissemination.objects.get()
    assert (gone.mou, gone.order, gone.records) == (None, order, 1)


def test_the_database_itself_takes_no_record_for_an_agency_without_a_ground(cast: Cast) -> None:
    made = _handed(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Dissemination.objects.filter(pk=made.record.pk).update(mou=None)


def _handed(cast: Cast) -> Handed:
    make_mou(cast, at=NOW)
    make_hit(cast)
    return _hits(cast)


def test_what_left_is_in_record_ledger_and_manifest_down_to_the_digest(cast: Cast) -> None:
    handed = _handed(cast)
    gone, digest = handed.record, hashlib.sha256(handed.content).hexdigest()
    assert (gone.sha256, gone.size, gone.ended_at is not None) == (digest, len(handed.content), True)
    told = json.loads(gone.manifest)
    assert (told["sha256"], told["ground"], told["records"]) == (digest, f"mou:{gone.mou_id}", 1)
    begun, done = LedgerEntry.objects.filter(subject=f"dissemination:{gone.pk}").order_by("index")
    assert (begun.outcome, done.outcome) == ("begun", "done")
    for leaf in (begun, done):
        content = leaf.content()
        assert content["details"]["sha256"] == digest
        assert "Otto" not in json.dumps(content), "people stand in the ledger sealed"
    hand_out.confirm(footing(cast.custodian, at=NOW), gone, receipt="Otto, by telephone")
    with pytest.raises(RefusedAction, match="already"):
        hand_out.confirm(footing(cast.custodian, at=NOW), gone, receipt="again")


@pytest.mark.parametrize(
    ("terms", "left"),
    [
        (Terms(days=9), 1),
        (Terms(days=9, misses=True), 2),
        (Terms(days=9, misses=True, area="circle 43.0481,-76.1474 800"), 2),
        (Terms(days=9, misses=True, area="circle 40.7,-74.0 800"), 0),
    ],
)
def test_as_little_leaves_as_the_mou_says(cast: Cast, terms: Terms, left: int) -> None:
    make_mou(cast, at=NOW, terms=terms)
    make_hit(cast)
    missed = make_hit(cast, plate="MISREAD", steps=("shown",))
    _outcome(missed, cast, "misread")
    handed = _hits(cast)
    assert len(_rows(handed)) == handed.record.records == left
    assert handed.record.withheld == 2 - left


def test_images_leave_only_where_the_mou_says(cast: Cast) -> None:
    make_mou(cast, at=NOW, terms=Terms(days=9, images=True))
    make_hit(cast)
    assert json.loads(_hits(cast, form=Form.JSONL).content)["image"]
    assert "image" not in _rows(_hits(cast))[0]


def test_what_leaves_takes_as_few_questions_for_thirty_as_for_three(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """Images and outcomes come with the hits, and reads learn together which hits they were: no row asks for itself."""
    make_mou(cast, at=NOW, terms=Terms(days=9, images=True, only_hits=False, misses=True))

    def pass_by(many: int) -> int:
        plates = [f"QRY{many:02}{number:02}" for number in range(many)]
        for plate in plates:
            _outcome(make_hit(cast, plate=plate), cast, "arrest")
        drive_past(cast, plates, at=NOW)
        return _asked(cast, "stolen", plate="QRY*")

    entry = pass_by(3)
    with django_assert_max_num_queries(200) as few:
        _hits(cast, form=Form.JSONL), _results(cast, entry)
    entry = pass_by(27)
    with django_assert_max_num_queries(len(few)):
        hits, results = _hits(cast, form=Form.JSONL), _results(cast, entry)
    lines = [json.loads(line) for line in hits.content.splitlines()]
    assert all(line["image"] and line["outcome"] == "arrest" for line in lines)
    assert (len(lines), hits.record.records, results.record.records) == (30, 30, 30)


@pytest.mark.parametrize("bound", [{"MOST": 1}, {"LARGEST": 0}])
def test_what_is_too_much_leaves_not_and_leaves_nothing_behind(
    bound: dict[str, int], cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_mou(cast, at=NOW, terms=Terms(days=9, only_hits=False))
    drive_past(cast, ["ABC1234", "ABC9999"], at=NOW)
    entry = _asked(cast, "stolen", plate="ABC*")
    for name, most in bound.items():
        monkeypatch.setattr(hand_out, name, most)
    with pytest.raises(RefusedAction, match="Ask for less"):
        _results(cast, entry)
    refused = LedgerEntry.objects.get(action="action_refused", clause="VI.l")
    assert refused.content()["details"]["attempted"] == "disseminated"
    assert not Dissemination.objects.exists() and not list(settings.HOME.outgoing.iterdir())


def _outcome(hit: Hit, cast: Cast, outcome: str) -> None:
    add_step(hit, kind=HitStep.Kind.OUTCOME, at=NOW, by=cast.officer, outcome=outcome, policy=STAMP)


def _asked(cast: Cast, purpose: str, *, plate: str = "ABC1234") -> int:
    question = Question(
        plate=plate, purpose=purpose, offense="theft", case_number="26-7", justification="gray van seen at Canal St",
        none_prohibited=True, since=NOW - timedelta(days=1), until=NOW + timedelta(hours=1),
    )  # fmt: skip
    return search(footing(cast.detective, at=NOW + timedelta(minutes=1)), question).entry.pk


def test_results_of_a_query_leave_under_its_purpose(cast: Cast) -> None:
    make_mou(cast, at=NOW, terms=Terms(days=9, only_hits=False))
    drive_past(cast, ["ABC1234", "XYZ9999"], at=NOW)
    handed = _results(cast, _asked(cast, "stolen"), form=Form.NLETS)
    assert handed.content.startswith(b"LPR.NY0000000.NY0000001.TXT\nEID/")
    assert handed.content.count(b"LIC/ABC1234") == 1
    with pytest.raises(RefusedAction, match="bars this purpose"):
        _results(cast, _asked(cast, "audit"))
    assert Dissemination.objects.get().source.startswith("query:")


def test_a_packet_for_an_agency_needs_a_ground_and_leaves_only_whole(cast: Cast) -> None:
    keeper = footing(cast.custodian, at=NOW)
    case = keep_cases.open_case(keeper, number="26-1", title="t", offense_class="felony", is_felony=True)
    preserve.preserve_hit(keeper, make_hit(cast), case=case)
    agency = cast.outsider.agency
    told: dict[str, Any] = {"to": "Det. Mills", "why": "their case"}
    with pytest.raises(RefusedAction, match="was ended"):
        export_packet(keeper, case, agency=agency, **told)
    make_mou(cast, at=NOW)
    with pytest.raises(RefusedAction, match="cannot be cut down"):
        export_packet(keeper, case, agency=agency, **told)
    packed = export_packet(keeper, case, agency=agency, order=make_order(cast, at=NOW), **told)
    content_of(packed)
    request = answer_requests.record_request(
        keeper, kind="discovery", asked_by="Ms. Counsel", contact="", what="all", case=case, received_on=keeper.today,
        due_on=keeper.today,
    )  # fmt: skip
    content_of(answer_requests.hand_over(keeper, request))
    counsel, theirs = Dissemination.objects.all()
    assert (theirs.agency, theirs.what, theirs.sha256, theirs.records) == (agency, Share.HITS, packed.sha256, 1)
    assert (counsel.agency, counsel.to, counsel.mou, counsel.order) == (None, "Ms. Counsel", None, None)


def test_the_user_log_of_a_tour_is_hits_that_leave(cast: Cast) -> None:
    keeper = footing(cast.custodian, at=NOW)
    case = keep_cases.open_case(keeper, number="26-1", title="t", offense_class="felony", is_felony=True)
    casefiles.preserve(
        case, kind=Preserved.Kind.TOUR, key="tour:1", title="t", content=b"{}", image=None, at=NOW, by=keeper.person,
        policy=STAMP,
    )  # fmt: skip
    with pytest.raises(RefusedAction, match="was ended"):
        export_packet(keeper, case, to="Det. Mills", why="their case", agency=cast.outsider.agency)
    assert held_in(["data/preserved/001-tour.json", "data/preserved/001-tour.jpg"]) == {Share.HITS: 1}


def test_the_whole_query_log_leaves_for_an_agency_on_a_ground(cast: Cast) -> None:
    by = footing(cast.auditor, at=NOW)

    def exported() -> bytes:
        lines = export_query_log(
            by, entries(), filters={}, form=Format.CSV, whole=True, to="Inspector", why="audit",
            agency=cast.outsider.agency,
        )  # fmt: skip
        return b"".join(lines)

    with pytest.raises(RefusedAction, match="was ended"):
        exported()
    make_mou(cast, at=NOW, barred=set(), purposes={"audit"})
    content = exported()
    gone = Dissemination.objects.get()
    assert (gone.form, gone.sha256) == (Form.LOG, hashlib.sha256(content).hexdigest())
    assert json.loads(gone.manifest)["sha256"] == gone.sha256
