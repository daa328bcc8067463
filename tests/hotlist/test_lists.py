"""Lists with rules of their own: which categories count, what alarms, what a hit does (III, IV.e)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from platekeeper.core.categories import Category, HitAction, Source
from platekeeper.core.formats.hotlists import HOT_LIST_FORMATS
from platekeeper.core.rules.lists import MatchKind
from platekeeper.server.hits.lookups import board, recalled, silent
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist.models import HotList, HotListDelivery
from platekeeper.server.hotlist.standing import standing_of
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.load_hot_list import HotListShrunk, load_hot_list
from platekeeper.server.procedures.manage_hot_lists import ListSettings, add_list, change_list
from platekeeper.server.procedures.watch_hot_lists import take_inbox
from platekeeper.server.storage.home import Home
from tests.cast import Cast
from tests.hotlist.making import NOW, deliver, file, line, plates, records, seen
from tests.hotlist.traffic import drive_past

pytestmark = records

CSV = b"plate,state,type,note\nABC1234,NY,10-29V,blue van\nXYZ9876,NJ,overdue library book,\nLMN5555,NY,gang,\n"
SETTINGS = ListSettings(
    name="Mill County BOLOs",
    source=Source.DEPARTMENT,
    format="mapped",
    columns={"category": "type", "reason": "note"},
    words={"10-29V": "stolen_vehicle"},
)


def _add(cast: Cast, settings: ListSettings = SETTINGS) -> HotList:
    return add_list(footing(cast.custodian, at=NOW), settings)


def _load(cast: Cast, hot_list: HotList, content: bytes = CSV, *, days: int = 0, format: str = "") -> HotListDelivery:
    at = NOW + timedelta(days=days)
    return load_hot_list(
        footing(cast.custodian, at=at), file_name="bolos.csv", content=content, at=at, hot_list=hot_list, format=format
    )


def test_a_list_is_read_by_its_template_and_matched_beside_the_portals(cast: Cast) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian)
    delivery = _load(cast, _add(cast))
    assert delivery.counts == {"stolen_vehicle": 1, "other": 1, "gang": 1}

    hits = {hit.key: hit for hit in seen("ABC1234")}
    assert set(hits) == {"portal:NY:ABC1234:V", "mill-county-bolos:NY:ABC1234:stolen_vehicle"}
    entry = hits["mill-county-bolos:NY:ABC1234:stolen_vehicle"].entry
    assert (entry["list"], entry["source"], entry["reason"]) == ("Mill County BOLOs", "department", "blue van")
    (odd,) = seen("XYZ9876", state="NJ")
    assert (odd.category, odd.entry["reason"]) == (Category.OTHER, "overdue library book")


def test_a_delivery_keeps_the_template_it_was_read_with(cast: Cast) -> None:
    hot_list = _add(cast)
    _load(cast, hot_list)
    change_list(footing(cast.custodian, at=NOW), hot_list, replace(SETTINGS, words={"10-29V": "wanted_person"}))
    assert [hit.category for hit in seen("ABC1234")] == [Category.STOLEN_VEHICLE]
    _load(cast, hot_list, days=1)
    assert [hit.category for hit in seen("ABC1234")] == [Category.WANTED_PERSON]


def test_a_file_is_no_other_lists_because_its_list_is_read_in_another_way_now(cast: Cast) -> None:
    mine, others = (
        "".join(["plate,state,type\n", *(f"{plate},NY,10-29V\n" for plate in plates(30, first=first))]).encode()
        for first in (0, 1_000)
    )
    hot_list = _add(cast)
    _load(cast, hot_list, mine)
    change_list(footing(cast.custodian, at=NOW), hot_list, replace(SETTINGS, words={"10-29V": "gang"}))
    assert _load(cast, hot_list, mine, days=1).removed == 30
    with pytest.raises(HotListShrunk, match="another list"):
        _load(cast, hot_list, others, days=2)


def test_a_day_of_a_file_is_the_departments_and_a_delivery_keeps_its_zone(cast: Cast) -> None:
    hot_list, evening = _add(cast), (NOW + timedelta(days=1)).replace(hour=0, minute=30)  # here it is still today
    content = f"plate,state,expires\nABC1234,NY,{NOW.date()}\n".encode()
    delivery = _load(cast, hot_list, content)
    assert seen("ABC1234", at=evening) and seen("ABC1234", at=evening + timedelta(hours=5)) == []
    assert delivery.layout["times"] == {"zone": "America/New_York"}

    HotListDelivery.objects.update(layout=hot_list.layout)  # of before there was a zone
    assert standing_of(HotListDelivery.objects.get()).names != standing_of(delivery).names
    again = _load(cast, hot_list, content, days=1)
    assert (again.added, again.removed) == (0, 0) and seen("ABC1234", at=evening)


def test_the_lists_rules_say_what_counts_what_alarms_and_what_a_hit_does(cast: Cast) -> None:
    rules = replace(
        SETTINGS,
        categories=[Category.STOLEN_VEHICLE, Category.GANG],
        alarms=[MatchKind.PLATE_AND_STATE],
        actions={Category.GANG: HitAction.CONFIRM_FIRST},
    )
    _load(cast, _add(cast, rules))
    assert seen("XYZ9876") == []
    assert [hit.hit_action for hit in seen("ABC1234")] == [HitAction.STOP]
    assert [hit.hit_action for hit in seen("ABC1234", state="NJ")] == [HitAction.SILENT]
    assert [hit.hit_action for hit in seen("ABC1234", state=None)] == [HitAction.SILENT]
    assert [hit.hit_action for hit in seen("LMN5555")] == [HitAction.CONFIRM_FIRST]


def test_changed_rules_are_in_force_at_once_and_recall_what_no_longer_counts(cast: Cast) -> None:
    hot_list = _add(cast)
    _load(cast, hot_list)
    drive_past(cast, ["ABC1234", "LMN5555"], at=NOW)
    assert board().count() == 2
    change_list(footing(cast.custodian, at=NOW), hot_list, replace(SETTINGS, categories=[Category.STOLEN_VEHICLE]))
    assert [hit.plate for hit in board()] == ["ABC1234"]
    assert [step.hit.plate for step in recalled(at=NOW)] == ["LMN5555"]
    change_list(footing(cast.custodian, at=NOW), hot_list, replace(SETTINGS, in_use=False))
    assert board().count() == 0
    assert seen("ABC1234") == []
    assert LedgerEntry.objects.filter(action="hotlist_changed", subject="list:mill-county-bolos").count() == 2


def test_a_match_that_may_not_alarm_waits_for_silent_review(cast: Cast) -> None:
    _load(cast, _add(cast, replace(SETTINGS, alarms=[MatchKind.PLATE_AND_STATE])))
    drive_past(cast, ["XYZ9876"], at=NOW)  # read as of New York, wanted of New Jersey
    assert board().count() == 0
    assert [hit.plate for hit in silent()] == ["XYZ9876"]


@pytest.mark.parametrize(("stale_after", "stale"), [(None, True), (72, False)])
def test_a_hit_says_whether_its_own_list_was_stale(cast: Cast, stale_after: int | None, stale: bool) -> None:
    _load(cast, _add(cast, replace(SETTINGS, stale_after=stale_after)))
    drive_past(cast, ["ABC1234"], at=NOW + timedelta(days=2))
    assert Hit.objects.get().list_stale is stale


def test_every_list_has_its_folder_under_the_watched_one(cast: Cast, own_home: Home) -> None:
    hot_list = _add(cast)
    (own_home.inbox / hot_list.slug).mkdir()
    (own_home.inbox / hot_list.slug / "today.csv").write_bytes(CSV)
    (taken,) = take_inbox(at=NOW + timedelta(days=400))
    assert taken.delivery is not None
    assert taken.delivery.hot_list == hot_list
    assert list((own_home.inbox / hot_list.slug).iterdir()) == []


def test_only_the_custodian_adds_and_changes_lists(cast: Cast) -> None:
    hot_list = _add(cast)
    for role, person in cast.people().items():
        if role == "custodian":
            continue
        by = footing(person, at=NOW)
        with pytest.raises(RefusedAction):
            add_list(by, replace(SETTINGS, name=f"of {role}"))
        with pytest.raises(RefusedAction):
            change_list(by, hot_list, SETTINGS)
    assert HotList.objects.count() == 1


@pytest.mark.parametrize(
    "told",
    [
        SETTINGS,
        replace(SETTINGS, name="portal"),
        replace(SETTINGS, name="own"),
        replace(SETTINGS, name="?!"),
        replace(SETTINGS, name="other", columns={"color of hat": "hat"}),
        replace(SETTINGS, name="other", format="telegram"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(cast: Cast, told: ListSettings) -> None:
    _add(cast)
    with pytest.raises(ValidationError):
        _add(cast, told)


def test_every_format_can_be_a_lists_own(cast: Cast) -> None:
    for format in HOT_LIST_FORMATS:
        assert _add(cast, ListSettings(name=f"one of {format}", source=Source.NCIC, format=format)).format == format
