"""Section IX: damage and defects, aim checks, technical questions; with IV.d, IV.f and VII.c, which they stand on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.defects import DefectKind, DefectStep
from platekeeper.core.rules.inventory import CareKind, use_of
from platekeeper.core.rules.tours import Answer, Phase, Question
from platekeeper.core.tables import csv_of
from platekeeper.server.equipment.lookups import in_service, open_defects
from platekeeper.server.equipment.models import Care, Defect
from platekeeper.server.jobs import work
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import ChangeNotice
from platekeeper.server.procedures import care_for_lprs, keep_inventory, report_defects
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.run_tour import IN_ORDER
from platekeeper.server.register.evidence import Status
from tests.cast import Cast
from tests.register.judging import status
from tests.touring import begin, hot_list_on_hand, patrol_car
from tests.web.access.equipment import picture

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def _by(cast: Cast, role: str, at: datetime = NOW) -> Footing:
    return footing(cast.people()[role], at=at)


def _damage(cast: Cast, at: datetime = NOW) -> Defect:
    return report_defects.report_defect(
        by=_by(cast, "officer", at), lpr=cast.lpr, kind=DefectKind.DAMAGE, words="cracked"
    )


def _refused(clause: str, call: object, *args: object, **more: object) -> None:
    with pytest.raises(RefusedAction) as refused:
        call(*args, **more)  # type: ignore[operator]
    assert refused.value.refusal.clause.number == clause


def test_IX_c_damage_goes_from_its_report_to_its_repair_and_each_step_says_who(cast: Cast) -> None:
    found = _damage(cast, NOW - 3 * DAY)
    assert list(open_defects(cast.lpr)) == [found]
    mender = _by(cast, "administrator", NOW - 2 * DAY)
    report_defects.work_defect(mender, found, DefectStep.ACKNOWLEDGED)
    report_defects.work_defect(mender, found, DefectStep.IN_REPAIR, words="at the workshop")
    assert not in_service(cast.lpr)
    _refused("IX.c", report_defects.work_defect, mender, found, DefectStep.ACKNOWLEDGED)
    _refused("IX.c", report_defects.work_defect, mender, found, DefectStep.MENDED, words=" ")
    report_defects.work_defect(_by(cast, "administrator"), found, DefectStep.MENDED, words="new housing")
    _refused("IX.c", report_defects.work_defect, mender, found, DefectStep.CLOSED, words="again")
    found = Defect.objects.get(pk=found.pk)
    assert (in_service(cast.lpr), open_defects().count()) == (True, 0)
    assert (found.stands, found.took(at=NOW + DAY)) == (DefectStep.MENDED, 3 * DAY)
    entries = LedgerEntry.objects.filter(subject=f"defect:{found.pk}").order_by("index")
    assert [entry.clause for entry in entries if entry.outcome == "done"] == ["IX.c"] * 4


@pytest.mark.parametrize(("role", "kind", "clause"), [
    ("officer", DefectKind.DAMAGE, "IX.c"), ("officer", DefectKind.LENS, "IV.d"), ("custodian", DefectKind.AIM, "IV.d"),
])  # fmt: skip
def test_only_who_hears_of_a_defect_works_it(role: str, kind: DefectKind, clause: str, cast: Cast) -> None:
    found = report_defects.report_defect(by=_by(cast, "rookie"), lpr=cast.lpr, kind=kind)
    _refused(clause, report_defects.work_defect, _by(cast, role), found, DefectStep.ACKNOWLEDGED)


def test_somebody_outside_reports_nothing_and_something_else_says_what(cast: Cast) -> None:
    _refused("IV.d", report_defects.report_defect, by=_by(cast, "outsider"), lpr=cast.lpr, kind=DefectKind.AIM)
    _refused("IV.d", report_defects.report_defect, by=_by(cast, "officer"), lpr=cast.lpr, kind=DefectKind.OTHER)
    assert not Defect.objects.exists()


def test_the_photograph_is_kept_without_what_the_telephone_says_in_it(cast: Cast) -> None:
    written, exif = BytesIO(), Image.Exif()
    exif[0x010F], exif[0x0112] = "Telephone of Olive", 6  # maker; turned by a quarter
    Image.new("RGB", (60, 40)).save(written, "JPEG", exif=exif)
    found = report_defects.report_defect(
        by=_by(cast, "officer"), lpr=cast.lpr, kind=DefectKind.LENS, photograph=written.getvalue()
    )
    kept = Image.open(BytesIO(bytes(found.photo.content)))
    assert (kept.size, dict(kept.getexif())) == ((40, 60), {})


@pytest.mark.parametrize("photograph", [b"GIF89a", picture()[:200], b"\xff\xd8\xff" * 9])
def test_what_is_no_photograph_is_told(photograph: bytes, cast: Cast) -> None:
    with pytest.raises(ValidationError):
        report_defects.report_defect(
            by=_by(cast, "officer"), lpr=cast.lpr, kind=DefectKind.DAMAGE, photograph=photograph
        )
    assert not Defect.objects.exists()


def test_what_the_system_finds_again_is_the_defect_that_is_open(cast: Cast) -> None:
    def find(at: datetime) -> Defect:
        return report_defects.report_defect(by=None, lpr=cast.lpr, kind=DefectKind.BLIND, words="no reads", at=at)

    first = find(NOW - DAY)
    assert find(NOW) == first
    assert [note.by for note in first.steps.all()] == [None]
    report_defects.work_defect(_by(cast, "administrator"), first, DefectStep.CLOSED, words="the road was closed")
    assert find(NOW) != first


def test_IX_a_c_what_a_tour_finds_is_a_defect_once_and_seen_again_after(cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOW)
    car = patrol_car()
    answers = {**IN_ORDER[Phase.BEGIN], Question.DAMAGE: Answer.NO, Question.AIM: Answer.NO}
    tour = begin(_by(cast, "officer"), car, answers=answers, words="bent")
    assert {each.kind for each in open_defects(car)} == {"damage", "aim"}
    begin(_by(cast, "sergeant"), car, answers=answers, words="still bent", taking_over=True)
    damage = open_defects(car).get(kind="damage")
    assert [(note.step, note.words) for note in damage.steps.all()] == [
        ("reported", "bent"),
        ("seen_again", "still bent"),
    ]
    assert tour.checks.filter(question="damage").get().answer == Answer.NO


def test_a_car_in_repair_begins_no_tour(cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOW)
    car = patrol_car()
    found = report_defects.report_defect(by=_by(cast, "officer"), lpr=car, kind=DefectKind.POWER)
    report_defects.work_defect(_by(cast, "administrator"), found, DefectStep.IN_REPAIR, words="workshop")
    _refused("IV.f", begin, _by(cast, "officer"), car)


def test_IV_f_what_is_worth_more_than_the_threshold_is_listed_for_the_plan(cast: Cast) -> None:
    by = _by(cast, "administrator")
    _refused("IV.f", keep_inventory.set_papers, _by(cast, "officer"), cast.lpr, value=9000)
    assert status(Clause.IV_f, at=NOW) is Status.CAUTION  # nobody has said what it is worth
    for value, listed in ((5000, 0), (5001, 1)):  # more than, not as much as
        keep_inventory.set_papers(by, cast.lpr, value=value, serial="=1+1", bought_on=date(2026, 1, 2))
        assert len(keep_inventory.to_insure(by)) == listed
        assert status(Clause.IV_f, at=NOW) is (Status.BREACH if listed else Status.KEPT)
    table = keep_inventory.export_to_insure(by, lambda rows: csv_of(keep_inventory.COLUMNS, rows), form="csv").decode()
    assert "'=1+1" in table and "5001,2026-01-02,NO" in table
    said = LedgerEntry.objects.filter(action="inventory_exported").order_by("index")
    assert [entry.outcome for entry in said] == ["begun", "done"]
    _refused("IV.f", keep_inventory.export_to_insure, _by(cast, "custodian"), lambda rows: b"", form="csv")


def test_custody_goes_to_oneself_freely_and_to_others_by_the_keeper(cast: Cast) -> None:
    keep_inventory.hand_over(_by(cast, "officer"), cast.lpr, holder=cast.officer)
    _refused("IV.f", keep_inventory.hand_over, _by(cast, "officer"), cast.lpr, holder=cast.rookie)
    _refused("IV.f", keep_inventory.hand_over, _by(cast, "administrator"), cast.lpr, holder=None, place=" ")
    keep_inventory.hand_over(_by(cast, "administrator"), cast.lpr, holder=None, place="property room")
    assert [each.who for each in cast.lpr.custodies.all()] == ["Olive Officer", "property room"]


def test_a_cameras_new_firmware_asks_for_training_and_its_first_does_not(cast: Cast) -> None:
    by, said = _by(cast, "administrator"), {"position": "left", "model": "Q6", "serial": "1", "direction": None}
    camera = keep_inventory.set_camera(by, cast.lpr, None, firmware="1.0", **said)
    assert not ChangeNotice.objects.exists()
    keep_inventory.set_camera(by, cast.lpr, camera, firmware="2.0", **said)
    assert ChangeNotice.objects.get().cause == "software"


def test_an_aim_check_is_due_again_and_one_not_in_order_is_a_defect(cast: Cast) -> None:
    by = _by(cast, "administrator")
    given: dict[str, Any] = {"kind": CareKind.AIM, "words": "left lane lost", "on": by.today, "next_on": by.today + DAY}
    _refused("IV.f", care_for_lprs.note_care, _by(cast, "officer"), cast.lpr, **given)
    _refused("IV.d", care_for_lprs.note_care, by, cast.lpr, **{**given, "next_on": by.today})
    _refused("IV.d", care_for_lprs.note_care, by, cast.lpr, **{**given, "on": by.today + DAY})
    care_for_lprs.note_care(by, cast.lpr, **given, in_order=False)
    assert open_defects(cast.lpr).get().kind == "aim"
    assert care_for_lprs.upkeep(by.policy, at=NOW).care == []
    assert care_for_lprs.upkeep(by.policy, at=NOW + DAY).care == [Care.objects.get()]


def test_what_is_due_is_reminded_of_once_a_day_and_of_more_at_once(cast: Cast) -> None:
    assert work.remind_of_upkeep() == "nothing is due"
    _damage(cast, NOW - 2 * DAY)
    assert [care_for_lprs.remind(at=NOW + hours * timedelta(hours=1)) for hours in (0, 1, 25)] == [1, 0, 1]
    by = _by(cast, "administrator")
    keep_inventory.set_papers(by, cast.lpr, value=9000, warranty_until=by.today + 2 * DAY)
    assert care_for_lprs.remind(at=NOW + timedelta(hours=26)) == 3
    entry = LedgerEntry.objects.filter(action="upkeep_reminded").latest("index")
    assert entry.openings.get(field="to").value == "Ada Administrator"


def test_IX_d_a_technical_question_is_answered_once_by_whom_the_policy_names(cast: Cast) -> None:
    _refused("IX.d", care_for_lprs.ask, _by(cast, "rookie"), words=" ")
    asked = care_for_lprs.ask(_by(cast, "rookie"), words="Why is it dark?", lpr=cast.lpr)
    _refused("IX.d", care_for_lprs.answer, _by(cast, "officer"), asked, words="The lamp.")
    care_for_lprs.answer(_by(cast, "administrator"), asked, words="The lamp.")
    _refused("IX.d", care_for_lprs.answer, _by(cast, "administrator"), asked, words="No, the lens.")
    asked.refresh_from_db()
    assert asked.answer == "The lamp."


def test_VII_c_use_is_of_the_days_in_service() -> None:
    days = [date(2026, 3, day) for day in range(1, 11)]
    used = use_of(days, read=[days[0], days[1], date(2025, 1, 1)], out=days[6:])
    assert (used.read, used.idle, round(used.share, 2)) == (2, 4, 0.33)
    assert use_of([], [], []).share == 0
