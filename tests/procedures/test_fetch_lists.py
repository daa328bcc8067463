"""A partner's hot list is fetched: what is sent comes to what is in force, and what a hostile partner sends to nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from pytest_django import Settings

from platekeeper.core.categories import Category
from platekeeper.core.federation import lists
from platekeeper.core.federation.words import (
    PIECE,
    Answered,
    Asked,
    AskRows,
    AskSearch,
    Found,
    Lists,
    NotAnswered,
    Rows,
)
from platekeeper.core.formats.hotlists.rows import HotListLine
from platekeeper.core.plates import Plate
from platekeeper.server.hotlist.matcher import current
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.partners.changes import move_partner
from platekeeper.server.partners.models import PartnerQuestion, Subscription
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures import fetch_lists
from platekeeper.server.procedures.ask_partners import search_across
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.fetch_lists import fetch, fetch_due
from platekeeper.server.procedures.load_hot_list import load_hot_list
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.subscribe_lists import subscribe, unsubscribe
from platekeeper.server.storage.terms import MOST_PLATES
from tests.cast import Cast
from tests.partnering import NOWHERE, answering, connected

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


class Mill:
    """What Mill County says next; `asked` is what it was asked."""

    def __init__(self) -> None:
        self.says: Callable[[Asked], Answered] = lambda _asked: Lists([])
        self.asked: list[Asked] = []

    def say(self, asked: Asked) -> Answered:
        self.asked.append(asked)
        return self.says(asked)

    def has(self, *plates: str) -> None:
        """Let it have a list of these plates, whole whenever it is asked."""
        lines = (HotListLine(plate=Plate(plate), state="NY", category=Category.STOLEN_VEHICLE) for plate in plates)
        rows = lists.rows_of(lines, agency="Mill County")
        self.says = lambda _asked: _whole(rows)


def _whole(rows: bytes) -> Rows:
    return Rows(hashlib.sha256(rows).hexdigest(), len(rows), lists.packed(rows))


@pytest.fixture
def mill(cast: Cast) -> Iterator[Mill]:
    """Assemble the department, subscribed to a list of Mill County's, whose server says what the test lets it say."""
    said = Mill()
    with ExitStack() as stack:
        partner = connected(cast, at=NOW, address=stack.enter_context(answering(said.say)))
        subscribe(footing(cast.custodian, at=NOW), partner, name="county", title="County", purpose="stolen")
        yield said


def _fetch(*, hours: int = 0) -> Subscription:
    subscription = Subscription.objects.get()
    fetch(subscription, at=NOW + timedelta(hours=hours))
    return subscription


def _in_force() -> int:
    (there,) = (each for each in current().lists.values())
    return len(there.standing)


def test_what_is_on_their_list_is_on_ours_and_what_goes_from_it_goes(mill: Mill) -> None:
    for hours, plates in enumerate((["STL1234", "STL5678"], ["STL5678"], [], ["NEW1234"])):
        mill.has(*plates)
        assert _fetch(hours=hours).state == "fetched"
        assert _in_force() == len(plates)
    assert isinstance(asked := mill.asked[-1], AskRows) and len(asked.known) == 64


def test_a_list_that_did_not_change_is_said_anew_a_quarter_of_a_day_later(mill: Mill) -> None:
    mill.has("STL1234")
    deliveries = [(_fetch(hours=hours).hot_list.deliveries.count()) for hours in (0, 1, 7)]
    assert deliveries == [1, 1, 2]


def test_what_was_loaded_and_not_noted_leaves_no_plate_behind(mill: Mill, monkeypatch: pytest.MonkeyPatch) -> None:
    mill.has("STL1234")
    _fetch()
    mill.has("STL1234", "STL5678")
    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(fetch_lists, "load_hot_list", _loaded_and_cut_off)
        _fetch(hours=1)
    assert _in_force() == 2
    mill.has("STL1234")  # which is what was noted before
    assert (_fetch(hours=2).state, _in_force()) == ("fetched", 1)


def _loaded_and_cut_off(by: None, **told: Any) -> None:
    load_hot_list(by, **told)
    raise KeyboardInterrupt


