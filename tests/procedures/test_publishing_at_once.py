"""Two who publish overlapping days at the same moment, each on a connection of their own: one of them is refused."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from platekeeper.server.oversight import changes
from platekeeper.server.oversight.models import Publication
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures import publish_reports
from platekeeper.server.procedures.authority import RefusedAction, footing
from tests.cast import assemble

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.records]


def test_days_are_published_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        chief = assemble().chief
    keep = changes.publish

    def slowly(**said: Any) -> Publication:
        time.sleep(0.5)  # after the look whether these days are published, before it is committed that they are
        return keep(**said)

    monkeypatch.setattr(changes, "publish", slowly)

    def published(last: date) -> bool:
        try:
            by = footing(Person.objects.get(pk=chief.pk), at=datetime.now(UTC))
            publish_reports.publish(by, first=date(2026, 2, 1), last=last, places=False)
        except RefusedAction as refused:
            assert "published" in refused.refusal.reason
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor() as both:
        done = list(both.map(published, (date(2026, 2, 28), date(2026, 3, 31))))
    assert sorted(done) == [False, True]
    assert Publication.objects.count() == 1
