"""Under which agreements LPR data was shared, and what left (VI.l)."""

from __future__ import annotations

from functools import partial

from platekeeper.core.rules.decision import Refused
from platekeeper.server.casefiles.lookups import sealed_subjects
from platekeeper.server.procedures.annual_chapters.chapter import Chapter, minute
from platekeeper.server.register.period import Period
from platekeeper.server.sharing.lookups import disseminations, mous, state_of


def agreements(period: Period) -> Chapter:
    """Give the MOUs with other agencies that any day of the period belongs to, as they stood at its end."""
    stood = partial(state_of, at=period.at, zone=period.zone)
    found = mous().filter(begins_on__lte=period.today, ends_on__gte=period.first_day).order_by("begins_on", "pk")
    rows = [
        {
            "mou": mou.pk,
            "agency": mou.agency.name,
            "title": mou.title,
            "begins": mou.begins_on.isoformat(),
            "ends": mou.ends_on.isoformat(),
            "shares": [share.replace("_", " ") for share in sorted(mou.shares)],
            "purposes": sorted(mou.purposes),
            "barred": sorted(mou.barred),
            "stood": state.reason if isinstance(state := stood(mou), Refused) else "in force",
        }
        for mou in found
    ]
    return Chapter(
        "agreements",
        "Agreements with other agencies",
        ("MOUs of the period, and how each stood at its end. Nothing leaves for an agency without one, or an order.",),
        (
            ("agency", "With", 26),
            ("title", "Title", 24),
            ("shares", "Shares", 24),
            ("ends", "Until", 12),
            ("stood", "Stood", 14),
        ),
        rows,
        "There was none.",
    )


def left(period: Period) -> Chapter:
    """Give every dissemination of the period, down to the digest of what left; not why, of a sealed case."""
    found, sealed = disseminations().filter(period.within("begun_at")).order_by("begun_at", "pk"), sealed_subjects()
    rows = [
        {
            "dissemination": each.pk,
            "at": minute(period, each.begun_at),
            "agency": each.agency.name if each.agency else "",
            "to": each.to,
            "what": str(each.get_what_display()),
            "as": str(each.get_form_display()),
            "ground": str(each.mou or each.order or ""),
            "purpose": each.purpose,
            "why": "" if each.source in sealed else each.why,
            "records": each.records,
            "withheld": each.withheld,
            "sha256": each.sha256,
            "failure": each.failure,
        }
        for each in found
    ]
    return Chapter(
        "disseminations",
        "What left for others",
        ("Each thing that left, to whom and on which ground; how many records, and its digest, stand in the file.",),
        (
            ("at", "When", 18),
            ("agency", "Agency", 26),
            ("what", "What", 16),
            ("ground", "Ground", 24),
            ("records", "Records", 16),
        ),
        rows,
        "Nothing left.",
    )
