"""Hot lists: what was delivered, loading a file, and what a list is set to (III, IV.e, V.a, VII.d)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.formats.hotlists import HOT_LIST_FORMATS
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.alerts import may_request_entry
from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.freshness import is_of_today
from platekeeper.core.rules.lists import is_fresh
from platekeeper.server.hotlist import lookups
from platekeeper.server.hotlist.models import HotList, HotListDelivery, HotListLoading
from platekeeper.server.hotlist.refusals import refused_files
from platekeeper.server.jobs.schedule import run_soon
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import hand_in_hot_list, manage_hot_lists
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.entries import seen_entries
from platekeeper.server.procedures.load_hot_list import LARGEST_FILE
from platekeeper.server.web.bodies import A_MEMBERS, length_of
from platekeeper.server.web.forms.entries import CATEGORIES
from platekeeper.server.web.forms.hotlist import ALARMS, COLUMNS, SOURCES, ListForm, LoadForm, written
from platekeeper.server.web.screens import footing_of, page_of, seeing_hot_lists

_CUSTODIAN = "IV.e.custodian"
_ROOM_FOR_THE_FORM = 1024 * 1024
_DELIVERIES_SHOWN = 30
_REFUSED_SHOWN = 20
_SKIPPED_A_PAGE = 100
_UNPROCESSABLE, _TOO_LARGE = 422, 413


@require_safe
def hot_lists(request: HttpRequest) -> HttpResponse:
    """Say whether today's list is in force, and how every list stands."""
    by = seeing_hot_lists(request)
    newest, seen = lookups.newest_delivery(), seen_entries(by)
    context = {
        "newest": newest,
        "fresh": is_of_today(newest.delivered_at if newest else None, at=by.at, zone=by.policy.zone),
        "lists": [_standing(hot_list, by) for hot_list in lookups.hot_lists()],
        "loadings": lookups.open_loadings(),
        "suppressions": lookups.suppressions(at=by.at),
        "deliveries": page_of(request, lookups.deliveries(), _DELIVERIES_SHOWN),
        "refused_files": refused_files(most=_REFUSED_SHOWN),
        "own": (lookups.active_entries(by.at) & seen).count(),
        "waiting": (lookups.requested() & seen).count(),
        "may_load": _keeps(by),
        "may_request": may_request_entry(by.authority, by.policy, by.today),
    }
    return render(request, "hotlist/hot_lists.html", context)


