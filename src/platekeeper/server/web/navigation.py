"""The menu: the pages that a person's positions open, grouped as they are thought of in a working day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.access import has_any_duty, may_act, may_inquire
from platekeeper.core.rules.alerts import may_see_hot_lists
from platekeeper.core.rules.field_entries import may_enter_in_field
from platekeeper.core.rules.inquiries import APPROVERS
from platekeeper.core.rules.oversight import may_take_stock
from platekeeper.core.rules.violations import may_see_violations
from platekeeper.server.procedures.answer_hit import may_see_hits
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.bar_places import may_see_places
from platekeeper.server.procedures.connect_partners import may_see_partners
from platekeeper.server.procedures.deploy_lprs import may_see_deployments
from platekeeper.server.procedures.direct_keeping import may_see_directives
from platekeeper.server.procedures.guests import may_be_guest
from platekeeper.server.procedures.handle_complaints import may_see_complaints
from platekeeper.server.procedures.keep_cases import may_see_cases
from platekeeper.server.procedures.keep_user_logs import may_read_logs
from platekeeper.server.procedures.manage_equipment import may_see_lprs
from platekeeper.server.procedures.manage_mous import may_see_sharing
from platekeeper.server.procedures.manage_people import may_look
from platekeeper.server.procedures.override_tour import may_supervise_tours
from platekeeper.server.procedures.propose_disposal import may_see_disposals
from platekeeper.server.procedures.report_defects import may_see_defects
from platekeeper.server.procedures.run_tour import may_see_tours
from platekeeper.server.procedures.stake_out import may_see_stake_outs
from platekeeper.server.procedures.view_logs import may_view_ledger, may_view_query_log, may_view_register
from platekeeper.server.web.first_steps import may_see_steps


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the menu. `is_here`: it is the one that is shown."""

    address: str
    label: Any
    is_here: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Pages under one heading; one page alone needs none. `is_here`: it leads nearest to the page that is shown."""

    label: Any
    pages: tuple[Page, ...]
    is_here: bool


def navigation(by: Footing, *, path: str) -> list[Group]:
    """Return what a person can open, for the page at `path`."""
    groups: list[tuple[Any, tuple[Page, ...]]] = []
    for label, offered in _offered(by):
        pages = [(reverse(name), words) for name, words, shown in offered if shown]
        if pages:
            shown = tuple(Page(address, words, address == path) for address, words in pages)
            groups.append((label, shown))
    addresses = [page.address for _label, shown in groups for page in shown]
    nearest = max((each for each in addresses if path.startswith(each)), key=len, default=None)
    return [Group(label, shown, any(page.address == nearest for page in shown)) for label, shown in groups]


def open_to(by: Footing) -> set[str]:
    """Return the url names of the pages that a person can open."""
    return {name for _label, offered in _offered(by) for name, _words, shown in offered if shown}


def _offered(by: Footing) -> Iterator[tuple[Any, tuple[tuple[str, Any, object], ...]]]:
    """Give the groups: (url name, label, whether the person can use it)."""
    who, policy, today = by.authority, by.policy, by.today

    def duty(*keys: str) -> object:
        return has_any_duty(who, policy, *keys)

    inquires, sees_tours = may_inquire(who, policy, today), may_see_tours(by)
    yield (
        _("Duty"),
        (
            ("tours", _("Tours"), sees_tours),
            ("tours_today", _("Today"), may_supervise_tours(by)),
            ("user_logs", _("Daily User Logs"), may_read_logs(by) or sees_tours),
            ("deployments", _("Deployments"), may_see_deployments(by)),
            ("guest", _("Shared with you"), may_be_guest(by)),
        ),
    )
    yield (
        _("Hits"),
        (
            ("hits_board", _("Live board"), may_see_hits(by)),
            ("hits_dispatch", _("Dispatch queue"), duty("VII.e.dispatch")),
            ("hits_open", _("Open hits"), duty("VII.e.supervisors")),
            ("hits_departures", _("Departures"), duty("VII.e.supervisors")),
        ),
    )
    yield (
        _("Hot lists"),
        (
            ("entry_quick", _("Quick entry"), may_enter_in_field(who, policy, today)),
            ("hot_lists", _("Hot lists"), may_see_hot_lists(who, policy, today)),
        ),
    )
    yield (
        _("Searches"),
        (
            ("query_new", _("Search"), inquires),
            ("query_approvals", _("Searches to approve"), duty(APPROVERS)),
            ("search_requests", _("Search requests"), may_act(who)),
            ("investigations", _("Investigations"), inquires),
            ("stake_outs", _("Stake-outs"), may_see_stake_outs(by)),
        ),
    )
    yield (
        _("Cases"),
        (
            ("cases", _("Cases"), may_see_cases(by)),
            ("complaints", _("Complaints"), may_see_complaints(by)),
        ),
    )
    yield (
        _("LPRs"),
        (
            ("lprs", _("LPRs"), may_see_lprs(by)),
            ("defects", _("Defects"), may_see_defects(by)),
            ("barred_places", _("Barred places"), may_see_places(by)),
        ),
    )
    yield (
        _("Data"),
        (
            ("disposals", _("Disposals"), may_see_disposals(by)),
            ("directives", _("Command directives"), may_see_directives(by)),
            ("dead_letters", _("Dead letters"), duty("VI.j.manager")),
            ("upkeep", _("Upkeep"), duty("VI.m.keeper", "VI.j.manager", "IV.f.inventory", "VI.e.auditors")),
        ),
    )
    yield (
        _("Oversight"),
        (
            ("days", _("Day by day"), may_view_register(by)),
            ("query_log", _("Query Log"), may_view_query_log(by)),
            ("query_audit", _("Query review"), duty("VI.e.auditors")),
            ("query_audit_findings", _("Findings of misuse"), duty("VII.e.supervisors", "signature.authority")),
            ("violations", _("Violations"), may_see_violations(who, policy)),
            ("ledger", _("Ledger"), may_view_ledger(by)),
            ("register", _("Clause register"), may_view_register(by)),
            ("oversight", _("Reports"), may_take_stock(who, policy)),
        ),
    )
    yield (
        _("Department"),
        (
            ("policy", _("Policy"), True),
            ("training", _("Training"), True),
            ("people", _("People"), may_look(by)),
            ("sharing", _("Sharing"), may_see_sharing(by)),
            ("partners", _("Partners"), may_see_partners(by)),
            ("first_steps", _("First steps"), may_see_steps(by)),
        ),
    )
