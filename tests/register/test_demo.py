"""The register of the demo department, founded through the procedures: nothing of it is in breach."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from platekeeper.core.clauses import Clause
from platekeeper.server.cli.demo import department
from platekeeper.server.cli.demo.agreements import agree
from platekeeper.server.cli.demo.waiting import leave_waiting
from platekeeper.server.procedures.end_accounts import end_accounts
from platekeeper.server.register.evidence import Status
from platekeeper.server.register.lines import register
from platekeeper.server.register.period import WINDOWS, period_of


@pytest.mark.django_db
def test_the_demo_department_keeps_its_policy(own_home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(department, "BACKFILL", 20)
    founded = datetime.now(UTC)
    department.found(at=founded)
    department.backfill(at=founded)
    department.sign_in(at=datetime.now(UTC))
    assert end_accounts(at=datetime.now(UTC)) == 0, "whom the demo prints can sign in"
    agree(at=datetime.now(UTC))
    leave_waiting(at=datetime.now(UTC))
    now = datetime.now(UTC)
    for days in WINDOWS:
        found = {line.clause: line.status for line in register(period_of(now=now, days=days))}
        assert not [clause for clause, status in found.items() if status is Status.BREACH]
    kept = {
        Clause.header,
        Clause.IV_e,
        Clause.IV_f,
        Clause.V_a,
        Clause.V_b,
        Clause.VI_e,
        Clause.VIII_b,
        Clause.signature,
    }
    assert {found[clause] for clause in kept} == {Status.KEPT}
