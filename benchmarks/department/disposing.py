"""Backs a department up and, once it reads a line, disposes of a day as of one that is past its time. Argument: the day.

Prints a line of JSON after each: bytes and seconds, reads and seconds.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import benchmarks.department  # noqa: F401, I001 - Django, in the department that the environment names
from django.db import transaction
from django.utils import timezone

from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.back_up import back_up
from platekeeper.server.procedures.dispose_lpr_data import dispose_lpr_data
from platekeeper.server.retention.changes import begin_disposal

begun = time.monotonic()
backup = back_up(at=timezone.now())
print(json.dumps({"bytes": backup.bytes, "seconds": time.monotonic() - begun}), flush=True)
sys.stdin.readline()
begun, at = time.monotonic(), timezone.now()
with transaction.atomic():
    begin_disposal(day=date.fromisoformat(sys.argv[1]), at=at, proposal=None, policy=in_force(at=at).stamp)
(disposed,) = dispose_lpr_data(at=at)
print(json.dumps({"reads": sum(disposed.counts.values()), "seconds": time.monotonic() - begun}), flush=True)
