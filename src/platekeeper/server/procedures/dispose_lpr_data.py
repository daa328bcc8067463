"""What is past the policy's time is disposed of (VI.k): reads by days or steps, backups included, dead letters and hits.

Where the policy wants two persons to agree, nothing goes but what they approved. Everything that a directive names is
copied first, and hits keep their own copies: so a disposal spares nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.moments import microseconds
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.retention import MANAGER, Going, hits_raised_before, oldest_stored, waits_for_approval
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.oversight.hits_over import hits_over
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.back_up import forget_in_backups, forget_left_in_backups
from platekeeper.server.procedures.certify_disposal import certificate_of, digest_of, sign_certificates, subject_of
from platekeeper.server.procedures.end_hits import take_hits
from platekeeper.server.procedures.follow_directives import follow_directives
from platekeeper.server.procedures.propose_disposal import draw_up
from platekeeper.server.procedures.sign_ledger import sign_now
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads.changes import dispose_of_dead_letters
from platekeeper.server.reads.lookups import letters_before
from platekeeper.server.retention import changes, lookups
from platekeeper.server.retention.models import Disposal, Proposal
from platekeeper.server.stakeouts.changes import forget_day as forget_day_of_stake_outs
from platekeeper.server.stakeouts.changes import forget_gone
from platekeeper.server.storage.locks import held


def dispose_lpr_data(*, at: datetime, by: Footing | None = None, clock_in_doubt: bool = False) -> list[Disposal]:
    """Dispose of all that is past its time and may go; return the disposals, the oldest reads first.

    Intent is committed before, the outcome after; what a crash cut off is finished at the next call. While the clock is in
    doubt nothing goes because of it alone: only what was begun, or approved.
    """
    if by is not None:
        demand_disposal(by)
    with held(settings.HOME.disposal_lock):
        return _dispose(at=at, by=by, clock_in_doubt=clock_in_doubt)


def demand_disposal(by: Footing) -> None:
    """Raise `RefusedAction` where a person may not dispose of what is past its time."""
    by.demand(has_duty(by.authority, by.policy, MANAGER), attempted=Action.DISPOSAL_BEGUN)


def days_over(*, at: datetime) -> int:
    """Return of how many days reads, or hits, would go now because of the clock alone."""
    policy = in_force(at=at)
    return max(len(_days_over(policy, at=at)), len(_hits_over(policy, at=at, freed=False)))


def going(draft: Policy, *, instead_of: Policy, at: datetime) -> Going:
    """Return what would go because of a draft, were it in force from a moment on, and would be kept by another policy; by
    the end of that day, so that the number that somebody is to write stays while they write it."""
    at = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    days = _days_over(draft, at=at) - _days_over(instead_of, at=at)
    hits = _hits_over(draft, at=at) - _hits_over(instead_of, at=at)
    return Going(days=len(days), hits=hits.total(), hit_days=len(hits))


def _days_over(policy: Policy, *, at: datetime) -> set[date]:
    """Return the days whose reads a policy makes go at a moment by itself."""
    oldest = None if waits_for_approval(policy) else oldest_stored(policy, at=at)
    return set() if oldest is None else {day for day in read_store().days() if day < oldest.astimezone(UTC).date()}


def _hits_over(policy: Policy, *, at: datetime, freed: bool = True) -> Counter[date]:
    """Return how many hits it makes go so, by the day on which they were raised."""
    groups = () if waits_for_approval(policy) else hits_over(policy, at=at, freed=freed)
    return Counter(hit.raised_at.astimezone(UTC).date() for group in groups for hit in group)


def _dispose(*, at: datetime, by: Footing | None, clock_in_doubt: bool) -> list[Disposal]:
    policy = in_force(at=at)
    forget_left_in_backups()
    follow_directives(at=at)
    done = [_Run(policy, at, by, disposal.proposal).reads(disposal) for disposal in lookups.unfinished_disposals()]
    read_store().finish_disposals()  # after those: what is still told of any other is on record
    for proposal in lookups.approved_proposals():
        done += _Run(policy, at, by, proposal).all(proposal.until, proposal.hits_until)
        changes.decide(proposal, completed_at=at)
    if waits_for_approval(policy):
        draw_up(policy, at=at)
    elif not clock_in_doubt:
        done += _Run(policy, at, by, None).all(oldest_stored(policy, at=at), hits_raised_before(policy, at=at))
    if done:
        sign_now(at=at)
    sign_certificates()
    for disposal in done:
        disposal.refresh_from_db()
    return done


@dataclass(frozen=True, slots=True)
class _Run:
    """One run: under which policy, by whom (None: the clock), and what approved it (None: the policy itself)."""

    policy: Policy
    at: datetime
    by: Footing | None
    proposal: Proposal | None

    def all(self, until: datetime | None, hits_until: datetime | None) -> list[Disposal]:
        """Dispose of what was captured and received before a moment, and of hits raised before another.

        Nothing goes before the policy of this moment lets it, whatever was approved under another.
        """
        oldest = oldest_stored(self.policy, at=self.at)
        done = []
        if until is not None and oldest is not None:
            done += [self.reads(self._begin(day, part)) for day, part in self._pieces(min(until, oldest))]
        if hits_until is not None and any(hits_over(self.policy, at=self.at, raised_before=hits_until)):
            done += iter(partial(self._hits, hits_until), None)
        return done

    def _pieces(self, until: datetime) -> list[tuple[date, datetime | None]]:
        """Return the whole days (None) and the part of a day that hold something from before a moment, oldest first."""
        pieces = lookups.pieces_before(until, of=read_store())
        if self.proposal is not None:
            pieces = [each for each in pieces if each[1] or each[0].isoformat() in self.proposal.reads]
        if not pieces and letters_before(until).exists():
            pieces.append(((until - timedelta(microseconds=1)).astimezone(UTC).date(), until))
        return pieces

    def reads(self, disposal: Disposal) -> Disposal:
        """Dispose of a day of reads, or of a part of one, as was begun."""
        store, day, until = read_store(), disposal.day, disposal.until
        out_of_reach: list[Path] = []
        if until is None:
            # Out of sight and its keys gone first: that takes as long for a large day as for a small one.
            store.hide(day)
            out_of_reach = forget_in_backups(day)
            removed = store.dispose(day)
        else:
            removed = store.dispose_until(microseconds(until))
        with transaction.atomic():
            letters = dispose_of_dead_letters(received_before=until or _after(day))
            if until is None:
                finds = forget_day_of_stake_outs(day)
            else:
                finds = forget_gone(day, is_stored=lambda number: store.get(day, number) is not None)
            besides = {"dead_letters": letters, "finds_of_stake_outs": finds, "backups_out_of_reach": len(out_of_reach)}
            self._complete(disposal, removed.counts, removed.digest, removed.bytes_freed, besides)
        store.settle_disposal(day)  # not before: were the record lost now, the next run would certify that nothing went
        return disposal

    def _hits(self, until: datetime) -> Disposal | None:
        """Dispose of as many hits as go in one transaction; None once there are none."""
        while True:
            with transaction.atomic():
                taken = take_hits(self.policy, at=self.at, raised_before=until)
                if taken is not None:
                    return self._of_hits(until, *taken)

    def _of_hits(self, until: datetime, counts: dict[int, int], digest: str) -> Disposal | None:
        if not counts:
            return None
        disposal = changes.begin_disposal(
            day=until.astimezone(UTC).date(), at=self.at, kind=Disposal.Kind.HITS, until=until, proposal=self.proposal,
            policy=self.policy.stamp,
        )  # fmt: skip
        self._complete(disposal, dict(counts), digest, 0, {})
        return disposal

    def _begin(self, day: date, until: datetime | None) -> Disposal:
        follow_directives(at=self.at)  # one may have been given while the day before went
        with transaction.atomic():
            disposal = changes.begin_disposal(
                day=day, at=self.at, until=until, proposal=self.proposal, policy=self.policy.stamp
            )
            self._log(Action.DISPOSAL_BEGUN, Outcome.BEGUN, disposal, {})
        return disposal

    def _complete(
        self, disposal: Disposal, counts: dict[int, int], digest: str, bytes_freed: int, besides: dict[str, int]
    ) -> None:
        """Record and certify what went, as the last thing in its transaction."""
        certificate = certificate_of(disposal, at=self.at, counts=counts, digest=digest, besides=besides)
        changes.complete_disposal(
            disposal, at=self.at, counts=counts, digest=digest, bytes_freed=bytes_freed, certificate=certificate
        )
        told = {disposal.kind: {str(lpr): count for lpr, count in counts.items()}, "digest": digest, **besides}
        self._log(Action.DISPOSAL_COMPLETED, Outcome.DONE, disposal, {**told, "certificate": digest_of(certificate)})

    def _log(self, act: Action, outcome: Outcome, disposal: Disposal, details: dict[str, object]) -> None:
        until = disposal.until and disposal.until.astimezone(UTC).isoformat()
        append(
            at=self.at,
            by=self.by.actor if self.by else SYSTEM,
            action=act,
            outcome=outcome,
            clause=Clause.VI_k,
            subject=subject_of(disposal),
            details={"day": disposal.day.isoformat(), "until": until, "proposal": disposal.proposal_id, **details},
            policy=self.policy.stamp,
        )


def _after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), UTC)
