"""The LPR Daily User Log: its member completes and forwards it, the designated position checks it (VII.h.1-4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.access import has_any_duty
from platekeeper.core.rules.decision import Allowed
from platekeeper.core.rules.tours import CHECKERS, Answer
from platekeeper.core.rules.user_logs import (
    RECEIVER,
    LogFacts,
    State,
    may_check,
    missing,
    user_log_kept_until,
    waits_too_long,
)
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import keep_user_logs
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.fill_user_log import content_of, frozen
from platekeeper.server.procedures.keep_cases import may_open, may_see_cases, may_work_cases
from platekeeper.server.procedures.run_tour import may_see_tours
from platekeeper.server.userlog.lookups import arrests_of, logs, matters_of, named_in, newest_revision, unfinished_logs
from platekeeper.server.userlog.models import ANSWERS, PURPOSES, QUESTIONS, DailyUserLog, LogArrest
from platekeeper.server.web.screens import footing_of, page_of

_PAGE = 30
_OUTCOMES, _STATES = dict(HitStep.Outcome.choices), dict(HotListEntry.State.choices)
_WORDS: dict[State, str | Promise] = {
    State.OPEN: gettext_lazy("waits to be completed and forwarded"),
    State.SENT_BACK: gettext_lazy("was sent back to be completed"),
    State.FORWARDED: gettext_lazy("was forwarded and waits for its check"),
    State.ACCEPTED: gettext_lazy("was accepted"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A log as lists show it."""

    log: DailyUserLog
    facts: LogFacts
    late: bool
    lacks: list[str]

    @property
    def words(self) -> str | Promise:
        """Where it is, in words."""
        if self.facts.on_tour:
            return _("is open: a tour is under way")
        return _WORDS[self.facts.state] if self.facts.filled else _("has room for more tours")


def shown(by: Footing, log: DailyUserLog) -> Shown:
    """Return a log as lists show it now."""
    facts = keep_user_logs.facts(by, log)
    return Shown(log, facts, late=waits_too_long(facts, at=by.at), lacks=missing(facts))


@require_safe
def user_logs(request: HttpRequest) -> HttpResponse:
    """List the logs: one's own, and to who receives, checks or supervises them all that wait, whoever they are of."""
    by = footing_of(request)
    reads = keep_user_logs.may_read_logs(by)
    by.demand(Allowed() if reads else may_see_tours(by), attempted=Action.USER_LOG_VIEWED)
    waiting = unfinished_logs() if reads else unfinished_logs().filter(member=by.person)
    done = logs().filter(revisions__accepted=True)
    page = page_of(request, done if reads else done.filter(member=by.person), _PAGE)
    rows = [shown(by, log) for log in waiting]
    context = {
        "to_check": [row for row in rows if row.facts.state is State.FORWARDED],
        "to_complete": [row for row in rows if row.facts.state is not State.FORWARDED],
        "page": page,
        "reads": reads,
    }
    return render(request, "tours/user_logs.html", context)


@require_safe
def user_log(request: HttpRequest, log_id: int) -> HttpResponse:
    """Show a log: as it stands while its member has it, else as it was forwarded; the look is logged before."""
    by, log = footing_of(request), _log(log_id)
    keep_user_logs.view_log(by, log)
    row, revision, own = shown(by, log), newest_revision(log), log.member_id == by.person.pk
    with_member = revision is None or row.facts.waits_for_member
    content = frozen(content_of(log, at=by.at)) if with_member else bytes(revision.content)  # type: ignore[union-attr]
    arrests, completes = arrests_of(log, at=by.at), own or bool(has_any_duty(by.authority, by.policy, *CHECKERS))
    named = dict(named_in(log).values_list("case", "pk"))
    withdrawn = log.arrests.exclude(withdrawn_at=None).select_related("case", "withdrawn_by")
    sees_cases = may_see_cases(by)
    context = {
        "row": row, "log": log, "own": own, "tours": _told(json.loads(content)),
        "arrests": [(case, named.get(case.pk)) for case in arrests],
        "withdrawn": [(each, sees_cases and may_open(by, each.case)) for each in withdrawn],
        "checks": may_check(by.authority, by.policy, row.facts, is_own=own, accept=True, reason=""),
        "may_forward": completes and row.facts.waits_for_member and not row.facts.on_tour,
        "may_name": completes,
        "preserves": row.facts.state is State.ACCEPTED and bool(may_work_cases(by)),
        "receivers": ", ".join(sorted(by.policy.positions(RECEIVER))),
        "kept": user_log_kept_until(matters_of(arrests)),
    }  # fmt: skip
    return render(request, "tours/user_log.html", context)


