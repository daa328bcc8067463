"""The department of the cast with a server that listens, and a unit of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as live
from pytest_django.live_server_helper import LiveServer

from platekeeper.field.home import Enrollment, UnitHome
from platekeeper.field.link import Link
from platekeeper.field.page import serve
from platekeeper.field.trouble import Part
from platekeeper.field.unit import Unit
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.signed_entries import enroll_key
from platekeeper.server.storage.field_keys import field_keys
from tests.cast import Cast
from tests.field.making import SetClock
from tests.hotlist.making import deliver, file, line


@pytest.fixture
def cast(transactional_db: None, cast: Cast) -> Cast:  # the server answers in threads of its own
    return cast


@pytest.fixture
def link(cast: Cast, live_server: LiveServer) -> Link:
    return Link(live_server.url, cast.lpr_key)


@pytest.fixture
def unit(cast: Cast, link: Link, tmp_path: Path) -> Unit:
    """Return a unit of the cast's LPR, its key enrolled, with a hot list of two plates."""
    home = UnitHome(tmp_path / "unit")
    signs, opens = (key.hex() for key in field_keys(live.HOME.field_keys).public)
    home.enroll(Enrollment(link.server, link.key, "Harbor Falls", cast.lpr.pk, cast.lpr.name, signs, opens))
    public = home.signing_key().public_key().public_bytes_raw().hex()
    enroll_key(footing(cast.administrator, at=datetime.now(UTC) - timedelta(hours=1)), public=public, lpr=cast.lpr)
    deliver(file(line("ABC1234"), line("XYZ9876")), by=cast.custodian, at=datetime.now(UTC))
    made = Unit(home, clock=SetClock())
    made.lists.pull(link, now=made.clock.wall())
    made.pulse.beat(Part.GPS)
    return made


@pytest.fixture
def place(unit: Unit) -> Iterator[str]:
    """Serve the unit's alarm page; give its address."""
    server = serve(unit, port=0)
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
