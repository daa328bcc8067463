"""A hit is worked (VII.e): image compared, dispatch asked, stop recorded, outcome told."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.db import transaction

from platekeeper.core.categories import HitAction
from platekeeper.core.clauses import Clause
from platekeeper.core.plates import fold, plate_text
from platekeeper.core.rules.access import has_any_duty, has_duty, is_trained, may_use_lpr
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.hits import (
    HitFacts,
    may_agree,
    may_answer_anew,
    may_ask_confirmation,
    may_compare_anew,
    may_stop,
    may_verify_image,
)
from platekeeper.server.hits import changes
from platekeeper.server.hits.lookups import board, facts_of, standing
from platekeeper.server.hits.models import Departure, Hit, HitImage, HitStep
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append, stand_in_line
from platekeeper.server.procedures.authority import Footing, demanded
from platekeeper.server.procedures.looks import is_logged, log_look

Kind = HitStep.Kind
_TWICE = Refused(Clause.VII_e, "Somebody has recorded this step already.")
SILENT_DUTY = "VI.j.manager"
SUPERVISORS = "VII.e.supervisors"
SEES_SILENT = (SILENT_DUTY, SUPERVISORS, "IV.e.custodian", "VI.e.auditors")
"""The duties that see what raises no alarm."""
_SILENT = Refused(Clause.VI_j, "This hit raises no alarm: who reviews those sees and ends it.")
_UNNAMED = Refused(Clause.VII_e_2, "Name who at dispatch answered.")
_ASKING = (Kind.CONFIRMATION_ASKED, Kind.IMAGE_VERIFIED, Kind.IMAGE_DIFFERS)
"""The steps of who waits for the answer, the first that there is."""
_OTHER_PLATE = Refused(
    Clause.VI_j, "This hit raises no alarm. A stop on it takes the plate that you saw on the vehicle."
)


def may_see_hits(by: Footing) -> Decision:
    """Decide who sees hits: members who may use LPRs, dispatch, supervisors, the Custodian and auditors."""
    duties = ("VII.e.dispatch", SUPERVISORS, "IV.e.custodian", "VI.e.auditors")
    if has_any_duty(by.authority, by.policy, *duties):
        return Allowed()
    return may_use_lpr(by.authority, by.policy, by.today)


def may_see_hit(by: Footing, hit: Hit) -> Decision:
    """Decide who sees one hit: one that raises no alarm only who reviews those, keeps or checks, or asked for its entry; and
    whoever took a step on it, or is asked for one."""
    seen, silent = may_see_hits(by), hit.action == HitAction.SILENT
    if silent and has_any_duty(by.authority, by.policy, *SEES_SILENT):
        return Allowed()
    if not seen or not silent:
        return seen
    own = HotListEntry.objects.filter(pk=hit.entry.get("entry") or 0, requested_by=by.person)
    concerned = hit.steps.exclude(kind=Kind.SHOWN).filter(by=by.person)
    if has_duty(by.authority, by.policy, "VII.e.dispatch"):
        concerned |= hit.steps.filter(kind=Kind.CONFIRMATION_ASKED)
    return Allowed() if own.exists() or concerned.exists() else _SILENT


def may_handle(hit: Hit, *, stopped: bool) -> Decision:
    """Decide whether a hit is for members to handle: one that raises no alarm only where they stopped on it all the same."""
    return _SILENT if hit.action == HitAction.SILENT and not stopped else Allowed()


def supervises_end(by: Footing, hit: Hit) -> bool:
    """Say whether somebody supervises how a hit ended that raised no alarm and was stopped on: no other member sees it."""
    stopped = hit.action == HitAction.SILENT and Kind.STOPPED in standing(hit)
    return stopped and bool(has_duty(by.authority, by.policy, SUPERVISORS))


def show_hit(by: Footing, hit_id: int) -> Hit:
    """Return a hit for its page; the first time a person is shown it is logged. Raises `Hit.DoesNotExist`."""
    hit = Hit.objects.select_related("lpr", "repeat_of").filter(pk=hit_id).first()
    allowed = may_see_hits(by) if hit is None else may_see_hit(by, hit)
    by.demand(allowed, attempted=Action.HIT_SHOWN, subject=f"hit:{hit_id}")
    if hit is None:
        raise Hit.DoesNotExist
    if not hit.steps.filter(kind=Kind.SHOWN, by=by.person).exists():
        with transaction.atomic():
            changes.add_step(hit, kind=Kind.SHOWN, at=by.at, by=by.person, policy=by.policy.stamp)
            _log(by, hit, Action.HIT_SHOWN, Clause.VII_e, {})
    return hit


def watch(by: Footing, which: str) -> None:
    """Log that somebody watches a list of hits, before it is shown: once in a working day, since it goes on by itself."""
    log_look(by, Action.HITS_WATCHED, subject=f"hits:{which}:{by.person.pk}", clause=Clause.IV_h)


def show_picture(by: Footing, hit_id: int) -> HitImage:
    """Return a hit's image: of an open alarm to who watches the board, else as the hit itself. Raises `DoesNotExist` of
    either."""
    watches = may_see_hits(by) and is_logged(by, Action.HITS_WATCHED, subject=f"hits:board:{by.person.pk}")
    if not (watches and board().filter(pk=hit_id).exists()):
        show_hit(by, hit_id)
    return HitImage.objects.get(hit=hit_id)


def verify_image(by: Footing, hit_id: int, *, agrees: bool, state_seen: str = "", anew: bool = False) -> None:
    """Record that the member compared the plate image with the vehicle, and which state they saw on it (VII.e.1).

    `anew`: what was recorded before was mistaken.
    """
    hit = _member_works(by, hit_id)
    facts, rule = facts_of(hit, at=by.at), partial(may_compare_anew, agrees=agrees) if anew else may_verify_image
    by.demand(
        rule(facts),
        may_agree(facts, state_seen=state_seen) if agrees else Allowed(),
        attempted=Action.HIT_STEP,
        subject=f"hit:{hit_id}",
    )
    kind, remark = Kind.IMAGE_VERIFIED if agrees else Kind.IMAGE_DIFFERS, f"state seen: {state_seen}"
    record_step(by, hit, kind, Clause.VII_e_1, rule, remark=remark if state_seen else "")


def ask_confirmation(by: Footing, hit_id: int) -> None:
    """Put a hit into the dispatch queue (VII.e.2)."""
    hit = _member_works(by, hit_id)
    by.demand(may_ask_confirmation(facts_of(hit, at=by.at)), attempted=Action.HIT_STEP, subject=f"hit:{hit_id}")
    record_step(by, hit, Kind.CONFIRMATION_ASKED, Clause.VII_e_2, may_ask_confirmation)


def answer_confirmation(by: Footing, hit_id: int, *, confirmed: bool, remark: str = "") -> None:
    """Answer from dispatch's own queue and account (VII.e.2)."""
    subject = f"hit:{hit_id}"
    by.demand(has_duty(by.authority, by.policy, "VII.e.dispatch"), attempted=Action.HIT_STEP, subject=subject)
    hit = Hit.objects.get(pk=hit_id)
    asked = hit.steps.filter(kind=Kind.CONFIRMATION_ASKED).first()
    asked_by_another, may_ask = _was_asked_by_another(asked, by), may_ask_confirmation(facts_of(hit, at=by.at))
    by.demand(asked_by_another, may_ask, attempted=Action.HIT_STEP, subject=subject)
    kind = Kind.CONFIRMED if confirmed else Kind.NOT_CONFIRMED
    record_step(by, hit, kind, Clause.VII_e_2, may_ask_confirmation, remark=remark)


