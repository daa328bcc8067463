"""Who may open which page of alert bulletins: one row a URL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from platekeeper.server.procedures.alert_bulletins import take_in
from tests.cast import Cast
from tests.core.bulletins import bulletin, info
from tests.web.access.field_entries import ENTERING

AMBER = bulletin(
    info(description="A child of 7 was taken. VEHICLE: LIC/KHB4471 (NY) 2008 Gray Dodge Caravan.", area="Mill County"),
    info(language="es-US", headline="Alerta AMBER", description="Placa KHB4471 (NY)"),
)


def _alert(cast: Cast) -> tuple[int]:
    return (take_in(None, AMBER, file_name="amber.xml", at=datetime.now(UTC)).pk,)


ROWS: dict[str, dict[str, Any]] = {
    "alerts": {"allowed": ENTERING, "args": lambda cast: _alert(cast)[1:]},
    "alert": {"args": _alert, "allowed": ENTERING},
}
"""URL name -> who may open it, and how it is opened."""
