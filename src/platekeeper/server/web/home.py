"""The first page: what waits for this person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from platekeeper.core.rules.access import has_any_duty, has_duty, trained_until
from platekeeper.core.rules.defects import DefectStep, may_hear
from platekeeper.core.rules.inquiries import APPROVAL_HOLDS, REVIEWED_WITHIN, may_see_approvals
from platekeeper.core.rules.inventory import ANSWERER
from platekeeper.core.rules.search_requests import may_see_queue
from platekeeper.core.rules.tours import SUPERVISORS
from platekeeper.core.rules.user_logs import CHECKER, State, waits_too_long
from platekeeper.server.equipment.lookups.care import questions
from platekeeper.server.equipment.lookups.defects import open_defects
from platekeeper.server.hits import lookups as hits
from platekeeper.server.hits.reading import reading_badly
from platekeeper.server.hotlist.lookups import requested_count
from platekeeper.server.oversight import audits
from platekeeper.server.oversight.lookups import open_notices
from platekeeper.server.personnel.lookups.training import notices
from platekeeper.server.policy import lookups as policy
from platekeeper.server.procedures import care_for_lprs
from platekeeper.server.procedures.answer_hit import may_see_hits
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.backup_standing import backup_standing
from platekeeper.server.procedures.draft_policy import AUTHORITY, REVIEWER, may_comment
from platekeeper.server.procedures.keep_user_logs import facts
from platekeeper.server.procedures.request_searches import waiting_requests
from platekeeper.server.procedures.review_policy import is_reminding
from platekeeper.server.procedures.see_to_uploads import to_see_to
from platekeeper.server.procedures.train_people import IN_SERVICE, may_read, to_do
from platekeeper.server.querylog import lookups as queries
from platekeeper.server.querylog.models import Approval
from platekeeper.server.querylog.requests import unread_answers
from platekeeper.server.reads.lookups import open_dead_letters
from platekeeper.server.userlog.lookups import overrides, unfinished_logs
from platekeeper.server.web.screens import footing_of
from platekeeper.server.web.training_keeping import SOON


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits: how many, what it is, and where."""

    count: int
    what: str | Promise
    url_name: str


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person signed in."""
    by = footing_of(request)
    return render(request, "home.html", _shown(by))


def _shown(by: Footing) -> dict[str, Any]:
    return {
        "waiting": waiting_for(by),
        "notices": open_notices(by.person),
        "to_explain": audits.to_explain(by.person),
    }


def waiting_for(by: Footing) -> list[Waiting]:
    """Return what waits for a person, by the duties the policy gives their positions."""

    def duty(key: str) -> bool:
        return bool(has_duty(by.authority, by.policy, key))

    found = []
    if may_see_hits(by):
        found.append(Waiting(hits.open_count(), _("open alarms"), "hits_board"))
    if duty("VII.e.dispatch"):
        found.append(Waiting(hits.confirmations().count(), _("hits to confirm"), "hits_dispatch"))
    if duty("VII.e.supervisors"):
        found.append(Waiting(hits.overdue_count(at=by.at), _("hits open for more than half an hour"), "hits_open"))
        found.append(Waiting(hits.departures().count(), _("departures to review"), "hits_departures"))
    if duty("VI.e.auditors"):
        found.append(Waiting(audits.waiting_count(by.person), _("queries to review"), "query_audit"))
    if (duty("VII.e.supervisors") or duty("signature.authority")) and (found_misuse := audits.misuse_count(by.person)):
        found.append(Waiting(found_misuse, _("findings of misuse to end"), "query_audit_findings"))
    if duty("VI.a.decider"):
        found.append(Waiting(requested_count(), _("hot list entries to decide"), "entries"))
    if duty("VI.j.manager"):
        found.append(Waiting(open_dead_letters(), _("dead letters"), "dead_letters"))
        found.append(Waiting(hits.silent().count(), _("look-alikes to review"), "hits_silent"))
    if duty("IV.f.inventory") or duty("IX.c.administrator"):
        found.append(Waiting(reading_badly(at=by.at), _("LPRs that read badly: check aim, lens and light"), "lprs"))
    if late := len(to_see_to(by)):
        found.append(Waiting(late, _("LPRs whose upload is overdue"), "lprs"))
    return [
        *found,
        *_of_tours(by),
        *_of_equipment(by),
        *_of_queries(by),
        *_of_requests(by),
        *_of_training(by),
        *_of_the_policy(by),
        *_of_backups(by),
    ]


def _of_tours(by: Footing) -> list[Waiting]:
    sees_all = has_any_duty(by.authority, by.policy, CHECKER, SUPERVISORS)
    unfinished = unfinished_logs() if sees_all else unfinished_logs().filter(member=by.person)
    logs = [(log.member_id == by.person.pk, facts(by, log)) for log in unfinished]
    own = sum(is_own and log.waits_for_member and not log.on_tour and log.filled for is_own, log in logs)
    found = [Waiting(own, _("of your Daily User Logs to forward"), "tours")]
    if has_duty(by.authority, by.policy, CHECKER):
        waiting = sum(log.state is State.FORWARDED and not is_own for is_own, log in logs)
        found.append(Waiting(waiting, _("Daily User Logs to check"), "user_logs"))
    if has_duty(by.authority, by.policy, SUPERVISORS):
        asked = overrides(since=by.at).filter(granted=None).exclude(member=by.person).count()
        found.append(Waiting(asked, _("overrides before a tour to decide"), "tours_today"))
        late = sum(waits_too_long(log, at=by.at) for _is_own, log in logs)
        found.append(Waiting(late, _("Daily User Logs that wait too long"), "tours_today"))
    return [each for each in found if each.count]


def _of_equipment(by: Footing) -> list[Waiting]:
    found = []
    if may_hear(by.authority, by.policy):
        unheard = sum(each.stands is DefectStep.REPORTED for each in open_defects())
        found.append(Waiting(unheard, _("defects of LPRs to acknowledge"), "defects"))
    if has_duty(by.authority, by.policy, ANSWERER):
        found.append(
            Waiting(questions().filter(answered_at=None).count(), _("technical questions to answer"), "questions")
        )
    if due := care_for_lprs.to_see_to(by):
        found += [
            Waiting(len(due.repairs), _("defects of LPRs that wait too long"), "defects"),
            Waiting(len(due.care), _("checks and maintenance of LPRs due"), "lprs"),
            Waiting(len(due.warranties), _("warranties of LPRs that end within a month"), "lprs"),
            Waiting(len(due.uninsured), _("LPRs to bring onto the insurance plan"), "lprs_insured"),
        ]
    return [each for each in found if each.count]


def _of_queries(by: Footing) -> list[Waiting]:
    found = []
    if may_see_approvals(by.authority, by.policy):
        before, after = queries.waiting(Approval.Kind.BEFORE), queries.waiting(Approval.Kind.AFTER)
        late = after.filter(asked_at__lt=by.at - REVIEWED_WITHIN).count()
        found.append(Waiting(before.count(), _("searches of older reads to decide"), "query_approvals"))
        found.append(Waiting(after.count(), _("exigent searches to review"), "query_approvals"))
        if late:
            found.append(Waiting(late, _("exigent searches not reviewed within a day"), "query_approvals"))
    if count := queries.to_run(by.person, since=by.at - APPROVAL_HOLDS).count():
        found.append(Waiting(count, _("of your searches are approved: run them today"), "query_new"))
    return found


def _of_requests(by: Footing) -> list[Waiting]:
    found = []
    if may_see_queue(by.authority, by.policy, by.today):
        waiting = waiting_requests(by)
        found.append(Waiting(len(waiting.to_decide), _("requests for searches to decide"), "search_queue"))
        found.append(Waiting(len(waiting.to_direct), _("answers to direct to other agencies"), "search_queue"))
        found.append(Waiting(len(waiting.to_run), _("approved requests to run and answer"), "search_queue"))
    found.append(Waiting(unread_answers(by.person).count(), _("of your requests answered"), "search_requests"))
    return [each for each in found if each.count]


def _of_backups(by: Footing) -> list[Waiting]:
    if not has_duty(by.authority, by.policy, "VI.m.keeper"):
        return []
    standing = backup_standing(by.policy, at=by.at)
    failed = sum(not drill.passed for drill in standing.drills[:1])
    found = [
        Waiting(int(not standing.has_key), _("recovery key to make: no backup is made without it"), "recovery_key"),
        Waiting(standing.due if standing.has_key else 0, _("backups due"), "upkeep"),
        Waiting(failed, _("drill of the backups that failed"), "upkeep"),
        Waiting(int(standing.restore_due), _("drill due: restore a backup"), "upkeep"),
    ]
    return [each for each in found if each.count]


def _of_training(by: Footing) -> list[Waiting]:
    found = []
    if count := len(to_do(by)):
        found.append(Waiting(count, _("bulletins to read or courses to take"), "training"))
    until = trained_until(by.authority, by.policy)
    if until is not None and until <= by.today + SOON and may_read(by):
        left = (until - by.today).days
        what = _("days since your training lapsed") if left < 0 else _("days until your training lapses")
        found.append(Waiting(abs(left), what, "training"))
    if has_duty(by.authority, by.policy, IN_SERVICE):
        found.append(Waiting(notices().count(), _("changes to answer with in-service training"), "training_keeping"))
    return found


def _of_the_policy(by: Footing) -> list[Waiting]:
    found = []
    draft, review = policy.draft(), policy.open_review()
    if draft is not None and draft.put_up_at is not None and may_comment(by):
        found.append(Waiting(1, _("draft of the policy up for review"), "policy_draft"))
    if has_duty(by.authority, by.policy, REVIEWER) and is_reminding(by.policy, at=by.at):
        due = policy.review_due_on(at=by.at)
        days = (due - by.today).days if due else 0
        late = _("days since the policy's annual review was due")
        what = late if days < 0 else _("days until the policy's annual review is due")
        found.append(Waiting(abs(days), what, "annual_review"))
    if review is not None and review.handed_over_at is not None and has_duty(by.authority, by.policy, AUTHORITY):
        waiting = review.recommendations.filter(decided_at=None).count()
        what = _("recommendations of the annual review to decide") if waiting else _("annual review to conclude")
        found.append(Waiting(waiting or 1, what, "annual_review"))
    return found
