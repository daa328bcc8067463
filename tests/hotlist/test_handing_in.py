"""A file handed in on the page is loaded beside the server, and its page says how far it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError

from platekeeper.server.hotlist.models import HotListDelivery, HotListLoading
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.changes import set_active
from platekeeper.server.procedures import hand_in_hot_list as procedure
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.hand_in_hot_list import MOST_TRIES, accept_shorter, hand_in, load_waiting
from platekeeper.server.storage.home import Home
from tests.cast import Cast
from tests.hotlist.making import NOW, deliver, file, line, plates, records, seen

pytestmark = records


def _hand_in(cast: Cast, content: bytes) -> HotListLoading:
    return hand_in(
        footing(cast.custodian, at=NOW), slug="portal", file_name="LPRinfo.txt", pieces=(content[:9], content[9:])
    )


def test_a_file_waits_is_loaded_and_is_kept_nowhere_twice(cast: Cast, own_home: Home) -> None:
    loading = _hand_in(cast, file(line("ABC1234")))
    assert loading.is_open
    assert seen("ABC1234") == []
    assert load_waiting(at=NOW) == 1
    loading.refresh_from_db()
    assert (loading.state, loading.percent) == ("accepted", 100)
    assert loading.delivery == HotListDelivery.objects.get()
    assert loading.delivery.delivered_by == cast.custodian.pk
    assert seen("ABC1234")
    assert list(own_home.hot_lists_waiting.iterdir()) == []
    assert load_waiting(at=NOW) == 0


def test_a_refused_file_says_why_and_goes(cast: Cast, own_home: Home) -> None:
    loading = _hand_in(cast, b"\xff\xfeh\x00")
    load_waiting(at=NOW)
    loading.refresh_from_db()
    assert loading.state == "refused"
    assert "UTF-16" in loading.reason
    assert list(own_home.hot_lists_waiting.iterdir()) == []


def test_a_much_shorter_list_waits_for_a_word(cast: Cast) -> None:
    _hand_in(cast, file(*(line(plate) for plate in plates(1000))))
    load_waiting(at=NOW)
    loading = _hand_in(cast, file(*(line(plate) for plate in plates(10))))
    load_waiting(at=NOW + timedelta(hours=1))
    loading.refresh_from_db()
    assert (loading.state, loading.shorter_than) == ("refused", HotListDelivery.objects.get())
    with pytest.raises(RefusedAction):
        accept_shorter(footing(cast.sergeant, at=NOW), loading)
    accept_shorter(footing(cast.custodian, at=NOW), loading)
    load_waiting(at=NOW + timedelta(hours=1))
    loading.refresh_from_db()
    assert loading.state == "accepted"
    assert HotListDelivery.objects.latest("pk").lines == 10


def _refused_for_less(cast: Cast) -> HotListLoading:
    """Return the loading of a file that was refused beside a list a hundred times as long."""
    _hand_in(cast, file(*(line(plate) for plate in plates(1000))))
    loading = _hand_in(cast, file(*(line(plate) for plate in plates(10))))
    load_waiting(at=NOW)
    loading.refresh_from_db()
    return loading


def test_a_file_refused_beside_one_list_takes_the_place_of_no_other_and_goes(cast: Cast, own_home: Home) -> None:
    loading = _refused_for_less(cast)
    load_waiting(at=NOW)
    assert [path.name for path in own_home.hot_lists_waiting.iterdir()] == [str(loading.pk)]
    right = deliver(file(*(line(plate) for plate in plates(1100))), by=cast.custodian, at=NOW - timedelta(hours=1))
    with pytest.raises(RefusedAction, match="Another file was loaded since"):
        accept_shorter(footing(cast.custodian, at=NOW), loading)
    refused = LedgerEntry.objects.filter(action="action_refused").latest("index").content()["details"]
    assert refused["attempted"] == "hotlist_delivered"
    load_waiting(at=NOW)
    assert HotListDelivery.objects.latest("pk") == right
    assert list(own_home.hot_lists_waiting.iterdir()) == []


def test_a_file_accepted_in_the_place_of_one_list_is_weighed_anew_against_one_that_came_before_it(cast: Cast) -> None:
    loading = _refused_for_less(cast)
    accept_shorter(footing(cast.custodian, at=NOW), loading)
    right = deliver(file(*(line(plate) for plate in plates(1100))), by=cast.custodian)
    load_waiting(at=NOW)
    loading.refresh_from_db()
    assert (loading.state, loading.shorter_than, HotListDelivery.objects.latest("pk")) == ("refused", right, right)
    accept_shorter(footing(cast.custodian, at=NOW), loading)
    load_waiting(at=NOW)
    assert HotListDelivery.objects.latest("pk").lines == 10


def test_who_lost_the_duty_meanwhile_loads_nothing(cast: Cast) -> None:
    loading = _hand_in(cast, file(line("ABC1234")))
    set_active(cast.custodian, active=False, at=NOW)
    load_waiting(at=NOW)
    loading.refresh_from_db()
    assert loading.state == "refused"
    assert not HotListDelivery.objects.exists()


def test_a_loader_that_died_is_followed_by_another_and_not_for_ever(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading = _hand_in(cast, file(line("ABC1234")))

    def dies(*_: object, **__: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(procedure, "load_hot_list", dies)  # what a full memory does to a process
        for _ in range(MOST_TRIES - 1):
            with pytest.raises(MemoryError):
                load_waiting(at=NOW)
    load_waiting(at=NOW)
    loading.refresh_from_db()
    assert loading.state == "accepted"

    second = _hand_in(cast, file(line("XYZ9876")))
    HotListLoading.objects.filter(pk=second.pk).update(tries=MOST_TRIES, state="loading")
    load_waiting(at=NOW)
    second.refresh_from_db()
    assert (second.state, second.delivery) == ("refused", None)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OperationalError("database is locked")])
def test_what_the_server_has_no_room_for_waits_until_it_has(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    loading = _hand_in(cast, file(line("ABC1234")))

    def full(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(procedure, "load_hot_list", full)
        for _ in range(MOST_TRIES + 1):
            with pytest.raises(type(error)):
                load_waiting(at=NOW)
    loading.refresh_from_db()
    assert (loading.state, loading.tries) == ("waiting", 0)
    load_waiting(at=NOW)
    loading.refresh_from_db()
    assert loading.state == "accepted"


def test_a_file_that_cannot_be_read_holds_up_no_other_for_good(cast: Cast, own_home: Home) -> None:
    broken, other = (_hand_in(cast, file(line(plate))) for plate in ("ABC1234", "XYZ9876"))
    place = own_home.hot_lists_waiting / str(broken.pk)
    place.unlink()
    place.mkdir()
    load_waiting(at=NOW)
    for loading in (broken, other):
        loading.refresh_from_db()
    assert (broken.state, other.state, place.exists()) == ("refused", "accepted", True)
    assert "cannot read" in broken.reason


def test_a_file_still_being_kept_is_not_touched(cast: Cast) -> None:
    loading = _hand_in(cast, file(line("ABC1234")))
    HotListLoading.objects.filter(pk=loading.pk).update(state="keeping")
    assert load_waiting(at=NOW) == 0


def test_only_the_custodian_hands_in(cast: Cast, own_home: Home) -> None:
    with pytest.raises(RefusedAction):
        hand_in(footing(cast.officer, at=NOW), slug="portal", file_name="f", pieces=[b"x"])
    assert not HotListLoading.objects.exists()
