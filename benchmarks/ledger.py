"""What the ledger costs: an act with and without its entry, and how signing and proofs grow with the ledger.

Prints ratios against a baseline of the same run. SQLite, WAL, synchronous=FULL, one connection, one transaction an act.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

ACTS = 400


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000", help="leaves to grow the ledger to")
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    with tempfile.TemporaryDirectory(prefix="platekeeper-bench-") as folder:
        os.environ["PLATEKEEPER_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"
        _measure(sizes, Path(folder))


def _measure(sizes: list[int], folder: Path) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    from platekeeper.core.actor import SYSTEM
    from platekeeper.core.ledger import leaf_hash
    from platekeeper.server.ledger import changes, lookups
    from platekeeper.server.ledger.actions import Action
    from platekeeper.server.ledger.models import LedgerEntry
    from platekeeper.server.personnel.changes import ensure_position
    from platekeeper.server.procedures.sign_ledger import checkpoint
    from platekeeper.server.storage.home import Home

    Home(folder).found()
    call_command("migrate", verbosity=0, interactive=False)
    now = datetime.now(UTC)
    names = iter(range(10**9))

    def bare() -> None:
        with transaction.atomic():
            ensure_position(f"position {next(names)}")

    def logged() -> None:
        with transaction.atomic():
            ensure_position(f"position {next(names)}")
            changes.append(at=now, by=SYSTEM, action=Action.POSITION_GIVEN, sealed={"person": "somebody"})

    print(f"SQLite, synchronous=FULL; {ACTS} acts of one row each, one transaction an act")
    print(f"{'leaves':>9} {'act with entry / bare':>22} {'sign 100 new leaves / act':>27} {'one proof / act':>16}")
    checkpoint(at=now)
    for size in sizes:
        begin = LedgerEntry.objects.count()
        for start in range(begin, size, 10_000):
            rows = range(start, min(size, start + 10_000))
            bodies = [f'{{"n":{number}}}'.encode() for number in rows]
            LedgerEntry.objects.bulk_create(
                LedgerEntry(index=n, at=now, action="x", outcome="done", person=0, body=body, leaf_hash=leaf_hash(body))
                for n, body in zip(rows, bodies, strict=True)
            )
        checkpoint(at=now)
        alone, with_entry = _each(bare), _each(logged)
        checkpoint(at=now)
        for _ in range(100):
            logged()
        signing = _once(lambda: checkpoint(at=now))
        proof = _each(partial(lookups.proof_of, size // 3))
        print(f"{size:>9,} {with_entry / alone:>22.2f} {signing / with_entry:>27.1f} {proof / with_entry:>16.2f}")


def _each(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    for _ in range(ACTS):
        act()
    return (time.perf_counter() - begin) / ACTS


def _once(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
