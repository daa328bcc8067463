"""Stake-outs (VIII): standing queries over newly stored reads. Asked for with reasons, decided by somebody else, tried on
each new read once, shown to whoever asked alone, and over after 14 days at most.

In the Query Log a stake-out that runs is one entry with its exact terms, committed before the first read is looked at and
completed when it ends; each day on which it found something has a completed entry of its own. These wait for no approval
and are never exigent: whoever let it run was the second person (VIII.b). It raises no alarm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.investigations.terms import StakeOutTerms, UnclearTerms
from platekeeper.core.ledger import canonical
from platekeeper.core.rules.access import may_inquire
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.retention import oldest_shown
from platekeeper.core.rules.stake_outs import may_decide_stake_out, may_decide_stake_outs, may_end_stake_out, still
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures import inquire
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.investigate import as_stored
from platekeeper.server.procedures.looks import log_look
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.rows_of_reads import moment_of
from platekeeper.server.procedures.search_lpr_data import PAGE
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog.changes import count_page
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.stakeouts import changes, lookups
from platekeeper.server.stakeouts.models import StakeOut
from platekeeper.server.storage.holding import hold
from platekeeper.server.storage.reads import Arrival
from platekeeper.server.storage.rows import StoredRead

OPEN_FOR = timedelta(days=7)
"""So long after its end whoever asked may look at what a stake-out found; then the references are deleted."""
State = StakeOut.State
_MEANWHILE = Refused(Clause.VIII_b, "Somebody else decided meanwhile.")


@dataclass(frozen=True, slots=True)
class Collected:
    """A page of what a stake-out found, the last found first; `next` is where the next page goes on, None on the last."""

    stake_out: StakeOut
    reads: list[StoredRead]
    next: int | None


def may_see_stake_outs(by: Footing) -> Decision:
    """Let those who may inquire see their own stake-outs, and those who decide see what is asked."""
    return may_decide_stake_outs(by.authority, by.policy) or may_inquire(by.authority, by.policy, by.today)


def view_asked(by: Footing) -> None:
    """Log that somebody who decides sees what waits and what runs: it says who looks for which plate, and why."""
    log_look(by, Action.QUERY_QUEUE_VIEWED, subject="stake-outs", clause=Clause.VIII_b)


def ask(by: Footing, question: Question) -> StakeOut:
    """Ask for a stake-out. Raises `UnclearTerms` before anything is decided, `RefusedAction`."""
    asked = StakeOutTerms.of(question.tool or {})
    question = replace(question, is_exigent=False, exigent="")  # it waits for a decision in any case
    decision = inquire.decide(by, question)
    if isinstance(decision, Refused):
        raise inquire.refuse(by, question, decision)
    with transaction.atomic():
        found = changes.ask(by=by.person, at=by.at, asked=_kept(question), until=asked.until, policy=by.policy.stamp)
        _log(by, found, Action.STAKE_OUT_ASKED)
    return found


def decide(by: Footing, stake_out_id: int, *, approve: bool, remark: str = "") -> StakeOut:
    """Let a stake-out run, or refuse it. Raises `StakeOut.DoesNotExist`, `UnclearTerms`, `RefusedAction`."""
    found = lookups.stake_outs().get(pk=stake_out_id)
    asker, question = footing(found.by, at=by.at), question_of(found)
    over = Refused(Clause.VIII_b, "It would be over already.")
    by.demand(
        may_decide_stake_out(by.authority, by.policy, is_own=found.by_id == by.person.pk),
        still(found.state, State.REQUESTED),
        inquire.decide(asker, question) if approve else Allowed(),
        over if approve and found.until <= by.at else Allowed(),
        attempted=Action.STAKE_OUT_DECIDED,
        subject=_subject(found),
    )
    if not approve:
        return _refuse(by, asker, found, remark.strip())
    seen_to = read_store().arrived_until()
    with by.act(Action.STAKE_OUT_DECIDED, subject=_subject(found)):
        hold(found)
        entry = inquire.enter(asker, question)
        if not changes.begin(found, by=by.person, at=by.at, entry=entry, seen_to=seen_to):
            raise RefusedAction(_MEANWHILE)
        _log(by, found, Action.STAKE_OUT_DECIDED, query=entry.pk)
    return found


def end(by: Footing, stake_out_id: int) -> StakeOut:
    """End a stake-out before its time, or withdraw it. Raises `StakeOut.DoesNotExist`, `RefusedAction`."""
    found = lookups.stake_outs().get(pk=stake_out_id)
    by.demand(
        may_end_stake_out(by.authority, by.policy, is_own=found.by_id == by.person.pk),
        still(found.state, State.REQUESTED, State.RUNNING),
        attempted=Action.STAKE_OUT_ENDED,
        subject=_subject(found),
    )
    _end(found, at=by.at, by=by, remark="")
    return found


def look(by: Footing, stake_out_id: int, *, before: int | None = None) -> Collected:
    """Show whoever asked what their stake-out found; each look is logged before it is fetched.

    Raises `StakeOut.DoesNotExist`, `RefusedAction`.
    """
    found = _open(by, stake_out_id)
    with transaction.atomic():
        inquire.log_query(by, _entry(found), Action.QUERY_PAGE_VIEWED, Outcome.DONE)
    page, store = lookups.finds(found, before=before, limit=PAGE + 1), read_store()
    oldest = oldest_shown(by.policy, at=by.at)
    there = [read for each in page[:PAGE] if (read := store.get(each.day, each.number)) is not None]
    reads = [read for read in there if oldest is None or moment_of(read.row) >= oldest]  # past its time is over
    return Collected(found, reads, page[PAGE - 1].pk if len(page) > PAGE else None)


def picture(by: Footing, stake_out_id: int, read: StoredRead) -> bytes:
    """Return the picture of a read that one's own stake-out found; the page that named it is logged.

    Raises `StakeOut.DoesNotExist`, `ImageMissing`, `ImageDamaged`, `RefusedAction`.
    """
    _open(by, stake_out_id)
    return read_store().image(read)


def evaluate(*, at: datetime) -> int:
    """Try every running stake-out on the reads stored since it was last tried; return how many reads were found.

    What a stake-out found, how far it is, and what the logs say of it are one transaction: each read is found once. One
    whose time is over, or whose asker may not inquire any more, ends.
    """
    changes.forget_ended(before=at - OPEN_FOR)
    for each in lookups.waiting().filter(until__lte=at):
        _end(each, at=at, by=None, remark="Nobody decided in time.")
    running = list(lookups.running())
    if not running:
        return 0
    until = read_store().arrived_until()
    matched = _matched(running, until=until)
    total = 0
    for each in running:
        asker = footing(each.by, at=at)
        decision = inquire.decide(asker, question_of(each))
        if isinstance(decision, Refused):
            _end(each, at=at, by=None, remark=f"The asker may not inquire any more: {decision.reason}")
            continue
        with transaction.atomic():
            total += _collect(asker, each, matched[each.pk], until=until)
        if each.until <= at:
            _end(each, at=at, by=None, remark="Its time was over.")
    return total


def question_of(stake_out: StakeOut) -> Question:
    """Return the question of a stake-out; once it runs, under the case number that counts for its entry."""
    kept = dict(stake_out.asked)
    if stake_out.entry is not None:
        kept["case_number"] = stake_out.entry.case_now
    moments = {name: datetime.fromisoformat(kept[name]) for name in ("since", "until")}
    return Question(**{**kept, **moments, "lprs": tuple(kept["lprs"])})


def _open(by: Footing, stake_out_id: int) -> StakeOut:
    found = lookups.own(by.person).get(pk=stake_out_id, entry__isnull=False)
    closed = Refused(Clause.VI_f, "These results are closed.")
    by.demand(
        may_inquire(by.authority, by.policy, by.today),
        closed if found.ended_at and by.at - found.ended_at > OPEN_FOR else Allowed(),
        attempted=Action.QUERY_PAGE_VIEWED,
        subject=_subject(found),
    )
    return found


def _kept(question: Question) -> dict[str, Any]:
    moments = {"since": question.since.isoformat(), "until": question.until.isoformat()}
    return {**asdict(question), **moments, "lprs": list(question.lprs)}


def _matched(running: Sequence[StakeOut], *, until: int) -> Mapping[int, list[tuple[date, int]]]:
    """Return what each stake-out asks for among the reads up to a number that it was not tried on."""
    wanted = [(each, StakeOutTerms.of(each.asked["tool"])) for each in running]
    patterns = {each.pk: [pattern.matches_folded for pattern in asked.patterns()] for each, asked in wanted}
    fits: dict[str, list[tuple[StakeOut, StakeOutTerms]]] = {}
    found: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for arrival in read_store().arrivals(after=min(each.seen_to for each in running), until=until):
        plate = arrival.folded
        if plate not in fits:
            fits[plate] = [pair for pair in wanted if any(fit(plate) for fit in patterns[pair[0].pk])]
        for each, asked in fits[plate]:
            if arrival.number > each.seen_to and _is_asked(arrival, asked):
                found[each.pk].append((arrival.day, arrival.number))
    return found


def _is_asked(arrival: Arrival, asked: StakeOutTerms) -> bool:
    in_time = as_stored(asked.since) <= arrival.at < as_stored(asked.until)
    return in_time and (not asked.lprs or arrival.lpr in asked.lprs)


def _collect(asker: Footing, stake_out: StakeOut, finds: Sequence[tuple[date, int]], *, until: int) -> int:
    seen_to = stake_out.seen_to
    hold(stake_out)
    if stake_out.state != State.RUNNING or stake_out.seen_to != seen_to:  # it ended, or somebody else was quicker
        return 0
    new = changes.collect(stake_out, finds, seen_to=max(until, stake_out.seen_to))
    if new:
        _enter_day(asker, stake_out, found=new)
    return new


def _enter_day(asker: Footing, stake_out: StakeOut, *, found: int) -> None:
    question, day = question_of(stake_out), asker.today.isoformat()
    terms = {**(question.tool or {}), "stake_out": stake_out.pk, "day": day}
    entry = QueryLogEntry.objects.filter(by=asker.person, terms__stake_out=stake_out.pk, terms__day=day).first()
    if entry is None:
        inquire.end(asker, inquire.enter(asker, replace(question, tool=terms)), found=found)
    else:
        count_page(entry, found=found)
        inquire.log_query(asker, entry, Action.QUERY_COMPLETED, Outcome.DONE, found=found)


def _refuse(by: Footing, asker: Footing, stake_out: StakeOut, remark: str) -> StakeOut:
    if not remark:
        raise UnclearTerms("Say why it is refused; whoever asked for it will read this.")
    with by.act(Action.STAKE_OUT_DECIDED, subject=_subject(stake_out)):
        if not changes.refuse(stake_out, by=by.person, at=by.at, remark=remark):
            raise RefusedAction(_MEANWHILE)
        inquire.refuse(asker, question_of(stake_out), Refused(Clause.VIII_b, remark))
        _log(by, stake_out, Action.STAKE_OUT_DECIDED, remark=remark)
    return stake_out


def _end(stake_out: StakeOut, *, at: datetime, by: Footing | None, remark: str) -> None:
    with transaction.atomic():
        if not changes.end(stake_out, by=by.person if by else None, at=at, remark=remark):
            return
        if stake_out.entry is not None:
            inquire.end(footing(stake_out.by, at=at), stake_out.entry, found=stake_out.found)
        _log(by or footing(stake_out.by, at=at), stake_out, Action.STAKE_OUT_ENDED, remark=remark, clock=by is None)


def _entry(stake_out: StakeOut) -> QueryLogEntry:
    if stake_out.entry is None:
        raise ValueError("A stake-out that does not run has no entry in the Query Log.")
    return stake_out.entry


def _subject(stake_out: StakeOut) -> str:
    return f"stake-out:{stake_out.pk}"


def _log(
    by: Footing, stake_out: StakeOut, action: Action, *, remark: str = "", query: int | None = None, clock: bool = False
) -> None:
    question = question_of(stake_out)
    append(
        at=by.at,
        by=SYSTEM if clock else by.actor,
        action=action,
        clause=Clause.VIII_b,
        subject=_subject(stake_out),
        details={"state": str(stake_out.state), "found": stake_out.found, "query": query},
        sealed={
            "terms": canonical(question.terms()).decode(), "justification": question.justification, "remark": remark,
        },
        purpose=question.purpose,
        case=question.case_number,
        policy=by.policy.stamp,
    )  # fmt: skip
