"""Moments as reads carry them: whole microseconds since 1970 UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """Return an aware time as microseconds since 1970 UTC, exactly."""
    since = moment - _EPOCH  # whose parts are added quicker than it is divided
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment_of(since_1970: int) -> datetime:
    """Return microseconds since 1970 UTC as an aware time."""
    return _EPOCH + timedelta(microseconds=since_1970)
