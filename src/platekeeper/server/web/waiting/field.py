"""What waits on the road and in the garage."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from platekeeper.core.rules.access import has_any_duty, has_duty
from platekeeper.core.rules.alerts import URGENT_ENTRY
from platekeeper.core.rules.defects import DefectStep, may_hear
from platekeeper.core.rules.inventory import ANSWERER
from platekeeper.core.rules.tours import SUPERVISORS
from platekeeper.core.rules.user_logs import CHECKER, State, tours_a_log, waits_too_long
from platekeeper.server.equipment.lookups.care import questions
from platekeeper.server.equipment.lookups.defects import open_defects
from platekeeper.server.hits import lookups as hits
from platekeeper.server.hits.reading import reading_badly
from platekeeper.server.hotlist.lookups import requested, to_confirm, waiting_bulletins
from platekeeper.server.procedures import care_for_lprs, deploy_lprs
from platekeeper.server.procedures.alert_bulletins import may_settle
from platekeeper.server.procedures.answer_hit import may_see_hits
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.enter_alert import to_look_up
from platekeeper.server.procedures.keep_cases import hits_to_take, may_see_cases
from platekeeper.server.procedures.see_to_uploads import to_see_to
from platekeeper.server.userlog.lookups import facts_of, overrides, unfinished_logs
from platekeeper.server.web.waiting.item import Waiting, some


def of_hits(by: Footing) -> list[Waiting]:
    """Return the hits that wait (VII.e, V.c)."""
    found = []
    if may_see_hits(by):
        found.append(Waiting(hits.open_count(), _("open alarms"), "hits_board"))
    if has_duty(by.authority, by.policy, "VII.e.dispatch"):
        found.append(Waiting(hits.confirmations().count(), _("hits to confirm"), "hits_dispatch"))
    if has_duty(by.authority, by.policy, "VII.e.supervisors"):
        found.append(Waiting(hits.overdue_count(at=by.at), _("hits open for more than half an hour"), "hits_open"))
        found.append(Waiting(hits.departures().count(), _("departures to review"), "hits_departures"))
    if may_see_cases(by):
        found.append(Waiting(hits_to_take(by).count(), _("hits to preserve in a case"), "cases"))
    if has_duty(by.authority, by.policy, "VI.j.manager"):
        found.append(Waiting(hits.silent().count(), _("look-alikes to review"), "hits_silent"))
    return some(found)


def of_hot_lists(by: Footing) -> list[Waiting]:
    """Return the entries and alert bulletins that wait (VI.a, VII.f, VII.g)."""
    found = [
        Waiting(
            to_confirm(by.person, at=by.at).count(),
            _("hot list entries made in your name to confirm"),
            "entries_directed",
        ),
        Waiting(to_look_up(by).count(), _("hot list entries whose prior reads were not looked up"), "entries"),
    ]
    if has_duty(by.authority, by.policy, "VI.a.decider"):
        found.append(Waiting(requested().count(), _("hot list entries to decide"), "entries"))
    elif has_duty(by.authority, by.policy, "VII.f.directors"):
        found.append(Waiting(requested(URGENT_ENTRY).count(), _("urgent hot list entries to decide"), "entries"))
    if may_settle(by):
        found.append(Waiting(waiting_bulletins().count(), _("alert bulletins to look at"), "alerts"))
    return some(found)


def of_tours(by: Footing) -> list[Waiting]:
    """Return the Daily User Logs and overrides that wait (VII.h, V.a)."""
    sees_all = has_any_duty(by.authority, by.policy, CHECKER, SUPERVISORS)
    unfinished = unfinished_logs() if sees_all else unfinished_logs().filter(member=by.person)
    fill = tours_a_log(by.policy)
    logs = [(log.member_id == by.person.pk, facts_of(log, fill=fill, at=by.at)) for log in unfinished]
    own = sum(is_own and log.waits_for_member and not log.on_tour and log.filled for is_own, log in logs)
    left_open = sum(is_own and log.on_tour and waits_too_long(log, at=by.at) for is_own, log in logs)
    found = [
        Waiting(left_open, _("of your tours are open for too long: end them"), "tours"),
        Waiting(own, _("of your Daily User Logs to forward"), "tours"),
    ]
    if has_duty(by.authority, by.policy, CHECKER):
        waiting = sum(log.state is State.FORWARDED and not is_own for is_own, log in logs)
        late = sum(log.state is State.FORWARDED and not own and waits_too_long(log, at=by.at) for own, log in logs)
        found.append(Waiting(waiting, _("Daily User Logs to check"), "user_logs"))
        found.append(Waiting(late, _("Daily User Logs that wait for a check too long"), "user_logs"))
    if has_duty(by.authority, by.policy, SUPERVISORS):
        asked = overrides(since=by.at).filter(granted=None).exclude(member=by.person).count()
        found.append(Waiting(asked, _("overrides before a tour to decide"), "tours_today"))
        late = sum(waits_too_long(log, at=by.at) for _is_own, log in logs)
        found.append(Waiting(late, _("Daily User Logs that wait too long"), "tours_today"))
    return some(found)


def of_deployments(by: Footing) -> list[Waiting]:
    """Return the details and mutual aid that wait (V.d, V.e)."""
    if not deploy_lprs.may_see_deployments(by):
        return []
    found = [
        Waiting(len(deploy_lprs.waiting(by)), _("details or mutual aid to decide"), "deployments"),
        Waiting(len(deploy_lprs.to_report(by)), _("after-action reports to make"), "deployments"),
    ]
    return some(found)


def of_equipment(by: Footing) -> list[Waiting]:
    """Return the defects, care, insurance and questions that wait (IV.d, IV.f, IX)."""
    found = [Waiting(len(to_see_to(by)), _("LPRs with no upload in time"), "lprs")]
    if has_any_duty(by.authority, by.policy, "IV.f.inventory", "IX.c.administrator"):
        found.append(Waiting(reading_badly(at=by.at), _("LPRs that read badly: check aim, lens and light"), "lprs"))
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
    return some(found)
