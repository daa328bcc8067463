"""The ledger as auditors see it (VI.e)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper import verify
from platekeeper.core.rules.access import has_duty
from platekeeper.server.casefiles.lookups import sealed_subjects
from platekeeper.server.jobs.schedule import is_asked_for, run_soon
from platekeeper.server.ledger import lookups
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import sign_ledger
from platekeeper.server.procedures.view_logs import may_view_ledger, view_ledger
from platekeeper.server.web.forms.ledger import PublicLogForm
from platekeeper.server.web.screens import attachment, footing_of, number_of, step_up
from platekeeper.server.web.witnesses import horizon

_PAGE, _CHECK = 50, "check_ledger"
_TEXT = "text/plain; charset=utf-8"


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """List the ledger, newest first; the view is logged before it is shown."""
    before, subject = request.GET.get("before", ""), request.GET.get("subject", "")[:80]
    by = footing_of(request)
    view_ledger(by, filters={"before": before, "subject": subject})
    entries = lookups.of_subject(subject) if subject else None
    shown = list(entries if entries is not None else lookups.newest(before=number_of(before), limit=_PAGE + 1))
    last = shown[_PAGE - 1].index if entries is None and len(shown) > _PAGE else None
    context = {"entries": shown if entries is not None else shown[:_PAGE], "next": last, "subject": subject}
    signed = {
        "sealed": sealed_subjects(),
        "checkpoint": lookups.last_checkpoint(),
        "fingerprint": sign_ledger.first_fingerprint(),
        "days": PublicLogForm(initial={"since": by.today.replace(month=1, day=1), "until": by.today}),
        "keeps_key": bool(has_duty(by.authority, by.policy, sign_ledger.KEEPS_KEY)),
        **_checked(),
    }
    return render(request, "audit/ledger.html", {**context, **signed, **horizon(), "size": lookups.size()})


@require_safe
def leaf(request: HttpRequest, index: int) -> HttpResponse:
    """Show one leaf: what was recorded, what was hashed, the hash, and the sealed values as far as they are kept."""
    view_ledger(footing_of(request), filters={"leaf": str(index)})
    entry = get_object_or_404(LedgerEntry.objects.prefetch_related("openings"), pk=index)
    covering = lookups.last_checkpoint()
    proven = covering is not None and index < covering.size
    context = {
        "proven": proven,
        "entry": entry,
        "sealed": sealed_subjects(),
        "body": bytes(entry.body).decode(),
        "public": _public(entry),
        "hash": bytes(entry.leaf_hash).hex(),
    }
    return render(request, "audit/leaf.html", context)


@require_safe
def proof(request: HttpRequest, index: int) -> HttpResponse:
    """Hand out the proof that one leaf stands under the newest checkpoint (C2SP `tlog-proof`)."""
    view_ledger(footing_of(request), filters={"proof": str(index)})
    try:
        return attachment(lookups.proof_of(index).encode(), _TEXT, f"leaf-{index}.tlog-proof")
    except ValueError as error:
        raise Http404(str(error)) from error


@require_POST
@step_up
def export(request: HttpRequest) -> HttpResponseBase:
    """Hand out the whole ledger, to be checked without Platekeeper."""
    by = footing_of(request)
    lines = sign_ledger.export(by, openings="withhold" not in request.POST, at=by.at)
    name = f"ledger-{by.today}.jsonl"
    head = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse((line.encode() for line in lines), "application/jsonl", headers=head)


@require_POST
@step_up
def public(request: HttpRequest) -> HttpResponseBase:
    """Hand out the log that the public may see, to be checked without Platekeeper."""
    by, form = footing_of(request), PublicLogForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the first and the last day of the public's log."))
        return redirect("ledger")
    since, last = form.cleaned_data["since"], form.cleaned_data["until"]
    lines = sign_ledger.publish(by, since=since, until=last + timedelta(days=1), at=by.at)
    head = {"Content-Disposition": f'attachment; filename="public-log-{since}-{last}.jsonl"'}
    return StreamingHttpResponse((line.encode() for line in lines), "application/jsonl", headers=head)


@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """Hand out the file that checks an export by itself."""
    view_ledger(footing_of(request), filters={"file": "verify.py"})
    return attachment(Path(str(verify.__file__)).read_bytes(), _TEXT, "verify.py")


@require_POST
@step_up
def change_key(request: HttpRequest) -> HttpResponse:
    """Hand signing over to a new key."""
    before = sign_ledger.first_fingerprint()
    sign_ledger.change_key(footing_of(request))
    if before in ("", sign_ledger.first_fingerprint()):
        messages.success(request, _("A new key signs from now on. The fingerprint that outsiders hold stays the same."))
    else:
        lost = _(
            "A new key signs from now on. The old one was lost: give outsiders the new fingerprint by another way."
        )
        messages.warning(request, lost)
    return redirect("ledger")


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Let every leaf be checked against its hash, beside the server."""
    by = footing_of(request)
    by.demand(may_view_ledger(by), attempted=Action.LEDGER_CHECKED)
    if not is_asked_for(_CHECK):
        run_soon(_CHECK, by.person.pk)
    return redirect("ledger")


@require_safe
def checked(request: HttpRequest) -> HttpResponse:
    """Say what came of the last check, to the page that asks while one goes on."""
    by = footing_of(request)
    by.demand(may_view_ledger(by), attempted=Action.LEDGER_VIEWED)
    return render(request, "audit/_checked.html", _checked())


def _checked() -> dict[str, Any]:
    """Return what came of the last check of every leaf, whether one is asked for, and the newest one if it did not end."""
    is_asked, last = is_asked_for(_CHECK), lookups.last_check()
    told = last.content()["details"] if last else {}
    return {"is_asked": is_asked, "cut_off": lookups.check_cut_off(), "checked": last, "told": told}


def _public(entry: LedgerEntry) -> str:
    """Return the public form of a leaf, empty for one from before there was any."""
    is_public = entry.content()["v"] == verify.PUBLIC_VERSION
    return verify.canonical(verify.public_form(bytes(entry.body))).decode() if is_public else ""


urlpatterns: list[URLPattern] = [
    path("", ledger, name="ledger"),
    path("check/", check, name="ledger_check"),
    path("checked/", checked, name="ledger_checked"),
    path("export/", export, name="ledger_export"),
    path("public/", public, name="ledger_public"),
    path("verify.py", verifier, name="ledger_verifier"),
    path("key/change/", change_key, name="ledger_key_change"),
    path("<int:index>/proof/", proof, name="ledger_proof"),
    path("<int:index>/", leaf, name="ledger_leaf"),
]
