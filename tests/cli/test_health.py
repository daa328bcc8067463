"""`platekeeper health`: for people and monitors; it ends with how bad it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from platekeeper.server.cli.main import main
from platekeeper.server.equipment.models import LPR
from platekeeper.server.jobs.health import facts
from platekeeper.server.jobs.schedule import ensure_schedules
from platekeeper.server.procedures.stores import backup_folders
from platekeeper.server.reads.changes import note_contacts, record_batch
from platekeeper.server.reads.models import Contact
from platekeeper.server.retention.models import Backup
from platekeeper.server.storage.home import Home
from tests.cast import Cast
from tests.roles.making import become_owner

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    ensure_schedules()
    return cast


def _batch(name: int, at: datetime) -> None:
    record_batch(batch=bytes([name]) * 16, at=at, count=1, root=b"0" * 32, leaf=0)


def test_it_ends_with_the_worst_and_says_what_to_do(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    note_contacts({cast.lpr.pk: 0.5}, kind=Contact.Kind.UPLOAD, at=NOW)
    assert main(["health"]) == 1
    assert "SEE TO IT Backup: none yet" in capsys.readouterr().out
    Backup.objects.create(
        begun_at=NOW, completed_at=NOW, by=0, target=str(backup_folders()[0]), policy_number=1, policy_digest=""
    )
    assert main(["health"]) == 0
    LPR.objects.update(added_at=NOW - timedelta(days=9))
    become_owner()
    Contact.objects.all().delete()
    capsys.readouterr()
    assert main(["health"]) == 1
    printed = capsys.readouterr().out
    assert "SEE TO IT Uploads: none overdue, 1 never heard from" in printed
    _batch(1, NOW - timedelta(days=3))
    assert main(["health", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["level"] == "bad"
    assert {each["name"]: each["level"] for each in told["lines"]}["Intake"] == "bad"


def test_without_a_department_it_says_so(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.HOME = Home(tmp_path / "none")
    assert main(["health"]) == 2
    assert "no department here" in capsys.readouterr().out


def test_clocks_are_looked_at(cast: Cast) -> None:
    _batch(1, NOW - timedelta(minutes=1))
    _batch(2, NOW - timedelta(minutes=9))
    _batch(3, NOW)
    found = facts(at=NOW)
    assert (found.clock_steps, found.last_batch) == ([NOW - timedelta(minutes=9)], NOW)
    for lag, ahead, behind in ((-6.0, 1, 0), (2.0, 0, 0), (301.0, 0, 1)):
        become_owner()
        Contact.objects.all().delete()
        note_contacts({cast.lpr.pk: lag}, kind=Contact.Kind.UPLOAD, at=NOW)
        found = facts(at=NOW)
        assert (len(found.lprs_ahead), len(found.lprs_behind)) == (ahead, behind)
    LPR.objects.update(upload_way="file")
    assert not facts(at=NOW).lprs_behind  # what comes in a file comes late