def may_change_answer(by: Footing, hit: Hit) -> Decision:
    """Decide who says that an answer was mistaken: dispatch, and never who asked it; of a member's own word only they."""
    steps = standing(hit)
    if is_own_word(by, hit):
        handled = may_handle(hit, stopped=Kind.STOPPED in steps)
        return first_refusal(may_use_lpr(by.authority, by.policy, by.today), may_see_hit(by, hit), handled)
    asked = next((steps[kind] for kind in _ASKING if kind in steps), None)  # nobody asked what was answered by voice
    is_dispatch = has_duty(by.authority, by.policy, "VII.e.dispatch")
    return first_refusal(is_dispatch, may_see_hit(by, hit), _was_asked_by_another(asked, by))


def is_own_word(by: Footing, hit: Hit) -> bool:
    """Say whether the answer that stands on a hit is this member's own word."""
    steps = standing(hit)
    answer = steps.get(Kind.CONFIRMED) or steps.get(Kind.NOT_CONFIRMED)
    return answer is not None and answer.self_attested and answer.by_id == by.person.pk


def answer_anew(by: Footing, hit_id: int, *, confirmed: bool, remark: str) -> None:
    """Record that an answer was mistaken: the other one counts from now on (VII.e.2).

    `remark` is dispatch's reason, or who at dispatch answered where it is the member's own word that was.
    """
    hit = Hit.objects.prefetch_related("steps").get(pk=hit_id)
    own_word, rule = is_own_word(by, hit), partial(may_answer_anew, confirmed=confirmed)
    unsaid = _UNNAMED if own_word else Refused(Clause.VII_e_2, "Say why the answer is another one now.")
    by.demand(
        may_change_answer(by, hit),
        rule(facts_of(hit, at=by.at)),
        Allowed() if remark.strip() else unsaid,
        attempted=Action.HIT_STEP,
        subject=f"hit:{hit_id}",
    )
    kind = Kind.CONFIRMED if confirmed else Kind.NOT_CONFIRMED
    record_step(by, hit, kind, Clause.VII_e_2, rule, remark=remark.strip(), self_attested=own_word)


def attest_confirmation(by: Footing, hit_id: int, *, confirmed: bool, who: str) -> None:
    """Record the member's own word for what dispatch said by voice; it stays marked as such (VII.e.2)."""
    hit = _member_works(by, hit_id)
    named = Allowed() if who.strip() else _UNNAMED
    by.demand(named, may_ask_confirmation(facts_of(hit, at=by.at)), attempted=Action.HIT_STEP, subject=f"hit:{hit_id}")
    kind = Kind.CONFIRMED if confirmed else Kind.NOT_CONFIRMED
    record_step(by, hit, kind, Clause.VII_e_2, may_ask_confirmation, remark=who.strip(), self_attested=True)


