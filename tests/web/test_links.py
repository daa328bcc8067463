"""No page leads somebody to what answers them 403."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from platekeeper.server.hotlist.models import AlertBulletin, HotListEntry
from platekeeper.server.procedures.authority import Footing, footing
from platekeeper.server.procedures.keep_user_logs import check_log, forward_log
from platekeeper.server.procedures.manage_people import end_position
from platekeeper.server.userlog.lookups import logs
from tests.cast import Cast
from tests.touring import begin, end, hot_list_on_hand, patrol_car
from tests.web.access.alerts import AMBER

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]


def _by(cast: Cast, role: str) -> Footing:
    return footing(cast.people()[role], at=datetime.now(UTC))


def _toured(cast: Cast) -> int:
    """Return the log of a tour of the officer's that ended at once."""
    hot_list_on_hand(cast, at=datetime.now(UTC))
    tour = begin(_by(cast, "officer"), patrol_car())
    end(_by(cast, "officer"), tour)
    return tour.log_id


@pytest.mark.parametrize("role", ["administrator", "custodian"])
def test_disposals_from_upkeep(role: str, cast: Cast, as_role: AsRole) -> None:
    page = as_role(role).get("/upkeep/").content.decode()
    opens = as_role(role).get("/disposals/").status_code == 200
    assert ('href="/disposals/"' in page.split("<h1>")[1]) is opens
    assert opens is (role == "custodian")


@pytest.mark.parametrize("role", ["officer", "auditor"])
def test_the_bulletin_of_an_entry(role: str, cast: Cast, as_role: AsRole) -> None:
    officer = as_role("officer")
    officer.post("/hot-lists/alerts/", {"file": SimpleUploadedFile("alert.xml", AMBER)})
    address, ends = f"/hot-lists/alerts/{AlertBulletin.objects.get().pk}/", f"{datetime.now(UTC):%Y-%m-%d}T23:59"
    officer.post(address, {
        "plate-0-enter": "on", "plate-0-plate": "KHB4471", "plate-0-jurisdiction": "NY", "plate-0-ground": "amber",
        "plate-0-ends": ends, "plate-1-ground": "amber", "plate-1-ends": ends,
    })  # fmt: skip
    page = as_role(role).get(reverse("entry", args=[HotListEntry.objects.get().pk]))
    assert page.status_code == 200
    opens = as_role(role).get(address).status_code == 200
    assert (f'href="{address}"' in page.content.decode()) is opens
    assert opens is (role == "officer")


@pytest.mark.parametrize("role", ["officer", "auditor"])
def test_preserving_a_tour_in_a_case(role: str, cast: Cast, as_role: AsRole) -> None:
    number = _toured(cast)
    forward_log(_by(cast, "officer"), logs().get(pk=number))
    check_log(_by(cast, "sergeant"), logs().get(pk=number), accept=True)
    page = as_role(role).get(f"/tours/logs/{number}/").content.decode()
    assert "What was checked" in page
    assert ("Preserve it in a case" in page) is (role == "officer")


def test_the_log_of_a_member_whose_position_ended(cast: Cast, as_role: AsRole) -> None:
    number, officer = _toured(cast), as_role("officer")
    for title in _by(cast, "officer").authority.positions:
        end_position(_by(cast, "chief"), person=cast.officer, title=title)
    assert "of your Daily User Logs to forward" in officer.get("/").content.decode()
    page = officer.get("/tours/")
    assert page.status_code == 200
    assert f'href="/tours/logs/{number}/"' in page.content.decode()
    answer = officer.post(f"/tours/logs/{number}/forward/", follow=True)
    assert answer.status_code == 200
    assert "The log was forwarded." in answer.content.decode()
