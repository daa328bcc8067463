"""Investigations on their pages: by keyboard on a phone, found, explained, handed to a case; hostile input costs nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Page, expect

from platekeeper.core.formats.reads import ParsedRead
from platekeeper.server.casefiles.models import Preserved
from platekeeper.server.equipment import changes as equipment
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures import investigate, stake_out
from platekeeper.server.procedures.receive_reads import Submission, close_intakes, intake
from platekeeper.server.querylog.models import Approval, QueryLogEntry
from tests.cast import FOUNDED, Cast
from tests.hotlist.traffic import drive_past
from tests.web.access.cases import opened
from tests.web.access.investigations import asked
from tests.web.test_queries import _jpeg
from tests.web.test_screens import look

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WHY = {
    "purpose": "investigation",
    "offense": "robbery",
    "case_number": "26-101",
    "justification": "gray van left the bank on Canal Street",
    "none_prohibited": "on",
}


@pytest.fixture
def mill(cast: Cast) -> LPR:
    """Three cars and a bus at two places within two days; the robber's car with a picture."""
    other = equipment.add_lpr(
        name="Mill Road", kind=LPR.Kind.FIXED, zone="America/New_York", at=FOUNDED, latitude=43.0601, longitude=-76.15
    )
    reads = {cast.lpr: [], other: []}  # type: ignore[var-annotated]
    for lpr, begun in ((cast.lpr, NOW - 30 * HOUR), (other, NOW - 3 * HOUR)):
        for plate, after in (("ABC1234", 1), ("XYZ9876", 2), ("BUS42", 3), (f"ONCE{lpr.pk}", 4)):
            picture = _jpeg() if plate == "ABC1234" else None
            reads[lpr].append((ParsedRead(raw_plate=plate, captured_at=begun + after * MINUTE), picture))
    reads[cast.lpr] += [
        (ParsedRead(raw_plate="BUS42", captured_at=NOW - timedelta(days=day)), None) for day in range(2, 8)
    ]
    for lpr, seen in reads.items():
        intake().take([Submission(lpr=lpr, format="t", reads=seen, unparsed=[], received_at=NOW)])
    return other


def _scenes(*lprs: LPR, **changed: str) -> dict[str, str]:
    form = {"scene-TOTAL_FORMS": "6", "scene-INITIAL_FORMS": "0", "least": "2", **WHY}
    for number, (lpr, begun) in enumerate(zip(lprs, (NOW - 30 * HOUR, NOW - 3 * HOUR), strict=False)):
        form |= {
            f"scene-{number}-since": _local(begun), f"scene-{number}-until": _local(begun + HOUR),
            f"scene-{number}-lprs": str(lpr.pk),
        }  # fmt: skip
    return {
        name: value for name, value in {**form, **changed}.items() if value or name not in form or "lprs" not in name
    }


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(in_force(at=NOW).zone):%Y-%m-%dT%H:%M}"


def _ask(client: Client, tool: str, form: dict[str, str]) -> HttpResponse:
    answer: HttpResponse = client.post(f"/investigations/{tool}/", form, follow=True)  # type: ignore[assignment]
    return answer


def test_scenes_are_compared_and_handed_to_a_case(cast: Cast, mill: LPR, as_role: AsRole) -> None:
    detective, case = as_role("detective"), opened(cast, "26-101")
    page = _ask(detective, "scenes", _scenes(cast.lpr, mill)).content.decode()
    assert page.index("ABC1234") < page.index("BUS42") and "usual here" in page and "ONCE" not in page
    [picture, *_others] = re.findall(r'src="(/queries/[^"]+/image/[^"]+)"', page)
    assert detective.get(picture).headers["Content-Type"] == "image/jpeg"
    entry = QueryLogEntry.objects.get()
    address, told = f"/investigations/{entry.pk}/preserve/", {"number": case.number}
    assert "Copy into 26-101, Hit and run?" in detective.post(address, told).content.decode()
    kept = detective.post(address, told | {"into": case.pk}, follow=True)
    assert "plates at 2 of 2 scenes" in kept.content.decode()
    copied = Preserved.objects.get()
    assert (copied.key, b"ABC1234" in bytes(copied.content)) == (f"query:{entry.pk}", True)
    assert "2 of 2 scenes" in detective.get(f"/cases/{case.pk}/preserved/{copied.pk}/").content.decode()
    assert QueryLogEntry.objects.count() == 1
    looks = LedgerEntry.objects.filter(subject=f"query:{entry.pk}", action="query_page_viewed")
    assert looks.count() == 2
    missed = detective.post(address, {"number": "26-9"}, follow=True).content.decode()
    assert "There is no case 26-9" in missed
    assert 'maxlength="40" value="26-9"' in missed


