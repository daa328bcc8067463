"""The department keeps house: policy, people, LPRs, upkeep, register, dead letters and the ledger on their screens."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from django.conf import settings as live
from django.test import Client
from django.utils.html import escape
from django_q.models import OrmQ
from playwright.sync_api import Page, expect
from pytest_django import Settings

from platekeeper.core.clauses import Clause
from platekeeper.server.equipment.models import LPR
from platekeeper.server.jobs.schedule import ensure_schedules
from platekeeper.server.ledger.models import LedgerEntry, LedgerOpening
from platekeeper.server.procedures.back_up import NotBackedUp
from platekeeper.server.reads.models import DeadLetter
from platekeeper.server.retention.models import Backup
from platekeeper.server.storage.backups.scratch import emptied
from tests.cast import Cast
from tests.jobs.runs import ended, run_what_waits
from tests.letters import keep_dead_letter
from tests.web.making import stepped_up

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
NOW = datetime.now(UTC)


def _text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def _back_up(custodian: Client) -> None:
    custodian.post("/upkeep/backup/")
    run_what_waits()


@pytest.mark.django_db(transaction=True)
def test_an_lpr_is_added_gets_a_key_shown_once_and_leaves_service(cast: Cast, as_role: AsRole) -> None:
    administrator = stepped_up(as_role("administrator"))
    administrator.post("/lprs/", {"name": "Car 12", "kind": "mobile", "place": "unit 12"})
    lpr = LPR.objects.get(name="Car 12")
    shown = administrator.post(f"/lprs/{lpr.pk}/key/").context["key"]
    assert shown not in _text(administrator, "/lprs/")
    again = administrator.post(f"/lprs/{lpr.pk}/key/", follow=True)  # the form as it was before that key
    assert "has a new key already" in again.content.decode()
    assert LedgerEntry.objects.filter(action="lpr_key_issued").count() == 1

    def send() -> int:
        body = {"plate": "ABC1234", "captured_at": NOW.isoformat()}
        headers = {"Authorization": f"Bearer {shown}"}
        return Client().post("/api/reads", body, content_type="application/json", headers=headers).status_code

    assert send() == 200
    administrator.post(f"/lprs/{lpr.pk}/service/", {"in_service": "no"})
    assert send() in {401, 403}
    assert administrator.post("/lprs/", {"name": "Car 12", "kind": "mobile"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_page_of_a_new_key_is_loaded_anew_as_the_lprs_page(cast: Cast, browse: Callable[..., Page]) -> None:
    page = browse("administrator")
    page.goto(f"/lprs/{cast.lpr.pk}/")
    page.get_by_role("button", name="New key for").click()
    expect(page.get_by_text("It is shown this once.")).to_be_visible()
    issued = LPR.objects.get(pk=cast.lpr.pk).key_issued_at
    key = page.locator("p.card.mono").inner_text()
    expect(page).to_have_url(re.compile(rf"/lprs/{cast.lpr.pk}/$"))
    page.reload()
    expect(page.get_by_role("button", name="New key for")).to_be_visible()
    assert key not in page.content()
    assert LPR.objects.get(pk=cast.lpr.pk).key_issued_at == issued


def test_field_names_of_an_lpr_are_edited_and_the_ledger_says_so(cast: Cast, as_role: AsRole) -> None:
    administrator, address = as_role("administrator"), f"/lprs/{cast.lpr.pk}/fields/genetec/"
    assert "usually LongitudeX or Longitude" in _text(administrator, address)
    assert administrator.post(address, {"plate": " Kennzeichen ", "id": ""}).status_code == 302
    assert LPR.objects.get(pk=cast.lpr.pk).field_names == {"genetec": {"plate": "Kennzeichen"}}
    assert 'value="Kennzeichen"' in _text(administrator, address)
    entry = LedgerEntry.objects.filter(action="lpr_changed").latest("index")
    assert entry.content()["details"] == {"format": "genetec", "field_names": {"plate": "Kennzeichen"}}
    assert administrator.post(address, {"plate": "x" * 81}).status_code == 200
    administrator.post(address, {})
    assert LPR.objects.get(pk=cast.lpr.pk).field_names == {"genetec": {}}


@pytest.mark.parametrize("role", ["custodian", "chief", "officer", "auditor", "outsider"])
def test_field_names_are_not_edited_by_others(role: str, cast: Cast, as_role: AsRole) -> None:
    assert as_role(role).post(f"/lprs/{cast.lpr.pk}/fields/genetec/", {"plate": "x"}).status_code == 403
    assert LPR.objects.get(pk=cast.lpr.pk).field_names == {}


@pytest.mark.parametrize("format", ["axis", "acme"])
def test_field_names_of_other_formats_are_fixed(format: str, cast: Cast, as_role: AsRole) -> None:
    assert as_role("administrator").get(f"/lprs/{cast.lpr.pk}/fields/{format}/").status_code == 404


def test_a_backup_is_asked_for_on_the_page_and_made_beside_the_server(cast: Cast, as_role: AsRole) -> None:
    custodian = as_role("custodian")
    page = custodian.post("/upkeep/backup/", follow=True).content.decode()
    assert "The backup is being made." in page
    assert 'hx-get="/upkeep/"' in page
    assert not Backup.objects.exists()
    assert "A backup is under way." in custodian.post("/upkeep/backup/", follow=True).content.decode()
    [said] = run_what_waits()
    assert "files backed up" in said
    [made] = Backup.objects.all()
    assert made.completed_at
    assert made.by == cast.custodian.pk
    page = _text(custodian, "/upkeep/")  # what one does comes before what runs by itself
    for act in ("Back up now", "Dispose now"):
        assert page.index(act) < page.index("Scheduled work")
    assert page.index("Back up now") < page.index("backup of ")
    assert "hx-get" not in page
    with emptied(live.HOME.backup_scratch):  # as a run of the schedule has it
        assert "A backup is under way." in custodian.post("/upkeep/backup/", follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_goes_on_beside_the_server_comes_into_the_page(cast: Cast, browse: Callable[..., Page]) -> None:
    page = browse("custodian")
    page.goto("/upkeep/")
    expect(page.get_by_text("No backup has been made yet.")).to_be_visible()
    page.get_by_role("button", name="Back up now").click()
    expect(page.get_by_text("The backup is being made.")).to_be_visible()
    run_what_waits()
    expect(page.get_by_text("No backup has been made yet.")).to_be_hidden()
    expect(page.locator("[data-live]")).to_have_count(0)  # nothing is asked any more
    expect(page.locator("[data-part=backups]").get_by_text("files, ")).to_be_visible()


def test_a_disposal_is_asked_for_on_the_page_by_a_person(cast: Cast, as_role: AsRole) -> None:
    page = stepped_up(as_role("custodian")).post("/upkeep/dispose/", follow=True).content.decode()
    assert "What is past its time goes now." in page
    [waiting] = OrmQ.objects.all()
    assert (waiting.group(), waiting.args()) == ("dispose", (cast.custodian.pk,))
    assert run_what_waits() == ["0 disposals"]


def test_a_job_that_waits_for_somebody_is_shown_as_that(cast: Cast, as_role: AsRole) -> None:
    ensure_schedules()
    ended("dispose", "WAITS: 3 days", at=NOW)
    assert '<span class="badge is-bad">waits</span>' in _text(as_role("custodian"), "/upkeep/")


def test_a_backup_that_no_folder_could_take_is_no_success(cast: Cast, as_role: AsRole, settings: Settings) -> None:
    settings.BACKUP_FOLDERS = [settings.HOME.folder / "away"]
    custodian = as_role("custodian")
    custodian.post("/upkeep/backup/")
    assert run_what_waits() == ["0 files backed up, 1 folders NOT WITHIN REACH"]
    assert "NOT WITHIN REACH" in _text(custodian, "/upkeep/").split("<h3>")[0]


def test_a_backup_folder_that_is_gone_for_good_is_recorded_as_that(
    cast: Cast, as_role: AsRole, settings: Settings
) -> None:
    vault, custodian = settings.HOME.folder / "vault", stepped_up(as_role("custodian"))
    settings.BACKUP_FOLDERS = [vault]
    vault.mkdir()
    _back_up(custodian)
    assert "It is gone for good" not in _text(custodian, "/upkeep/")
    shutil.rmtree(vault)
    assert "It is gone for good" in _text(custodian, "/upkeep/")
    assert "It is gone for good" not in _text(as_role("auditor"), "/upkeep/")
    told = custodian.post("/upkeep/backup/destroyed/", {"folder": str(vault), "how": "shredded"}, follow=True)
    assert f"No disposal looks for {vault} any more." in told.content.decode()
    assert "It is gone for good" not in _text(custodian, "/upkeep/")


@pytest.mark.parametrize("fault", ["damaged", "no place for its lock"])
def test_a_folder_that_takes_no_backup_is_named_and_the_others_are_made(
    fault: str, cast: Cast, as_role: AsRole, settings: Settings
) -> None:
    vault, custodian = settings.HOME.folder / "vault", as_role("custodian")
    settings.BACKUP_FOLDERS = [vault, settings.HOME.backups]
    if fault == "damaged":
        vault.mkdir()
        _back_up(custodian)
        next(vault.glob("*/KEYRING")).write_text("not a keyring")
    else:
        (vault / "backup.lock").mkdir(parents=True)
    custodian.post("/upkeep/backup/")
    with pytest.raises(NotBackedUp):
        run_what_waits()
    said = Backup.objects.filter(target=str(vault)).first().failure  # type: ignore[union-attr]
    assert f"{vault}" in _text(custodian, "/upkeep/")
    assert f'<span class="badge is-bad">{escape(said)}</span>' in _text(custodian, "/upkeep/")
    assert Backup.objects.filter(target=str(settings.HOME.backups)).first().completed_at  # type: ignore[union-attr]


def test_a_recovery_key_is_made_and_proved_on_its_page(cast: Cast, as_role: AsRole) -> None:
    custodian = stepped_up(as_role("custodian"))
    answer = custodian.post("/upkeep/recovery-key/make/", {"holders": "Chester\r\n Carla \r\n", "needed": "2"})
    assert "no-store" in answer.headers["Cache-Control"]
    shares = [" ".join(words) for _holder, words in answer.context["shares"]]
    assert "waits" in _text(custodian, "/upkeep/recovery-key/")
    page = _text(custodian, "/upkeep/recovery-key/")  # a single word may stand on it by chance, two side by side not
    assert not [pair for share in shares for pair in pairwise(share.split()) if " ".join(pair) in page]
    wrong = custodian.post("/upkeep/recovery-key/prove/", {"shares": shares[0]}, follow=True).content.decode()
    assert "did NOT give" in wrong
    right = custodian.post("/upkeep/recovery-key/prove/", {"shares": "\r\n".join(shares)}, follow=True).content.decode()
    assert "gave the recovery key" in right
    assert "<li>Carla</li>" in right
    assert (
        custodian.post("/upkeep/recovery-key/make/", {"holders": "A", "needed": "1"}).status_code == 200
    )  # the form again
    assert custodian.post("/upkeep/recovery-key/make/", {"holders": "A", "needed": "2"}).status_code == 403


def test_what_is_due_waits_for_who_keeps_backups(cast: Cast, as_role: AsRole, settings: Settings) -> None:
    custodian = as_role("custodian")
    assert "backup due" in _text(custodian, "/")
    _back_up(custodian)
    assert "backup due" not in _text(custodian, "/")
    assert "until the next one, due" in _text(custodian, "/upkeep/")
    settings.HOME.recovery_lock.unlink()
    assert "recovery key to make" in _text(custodian, "/")
    assert "there is no recovery key yet" in _text(custodian, "/upkeep/")
    assert "recovery key" not in _text(as_role("officer"), "/")


def test_the_register_lists_every_clause_as_page_and_as_json(cast: Cast, as_role: AsRole) -> None:
    auditor = as_role("auditor")
    listed = auditor.get("/register/register.json").json()["clauses"]
    assert [line["clause"] for line in listed] == [clause.number for clause in Clause]
    page = _text(auditor, "/register/")
    assert all(clause.number in page for clause in Clause)


def test_a_dead_letter_is_looked_at_and_closed_with_a_remark(cast: Cast, as_role: AsRole) -> None:
    letter = keep_dead_letter(lpr=cast.lpr, format="platekeeper", reason="no plate", payload=b'{"a": "<b>"}', at=NOW)
    custodian = as_role("custodian")
    assert "no plate" in _text(custodian, "/reads/dead-letters/")
    assert "{&quot;a&quot;: &quot;&lt;b&gt;&quot;}" in _text(custodian, f"/reads/dead-letters/{letter.pk}/")
    assert custodian.post(f"/reads/dead-letters/{letter.pk}/close/", {"remark": " "}).status_code == 403
    custodian.post(f"/reads/dead-letters/{letter.pk}/close/", {"remark": "firmware mended"})
    assert DeadLetter.objects.get().remark == "firmware mended"
    assert "no plate" not in _text(custodian, "/reads/dead-letters/")
    assert "no plate" in _text(custodian, "/reads/dead-letters/?all")


def test_the_auditor_checks_the_ledger_and_a_forged_value_is_named(cast: Cast, as_role: AsRole) -> None:
    auditor = as_role("auditor")
    auditor.post("/audit/check/")
    assert run_what_waits()[0].endswith("0 faults found")
    leaf = LedgerEntry.objects.latest("index")
    assert "Audrey Auditor" in _text(auditor, f"/audit/{leaf.index}/")
    LedgerOpening.objects.filter(entry=leaf, field="name").update(value="Nobody")
    auditor.post("/audit/check/")
    run_what_waits()
    faults = _text(auditor, "/audit/")
    assert f"leaf {leaf.index}: the value shown for name is not the one recorded" in faults
