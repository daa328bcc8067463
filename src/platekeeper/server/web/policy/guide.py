"""The guided pages: what the policy says, and one page for each of its blanks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from platekeeper.core.blanks import BLANKS, Blank, BlankError
from platekeeper.core.document import Run
from platekeeper.core.policy import Policy, carried_over
from platekeeper.core.printed import Line, lines_of, runs_of
from platekeeper.core.profiles import PROFILES
from platekeeper.core.wording import HEADINGS, WORDING
from platekeeper.core.wording.why import WHY
from platekeeper.server.ledger.actions import Action
from platekeeper.server.policy import lookups
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.draft_policy import choose_profile, fill_blank, may_draft, may_govern
from platekeeper.server.web.forms.blanks import BlankForm
from platekeeper.server.web.screens import footing_of, mendable


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a draft is: blanks said, still open, and proposed but not confirmed."""

    draft: PolicyVersion

    @property
    def open(self) -> list[Blank]:
        """The blanks that nobody has filled."""
        return lookups.unfilled(self.draft)

    @property
    def unconfirmed(self) -> list[Blank]:
        """The blanks that a profile has filled and nobody confirmed."""
        return [BLANKS[key] for key in BLANKS if key in self.draft.unconfirmed]

    @property
    def said(self) -> int:
        """How many blanks somebody has filled or confirmed."""
        return len(BLANKS) - len(self.open) - len(self.unconfirmed)

    @property
    def total(self) -> int:
        """How many blanks there are."""
        return len(BLANKS)

    def next(self, after: str = "") -> Blank | None:
        """Return the next blank to say, those after `after` first, then from the beginning."""
        keys = list(BLANKS)
        start = keys.index(after) + 1 if after in BLANKS else 0
        waiting = {blank.key for blank in (*self.open, *self.unconfirmed)} - {after}
        return next((BLANKS[key] for key in (*keys[start:], *keys[:start]) if key in waiting), None)


@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """Show the policy in force, what is drafted and what is to come. Everybody in the department may read its policy."""
    by, held = footing_of(request), lookups.draft()
    context = {
        "version": lookups.version_in_force(at=by.at),
        "to_come": lookups.to_come(at=by.at),
        "draft": held,
        "progress": Progress(held) if held else None,
        "blanks": BLANKS,
        "open_keys": {key for key in BLANKS if key not in (held.values if held else by.policy.values)},
        "drafts": bool(may_draft(by)),
        "governs": bool(may_govern(by)),
        "versions": lookups.versions(),
        "review_due_on": lookups.review_due_on(at=by.at),
        "sections": sections_of(by.policy) if by.policy.number else [],
    }
    return render(request, "policy/policy.html", context)


def sections_of(policy: Policy) -> list[tuple[str, str, list[Line]]]:
    """Return (number, heading, clauses) of every section, the header and the signature being sections of their own."""
    headings = {"header": _("Header"), **HEADINGS, "signature": _("Signature")}
    lines = lines_of(policy)
    return [
        (number if number in HEADINGS else "", str(heading), [line for line in lines if line.section == number])
        for number, heading in headings.items()
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def blank(request: HttpRequest, key: str) -> HttpResponse:
    """Fill or confirm one blank of the draft, and go on to the next."""
    if key not in BLANKS:
        raise Http404
    by, this, held = footing_of(request), BLANKS[key], lookups.draft()
    by.demand(may_draft(by), attempted=Action.POLICY_DRAFTED, subject=f"blank:{key}")
    values = held.values if held else carried_over(by.policy.values)
    form, refusal = BlankForm(request.POST or None, blank=this, held=values.get(key)), None
    if request.method == "POST" and form.is_valid():
        try:
            changed = fill_blank(by, key=key, value=form.value())
        except BlankError as error:
            form.add_error("value", str(error))
        except RefusedAction as refused:
            refusal = mendable(refused)
        else:
            following = Progress(changed).next(key)
            return redirect("policy_blank", following.key) if following else redirect("policy_draft")
    context = _context(this, form, held, by.policy, values) | {"refusal": refusal}
    return render(request, "policy/blank.html", context, status=200 if refusal is None else 403)


def _context(
    this: Blank, form: BlankForm, held: PolicyVersion | None, in_force: Policy, values: dict[str, Any]
) -> dict[str, Any]:
    keys = list(BLANKS)
    at = keys.index(this.key)
    return {
        "blank": this,
        "form": form,
        "runs": _wording(this, Policy(0, "", values)),
        "why": WHY[this.clause],
        "unconfirmed": held is not None and this.key in held.unconfirmed,
        "in_force": this.spoken(in_force.values[this.key]) if this.key in in_force.values else "",
        "progress": Progress(held) if held else None,
        "place": at + 1,
        "before": keys[at - 1] if at else "",
        "after": keys[at + 1] if at + 1 < len(keys) else "",
    }


def _wording(this: Blank, policy: Policy) -> list[tuple[Run, bool]]:
    """Return the clause with its blanks filled; True marks the piece that this page is about."""
    mine = f"{{{this.key}}}"
    before, found, after = WORDING[this.clause].partition(mine)
    parts = [(before, False), (found, True), (after, False)]
    return [(run, here) for text, here in parts if text for run in runs_of(text, policy)]


@require_http_methods(["GET", "HEAD", "POST"])
def profiles(request: HttpRequest) -> HttpResponse:
    """Choose a profile that proposes values where the draft says nothing yet."""
    by = footing_of(request)
    by.demand(may_draft(by), attempted=Action.POLICY_DRAFTED, subject="profile")
    if request.method == "POST":
        name = request.POST.get("profile", "")
        if name not in PROFILES:
            messages.error(request, _("Choose one of the profiles."))
            return redirect("policy_profiles")
        held = choose_profile(by, name=name)
        messages.success(request, _("The values are proposed. Confirm each one; nothing counts before it is adopted."))
        first = Progress(held).next()
        return redirect("policy_blank", first.key) if first else redirect("policy_draft")
    told = ("VI.k.floor", "VI.k.ceiling", "VI.k.no_hit", "VI.a.plates", "VI.l.how", "IV.i.refresher", "VIII.a.access")
    chief = by.policy.chief if by.policy.number else _drafted_chief()
    rows = [
        (profile, [(BLANKS[key].label, BLANKS[key].spoken(profile.values_for(chief)[key])) for key in told])
        for profile in PROFILES.values()
    ]
    return render(request, "policy/profiles.html", {"profiles": rows})


def _drafted_chief() -> str:
    held = lookups.draft()
    return lookups.as_policy(held).chief if held else "Chief"