def record_stop(by: Footing, hit_id: int, *, plate: str = "", remark: str = "") -> Departure | None:
    """Record a stop. What happened is always recordable: without both steps it is a departure, for a supervisor.

    On a hit that raises no alarm `plate` is what the member saw, since whoever stopped on it is shown it.
    """
    hit = _member(by, hit_id)
    by.demand(_is_of(hit, plate), attempted=Action.HIT_STEP, subject=f"hit:{hit_id}")
    with by.act(Action.HIT_STEP, subject=f"hit:{hit.pk}"):
        stand_in_line()  # each step has a leaf: nobody else can take one now
        facts = facts_of(Hit.objects.get(pk=hit.pk), at=by.at)
        demanded(Allowed() if facts.stopped_at is None else _TWICE)
        decision = may_stop(facts)
        changes.add_step(hit, kind=Kind.STOPPED, at=by.at, by=by.person, policy=by.policy.stamp, remark=remark)
        departure = None
        if isinstance(decision, Refused):
            departure = changes.record_departure(
                hit,
                clause=decision.clause.number,
                reason=decision.reason,
                at=by.at,
                member=by.person,
                policy=by.policy.stamp,
            )
        clause = decision.clause if isinstance(decision, Refused) else Clause.VII_e
        _log(
            by,
            hit,
            Action.HIT_STEP,
            clause,
            {"step": Kind.STOPPED.value, "departure": departure is not None},
            remark=remark,
        )
    return departure


def record_outcome(
    by: Footing, hit_id: int, *, outcome: HitStep.Outcome, led_on: bool = False, followed: str = ""
) -> None:
    """Record how the hit ended, whether it led on to what V.c names, and what followed. The last outcome counts. Of a stop
    without an alarm a supervisor may say it as well."""
    found = Hit.objects.filter(pk=hit_id).first()
    hit = found if found is not None and supervises_end(by, found) else _member_works(by, hit_id)
    record_step(by, hit, Kind.OUTCOME, Clause.VII_e, remark=followed, outcome=outcome, led_on=led_on)


def record_step(
    by: Footing,
    hit: Hit,
    kind: HitStep.Kind,
    clause: Clause,
    rule: Callable[[HitFacts], Decision] | None = None,
    *,
    remark: str = "",
    self_attested: bool = False,
    outcome: str = "",
    led_on: bool = False,
) -> None:
    """Record a step that was decided for, and log it. `rule` is asked once more when nobody else can take one."""
    with by.act(Action.HIT_STEP, subject=f"hit:{hit.pk}", twice=_TWICE):
        if rule is not None:
            stand_in_line()  # each step has a leaf: nobody else can take one now
            demanded(rule(facts_of(Hit.objects.get(pk=hit.pk), at=by.at)))
        changes.add_step(
            hit,
            kind=kind,
            at=by.at,
            by=by.person,
            policy=by.policy.stamp,
            self_attested=self_attested,
            outcome=outcome,
            led_on=led_on,
            remark=remark[:240],
        )
        details = {"step": kind.value, "self_attested": self_attested, "outcome": outcome, "led_on": led_on}
        _log(by, hit, Action.HIT_STEP, clause, details, remark=remark)


def _member(by: Footing, hit_id: int) -> Hit:
    allowed = may_use_lpr(by.authority, by.policy, by.today)
    by.demand(allowed, attempted=Action.HIT_STEP, subject=f"hit:{hit_id}")
    return Hit.objects.prefetch_related("steps").get(pk=hit_id)


def _member_works(by: Footing, hit_id: int) -> Hit:
    hit = _member(by, hit_id)
    handled = may_handle(hit, stopped=Kind.STOPPED in standing(hit))
    by.demand(may_see_hit(by, hit), handled, attempted=Action.HIT_STEP, subject=f"hit:{hit_id}")
    return hit


def _is_of(hit: Hit, plate: str) -> Decision:
    """Decide whether a plate is the one of a hit that raises no alarm: as it was read, or as it is wanted."""
    seen, its = fold(plate_text(plate) or ""), {fold(hit.plate), fold(str(hit.entry.get("plate", "")))}
    return Allowed() if hit.action != HitAction.SILENT or (seen and seen in its) else _OTHER_PLATE


def _was_asked_by_another(asked: HitStep | None, by: Footing) -> Decision:
    if asked is None:
        return Refused(Clause.VII_e_2, "Nobody asked for this confirmation yet.")
    if asked.by_id == by.person.pk:
        return Refused(Clause.VII_e_2, "Somebody other than the asking member confirms.")
    return is_trained(by.authority, by.policy, by.today)


def _log(
    by: Footing, hit: Hit, action: Action, clause: Clause, details: dict[str, object], *, remark: str = ""
) -> None:
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=clause,
        subject=f"hit:{hit.pk}",
        details=details,
        sealed={"plate": hit.plate, "remark": remark},
        case=str(hit.entry.get("case_number", "")),
        policy=by.policy.stamp,
    )
