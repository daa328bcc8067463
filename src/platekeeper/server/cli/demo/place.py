"""Where the demo department lives."""

from __future__ import annotations

import os
from pathlib import Path


def point_at_demo() -> Path:
    """Point `PLATEKEEPER_HOME` at the demo's folder and mark it; return it. The demo is on SQLite always."""
    for variable in ("PLATEKEEPER_DATABASE_URL", "PLATEKEEPER_OWNER_URL"):
        os.environ.pop(variable, None)
    named = os.environ.get("PLATEKEEPER_HOME")
    folder = Path(named) if named else Path.home() / ".local" / "share" / "platekeeper-demo"
    os.environ["PLATEKEEPER_HOME"] = str(folder)
    if (folder / "secrets.json").exists() and not (folder / "DEMO").exists():
        raise SystemExit(
            f"{folder} holds a real department; the demo will not touch it. Name another PLATEKEEPER_HOME."
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "DEMO").write_text("A fictional department. Delete this folder to begin anew.\n")
    from platekeeper.server.storage.home import Home

    Home(folder).found()  # secrets before settings read them, so that every process agrees on them
    return folder
