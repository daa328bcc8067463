"""Reports to a state: which figures a state's yearly report wants, as data, in our own words. A department checks what its
state wants now; these are where to begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StateReport:
    """A report: its rows as (what is asked, the name of the figure, as in `Figures.numbers`), and the public source."""

    name: str
    title: str
    source: str
    rows: tuple[tuple[str, str], ...]

    def filled(self, numbers: Mapping[str, int]) -> list[tuple[str, int | None]]:
        """Return the rows with their figures; a figure that was not counted, because there was nothing of it, is 0, and one
        that nobody counts here is None."""
        known = {name.partition(".")[0] for name in numbers}
        return [(asked, numbers.get(name, 0 if name.partition(".")[0] in known else None)) for asked, name in self.rows]


STATE_REPORTS: dict[str, StateReport] = {
    report.name: report
    for report in (
        StateReport(
            "generic",
            "Yearly figures",
            "No state's: what most of them ask for.",
            (
                ("LPRs in service at the end of the year", "cameras"),
                ("Reads", "reads"),
                ("Alarms", "hits"),
                ("Alarms that were misreads or of the wrong state", "misreads"),
                ("Stops made on hits", "stops"),
                ("Queries of stored reads", "queries"),
                ("Queries made for this department", "shared.this department"),
                ("Complaints received", "complaints"),
                ("Violations opened", "violations"),
                ("Days of reads disposed of", "days_disposed"),
            ),
        ),
        StateReport(
            "new_jersey",
            "New Jersey: annual audit of the agency's program",
            "Attorney General Law Enforcement Directive 2022-12, and the State Police's page on the ALPR program "
            "(nj.gov/njsp/ALPR). It asks for certifications: the audit packet is their evidence; here are its numbers.",
            (
                ("Readers in service at the end of the year", "cameras"),
                ("Users authorized at the end of the year", "users"),
                ("Of them, with training that still holds", "users.trained"),
                ("Accesses to stored data", "queries"),
                ("Accesses looked at in reviews and surveys", "reviewed"),
                ("Of them, found to be misuse", "reviewed.misuse"),
                ("Known violations", "violations"),
                ("Complaints of citizens", "complaints"),
            ),
        ),
        StateReport(
            "vermont",
            "Vermont: yearly report on license plate recognition",
            "23 V.S.A. § 1607, under which a yearly report gives such figures of all agencies; this is one agency's part.",
            (
                ("Units operated", "cameras"),
                ("Readings made in the period", "reads"),
                ("Requests for stored data", "requests"),
                ("The agency's own, answered", "requests.own, answered"),
                ("Other agencies', answered", "requests.other agencies, answered"),
                ("Other agencies', not answered", "requests.other agencies, not answered"),
                ("Alerts by a match", "hits"),
                ("Alerts that led to a stop", "stops"),
            ),
        ),
    )
}
"""By name."""