@require_safe
def delivery(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Show one delivery: counts, changes, and every line left out, a page at a time."""
    seeing_hot_lists(request)
    found = get_object_or_404(HotListDelivery.objects.select_related("hot_list"), pk=delivery_id)
    skipped = Paginator(found.skipped, _SKIPPED_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "delivery": found,
        "format": HOT_LIST_FORMATS[found.format].title,
        "bars": _bars(found),
        "skipped": skipped,
        "left_out": sum(found.left_out.values()) or len(found.skipped),
        "changes": [
            (_("New on the list"), found.added, found.changes["added"]),
            (_("Gone from the list"), found.removed, found.changes["removed"]),
        ],
    }
    return render(request, "hotlist/delivery.html", context)


@csrf_exempt  # until it is known who sends how much: the check reads the whole body; `_load` is protected
@require_http_methods(["GET", "HEAD", "POST"])
def load(request: HttpRequest) -> HttpResponse:
    """Hand in a hot list file; one that is too large is refused by its length, unread."""
    if length_of(request) > A_MEMBERS:
        by = footing_of(request)
        by.demand(_keeps(by), attempted=Action.HOTLIST_DELIVERED)
    if length_of(request) > LARGEST_FILE + _ROOM_FOR_THE_FORM:
        context = {"form": LoadForm(), "columns": COLUMNS, "too_large": LARGEST_FILE // 2**20}
        return render(request, "hotlist/load.html", context, status=_TOO_LARGE)
    return _load(request)


@csrf_protect
def _load(request: HttpRequest) -> HttpResponse:
    by = footing_of(request)
    by.demand(_keeps(by), attempted=Action.HOTLIST_DELIVERED)
    form = LoadForm(request.POST or None, request.FILES or None, initial={"hot_list": request.GET.get("list")})
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        loading = hand_in_hot_list.hand_in(
            by, slug=form.cleaned_data["hot_list"], file_name=file.name, pieces=file.chunks(), format=form.format
        )
        run_soon("load_handed_in")
        return redirect("hot_list_loading", loading.pk)
    status = _UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "hotlist/load.html", {"form": form, "columns": COLUMNS}, status=status)


@require_safe
def loading(request: HttpRequest, loading_id: int) -> HttpResponse:
    """Show how far a file is; the page goes on by itself until it is decided."""
    by = footing_of(request)
    by.demand(_keeps(by), attempted=Action.HOTLIST_DELIVERED)
    found = get_object_or_404(HotListLoading.objects.select_related("hot_list", "delivery"), pk=loading_id)
    context = {"loading": found, "acceptable": hand_in_hot_list.may_accept_shorter(found)}
    if not request.headers.get("HX-Request"):
        return render(request, "hotlist/loading.html", context)
    answer = render(request, "hotlist/_loading.html", context)
    if found.delivery_id:
        answer["HX-Redirect"] = reverse("hot_list_delivery", args=[found.delivery_id])
    return answer


@require_POST
def accept_shorter(request: HttpRequest, loading_id: int) -> HttpResponse:
    """Load a file knowingly though it is much shorter than the list in force."""
    found = get_object_or_404(HotListLoading, pk=loading_id)
    hand_in_hot_list.accept_shorter(footing_of(request), found)
    run_soon("load_handed_in")
    return redirect("hot_list_loading", loading_id)


@require_http_methods(["GET", "HEAD", "POST"])
def add_list(request: HttpRequest) -> HttpResponse:
    """Add a list."""
    by = footing_of(request)
    by.demand(_keeps(by), attempted=Action.HOTLIST_ADDED)
    form = ListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = manage_hot_lists.add_list(by, form.settings)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("hot_list", added.pk)
    status = _UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "hotlist/add_list.html", {"form": form}, status=status)


@require_safe
def hot_list(request: HttpRequest, list_id: int) -> HttpResponse:
    """Show what a list is set to, and what was delivered of it."""
    by = seeing_hot_lists(request)
    found = get_object_or_404(HotList, pk=list_id)
    context = {
        **_standing(found, by),
        "format": HOT_LIST_FORMATS[found.format].title,
        "source": SOURCES[found.source],
        "alarms": [ALARMS[kind] for kind in found.alarms],
        "categories": [CATEGORIES[category] for category in found.categories],
        "actions": [(CATEGORIES[category], action) for category, action in found.actions.items()],
        "deliveries": page_of(request, lookups.deliveries_of(found), _DELIVERIES_SHOWN),
        "refused_files": refused_files(most=_REFUSED_SHOWN, of=found),
        "may_change": _keeps(by),
    }
    return render(request, "hotlist/hot_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change_list(request: HttpRequest, list_id: int) -> HttpResponse:
    """Change what a list is set to."""
    by, found = footing_of(request), get_object_or_404(HotList, pk=list_id)
    by.demand(_keeps(by), attempted=Action.HOTLIST_CHANGED, subject=f"list:{found.slug}")
    form = ListForm(request.POST or None, initial=written(found))
    if request.method == "POST" and form.is_valid():
        try:
            manage_hot_lists.change_list(by, found, form.settings)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("hot_list", found.pk)
    status = _UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "hotlist/change_list.html", {"form": form, "hot_list": found}, status=status)


def _keeps(by: Footing) -> Decision:
    return has_duty(by.authority, by.policy, _CUSTODIAN)


def _standing(found: HotList, by: Footing) -> dict[str, Any]:
    newest = lookups.deliveries_of(found).first()
    fresh = is_fresh(found.rules, newest.delivered_at if newest else None, at=by.at, zone=by.policy.zone)
    return {"hot_list": found, "newest": newest, "fresh": fresh, "bars": _bars(newest) if newest else []}


def _bars(found: HotListDelivery) -> list[tuple[Any, int]]:
    """Return every category that a delivery holds, in words, with its plates: the largest first."""
    counted = sorted(found.counts.items(), key=lambda pair: -pair[1])
    return [(CATEGORIES.get(category, category), count) for category, count in counted]


urlpatterns: list[URLPattern | URLResolver] = [
    path("", hot_lists, name="hot_lists"),
    path("load/", load, name="hot_list_load"),
    path("loadings/<int:loading_id>/", loading, name="hot_list_loading"),
    path("loadings/<int:loading_id>/accept/", accept_shorter, name="hot_list_accept_shorter"),
    path("deliveries/<int:delivery_id>/", delivery, name="hot_list_delivery"),
    path("lists/new/", add_list, name="hot_list_add"),
    path("lists/<int:list_id>/", hot_list, name="hot_list"),
    path("lists/<int:list_id>/change/", change_list, name="hot_list_change"),
    path("alerts/", include("platekeeper.server.web.alerts")),
    path("entries/", include("platekeeper.server.web.field_entries")),
    path("entries/", include("platekeeper.server.web.signed_entries")),
    path("entries/", include("platekeeper.server.web.entries")),
]
