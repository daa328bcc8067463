"""What every page knows: the department, its policy, and what this person may open."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.access import has_any_duty, may_act, may_inquire
from platekeeper.core.rules.alerts import may_see_hot_lists
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.field_entries import may_enter_in_field
from platekeeper.core.rules.freshness import is_of_today
from platekeeper.core.rules.inquiries import APPROVERS
from platekeeper.server.hotlist.lookups import newest_delivery, unseen
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.answer_hit import may_see_hits
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.deploy_lprs import may_see_deployments
from platekeeper.server.procedures.direct_keeping import may_see_directives
from platekeeper.server.procedures.handle_complaints import may_see_complaints
from platekeeper.server.procedures.keep_cases import may_see_cases
from platekeeper.server.procedures.keep_user_logs import may_read_logs
from platekeeper.server.procedures.manage_equipment import may_see_lprs
from platekeeper.server.procedures.manage_people import may_look
from platekeeper.server.procedures.override_tour import may_supervise_tours
from platekeeper.server.procedures.propose_disposal import may_see_disposals
from platekeeper.server.procedures.report_defects import may_see_defects
from platekeeper.server.procedures.run_tour import may_see_tours
from platekeeper.server.procedures.stake_out import may_see_stake_outs
from platekeeper.server.web.screens import footing_of, person_of


def department(request: HttpRequest) -> dict[str, Any]:
    """Return the context that base.html needs."""
    shared: dict[str, Any] = {"is_demo": settings.DEMO, "identity": settings.IDENTITY.names}
    if not isinstance(getattr(request, "user", None), Person):
        return shared
    by = footing_of(request)
    delivery = newest_delivery()
    fresh = is_of_today(delivery.delivered_at if delivery else None, at=by.at, zone=by.policy.zone)
    return {
        **shared,
        "footing": by,
        "department_name": by.policy.text("III.name"),
        "stale_hot_list": fresh if isinstance(fresh, Refused) else None,
        "navigation": navigation(by),
        "entries_to_see": unseen(person_of(request), at=by.at).count(),
    }


def navigation(by: Footing) -> list[tuple[str, Any]]:
    """Return (url name, label) of the pages a person can use, in the order of a working day."""

    def duty(*keys: str) -> bool:
        return bool(has_any_duty(by.authority, by.policy, *keys))

    offered = (
        ("tours", _("Tours"), bool(may_see_tours(by))),
        ("tours_today", _("Today"), bool(may_supervise_tours(by))),
        ("user_logs", _("Daily User Logs"), bool(may_read_logs(by)) or bool(may_see_tours(by))),
        ("deployments", _("Deployments"), bool(may_see_deployments(by))),
        ("hits_board", _("Live board"), bool(may_see_hits(by))),
        ("hits_dispatch", _("Dispatch queue"), duty("VII.e.dispatch")),
        ("hits_open", _("Open hits"), duty("VII.e.supervisors")),
        ("hits_departures", _("Departures"), duty("VII.e.supervisors")),
        ("entry_quick", _("Quick entry"), bool(may_enter_in_field(by.authority, by.policy, by.today))),
        ("hot_lists", _("Hot lists"), bool(may_see_hot_lists(by.authority, by.policy, by.today))),
        ("complaints", _("Complaints"), bool(may_see_complaints(by))),
        ("cases", _("Cases"), bool(may_see_cases(by))),
        ("query_new", _("Search"), bool(may_inquire(by.authority, by.policy, by.today))),
        ("query_approvals", _("Searches to approve"), duty(APPROVERS)),
        ("search_requests", _("Search requests"), bool(may_act(by.authority))),
        ("investigations", _("Investigations"), bool(may_inquire(by.authority, by.policy, by.today))),
        ("stake_outs", _("Stake-outs"), bool(may_see_stake_outs(by))),
        ("query_log", _("Query Log"), duty("IV.e.custodian", "VI.e.auditors")),
        ("query_audit", _("Query review"), duty("VI.e.auditors")),
        ("query_audit_findings", _("Findings of misuse"), duty("VII.e.supervisors", "signature.authority")),
        ("ledger", _("Ledger"), duty("VI.e.auditors", "signature.authority")),
        ("dead_letters", _("Dead letters"), duty("VI.j.manager")),
        (
            "register",
            _("Clause register"),
            duty("VI.e.auditors", "signature.authority", "IV.e.custodian", "VII.e.supervisors"),
        ),
        ("policy", _("Policy"), True),
        ("training", _("Training"), True),
        ("people", _("People"), bool(may_look(by))),
        ("lprs", _("LPRs"), bool(may_see_lprs(by))),
        ("defects", _("Defects"), bool(may_see_defects(by))),
        ("disposals", _("Disposals"), bool(may_see_disposals(by))),
        ("directives", _("Command directives"), bool(may_see_directives(by))),
        ("upkeep", _("Upkeep"), duty("VI.m.keeper", "VI.j.manager", "IV.f.inventory", "VI.e.auditors")),
    )
    return [(name, label) for name, label, shown in offered if shown]
