"""The only writer of stake-outs."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any

from django.db.models import F

from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.stakeouts.models import Find, StakeOut

State = StakeOut.State


def ask(*, by: Person, at: datetime, asked: dict[str, Any], until: datetime, policy: tuple[int, str]) -> StakeOut:
    """Ask for a stake-out."""
    return StakeOut.objects.create(
        by=by,
        asked_at=at,
        asked=asked,
        until=until,
        state=State.REQUESTED,
        policy_number=policy[0],
        policy_digest=policy[1],
    )


def refuse(stake_out: StakeOut, *, by: Person, at: datetime, remark: str) -> bool:
    """Refuse one that waits; return whether it still did."""
    return _move(stake_out, State.REQUESTED, state=State.REFUSED, decided_by=by, decided_at=at, remark=remark[:240])


def begin(stake_out: StakeOut, *, by: Person, at: datetime, entry: QueryLogEntry, seen_to: int) -> bool:
    """Let one that waits run; return whether it still did."""
    return _move(
        stake_out, State.REQUESTED, state=State.RUNNING, decided_by=by, decided_at=at, entry=entry, seen_to=seen_to
    )  # fmt: skip


def end(stake_out: StakeOut, *, by: Person | None, at: datetime, remark: str) -> bool:
    """End one, or withdraw one that waits; `by` is None for the clock. Return whether it had not ended before."""
    standing = State(stake_out.state)
    return _move(stake_out, standing, state=State.ENDED, ended_by=by, ended_at=at, remark=remark[:240])


def collect(stake_out: StakeOut, finds: Collection[tuple[date, int]], *, seen_to: int) -> int:
    """Note what one found among the reads up to a number; return how many it had not found before."""
    before = stake_out.finds.count()
    Find.objects.bulk_create(
        (Find(stake_out=stake_out, day=day, number=number) for day, number in sorted(finds, key=lambda each: each[1])),
        ignore_conflicts=True,
    )
    new = stake_out.finds.count() - before
    StakeOut.objects.filter(pk=stake_out.pk).update(seen_to=seen_to, found=F("found") + new)
    stake_out.refresh_from_db()
    return new


def forget_day(day: date) -> int:
    """Forget what was found on a day that is disposed of; return how much."""
    return Find.objects.filter(day=day).delete()[0]


def forget_gone(day: date, *, is_stored: Callable[[int], bool]) -> int:
    """Forget what was found on a day and is stored no more, by its number; return how much."""
    finds = Find.objects.filter(day=day).values_list("pk", "number")
    return Find.objects.filter(pk__in=[pk for pk, number in finds if not is_stored(number)]).delete()[0]


def forget_ended(*, before: datetime) -> int:
    """Forget what stake-outs found that ended before a moment; return how much."""
    return Find.objects.filter(stake_out__ended_at__lt=before).delete()[0]


def _move(stake_out: StakeOut, expected: StakeOut.State, **values: Any) -> bool:
    moved = StakeOut.objects.filter(pk=stake_out.pk, state=expected).update(**values)
    stake_out.refresh_from_db()
    return bool(moved)