def test_a_wrong_number_is_corrected_on_the_page_of_what_was_found(cast: Cast, mill: LPR, as_role: AsRole) -> None:
    detective, running = as_role("detective"), asked(cast, running=True)
    _ask(detective, "scenes", _scenes(cast.lpr, mill))
    pages = {f"/investigations/{QueryLogEntry.objects.latest('pk').pk}/", f"/investigations/stake-outs/{running.pk}/"}
    for address in pages:
        page = detective.get(address).content.decode()
        assert "It belongs under another number" in page
        [action] = re.findall(r'action="(/queries/log/\d+/case/)"', page)
        detective.post(action, {"number": "26-141", "why": "14 and 41"})
        assert "Corrected to 26-141 by Dee Detective" in detective.get(address).content.decode()
    assert "<td>26-141</td>" in detective.get("/investigations/").content.decode()
    assert "Corrected to 26-141 by Dee Detective" in detective.get("/investigations/stake-outs/").content.decode()


def test_comparing_everybody_asks_for_the_password_once_more(cast: Cast, mill: LPR, as_role: AsRole) -> None:
    cast.detective.set_password("a password of the detective's")
    cast.detective.save()
    asked = as_role("detective").post("/investigations/scenes/", _scenes(cast.lpr, mill))
    assert "/reauthenticate/" in asked.headers["Location"]
    assert not QueryLogEntry.objects.exists()


def test_a_circle_stands_for_the_lprs_in_it(cast: Cast, mill: LPR, as_role: AsRole) -> None:
    form = _scenes(cast.lpr, mill, **{"scene-1-circle": "circle 43.06,-76.15 300", "scene-1-lprs": ""})
    assert "ABC1234" in _ask(as_role("detective"), "scenes", form).content.decode()
    entry = QueryLogEntry.objects.get()
    assert (entry.terms["scenes"][1]["lprs"], entry.terms["scenes"][1]["circle"]) == (
        [mill.pk],
        "circle 43.060000,-76.150000 300",
    )
    assert (
        "within 300 m of 43.060000, -76.150000" in as_role("auditor").get(f"/queries/log/{entry.pk}/").content.decode()
    )
    assert "plates at 2 of 2 scenes" in as_role("auditor").get("/queries/log/").content.decode()


