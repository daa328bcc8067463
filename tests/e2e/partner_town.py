"""Run as `python -m tests.e2e.partner_town`, in a home of its own: a department that does what it is told, a line each.

A line is JSON: what to do, and with what. So a test tells two departments, each a process of its own, what their people do.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django


def found(*, is_mill: bool) -> dict[str, Any]:
    """Found Harbor Falls, or Mill County, which the cast knows as the other agency."""
    from django.conf import settings
    from django.db import transaction

    from platekeeper.server.personnel import changes
    from tests import cast as casting
    from tests.recovery import give_recovery_key
    from tests.tables import make_tables

    settings.HOME.found()
    make_tables()
    casting.POLICY |= {"VI.l.how": "both"}
    if is_mill:
        casting.POLICY |= {"III.name": "Mill County", "VI.l.destinations": ["Harbor Falls Police Department"]}
    with transaction.atomic():
        cast = casting.assemble()
        give_recovery_key()
        if is_mill:
            falls, mill = cast.department, cast.outsider.agency
            changes.change_agency(mill, name="for a moment", ori="", contact="")
            changes.change_agency(falls, name="Mill County Sheriff's Office", ori="NY0000001", contact="")
            changes.change_agency(mill, name="Harbor Falls Police Department", ori="NY0000000", contact="")
    return {"key": cast.lpr_key}


def invite(*, address: str) -> dict[str, Any]:
    from django.test import override_settings

    from platekeeper.server.procedures.connect_partners import make_invitation

    with override_settings(DEMO=True):  # where both are on one machine
        return {"text": make_invitation(_by("chief"), address=address).decode()}


def connect(*, text: str) -> dict[str, Any]:
    from django.test import override_settings

    from platekeeper.server.procedures import connect_partners

    agency = _person("outsider").agency
    with override_settings(DEMO=True):
        return {"partner": connect_partners.connect(_by("chief"), agency=agency, invitation=text, compared=True).pk}


def agree() -> dict[str, Any]:
    """Make an MOU for stolen vehicles, in place of the cast's own: it shares all there is, and bars audits."""
    from platekeeper.core.rules.sharing import Share, Terms
    from platekeeper.server.procedures import manage_mous

    custodian = _by("custodian")
    manage_mous.end(_by("chief"), _mou(), why="replaced")
    mou = manage_mous.draft_mou(
        custodian, agency=_person("outsider").agency, title="Stolen vehicles", shares=set(Share), purposes={"stolen"},
        barred={"audit"}, terms=Terms(days=90, only_hits=False, misses=True), document=b"%PDF-1.7 signed by both",
        begins_on=custodian.today, ends_on=custodian.today + timedelta(days=29),
    )  # fmt: skip
    manage_mous.attest(custodian, mou, ours=False, note="the other chief")
    manage_mous.attest(_by("chief"), mou, ours=True)
    return {"mou": mou.pk}


def suspend() -> dict[str, Any]:
    from platekeeper.server.procedures import manage_mous

    manage_mous.suspend(_by("custodian"), _mou(), why="it is being looked into")
    return {}


def resume() -> dict[str, Any]:
    from platekeeper.server.procedures import manage_mous

    manage_mous.resume(_by("chief"), _mou())
    return {}


def stop(*, why: str) -> dict[str, Any]:
    from platekeeper.server.procedures import connect_partners

    connect_partners.stop(_by("custodian"), _partner(), why=why)
    return {}


def go_on() -> dict[str, Any]:
    from platekeeper.server.procedures import connect_partners

    connect_partners.resume(_by("chief"), _partner())
    return {}


def search(*, plate: str, purpose: str = "stolen") -> dict[str, Any]:
    """Let the detective search here and at the partner; return what came of it there."""
    from platekeeper.server.procedures.ask_partners import search_across, view_answers
    from platekeeper.server.procedures.question import Question

    by = _by("detective")
    question = Question(
        plate=plate, since=by.at - timedelta(days=2), until=by.at, purpose=purpose, offense="larceny", case_number="26-118",
        justification="taken from the garage at Canal Street", none_prohibited=True,
    )  # fmt: skip
    entry = search_across(by, question, [_partner()]).entry
    (asked,) = view_answers(by, entry)
    found = [read["plate"] for read in asked.answer.said["reads"]] if hasattr(asked, "answer") else None
    return {"entry": entry.pk, "state": asked.state, "clause": asked.clause, "reason": asked.reason, "found": found,
            "theirs": asked.number, "digest": asked.digest}  # fmt: skip


