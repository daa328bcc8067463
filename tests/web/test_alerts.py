"""A bulletin is handed in, shown as it was read, and entered, corrected or withdrawn once a person has said so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Page, expect

from platekeeper.core.formats.cap import LARGEST
from platekeeper.server.hotlist.models import AlertBulletin, HotListEntry
from tests.cast import Cast
from tests.core.bulletins import bulletin, info
from tests.web.access.alerts import AMBER
from tests.web.test_screens import look

Browse = Callable[..., Page]
AsRole = Callable[[str], Client]
ALERTS = "/hot-lists/alerts/"


def _hand_in(client: Client, content: bytes) -> Any:
    return client.post(ALERTS, {"file": SimpleUploadedFile("alert.xml", content)}, follow=True)


@pytest.mark.django_db(transaction=True)
def test_an_amber_alert_from_its_file_to_the_list_on_a_phone(cast: Cast, browse: Browse, tmp_path: Path) -> None:
    file = tmp_path / "amber.xml"
    file.write_bytes(AMBER)
    page = browse("officer", width=360)
    page.goto(ALERTS)
    page.get_by_label("CAP 1.2 file").set_input_files(file)
    page.get_by_role("button", name="Take it in").click()
    expect(page.get_by_role("heading", name="AMBER Alert in Mill County").first).to_be_visible()
    expect(page.get_by_text("A child of 7 was taken.")).to_be_visible()
    assert not page.get_by_label("Enter this plate").is_checked()
    page.get_by_label("Enter this plate").check()
    page.get_by_label("Plate", exact=True).first.fill("KHB4472")  # the person reads it otherwise
    page.get_by_role("button", name="Do this").click()
    expect(page.get_by_role("heading", name="Entered from the bulletin")).to_be_visible()
    look(page, "alert-entered-360")
    entry = HotListEntry.objects.get()
    assert (entry.plate, entry.jurisdiction, entry.category) == ("KHB4472", "NY", "amber")
    assert entry.authority == "Mill County Sheriff, NYAMBER-1"
    assert entry.reason == "AMBER Alert in Mill County: 2008 Gray Dodge Caravan"
    page.get_by_role("link", name="Back to the bulletin").click()
    expect(page.get_by_text("Looked at and settled by Olive Officer")).to_be_visible()


@pytest.mark.django_db
def test_a_cancel_takes_off_what_stands_unless_somebody_keeps_it(cast: Cast, as_role: AsRole) -> None:
    officer = as_role("officer")
    _hand_in(officer, AMBER)
    first = AlertBulletin.objects.get()
    page = officer.get(f"{ALERTS}{first.pk}/").content.decode()
    untouched = {"plate-0-ground": "amber", "plate-0-ends": "2099-01-01T00:00", "plate-1-ground": "amber",
                 "plate-1-ends": "2099-01-01T00:00"}  # fmt: skip
    assert "Say why nothing is entered" in officer.post(f"{ALERTS}{first.pk}/", untouched).content.decode()
    assert 'lang="es-US"' in page and "Placa KHB4471" in page
    given = {"plate-0-enter": "on", "plate-0-plate": "KHB4471", "plate-0-jurisdiction": "NY", "plate-0-ground": "amber",
             "plate-0-ends": "2099-01-01T00:00", "plate-1-ground": "amber", "plate-1-ends": "2099-01-01T00:00"}  # fmt: skip
    assert "30 days at most" in officer.post(f"{ALERTS}{first.pk}/", given).content.decode()
    ends = f"{datetime.now(UTC):%Y-%m-%d}T23:59"
    officer.post(f"{ALERTS}{first.pk}/", {**given, "plate-0-ends": ends, "plate-1-ends": ends})
    entry = HotListEntry.objects.get()

    refers = "alerts@example.org,NYAMBER-1,2026-06-01T10:00:00-04:00"
    _hand_in(officer, bulletin(kind="Cancel", identifier="C-1", references=refers))
    cancel = AlertBulletin.objects.get(identifier="C-1")
    page = officer.get(f"{ALERTS}{cancel.pk}/").content.decode()
    assert "On the list, of the bulletins that this Cancel refers to" in page and "KHB4471" in page
    officer.post(f"{ALERTS}{cancel.pk}/", {f"entry-{entry.pk}-then": "withdraw", f"entry-{entry.pk}-ends": ends})
    entry.refresh_from_db()
    assert entry.state == "canceled"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bulletin(version="1.1"), "This is CAP 1.1"),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "declares a document type"),
        (bulletin(info(), status="Test"), "This bulletin is not meant"),
        (bulletin(info(description="<![CDATA[<script>alert(1)</script>]]>")), "&lt;script&gt;alert(1)"),
    ],
)
def test_what_a_file_is_is_shown(content: bytes, said: str, cast: Cast, as_role: AsRole) -> None:
    answer = _hand_in(as_role("officer"), content)
    assert (answer.status_code, said in answer.content.decode()) == (200, True)
    assert bytes(AlertBulletin.objects.get().content) == content


@pytest.mark.django_db
def test_what_was_not_understood_waits_until_somebody_says_what_became_of_it(cast: Cast, as_role: AsRole) -> None:
    officer = as_role("officer")
    _hand_in(officer, bulletin(version="1.1"))
    place = f"{ALERTS}{AlertBulletin.objects.get().pk}/"
    assert "alert bulletin to look at" in officer.get("/").content.decode()
    assert "This is CAP 1.1" in officer.get(ALERTS).content.decode()
    assert "Say what was entered by hand" in officer.post(place, {"remark": ""}).content.decode()
    assert officer.post(place, {"remark": "Entered by hand."}).status_code == 302
    page = officer.get(place).content.decode()
    assert (
        "Looked at and settled by" in page and "Entered by hand." in page and 'class="stack" method="post"' not in page
    )
    assert "alert bulletin to look at" not in officer.get("/").content.decode()


@pytest.mark.django_db
def test_a_file_too_large_is_refused_and_none_is_asked_for(cast: Cast, as_role: AsRole) -> None:
    officer = as_role("officer")
    answer = _hand_in(officer, b" " * (LARGEST + 1))
    assert (answer.status_code, "larger than" in answer.content.decode()) == (422, True)
    assert officer.post(ALERTS, {}).status_code == 422
    assert not AlertBulletin.objects.exists()
    assert "to look at" not in officer.get("/").content.decode()
    _hand_in(officer, AMBER)
    assert "alert bulletin to look at" in officer.get("/").content.decode()
