"""Dead letters: payloads of LPRs that were not understood (VI.j)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.access import has_duty
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures.work_dead_letters import DUTY, close_letter, open_letter
from platekeeper.server.reads.lookups import dead_letters, refusals
from platekeeper.server.reads.models import DeadLetter
from platekeeper.server.web.forms.reads import CloseLetterForm
from platekeeper.server.web.screens import footing_of, page_of

_SHOWN = 100
_PAYLOAD_SHOWN = 4_000


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """List dead letters, open ones first; reasons and LPRs only, payloads behind a click that is logged."""
    by = footing_of(request)
    by.demand(has_duty(by.authority, by.policy, DUTY), attempted=Action.DEAD_LETTER_VIEWED)
    page = page_of(request, dead_letters(open_only="all" not in request.GET), _SHOWN)
    context = {"letters": page, "page": page, "refusals": refusals()[:14], "all": "all" in request.GET}
    return render(request, "reads/letters.html", context)


@require_safe
def letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Show one payload as it came."""
    try:
        found = open_letter(footing_of(request), letter_id)
    except DeadLetter.DoesNotExist as missing:
        raise Http404 from missing
    payload = bytes(found.payload)
    context = {
        "letter": found,
        "payload": payload[:_PAYLOAD_SHOWN].decode("utf-8", errors="backslashreplace"),
        "hidden": max(0, len(payload) - _PAYLOAD_SHOWN),
        "form": CloseLetterForm(),
    }
    return render(request, "reads/letter.html", context)


@require_POST
def close(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Close one dead letter with a remark."""
    form = CloseLetterForm(request.POST)
    close_letter(footing_of(request), letter_id, remark=form.cleaned_data["remark"] if form.is_valid() else "")
    messages.success(request, _("The payload is closed. It stays until reads of its day are disposed of."))
    return redirect("dead_letters")


urlpatterns: list[URLPattern] = [
    path("dead-letters/", letters, name="dead_letters"),
    path("dead-letters/<int:letter_id>/", letter, name="dead_letter"),
    path("dead-letters/<int:letter_id>/close/", close, name="dead_letter_close"),
]
