"""Django's system check of the SQLite version (design section 4)."""

from __future__ import annotations

import sqlite3
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Info, register

from platekeeper.core.rules.health import has_reset_race


@register()
def sqlite_version(**_: Any) -> list[CheckMessage]:
    """Report a SQLite that can lose a commit when a checkpoint meets a write. It is held off, so it is no warning."""
    sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if not sqlite or not has_reset_race(sqlite3.sqlite_version_info):
        return []
    return [
        Info(
            f"SQLite {sqlite3.sqlite_version} has the WAL-reset race (mended in 3.51.3, 3.50.7 and 3.44.6).",
            hint="Platekeeper checkpoints the records under the write lock alone, which holds it off. Let no other "
            "program write to records.sqlite3 while the server runs.",
            id="platekeeper.I001",
        )
    ]
