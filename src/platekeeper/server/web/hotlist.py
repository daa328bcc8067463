"""Hot lists: what was delivered, loading a file, and the department's own entries (IV.e, V.a, VI.a, VII.f-g)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.categories import Category, HitAction, usual_action
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.alerts import (
    may_cancel_entry,
    may_decide_entry,
    may_enter_at_once,
    may_request_entry,
    may_see_hot_lists,
)
from platekeeper.core.rules.freshness import is_of_today
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.hotlist.lookups import active_entries, deliveries, entries, newest_delivery, requested_count
from platekeeper.server.hotlist.models import HotListDelivery, HotListEntry
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import enter_alert
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.enter_alert import DuplicateEntry, EntryResult, UnclearEntry
from platekeeper.server.procedures.load_hot_list import LARGEST_FILE, HotListRefused, HotListShrunk, load_hot_list
from platekeeper.server.procedures.rows_of_reads import moment_of
from platekeeper.server.web.forms.hotlist import CATEGORIES, HIT_ACTIONS, CancelForm, DecisionForm, EntryForm, LoadForm
from platekeeper.server.web.screens import footing_of

_CUSTODIAN = "IV.e.custodian"
_ROOM_FOR_THE_FORM = 1024 * 1024
_DELIVERIES_SHOWN = 30
_SKIPPED_A_PAGE = 100
_ENTRIES_A_PAGE = 50
_UNPROCESSABLE, _CONFLICT, _TOO_LARGE = 422, 409, 413


@require_safe
def hot_lists(request: HttpRequest) -> HttpResponse:
    """Say whether today's list is in force, and what is in it."""
    by = _seeing(request)
    newest = newest_delivery()
    context = {
        "newest": newest,
        "fresh": is_of_today(newest.delivered_at if newest else None, at=by.at, zone=by.policy.zone),
        "bars": _bars(newest) if newest else [],
        "deliveries": deliveries()[:_DELIVERIES_SHOWN],
        "own": active_entries(by.at).count(),
        "waiting": requested_count(),
        "may_load": has_duty(by.authority, by.policy, _CUSTODIAN),
        "may_request": may_request_entry(by.authority, by.policy, by.today),
    }
    return render(request, "hotlist/hot_lists.html", context)


