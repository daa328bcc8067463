"""What is done for LPRs is noted, technical questions are answered, and what is due is reminded of (IV.d, IV.f, IX)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import has_any_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.defects import DAMAGE, DEFECTS, DefectKind, may_report
from platekeeper.core.rules.inventory import KEEPER, CareKind, ends_soon, may_answer, may_ask, may_care, must_be_insured
from platekeeper.server.equipment.changes import care as changes
from platekeeper.server.equipment.lookups.care import due, papers
from platekeeper.server.equipment.lookups.lprs import lprs
from platekeeper.server.equipment.models import LPR, Care, Defect, TechnicalQuestion
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.lookups import holders
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.report_defects import late_defects, note_found

_AGAIN = timedelta(days=1)
HEARING = (DEFECTS, DAMAGE, KEEPER)
"""The duties whose holders are reminded."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What somebody should see to: repairs that take too long, care that is due, warranties that end, what is not insured."""

    repairs: list[Defect]
    care: list[Care]
    warranties: list[LPR]
    uninsured: list[LPR]

    @property
    def matters(self) -> list[str]:
        """Each as the ledger names it."""
        return sorted(
            [f"defect:{each.pk}" for each in self.repairs]
            + [f"{each.kind}:lpr:{each.lpr_id}" for each in self.care]
            + [f"warranty:lpr:{each.pk}" for each in self.warranties]
            + [f"insurance:lpr:{each.pk}" for each in self.uninsured]
        )


def upkeep(policy: Policy, *, at: datetime) -> Upkeep:
    """Return what somebody should see to."""
    today, said = at.astimezone(policy.zone).date(), papers(at=at)
    known = [(lpr, said[lpr.pk]) for lpr in lprs() if lpr.pk in said]
    return Upkeep(
        repairs=late_defects(at=at),
        care=due(today=today),
        warranties=[lpr for lpr, each in known if ends_soon(each.warranty_until, today=today)],
        uninsured=[lpr for lpr, each in known if must_be_insured(each.value, policy) and not each.on_plan],
    )


def to_see_to(by: Footing) -> Upkeep | None:
    """Return what this person is reminded of, None where it is not theirs."""
    return upkeep(by.policy, at=by.at) if has_any_duty(by.authority, by.policy, *HEARING) else None


def note_care(
    by: Footing, lpr: LPR, *, kind: CareKind, words: str, on: date, next_on: date | None, in_order: bool = True
) -> Care:
    """Note what was done for an LPR, and by when it is due again; an aim that is not in order is a defect (IX.a)."""
    by.demand(
        may_care(by.authority, by.policy),
        _plausible(by, on=on, next_on=next_on),
        attempted=Action.LPR_CARED_FOR,
        subject=f"lpr:{lpr.pk}",
    )
    with transaction.atomic():
        noted = changes.note_care(
            lpr, kind=kind.value, in_order=in_order, words=words.strip()[:400], on=on, next_on=next_on, at=by.at,
            by=by.person, policy=by.policy.stamp,
        )  # fmt: skip
        if not in_order:
            note_found(by, lpr, DefectKind.AIM if kind is CareKind.AIM else DefectKind.OTHER, words=words)
        details = {
            "kind": kind.value,
            "on": on.isoformat(),
            "next_on": next_on and next_on.isoformat(),
            "in_order": in_order,
        }
        _log(
            by,
            Action.LPR_CARED_FOR,
            f"lpr:{lpr.pk}",
            details,
            clause=Clause.IX_a if kind is CareKind.AIM else Clause.IV_d,
        )
    return noted


def ask(by: Footing, *, words: str, lpr: LPR | None = None) -> TechnicalQuestion:
    """Ask a technical question of the position that the policy names (IX.d)."""
    by.demand(may_report(by.authority), may_ask(by.policy, words), attempted=Action.QUESTION_ASKED)
    with transaction.atomic():
        asked = changes.ask(lpr, words=words.strip()[:400], at=by.at, by=by.person, policy=by.policy.stamp)
        _log(by, Action.QUESTION_ASKED, f"question:{asked.pk}", {"lpr": lpr.pk if lpr else None}, clause=Clause.IX_d)
    return asked


def answer(by: Footing, question: TechnicalQuestion, *, words: str) -> None:
    """Answer a technical question."""
    subject = f"question:{question.pk}"
    by.demand(may_answer(by.authority, by.policy, words), attempted=Action.QUESTION_ANSWERED, subject=subject)
    with by.act(Action.QUESTION_ANSWERED, subject=subject):
        if not changes.answer(question, words=words.strip()[:800], at=by.at, by=by.person):
            raise RefusedAction(Refused(Clause.IX_d, "Somebody has answered already."))
        _log(by, Action.QUESTION_ANSWERED, subject, {}, clause=Clause.IX_d)


def remind(*, at: datetime) -> int:
    """Remind once a day, and when something is added, of what somebody should see to; return how much there is.

    The home page shows the reminder for as long as it is due; the ledger says that it was given, and to whom.
    """
    policy = in_force(at=at)
    matters = upkeep(policy, at=at).matters
    last = LedgerEntry.objects.filter(action=Action.UPKEEP_REMINDED, at__gt=at - _AGAIN).order_by("-index").first()
    if not matters or (last is not None and set(matters) <= set(last.content()["details"]["matters"])):
        return 0
    titles = set().union(*(policy.positions(duty) for duty in HEARING))
    names = sorted(person.name for person in holders(titles, at=at, today=at.astimezone(policy.zone).date()))
    with transaction.atomic():
        append(
            at=at, by=SYSTEM, action=Action.UPKEEP_REMINDED, clause=Clause.IV_d,
            details={"matters": matters, "holders": len(names)}, sealed={"to": ", ".join(names)}, policy=policy.stamp,
        )  # fmt: skip
    return len(matters)


def _plausible(by: Footing, *, on: date, next_on: date | None) -> Decision:
    if on > by.today:
        return Refused(Clause.IV_d, "Enter it once it is done.")
    if next_on is not None and next_on <= on:
        return Refused(Clause.IV_d, "It is due again after it was done.")
    return Allowed()


def _log(by: Footing, action: Action, subject: str, details: Mapping[str, object], *, clause: Clause) -> None:
    append(
        at=by.at, by=by.actor, action=action, clause=clause, subject=subject, details=details, policy=by.policy.stamp
    )
