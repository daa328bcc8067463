"""Files that change a list: what they add and take off stands on the whole list before them, however many there are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from platekeeper.core.categories import HitAction, Source
from platekeeper.server.hits.lookups import board, recalled
from platekeeper.server.hotlist import matcher
from platekeeper.server.hotlist.models import HotList, HotListDelivery
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.load_hot_list import HotListRefused, HotListShrunk, load_hot_list
from platekeeper.server.procedures.manage_hot_lists import ListSettings, add_list
from tests.cast import Cast
from tests.hotlist.making import NOW, file, line, plates, records, seen, zipped
from tests.hotlist.traffic import drive_past

pytestmark = records


def _list(cast: Cast, format: str = "new_york") -> HotList:
    return add_list(footing(cast.custodian, at=NOW), ListSettings(name="State", source=Source.PORTAL, format=format))


def _load(cast: Cast, hot_list: HotList, content: bytes, *, hours: int, format: str = "") -> HotListDelivery:
    at = NOW + timedelta(hours=hours)
    return load_hot_list(
        footing(cast.custodian, at=at), file_name="f", content=content, at=at, hot_list=hot_list, format=format
    )


def _changes(*rows: str) -> bytes:
    return "\n".join(("action,plate,state,category,expires", *rows)).encode()


def test_changes_stand_on_the_whole_list(cast: Cast) -> None:
    state = _list(cast)
    _load(cast, state, file(line("ABC1234"), line("ABC1234", state="NJ"), line("XYZ9876", code="P")), hours=0)
    changed = _load(
        cast, state, _changes("add,NEW1111,NY,stolen_vehicle,", "remove,ABC1234,NY,,"), hours=1, format="incremental"
    )
    assert (changed.lines, changed.added, changed.removed) == (3, 1, 1)
    assert changed.counts == {"stolen_vehicle": 2, "stolen_plate": 1}
    assert changed.changes == {"added": ["NEW1111 NY stolen_vehicle"], "removed": ["ABC1234 NY stolen_vehicle"]}
    assert [hit.key for hit in seen("NEW1111")] == ["state:NY:NEW1111:stolen_vehicle"]
    assert [hit.entry["state"] for hit in seen("ABC1234")] == ["NJ"]
    assert seen("XYZ9876")
    held = matcher.current().lists["state"].standing
    assert held.holds("NJ:ABC1234:V")
    assert not held.holds("NY:ABC1234:V")


def test_changes_of_changes_and_a_new_whole_list(cast: Cast) -> None:
    state = _list(cast)
    _load(cast, state, file(line("ABC1234"), line("XYZ9876")), hours=0)
    _load(cast, state, _changes("remove,ABC1234,,,", "add,NEW1111,NY,gang,"), hours=1, format="incremental")
    assert seen("ABC1234") == []
    again = _load(cast, state, _changes("add,ABC1234,NY,gang,", "remove,NEW1111,NY,,"), hours=2, format="incremental")
    assert (again.lines, again.added, again.removed) == (2, 1, 1)
    assert [hit.category.value for hit in seen("ABC1234")] == ["gang"]
    assert seen("NEW1111") == []
    whole = _load(cast, state, file(line("LMN5555")), hours=3)
    assert (whole.lines, whole.added, whole.removed, whole.base) == (1, 1, 2, None)
    assert seen("ABC1234") == []


def test_an_entry_said_anew_is_on_the_list_once_with_what_was_said_last(cast: Cast) -> None:
    bolos = _list(cast, "mapped")
    _load(cast, bolos, b"plate,state,category,reason\nABC1234,NY,gang,first\n", hours=0)
    changed = _load(
        cast, bolos, b"action,plate,state,category,reason\nadd,ABC1234,NY,gang,second\n", hours=1, format="incremental"
    )
    assert (changed.lines, changed.added, changed.removed) == (1, 0, 0)
    assert [hit.entry["reason"] for hit in seen("ABC1234")] == ["second"]


def test_a_plate_taken_off_recalls_its_alarm(cast: Cast) -> None:
    state = _list(cast)
    _load(cast, state, file(line("ABC1234"), line("XYZ9876")), hours=0)
    drive_past(cast, ["ABC1234", "XYZ9876"], at=NOW)
    _load(cast, state, _changes("remove,ABC1234,NY,,"), hours=1, format="incremental")
    assert [step.hit.plate for step in recalled(at=NOW + timedelta(hours=1))] == ["ABC1234"]
    assert [hit.plate for hit in board()] == ["XYZ9876"]


def test_an_entry_of_a_file_ends_by_itself(cast: Cast) -> None:
    state = _list(cast, "incremental")
    ends = NOW + timedelta(hours=5)
    _load(cast, state, _changes(f"add,ABC1234,NY,gang,{ends:%Y-%m-%dT%H:%M:%S+00:00}"), hours=0)
    assert seen("ABC1234", at=ends - timedelta(seconds=2))
    assert seen("ABC1234", at=ends + timedelta(seconds=2)) == []


def test_a_list_of_changes_only_needs_no_whole_one(cast: Cast) -> None:
    bof2 = _list(cast, "bof2")
    row = "AB12CDE,FORD,FOCUS,BLUE,{},MARKER,stolen,,call control,METRO,{},123,,,,"
    _load(cast, bof2, zipped(row.format("STOP", "").encode(), name="pnc_stolen_add.dat"), hours=0)
    (hit,) = seen("AB12CDE", state=None)
    assert (hit.hit_action, hit.entry["make"]) == (HitAction.STOP, "FORD")
    _load(cast, bof2, zipped(row.format("SILENT", "").encode(), name="pnc_stolen_add.dat"), hours=1)
    assert [hit.hit_action for hit in seen("AB12CDE", state=None)] == [HitAction.SILENT]
    gone = _load(cast, bof2, zipped(row.format("STOP", "").encode(), name="pnc_stolen_del.dat"), hours=2)
    assert (gone.lines, gone.removed) == (0, 1)
    assert seen("AB12CDE", state=None) == []


def test_changes_may_take_most_of_a_list_off(cast: Cast) -> None:
    state = _list(cast)
    _load(cast, state, file(*map(line, plates(30))), hours=0)
    taken = _changes(*(f"remove,{plate},NY,," for plate in plates(28)))
    assert _load(cast, state, taken, hours=1, format="incremental").removed == 28


def test_a_file_of_another_list_is_known_though_changes_came_in_between(cast: Cast) -> None:
    state = _list(cast)
    _load(cast, state, file(*map(line, plates(30))), hours=0)
    _load(cast, state, _changes("add,NEW1111,NY,gang,"), hours=1, format="incremental")
    with pytest.raises(HotListShrunk, match="another list"):
        _load(cast, state, file(*map(line, plates(30, first=1_000))), hours=2)


def test_a_bad_file_of_changes_changes_nothing(cast: Cast) -> None:
    state = _list(cast)
    before = _load(cast, state, file(line("ABC1234")), hours=0)
    with pytest.raises(HotListRefused):
        _load(cast, state, b"color,size\nred,large\n", hours=1, format="incremental")
    assert list(HotListDelivery.objects.all()) == [before]
    assert seen("ABC1234")


def test_another_process_finds_the_list_as_it_stands(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    state = _list(cast)
    _load(cast, state, file(*(line(plate) for plate in plates(500))), hours=0)
    _load(cast, state, _changes("remove,HVK000007,NY,,", "add,NEW1111,NY,gang,"), hours=1, format="incremental")
    monkeypatch.setattr(matcher, "_newest", None)
    assert seen("HVK000007") == []
    assert seen("HVK000008")
    assert seen("NEW1111")
