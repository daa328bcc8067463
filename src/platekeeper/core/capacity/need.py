"""What a department's traffic comes to: reads, disk and network, whatever machines carry it."""

from __future__ import annotations

from dataclasses import dataclass

from platekeeper.core.capacity.measured import (
    BASE64,
    BYTES,
    RECORDS_A_BATCH,
    RECORDS_A_HIT,
    SENT_A_READ,
    SENT_A_REQUEST,
    WAL_A_READ,
    Engine,
)

SECONDS_A_DAY, SECONDS_AN_HOUR, DAYS_A_YEAR = 86_400, 3_600, 365


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is asked of the system. Shares are 0 to 1; `image_bytes` are of one image, `reads_a_day` of one LPR.

    `busiest_hour` is the share of a day's reads that come in its busiest hour. Hits are those of the whole department.
    Raises ValueError.
    """

    lprs: int
    reads_a_day: int
    image_bytes: int = 100_000
    image_share: float = 1.0
    days_kept: int = 90
    hits_a_day: int = 100
    hit_days_kept: int = 5 * DAYS_A_YEAR
    backup_copies: int = 2
    reads_a_request: int = 1
    busiest_hour: float = 0.1

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for name in ("lprs", "reads_a_day", "days_kept", "hit_days_kept", "reads_a_request"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name.replace('_', ' ')}: at least 1.")
        for name in ("image_bytes", "hits_a_day", "backup_copies"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name.replace('_', ' ')}: not less than 0.")
        if not 0 <= self.image_share <= 1:
            raise ValueError("image share: between 0 and 1.")
        if not 1 / 24 <= self.busiest_hour <= 1:
            raise ValueError("busiest hour: a share of the day's reads, between 1/24 and 1.")

    @property
    def reads(self) -> int:
        """Reads a day of all LPRs."""
        return self.lprs * self.reads_a_day

    @property
    def reads_kept(self) -> int:
        """Reads stored at one time."""
        return self.reads * self.days_kept

    @property
    def busy_rate(self) -> float:
        """Reads a second in the busiest hour."""
        return self.reads * self.busiest_hour / SECONDS_AN_HOUR


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes that come in a day, and bytes that lie there once the first day is disposed of."""

    a_day: float
    kept: float


@dataclass(frozen=True, slots=True)
class Need:
    """What the traffic comes to with one engine; `busy_network` is bits a second in the busiest hour.

    The ledger in the records is kept for good: what is kept of it here is a year's.
    """

    rows: Disk
    indexes: Disk
    dictionaries: Disk
    images: Disk
    records: Disk
    backups: Disk
    busy_network: float

    @property
    def reads(self) -> Disk:
        """Rows, indexes and dictionaries together."""
        parts = (self.rows, self.indexes, self.dictionaries)
        return Disk(sum(each.a_day for each in parts), sum(each.kept for each in parts))


def need_of(traffic: Traffic, engine: Engine) -> Need:
    """Return what the traffic comes to with an engine."""
    size, days = BYTES[engine], traffic.days_kept
    rows, indexes, dictionaries, images = (
        Disk(a_day, a_day * days)
        for a_day in (
            traffic.reads * size.row,
            traffic.reads * size.indexes,
            traffic.reads * size.dictionary,
            traffic.reads * traffic.image_share * traffic.image_bytes,
        )
    )
    records = _records(traffic)
    # What plates are searched by is made again from the reads; PostgreSQL's log goes to the copies beside the days.
    log = traffic.reads * WAL_A_READ if engine is not Engine.SQLITE else 0
    copied = [rows, indexes, images, records]
    backups = Disk(
        traffic.backup_copies * (sum(each.a_day for each in copied) + log),
        traffic.backup_copies * (sum(each.kept for each in copied) + log),
    )
    return Need(rows, indexes, dictionaries, images, records, backups, _busy_network(traffic))


def _records(traffic: Traffic) -> Disk:
    """Each hit keeps its image and goes with its own period; the ledger's leaves stay."""
    batches = traffic.reads / traffic.reads_a_request
    hits = traffic.hits_a_day * (RECORDS_A_HIT + traffic.image_share * traffic.image_bytes)
    leaves = batches * RECORDS_A_BATCH
    return Disk(leaves + hits, leaves * DAYS_A_YEAR + hits * traffic.hit_days_kept)


def _busy_network(traffic: Traffic) -> float:
    a_read = SENT_A_READ + SENT_A_REQUEST / traffic.reads_a_request
    return 8 * traffic.busy_rate * (a_read + traffic.image_share * traffic.image_bytes * BASE64)