HOSTILE: dict[str, tuple[Callable[[Asked], Answered], str]] = {
    "rows of another digest": (lambda _: Rows("0" * 64, 4, lists.packed(b"rows")), "invalid"),
    "rows without end": (lambda asked: Rows("0" * 64, 1 << 40, lists.packed(b"rows")), "invalid"),
    "a bomb": (lambda _: Rows("0" * 64, 100, lists.packed(bytes(PIECE + 1))), "invalid"),
    "fewer rows than said": (
        lambda asked: Rows("0" * 64, 100, lists.packed(b"r") if getattr(asked, "after", 0) == 0 else ""), "invalid"
    ),
    "a difference from nothing": (lambda _: Rows("0" * 64, 4, lists.packed(b"[[0,9,1]]"), of_known=True), "invalid"),
    "no rows of a hot list": (lambda _: _whole(b"<html>nothing, here</html>\n"), "unloaded"),
    "a plate that is none": (lambda _: _whole(b'"plate","state","category"\n"!!","NY","gang"\n'), "fetched"),
    "reads": (lambda _: Found(number=1, reads=[]), "invalid"),
    "no, with a clause": (lambda _: NotAnswered(reason="The MOU is over.", clause="VI.l"), "refused"),
    "no, without one": (lambda _: NotAnswered(reason="Something broke."), "invalid"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_what_a_hostile_partner_sends_comes_to_a_state_and_to_nothing_else(what: str, mill: Mill) -> None:
    mill.has("STL1234")
    _fetch()
    mill.says, state = HOSTILE[what]
    found = _fetch(hours=1)
    assert (found.state, _in_force()) == (state, 0 if state == "fetched" else 1)
    outcomes = list(
        LedgerEntry.objects.filter(action="list_fetched").order_by("-index").values_list("outcome", flat=True)
    )
    assert outcomes[:2] == [{"refused": "refused", "fetched": "done"}.get(state, "failed"), "begun"]


def test_what_is_due_is_fetched_and_a_no_is_taken_for_a_day(mill: Mill) -> None:
    mill.says = lambda _: NotAnswered(reason="The MOU is over.", clause="VI.l")
    tried = [fetch_due(at=NOW + timedelta(hours=hours)) for hours in (0, 1, 23, 24)]
    assert tried == [1, 0, 0, 1]
    mill.has("STL1234")
    assert [fetch_due(at=NOW + timedelta(hours=48, minutes=minutes)) for minutes in (0, 29, 30)] == [1, 0, 1]
    assert [fetch_due(at=NOW + timedelta(days=days)) for days in (2000, 3)] == [1, 1]  # the clock was ahead meanwhile


def test_the_pieces_of_a_list_have_their_time_whatever_came_before_them(mill: Mill) -> None:
    lines = (HotListLine(plate=Plate("STL1234"), state="NY", category=category) for category in Category)
    rows = lists.rows_of(lines, agency="Mill County")
    digest, half = hashlib.sha256(rows).hexdigest(), len(rows) // 2

    def piece(asked: Asked) -> Rows:
        after = asked.after if isinstance(asked, AskRows) else 0
        return Rows(digest, len(rows), lists.packed(rows[after : after + half]))

    mill.says = piece
    assert _fetch(hours=-1).state == "fetched", "a run that began an hour ago"


def test_partners_that_are_down_and_slow_lists_keep_others_waiting_once(
    mill: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner, by = Subscription.objects.get().partner, footing(Person.objects.get(username="custodian"), at=NOW)
    for name in ("town", "village"):
        subscribe(by, partner, name=name, title=name, purpose="stolen")
    there = partner.address
    move_partner(partner, address=NOWHERE)
    assert [fetch_due(at=NOW), fetch_due(at=NOW + timedelta(minutes=10))] == [1, 1]
    move_partner(partner, address=there)
    mill.has("STL1234")
    monkeypatch.setattr(fetch_lists, "monotonic", count(0, 70).__next__)  # each list takes a minute and more
    assert fetch_due(at=NOW + timedelta(hours=1)) == 1
    assert [each.name for each in Subscription.objects.filter(state="fetched")] == ["village"], "the one not tried yet"


def test_a_list_that_cannot_be_fetched_or_kept_keeps_no_other_waiting(mill: Mill, settings: Settings) -> None:
    mill.has("STL1234")
    first = Subscription.objects.get()
    partner, by = first.partner, footing(Person.objects.get(username="custodian"), at=NOW)
    subscribe(by, partner, name="town", title="Town", purpose="stolen")
    for address, state in (("https://lpr mill.gov", "invalid"), (partner.address, "unloaded")):
        move_partner(partner, address=address)
        settings.HOME.hot_lists.rename(settings.HOME.hot_lists.with_name("gone"))
        settings.HOME.hot_lists.touch()  # a file: nothing can be kept in it
        assert fetch_due(at=NOW) == 2
        assert [each.state for each in Subscription.objects.all()] == [state, state]
        settings.HOME.hot_lists.unlink()
        settings.HOME.hot_lists.with_name("gone").rename(settings.HOME.hot_lists)
        Subscription.objects.update(tried_at=None)


def test_a_search_is_asked_as_the_member_asked_it(mill: Mill) -> None:

    by = footing(Person.objects.get(username="detective"), at=datetime.now(UTC))
    question = Question(
        plate="STL1234, AB?1*", since=NOW - timedelta(days=1), until=NOW, purpose="stolen", offense="larceny",
        case_number="26-7", justification="taken from the garage at Canal Street", none_prohibited=True, lprs=(1,),
        requestor="Lt. Moss", requestor_agency="State Police", besides={"look_alikes": True, "states": ["NY"]},
    )  # fmt: skip
    mill.says = lambda asked: Found(number=9, reads=[]) if isinstance(asked, AskSearch) else Lists([])
    search_across(by, question, [Subscription.objects.get().partner])
    (asked,) = mill.asked
    assert isinstance(asked, AskSearch)
    assert (asked.operator, asked.requestor, asked.plate, asked.besides.states, asked.besides.look_alikes) == (
        "Dee Detective", "Lt. Moss", "STL1234, AB?1*", ["NY"], True
    )  # fmt: skip
    answered = PartnerQuestion.objects.get()
    assert (answered.state, answered.number, answered.found) == ("answered", 9, 0)


def test_lists_alike_in_their_titles_are_two_and_one_taken_up_again_is_the_same(mill: Mill) -> None:
    by, first = footing(Person.objects.get(username="custodian"), at=NOW), Subscription.objects.get()
    title = "Vehicles that are looked for by the county and by all of its towns, villages and hamlets"
    for name in ("bolos", "bolos of the towns", "bolos_of_the_towns"):
        subscribe(by, first.partner, name=name, title=title, purpose="stolen")
    assert Subscription.objects.values("hot_list").distinct().count() == 4
    unsubscribe(by, first)
    again = subscribe(by, first.partner, name="county", title="Renamed", purpose="stolen")
    assert again.hot_list == first.hot_list


def test_what_the_form_takes_a_partner_takes(mill: Mill) -> None:
    by = footing(Person.objects.get(username="detective"), at=datetime.now(UTC))
    plates = [f"ABC{number:04}" for number in range(MOST_PLATES)]
    area = "polygon " + " ".join(f"43.{number:05},-76.{number * number:05}" for number in range(60))
    words = [f"W{number}" for number in range(40)]
    question = Question(
        plate="\n".join(plates), since=NOW - timedelta(days=1), until=NOW, purpose="stolen", offense="é" * 80,
        case_number="26-7", justification="taken from the garage at Canal Street, said Señor Peña " * 7,
        none_prohibited=True, requestor="Lt. Moss " * 13,
        requestor_agency="é" * 120, besides={"area": area, "colors": words, "makes": ["m" * 80]},
    )  # fmt: skip
    mill.says = lambda asked: Found(number=9, reads=[])
    search_across(by, question, [Subscription.objects.get().partner])
    (asked,) = mill.asked
    assert isinstance(asked, AskSearch)
    assert (asked.plate.split(", "), asked.besides.area) == (plates, area)
    assert PartnerQuestion.objects.get().state == "answered"
