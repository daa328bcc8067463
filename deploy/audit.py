"""Ask for known faults in everything that is locked: `make audit`. Ends with 0 for none, 1 for some, 2 where it cannot ask.

With `--if-possible`, as CI asks, a place without that network says NOT AUDITED and ends with 0. The advisories are those of
OSV, which has Python's own and GitHub's. What else is given on the command line goes to pip-audit, such as --osv-url for a
mirror, or --ignore-vuln.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
IF_POSSIBLE, NOT_ASKED = "--if-possible", 2
COMMAND = (
    ROOT / ".venv" / "audit" / "bin" / "pip-audit", "--disable-pip", "--require-hashes", "--strict",
    "--vulnerability-service", "osv", "--progress-spinner", "off", "--format", "json",
)  # fmt: skip


def faults(told: Iterable[dict[str, Any]]) -> list[str]:
    """Return a line a known fault: the package, the advisory, and the versions that mend it."""
    return [
        f"{each['name']} {each['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'none yet'}"
        for each in told
        for fault in each["vulns"]
    ]


def audit(locks: Iterable[Path], options: Sequence[str]) -> int:
    """Print what is known of each lock; return the exit status."""
    worst = 0
    for lock in locks:
        ran = subprocess.run([*COMMAND, *options, "--requirement", lock], check=False, capture_output=True, text=True)
        if not ran.stdout.strip():
            why = ran.stderr.strip().rpartition("\n")[2] or "pip-audit said nothing"
            print(f"NOT AUDITED: {lock.name}. The advisories cannot be asked from here: {why}", file=sys.stderr)
            return NOT_ASKED
        told = json.loads(ran.stdout)["dependencies"]
        found = faults(told)
        print(f"{lock.name}: {len(told)} packages, {len(found)} known faults", *found, sep="\n  ")
        worst = max(worst, int(bool(found)))
    return worst


if __name__ == "__main__":
    options = [word for word in sys.argv[1:] if word != IF_POSSIBLE]
    status = audit(sorted(ROOT.glob("requirements*.lock")), options)
    raise SystemExit(0 if status == NOT_ASKED and IF_POSSIBLE in sys.argv else status)
