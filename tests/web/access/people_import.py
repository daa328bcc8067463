"""Who may import people."""

from __future__ import annotations

from typing import Any

ROWS: dict[str, dict[str, Any]] = {
    "people_import": {"allowed": {"chief"}},
    "people_import_run": {"method": "post", "data": {"shown": "x"}, "status": 200, "allowed": {"chief"}},
}