@require_safe
def delivery(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Show one delivery: counts, changes, and every line left out, a page at a time."""
    _seeing(request)
    found = get_object_or_404(HotListDelivery, pk=delivery_id)
    skipped = Paginator(found.skipped, _SKIPPED_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "delivery": found,
        "bars": _bars(found),
        "skipped": skipped,
        "changes": [
            (_("New on the list"), found.added, found.changes["added"]),
            (_("Gone from the list"), found.removed, found.changes["removed"]),
        ],
    }
    return render(request, "hotlist/delivery.html", context)


@csrf_exempt  # until the size is known: the check reads the whole body; `_load` is protected
@require_http_methods(["GET", "HEAD", "POST"])
def load(request: HttpRequest) -> HttpResponse:
    """Load a hot list file; one that is too large is refused by its length, unread."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_FILE + _ROOM_FOR_THE_FORM:
        by = footing_of(request)
        by.demand(has_duty(by.authority, by.policy, _CUSTODIAN), attempted=Action.HOTLIST_DELIVERED)
        context = {"form": LoadForm(), "too_large": LARGEST_FILE // 2**20}
        return render(request, "hotlist/load.html", context, status=_TOO_LARGE)
    return _load(request)


@csrf_protect
def _load(request: HttpRequest) -> HttpResponse:
    by = footing_of(request)
    by.demand(has_duty(by.authority, by.policy, _CUSTODIAN), attempted=Action.HOTLIST_DELIVERED)
    form = LoadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            loaded = load_hot_list(
                by, file_name=file.name, content=file.read(), at=by.at,
                accept_shorter=form.cleaned_data["accept_shorter"],
            )  # fmt: skip
        except HotListRefused as refused:
            if isinstance(refused, HotListShrunk):
                form.offer_shorter()
            form.add_error("file", str(refused))
        else:
            messages.success(request, _("The hot list is loaded: %(lines)d plates.") % {"lines": loaded.lines})
            return redirect("hot_list_delivery", loaded.pk)
    status = _UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "hotlist/load.html", {"form": form}, status=status)


@require_safe
def own_entries(request: HttpRequest) -> HttpResponse:
    """List the department's own entries, by where they stand."""
    by = _seeing(request)
    states = _states(by)
    chosen = request.GET.get("state", "")
    chosen = chosen if chosen in states else ("waiting" if states["waiting"][1].exists() else "active")
    context = {
        "states": [(name, label, found.count(), name == chosen) for name, (label, found) in states.items()],
        "chosen": chosen,
        "page": Paginator(states[chosen][1], _ENTRIES_A_PAGE).get_page(request.GET.get("page")),
        "may_request": may_request_entry(by.authority, by.policy, by.today),
    }
    return render(request, "hotlist/entries.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def request_entry(request: HttpRequest) -> HttpResponse:
    """Ask for an entry; an urgent one by the right position is on the list at once, with its prior reads."""
    by = footing_of(request)
    by.demand(may_request_entry(by.authority, by.policy, by.today), attempted=Action.ENTRY_REQUESTED)
    form = EntryForm(request.POST or None, at=by.at)
    duplicate, status = None, 200 if request.method != "POST" else _UNPROCESSABLE
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
            duplicate, status = twice.entry, _CONFLICT
        except RefusedAction as refused:
            form.add_error(None, f"{refused.refusal.clause}: {refused.refusal.reason}")
        else:
            if result.entry.state == HotListEntry.State.ACTIVE:
                return _entered(request, by, result)
            messages.success(request, _("The entry is asked for and waits for its decision."))
            return redirect("entry", result.entry.pk)
    at_once = [words for key, words in CATEGORIES.items() if may_enter_at_once(by.authority, by.policy, Category(key))]
    context = {"form": form, "duplicate": duplicate, "at_once": at_once}
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
            form.add_error(None, f"{refused.refusal.clause}: {refused.refusal.reason}")
            context["duplicate"] = getattr(refused, "entry", None)
            status = _CONFLICT
        else:
            if approve:
                return _entered(request, by, result)
            messages.success(request, _("The entry is refused; it is not on the list."))
            return redirect("entry", entry_id)
    return render(request, "hotlist/decide.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Take an entry off the list, after a page that says what this does."""
    by, found = footing_of(request), get_object_or_404(entries(), pk=entry_id)
    facts = enter_alert.facts_of(found, by=by)
    may_cancel = may_cancel_entry(by.authority, by.policy, facts)
    by.demand(may_cancel, attempted=Action.ENTRY_CANCELLED, subject=f"entry:{entry_id}")
    form = CancelForm(request.POST or None)
    status = 200 if request.method != "POST" else _UNPROCESSABLE
    if request.method == "POST" and form.is_valid():
        try:
            enter_alert.cancel_entry(by, entry_id, reason=form.cleaned_data["reason"])
        except UnclearEntry as unclear:
            form.add_error("reason", str(unclear))
        except RefusedAction as refused:
            form.add_error(None, f"{refused.refusal.clause}: {refused.refusal.reason}")
            status = _CONFLICT
        else:
            messages.success(request, _("The entry is off the list and its open alarms are recalled."))
            return redirect("entry", entry_id)
    return render(request, "hotlist/cancel.html", {**_about(by, found), "form": form}, status=status)


@require_POST
def prior_reads(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Look up the prior reads of an entry again; the look is in the Query Log."""
    by = footing_of(request)
    try:
        result = enter_alert.look_up_prior_reads(by, entry_id)
    except HotListEntry.DoesNotExist as missing:
        raise Http404 from missing
    return render(request, "hotlist/entry.html", {**_about(by, result.entry), **_prior(result)})


def _seeing(request: HttpRequest) -> Footing:
    by = footing_of(request)
    by.demand(may_see_hot_lists(by.authority, by.policy, by.today), attempted=Action.ENTRY_VIEWED)
    return by


def _entered(request: HttpRequest, by: Footing, result: EntryResult) -> HttpResponse:
    # Shown in this answer, without a redirect: to load the prior reads anew would be another look at LPR data.
    context = {**_about(by, result.entry), **_prior(result), "just_entered": True}
    return render(request, "hotlist/entry.html", context)


def _prior(result: EntryResult) -> dict[str, Any]:
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
    return {"result": result, "reads": reads}


def _about(by: Footing, found: HotListEntry) -> dict[str, Any]:
    facts, standing = enter_alert.facts_of(found, by=by), HotListEntry.State
    return {
        "entry": found,
        "category": CATEGORIES[found.category],
        "hit_action": HIT_ACTIONS[found.hit_action],
        "may_look_up": found.state == standing.ACTIVE and enter_alert.may_look_up(by, found),
        "is_over": found.expires_at <= by.at,
        "may_decide": found.state == standing.REQUESTED and may_decide_entry(by.authority, by.policy, facts),
        "may_cancel": found.state in (standing.REQUESTED, standing.ACTIVE)
        and may_cancel_entry(by.authority, by.policy, facts),
    }


def _states(by: Footing) -> dict[str, tuple[str, Any]]:
    standing, every = HotListEntry.State, entries()
    return {
        "waiting": (_("Waiting"), every.filter(state=standing.REQUESTED).order_by("requested_at")),
        "active": (_("On the list"), every.filter(state=standing.ACTIVE, expires_at__gt=by.at)),
        "ended": (_("Ended"), every.filter(state=standing.ACTIVE, expires_at__lte=by.at)),
        "refused": (_("Refused"), every.filter(state=standing.REFUSED)),
        "cancelled": (_("Cancelled"), every.filter(state=standing.CANCELLED)),
    }


def _bars(found: HotListDelivery) -> list[tuple[Any, int]]:
    """Return every category that a delivery holds, in words, with its plates: the largest first."""
    counted = sorted(found.counts.items(), key=lambda pair: -pair[1])
    return [(CATEGORIES.get(category, category), count) for category, count in counted]


urlpatterns: list[URLPattern] = [
    path("", hot_lists, name="hot_lists"),
    path("load/", load, name="hot_list_load"),
    path("deliveries/<int:delivery_id>/", delivery, name="hot_list_delivery"),
    path("entries/", own_entries, name="entries"),
    path("entries/new/", request_entry, name="entry_request"),
    path("entries/<int:entry_id>/", entry, name="entry"),
    path("entries/<int:entry_id>/decide/", decide, name="entry_decide"),
    path("entries/<int:entry_id>/cancel/", cancel, name="entry_cancel"),
    path("entries/<int:entry_id>/prior-reads/", prior_reads, name="entry_prior_reads"),
]
