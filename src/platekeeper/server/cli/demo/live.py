"""The demo's cameras: post fictional reads to the demo server on loopback, until it goes away."""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from platekeeper.server.cli.demo.town import ZONE
from platekeeper.server.cli.demo.traffic import Traffic


def drive(address: str, keys: list[str]) -> None:
    """Post reads as long as somebody listens; the first car that passes is a wanted one."""
    traffic = Traffic(seed=int(time.time()), one_in=18)
    failures, sure_hit = 0, True
    for number, pause in enumerate(traffic.pauses()):
        at = datetime.now(UTC)
        body = json.dumps(traffic.read(at, hour=at.astimezone(ZoneInfo(ZONE)).hour, sure_hit=sure_hit)).encode()
        request = urllib.request.Request(  # noqa: S310 - loopback only, see `command`
            f"{address}/api/reads",
            data=body,
            headers={"Authorization": f"Bearer {keys[number % len(keys)]}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20):  # noqa: S310
                failures, sure_hit = 0, False
        except (urllib.error.URLError, TimeoutError):
            failures += 1
            if failures > 60:
                return
        time.sleep(pause)


if __name__ == "__main__":
    drive(sys.argv[1], json.loads(Path(sys.argv[2]).read_text()))
