"""What this process counts for Prometheus: numbers without a plate, a name or a place."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_OURS = CollectorRegistry()
READS = Counter("platekeeper_reads_received", "Reads stored.", registry=_OURS)
BATCHES = Counter("platekeeper_batches", "Batches taken in.", registry=_OURS)
HITS = Counter("platekeeper_hits", "Hits raised.", registry=_OURS)
DEAD_LETTERS = Counter("platekeeper_dead_letters", "Payloads that were not understood.", registry=_OURS)
TURNED_AWAY = Counter("platekeeper_turned_away", "Requests answered 503 because too many waited.", registry=_OURS)
WAITING = Gauge("platekeeper_intake_waiting", "Requests with reads that are not on disk yet.", registry=_OURS)
INCOMPLETE = Gauge(
    "platekeeper_batches_incomplete", "Stored batches whose hits could not be raised when last tried.", registry=_OURS
)
JOBS_LATE = Gauge("platekeeper_jobs_late", "Scheduled jobs that are overdue.", registry=_OURS)
DISK_FREE = Gauge("platekeeper_disk_free_bytes", "Free bytes of the disk of the home.", registry=_OURS)
REQUESTS = Histogram(
    "platekeeper_request_seconds",
    "How long requests took, by the view that answered and the first digit of the status.",
    ["view", "status"],
    registry=_OURS,
    buckets=(0.01, 0.05, 0.1, 0.3, 1, 3, 10),
)


def told() -> bytes:
    """Return all of it in the text format of Prometheus."""
    return generate_latest(_OURS)
