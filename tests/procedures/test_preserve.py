"""What a case needs is copied whole or not at all, and a read brings the proof that it came in so."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from platekeeper.core.clauses import Clause
from platekeeper.core.exhibits import exhibit
from platekeeper.core.formats.reads import ParsedRead
from platekeeper.core.ledger import canonical
from platekeeper.server.casefiles.models import CaseFile, Preserved, PreservedImage
from platekeeper.server.hits.changes import add_step
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import keep_cases, preserve
from platekeeper.server.procedures.answer_hit import show_hit
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.copies import of_hit
from platekeeper.server.procedures.correct_case_number import correct_case_number
from platekeeper.server.procedures.dispose_lpr_data import dispose_lpr_data
from platekeeper.server.procedures.export_packet import export_packet
from platekeeper.server.procedures.keep_user_logs import check_log, forward_log
from platekeeper.server.procedures.prove_reads import proof_of_stored
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.receive_reads import Intake, Submission
from platekeeper.server.procedures.search_lpr_data import QueryResult, search
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog.lookups import cases_to_preserve_in, entries, unpreserved_counts, unpreserved_then
from platekeeper.server.querylog.lookups import facts_of as log_facts
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.evidence import Status
from platekeeper.server.storage.rows import content_digest
from platekeeper.verify import Fault, batches_of, check_read
from tests.bags import content_of
from tests.cast import Cast
from tests.register import judging
from tests.register.making import query
from tests.touring import begin, end, hot_list_on_hand, patrol_car
from tests.web.making import STAMP, make_hit

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


def _picture(color: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (64, 36), color).save(written, "JPEG")
    return written.getvalue()


def take_in(cast: Cast, plates: list[str], *, at: datetime = NOW) -> None:
    """Let reads come in as one batch, every other one with a picture, captured a day apart at most."""
    reads = [
        (
            ParsedRead(
                raw_plate=plate, captured_at=at - timedelta(hours=7 * place), event_id=f"e{place}", state="NY",
                confidence=0.875, state_confidence=None if place % 3 == 0 else 0.5 + place / 100,
                candidates=(("ABC123", 0.25),), vehicle={"color": "red"}, latitude=43.048, longitude=-76.147,
            ),
            _picture("navy") if place % 2 else None,
        )
        for place, plate in enumerate(plates)
    ]  # fmt: skip
    intake = Intake(read_store().writer(), id_key=b"k" * 32)
    try:
        intake.take([Submission(lpr=cast.lpr, format="test", reads=reads, unparsed=[], received_at=at)])
    finally:
        intake.close()


def found(cast: Cast, plate: str = "ABC12*") -> QueryResult:
    """Let the detective search."""
    question = Question(
        plate=plate, since=NOW - timedelta(days=9), until=NOW + timedelta(hours=1), purpose="stolen", offense="theft",
        case_number="26-114", justification="a gray van left the bank on Canal Street", none_prohibited=True,
    )  # fmt: skip
    return search(footing(cast.detective, at=NOW), question)


def case_of(by: Footing) -> CaseFile:
    """Open a case."""
    return keep_cases.open_case(by, number="26-114", title="Bank", offense_class="felony", is_felony=True)


def _batch_leaves() -> list[dict[str, Any]]:
    return [entry.content() for entry in LedgerEntry.objects.filter(action="reads_received")]


def test_reads_are_copied_with_their_query_and_proven(cast: Cast) -> None:
    take_in(cast, [f"ABC12{place:02}" for place in range(5)])
    by, result = footing(cast.detective, at=NOW), found(cast, "ABC12??")
    case = case_of(by)
    kept = preserve.preserve_reads(by, result.entry, result.page.reads, case=case)
    assert [each.kind for each in kept] == ["query", *["read"] * 5]
    leaves = LedgerEntry.objects.filter(action="preserved")
    assert [leaf.content()["details"]["sha256"] for leaf in leaves] == [each.sha256 for each in kept]
    assert PreservedImage.objects.count() == 2
    for each in kept[1:]:
        copy = json.loads(bytes(each.content))
        picture = PreservedImage.objects.filter(preserved=each).first()
        assert copy["proof"]["size"] == 5
        assert not check_read("1.json", copy, bytes(picture.content) if picture else None, batches_of(_batch_leaves()))
        assert check_read("1.json", copy, None, batches_of(_batch_leaves())) == (picture is not None)


def _in(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda copy: copy["read"].update({name: value})


@pytest.mark.parametrize(
    "change",
    [
        _in("plate", "XYZ9999"), _in("raw", "abc1200"), _in("at", 1), _in("state", "NJ"), _in("confidence", "0.9"),
        _in("latitude", "43.1"), _in("candidates", []), _in("vehicle", {"color": "blue"}), _in("salt", "00" * 16),
        _in("id", "11" * 16), lambda copy: copy["proof"].update(index=0), lambda copy: copy["proof"].update(size=4),
        lambda copy: copy.update(plate="XYZ9999"), lambda copy: copy.update(seen_at="2026-01-01T00:00:00+00:00"),
        _in("lpr", 99), lambda copy: copy["proof"].update(batch="22" * 16), lambda copy: copy["proof"]["path"].reverse(),
        lambda copy: copy["proof"].update(said=copy["proof"]["said"].replace("ABC1201", "ABC1299")),
    ],
)  # fmt: skip
def test_a_read_that_says_anything_else_is_found_out(change: Callable[[dict[str, Any]], None], cast: Cast) -> None:
    take_in(cast, ["ABC1200", "ABC1201", "ABC1202"])
    [read] = found(cast, "ABC1201").page.reads
    by = footing(cast.detective, at=NOW)
    [_, kept] = preserve.preserve_reads(by, found(cast).entry, [read], case=case_of(by))
    copy, image = json.loads(bytes(kept.content)), bytes(kept.image.content)
    check_read("1.json", copy, image, batches_of(_batch_leaves()))
    change(copy)
    with pytest.raises(Fault):
        check_read("1.json", copy, image, batches_of(_batch_leaves()))
    with pytest.raises(Fault, match="did not come with"):
        check_read("1.json", json.loads(bytes(kept.content)), _picture("red"), batches_of(_batch_leaves()))


def test_a_hit_of_an_intake_brings_its_proof_though_its_day_is_gone(cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOW)
    take_in(cast, ["XYZ0001", "ABC1234", "XYZ0002"], at=NOW + timedelta(seconds=1))
    hit, by = Hit.objects.get(), footing(cast.officer, at=NOW)
    dispose_lpr_data(at=NOW + timedelta(days=200))
    assert read_store().days() == []
    copy = json.loads(bytes(preserve.preserve_hit(by, hit, case=case_of(by)).content))
    picture = bytes(hit.image.content)
    check_read("1.json", copy, picture, batches_of(_batch_leaves()))
    assert content_digest(copy["proof"]["said"]).hex() == copy["read"]["digest"]
    assert hashlib.sha256(picture).hexdigest() in copy["proof"]["said"]


def test_a_read_whose_batch_is_gone_in_part_is_copied_without_a_proof(cast: Cast) -> None:
    take_in(cast, [f"ABC12{place:02}" for place in range(5)])
    days = read_store().days()
    assert len(days) > 1
    read = found(cast, "ABC1200").page.reads[0]
    assert proof_of_stored(read.row, image_sha256=None) is not None
    read_store().dispose(days[0])
    assert proof_of_stored(read.row, image_sha256=None) is None
    by = footing(cast.detective, at=NOW)
    [_, kept] = preserve.preserve_reads(by, found(cast).entry, [read], case=case_of(by))
    assert json.loads(bytes(kept.content))["proof"] is None


def test_reads_come_along_once_and_all_or_none(cast: Cast) -> None:
    take_in(cast, ["ABC1200", "ABC1201"])
    by, result = footing(cast.detective, at=NOW), found(cast, "ABC12??")
    case = case_of(by)
    preserve.preserve_reads(by, result.entry, result.page.reads[:1], case=case)
    again = preserve.preserve_reads(by, result.entry, result.page.reads, case=case)
    assert [each.kind for each in again] == ["read"]
    with pytest.raises(RefusedAction, match="preserves all of it"):
        preserve.preserve_reads(by, result.entry, result.page.reads, case=case)
    assert Preserved.objects.count() == 3


def test_what_went_on_since_is_copied_once_more(cast: Cast) -> None:
    by, hit = footing(cast.officer, at=NOW), make_hit(cast, steps=("image_verified",))
    case = case_of(by)
    first = preserve.preserve_hit(by, hit, case=case)
    show_hit(footing(cast.sergeant, at=NOW), hit.pk)
    with pytest.raises(RefusedAction, match="preserves it already"):
        preserve.preserve_hit(by, hit, case=case)
    add_step(hit, kind=HitStep.Kind.OUTCOME, at=NOW, by=cast.officer, policy=STAMP, outcome="misread")
    now = of_hit(hit, image=None, proof=hit.proof)
    assert preserve.kept_in(now) == [(case, True)]
    later = preserve.preserve_hit(by, hit, case=case)
    assert (first.key, later.key[:-10]) == (f"hit:{hit.pk}", f"later:hit:{hit.pk}.")
    assert "misread" in [step["outcome"] for step in json.loads(bytes(later.content))["steps"]]
    assert preserve.kept_in(now) == [(case, False)]
    with pytest.raises(RefusedAction, match="preserves it already"):
        preserve.preserve_hit(by, hit, case=case)
    files = content_of(export_packet(footing(cast.custodian, at=NOW), case, to="District Attorney", why="discovery"))
    assert len([name for name in zipfile.ZipFile(io.BytesIO(files)).namelist() if name.endswith("-hit.json")]) == 2


def test_a_copy_of_a_version_that_did_not_say_what_led_on_is_no_other(cast: Cast) -> None:
    by, hit = footing(cast.officer, at=NOW), make_hit(cast, steps=("image_verified",))
    case = case_of(by)
    kept = preserve.preserve_hit(by, hit, case=case)
    content = json.loads(bytes(kept.content))
    for step in content["steps"]:
        del step["led_on"]
    Preserved.objects.filter(pk=kept.pk).update(content=canonical(content))
    assert not preserve.went_on(case, of_hit(hit, image=None, proof=hit.proof))


def test_a_query_is_copied_once_it_has_ended_and_what_it_found_beside_it(cast: Cast) -> None:
    by = footing(cast.detective, at=NOW)
    case = case_of(by)
    told: dict[str, Any] = {"case_number": case.number, "ended_at": None}
    waits, runs = (query(cast.detective, NOW, state=state, **told) for state in ("waiting", "begun"))
    cut_off = query(cast.detective, NOW - timedelta(days=1), state="begun", **told)
    for entry in (waits, runs):
        with pytest.raises(RefusedAction, match="waits or runs"):
            preserve.preserve_query(by, entry, case=case)
    assert preserve.unpreserved_queries(by, case) == [cut_off]
    QueryLogEntry.objects.filter(pk=runs.pk).update(state="completed", ended_at=NOW)
    assert [each.key for each in preserve.preserve_queries(by, case)] == [f"query:{runs.pk}", f"query:{cut_off.pk}"]
    runs.refresh_from_db()
    found = preserve.preserve_investigation(by, runs, [{"plate": "XYZ789"}], case=case)
    assert json.loads(bytes(found.content))["result"] == [{"plate": "XYZ789"}]
    with pytest.raises(RefusedAction, match="preserves it already"):  # what was found came later, and yet it is there
        preserve.preserve_query(by, runs, case=case)


def test_a_query_made_under_a_wrong_number_is_asked_for_by_the_right_case(cast: Cast) -> None:
    before, by = (footing(cast.detective, at=at) for at in (NOW - timedelta(days=9), NOW))
    wrong = case_of(before)
    right = keep_cases.open_case(before, number="26-141", title="Fraud", offense_class="felony", is_felony=True)
    entry = query(cast.detective, before.at, case_number=wrong.number)
    for case in (wrong, right):
        keep_cases.change_case(before, case, arrested_on=before.today)
    assert judging.status(Clause.VI_d, at=NOW) is Status.BREACH
    for role, number, why in (
        ("officer", "26-141", "14 and 41"), ("detective", " ", "14 and 41"), ("detective", "26-114", "14 and 41"),
        ("detective", "26-141", " "),
    ):  # fmt: skip
        with pytest.raises(RefusedAction):
            correct_case_number(footing(cast.people()[role], at=NOW), entry, number=number, why=why)
    correct_case_number(footing(cast.auditor, at=NOW), entry, number="26-1", why="a slip of the auditor's")
    correct_case_number(by, entry, number="26-141", why="14 and 41")
    entry = entries().get(pk=entry.pk)
    assert (entry.case_number, entry.case_now) == ("26-114", "26-141")
    assert [preserve.unpreserved_queries(by, case) for case in (wrong, right)] == [[], [entry]]
    assert (list(cases_to_preserve_in()), unpreserved_counts(CaseFile.objects.all())) == ([right], {"26-141": 1})
    assert (
        unpreserved_then(at=NOW - timedelta(days=1), today=NOW.date()).filter(pk=entry.pk).exists()
    )  # by the wrong one
    assert [each.number for each in log_facts(entry, zone=by.policy.zone).matters] == ["26-141"]
    [kept] = preserve.preserve_queries(by, right)
    assert [each["number"] for each in json.loads(bytes(kept.content))["corrections"]] == ["26-1", "26-141"]
    assert judging.status(Clause.VI_d, at=NOW + timedelta(minutes=1)) is Status.KEPT
    leaf = LedgerEntry.objects.filter(action="query_case_corrected", clause="VIII.c").latest("index")
    assert leaf.content()["details"] == {"was": "26-1", "number": "26-141", "case_known": "yes"}
    told = dict(exhibit(1, "query", "x", json.loads(bytes(kept.content)), sha256="").history)
    assert "case number corrected to 26-141 by Dee Detective: 14 and 41" in told.values()


def test_the_user_log_of_a_tour_goes_into_the_case_of_its_hits_once_it_was_accepted(cast: Cast) -> None:
    car, by = patrol_car(), footing(cast.officer, at=NOW)
    hot_list_on_hand(cast, at=NOW - timedelta(hours=1))
    tour = begin(footing(cast.officer, at=NOW - timedelta(hours=1)), car)
    hit = make_hit(cast, steps=("outcome",))
    Hit.objects.filter(pk=hit.pk).update(lpr=car, seen_at=NOW - timedelta(minutes=5))
    case = case_of(by)
    preserve.preserve_hit(by, Hit.objects.get(pk=hit.pk), case=case)
    with pytest.raises(RefusedAction, match="has not ended"):
        preserve.preserve_tour(by, tour, case=case)
    end(by, tour)
    assert preserve.unpreserved_tours(case) == []
    with pytest.raises(RefusedAction, match="has not been accepted"):  # what is completed later would be missing
        preserve.preserve_tour(by, tour, case=case)
    forward_log(by, tour.log)
    check_log(footing(cast.sergeant, at=NOW), tour.log, accept=True)
    [wanted] = preserve.unpreserved_tours(case)
    copy = json.loads(bytes(preserve.preserve_tour(by, wanted, case=case).content))
    assert (copy["member"], [each["hit"] for each in copy["hits"]]) == ("Olive Officer", [hit.pk])
    assert (copy["log"]["accepted_by"], json.loads(copy["log"]["forwarded"])["member"]) == (
        "Sam Sergeant",
        "Olive Officer",
    )
    assert preserve.unpreserved_tours(case) == []
    told = dict(exhibit(1, "tour", "x", copy, sha256="").facts)
    assert (told["Reads"], told["Parked (VII.c)"]) == ("0", "yes")
