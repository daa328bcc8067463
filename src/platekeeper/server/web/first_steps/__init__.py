"""First steps: what a department does from its founding to its first tour, ticked by what the records show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy as ngettext
from django.views.decorators.http import require_safe

from platekeeper.core.blanks import BLANKS
from platekeeper.core.policy import Policy
from platekeeper.core.rules import first_steps as rules
from platekeeper.core.rules.access import has_any_duty
from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.first_steps import FOUNDERS, Founding, Name, Step
from platekeeper.core.rules.health import Verdict
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.lookups import holders
from platekeeper.server.policy.lookups import to_come
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.draft_policy import governing
from platekeeper.server.procedures.keep_recovery_key import key_waiting
from platekeeper.server.web.first_steps.facts import founding, is_shown_at_home, to_act_on
from platekeeper.server.web.first_steps.words import WORDS, Words
from platekeeper.server.web.language import said_lazily
from platekeeper.server.web.screens import footing_of
from platekeeper.server.web.upkeep import DUTIES

_LOOKING = ("signature.authority", "IV.g.reviewer", "IV.f.inventory", "IV.e.custodian", "IV.i.trainers", "VI.m.keeper")
"""The blanks whose positions see the steps: whoever can take one that comes before officers work."""


@dataclass(frozen=True, slots=True)
class Row:
    """A step as it is shown. `address`: where this person can take it; `who`: else, while it is open, the positions that
    can, and who holds them; `told`: what is missing yet."""

    step: Step
    words: Words
    is_next: bool
    address: str
    who: Sequence[tuple[str, str]]
    told: Sequence[str | Promise]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the department is."""

    rows: Sequence[Row]

    @property
    def counted(self) -> Sequence[Row]:
        """The steps that the records tick. That of the set-up is not counted anywhere: only one page takes the look."""
        return [row for row in self.rows if row.step.name is not Name.SET_UP]

    @property
    def set_up(self) -> Row | None:
        """The step of the set-up, where the look was taken."""
        return next((row for row in self.rows if row.step.name is Name.SET_UP), None)

    @property
    def done(self) -> int:
        """How many of the steps that are counted are done."""
        return sum(row.step.is_done for row in self.counted)

    @property
    def next(self) -> Row | None:
        """The open step that whoever looks can take first; where there is none, the one that is next for others."""
        left = [row for row in self.rows if not row.step.is_done]
        return next((row for row in left if row.address), left[0] if left else None)


def may_see_steps(by: Footing) -> Decision:
    """Decide who sees the first steps: whoever can take one, and the first draft says who before a policy is in force."""
    return has_any_duty(by.authority, governing(by.policy), *_LOOKING)


def at_home(by: Footing) -> Progress | None:
    """Return the steps for the first page, until all are done; that of the set-up, which takes a look, is left out."""
    if not (is_shown_at_home() and may_see_steps(by)):
        return None
    found = founding(by)
    left = [step for step in rules.steps(found) if step.name is not Name.SET_UP]
    return Progress(_rows(by, found, left, ())) if rules.next_step(left) else None


@require_safe
def first_steps(request: HttpRequest) -> HttpResponse:
    """Show every step: what it is for, whether it is done, who can take it and where."""
    by = footing_of(request)
    by.demand(may_see_steps(by), attempted=Action.DEPARTMENT_FOUNDED)
    verdicts = to_act_on(by)
    found = founding(by, found=verdicts)
    progress = Progress(_rows(by, found, rules.steps(found), verdicts or ()))
    return render(request, "first_steps/first_steps.html", {"progress": progress})


def _rows(by: Footing, found: Founding, steps: Sequence[Step], verdicts: Sequence[Verdict]) -> list[Row]:
    following, rows = rules.next_step(steps), []
    for step in steps:
        words, judged = WORDS[step.name], governing(by.policy) if step.name in FOUNDERS else by.policy
        mine = bool(words.page and has_any_duty(by.authority, judged, *step.duty))
        rows.append(
            Row(
                step=step,
                words=words,
                is_next=step == following,
                address=reverse(words.page) if mine else "",
                who=() if mine or step.is_done else _who(by, governing(by.policy), step),
                told=() if step.is_done else _told(by, found, step.name, verdicts),
            )
        )
    return rows


def _who(by: Footing, policy: Policy, step: Step) -> list[tuple[str, str]]:
    """Return the positions that can take a step, each with the people who hold it."""
    titles = sorted({title for key in step.duty for title in policy.positions(key)})
    return [(title, ", ".join(each.name for each in holders([title], at=by.at, today=by.today))) for title in titles]


def _told(by: Footing, found: Founding, name: Name, verdicts: Sequence[Verdict]) -> Sequence[str | Promise]:
    """Say what is missing yet, where a step knows."""
    match name:
        case Name.FILL:
            left = found.blanks_waiting
            return [ngettext("%(n)s blank waits.", "%(n)s blanks wait.", left) % {"n": left}]
        case Name.ADOPT:
            said = _(
                "Version %(number)s is adopted. It is in force from %(day)s on; accounts and positions can be given before."
            )
            days = [(each.number, each.effective_at) for each in to_come(at=by.at)]
            return [
                said % {"number": number, "day": f"{day.astimezone(by.policy.zone):%Y-%m-%d}"}
                for number, day in days
                if day
            ]
        case Name.POSITIONS:
            return _unheld(found, governing(by.policy))
        case Name.LPR if found.lprs:
            return [_("No LPR that is in service has a key yet: open its page.")]
        case Name.RECOVERY_KEY if key_waiting():
            return [_("A key is made. It counts once its holders have proved it with their shares.")]
        case Name.SET_UP if has_any_duty(by.authority, governing(by.policy), "signature.authority", *DUTIES):
            return [
                format_lazy("{}: {}. {}", said_lazily(each.name), said_lazily(each.found), said_lazily(each.do))
                for each in verdicts
            ]
    return []


def _unheld(found: Founding, policy: Policy) -> list[str]:
    """Say which positions nobody holds, and which clauses wait for them."""
    waiting: dict[str, list[str]] = {}
    for key in found.unheld:
        waiting.setdefault(", ".join(sorted(policy.positions(key))), []).append(BLANKS[key].clause.number)
    unsaid, said = _("The policy does not say who: %(clauses)s."), _("Nobody is %(titles)s: %(clauses)s.")
    return [
        (said if titles else unsaid) % {"titles": titles, "clauses": ", ".join(clauses)}
        for titles, clauses in waiting.items()
    ]


urlpatterns: list[URLPattern] = [path("", first_steps, name="first_steps")]
