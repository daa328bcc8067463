"""What a partner is answered, what is asked of one, and who connects and stops it (IV.h, VI.g, VI.l)."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from pytest_django import DjangoAssertNumQueries

from platekeeper.core.categories import HitAction
from platekeeper.core.federation.line import APART, FRESH
from platekeeper.core.federation.words import (
    MOST_LISTS,
    MOST_READS,
    AskLists,
    AskRows,
    AskSearch,
    Besides,
    Found,
    Hours,
    Lists,
    NotAnswered,
    Rows,
    plain,
)
from platekeeper.core.rules.sharing import Share, Terms
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.lookups import check
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.partners import changes
from platekeeper.server.partners.lookups import is_connected
from platekeeper.server.partners.models import Heard, Offer, PartnerAnswer, PartnerQuestion
from platekeeper.server.personnel.changes import add_agency
from platekeeper.server.policy import changes as policy
from platekeeper.server.procedures import connect_partners, offer_lists
from platekeeper.server.procedures.answer_partners import MOST_A_MINUTE, Unheard, answer_partner
from platekeeper.server.procedures.ask_partners import ask_partners, forget_answers, search_across
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.correct_case_number import correct_case_number
from platekeeper.server.procedures.end_accounts import end_accounts
from platekeeper.server.procedures.enter_alert import decide_entry
from platekeeper.server.procedures.inquire import PAGES_OPEN_FOR
from platekeeper.server.procedures.manage_people import issue_password, set_active
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.search_for_partners import MOST_A_MINUTE as MOST_SEARCHES
from platekeeper.server.querylog.lookups import entries
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.sharing.lookups import mous
from platekeeper.server.sharing.models import Dissemination
from tests.cast import GENEROUS, ROLES, Cast
from tests.hotlist.making import ask as request_entry
from tests.hotlist.making import deliver, file, line
from tests.hotlist.traffic import drive_past
from tests.partnering import answering, ask, connected, invitation, their_end
from tests.sharing import end_mous, make_mou

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """Assemble the department; a stolen car, and one that nobody looks for, pass its LPR."""
    connected(cast, at=NOW - timedelta(days=30))
    deliver(file(line("STL1234")), by=cast.custodian, at=NOW - timedelta(hours=1))
    drive_past(cast, ["STL1234", "OTH5678"], at=NOW - timedelta(minutes=5))
    return cast


SEARCH = AskSearch(
    number=7, operator="Dan Deputy", requestor="", requestor_agency="", purpose="stolen", offense="larceny",
    case_number="M-118", justification="taken from the garage at Canal Street", none_prohibited=True,
    plate="STL1234, OTH5678", since=NOW - timedelta(days=2), until=NOW,
)  # fmt: skip


def _asked(**changed: Any) -> AskSearch:
    return msgspec.structs.replace(SEARCH, **changed)


def _plates(found: object) -> list[str]:
    assert isinstance(found, Found), found
    return sorted(read.plate for read in found.reads)


def test_a_search_is_logged_on_behalf_of_its_operator_and_recorded_as_leaving(cast: Cast) -> None:
    found = ask(_asked(requestor="Lt. Moss", requestor_agency="State Police"), at=NOW)
    assert _plates(found) == ["OTH5678", "STL1234"]
    entry = QueryLogEntry.objects.get()
    assert (entry.by.name, entry.requestor, entry.requestor_agency, entry.state, entry.found) == (
        "Platekeeper of Mill County Sheriff's Office", "Dan Deputy, for Lt. Moss, State Police",
        "Mill County Sheriff's Office", "completed", 2,
    )  # fmt: skip
    left, leaf = Dissemination.objects.get(), LedgerEntry.objects.order_by("index").last()
    assert (left.source, left.records, left.purpose, left.mou) == (f"query:{entry.pk}", 2, "stolen", mous().get())
    assert leaf is not None and (leaf.action, left.sha256.encode() in bytes(leaf.body)) == ("partner_answered", True)
    assert not entry.by.has_usable_password()
    assert check().faults == []


CUT: dict[str, tuple[Terms, list[str], str]] = {
    "only hits": (Terms(only_hits=True, misses=True, days=5), ["STL1234"], "reads that raised no hit"),
    "everything": (GENEROUS, ["OTH5678", "STL1234"], "pictures"),
    "an area elsewhere": (
        msgspec.structs.replace(GENEROUS, area="circle 40.0,-70.0 500"), [], "reads outside an area"
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", CUT)
def test_an_answer_is_cut_down_as_the_mou_says(how: str, cast: Cast) -> None:
    terms, plates, kept_back = CUT[how]
    end_mous(cast, at=NOW)
    make_mou(cast, at=NOW, terms=terms)
    found = ask(SEARCH, at=NOW + timedelta(microseconds=1))
    assert isinstance(found, Found) and _plates(found) == plates
    assert kept_back in found.withheld
    assert found.days == terms.days


def test_an_answer_has_a_largest_size_and_says_what_is_not_sent(cast: Cast) -> None:
    """Of reads that are older than those sent, whichever page of the store they are on, it says that they are there."""
    wide = _asked(plate="MNY*, STL1234")
    drive_past(cast, [f"MNY{number:04}" for number in range(MOST_READS)], at=NOW - timedelta(minutes=1))
    found = ask(wide, at=NOW)
    assert isinstance(found, Found) and (len(found.reads), found.more) == (MOST_READS, True)
    assert "STL1234" not in _plates(found)
    assert "reads older than the newest 500: ask for a time that ends before them" in found.withheld
    earlier = ask(_asked(plate=wide.plate, until=min(read.at for read in found.reads)), at=NOW)
    assert _plates(earlier) == ["STL1234"]
    end_mous(cast, at=NOW)
    make_mou(cast, at=NOW, terms=Terms(days=5))
    found = ask(wide, at=NOW + timedelta(microseconds=1))
    assert _plates(found) == ["STL1234"], "it lies behind a page of reads that stay here"
    assert isinstance(found, Found) and not found.more


def test_an_answer_takes_as_few_questions_for_thirty_reads_as_for_three(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    few, many = (_asked(plate=f"{letters}*") for letters in ("FEW", "MNY"))
    drive_past(cast, [f"FEW{number:04}" for number in range(3)], at=NOW - timedelta(minutes=1))
    drive_past(cast, [f"MNY{number:04}" for number in range(30)], at=NOW - timedelta(minutes=1))
    with django_assert_max_num_queries(200) as asked:
        assert len(_plates(ask(few, at=NOW))) == 3
    with django_assert_max_num_queries(len(asked)):
        assert len(_plates(ask(many, at=NOW))) == 30


def test_one_odd_character_does_not_cost_the_whole_answer(cast: Cast) -> None:
    LPR.objects.update(name="Canal\x07 St")
    found = ask(SEARCH, at=NOW)
    assert isinstance(found, Found) and {read.place for read in found.reads} == {"Canal? St"}


@pytest.mark.parametrize(("hits", "plates"), [("only", []), ("none", ["OTH5678", "STL1234"])])
def test_nobody_learns_of_a_silent_hit_by_asking_for_hits(hits: Any, plates: list[str], cast: Cast) -> None:
    Hit.objects.update(action=HitAction.SILENT)
    assert _plates(ask(_asked(besides=Besides(hits=hits)), at=NOW)) == plates


def _stop(cast: Cast) -> None:
    connect_partners.stop(footing(cast.custodian, at=NOW), connected(cast, at=NOW), why="too much")


def _disable(cast: Cast) -> None:
    set_active(footing(cast.chief, at=NOW), person=connected(cast, at=NOW).account, active=False)


REFUSED: dict[str, tuple[dict[str, Any], Callable[[Cast], object], str]] = {
    "a purpose that the MOU does not have": ({"purpose": "curiosity"}, bool, "IV.h"),
    "without an MOU": ({}, lambda cast: end_mous(cast, at=NOW), "VI.l"),
    "once stopped": ({}, _stop, "VI.l"),
    "under a disabled account": ({}, _disable, "IV.h"),
    "without a reason": ({"justification": ""}, bool, "VI.f"),
    "without a case": ({"case_number": ""}, bool, "VIII.c"),
    "undeclared": ({"none_prohibited": False}, bool, "VI.f"),
    "for any plate": ({"plate": "", "besides": Besides(area="circle 43.0,-76.0 500")}, bool, "VI.l"),
    "for nearly any plate": ({"plate": "A?*"}, bool, "VI.l"),
    "of older reads": ({"since": NOW - timedelta(days=100)}, bool, "VIII.b"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_own_policy_refuses_goes_back_with_its_clause(what: str, cast: Cast) -> None:
    changed, prepare, clause = REFUSED[what]
    prepare(cast)
    said = ask(_asked(**changed), at=NOW + timedelta(microseconds=1))
    assert isinstance(said, NotAnswered) and said.clause == clause, said
    entry = QueryLogEntry.objects.get()
    assert (entry.state, entry.clause, entry.pk) == ("refused", clause, said.number)
    assert not Dissemination.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"plate": "AB/1"},
        {"besides": Besides(area="all of it")},
        {"besides": Besides(hours=Hours("America", [1], 0, 60))},
        {"since": datetime(1, 1, 1, tzinfo=UTC)},
    ],
)
def test_what_no_search_has_is_told_and_not_searched(changed: dict[str, Any], cast: Cast) -> None:
    said = ask(_asked(**changed), at=NOW)
    assert isinstance(said, NotAnswered)
    assert (said.clause == "" or "since" in changed) and not Dissemination.objects.exists()


def test_what_was_found_stays_here_when_the_mou_expires_meanwhile(cast: Cast) -> None:
    """Asked a second before the last day of the MOU ends, and answered today: it has expired in between."""
    end_mous(cast, at=NOW - timedelta(days=40))
    then = footing(cast.chief, at=NOW - timedelta(days=10))
    mou = make_mou(cast, at=NOW - timedelta(days=30), begins_on=(NOW - timedelta(days=30)).date(), ends_on=then.today)
    said = answered_late(then.at)
    assert (said["what"], said["clause"]) == ("refused", "VI.l")
    assert f"“{mou.title}” has expired" in said["reason"]
    entry = QueryLogEntry.objects.get()
    assert (entry.state, entry.pk) == ("completed", said["number"])
    assert not Dissemination.objects.exists()
    assert list(LedgerEntry.objects.order_by("-index").values_list("action", "outcome")[:2]) == [
        ("partner_answered", "refused"), ("query_completed", "done"),
    ]  # fmt: skip


def answered_late(at: datetime) -> dict[str, Any]:
    """Ask at a moment that is over; return what is said today."""
    asked = _asked(since=at - timedelta(days=2), until=at)
    request = their_end().ask(plain(asked), uid="5" * 32, at=at)
    answer: dict[str, Any] = msgspec.json.decode(answer_partner(request, at=at))
    said: dict[str, Any] = answer["bundle"]["content"]["said"]
    return said


def test_strangers_and_those_who_shout_are_not_heard(cast: Cast) -> None:
    before = LedgerEntry.objects.count()
    line_of_a_stranger = replace(their_end(), own=bytes(32))
    for message in (b"{}", line_of_a_stranger.ask(plain(SEARCH), uid="6" * 32, at=NOW)):
        with pytest.raises(Unheard):
            answer_partner(message, at=NOW)
    stale = their_end().ask(plain(SEARCH), uid="7" * 32, at=NOW - FRESH - APART - timedelta(seconds=1))
    with pytest.raises(Unheard, match="not of now"):
        answer_partner(stale, at=NOW)
    assert LedgerEntry.objects.count() == before, "nobody fills the ledger from outside"
    partner = connected(cast, at=NOW)
    assert isinstance(ask(SEARCH, at=NOW), Found)
    again = QueryLogEntry.objects.get()
    again.pk = None
    QueryLogEntry.objects.bulk_create(copy(again) for _ in range(MOST_SEARCHES - 1))
    assert "in a minute" in getattr(ask(SEARCH, at=NOW), "reason", "")
    Heard.objects.bulk_create(Heard(partner=partner, uid=f"{number:032x}", at=NOW) for number in range(MOST_A_MINUTE))
    with pytest.raises(Unheard) as shouting:
        ask(SEARCH, at=NOW)
    assert shouting.value.too_many


@pytest.mark.parametrize("role", ROLES)
def test_who_connects_and_who_stops(role: str, cast: Cast) -> None:
    by, partner = footing(cast.people()[role], at=NOW), connected(cast, at=NOW)
    connects, stops = role == "chief", role in {"chief", "custodian"}
    text = invitation(at=NOW, address="https://lpr.mill.example")
    for may, act in (
        (connects, lambda: connect_partners.make_invitation(by, address="https://lpr.example.gov")),
        (connects, lambda: connect_partners.connect(by, agency=partner.agency, invitation=text, compared=True)),
        (stops, lambda: connect_partners.stop(by, partner, why="too much")),
    ):
        if may:
            act()
        else:
            with pytest.raises(RefusedAction):
                act()
    partner.refresh_from_db()
    assert is_connected(partner) is not stops
    assert partner.address == ("https://lpr.mill.example" if connects else "http://127.0.0.1:9")


HERE = ["http://127.0.0.1:9", "https://localhost.", "https://a.localhost", "https://[::1]", "https://[::ffff:127.0.0.1]",
        "https://0.0.0.0"]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"compared": False}, "Compare the fingerprint"),
        ({"invitation": "hello"}, "no signed bundle"),
        ({"invitation": invitation(at=NOW, address="http://lpr.mill.example")}, "over https"),
        *(({"invitation": invitation(at=NOW, address=here)}, "this machine itself") for here in HERE),
        ({"invitation": invitation(at=NOW - timedelta(days=15))}, "14 days"),
        ({"agency": "department"}, "Choose the agency"),
        ({"agency": "new"}, "another agency's"),
        ({"invitation": "own"}, "this department's own"),
    ],
)
def test_no_wrong_key_is_taken(changed: dict[str, Any], reason: str, cast: Cast) -> None:
    by = footing(cast.chief, at=NOW)
    agencies = {"department": cast.department, "new": add_agency(name="Elsewhere Police")}
    given: dict[str, Any] = {
        "agency": cast.outsider.agency,
        "invitation": invitation(at=NOW),
        "compared": True,
    } | changed
    given["agency"] = agencies.get(given["agency"], given["agency"])
    if given["invitation"] == "own":
        given["invitation"] = connect_partners.make_invitation(by, address="https://lpr.example.gov").decode()
    with pytest.raises(RefusedAction, match=reason):
        connect_partners.connect(by, **given)


QUESTION = Question(
    plate="STL1234", since=NOW - timedelta(days=1), until=NOW, purpose="stolen", offense="larceny", case_number="26-7",
    justification="taken from the garage at Canal Street", none_prohibited=True,
)  # fmt: skip


def test_who_may_not_search_here_asks_nobody(cast: Cast) -> None:
    with pytest.raises(RefusedAction):
        search_across(footing(cast.officer, at=NOW), QUESTION, [connected(cast, at=NOW)])
    assert not PartnerQuestion.objects.exists()
    assert QueryLogEntry.objects.get().terms["partners"] == ["Mill County Sheriff's Office"]


@pytest.mark.parametrize(
    ("prepare", "state", "acts"),
    [
        (bool, "down", [("partner_asked", "failed"), ("partner_asked", "begun")]),
        (_stop, "unasked", [("action_refused", "refused"), ("query_completed", "done")]),
        (lambda cast: end_mous(cast, at=NOW), "unasked", [("action_refused", "refused"), ("query_completed", "done")]),
    ],
)
def test_what_comes_of_asking_is_a_state_and_in_the_ledger(
    prepare: Callable[[Cast], object], state: str, acts: list[tuple[str, str]], cast: Cast
) -> None:
    prepare(cast)
    by = footing(cast.detective, at=NOW + timedelta(microseconds=1))
    assert search_across(by, QUESTION, [connected(cast, at=NOW)]).entry.state == "completed"
    assert PartnerQuestion.objects.get().state == state
    assert list(LedgerEntry.objects.order_by("-index").values_list("action", "outcome")[:2]) == acts


def test_what_a_partner_found_is_kept_while_the_results_are_open(cast: Cast) -> None:
    partner = connected(cast, at=NOW)
    entry = search_across(footing(cast.detective, at=NOW), QUESTION, [partner]).entry
    changes.end(PartnerQuestion.objects.get(), state="answered", found=0, answer=plain(Found(number=1, reads=[])))
    assert forget_answers(at=entry.begun_at + PAGES_OPEN_FOR) == 0
    assert forget_answers(at=entry.begun_at + PAGES_OPEN_FOR + timedelta(seconds=1)) == 1
    assert not PartnerAnswer.objects.exists()
    assert PartnerQuestion.objects.get().state == "answered"


def test_an_answer_that_cannot_be_kept_is_none(cast: Cast) -> None:
    """Here one is kept already, which the database forbids."""
    partner, by = connected(cast, at=NOW), footing(cast.detective, at=datetime.now(UTC))  # what is asked is of now
    entry = search_across(by, QUESTION, []).entry
    with answering(lambda _asked: Found(number=9, reads=[])) as address:
        changes.move_partner(partner, address=address)
        PartnerAnswer.objects.create(question=changes.choose(entry, partner), said={})
        ask_partners(by, entry)
    asked = PartnerQuestion.objects.get()
    assert asked.state == "invalid" and asked.reason.startswith("It could not be kept")


def test_a_partner_is_told_the_number_that_counts(cast: Cast) -> None:
    partner, by = connected(cast, at=NOW), footing(cast.detective, at=datetime.now(UTC))  # what is asked is of now
    entry, told = search_across(by, QUESTION, []).entry, []

    def hear(asked: object) -> Found:
        told.append(asked)
        return Found(number=9, reads=[])

    correct_case_number(by, entry, number="26-8", why="7 and 8")
    with answering(hear) as address:
        changes.move_partner(partner, address=address)
        changes.choose(entry, partner)
        ask_partners(by, entries().get(pk=entry.pk))
    assert [asked.case_number for asked in told if isinstance(asked, AskSearch)] == ["26-8"]
    leaves = LedgerEntry.objects.filter(action="partner_asked")
    assert [leaf.content()["case"] for leaf in leaves] == ["26-8", "26-8"]


def test_the_account_of_a_partner_stands_unused_and_nobody_signs_in_to_it(cast: Cast) -> None:
    account = connected(cast, at=NOW).account
    later = NOW + timedelta(days=365)
    end_accounts(at=later)
    account.refresh_from_db()
    assert account.is_active
    with pytest.raises(RefusedAction, match="nobody signs in"):
        issue_password(footing(cast.chief, at=NOW), person=account)
    _disable(cast)
    said = ask(AskLists(), at=NOW + timedelta(microseconds=1))
    assert isinstance(said, NotAnswered) and said.clause == "IV.h"


def _share_routinely(cast: Cast) -> None:
    draft = policy.open_draft(at=NOW)
    policy.fill(draft, key="VI.l.how", value="both")
    policy.adopt(draft, at=NOW, by=cast.chief.pk, by_name=cast.chief.name, effective_at=NOW)


def _rows(said: object) -> bytes:
    assert isinstance(said, Rows), said
    return zlib.decompress(base64.b64decode(said.packed))


def test_own_entries_are_sent_to_whom_they_are_offered_and_silent_ones_to_nobody(cast: Cast) -> None:
    for plate, action in (("BOL1234", HitAction.STOP), ("CVT1234", HitAction.SILENT)):
        entry = request_entry(cast.officer, plate, hit_action=action, at=NOW).entry
        decide_entry(footing(cast.custodian, at=NOW), entry.pk, approve=True)
    later, asked = NOW + timedelta(minutes=1), AskRows("own", "stolen")
    chief, partner = footing(cast.chief, at=NOW), connected(cast, at=NOW)
    offer_lists.offer_list(chief, partner, name="own")
    assert isinstance(offers := ask(AskLists(), at=later), Lists) and [each.name for each in offers.lists] == ["own"]
    routine = ask(asked, at=later)
    assert isinstance(routine, NotAnswered) and "not share LPR data by routine transfer" in routine.reason
    _share_routinely(cast)
    rows = _rows(ask(asked, at=later))
    assert b"BOL1234" in rows and b"CVT1234" not in rows
    left = Dissemination.objects.get()
    assert (left.what, left.records, left.sha256) == (Share.HOT_LISTS, 1, hashlib.sha256(rows).hexdigest())
    offer_lists.end_offer(chief, Offer.objects.get())
    for unoffered in (asked, AskRows("state", "stolen")):
        said = ask(unoffered, at=later)
        assert isinstance(said, NotAnswered) and said.clause == "VI.l" and "not offered" in said.reason


def test_no_more_lists_are_offered_than_an_answer_holds(cast: Cast) -> None:
    partner, by = connected(cast, at=NOW), footing(cast.chief, at=NOW)
    for number in range(MOST_LISTS):
        changes.offer(partner=partner, name=f"l{number}", at=NOW, by=cast.chief, policy=by.policy.stamp)
    with pytest.raises(RefusedAction, match="no room for more"):
        offer_lists.offer_list(by, partner, name="own")


def test_a_list_is_recorded_as_leaving_whichever_piece_of_it_is_asked_for_first(cast: Cast) -> None:
    offer_lists.offer_list(footing(cast.chief, at=NOW), connected(cast, at=NOW), name="own")
    _share_routinely(cast)
    later = NOW + timedelta(minutes=1)
    for _again in range(2):
        assert _rows(ask(AskRows("own", "stolen", after=1), at=later))
        left, leaf = Dissemination.objects.get(), LedgerEntry.objects.order_by("index").last()
        assert leaf is not None and leaf.action == "partner_answered"
        told = leaf.content()["details"]
        assert (told["record"], told["source"], told["records"]) == (left.pk, "list:own", left.records)
