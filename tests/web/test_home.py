"""The first page: what waits for whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from platekeeper.core.categories import Category
from platekeeper.server.casefiles.models import RecordsRequest
from platekeeper.server.personnel.models import Training
from platekeeper.server.policy import changes as policy
from platekeeper.server.policy.models import AnnualReview, PolicyVersion, Recommendation
from platekeeper.server.procedures.answer_requests import record_request
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.keep_user_logs import forward_log
from platekeeper.server.web.navigation import navigation
from platekeeper.server.web.waiting import waiting_for
from platekeeper.server.web.waiting.singular import SINGULAR
from tests.cast import ROLES, Cast
from tests.days import today as department_day
from tests.hotlist.making import ask
from tests.touring import begin, end, hot_list_on_hand, patrol_car
from tests.web.access.policy import drafted
from tests.web.access.training import issued, noted

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
STAMP = (1, "0" * 64)


def _waits(cast: Cast, url_name: str) -> dict[str, tuple[int, str]]:
    """Return by role what waits at a page."""
    found = {}
    for role in ROLES:
        for each in waiting_for(footing(cast.people()[role], at=timezone.now())):
            if each.url_name == url_name and each.count:
                found[role] = (each.count, str(each.what))
    return found


def _reviewed_in(days: int) -> None:
    """Let the policy be due for its review in so many days."""
    version = PolicyVersion.objects.get()
    due = department_day(days)
    PolicyVersion.objects.filter(pk=version.pk).update(values=version.values | {"header.review": f"{due}"})


def test_bulletins_wait_for_those_they_concern_until_they_are_read(cast: Cast, as_role: AsRole) -> None:
    bulletin = issued(cast, positions=["Patrol Officer", "Detective"])
    assert set(_waits(cast, "training")) == {"officer", "rookie", "detective"}
    as_role("officer").post(f"/training/bulletins/{bulletin.pk}/read/")
    assert set(_waits(cast, "training")) == {"rookie", "detective"}
    issued(cast, positions=[])
    assert "outsider" not in _waits(cast, "training")


@pytest.mark.parametrize(
    ("days", "said"),
    [(31, None), (30, (30, "days until")), (1, (1, "days until")), (-2, (2, "days since"))],
)
def test_training_that_lapses_within_thirty_days_is_said(days: int, said: tuple[int, str] | None, cast: Cast) -> None:
    today = footing(cast.officer, at=timezone.now()).today
    Training.objects.filter(person=cast.officer).update(on=today - timedelta(days=365 - days))
    found = _waits(cast, "training")
    assert set(found) == ({"officer"} if said else set())
    if said:
        assert (found["officer"][0], found["officer"][1][: len(said[1])]) == said


def test_changes_wait_for_who_sees_to_in_service_training(cast: Cast) -> None:
    noted(cast)
    assert set(_waits(cast, "training_keeping")) == {"trainer"}


def test_a_draft_up_for_review_waits_for_the_department(cast: Cast) -> None:
    assert not _waits(cast, "policy_draft")
    drafted(cast)
    assert set(_waits(cast, "policy_draft")) == set(ROLES) - {"outsider"}


@pytest.mark.parametrize(
    ("days", "said"), [(200, None), (10, "days until the policy's annual review"), (-10, "days since the policy's")]
)
def test_the_annual_review_waits_for_its_reviewer(days: int, said: str | None, cast: Cast) -> None:
    _reviewed_in(days)
    found = _waits(cast, "annual_review")
    assert set(found) == ({"custodian"} if said else set())
    if said:
        assert found["custodian"][0] in {9, 10, 11}
        assert found["custodian"][1].startswith(said)


def test_recommendations_handed_over_wait_for_the_chief_until_they_are_decided(cast: Cast) -> None:
    _reviewed_in(5)
    now = timezone.now()
    review = policy.begin_review(due_on=None, at=now, by=cast.custodian, policy=STAMP)
    for text in ("Shorter.", "Clearer."):
        policy.recommend(review, clause="VI.k", text=text, at=now, by=cast.custodian)
    assert set(_waits(cast, "annual_review")) == {"custodian"}
    policy.hand_over(review, at=now)
    assert _waits(cast, "annual_review") == {"chief": (2, "recommendations of the annual review to decide")}
    policy.decide(Recommendation.objects.all()[0], decision="accepted", reason="", at=now)
    assert _waits(cast, "annual_review")["chief"] == (1, "recommendations of the annual review to decide")
    policy.decide(Recommendation.objects.all()[1], decision="accepted", reason="", at=now)
    assert _waits(cast, "annual_review")["chief"] == (1, "annual review to conclude")
    assert AnnualReview.objects.get().concluded_at is None


@pytest.mark.parametrize(
    ("hours", "said"), [(23, {}), (25, {"officer": (1, "of your tours are open for too long: end them")})]
)
def test_a_tour_left_open_is_said_to_its_member(hours: int, said: dict[str, Any], cast: Cast) -> None:
    begun_at = timezone.now() - timedelta(hours=hours)
    hot_list_on_hand(cast, at=begun_at)
    begin(footing(cast.officer, at=begun_at), patrol_car())
    assert _waits(cast, "tours") == said


@pytest.mark.parametrize(
    ("days", "said"), [(2, "Daily User Logs to check"), (4, "Daily User Logs that wait for a check too long")]
)
def test_a_log_left_unchecked_is_said_to_who_checks(days: int, said: str, cast: Cast) -> None:
    at = timezone.now() - timedelta(days=days)
    hot_list_on_hand(cast, at=at)
    by = footing(cast.officer, at=at)
    tour = begin(by, patrol_car())
    end(by, tour)
    forward_log(by, tour.log)
    assert _waits(cast, "user_logs") == {"sergeant": (1, said)}


def test_every_card_leads_to_a_page_that_opens(cast: Cast, as_role: AsRole) -> None:
    issued(cast)
    noted(cast)
    drafted(cast)
    for role in ROLES:
        client = as_role(role)
        page = client.get("/").content.decode()
        for each in waiting_for(footing(cast.people()[role], at=timezone.now())):
            assert f'<span class="big">{each.count}</span>' in page
            assert client.get(reverse(each.url_name)).status_code == 200, (role, each)


def test_urgent_entries_wait_for_who_directs_them_too(cast: Cast) -> None:
    ask(cast.officer, "ABC1234")
    assert _waits(cast, "entries") == {"custodian": (1, "hot list entries to decide")}
    ask(cast.officer, "XYZ9876", category=Category.AMBER)
    urgent = {"sergeant": (1, "urgent hot list entries to decide")}
    assert _waits(cast, "entries") == urgent | {"custodian": (2, "hot list entries to decide")}


def test_requests_for_records_wait_for_the_custodian(cast: Cast) -> None:
    now = timezone.now()
    asked = {"kind": "subpoena", "asked_by": "Ms. Counsel", "contact": "", "what": "all of it", "case": None}
    day = department_day(0)
    record_request(footing(cast.custodian, at=now), received_on=day, due_on=day, **asked)
    assert _waits(cast, "records_requests") == {"custodian": (1, "requests for records to answer")}
    RecordsRequest.objects.update(received_on=department_day(-2), due_on=department_day(-1))
    assert _waits(cast, "records_requests") == {"custodian": (1, "requests for records past their day")}


def test_what_waits_alone_is_said_in_the_singular(cast: Cast, as_role: AsRole) -> None:
    issued(cast, positions=["Patrol Officer"])
    assert "bulletin to read or course to take" in as_role("officer").get("/").content.decode()
    issued(cast, positions=["Patrol Officer"])
    assert "bulletins to read or courses to take" in as_role("officer").get("/").content.decode()
    assert not any(many == one for many, one in SINGULAR.items())


def test_the_first_page_says_what_is_missing_and_offers_what_somebody_may(cast: Cast, as_role: AsRole) -> None:
    rookie = as_role("rookie").get("/").content.decode()
    assert "No LPR training is recorded." in rookie and "Begin a tour" not in rookie
    assert "What to do about your training" in rookie
    assert "What to do about your training" in as_role("rookie").get("/tours/").content.decode()
    temp = as_role("temp").get("/").content.decode()
    assert "Staff reach LPR data once authorized" in temp and "Ask: Chief." in temp
    guest = as_role("outsider").get("/").content.decode()
    assert 'class="button is-primary" href="/sharing/guest/"' in guest and "your positions open" not in guest
    for role in set(ROLES) - {"rookie", "temp"}:
        assert 'class="notice is-warn"><p><strong>IV' not in as_role(role).get("/").content.decode(), role


@pytest.mark.parametrize(
    ("path", "here"),
    [("/queries/log/", "Oversight"), ("/queries/log/7/", "Oversight"), ("/queries/audit/", "Oversight"),
     ("/oversight/days/", "Oversight"), ("/sharing/left/", "Department"), ("/", None)],
)  # fmt: skip
def test_one_group_of_the_menu_is_where_one_is(path: str, here: str | None, cast: Cast) -> None:
    groups = navigation(footing(cast.auditor, at=timezone.now()), path=path)
    assert [group.label for group in groups if group.is_here] == ([here] if here else [])