def load(*, lines: int, first: int = 0) -> dict[str, Any]:
    """Load the county's own list with so many lines, and offer it to the partner."""
    from platekeeper.core.categories import Source
    from platekeeper.server.hotlist.models import HotList
    from platekeeper.server.procedures.load_hot_list import load_hot_list
    from platekeeper.server.procedures.manage_hot_lists import ListSettings, add_list
    from platekeeper.server.procedures.offer_lists import offer_list

    by, known = _by("custodian"), HotList.objects.filter(slug="county").first()
    county = known or add_list(by, ListSettings(name="County", source=Source.DEPARTMENT, format="mapped"))
    told = "taken from a driveway overnight with both keys and with a dent in the left rear door " * 5
    rows = "".join(f"CTY{number:05d},NY,stolen vehicle,{told}\n" for number in range(first, first + lines))
    content = f"plate,state,category,reason\n{rows}".encode()
    load_hot_list(by, file_name="county.csv", content=content, at=by.at, hot_list=county, accept_shorter=True)
    if known is None:
        offer_list(_by("chief"), _partner(), name="county")
    return {}


def subscribe() -> dict[str, Any]:
    from platekeeper.server.procedures import subscribe_lists

    by, partner = _by("custodian"), _partner()
    (offered,) = subscribe_lists.offered_by(by, partner)  # type: ignore[misc]
    subscribe_lists.subscribe(by, partner, name=offered.name, title=offered.title, purpose="stolen")
    return {"name": offered.name}


def fetch() -> dict[str, Any]:
    """Fetch the list; return what came of it, and how many plates of it are on the list that is in force here."""
    from platekeeper.server.partners.lookups import subscriptions
    from platekeeper.server.procedures import fetch_lists

    subscription = subscriptions().get()
    fetch_lists.fetch(subscription, at=_by("custodian").at)
    newest = subscription.hot_list.deliveries.order_by("-delivered_at").first()
    return {"state": subscription.state, "clause": subscription.clause, "reason": subscription.reason,
            "lines": newest.lines if newest else 0}  # fmt: skip


def logged() -> dict[str, Any]:
    """Return what the Query Log and the ledger say of the partner, the newest first, and what is wrong with the ledger."""
    from platekeeper.server.ledger.lookups import check
    from platekeeper.server.ledger.models import LedgerEntry
    from platekeeper.server.querylog.models import QueryLogEntry

    queries = QueryLogEntry.objects.order_by("-pk").values(
        "pk", "by__name", "requestor", "requestor_agency", "state", "clause", "purpose", "found", "case_number"
    )
    acts = LedgerEntry.objects.filter(
        action__in=("partner_asked", "partner_answered", "list_fetched", "action_refused")
    )
    told = [
        {
            "action": each.action,
            "outcome": each.outcome,
            "clause": each.clause,
            **json.loads(bytes(each.body))["details"],
        }
        for each in acts.order_by("-index")
    ]
    return {"queries": list(queries), "acts": told, "faults": check().faults}


def _by(username: str) -> Any:
    from django.utils import timezone

    from platekeeper.server.procedures.authority import footing

    return footing(_person(username), at=timezone.now())


def _person(username: str) -> Any:
    from platekeeper.server.personnel.models import Person

    return Person.objects.get(username=username)


def _partner() -> Any:
    from platekeeper.server.partners.lookups import partners

    return partners().get()


def _mou() -> Any:
    from platekeeper.server.sharing.lookups import mous

    return mous().order_by("pk").last()


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"
    django.setup()
    acts: dict[str, Callable[..., dict[str, Any]]] = {
        act.__name__: act
        for act in (found, invite, connect, agree, suspend, resume, stop, go_on, search, load, subscribe, fetch, logged)
    }
    for line in sys.stdin:
        act, given = json.loads(line)
        print(json.dumps(acts[act](**given)), flush=True)