_BIG = "9" * 4000


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"scene-1-circle": "43, -76"}, "circle 43.0481,-76.1474 500"),
        ({"scene-1-circle": "1e999, 1, 1"}, "Draw the circle"),
        ({"scene-1-circle": "nan, 1, 1"}, "Draw the circle"),
        ({"scene-1-circle": "circle 43,-76 99999"}, "10000 meters at most"),
        ({"scene-1-circle": "0, 0, 5", "scene-1-lprs": ""}, "has no LPR"),
        ({"scene-1-until": _BIG}, "valid date"),
        ({"scene-1-since": "0001-01-01T00:00"}, "date"),
        ({"scene-1-since": ""}, "from when until when"),
        ({"scene-1-since": "2020-01-01T00:00"}, "24 hours"),
        ({"scene-1-lprs": "x'; DROP TABLE read"}, "valid"),
        ({"least": _BIG}, "6"),
        ({"least": "3"}, "no more than there are"),
        ({"scene-TOTAL_FORMS": "999999999"}, "not clear"),
        ({"scene-TOTAL_FORMS": ""}, "not clear"),
        ({"scene-TOTAL_FORMS": "1"}, "two scenes"),
    ],
)
def test_a_hostile_question_is_explained_and_costs_nothing(
    changed: dict[str, str], words: str, cast: Cast, mill: LPR, as_role: AsRole
) -> None:
    answer = _ask(as_role("detective"), "scenes", _scenes(cast.lpr, mill, **changed))
    assert (answer.status_code, words in answer.content.decode()) == (200, True)
    assert not QueryLogEntry.objects.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"plate": "AB*"}, "whole plate"),
        ({"plate": "?" * 10**6}, "20 characters"),
        ({"plate": "ＡＢＣ１２３４; --"}, "letters"),
        ({"since": "1990-01-01T00:00"}, "31 days"),
        ({"minutes": "0"}, "greater than or equal"),
        ({"occasions": "1", "places": "1"}, "says nothing"),
    ],
)
def test_a_hostile_plate_is_explained_and_costs_nothing(
    changed: dict[str, str], words: str, cast: Cast, as_role: AsRole
) -> None:
    form = {"plate": "ABC1234", "since": _local(NOW - 30 * HOUR), "until": _local(NOW), "minutes": "3", "occasions": "2",
            "places": "2", **WHY}  # fmt: skip
    answer = _ask(as_role("detective"), "travels-with", {**form, **changed})
    assert (answer.status_code, words in answer.content.decode()) == (200, True)
    assert not QueryLogEntry.objects.exists()


def test_results_are_not_somebody_elses(cast: Cast, mill: LPR, as_role: AsRole) -> None:
    _ask(as_role("detective"), "scenes", _scenes(cast.lpr, mill))
    entry = QueryLogEntry.objects.get()
    assert as_role("clerk").get(f"/investigations/{entry.pk}/").status_code == 404
    assert as_role("detective").get(f"/queries/{entry.pk}/").status_code == 404
    assert as_role("chief").get(f"/investigations/{entry.pk}/").status_code == 404


def test_a_refused_question_is_in_the_log_and_its_form_is_kept(cast: Cast, mill: LPR, as_role: AsRole) -> None:
    vague, span = {"justification": "official business"}, {"since": _local(NOW - 30 * HOUR), "until": _local(NOW)}
    forms = {
        "scenes": _scenes(cast.lpr, mill, **vague),
        "travels-with": {"plate": "ABC1234", "minutes": "3", "occasions": "2", "places": "2", **span, **WHY, **vague},
        "stake-outs/new": {"plates": "ABC1234", "ends": _local(NOW + 48 * HOUR), **WHY, **vague},
    }
    for number, (tool, form) in enumerate(forms.items(), start=1):
        answer = _ask(as_role("detective"), tool, form)
        page = answer.content.decode()
        assert answer.status_code == 403, tool
        assert "This refusal is in the Query Log. Mend it below" in page
        assert "VI.f" in page
        assert "official business" in page
        assert list(QueryLogEntry.objects.values_list("state", flat=True)) == ["refused"] * number
        assert _ask(as_role("officer"), tool, form).status_code == 403  # may not inquire: no form would help
        assert "Mend it below" not in _ask(as_role("officer"), tool, form).content.decode()
        QueryLogEntry.objects.filter(by=cast.officer).delete()


