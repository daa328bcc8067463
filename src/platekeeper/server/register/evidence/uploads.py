"""Whether LPRs were heard from in time (V.b, VI.i): reads, a sign of life, or the word that there was nothing to upload."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby

from platekeeper.core.policy import Policy
from platekeeper.core.rules.uploads import FIELD, Stretch, allowed_silence, responsible_for
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.register.evidence.basis import (
    Concern,
    Evidence,
    Fault,
    Status,
    acts,
    judged,
    unfit,
    vacant,
)
from platekeeper.server.register.evidence.counts import acted, happened, once
from platekeeper.server.register.evidence.heard import Inventoried, heard, inventoried
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.words import Counted, Said, many

_FIELD = (LPR.Kind.MOBILE, LPR.Kind.PORTABLE)


def field_uploads(period: Period) -> Evidence:
    """Judge V.b: was every mobile and portable LPR heard from as often as the policy, or its own schedule, says?"""
    field = [lpr for lpr in inventoried(period) if lpr.kind in _FIELD]
    if not field:
        return Evidence(Status.IDLE, Said("No mobile or portable LPR in the inventory"))
    words = many(len(field), "mobile or portable LPR", "mobile or portable LPRs")
    return _heard(period, "V.b.every", field, words, in_field=True)


def transfers(period: Period) -> Evidence:
    """Judge VI.i: was every LPR heard from as often as the policy, or its own schedule, says?"""
    imports = happened(period, Action.READS_IMPORTED, outcome=Outcome.DONE)
    words = many(imports, "file of reads imported", "files of reads imported")
    return _heard(period, "VI.i.every", inventoried(period), words, in_field=False)


def _shortest(period: Period) -> timedelta | None:
    """Return the shortest silence that is too long for any LPR; None where none is."""
    policies = [each.policy for each in period.history.governed(period.since, period.at)]
    named = [_allowed(policy, key) for policy in policies for key in FIELD]
    named += [allowed_silence(period.policy, own=lpr.upload_every) for lpr in inventoried(period)]
    return min((each for each in named if each is not None), default=None)


def _allowed(policy: Policy, key: str) -> timedelta | None:
    return allowed_silence(policy, key) if policy.needs(key) else None


def _heard(period: Period, key: str, lprs: list[Inventoried], words: Counted, *, in_field: bool) -> Evidence:
    by_lpr = once(period, "heard", lambda: heard(period, longer=_shortest(period)))
    known = [(lpr, by_lpr[lpr.pk]) for lpr in lprs if lpr.pk in by_lpr]
    gaps = [(lpr, gap) for lpr, what in known for gap in what.silences]
    late = [(lpr, until) for lpr, gap in gaps if (until := _late_until(period, key, lpr, gap)) is not None]
    still = {lpr.pk for lpr, until in late if until == period.at}
    activity = sum(what.within for _lpr, what in known)
    never = sum(lpr.in_service and lpr.pk not in by_lpr for lpr in lprs)
    clause, duty = key.removesuffix(".every"), responsible_for(in_field=in_field)
    by, declared = acted(period, Action.UPLOAD_NOTHING, clause=clause), acts(Action.UPLOAD_NOTHING, clause=clause)
    improper = unfit(period, declared, holds(duty), by="person", moment="at", made=by)
    return judged(
        words,
        many(activity, "LPR heard from", "LPRs heard from"),
        many(by.total(), "time nothing to upload", "times nothing to upload"),
        Fault(len(still), "overdue: {1}", _named(lprs, still)) if still else Fault(0, "overdue"),
        Fault(len(late) - len(still), "overdue before and made up for"),
        Fault(improper, "declared by somebody not responsible"),
        Concern(never if activity else 0, "never heard from"),
        many(never, "LPR not heard from yet", "LPRs not heard from yet") if never and not activity else "",
        vacant(period, duty, Said("seeing to uploads")),
        activity=activity,
    )


def _late_until(period: Period, key: str, lpr: Inventoried, gap: Stretch) -> datetime | None:
    """Return up to when in the period a gap was longer than allowed, None where it was not. What was silent is judged by the
    policy of its moment; a schedule of its own counts for the time since the LPR has it."""
    late, overdue = [], False
    for part, allowed in _parts(period, key, gap):
        silent = part.until - gap.since if overdue else part.length  # no new policy makes up for what is overdue
        overdue = allowed is not None and silent > allowed
        if overdue:
            late.append(part.until)
    if lpr.upload_every and lpr.upload_since is not None:
        own = Stretch(max(gap.since, lpr.upload_since), gap.until)
        allowed = allowed_silence(period.policy, own=lpr.upload_every)
        if allowed is not None and own.length > allowed:
            late.append(own.until)
    return max((until for until in late if until > period.since), default=None)


def _parts(period: Period, key: str, gap: Stretch) -> Iterator[tuple[Stretch, timedelta | None]]:
    """Give the parts of a gap, each with the silence that every version then in force allowed."""
    governed = period.history.governed(gap.since, gap.until)
    for allowed, alike in groupby(governed, lambda each: _allowed(each.policy, key)):
        times = list(alike)
        yield Stretch(times[0].begins, times[-1].ends), allowed


def _named(lprs: list[Inventoried], numbers: set[int]) -> object:
    names = [lpr.name for lpr in lprs if lpr.pk in numbers]
    first = ", ".join(names[:3])
    return Said("{0} and more", first) if len(names) > 3 else first
