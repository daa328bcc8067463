"""Which engine and how many machines a department's traffic asks for, each with its reason in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from platekeeper.core.capacity.measured import (
    ACKNOWLEDGED,
    BEYOND_MEASURED,
    HELD_READS,
    IMAGE_BYTES_A_SECOND,
    RECORDS_A_BATCH,
    Engine,
)
from platekeeper.core.capacity.need import DAYS_A_YEAR, Need, Traffic, need_of
from platekeeper.core.capacity.words import spoken_bytes, spoken_count

USED = 0.5
"""The share of what was measured that the planner fills: the rest is for searches, sealing, backups and bad days."""
IMAGES_A_MACHINE = 100e12
"""Bytes of images on one machine's disks, from which on they belong into object storage: an assumption."""
DATABASE_DISK = 4e12
"""Bytes of reads on one database machine that can still be backed up and restored within a day: an assumption."""
LEDGER_A_YEAR = 50e9
"""Bytes that the ledger may grow by in a year before it is worth a word: an assumption."""
COPIES_OF_A_SHARD = 2
"""A worker and its standby."""


@dataclass(frozen=True, slots=True)
class Machines:
    """So many machines of a kind, and why."""

    count: int
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to buy. `cautions` are what the plan cannot know or what is not built yet."""

    traffic: Traffic
    need: Need
    engine: Engine
    why: str
    machines: tuple[Machines, ...]
    cautions: tuple[str, ...]


def plan_for(traffic: Traffic) -> Plan:
    """Return the smallest arrangement that carries the traffic with half of what was measured."""
    engine, why = _engine(traffic)
    need = need_of(traffic, engine)
    return Plan(
        traffic, need, engine, why, tuple(_machines(traffic, need, engine)), tuple(_cautions(traffic, need, engine))
    )


def rate_of(traffic: Traffic) -> float:
    """Return the reads a second, images included, that are planned for one receiving machine."""
    seconds = 1 / ACKNOWLEDGED[max(size for size in ACKNOWLEDGED if size <= traffic.reads_a_request)]
    return USED / (seconds + traffic.image_share * traffic.image_bytes / IMAGE_BYTES_A_SECOND)


def _engine(traffic: Traffic) -> tuple[Engine, str]:
    """Return the first engine that nothing speaks against, and what spoke against the one before."""
    if not (against := _against_sqlite(traffic)):
        held = f"{spoken_count(traffic.reads_kept)} reads kept, {traffic.busy_rate:,.0f} a second in the busiest hour"
        return Engine.SQLITE, f"One machine carries it: {held}."
    stored = need_of(traffic, Engine.POSTGRESQL).reads.kept
    if stored <= DATABASE_DISK:
        return Engine.POSTGRESQL, f"{against} One database machine still holds {spoken_bytes(stored)} of reads."
    return Engine.CITUS, (
        f"{against} {spoken_bytes(stored)} of reads are more than the {spoken_bytes(DATABASE_DISK)} that one database "
        "machine backs up and restores in a day, so they are spread over several by plate."
    )


def _against_sqlite(traffic: Traffic) -> str:
    most, rate = HELD_READS * BEYOND_MEASURED, rate_of(traffic)
    if traffic.busy_rate > rate:
        return f"SQLite takes reads in one process, for which {rate:,.0f} a second are planned, not {traffic.busy_rate:,.0f}."
    if traffic.reads_kept > most:
        return f"{spoken_count(traffic.reads_kept)} reads kept are far more than searches were measured with on one machine."
    return ""


def _machines(traffic: Traffic, need: Need, engine: Engine) -> list[Machines]:
    rate = rate_of(traffic)
    receiving = math.ceil(traffic.busy_rate / rate)
    if engine is Engine.SQLITE:
        found = [Machines(1, "machine for everything", "receiving, matching, pages, records and reads in one place")]
    else:
        web = max(2, receiving)
        found = [
            Machines(
                web, "web machines", f"{traffic.busy_rate:,.0f} reads a second at {rate:,.0f} each; never only one"
            ),
            Machines(2, "database machines for the records", "one and its standby"),
        ]
    if engine is Engine.POSTGRESQL:
        found[-1] = Machines(2, "database machines", "one for records and reads, and its standby")
    if engine is Engine.CITUS:
        shares = math.ceil(need.reads.kept / (USED * DATABASE_DISK))
        why = f"{spoken_bytes(need.reads.kept)} of reads, {spoken_bytes(USED * DATABASE_DISK)} on each; each with a standby"
        found.append(Machines(shares * COPIES_OF_A_SHARD, "database machines for the reads", why))
    if need.images.kept > IMAGES_A_MACHINE:
        why = f"{spoken_bytes(need.images.kept)} are more than the disks of one machine"
        found.append(Machines(1, "object storage (S3-compatible)", why))
    if traffic.backup_copies:
        why = f"{spoken_bytes(need.backups.kept / traffic.backup_copies)} each, away from the others"
        found.append(Machines(traffic.backup_copies, "places for backups", why))
    return found


def _cautions(traffic: Traffic, need: Need, engine: Engine) -> list[str]:
    found = []
    if engine is Engine.CITUS:
        found.append("Reads over several machines were never run on Citus itself: docs/scale.md.")
    leaves = traffic.reads / traffic.reads_a_request * RECORDS_A_BATCH * DAYS_A_YEAR
    if leaves > LEDGER_A_YEAR:
        found.append(
            f"At {traffic.reads_a_request} read(s) a request the ledger can grow by {spoken_bytes(leaves)} a year, and is "
            "never disposed of. Let the LPRs, or what gathers for them, send more reads a request."
        )
    if need.images.kept > 10 * need.reads.kept:
        found.append("Images decide: smaller images, or days kept, save more than anything else.")
    if need.images.kept > IMAGES_A_MACHINE:
        found.append("Images in object storage are designed and not built: docs/scale.md.")
    if traffic.busy_rate > rate_of(traffic):
        found.append("Receiving on more than one machine is designed and not built: docs/scale.md.")
    if traffic.reads_kept > HELD_READS:
        found.append(f"Searches were measured with {spoken_count(HELD_READS)} reads; beyond is reckoned, not tried.")
    return found