@require_POST
def forward(request: HttpRequest, log_id: int) -> HttpResponse:
    """Forward a log."""
    keep_user_logs.forward_log(footing_of(request), _log(log_id), remark=request.POST.get("remark", ""))
    messages.success(request, _("The log was forwarded."))
    return redirect("tours")


@require_POST
def check(request: HttpRequest, log_id: int) -> HttpResponse:
    """Accept a log or send it back."""
    accept = request.POST.get("accept") == "1"
    keep_user_logs.check_log(footing_of(request), _log(log_id), accept=accept, reason=request.POST.get("reason", ""))
    messages.success(request, _("The log was accepted.") if accept else _("The log was sent back."))
    return redirect("user_logs")


@require_POST
def arrest(request: HttpRequest, log_id: int) -> HttpResponse:
    """Say that an arrest came out of a log's tours."""
    number = request.POST.get("number", "").strip()
    case = CaseFile.objects.filter(number=number).first()
    if case is None:
        messages.error(
            request, _("There is no case “%(number)s”. Open it first, under Cases.") % {"number": number[:40]}
        )
    else:
        keep_user_logs.name_arrest(footing_of(request), _log(log_id), case=case)
        messages.success(request, _("The log goes with this case."))
    return redirect("user_log", log_id)


@require_POST
def withdraw(request: HttpRequest, log_id: int, arrest_id: int) -> HttpResponse:
    """Say that an arrest was named wrongly on a log."""
    named = get_object_or_404(LogArrest.objects.select_related("case"), log=log_id, pk=arrest_id)
    keep_user_logs.withdraw_arrest(footing_of(request), _log(log_id), named, why=request.POST.get("why", ""))
    messages.success(request, _("The log goes with this case no more."))
    return redirect("user_log", log_id)


def _told(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the tours of a log's content, as canonical JSON has it, made to be read; plates as far as they are kept."""
    numbers = [hit["hit"] for tour in content["tours"] for hit in tour["hits"]]
    plates = dict(Hit.objects.filter(pk__in=numbers).values_list("pk", "plate"))
    return [
        tour | {
            "purpose": PURPOSES.get(tour["purpose"], tour["purpose"]),
            "begun_at": _moment(tour["begun_at"]), "ended_at": _moment(tour["ended_at"]),
            "delivered_at": _moment(tour["hot_list"]["delivered_at"]) if tour["hot_list"] else None,
            "checks": [
                check | {"question": QUESTIONS[check["question"]], "answer": ANSWERS[check["answer"]], "bad": _is_bad(check)}
                for check in tour["checks"]
            ],
            "hits": [
                hit | {"plate": plates.get(hit["hit"], ""), "seen_at": _moment(hit["seen_at"]),
                       "outcome": _OUTCOMES.get(hit["outcome"], hit["outcome"])} for hit in tour["hits"]
            ],
            "entries": [entry | {"state": _STATES.get(entry["state"], entry["state"])} for entry in tour["entries"]],
        }
        for tour in content["tours"]
    ]  # fmt: skip


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _is_bad(check: Mapping[str, str]) -> bool:
    return check["answer"] in {Answer.NO, Answer.OVERRIDDEN, Answer.UNSAID}


def _log(log_id: int) -> DailyUserLog:
    return get_object_or_404(logs(), pk=log_id)


urlpatterns: list[URLPattern] = [
    path("", user_logs, name="user_logs"),
    path("<int:log_id>/", user_log, name="user_log"),
    path("<int:log_id>/forward/", forward, name="user_log_forward"),
    path("<int:log_id>/check/", check, name="user_log_check"),
    path("<int:log_id>/arrest/", arrest, name="user_log_arrest"),
    path("<int:log_id>/arrest/<int:arrest_id>/withdraw/", withdraw, name="user_log_withdraw"),
]
