"""Exports, disposal, approvals and changes of roles and keys ask once more who is there: every address of the table."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Page, expect

from platekeeper.server.procedures.sign_ledger import checkpoint
from tests.cast import Cast
from tests.looking import look_at
from tests.web.access.query_log import searched
from tests.web.factors import give_app
from tests.web.table import Row, rows

pytestmark = pytest.mark.django_db
_WORD = "correct horse battery"
ROWS = {row.name: row for row in rows().values() if not row.public and not row.key}
WEIGHTY = re.compile(
    r"export|packet|dispos|decide|adopt|approv|key|witness_|directive_|correct$|lift|seal|workstation_|"
    r"^person_|^deployment_step|^search_request_(?:answer|step)|people_import_run|dispose_now|backup_destroyed|case_end|case_direct|"
    r"remove_|^barred_|^partner_(?:invite|connect|resume|offer)$|hand_out$|^routine_new$|^mou_step$|^ledger_public$|^report_(?:publish|withdraw)$"
)
"""What the name of an address says when it stands for an act of these kinds."""
EXCUSED = {
    "barred_places": "a page to read; barring asks",
    "disposals": "a page to read",
    "disposal": "a page to read",
    "disposal_pdf": "a certificate that names no plate",
    "query_approvals": "a page to read; deciding asks",
    "recovery_key": "a page to read",
    "recovery_key_prove": "the shares would wait in the session; they prove more than a password",
    "sealed_account": "a page to read",
    "lprs_insured_export": "equipment and its worth, no LPR data",
    "tour_override_decide": "lets one tour begin, at roll call; it opens no data",
}
FILLED: dict[str, dict[str, str]] = {
    "hits_hand_out": {
        "since": "2026-03-01T00:00", "until": "2026-03-02T00:00", "purpose": "stolen", "name": "Otto Outsider",
        "why": "their case", "form": "jsonl",
    },
    "routine_new": {
        "what": "hits", "purpose": "stolen", "every": "day", "form": "jsonl", "begins_on": "2026-03-01",
        "place": "/mnt/county",
    },
}  # fmt: skip
"""What is filled in on a page whose form asks on its way."""
GUARDED = sorted(name for name in ROWS if WEIGHTY.search(name) and name not in EXCUSED)


@pytest.mark.parametrize("row", [ROWS[name] for name in GUARDED], ids=GUARDED)
def test_it_asks_who_is_there(row: Row, cast: Cast, as_role: Callable[[str], Client]) -> None:
    role = sorted(row.allowed)[0]
    give_app(cast.people()[role])  # somebody without any has nothing to be asked for
    filled = FILLED[row.name] | {"agency": cast.outsider.agency_id} if row.name in FILLED else {}
    answer = as_role(role).post(row.address(cast), row.body(cast) | filled)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/2fa/reauthenticate/")


def test_every_excuse_is_needed() -> None:
    assert all(name in ROWS and WEIGHTY.search(name) for name in EXCUSED)


@pytest.mark.parametrize(
    ("role", "address", "named"),
    [
        ("custodian", "/upkeep/recovery-key/prove/", "shares"),
        ("officer", "/accounts/password/set/", "password1"),
        ("officer", "/accounts/password/change/", "password1"),
    ],
)
def test_no_secret_waits_in_the_records_for_a_password(
    role: str, address: str, named: str, cast: Cast, as_role: Callable[[str], Client]
) -> None:
    who = cast.people()[role]
    if address.endswith("/set/"):
        who.set_unusable_password()
        who.save()
    give_app(who)
    answer = as_role(role).post(address, {named: "abandon ability able", "password2": "abandon ability able"})
    assert answer.status_code in {200, 302}
    assert not [each for each in Session.objects.all() if "abandon" in str(each.get_decoded())]


@pytest.mark.django_db(transaction=True)
def test_a_file_that_was_made_is_not_asked_for_twice(cast: Cast, browse: Callable[..., Page]) -> None:
    cast.auditor.set_password(_WORD)
    cast.auditor.save()
    page = browse("auditor")
    page.goto("/oversight/")
    page.get_by_role("button", name="Make the packet").click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_label("Password").fill(_WORD)
    with page.expect_download() as download:
        page.get_by_role("button", name="Go on").click()
    assert download.value.suggested_filename.startswith("audit-")
    expect(page.get_by_text("your browser is saving the file")).to_be_visible()
    expect(page.get_by_text("being put together")).to_be_hidden()
    expect(page.get_by_role("button", name="Go on")).to_be_hidden()
    assert "saved" not in {cookie["name"] for cookie in page.context.cookies()}


@pytest.mark.django_db(transaction=True)
def test_while_a_file_is_made_the_page_says_so(cast: Cast, browse: Callable[..., Page]) -> None:
    cast.sergeant.set_password(_WORD)
    cast.sergeant.save()
    page = browse("sergeant")
    page.goto("/accounts/2fa/reauthenticate/")
    page.evaluate("addEventListener('submit', (event) => event.preventDefault())")  # an answer that takes long
    page.get_by_label("Password").fill(_WORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("being put together")).to_be_visible()
    look_at(page, "saving")
    expect(page.get_by_text("your browser is saving the file")).to_be_hidden()


@pytest.mark.parametrize("word", ["1764x", "a;b", "x" * 41])
def test_what_is_no_word_of_a_page_comes_back_as_no_cookie(
    word: str, cast: Cast, as_role: Callable[[str], Client]
) -> None:
    answer = as_role("auditor").post(
        "/queries/log/export/", {"saved": word, "to": "the county", "why": "its audit", "form": "csv"}
    )
    assert (answer.status_code, answer.cookies.get("saved") is not None) == (200, word == "1764x")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("address", "opened", "button"),
    [("/audit/", "", "Export everything"), ("/queries/log/", "Redacted", "Export redacted"),
     ("/queries/log/", "Whole", "Export whole")],
)  # fmt: skip
def test_an_export_says_that_it_is_done_where_no_password_is_asked_for(
    address: str, opened: str, button: str, cast: Cast, browse: Callable[..., Page]
) -> None:
    searched(cast)
    checkpoint(at=datetime.now(UTC))
    page = browse("auditor")
    page.goto(address)
    if opened:
        page.locator("summary", has_text=opened).click()
        for label in page.locator("details[open] input[required]").all():
            label.fill("District Attorney, her case 26-7")
    with page.expect_download():
        page.get_by_role("button", name=button).click()
    expect(page.get_by_text("your browser is saving the file")).to_be_visible()
    expect(page.get_by_role("button", name=button)).to_be_hidden()
