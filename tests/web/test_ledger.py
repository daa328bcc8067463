"""The ledger is handed out on its pages, and what is handed out verifies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
from django.test import Client
from pytest_django import Settings

from platekeeper import verify
from platekeeper.server.ledger import lookups
from platekeeper.server.ledger.chain import first_key
from platekeeper.server.ledger.lookups import horizon, mailings
from platekeeper.server.ledger.models import LedgerEntry, LedgerOpening
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.sign_ledger import checkpoint, first_fingerprint
from platekeeper.server.procedures.view_logs import check_ledger
from tests.cast import Cast
from tests.jobs.runs import run_what_waits
from tests.web.access.cases import preserved
from tests.web.making import stepped_up

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]


def _exported(client: Client, **data: str) -> list[str]:
    answer = client.post("/audit/export/", data)
    return b"".join(answer.streaming_content).decode().splitlines(keepends=True)  # type: ignore[attr-defined]


def test_an_export_and_a_held_checkpoint_from_the_pages_verify(cast: Cast, as_role: AsRole) -> None:
    auditor = stepped_up(as_role("auditor"))
    auditor.get("/audit/")
    assert "within a minute" in auditor.get("/audit/").content.decode()
    checkpoint(at=datetime.now(UTC))
    held = auditor.post("/audit/checkpoint.txt", {"to": "City Clerk"}).content.decode()
    page = auditor.get("/audit/").content.decode()
    assert first_fingerprint() in page
    verdict = verify.check_export(_exported(auditor), trusted=first_fingerprint(), held=[held])
    assert verdict.witnessed > 0
    assert verdict.withheld == 0
    assert verify.check_export(_exported(auditor, withhold="1"), trusted=first_fingerprint()).withheld > 0


def test_a_leaf_is_proven_once_it_is_covered(cast: Cast, as_role: AsRole) -> None:
    auditor = as_role("auditor")
    auditor.get("/audit/")
    assert auditor.get("/audit/0/proof/").status_code == 404
    checkpoint(at=datetime.now(UTC))
    head, _, note = auditor.get("/audit/0/proof/").content.decode().partition("\n\n")
    key = first_key()
    assert key is not None
    assert verify.opened(note, {key.origin: [bytes(key.public_key)]}).size > 0
    assert head.startswith("c2sp.org/tlog-proof@v1\nindex 0\n")
    assert "Proof under the newest checkpoint" in auditor.get("/audit/0/").content.decode()


def test_every_leaf_is_checked_beside_the_server_and_the_page_says_what_came_of_it(cast: Cast, as_role: AsRole) -> None:
    auditor = as_role("auditor")
    assert "Nobody has checked every leaf yet." in auditor.get("/audit/").content.decode()
    page = auditor.post("/audit/check/", follow=True).content.decode()
    assert "Every leaf is being checked" in page
    assert 'hx-get="/audit/checked/"' in page
    auditor.post("/audit/check/")
    views = LedgerEntry.objects.filter(action="ledger_viewed")
    before = views.count()
    asked = auditor.get("/audit/checked/", headers={"X-Platekeeper-Poll": "1"}).content.decode()
    assert "Every leaf is being checked" in asked
    assert views.count() == before  # it shows no leaf
    [said] = run_what_waits()
    assert said.endswith("0 faults found")
    told = LedgerEntry.objects.get(action="ledger_checked", outcome="done").content()["details"]
    page = auditor.get("/audit/").content.decode()
    assert f"all {told['leaves']} leaves hash as recorded" in page
    assert told["root"] in page
    LedgerOpening.objects.filter(entry=views.order_by("index")[0]).update(value="Somebody Else")
    auditor.post("/audit/check/")
    run_what_waits()
    page = auditor.get("/audit/").content.decode()
    assert "found 1 fault." in page
    assert "is not the one recorded" in page


def test_a_check_that_did_not_come_to_its_end_is_told_of_until_one_does(
    cast: Cast, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor = as_role("auditor")
    auditor.post("/audit/check/")
    run_what_waits()
    with monkeypatch.context() as patched:
        patched.setattr(lookups, "check", Mock(side_effect=OSError("disk")))
        auditor.post("/audit/check/")
        with pytest.raises(OSError, match="disk"):
            run_what_waits()
    page = auditor.get("/audit/").content.decode()
    assert "did not come to its end" in page
    assert "hash as recorded" in page  # what the one before came to, with its day
    auditor.post("/audit/check/")
    assert "did not come to its end" not in auditor.get("/audit/").content.decode()
    run_what_waits()
    assert "did not come to its end" not in auditor.get("/audit/").content.decode()


def test_a_leaf_that_was_forged_so_that_it_cannot_be_read_is_found(cast: Cast, as_role: AsRole) -> None:
    auditor = as_role("auditor")
    auditor.get("/audit/")
    last = LedgerEntry.objects.latest("index")
    LedgerEntry.objects.create(
        index=last.index + 1, at=last.at, action=last.action, outcome=last.outcome, person=0, body=b"{}",
        leaf_hash=verify.entry_hash(b"{}"),
    )  # fmt: skip
    auditor.post("/audit/check/")
    [said] = run_what_waits()
    assert said.endswith("1 faults found")
    assert f"leaf {last.index + 1} cannot be read" in auditor.get("/audit/").content.decode()


def test_the_last_check_is_the_newest_whatever_its_clock_said(cast: Cast) -> None:
    for days in (0, -30):
        check_ledger(footing(cast.auditor, at=datetime.now(UTC) + timedelta(days=days)))
    last = lookups.last_check()
    assert last == LedgerEntry.objects.latest("index")


def test_a_refusal_says_what_was_attempted(cast: Cast, as_role: AsRole) -> None:
    as_role("officer").get("/audit/")
    page = as_role("auditor").get("/audit/").content.decode()
    assert "action refused: ledger viewed" in page
    refused = LedgerEntry.objects.filter(action="action_refused").latest("index")
    assert "action refused: ledger viewed" in as_role("auditor").get(f"/audit/{refused.index}/").content.decode()


def test_the_key_is_changed_on_the_page_and_the_fingerprint_stays(cast: Cast, as_role: AsRole) -> None:
    auditor = stepped_up(as_role("auditor"))
    checkpoint(at=datetime.now(UTC))
    before = first_fingerprint()
    auditor.post("/audit/key/change/")
    assert first_fingerprint() == before
    assert len(verify.check_export(_exported(auditor), trusted=before).keys) == 2


def test_once_the_key_was_lost_the_page_says_that_outsiders_need_another_fingerprint(
    cast: Cast, as_role: AsRole, settings: Settings
) -> None:
    auditor = stepped_up(as_role("auditor"))
    checkpoint(at=datetime.now(UTC))
    for path in settings.HOME.ledger_keys.iterdir():
        path.unlink()
    page = auditor.post("/audit/key/change/", follow=True).content.decode()
    assert "give outsiders the new fingerprint" in page and "stays the same" not in page


def test_the_verifier_is_the_file_itself(cast: Cast, as_role: AsRole) -> None:
    text = as_role("chief").get("/audit/verify.py").content.decode()
    compile(text, "verify.py", "exec")
    assert "def check_export" in text
    assert "import platekeeper" not in text
    assert "from platekeeper" not in text


def test_a_witness_is_added_and_ended_after_the_password(cast: Cast, as_role: AsRole) -> None:
    cast.auditor.set_password("a passphrase to ask for")
    cast.auditor.save()
    auditor = as_role("auditor")
    given = {"name": "City Clerk", "email": "clerk@example.org"}
    assert "/accounts/reauthenticate/" in auditor.post("/audit/witnesses/add/", given).headers["Location"]
    stepped_up(auditor).post("/audit/witnesses/add/", given)
    page = auditor.get("/audit/witnesses/").content.decode()
    assert "clerk@example.org" in page
    assert "Nothing was mailed yet" in page
    assert "already" in auditor.post("/audit/witnesses/add/", given).content.decode()
    [(witness, _last)] = mailings()
    auditor.post(f"/audit/witnesses/{witness.pk}/end/")
    assert not mailings()
    assert auditor.post(f"/audit/witnesses/{witness.pk}/end/").status_code == 404


def test_without_mail_the_page_says_what_to_set(cast: Cast, as_role: AsRole, settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    page = as_role("auditor").get("/audit/witnesses/").content.decode()
    assert "PLATEKEEPER_MAIL_HOST" in page
    assert "Add a witness" not in page


def test_the_horizon_and_what_lies_after_it_are_said(cast: Cast, as_role: AsRole) -> None:
    auditor = as_role("auditor")
    assert "could rewrite all of it" in auditor.get("/audit/").content.decode()
    page = auditor.post("/audit/checkpoint.pdf", {"to": "City Clerk"})
    assert page.content.startswith(b"%PDF-")
    held, shown = horizon(), auditor.get("/audit/").content.decode()
    assert held is not None
    assert f"Leaves 0 to {held.checkpoint.size - 1} cannot be rewritten unnoticed" in shown
    assert "City Clerk on paper" in shown
    assert "2 leaves lie after it" in shown  # the hand-over and this view


@pytest.mark.parametrize("address", ["/audit/export/", "/audit/checkpoint.pdf", "packet"])
def test_where_the_key_is_missing_the_page_says_what_to_do(
    address: str, cast: Cast, as_role: AsRole, settings: Settings
) -> None:
    role, path = ("auditor", address)
    if address == "packet":
        role, path = "detective", f"/cases/{preserved(cast).case_id}/packet/"
    checkpoint(at=datetime.now(UTC))
    for key in settings.HOME.ledger_keys.iterdir():
        key.unlink()
    answer = stepped_up(as_role(role)).post(path, {"to": "District Attorney", "why": "discovery"})
    text = answer.content.decode()
    assert answer.status_code == 503
    assert "ledger-keys/" in text
    assert "those who keep the key (Auditor)" in text
    done = LedgerEntry.objects.filter(outcome="done").values_list("action", flat=True)
    assert not {"ledger_exported", "packet_exported", "checkpoint_handed_over"} & set(done)
