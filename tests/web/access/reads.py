"""Who may open the pages about reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.cast import Cast
from tests.letters import keep_dead_letter


def _letter(cast: Cast) -> list[int]:
    kept = keep_dead_letter(
        lpr=cast.lpr, format="platekeeper", reason="plate: missing", payload=b"{}", at=datetime.now(UTC)
    )
    return [kept.pk]


ROWS: dict[str, dict[str, Any]] = {
    "dead_letters": {"method": "get", "allowed": {"custodian"}},
    "dead_letter": {"method": "get", "args": _letter, "allowed": {"custodian"}},
    "dead_letter_close": {
        "method": "post",
        "args": _letter,
        "data": {"remark": "camera firmware mended"},
        "allowed": {"custodian"},
    },
}
