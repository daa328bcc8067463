"""Upkeep: uploads overdue, scheduled work, backups and disposals (V.b, VI.i, VI.k, VI.m)."""

from __future__ import annotations

from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.access import has_any_duty, has_duty
from platekeeper.server.jobs.lookups import standing
from platekeeper.server.jobs.schedule import is_asked_for, run_soon
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.guarding import weaknesses
from platekeeper.server.procedures.back_up import demand_backup, is_under_way, record_destroyed
from platekeeper.server.procedures.backup_standing import backup_standing
from platekeeper.server.procedures.dispose_lpr_data import demand_disposal
from platekeeper.server.procedures.manage_equipment import may_see_lprs
from platekeeper.server.procedures.propose_disposal import may_see_disposals
from platekeeper.server.reads.uploads import overdue
from platekeeper.server.retention import lookups
from platekeeper.server.web.screens import footing_of, page_of, step_up

_BACKUPS, _BACKUP = 10, "back_up_when_due"
DUTIES = ("VI.m.keeper", "VI.j.manager", "IV.f.inventory", "VI.e.auditors")


@require_safe
def upkeep(request: HttpRequest) -> HttpResponse:
    """Show whether scheduled work is alive, and the newest backups and disposals; what was asked for goes on by itself."""
    by = footing_of(request)
    by.demand(has_any_duty(by.authority, by.policy, *DUTIES), attempted=Action.BACKUP_BEGUN)
    context = {
        "is_asked": is_asked_for(_BACKUP, "dispose"),
        "late": overdue(by.policy, at=by.at),
        "sees_lprs": bool(may_see_lprs(by)),
        "sees_disposals": bool(may_see_disposals(by)),
        "jobs": standing(at=by.at),
        "weaknesses": weaknesses(),
        "backups": page_of(request, lookups.backups(), _BACKUPS),
        "disposals": lookups.disposals()[:30],
        "copies": backup_standing(by.policy, at=by.at),
        "keeps": bool(has_duty(by.authority, by.policy, "VI.m.keeper")),
        "manages": bool(has_duty(by.authority, by.policy, "VI.j.manager")),
    }
    return render(request, f"upkeep/{'_lately' if request.headers.get('HX-Request') else 'upkeep'}.html", context)


@require_POST
def backup_now(request: HttpRequest) -> HttpResponse:
    """Let a backup be made beside the server now, into every folder within reach."""
    by = footing_of(request)
    demand_backup(by)
    if is_under_way() or is_asked_for(_BACKUP):
        messages.warning(request, _("A backup is under way. It is listed here once it has ended."))
    else:
        run_soon(_BACKUP, by.person.pk)
        messages.info(request, _("The backup is being made. What comes of it is listed here; you can leave this page."))
    return redirect("upkeep")


@require_POST
@step_up
def backup_destroyed(request: HttpRequest) -> HttpResponse:
    """Record that a backup folder is gone for good, after the password was asked for again."""
    folder = request.POST.get("folder", "")
    record_destroyed(footing_of(request), Path(folder), how=request.POST.get("how", ""))
    messages.success(request, _("No disposal looks for %(folder)s any more.") % {"folder": folder})
    return redirect("upkeep")


@require_POST
@step_up
def dispose_now(request: HttpRequest) -> HttpResponse:
    """Let what is past its time be disposed of beside the server now, after the password was asked for again."""
    by = footing_of(request)
    demand_disposal(by)
    run_soon("dispose", by.person.pk)
    messages.info(request, _("What is past its time goes now. It is listed here; you can leave this page."))
    return redirect("upkeep")


urlpatterns: list[URLPattern] = [
    path("", upkeep, name="upkeep"),
    path("backup/", backup_now, name="backup_now"),
    path("backup/destroyed/", backup_destroyed, name="backup_destroyed"),
    path("dispose/", dispose_now, name="dispose_now"),
]
