"""A wrong hot list entry is corrected (VII.e), so that it stops nobody again, and everybody it reached is told."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.complaints import may_correct, may_lift, may_suppress
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist import changes as hotlist
from platekeeper.server.hotlist.models import Suppression
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.oversight import changes
from platekeeper.server.oversight.lookups import own_entry, still_alarms
from platekeeper.server.oversight.models import Complaint, ComplaintStep, Correction, Notice
from platekeeper.server.oversight.trace import trace_of
from platekeeper.server.procedures.authority import Footing, RefusedAction, demanded
from platekeeper.server.procedures.enter_alert import cancel_entry
from platekeeper.server.procedures.handle_complaints import facts_for, log, subject_of
from platekeeper.server.procedures.recall import recall_open_hits
from platekeeper.server.storage.holding import hold


def correct_entry(by: Footing, complaint: Complaint, *, source: str, text: str, until: datetime | None) -> Correction:
    """Correct the entry of a complaint's hit: an own one is canceled, a line of a list suppressed until a time.

    `source` is to whom the notice goes, `text` what it says; `until` is needed only for a line that would alarm still.
    Raises `RefusedAction`: an own entry is canceled by whoever may cancel it (VI.a).
    """
    unsaid = Refused(Clause.VII_e, "Say what is wrong with the entry, and who is told to correct it.")

    def decide() -> Decision:
        return may_correct(by.authority, by.policy, facts_for(by, complaint))

    by.demand(
        decide(),
        Allowed() if text.strip() and source.strip() else unsaid,
        attempted=Action.ENTRY_CORRECTED,
        subject=subject_of(complaint),
    )
    hit = complaint.hit
    assert hit is not None, "the rule wants one"
    own, alarming = own_entry(hit.entry_key), still_alarms(hit.entry_key, at=by.at)
    if own is not None and alarming:
        cancel_entry(by, own.pk, reason=f"Complaint {complaint.pk}: found wrong.")
    suppresses = own is None and alarming
    if suppresses:
        unending = Refused(Clause.VII_e, "Say until when the line raises no alarm here.")
        fits = unending if until is None else may_suppress(until=until, at=by.at)
        by.demand(fits, attempted=Action.ENTRY_CORRECTED, subject=subject_of(complaint))
    with by.act(Action.ENTRY_CORRECTED, subject=subject_of(complaint)):
        hold(complaint)
        demanded(decide())
        suppression = _suppress(by, complaint, hit, until) if suppresses and until is not None else None
        step = changes.add_step(
            complaint,
            kind=ComplaintStep.Kind.CORRECTED,
            at=by.at,
            by=by.person,
            policy=by.policy.stamp,
            text=text.strip(),
        )
        told = {reached.person for reached in trace_of(hit.entry_key, at=by.at).people} - {by.person.pk}
        correction = changes.correct(step, hit=hit, source=source.strip(), suppression=suppression, tell=told)
        log(
            by, complaint, Action.ENTRY_CORRECTED,
            {
                "hit": hit.pk,
                "suppressed_until": suppression.ends_at.astimezone(UTC).isoformat() if suppression else "",
                "told": sorted(told),
            },
            sealed={"entry_key": hit.entry_key, "plate": correction.plate, "source": source.strip(), "text": text.strip()},
        )  # fmt: skip
    return correction


def end_suppression(by: Footing, correction: Correction, *, why: str) -> None:
    """Let a suppressed line raise alarms again before its time."""
    complaint, suppression = correction.step.complaint, correction.suppression
    unsaid = Refused(Clause.VII_e, "Say why the line may raise alarms again.")
    over = Refused(Clause.VII_e, "This suppression has ended already.")
    held = suppression is not None and suppression.ended_at is None and suppression.ends_at > by.at
    by.demand(
        may_lift(by.authority, by.policy, facts_for(by, complaint)),
        Allowed() if held else over,
        Allowed() if why.strip() else unsaid,
        attempted=Action.SUPPRESSION_ENDED,
        subject=subject_of(complaint),
    )
    with by.act(Action.SUPPRESSION_ENDED, subject=subject_of(complaint)):
        hotlist.move_version(at=by.at)
        if not hotlist.end_suppressions([correction.entry_key], at=by.at, by=by.person):
            raise RefusedAction(over)
        log(
            by, complaint, Action.SUPPRESSION_ENDED, {"correction": correction.pk},
            sealed={"entry_key": correction.entry_key, "plate": correction.plate, "why": why.strip()},
        )  # fmt: skip


def see_notice(by: Footing, notice: Notice) -> None:
    """Take a person's receipt for a notice of correction: their own only."""
    subject = f"correction:{notice.correction_id}"
    theirs = Refused(Clause.VII_e, "This notice is for somebody else.")
    own = notice.person_id == by.person.pk
    by.demand(Allowed() if own else theirs, attempted=Action.CORRECTION_SEEN, subject=subject)
    with transaction.atomic():
        if changes.see(notice, at=by.at):
            append(
                at=by.at, by=by.actor, action=Action.CORRECTION_SEEN, clause=Clause.VII_e, subject=subject,
                sealed={"plate": notice.correction.plate}, policy=by.policy.stamp,
            )  # fmt: skip


def _suppress(by: Footing, complaint: Complaint, hit: Hit, until: datetime) -> Suppression:
    hotlist.move_version(at=by.at)
    reason = f"Complaint {complaint.pk}: found wrong."
    suppression = hotlist.suppress(
        entry_key=hit.entry_key, reason=reason, ends_at=until, at=by.at, by=by.person, policy=by.policy.stamp
    )
    recall_open_hits(
        prefix=hit.entry_key, still_wanted=lambda key: key != hit.entry_key, reason=f"Hot list entry {reason.lower()}",
        at=by.at, by=by.actor, policy=by.policy,
    )  # fmt: skip
    return suppression
