"""The hot list on the unit: what the department issues is what the unit matches, and nothing else is."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as live
from django.utils import timezone

from platekeeper.core.categories import Category, HitAction, Source
from platekeeper.core.hotlists.issued import GOOD_FOR
from platekeeper.core.matching import HowMatched, PlateBatch, StateAgreement
from platekeeper.core.moments import microseconds
from platekeeper.core.transfer import TransferError
from platekeeper.field.clock import machine_clock
from platekeeper.field.hotlist import HotListKeeper
from platekeeper.field.link import Link, NotTaken
from platekeeper.server.hotlist.models import EntryKey, HotListUpload
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.enter_alert import cancel_entry, decide_entry
from platekeeper.server.procedures.load_hot_list import load_hot_list
from platekeeper.server.procedures.manage_hot_lists import ListSettings, add_list
from platekeeper.server.procedures.signed_entries import end_key
from platekeeper.server.storage.field_keys import field_keys
from tests import touring
from tests.cast import Cast
from tests.field.making import SetClock, now_of, sighting
from tests.hotlist.making import NOW, ask, deliver, file, line, made_a_unit, plates, seen


@pytest.fixture(autouse=True)
def _enrolled(cast: Cast) -> None:
    made_a_unit(cast, cast.lpr)


def _keeper(folder: Path, cast: Cast) -> HotListKeeper:
    signs, _ = field_keys(live.HOME.field_keys).public
    return HotListKeeper(folder, unit=cast.lpr.pk, signs=signs.hex())


def _seen(
    keeper: HotListKeeper, plate: str, *, candidates: tuple[str, ...] = (), state: str = "NY", later: int = 0
) -> list[object]:
    assert keeper.current is not None
    seen = sighting(1, at=now_of(SetClock()), plate=plate, candidates=candidates, state=state)
    return [
        (hit.key, hit.how, hit.hit_action) for hit in keeper.current.match(seen, now=machine_clock().wall() + later)
    ]


def _approved(cast: Cast, plate: str) -> int:
    entry = ask(cast.officer, plate, at=NOW - timedelta(days=1), lasts=timedelta(days=9)).entry
    decide_entry(footing(cast.custodian, at=NOW - timedelta(days=1)), entry.pk, approve=True)
    return entry.pk


def test_a_unit_matches_what_was_issued_to_it(cast: Cast, link: Link, tmp_path: Path) -> None:
    deliver(file(line("ABC1234"), line("XYZ9876", code="X")), by=cast.custodian)
    own = _approved(cast, "LMN5?55")
    keeper = _keeper(tmp_path, cast)
    assert keeper.pull(link, now=machine_clock().wall())

    assert _seen(keeper, "ABC1234") == [("portal:NY:ABC1234:V", HowMatched.PLATE, HitAction.STOP)]
    assert _seen(keeper, "LMN5555") == [(f"own:{own}", HowMatched.PARTIAL, HitAction.STOP)]
    assert _seen(keeper, "QQQ1111") == []
    assert _seen(_keeper(tmp_path, cast), "ABC1234") == _seen(keeper, "ABC1234"), "after a restart"
    assert keeper.current is not None
    (hit,) = keeper.current.match(sighting(1, at=NOW, plate="ABC1234", state="NJ"), now=machine_clock().wall())
    assert (hit.state, hit.category) == (StateAgreement.DIFFERS, Category.STOLEN_VEHICLE)
    assert "requested_by" not in json.dumps([each.copy["plate"] for each in keeper.current.issued.own] + [hit.entry])


def test_a_day_in_a_file_ends_on_the_unit_as_it_does_on_the_server(cast: Cast, link: Link, tmp_path: Path) -> None:
    by, evening = footing(cast.custodian, at=NOW), (NOW + timedelta(days=1)).replace(hour=0, minute=30)  # 7 or 8 pm
    bolos = add_list(by, ListSettings(name="BOLOs", source=Source.DEPARTMENT, format="mapped"))
    content = f"plate,state,expires\nABC1234,NY,{NOW.date()}\n".encode()
    load_hot_list(by, file_name="bolos.csv", content=content, at=NOW, hot_list=bolos)
    keeper = _keeper(tmp_path, cast)
    keeper.pull(link, now=machine_clock().wall())
    assert keeper.current is not None
    for hours, wanted in ((0, 1), (5, 0)):
        at = evening + timedelta(hours=hours)
        found = keeper.current.matcher.match(PlateBatch(["ABC1234"]), states=["NY"], at=[microseconds(at)])
        assert len(found) == wanted == len(seen("ABC1234", at=at))


def test_a_candidate_that_is_wanted_is_a_look_alike(cast: Cast, link: Link, tmp_path: Path) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian)
    keeper = _keeper(tmp_path, cast)
    keeper.pull(link, now=machine_clock().wall())
    assert _seen(keeper, "HBC1234", candidates=("ABC1234",)) == [
        ("portal:NY:ABC1234:V", HowMatched.LOOK_ALIKE, HitAction.SILENT)
    ]


def test_what_is_canceled_is_gone_with_the_next_pull_and_little_is_fetched(
    cast: Cast, link: Link, tmp_path: Path
) -> None:
    many = [line(plate) for plate in plates(3000)]
    deliver(file(*many), by=cast.custodian)
    own = _approved(cast, "LMN5555")
    keeper = _keeper(tmp_path, cast)
    keeper.pull(link, now=machine_clock().wall())
    assert not keeper.pull(link, now=machine_clock().wall()), "nothing new"
    cancel_entry(footing(cast.custodian, at=NOW), own, reason="found")
    deliver(file(*many[:1500], *many[1501:], line("ABC1234")), by=cast.custodian, at=NOW + timedelta(minutes=1))
    asked = json.dumps({"sha256": _rows_now(link), "since": _rows_of(keeper)}).encode()
    assert len(link.post("/api/hot-list/rows", asked).content) < 300, "as what is different"

    assert keeper.pull(link, now=machine_clock().wall())
    assert _seen(keeper, "LMN5555") == []
    assert _seen(keeper, "HVK001500") == []
    assert _seen(keeper, "ABC1234") and _seen(keeper, "HVK001501")
    assert len(list(tmp_path.glob("rows-*"))) == 1


def test_a_list_ends_and_says_before_that_it_is_old(cast: Cast, link: Link, tmp_path: Path) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian)
    keeper = _keeper(tmp_path, cast)
    keeper.pull(link, now=machine_clock().wall())
    assert keeper.current is not None
    issued, good_for = microseconds(keeper.current.bundle.made_at), GOOD_FOR // timedelta(microseconds=1)
    assert keeper.current.stale(now=issued) == []
    assert keeper.current.stale(now=issued + 2 * good_for)[0].startswith("New York State portal")
    seen = sighting(1, at=NOW, plate="ABC1234")
    assert keeper.current.match(seen, now=issued + good_for - 1)
    assert keeper.current.match(seen, now=issued + good_for) == []


def test_each_issue_is_in_the_ledger_before_it_leaves(cast: Cast, link: Link, tmp_path: Path) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian)
    keeper = _keeper(tmp_path, cast)
    keeper.pull(link, now=machine_clock().wall())
    keeper.pull(link, now=machine_clock().wall())
    upload, leaf = HotListUpload.objects.get(), LedgerEntry.objects.get(action="hot_list_issued")
    assert upload.digest == leaf.content()["details"]["digest"]
    assert keeper.current is not None
    assert keeper.current.bundle.content["sha256"] == upload.digest


def test_no_tour_begins_on_a_unit_before_it_has_the_list_in_force(cast: Cast, link: Link, tmp_path: Path) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian, at=NOW)
    keeper, officer = _keeper(tmp_path, cast), footing(cast.officer, at=NOW)
    keeper.pull(link, now=machine_clock().wall())
    deliver(file(line("XYZ9876")), by=cast.custodian, at=NOW)
    with pytest.raises(RefusedAction, match="has not said that it has the hot list in force"):
        touring.begin(officer, cast.lpr)
    _issue(link)  # which does not reach the unit
    with pytest.raises(RefusedAction, match="has not said that it has the hot list in force"):
        touring.begin(officer, cast.lpr)
    assert keeper.pull(link, now=machine_clock().wall())
    assert LedgerEntry.objects.filter(action="hot_list_issued").count() == 2, "each list once"
    tour = touring.begin(officer, cast.lpr)
    assert tour.checks.get(question="hot_list").answer == "ours"


def test_nothing_else_is_taken(cast: Cast, link: Link, tmp_path: Path) -> None:
    """Another unit's list, one that was changed, one of another key, an older one, and rows that were changed on the disk."""
    deliver(file(line("ABC1234")), by=cast.custodian)
    keeper = _keeper(tmp_path / "unit", cast)
    first = _issue(link)
    deliver(file(line("ABC1234"), line("XYZ9876")), by=cast.custodian, at=NOW + timedelta(minutes=1))
    keeper.pull(link, now=machine_clock().wall())
    signs = field_keys(live.HOME.field_keys).public[0].hex()
    cases = [
        (HotListKeeper(tmp_path / "other", unit=cast.lpr.pk + 1, signs=signs), first, "another unit"),
        (HotListKeeper(tmp_path / "key", unit=cast.lpr.pk, signs="11" * 32), first, "another key"),
        (keeper, (first[0].replace(b'"unit":', b'"unit": '), first[1]), "written over"),
        (keeper, (first[0], first[1].replace(b"ABC", b"ABD") + b" "), "not those that were signed"),
        (keeper, first, "older"),
    ]
    for each, (said, contents), why in cases:
        with pytest.raises(TransferError, match=why):
            each.take(said, contents, link=link, now=machine_clock().wall())
    assert _seen(keeper, "ABC1234"), "what was in force stays"

    (rows,) = (tmp_path / "unit").glob("rows-*")
    rows.write_bytes(rows.read_bytes().replace(b"ABC1234", b"ABC1235"))
    again = _keeper(tmp_path / "unit", cast)
    assert again.current is None
    assert "changed on the disk" in again.trouble
    assert again.pull(link, now=machine_clock().wall())
    assert _seen(again, "ABC1234")


