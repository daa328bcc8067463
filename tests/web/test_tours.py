"""An officer opens the page in the car: begins a tour, ends it, and reads what stands in the way before pressing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from platekeeper.server.equipment.changes import set_in_service
from platekeeper.server.procedures.authority import footing
from platekeeper.server.userlog.models import Tour
from tests.cast import Cast
from tests.touring import begin, hot_list_on_hand, patrol_car

AsRole = Callable[[str], Client]


def _text(client: Client) -> str:
    return client.get("/tours/").content.decode()


@pytest.mark.django_db
def test_the_hot_list_of_yesterday_stands_in_the_way_and_the_page_says_so(cast: Cast, as_role: AsRole) -> None:
    car, officer = patrol_car(), as_role("officer")
    hot_list_on_hand(cast, at=datetime.now(UTC) - timedelta(days=1))
    text = _text(officer)
    assert "V.a · " in text and "not of today" in text and "Begin a tour" not in text
    refused = officer.post("/tours/", {"lpr": car.pk, "purpose": "patrol"})
    assert (refused.status_code, "V.a" in refused.content.decode()) == (403, True)
    hot_list_on_hand(cast, at=datetime.now(UTC))
    assert "Begin a tour" in _text(officer)


@pytest.mark.django_db
def test_an_untrained_member_reads_why(cast: Cast, as_role: AsRole) -> None:
    patrol_car()
    hot_list_on_hand(cast, at=datetime.now(UTC))
    text = _text(as_role("rookie"))
    assert "VII.b · " in text and "No LPR training is recorded." in text and "Begin a tour" not in text


@pytest.mark.django_db
def test_lprs_that_cannot_be_taken_are_not_offered(cast: Cast, as_role: AsRole) -> None:
    car, parked = patrol_car(), patrol_car("Car 7")
    set_in_service(parked, in_service=False)
    hot_list_on_hand(cast, at=datetime.now(UTC))
    begin(footing(cast.sergeant, at=datetime.now(UTC)), car)
    officer = as_role("officer")
    text = _text(officer)
    assert "Bridge Street east (fixed)" in text and "(mobile)" not in text  # offered, with its kind
    assert "This LPR is out of service." in text and "on another member&#x27;s tour" in text
    assert officer.post("/tours/", {"lpr": car.pk, "purpose": "patrol"}).status_code == 403


@pytest.mark.django_db
def test_without_a_purpose_it_is_refused_and_a_wrong_lpr_is_explained(cast: Cast, as_role: AsRole) -> None:
    car, officer = patrol_car(), as_role("officer")
    hot_list_on_hand(cast, at=datetime.now(UTC))
    refused = officer.post("/tours/", {"lpr": car.pk, "purpose": ""})
    assert (refused.status_code, "VII.a" in refused.content.decode()) == (403, True)
    assert "errorlist" in officer.post("/tours/", {"lpr": "none", "purpose": "patrol"}).content.decode()
    assert not Tour.objects.exists()


@pytest.mark.django_db
def test_the_sergeant_ends_a_forgotten_tour(cast: Cast, as_role: AsRole) -> None:
    hot_list_on_hand(cast, at=datetime.now(UTC))
    tour = begin(footing(cast.officer, at=datetime.now(UTC)), patrol_car())
    assert "End the tour of" not in _text(as_role("rookie"))
    sergeant = as_role("sergeant")
    assert "End the tour of Olive Officer" in _text(sergeant)
    sergeant.post(f"/tours/{tour.pk}/end/")
    assert "ended by Sam Sergeant" in _text(as_role("officer"))


@pytest.mark.django_db
def test_the_menu_shows_tours_to_those_who_have_them(cast: Cast, as_role: AsRole) -> None:
    shown = {role for role in cast.people() if 'href="/tours/"' in as_role(role).get("/").content.decode()}
    assert shown == {"officer", "rookie", "sergeant"}
