"""MOUs are drafted, attested by both agencies, suspended at once, resumed and ended; orders of courts are recorded (VI.l)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, timedelta

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules import sharing as rules
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.models import Agency
from platekeeper.server.procedures.authority import Footing, RefusedAction, demanded
from platekeeper.server.sharing import changes
from platekeeper.server.sharing.lookups import facts_of, midnight, subject_of
from platekeeper.server.sharing.models import Dissemination, Mou, MouStep, Order
from platekeeper.server.storage.holding import hold

Kind = MouStep.Kind
Decide = Callable[[rules.MouFacts], Decision]


def may_see_sharing(by: Footing) -> Decision:
    """Decide who reads the agreements and what left."""
    return rules.may_see_sharing(by.authority, by.policy)


def view_what_left(by: Footing, gone: Dissemination | None = None) -> None:
    """Log that somebody looks at what left, all of it or one thing, before it is shown: it names people and cases."""
    subject = "" if gone is None else subject_of(gone)
    by.demand(may_see_sharing(by), attempted=Action.DISSEMINATIONS_VIEWED, subject=subject)
    with transaction.atomic():
        append(
            at=by.at, by=by.actor, action=Action.DISSEMINATIONS_VIEWED, clause=Clause.VI_l, subject=subject,
            policy=by.policy.stamp,
        )  # fmt: skip


def draft_mou(
    by: Footing, *, agency: Agency, title: str, shares: Collection[rules.Share], purposes: Collection[str],
    barred: Collection[str] = (), terms: rules.Terms, document: bytes, begins_on: date, ends_on: date,
) -> Mou:  # fmt: skip
    """Draft an MOU with another agency. Raises ValueError for an area that is none."""
    _place = terms.place  # what is no area is none here either
    zone = by.policy.zone
    facts = rules.MouFacts(
        title, frozenset(shares), frozenset(purposes), frozenset(barred), terms,
        midnight(begins_on, zone), midnight(ends_on + timedelta(days=1), zone),
    )  # fmt: skip
    with_whom = "" if agency.is_department else agency.name
    by.demand(
        rules.may_draft(by.authority, by.policy),
        rules.may_be_drafted(facts, agency=with_whom, document=document, today=by.today, ends_on=ends_on),
        attempted=Action.MOU_DRAFTED,
    )
    with by.act(Action.MOU_DRAFTED):
        mou = changes.draft_mou(
            agency=agency, title=title.strip(), shares=sorted(shares), purposes=sorted(purposes), barred=sorted(barred),
            terms=terms.kept(), document=document, begins_on=begins_on, ends_on=ends_on, at=by.at, by=by.person,
            policy=by.policy.stamp,
        )  # fmt: skip
        details = {"agency": agency.name, "shares": mou.shares, "purposes": mou.purposes, "barred": mou.barred,
                   "terms": mou.terms, "begins_on": begins_on.isoformat(), "ends_on": ends_on.isoformat(),
                   "sha256": mou.sha256}  # fmt: skip
        _log(by, Action.MOU_DRAFTED, mou, details)
    return mou


def attest(by: Footing, mou: Mou, *, ours: bool, note: str = "") -> None:
    """Attest an MOU for the department, or record that the other agency did, by whom."""
    rule = rules.may_direct if ours else rules.may_draft
    kind = Kind.OURS if ours else Kind.THEIRS

    def decide(facts: rules.MouFacts) -> Decision:
        return rules.may_attest(facts, by.policy, agency=mou.agency.name, ours=ours, words=note, at=by.at)

    _take(by, mou, kind, rule(by.authority, by.policy), decide, note=note)


def suspend(by: Footing, mou: Mou, *, why: str) -> None:
    """Suspend an MOU: from this moment on nothing more leaves under it."""
    who = rules.may_draft(by.authority, by.policy)
    _take(by, mou, Kind.SUSPENDED, who, lambda facts: rules.may_suspend(facts, why=why), note=why)


def resume(by: Footing, mou: Mou, *, note: str = "") -> None:
    """Let a suspended MOU go on."""
    _take(by, mou, Kind.RESUMED, rules.may_direct(by.authority, by.policy), rules.may_resume, note=note)


def end(by: Footing, mou: Mou, *, why: str) -> None:
    """End an MOU for good."""
    who = rules.may_direct(by.authority, by.policy)
    _take(by, mou, Kind.ENDED, who, lambda facts: rules.may_end(facts, why=why), note=why)


def record_order(
    by: Footing, *, kind: Order.Kind, agency: Agency, court: str, number: str, shares: Collection[rules.Share], scope: str,
    issued_on: date, ends_on: date, document: bytes,
) -> Order:  # fmt: skip
    """Record a warrant, subpoena or court order, with its document."""
    conditions = (
        (court.strip() and number.strip(), "Name who issued the order, and its number."),
        (shares and scope.strip(), "Say what the order asks for, as it says itself."),
        (issued_on <= by.today, "It is recorded once it is issued."),
        (issued_on <= ends_on, "It ends before it was issued."),
        (document.startswith(b"%PDF-"), "Attach the order as a PDF."),
    )
    unfit = (Refused(Clause.VI_l, reason) for holds, reason in conditions if not holds)
    by.demand(rules.may_draft(by.authority, by.policy), *unfit, attempted=Action.ORDER_RECORDED)
    with by.act(Action.ORDER_RECORDED):
        order = changes.record_order(
            kind=kind, agency=agency, court=court.strip(), number=number.strip(), shares=sorted(shares),
            scope=scope.strip()[:400], issued_on=issued_on, ends_on=ends_on, document=document, at=by.at, by=by.person,
            policy=by.policy.stamp,
        )  # fmt: skip
        details = {"kind": kind.value, "agency": agency.name, "shares": order.shares, "sha256": order.sha256,
                   "issued_on": issued_on.isoformat(), "ends_on": ends_on.isoformat()}  # fmt: skip
        sealed = {"court": order.court, "number": order.number, "scope": order.scope}
        _log(by, Action.ORDER_RECORDED, order, details, sealed)
    return order


def withdraw_order(by: Footing, order: Order, *, why: str) -> None:
    """Record that an order obliges no longer: quashed, withdrawn, or recorded in error."""
    unsaid, over = (
        Refused(Clause.VI_l, "Say why it obliges no longer."),
        Refused(Clause.VI_l, "It was withdrawn already."),
    )
    subject = subject_of(order)
    by.demand(
        rules.may_draft(by.authority, by.policy), Allowed() if why.strip() else unsaid, attempted=Action.ORDER_WITHDRAWN,
        subject=subject,
    )  # fmt: skip
    with by.act(Action.ORDER_WITHDRAWN, subject=subject):
        if not changes.withdraw_order(order, at=by.at, by=by.person, why=why.strip()[:240]):
            raise RefusedAction(over)
        _log(by, Action.ORDER_WITHDRAWN, order, {}, {"why": why.strip()[:240]})


def _take(by: Footing, mou: Mou, kind: Kind, who: Decision, decide: Decide, *, note: str) -> None:
    """Take a step if the rule allows it; asked once more once nobody else can take one."""
    subject, zone = subject_of(mou), by.policy.zone
    by.demand(who, decide(facts_of(mou, at=by.at, zone=zone)), attempted=Action.MOU_STEP, subject=subject)
    note = note.strip()[:240]
    with by.act(Action.MOU_STEP, subject=subject):
        hold(mou)
        demanded(decide(facts_of(mou, at=by.at, zone=zone)))
        changes.add_step(mou, kind=kind, at=by.at, by=by.person, policy=by.policy.stamp, note=note)
        _log(by, Action.MOU_STEP, mou, {"step": kind.value, "agency": mou.agency.name}, {"note": note})
    vars(mou).pop("_prefetched_objects_cache", None)


def _log(
    by: Footing, action: Action, ground: Mou | Order, details: dict[str, object], sealed: dict[str, str] | None = None
) -> None:
    append(
        at=by.at, by=by.actor, action=action, clause=Clause.VI_l, subject=subject_of(ground), details=details,
        sealed=sealed, policy=by.policy.stamp,
    )  # fmt: skip
