"""Reports of what was done with LPRs: for the public, published and frozen, and for a state (VI.l)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.document import Booklet, Part, Table
from platekeeper.core.figures import Figures, public_part, public_tables
from platekeeper.core.ledger import canonical
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.oversight import may_be_published, may_publish, may_take_stock
from platekeeper.core.state_reports import StateReport
from platekeeper.core.suppression import LEAST
from platekeeper.core.tables import csv_of
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append, stand_in_line
from platekeeper.server.oversight import changes, publications
from platekeeper.server.oversight.models import Publication
from platekeeper.server.printing.pdf import booklet_pdf, demo_mark
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.figures import figures_of
from platekeeper.server.procedures.watch_lprs import waits_for_count
from platekeeper.server.register.period import Period, between


def draw_up(by: Footing, *, first: date, last: date, places: bool, least: int = LEAST) -> dict[str, Any]:
    """Return a report as it would be published; nothing is kept. Raises `PeriodError`."""
    by.demand(may_take_stock(by.authority, by.policy), attempted=Action.REPORT_PUBLISHED)
    return _report(between(first, last, now=by.at), first=first, last=last, places=places, least=least)


def publish(by: Footing, *, first: date, last: date, places: bool, least: int = LEAST) -> Publication:
    """Publish the report of a period: from now on anybody may read it, as it stands now. Raises `PeriodError`."""
    by.demand(may_publish(by.authority, by.policy), _fit(by, first, last), attempted=Action.REPORT_PUBLISHED)
    report = _report(between(first, last, now=by.at), first=first, last=last, places=places, least=least)
    pdf = booklet_pdf(booklet_of(report), at=by.at)
    digest = hashlib.sha256(pdf).hexdigest()
    with by.act(Action.REPORT_PUBLISHED):
        stand_in_line()  # or two who publish at once would not see each other's days
        if isinstance(late := _fit(by, first, last), Refused):  # somebody may have published in between
            raise RefusedAction(late)
        published = changes.publish(
            first_day=first,
            last_day=last,
            report=report,
            pdf=pdf,
            sha256=digest,
            at=by.at,
            by=by.person,
            policy=by.policy.stamp,
        )
        told = {
            "first": f"{first}",
            "last": f"{last}",
            "report": hashlib.sha256(canonical(report)).hexdigest(),
            "pdf": digest,
        }
        _log(by, Action.REPORT_PUBLISHED, f"publication:{published.pk}", told)
    return published


def withdraw(by: Footing, published: Publication, *, why: str) -> None:
    """Let a report be read no more; what was published stays on record."""
    unsaid = Refused(Clause.VI_l, "Say why it is withdrawn.")
    subject = f"publication:{published.pk}"
    by.demand(
        may_publish(by.authority, by.policy),
        Allowed() if why.strip() else unsaid,
        attempted=Action.REPORT_WITHDRAWN,
        subject=subject,
    )
    with by.act(Action.REPORT_WITHDRAWN, subject=subject):
        if not changes.withdraw(published, at=by.at, by=by.person, why=why.strip()[:240]):
            raise RefusedAction(Refused(Clause.VI_l, "It is withdrawn already."))
        _log(by, Action.REPORT_WITHDRAWN, subject, {}, sealed={"why": why.strip()[:240]})


def state_report(by: Footing, report: StateReport, *, first: date, last: date) -> tuple[bytes, bytes]:
    """Return a report to a state as CSV and as PDF; its numbers are whole. Raises `PeriodError`."""
    by.demand(may_take_stock(by.authority, by.policy), attempted=Action.STATE_REPORT_MADE)
    period = between(first, last, now=by.at)
    rows = report.filled(figures_of(period).numbers())
    said = [(asked, "not counted here" if number is None else f"{number:,}") for asked, number in rows]
    table = csv_of(("figure", "number"), [{"figure": asked, "number": number} for asked, number in rows])
    pdf = booklet_pdf(_printed(period, report, said, by), at=by.at)
    with transaction.atomic():
        told = {"report": report.name, "first": f"{first}", "last": f"{last}", "csv": hashlib.sha256(table).hexdigest()}
        _log(by, Action.STATE_REPORT_MADE, "", told)
    return table, pdf


def booklet_of(report: Mapping[str, Any]) -> Booklet:
    """Return a report for the public as it is printed."""
    about = Part(
        "About these numbers", (
            f"A number of one to {report['least'] - 1} is shown as <{report['least']}, since so few could point at a person; "
            "where it could be worked out from the others, another is withheld. Nothing is rounded.",
            "The numbers are those of the department's records on the day of publication, and stay as they were published.",
        ),
    )  # fmt: skip
    places = [] if report["places"] is None else [_places(report["places"])]
    return Booklet(
        title="License plate readers: report to the public", department=report["department"],
        facts=(("Period", f"{report['first']} to {report['last']}"), *((label, text) for label, text in report["said"])),
        parts=(*(public_part(table) for table in report["tables"]), *places, about),
        footer=f"{report['department']}, {report['first']} to {report['last']}", watermark=demo_mark(),
    )  # fmt: skip


def _places(stand: Sequence[str]) -> Part:
    table = Table((("Place", 100),), tuple((each,) for each in stand), "None stands.")
    return Part("Where the fixed cameras stand", table=table)


def _report(period: Period, *, first: date, last: date, places: bool, least: int) -> dict[str, Any]:
    figures: Figures = figures_of(period)
    fixed = LPR.objects.filter(kind=LPR.Kind.FIXED, in_service=True, added_at__lte=period.at).exclude(place="")
    return {
        "v": 1, "department": period.policy.department, "first": f"{first}", "last": f"{last}", "least": least,
        "said": [list(pair) for pair in figures.said], "tables": public_tables(figures.tallies, least=least),
        "places": sorted(fixed.values_list("place", flat=True)) if places else None,
    }  # fmt: skip


def _printed(period: Period, report: StateReport, said: list[tuple[str, str]], by: Footing) -> Booklet:
    table = Table((("Figure", 75), ("Number", 25)), tuple(said))
    return Booklet(
        title=report.title, department=period.policy.department,
        facts=(("Period", f"{period.first_day} to {period.today}"), ("Made", f"{by.today} by {by.person.name}")),
        parts=(Part("Figures", (f"Asked for by: {report.source}",), table=table),),
        footer=report.title, watermark=demo_mark(),
    )  # fmt: skip


def _fit(by: Footing, first: date, last: date) -> Decision:
    overlaps, counted = publications.overlapping(first, last), not waits_for_count(last, by.policy, at=by.at)
    return may_be_published(first=first, last=last, today=by.today, overlaps=overlaps, counted=counted)


def _log(
    by: Footing, action: Action, subject: str, details: dict[str, Any], *, sealed: dict[str, str] | None = None
) -> None:
    append(
        at=by.at, by=by.actor, action=action, outcome=Outcome.DONE, clause=Clause.VI_l, subject=subject, details=details,
        sealed=sealed, policy=by.policy.stamp,
    )  # fmt: skip