def test_a_question_that_takes_too_long_leaves_its_form(
    cast: Cast, mill: LPR, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(investigate, "SECONDS", 0.0)
    answer = as_role("detective").post("/investigations/scenes/", _scenes(cast.lpr, mill))
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "Ask for less" in page and "That it was asked is in the Query Log." in page and 'value="26-101"' in page


def test_a_tools_form_says_all_that_is_missing_at_once(cast: Cast, mill: LPR, as_role: AsRole) -> None:
    slips = {"justification": "", "purpose": "", "scene-1-circle": "here"}
    page = _ask(as_role("detective"), "scenes", _scenes(cast.lpr, mill, **slips)).content.decode()
    for words in ("Say why this look is needed", "Choose the purpose", "A scene is not clear"):
        assert words in page
    assert not QueryLogEntry.objects.exists()


def test_a_stake_out_is_asked_approved_and_looked_at(cast: Cast, as_role: AsRole) -> None:
    detective = as_role("detective")
    form = {"plates": "abc1234\nxy?99*", "ends": _local(NOW + 48 * HOUR), **WHY}
    assert "waits for approval" in _ask(detective, "stake-outs/new", form).content.decode()
    assert "ABC1234, XY?99*" in as_role("chief").get("/investigations/stake-outs/").content.decode()
    [waiting] = cast.detective.stake_outs.all()
    as_role("chief").post(f"/investigations/stake-outs/{waiting.pk}/decide/", {"answer": "approve"})
    now = datetime.now(UTC)
    seen = [(ParsedRead(raw_plate="ABC1234", captured_at=now), _jpeg())]
    intake().take([Submission(lpr=cast.lpr, format="t", reads=seen, unparsed=[], received_at=now)])
    stake_out.evaluate(at=now)
    page = detective.get(f"/investigations/stake-outs/{waiting.pk}/").content.decode()
    [picture] = re.findall(r'src="(/investigations/stake-outs/[^"]+)"', page)
    assert detective.get(picture).content == _jpeg()
    assert as_role("clerk").get(picture).status_code == detective.get(picture[:-3] + "x/").status_code == 404
    assert as_role("chief").get(f"/investigations/stake-outs/{waiting.pk}/").status_code == 404
    assert detective.get(f"/investigations/stake-outs/{waiting.pk}/?before=x").status_code == 404
    [ref] = re.findall(r'name="read" value="([^"]+)"', page)
    waiting.refresh_from_db()
    address = f"/cases/preserve/reads/{waiting.entry_id}/"
    missed = detective.post(address, {"number": "26-9", "read": ref, "shown": ""}, follow=True).content.decode()
    assert f"What stake-out {waiting.pk} found" in missed
    assert "There is no case 26-9" in missed
    assert re.findall(r'name="read" value="[^"]+"( checked)?', missed) == [" checked"]
    assert "too wide" not in _ask(detective, "stake-outs/new", {**form, "plates": "A*"}).content.decode()


def test_a_stake_outs_page_asks_for_no_danger_and_its_entry_is_run_by_nobody(cast: Cast, as_role: AsRole) -> None:
    detective = as_role("detective")
    page = detective.get("/investigations/stake-outs/new/").content.decode()
    assert "exigent" not in page and "cannot wait" not in page
    assert page.count('name="none_prohibited"') == page.count('name="requestor"') == 1
    entry = asked(cast, running=True).entry
    assert entry is not None
    QueryLogEntry.objects.update(state="approved")
    Approval.objects.create(entry=entry, kind="before", asked_at=NOW, decided_at=NOW, granted=True)
    assert detective.post(f"/queries/{entry.pk}/run/").status_code == 404


def test_looks_at_what_is_asked_are_logged_of_those_who_decide(cast: Cast, as_role: AsRole) -> None:
    asked(cast)
    for role in ("chief", "chief", "detective"):
        as_role(role).get("/investigations/stake-outs/")
    looks = LedgerEntry.objects.filter(subject="stake-outs", action="query_queue_viewed")
    assert [look.person for look in looks] == [cast.chief.pk]


def test_a_page_says_how_far_back_the_usual_counts_look(cast: Cast, as_role: AsRole) -> None:
    begun = _on_a_plain_day(NOW - timedelta(days=27, hours=12))
    drive_past(cast, ["ABC1234"], at=begun + MINUTE)
    drive_past(cast, ["ABC1234"], at=begun + 2 * HOUR + MINUTE)
    times = {
        f"scene-{number}-{name}": _local(begun + (2 * number + after) * HOUR)
        for number in (0, 1) for name, after in (("since", 0), ("until", 1))
    }  # fmt: skip
    page = _ask(as_role("detective"), "scenes", _scenes(cast.lpr, cast.lpr, **times)).content.decode()
    assert "is told from 2 days only, not 7" in page


def _on_a_plain_day(moment: datetime) -> datetime:
    """Return a moment, some hours earlier where clocks change in the hours around it: then the page knows a time twice."""
    zone = in_force(at=NOW).zone
    while (moment - HOUR).astimezone(zone).utcoffset() != (moment + 4 * HOUR).astimezone(zone).utcoffset():
        moment -= HOUR
    return moment


@pytest.mark.django_db(transaction=True)
def test_each_scene_is_drawn_on_the_one_map(cast: Cast, mill: LPR, browse: Callable[..., Page]) -> None:
    page = browse("detective", width=1280)
    page.goto("/investigations/scenes/")
    circles = [page.locator(f"#id_scene-{number}-circle") for number in range(2)]
    for number, right in ((1, 100), (2, 250)):
        page.get_by_role("button", name=f"Draw scene {number}").click()
        page.locator("#map").click(position={"x": right, "y": 120})
        page.locator("#map").click(position={"x": right + 40, "y": 120})
        expect(circles[number - 1]).to_have_value(re.compile(r"^circle 43\.\d+,-76\.\d+ \d+$"))
        expect(page.locator("#map .map-number", has_text=re.compile(f"^{number}$"))).to_be_visible()
    first = circles[0].input_value()
    assert first != circles[1].input_value()
    look(page, "scenes-drawn-1280")
    page.get_by_role("button", name="Clear").nth(1).click()
    assert (circles[0].input_value(), circles[1].input_value()) == (first, "")
    page.set_viewport_size({"width": 360, "height": 800})
    look(page, "scenes-drawn-360")


@pytest.mark.django_db(transaction=True)
def test_on_a_phone_by_keyboard(cast: Cast, mill: LPR, browse: Callable[..., Page]) -> None:
    page = browse("detective", width=360)
    page.goto("/investigations/travels-with/?plate=ABC1234")
    page.get_by_label("Occasions at least").fill("1")
    page.get_by_label("Purpose", exact=True).select_option("investigation")
    page.get_by_label("Offense or incident type").fill("robbery")
    page.get_by_label("Case or call number").fill("26-101")
    page.get_by_label("Why this look is needed").fill("gray van left the bank on Canal Street")
    page.get_by_label("This search serves none of these purposes").press("Space")
    page.get_by_role("button", name="Find companions").press("Enter")
    page.get_by_role("link", name="Search XYZ9876").focus()
    expect(page.locator("main")).to_contain_text("2 of 2 sightings at 2 places within 3 minutes")
    look(page, "travels-with-found-360")
    page.set_viewport_size({"width": 1280, "height": 800})
    look(page, "travels-with-found-1280")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Plate", exact=True)).to_have_value("XYZ9876")
    page.goto("/investigations/scenes/")
    for number, (lpr, begun) in enumerate(((cast.lpr, NOW - 30 * HOUR), (mill, NOW - 3 * HOUR))):
        page.locator(f"#id_scene-{number}-since").fill(_local(begun))
        page.locator(f"#id_scene-{number}-until").fill(_local(begun + HOUR))
        page.locator(f"#id_scene-{number}-lprs").select_option(label=lpr.name)
    look(page, "scenes-filled-1280")
    for name, value in (("offense", "robbery"), ("case_number", "26-101"), ("justification", WHY["justification"])):
        page.locator(f"#id_{name}").fill(value)
    page.get_by_label("Purpose", exact=True).select_option("investigation")
    page.get_by_label("This search serves none of these purposes").press("Space")
    page.get_by_role("button", name="Compare the scenes").press("Enter")
    page.get_by_role("link", name="Search BUS42").wait_for()
    look(page, "scenes-found-1280")
    page.set_viewport_size({"width": 360, "height": 800})
    look(page, "scenes-found-360")
    waiting = asked(cast, running=True)
    close_intakes()
    drive_past(cast, ["ABC1234"], at=datetime.now(UTC))
    stake_out.evaluate(at=datetime.now(UTC))
    page.goto(f"/investigations/stake-outs/{waiting.pk}/")
    look(page, "stake-out-found-360")
