"""The chapters of a year's audit packet, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterator

from platekeeper.server.procedures.annual_chapters import authority, checks, keeping, sharing
from platekeeper.server.procedures.annual_chapters.chapter import Chapter
from platekeeper.server.register.period import Period


def chapters(period: Period, *, seed: str) -> Iterator[Chapter]:
    """Give every chapter; `seed` is what the survey is drawn by."""
    yield authority.versions(period)
    yield authority.users(period)
    yield checks.survey(period, seed=seed)
    yield checks.reviews(period)
    yield checks.misuse(period)
    yield checks.violations(period)
    yield checks.complaints(period)
    yield keeping.barred(period)
    yield keeping.disposed(period)
    yield keeping.backups(period)
    yield keeping.drills(period)
    yield sharing.agreements(period)
    yield sharing.left(period)
    yield keeping.handed_out(period)
