"""The register as a printed report and as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from platekeeper.core.amendments import How
from platekeeper.core.document import Cell, Report
from platekeeper.server.register.evidence.basis import Status
from platekeeper.server.register.lines import Line, counted
from platekeeper.server.register.period import Period
from platekeeper.server.register.words import Joined, Said

SPOKEN: dict[Status, str] = {
    Status.KEPT: "kept",
    Status.CAUTION: "caution",
    Status.BREACH: "breach",
    Status.IDLE: "no activity",
    Status.GUIDANCE: "guidance",
}
"""A status as people read it."""
_TONES = {Status.KEPT: "good", Status.CAUTION: "warn", Status.BREACH: "bad", Status.IDLE: "quiet", Status.GUIDANCE: ""}
_HOW = {
    How.ADDED: Said("Added by the department"),
    How.STRUCK: Said("Struck"),
    How.CHANGED: Said("Worded by the department"),
}


def amended(line: Line) -> Joined | None:
    """Say what the department did to a clause, if anything."""
    return Joined(_HOW[line.amendment.how], line.amendment.reason, by=": ") if line.amendment else None


def spoken_period(period: Period) -> Said:
    """Return the period as people read it."""
    end = f"{period.at.astimezone(period.zone):%Y-%m-%d %H:%M}"
    if period.first_day == period.today:
        return Said("{0}, until {1}", period.today, end[11:])
    return Said("{0} to {1}", period.first_day, end)


def report(lines: Sequence[Line], period: Period, *, printed_by: str, printed_on: str, watermark: str = "") -> Report:
    """Return the register as a table to print."""
    counts = counted(lines)
    return Report(
        title="Clause register",
        department=period.policy.department,
        facts=(
            ("Time", str(spoken_period(period))),
            (
                "Policy",
                f"version {period.policy.number} ({period.policy.digest[:12]})" if period.policy.number else "none",
            ),
            ("Clauses", ", ".join(f"{counts[status]} {SPOKEN[status]}" for status in Status)),
            ("Printed", f"{printed_on} by {printed_by}"),
        ),
        columns=(
            ("Clause", 9),
            ("What it asks, and how it is kept", 33),
            ("The department's answer", 26),
            ("Evidence", 32),
        ),
        rows=tuple(_row(line) for line in lines),
        footer=f"Clause register, {spoken_period(period)}",
        watermark=watermark,
    )


def _row(line: Line) -> tuple[Cell, ...]:
    answers = [f"{answer.label}: {answer.text or 'unfilled'}" for answer in line.answers]
    others = [f"{other.label}, {other}" for other in line.others]
    return (
        Cell((line.number,)),
        Cell(tuple(filter(None, (line.title, str(amended(line) or ""), line.how)))),
        Cell((*answers, *others), "warn" if any(not answer.text for answer in line.answers) else ""),
        Cell(tuple(filter(None, (SPOKEN[line.status].upper(), line.evidence.words))), _TONES[line.status]),
    )


def as_data(lines: Sequence[Line], period: Period) -> dict[str, Any]:
    """Return the register as plain JSON."""
    return {
        "since": period.since.isoformat(),
        "at": period.at.isoformat(),
        "first_day": period.first_day.isoformat(),
        "last_day": period.today.isoformat(),
        "zone": period.zone.key,
        "policy": {"version": period.policy.number, "digest": period.policy.digest},
        "counts": {status.value: count for status, count in counted(lines).items()},
        "clauses": [_data(line) for line in lines],
    }


def _data(line: Line) -> dict[str, Any]:
    return {
        "clause": line.number,
        "title": line.title,
        "amendment": {**line.amendment.as_data()} if line.amendment else None,
        "answers": {str(answer.label): str(answer.text) or None for answer in line.answers},
        "other_versions": [
            {
                "version": other.version,
                "since": other.since.isoformat(),
                "until": other.until.isoformat() if other.until else None,
                "label": str(other.label),
                "answer": str(other.text),
            }
            for other in line.others
        ],
        "how": line.how,
        "rule": line.rule,
        "page": line.page,
        "status": line.status.value,
        "evidence": line.evidence.words,
    }
