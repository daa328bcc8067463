"""Partners on their screens: two fingerprints are compared, and what each partner says stands apart as theirs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from platekeeper.core.federation.words import Found, SharedRead, plain
from platekeeper.core.transfer import fingerprint
from platekeeper.server.partners import changes
from platekeeper.server.partners.lookups import partners
from platekeeper.server.partners.models import PartnerQuestion
from platekeeper.server.querylog.models import QueryLogEntry
from tests.cast import Cast
from tests.partnering import MILL, connected, invitation
from tests.web.making import stepped_up
from tests.web.test_screens import look

AsRole = Callable[[str], Client]
NOW = datetime.now(UTC)
screens = pytest.mark.django_db


def _post(client: Client, address: str, /, **data: Any) -> str:
    answer: HttpResponse = client.post(address, data, follow=True)  # type: ignore[assignment]
    return answer.content.decode()


def _search(client: Client, *asked: object) -> str:
    return _post(
        client, "/queries/", plate="ABC1234", since=f"{NOW - timedelta(days=2):%Y-%m-%dT%H:%M}",
        until=f"{NOW:%Y-%m-%dT%H:%M}", purpose="stolen", offense="larceny", case_number="26-101", none_prohibited="on",
        justification="seen leaving the scene", partners=[str(each) for each in asked],
    )  # fmt: skip


def _answer(question: PartnerQuestion) -> None:
    """Let a partner have answered."""
    read = SharedRead("ABC1234", "NY", NOW, "Mill Road at the bridge", "north", 43_048_100, -76_147_400)
    found = Found(number=31, reads=[read], withheld=["pictures"], days=30, more=True)
    changes.end(question, state="answered", clause="", reason="", number=31, found=1, answer=plain(found))


@screens
def test_the_account_of_a_server_shows_what_applies_to_it_alone(cast: Cast, as_role: AsRole) -> None:
    partner, chief = connected(cast, at=NOW), stepped_up(as_role("chief"))
    address = f"/people/{partner.account_id}/"
    page = chief.get(address).content.decode()
    for what in ("password", "second factor", "Give a position", "Last day", "Trained until", "May today", "Authorizations",
                 "Release", "They can sign in", "Signs them out"):  # fmt: skip
        assert what not in page, what
    assert "Nobody signs in to it" in page and f'href="/partners/{partner.pk}/"' in page
    for what, told in (
        ("give-position", {"title": "Chief"}),
        ("reset-factors", {}),
        ("last-day", {"last_day": "2099-01-01"}),
    ):
        assert chief.post(f"{address}{what}/", told).status_code == 403, what
    assert "Every question of that server is refused" in page
    assert "are answered again" in _post(chief, f"{address}disable/")
    assert "Every question of that server is refused" in _post(chief, f"{address}enable/")
    for other in (cast.officer, cast.outsider):
        shown = chief.get(f"/people/{other.pk}/").content.decode()
        assert all(
            each in shown for each in ("new first password", "second factors off", "Give a position", "Last day")
        )


@screens
def test_a_key_is_taken_once_its_fingerprint_was_compared(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    ours = _post(chief, "/partners/invite/", address="https://lpr.falls.example")
    assert "https://lpr.falls.example" in ours and "partner-invitation" in ours
    theirs = {"agency": cast.outsider.agency_id, "invitation": invitation(at=datetime.now(UTC))}
    shown = _post(chief, "/partners/connect/", **theirs)
    groups = " ".join(re.findall("....", fingerprint(MILL.public_key().public_bytes_raw())))
    assert groups in shown
    assert not partners().exists()
    assert "connected" in _post(chief, "/partners/connect/", **theirs, compared="on")
    stopped = _post(chief, f"/partners/{partners().get().pk}/stop/", why="they ask too much")
    assert "they ask too much" in stopped and "Let it go on" in stopped


@screens
def test_a_partner_is_asked_with_the_query_and_its_answer_is_shown_to_the_asker_alone(
    cast: Cast, as_role: AsRole
) -> None:
    detective = as_role("detective")
    assert 'name="partners"' not in detective.get("/queries/").content.decode()
    partner = connected(cast, at=NOW)
    assert "Mill County Sheriff&#x27;s Office" in detective.get("/queries/").content.decode()
    page = _search(detective, partner.pk)
    assert "not reached" in page and "also asked: Mill County Sheriff&#x27;s Office" in page
    entry, question = QueryLogEntry.objects.get(), PartnerQuestion.objects.get()
    _answer(question)
    page = detective.get(f"/queries/{entry.pk}/").content.decode()
    assert "Mill Road at the bridge" in page and "their Query Log entry 31" in page
    assert as_role("clerk").get(f"/queries/{entry.pk}/").status_code == 404
    logged = as_role("auditor").get(f"/queries/log/{entry.pk}/").content.decode()
    assert "Mill County Sheriff&#x27;s Office: answered" in logged and "Mill Road" not in logged


@pytest.mark.django_db(transaction=True)
def test_what_partners_say_stands_apart(cast: Cast, browse: Callable[..., Page], as_role: AsRole) -> None:
    partner = connected(cast, at=NOW)
    _search(as_role("detective"), partner.pk)
    entry, question = QueryLogEntry.objects.get(), PartnerQuestion.objects.get()
    page = browse("detective")
    page.goto("/queries/")
    look(page, "query-partners-1280")
    page.goto(f"/queries/{entry.pk}/")
    look(page, "query-partner-down-1280")
    changes.end(
        question, state="refused", clause="IV.h", reason="The MOU “Stolen vehicles” bars this purpose.", number=30
    )
    page.reload()
    look(page, "query-partner-refused-1280")
    _answer(question)
    page.reload()
    look(page, "query-partner-answered-1280")
    page.set_viewport_size({"width": 360, "height": 800})
    look(page, "query-partner-answered-360")
    chief = browse("chief", width=360)
    for name, address in (("partners", "/partners/"), ("partner", f"/partners/{partner.pk}/")):
        chief.goto(address)
        look(chief, f"{name}-chief-360")


@screens
def test_a_list_that_is_offered_is_not_asked_for_again(cast: Cast, as_role: AsRole) -> None:
    partner, chief = connected(cast, at=NOW), stepped_up(as_role("chief"))
    address = f"/partners/{partner.pk}/"
    assert "Offer it" in chief.get(address).content.decode()
    chief.post(reverse("partner_offer", args=[partner.pk]), {"name": "own"})
    page = chief.get(address).content.decode()
    assert "Offer no longer" in page and "Offer it" not in page
