"""One's own training: until when it holds, what is to be read, and what to do when it has lapsed (IV.i, VII.b)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.access import is_trained, trained_until
from platekeeper.core.rules.decision import TRAINING, Refused
from platekeeper.server.personnel.lookups import holders
from platekeeper.server.personnel.lookups.training import receipts_of
from platekeeper.server.personnel.models import Bulletin
from platekeeper.server.procedures.train_people import TRAINERS, may_read, may_teach, read_bulletin, to_do
from platekeeper.server.web import training_bulletins as bulletins
from platekeeper.server.web import training_keeping as keeping
from platekeeper.server.web.screens import footing_of


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show one's own training and what is to be done about it."""
    by = footing_of(request)
    decision, until, waiting = (
        is_trained(by.authority, by.policy, by.today),
        trained_until(by.authority, by.policy),
        to_do(by),
    )
    overdue = [each for each in waiting if each.must and each.due_on < by.today]
    has_lapsed = until is None or until < by.today
    context = {
        "is_ours": bool(may_read(by)),
        "until": until,
        "is_soon": until is not None and until <= by.today + keeping.SOON,
        "lapse": decision if isinstance(decision, Refused) else None,
        "can_be_mended": isinstance(decision, Refused) and decision.mend == TRAINING,
        "must_read": [each for each in overdue if each.course_id is None],
        "must_take": [each for each in overdue if each.course_id is not None],
        "has_lapsed": has_lapsed,
        "today": by.today,
        "waiting": waiting,
        "taken": by.person.trainings.filter(withdrawn_at=None).select_related("course"),
        "receipts": receipts_of(by.person, at=by.at),
        "trainers": holders(by.policy.positions(TRAINERS), at=by.at, today=by.today),
        "teaches": bool(may_teach(by)),
    }
    return render(request, "training/training.html", context)


@require_POST
def read(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """Say that one has read a bulletin."""
    read_bulletin(footing_of(request), bulletin=get_object_or_404(Bulletin, pk=bulletin_id))
    messages.success(request, _("Your receipt is kept."))
    return redirect("training")


urlpatterns: list[URLPattern] = [
    path("", mine, name="training"),
    path("bulletins/<int:bulletin_id>/read/", read, name="bulletin_read"),
    *keeping.urlpatterns,
    *bulletins.urlpatterns,
]
