"""Disposals and command directives on their pages (VI.k, VI.k.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.retention.models import Directive, Disposal, Proposal
from tests.cast import Cast
from tests.web.access import retention
from tests.web.access.cases import opened
from tests.web.making import stepped_up

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]


def test_two_persons_let_data_go_from_the_page_and_its_certificate_is_shown(cast: Cast, as_role: AsRole) -> None:
    [number] = retention.ROWS["disposal_propose"]["args"](cast)
    custodian, chief = stepped_up(as_role("custodian")), stepped_up(as_role("chief"))
    assert "Dead letters: 1" in custodian.get("/disposals/").content.decode()
    assert "Approve: dispose" not in chief.get("/disposals/").content.decode()
    custodian.post(f"/disposals/proposals/{number}/propose/")
    page = custodian.get("/disposals/").content.decode()
    assert "Somebody other than who put it forward approves it" in page
    assert custodian.post(f"/disposals/proposals/{number}/approve/").status_code == 403
    assert "Disposals made: 1" in chief.post(f"/disposals/proposals/{number}/approve/", follow=True).content.decode()
    assert Proposal.objects.get().completed_at
    shown = chief.get(f"/disposals/{Disposal.objects.get().pk}/").content.decode()
    assert "the ledger&#x27;s key signed it" in shown or "the ledger's key signed it" in shown


def test_command_directs_from_the_page_and_what_is_wrong_is_said(cast: Cast, as_role: AsRole) -> None:
    case, chief = opened(cast), stepped_up(as_role("chief"))
    wrong = {"case": "none", "plates": "ABC!", "area": "here", "kept_until": "2050-01-01", "why": "civil suit"}
    page = chief.post("/directives/give/", wrong).content.decode()
    assert "There is no such case. Whoever works hits or searches opens it under Cases." in page
    assert "Directives are given by" not in page
    assert "Directives are given by: Chief." in as_role("custodian").get("/directives/").content.decode()
    assert "Write circle" in page
    assert not Directive.objects.exists()
    given = {"case": case.number, "plates": "abc 1234\nHVK*", "kept_until": "2050-01-01", "why": "civil suit"}
    assert "Directed" in chief.post("/directives/give/", given, follow=True).content.decode()
    assert Directive.objects.get().plates == ["ABC1234", "HVK*"]
    assert str(CaseFile.objects.get().directed_until) == "2050-01-01"
    nothing = {"case": case.number, "kept_until": "2050-01-01", "why": "civil suit"}
    assert chief.post("/directives/give/", nothing).status_code == 403
    chief.post(f"/directives/{Directive.objects.get().pk}/end/")
    assert Directive.objects.get().ended_by == cast.chief
    looks = LedgerEntry.objects.filter(action="directives_viewed", at__lte=datetime.now(UTC)).count()
    assert "ended" in as_role("auditor").get("/directives/").content.decode()
    assert LedgerEntry.objects.filter(action="directives_viewed").count() == looks + 1
