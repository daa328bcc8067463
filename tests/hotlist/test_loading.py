"""A hot list is delivered whole or not at all (V.a, VII.d)."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from platekeeper.core.actor import SYSTEM
from platekeeper.core.rules.decision import Allowed, Refused
from platekeeper.core.rules.freshness import is_of_today
from platekeeper.server.hotlist import lookups
from platekeeper.server.hotlist.models import HotListDelivery
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.load_hot_list import HotListRefused, HotListShrunk, load_hot_list
from platekeeper.server.storage import snapshots
from platekeeper.server.storage.home import Home
from tests.cast import Cast
from tests.hotlist.making import NOW, deliver, file, line, plates, records, seen, zipped

pytestmark = records

SMALL = file(line("ABC1234"), line("XYZ9876", code="P"), line("0"), line("LMN5555", code="X", state="NJ"))


@pytest.mark.parametrize("content", [SMALL, zipped(SMALL)], ids=["bare", "zip"])
def test_a_delivery_says_what_it_held(cast: Cast, own_home: Home, content: bytes) -> None:
    delivery = deliver(content, by=cast.custodian)

    assert delivery.lines == 3
    assert delivery.counts == {"stolen_vehicle": 1, "stolen_plate": 1, "registration": 1}
    assert [skipped[0] for skipped in delivery.skipped] == [4]
    assert (delivery.added, delivery.removed) == (3, 0)
    assert delivery.policy_number == PolicyVersion.objects.get().number
    assert snapshots.read(own_home.hot_lists, delivery.digest) == content
    assert lookups.newest_delivery() == delivery


def test_a_delivery_says_what_changed_since_the_one_before(cast: Cast) -> None:
    deliver(SMALL, by=cast.custodian)
    newer = deliver(file(line("ABC1234"), line("NEW1111")), by=cast.custodian, at=NOW + timedelta(days=1))

    assert (newer.added, newer.removed) == (1, 2)
    assert newer.changes["added"] == ["NEW1111 NY stolen_vehicle"]
    assert [shown.split()[0] for shown in newer.changes["removed"]] == ["XYZ9876", "LMN5555"]


def test_the_same_bytes_are_fresh_on_another_day_and_change_nothing(cast: Cast) -> None:
    first = deliver(SMALL, by=cast.custodian)
    tomorrow = NOW + timedelta(days=1)
    zone = footing(cast.custodian, at=NOW).policy.zone
    assert isinstance(is_of_today(first.delivered_at, at=tomorrow, zone=zone), Refused)

    again = deliver(SMALL, by=cast.custodian, at=tomorrow)

    assert (again.added, again.removed, again.digest) == (0, 0, first.digest)
    assert is_of_today(again.delivered_at, at=tomorrow, zone=zone) == Allowed()


def test_the_ledger_keeps_the_digest_and_seals_the_file_name(cast: Cast) -> None:
    delivery = deliver(SMALL, by=cast.custodian)
    leaf = LedgerEntry.objects.get(subject=f"hotlist:{delivery.pk}")

    assert (leaf.action, leaf.outcome, leaf.clause) == ("hotlist_delivered", "done", "V.a")
    assert leaf.content()["details"]["sha256"] == delivery.digest
    assert "LPRinfo" not in bytes(leaf.body).decode()


BAD = {
    "empty": b"",
    "header only": file(),
    "cut off in a line": SMALL[:-12],
    "cut off ZIP": zipped(SMALL)[:-30],
    "UTF-16": SMALL.decode().encode("utf-16"),
    "binary": bytes(range(256)) * 40,
    "Latin-1 in a plate": SMALL.replace(b"XYZ9876", b"XYZ\xd6876"),
    "another layout": b"plate;state;category\r\nABC1234;NY;stolen\r\nXYZ9876;NY;stolen\r\n",
    "ZIP of a ZIP": zipped(zipped(SMALL)),
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_a_bad_file_changes_nothing_and_is_logged(cast: Cast, own_home: Home, content: bytes) -> None:
    before, version = deliver(SMALL, by=cast.custodian), lookups.change_version()
    kept = set(own_home.hot_lists.iterdir())

    with pytest.raises(HotListRefused, match=r"\w"):
        deliver(content, by=cast.custodian, at=NOW + timedelta(hours=1))

    assert list(HotListDelivery.objects.all()) == [before]
    assert lookups.change_version() == version
    assert set(own_home.hot_lists.iterdir()) == kept
    last = LedgerEntry.objects.latest("index")
    assert (last.action, last.outcome, last.clause) == ("hotlist_refused", "refused", "V.a")
    assert last.openings.get(field="reason").value


def test_a_hundred_thousand_lines_load_and_a_cut_off_file_does_not_replace_them(cast: Cast, own_home: Home) -> None:
    rows = [line(plate) for plate in plates(100_000)]
    whole = file(*rows)
    delivery = deliver(whole, by=cast.custodian)
    assert (delivery.lines, delivery.skipped) == (100_000, [])

    with pytest.raises(HotListRefused):
        deliver(whole[: len(whole) // 2 - 20], by=cast.custodian)
    with pytest.raises(HotListShrunk, match="cut off"):
        deliver(file(*rows[:40_000]), by=cast.custodian)
    assert lookups.newest_delivery() == delivery

    shorter = load_hot_list(
        footing(cast.custodian, at=NOW), file_name="l", content=file(*rows[:40_000]), at=NOW, accept_shorter=True
    )
    assert (shorter.lines, shorter.added, shorter.removed) == (40_000, 0, 60_000)
    assert len(shorter.changes["removed"]) == 500


def test_a_file_of_another_list_does_not_replace_a_list_unless_it_is_accepted(cast: Cast) -> None:
    mine, others = (file(*map(line, plates(30, first=first))) for first in (0, 1_000))
    half = file(*map(line, [*plates(15), *plates(15, first=1_000)]))
    delivery = deliver(mine, by=cast.custodian)
    with pytest.raises(HotListShrunk, match="Of 30 plates in force 30 are not in the file: it may be that of another"):
        deliver(others, by=cast.custodian)
    assert lookups.newest_delivery() == delivery
    assert deliver(half, by=cast.custodian).removed == 15
    assert deliver(mine, by=cast.custodian).removed == 15
    accepted = load_hot_list(
        footing(cast.custodian, at=NOW), file_name="l", content=others, at=NOW, accept_shorter=True
    )  # fmt: skip
    assert (accepted.added, accepted.removed) == (30, 30)


def test_of_a_short_list_any_other_takes_the_place(cast: Cast) -> None:
    deliver(file(*map(line, plates(19))), by=cast.custodian)
    assert deliver(file(*map(line, plates(19, first=1_000))), by=cast.custodian).removed == 19


def test_a_doubled_file_counts_each_plate_once(cast: Cast) -> None:
    delivery = deliver(SMALL + file(line("ABC1234"), line("XYZ9876", code="P")), by=cast.custodian)
    assert delivery.lines == 3
    assert [reason for _, reason, _ in delivery.skipped].count("repeated") == 2


def test_only_the_custodian_loads_and_others_are_refused_under_the_clause(cast: Cast) -> None:
    for role, person in cast.people().items():
        if role == "custodian":
            continue
        with pytest.raises(RefusedAction) as refused:
            deliver(SMALL, by=person)
        assert refused.value.refusal.clause.number == "IV.e"
    assert not HotListDelivery.objects.exists()
    assert LedgerEntry.objects.filter(action="action_refused").count() == len(cast.people()) - 1


def test_an_unfilled_blank_refuses_the_system_too(own_home: Home) -> None:
    with pytest.raises(RefusedAction) as refused:
        load_hot_list(None, file_name="LPRinfo.txt", content=SMALL, at=NOW)
    assert refused.value.refusal.clause.number == "IV.e"
    assert LedgerEntry.objects.get().person == SYSTEM.person
    assert not HotListDelivery.objects.exists()


def test_a_file_name_that_no_database_takes_is_made_storable(cast: Cast) -> None:
    delivery = load_hot_list(None, file_name="LPR\udcff\x00.txt" + "x" * 300, content=SMALL, at=NOW)
    assert delivery.file_name.startswith("LPR?\ufffd.txt")
    assert len(delivery.file_name) == 160
    assert delivery.delivered_by == SYSTEM.person


def test_a_lost_snapshot_of_yesterday_does_not_hold_up_today(cast: Cast, own_home: Home) -> None:
    first = deliver(SMALL, by=cast.custodian)
    (own_home.hot_lists / first.digest).unlink()
    shutil.rmtree(own_home.hot_list_indexes)
    newer = deliver(file(line("NEW1111")), by=cast.custodian, at=NOW + timedelta(days=1))
    assert (newer.added, newer.removed) == (1, 0)


def test_the_last_file_loaded_is_in_force_though_the_clock_was_ahead_before(cast: Cast) -> None:
    deliver(SMALL, by=cast.custodian, at=NOW + timedelta(days=90))
    newer = deliver(file(line("NEW1111")), by=cast.custodian, at=NOW)
    assert lookups.newest_delivery() == newer
    assert seen("NEW1111")


def test_an_unknown_format_is_refused_by_name(cast: Cast) -> None:
    with pytest.raises(HotListRefused, match="new_york"):
        load_hot_list(None, file_name="l", content=SMALL, at=NOW, format="elsewhere")
