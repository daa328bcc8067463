"""The ledger is handed out on its pages, and what is handed out verifies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from platekeeper import verify
from platekeeper.server.ledger.lookups import first_key
from platekeeper.server.procedures.sign_ledger import checkpoint, first_fingerprint
from tests.cast import Cast
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


def test_the_key_is_changed_on_the_page_and_the_fingerprint_stays(cast: Cast, as_role: AsRole) -> None:
    auditor = stepped_up(as_role("auditor"))
    checkpoint(at=datetime.now(UTC))
    before = first_fingerprint()
    auditor.post("/audit/key/change/")
    assert first_fingerprint() == before
    assert len(verify.check_export(_exported(auditor), trusted=before).keys) == 2


def test_the_verifier_is_the_file_itself(cast: Cast, as_role: AsRole) -> None:
    text = as_role("chief").get("/audit/verify.py").content.decode()
    compile(text, "verify.py", "exec")
    assert "def check_export" in text
    assert "import platekeeper" not in text
    assert "from platekeeper" not in text
