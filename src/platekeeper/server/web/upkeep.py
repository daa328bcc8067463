"""Upkeep: uploads overdue, scheduled work, backups and disposals (V.b, VI.i, VI.k, VI.m)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.access import has_any_duty, has_duty
from platekeeper.server.jobs.lookups import standing
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.guarding import weaknesses
from platekeeper.server.procedures.back_up import back_up_everywhere, is_under_way, record_destroyed
from platekeeper.server.procedures.backup_folders import is_within_reach
from platekeeper.server.procedures.backup_standing import backup_standing
from platekeeper.server.procedures.dispose_lpr_data import dispose_lpr_data
from platekeeper.server.procedures.manage_equipment import may_see_lprs
from platekeeper.server.procedures.propose_disposal import may_see_disposals
from platekeeper.server.procedures.stores import backup_folders
from platekeeper.server.reads.uploads import overdue
from platekeeper.server.retention import lookups
from platekeeper.server.storage.backups import BackupDamaged
from platekeeper.server.web.screens import footing_of, page_of, step_up

_BACKUPS = 10
DUTIES = ("VI.m.keeper", "VI.j.manager", "IV.f.inventory", "VI.e.auditors")


@require_safe
def upkeep(request: HttpRequest) -> HttpResponse:
    """Show whether scheduled work is alive, and the newest backups and disposals."""
    by = footing_of(request)
    by.demand(has_any_duty(by.authority, by.policy, *DUTIES), attempted=Action.BACKUP_BEGUN)
    context = {
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
    return render(request, "upkeep/upkeep.html", context)


@require_POST
def backup_now(request: HttpRequest) -> HttpResponse:
    """Back up now, and say of each folder what became of it."""
    by = footing_of(request)
    if is_under_way():
        messages.warning(request, _("A backup is under way. It is listed here once it has ended."))
        return redirect("upkeep")
    with suppress(BackupDamaged, OSError):  # each run keeps why it failed
        back_up_everywhere(at=by.at, by=by)
    runs = lookups.backups().filter(begun_at=by.at)
    made = [run for run in runs if run.completed_at]
    if made:
        messages.success(request, _("Backed up. Files: %(files)s.") % {"files": sum(run.files for run in made)})
    for run in runs:
        if run.failure:
            said = {"folder": run.target, "reason": run.failure}
            messages.error(request, _("NOT backed up into %(folder)s: %(reason)s") % said)
    for folder in backup_folders():
        if not is_within_reach(folder):
            words = _("%(folder)s is not within reach: plug its disk in, or make the folder.")
            messages.error(request, words % {"folder": folder})
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
    """Dispose now of what is past the ceiling, after the password was asked for again."""
    done = dispose_lpr_data(at=(by := footing_of(request)).at, by=by)
    messages.success(request, _("Days disposed of: %(count)s.") % {"count": len(done)})
    return redirect("upkeep")


urlpatterns: list[URLPattern] = [
    path("", upkeep, name="upkeep"),
    path("backup/", backup_now, name="backup_now"),
    path("backup/destroyed/", backup_destroyed, name="backup_destroyed"),
    path("dispose/", dispose_now, name="dispose_now"),
]
