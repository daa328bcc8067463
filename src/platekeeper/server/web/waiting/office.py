"""What waits in the office."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from platekeeper.core.rules.access import has_any_duty, has_duty, trained_until
from platekeeper.core.rules.inquiries import APPROVAL_HOLDS, REVIEWED_WITHIN, may_see_approvals
from platekeeper.core.rules.search_requests import may_see_queue
from platekeeper.core.rules.sharing import may_direct
from platekeeper.core.rules.sharing import may_draft as may_draft_mous
from platekeeper.core.rules.transfers import may_see_to_transfers
from platekeeper.core.rules.violations import may_see_violations
from platekeeper.server.casefiles import lookups as records
from platekeeper.server.oversight import audits
from platekeeper.server.oversight.violations import is_own, open_violations
from platekeeper.server.personnel.lookups.training import notices
from platekeeper.server.policy import lookups as policy
from platekeeper.server.procedures.answer_requests import may_answer_requests
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.backup_standing import backup_standing
from platekeeper.server.procedures.draft_policy import AUTHORITY, REVIEWER, may_comment
from platekeeper.server.procedures.request_searches import waiting_requests
from platekeeper.server.procedures.review_policy import is_reminding
from platekeeper.server.procedures.train_people import IN_SERVICE, may_read, to_do
from platekeeper.server.querylog import lookups as queries
from platekeeper.server.querylog.models import Approval
from platekeeper.server.querylog.requests import unread_answers
from platekeeper.server.reads.lookups import open_dead_letters
from platekeeper.server.sharing.lookups import ending, late_transfers, unattested
from platekeeper.server.web.training_keeping import SOON
from platekeeper.server.web.waiting.item import Waiting, some


def of_queries(by: Footing) -> list[Waiting]:
    """Return the searches that wait for a decision, a review or their run (VI.b)."""
    found = []
    if has_duty(by.authority, by.policy, "VI.e.auditors"):
        found.append(Waiting(audits.waiting_count(by.person), _("queries to review"), "query_audit"))
    if has_any_duty(by.authority, by.policy, "VII.e.supervisors", "signature.authority"):
        found.append(Waiting(audits.misuse_count(by.person), _("findings of misuse to end"), "query_audit_findings"))
    if may_see_violations(by.authority, by.policy):
        waiting = [each for each in open_violations() if not is_own(each, by.person)]
        found.append(Waiting(len(waiting), _("violations without an end"), "violations"))
        late = sum(each.due_on < by.today for each in waiting)
        found.append(Waiting(late, _("violations overdue"), "violations"))
    if has_duty(by.authority, by.policy, "VI.j.manager"):
        found.append(Waiting(open_dead_letters(), _("dead letters"), "dead_letters"))
    if may_see_approvals(by.authority, by.policy):
        before, after = queries.waiting(Approval.Kind.BEFORE), queries.waiting(Approval.Kind.AFTER)
        late = after.filter(asked_at__lt=by.at - REVIEWED_WITHIN).count()
        found.append(Waiting(before.count(), _("searches of older reads to decide"), "query_approvals"))
        found.append(Waiting(after.count(), _("exigent searches to review"), "query_approvals"))
        found.append(Waiting(late, _("exigent searches not reviewed within a day"), "query_approvals"))
    approved = queries.to_run(by.person, since=by.at - APPROVAL_HOLDS)
    found.append(Waiting(approved.count(), _("of your searches are approved: run them today"), "query_new"))
    return some(found)


def of_requests(by: Footing) -> list[Waiting]:
    """Return the requests for searches and for records that wait (IV.e, VI.h, VI.l)."""
    found = []
    if may_see_queue(by.authority, by.policy, by.today):
        waiting = waiting_requests(by)
        found.append(Waiting(len(waiting.to_decide), _("requests for searches to decide"), "search_queue"))
        found.append(Waiting(len(waiting.to_direct), _("answers to direct to other agencies"), "search_queue"))
        found.append(Waiting(len(waiting.to_run), _("approved requests to run and answer"), "search_queue"))
    if may_answer_requests(by):
        late = records.overdue(today=by.today).count()
        found.append(Waiting(records.waiting().count(), _("requests for records to answer"), "records_requests"))
        found.append(Waiting(late, _("requests for records past their day"), "records_requests"))
    found.append(Waiting(unread_answers(by.person).count(), _("of your requests answered"), "search_requests"))
    return some(found)


def of_training(by: Footing) -> list[Waiting]:
    """Return the bulletins, courses and changes that wait (IV.i)."""
    found = []
    if count := len(to_do(by)):
        found.append(Waiting(count, _("bulletins to read or courses to take"), "training"))
    until = trained_until(by.authority, by.policy)
    if until is not None and until <= by.today + SOON and may_read(by):
        left = (until - by.today).days
        what = _("days since your training lapsed") if left < 0 else _("days until your training lapses")
        found.append(Waiting(abs(left), what, "training"))
    if has_duty(by.authority, by.policy, IN_SERVICE) and (changes := notices().count()):
        found.append(Waiting(changes, _("changes to answer with in-service training"), "training_keeping"))
    return found


def of_the_policy(by: Footing) -> list[Waiting]:
    """Return what the policy and its review wait for."""
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


def of_backups(by: Footing) -> list[Waiting]:
    """Return what the backups wait for (VI.m)."""
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
    return some(found)


def of_sharing(by: Footing) -> list[Waiting]:
    """Return the MOUs that wait or end soon, and the routine transfers that are late (VI.i, VI.l)."""
    found = []
    if may_direct(by.authority, by.policy):
        found.append(Waiting(len(unattested(at=by.at, zone=by.policy.zone)), _("MOUs to attest"), "sharing"))
    if may_draft_mous(by.authority, by.policy):
        found.append(Waiting(len(ending(today=by.today)), _("MOUs that end within a month"), "sharing"))
    if may_see_to_transfers(by.authority, by.policy):
        found.append(
            Waiting(len(late_transfers(at=by.at)), _("routine transfers late or without receipt"), "transfers")
        )
    return some(found)
