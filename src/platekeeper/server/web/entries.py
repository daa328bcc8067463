"""The department's own entries: asked for, decided, canceled, and their prior reads (VI.a, VII.f-g)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.categories import Category, HitAction, usual_action
from platekeeper.core.rules.alerts import (
    may_cancel_entry,
    may_decide_entry,
    may_enter_at_once,
    may_request_entry,
)
from platekeeper.core.rules.field_entries import may_enter_in_field
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.hotlist.lookups import entries
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import enter_alert
from platekeeper.server.procedures.alert_bulletins import may_settle
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.entries import (
    DuplicateEntry,
    EntryResult,
    UnclearEntry,
    may_see_entry,
    seen_entries,
)
from platekeeper.server.procedures.reach import reach
from platekeeper.server.procedures.rows_of_reads import moment_of
from platekeeper.server.web.forms.entries import CATEGORIES, HIT_ACTIONS, CancelForm, DecisionForm, EntryForm
from platekeeper.server.web.screens import footing_of, mendable, number_of, page_of, seeing_hot_lists, step_up

_ENTRIES_A_PAGE = 50
_REFUSED, _UNPROCESSABLE, _CONFLICT, _UNAVAILABLE = 403, 422, 409, 503
DAYS_BACK = (7, 1)
"""How far back prior reads may be looked up where the whole look takes too long."""


@require_safe
def own_entries(request: HttpRequest) -> HttpResponse:
    """List the department's own entries, by where they stand."""
    by = seeing_hot_lists(request)
    states = _states(by)
    chosen = request.GET.get("state", "")
    if chosen not in states:
        chosen = next((name for name in ("owed", "waiting") if name in states and states[name][1].exists()), "active")
    context = {
        "states": [(name, label, found.count(), name == chosen) for name, (label, found) in states.items()],
        "chosen": chosen,
        "page": page_of(request, states[chosen][1], _ENTRIES_A_PAGE),
        "may_request": may_request_entry(by.authority, by.policy, by.today),
        "may_enter": may_enter_in_field(by.authority, by.policy, by.today),
    }
    return render(request, "hotlist/entries.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def request_entry(request: HttpRequest) -> HttpResponse:
    """Ask for an entry; an urgent one by the right position is on the list at once, with its prior reads."""
    by = footing_of(request)
    by.demand(may_request_entry(by.authority, by.policy, by.today), attempted=Action.ENTRY_REQUESTED)
    form = EntryForm(request.POST or None, at=by.at)
    refusal, duplicate, status = None, None, 200 if request.method != "POST" else _UNPROCESSABLE
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        category = Category(given["category"])
        action = HitAction(given["hit_action"]) if given["hit_action"] else usual_action(category)
        try:
            result = enter_alert.request_entry(
                by, **{**given, "category": category, "hit_action": action, "effective_at": by.at}
            )
        except UnclearEntry as unclear:
            form.add_error(unclear.field, str(unclear))
        except DuplicateEntry as twice:
            form.add_error("plate", twice.refusal.reason)
            duplicate, status = there_already(by, twice), _CONFLICT
        except RefusedAction as refused:
            refusal, status = mendable(refused), _REFUSED
        else:
            if result.entry.state == HotListEntry.State.ACTIVE:
                return entered(request, by, result)
            messages.success(request, _("The entry is asked for and waits for its decision."))
            return redirect("entry", result.entry.pk)
    at_once = [words for key, words in CATEGORIES.items() if may_enter_at_once(by.authority, by.policy, Category(key))]
    context = {"form": form, "refusal": refusal, "duplicate": duplicate, "at_once": at_once}
    return render(request, "hotlist/request.html", context, status=status)


@require_safe
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Show one entry; the look is logged."""
    by = footing_of(request)
    try:
        found = enter_alert.view_entry(by, entry_id)
    except HotListEntry.DoesNotExist as missing:
        raise Http404 from missing
    return render(request, "hotlist/entry.html", _about(by, found))


@require_http_methods(["GET", "HEAD", "POST"])
@step_up
def decide(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Decide on an entry that waits; one put on the list is shown with its prior reads."""
    by, found = footing_of(request), get_object_or_404(entries(), pk=entry_id)
    facts = enter_alert.facts_of(found, by=by)
    may_decide = may_decide_entry(by.authority, by.policy, facts)
    by.demand(may_decide, attempted=Action.ENTRY_DECIDED, subject=f"entry:{entry_id}")
    form = DecisionForm(request.POST or None)
    context: dict[str, Any] = {**_about(by, found), "form": form}
    status = 200 if request.method != "POST" else _UNPROCESSABLE
    if request.method == "POST" and form.is_valid():
        approve = form.cleaned_data["decision"] == "approve"
        try:
            result = enter_alert.decide_entry(by, entry_id, approve=approve, remark=form.cleaned_data["remark"])
        except UnclearEntry as unclear:
            form.add_error("remark", str(unclear))
        except RefusedAction as refused:
            found.refresh_from_db(fields=["state"])
            context["refusal"] = mendable(refused, may=found.state == HotListEntry.State.REQUESTED)
            context["duplicate"] = there_already(by, refused) if isinstance(refused, DuplicateEntry) else None
            status = _CONFLICT
        else:
            if approve:
                return entered(request, by, result)
            messages.success(request, _("The entry is refused; it is not on the list."))
            return redirect("entry", entry_id)
    return render(request, "hotlist/decide.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Take an entry off the list, after a page that says what this does."""
    by, found = footing_of(request), get_object_or_404(entries(), pk=entry_id)
    facts = enter_alert.facts_of(found, by=by)
    may_cancel = may_cancel_entry(by.authority, by.policy, facts)
    by.demand(may_cancel, attempted=Action.ENTRY_CANCELED, subject=f"entry:{entry_id}")
    form = CancelForm(request.POST or None)
    status = 200 if request.method != "POST" else _UNPROCESSABLE
    if request.method == "POST" and form.is_valid():
        try:
            enter_alert.cancel_entry(by, entry_id, reason=form.cleaned_data["reason"])
        except UnclearEntry as unclear:
            form.add_error("reason", str(unclear))
        else:
            messages.success(request, _("The entry is off the list and its open alarms are recalled."))
            return redirect("entry", entry_id)
    return render(request, "hotlist/cancel.html", {**_about(by, found), "form": form}, status=status)


@require_POST
def prior_reads(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Look up the prior reads of an entry again, as far back as was chosen; the look is in the Query Log."""
    by, days = footing_of(request), number_of(request.POST.get("days", ""))
    back = timedelta(days=days) if days in DAYS_BACK else None
    try:
        result = enter_alert.look_up_prior_reads(by, entry_id, back=back)
    except HotListEntry.DoesNotExist as missing:
        raise Http404 from missing
    context = {**_about(by, result.entry, reached=False), **prior(by, result)}
    return render(request, "hotlist/entry.html", context, status=_UNAVAILABLE if result.stopped else 200)


def there_already(by: Footing, twice: DuplicateEntry) -> HotListEntry | None:
    """Return the entry that another repeats, for whoever may see it."""
    return twice.entry if may_see_entry(by, twice.entry) else None


def entered(request: HttpRequest, by: Footing, result: EntryResult) -> HttpResponse:
    """Show an entry that is on the list from now on, with its prior reads."""
    # Shown in this answer, without a redirect: to load the prior reads anew would be another look at LPR data.
    context = {**_about(by, result.entry), **prior(by, result), "just_entered": True}
    return render(request, "hotlist/entry.html", context)


def prior(by: Footing, result: EntryResult) -> dict[str, Any]:
    """Return what a page shows of an entry's prior reads, and whom it reached."""
    found, names = result.prior_reads, {lpr.pk: lpr for lpr in lprs()}
    reads = [
        {
            "seen_at": moment_of(read.row),
            "plate": read.row.plate or read.row.raw,
            "state": read.row.state,
            "lpr": names.get(read.row.lpr),
            "corrected": read.corrected,
        }
        for read in (found.page.reads if found else ())
    ]
    reached = reach(by, result.entry) if result.entry.ground else None
    return {"result": result, "reads": reads, "reach": reached}


def _about(by: Footing, found: HotListEntry, *, reached: bool = True) -> dict[str, Any]:
    """Return what a page shows of an entry; `reached`: whom, too, unless `prior` says it."""
    facts, standing = enter_alert.facts_of(found, by=by), HotListEntry.State
    stands = found.state == standing.ACTIVE and found.expires_at > by.at
    return {
        "entry": found,
        "reach": reach(by, found) if reached and found.ground and stands else None,
        "category": CATEGORIES[found.category],
        "hit_action": HIT_ACTIONS[found.hit_action],
        "may_look_up": enter_alert.may_look_up(by, found),
        "is_owed": enter_alert.owed_looks(by).filter(pk=found.pk).exists(),
        "days_back": DAYS_BACK,
        "is_over": found.expires_at <= by.at,
        "sees_bulletin": found.bulletin_id is not None and bool(may_settle(by)),
        "may_decide": found.state == standing.REQUESTED and may_decide_entry(by.authority, by.policy, facts),
        "may_cancel": found.state in (standing.REQUESTED, standing.ACTIVE)
        and may_cancel_entry(by.authority, by.policy, facts),
    }


def _states(by: Footing) -> dict[str, tuple[str, Any]]:
    standing, every, owed = HotListEntry.State, seen_entries(by), enter_alert.to_look_up(by)
    return {
        **({"owed": (_("Prior reads not looked up"), owed)} if owed.exists() else {}),
        "waiting": (_("Waiting"), every.filter(state=standing.REQUESTED).order_by("requested_at")),
        "active": (_("On the list"), every.filter(state=standing.ACTIVE, expires_at__gt=by.at)),
        "ended": (_("Ended"), every.filter(state=standing.ACTIVE, expires_at__lte=by.at)),
        "refused": (_("Refused"), every.filter(state=standing.REFUSED)),
        "canceled": (_("Canceled"), every.filter(state=standing.CANCELED)),
    }


urlpatterns: list[URLPattern] = [
    path("", own_entries, name="entries"),
    path("new/", request_entry, name="entry_request"),
    path("<int:entry_id>/", entry, name="entry"),
    path("<int:entry_id>/decide/", decide, name="entry_decide"),
    path("<int:entry_id>/cancel/", cancel, name="entry_cancel"),
    path("<int:entry_id>/prior-reads/", prior_reads, name="entry_prior_reads"),
]