def test_a_list_of_a_time_still_to_come_keeps_no_other_away(
    cast: Cast, link: Link, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The department's clock was wrong by a day, and is right again."""
    deliver(file(line("ABC1234")), by=cast.custodian)
    keeper, before, wrong = _keeper(tmp_path, cast), _issue(link), timezone.now() + timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr("django.utils.timezone.now", lambda: wrong)
        keeper.pull(link, now=microseconds(wrong))
    with pytest.raises(TransferError, match="older"):
        keeper.take(*before, link=link, now=microseconds(wrong))
    assert keeper.take(*before, link=link, now=machine_clock().wall())


def test_a_stranger_gets_nothing(cast: Cast, link: Link) -> None:
    for path in ("/api/hot-list", "/api/unit", "/api/hot-list/rows"):
        with pytest.raises(NotTaken) as refused:
            Link(link.server, "lpr-nobody").post(path, b'{"sha256": ""}')
        assert refused.value.status == 401


def test_a_camera_s_key_opens_no_hot_list(cast: Cast, link: Link) -> None:
    for key in EntryKey.objects.filter(lpr=cast.lpr):
        end_key(footing(cast.administrator, at=NOW), key)
    for path, body in (
        ("/api/hot-list", b"{}"), ("/api/hot-list/rows", b'{"sha256": ""}'), ("/api/unit/acts", b'{"acts": []}')
    ):  # fmt: skip
        with pytest.raises(NotTaken) as refused:
            link.post(path, body)
        assert refused.value.status == 403


def _issue(link: Link) -> tuple[bytes, bytes]:
    answer = link.post("/api/hot-list", b"{}").json()
    return base64.b64decode(answer["line"]), base64.b64decode(answer["contents"])


def _rows_now(link: Link) -> str:
    return str(json.loads(_issue(link)[1])["lists"][0]["whole"]["sha256"])


def _rows_of(keeper: HotListKeeper) -> str:
    assert keeper.current is not None
    assert keeper.current.issued.lists[0].whole is not None
    return keeper.current.issued.lists[0].whole.sha256
