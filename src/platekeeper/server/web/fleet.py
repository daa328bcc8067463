"""The fleet as its page shows it: every LPR with its troubles, the most troubled first."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DateTimeField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.inventory import Use, use_of
from platekeeper.core.rules.uploads import Standing
from platekeeper.server.equipment.lookups.care import custody
from platekeeper.server.equipment.lookups.defects import away_for_repair, open_defects
from platekeeper.server.equipment.models import LPR
from platekeeper.server.equipment.models.care import CARE
from platekeeper.server.equipment.models.defects import KINDS
from platekeeper.server.hits.reading import LprReading, readings
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.care_for_lprs import upkeep
from platekeeper.server.reads.models import Contact
from platekeeper.server.reads.uploads import Upload, uploads
from platekeeper.server.storage.seconds import Seconds
from platekeeper.server.userlog.models import Tour

LATELY = timedelta(days=30)
"""How far back use is looked at."""
_SILENT = (Standing.OVERDUE, Standing.NEVER)


@dataclass(slots=True)
class Row:
    """An LPR on the page. `troubles` are (tone, words); that it is silent is told in a column of its own."""

    lpr: LPR
    reads: int
    reading: LprReading
    upload: Upload
    use: Use
    who: str = ""
    usable: bool = True
    troubles: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def trouble(self) -> tuple[int, int, int]:
        """How much, to sort by: what cannot be used or is bad first, then what wants a look, then what is seldom used."""
        tones = [tone for tone, _words in self.troubles] + ["is-bad"] * (self.upload.standing in _SILENT)
        return -tones.count("is-bad"), -tones.count("is-warn"), -self.use.idle


def fleet(by: Footing, counts: dict[int, int], *, wanted: str = "") -> list[Row]:
    """Return every LPR, the most troubled first, or those that have what is wanted in their name or place, or as their
    number; `counts` are today's reads by LPR."""
    standing = {each.lpr.pk: each for each in uploads(by.policy, at=by.at)}
    troubles, used, away, kept = (
        _troubles(by),
        _use(at=by.at, zone=by.policy.zone),
        away_for_repair(),
        custody(at=by.at),
    )
    rows = []
    for number, reading in readings(at=by.at).items():
        lpr, upload = reading.lpr, standing[number]
        if wanted != str(number) and wanted.casefold() not in f"{lpr.name}\n{lpr.place}".casefold():
            continue
        row = Row(
            lpr, counts.get(number, 0), reading, upload, used(lpr), kept[number].who if number in kept else "",
            usable=lpr.in_service and number not in away, troubles=troubles[number],
        )  # fmt: skip
        if lpr.in_service and not reading.verdict:
            row.troubles.append(("is-bad", _("reads badly")))
        rows.append(row)
    return sorted(rows, key=lambda row: (*row.trouble, row.lpr.name))


def _troubles(by: Footing) -> dict[int, list[tuple[str, Any]]]:
    found: dict[int, list[tuple[str, Any]]] = defaultdict(list)
    due = upkeep(by.policy, at=by.at)
    late = {each.pk for each in due.repairs}
    for defect in open_defects():
        found[defect.lpr_id].append(("is-bad" if defect.pk in late else "is-warn", KINDS[defect.kind]))
    for care in due.care:
        found[care.lpr_id].append(("is-warn", _("due: %(what)s") % {"what": CARE[care.kind]}))
    for lpr in due.warranties:
        found[lpr.pk].append(("is-warn", _("warranty ends")))
    for lpr in due.uninsured:
        found[lpr.pk].append(("is-bad", _("not on the insurance plan")))
    return found


def use_lately(lpr: LPR, *, at: datetime, zone: ZoneInfo) -> Use:
    """Return how one LPR was used lately."""
    return _use(at=at, zone=zone, lprs=[lpr.pk])(lpr)


def _use(*, at: datetime, zone: ZoneInfo, lprs: list[int] | None = None) -> Callable[[LPR], Use]:
    """Return what tells how an LPR was used lately: the days of its tours and of what it sent, out of those in service.

    The day is the department's. What is uploaded later than it was read counts on the day of its upload.
    """
    since, today = (at - LATELY).replace(microsecond=0), at.astimezone(zone).date()
    days_from = _days_lately(since=since, at=at, zone=zone)
    used: dict[int, set[date]] = defaultdict(set)
    out: dict[int, set[date]] = defaultdict(set)
    chosen = {} if lprs is None else {"lpr__in": lprs}
    contacts = Contact.objects.filter(until__gte=since, kind__in=(Contact.Kind.UPLOAD, Contact.Kind.OUT), **chosen)
    for lpr, kind, begins, ends in contacts.order_by().values_list("lpr", "kind", *_stretch("since", "until", since)):
        into = used if kind == Contact.Kind.UPLOAD else out
        into[lpr].update(days_from(begins, ends))
    begun = Tour.objects.filter(begun_at__gte=since, **chosen).order_by()
    ended = Coalesce("ended_at", Value(at))
    for lpr, begins, ends in begun.values_list("lpr", *_stretch("begun_at", ended, since)):
        used[lpr].update(days_from(begins, ends))

    first = since.astimezone(zone).date() + timedelta(days=1)
    lately = [first + timedelta(days=each) for each in range((today - first).days)]

    def of(lpr: LPR) -> Use:
        days = lately if lpr.added_at < since else lately[bisect_right(lately, lpr.added_at.astimezone(zone).date()) :]
        return use_of(days, used[lpr.pk], out[lpr.pk] - used[lpr.pk])

    return of


def _stretch(begins: str, ends: str | Coalesce, since: datetime) -> tuple[Combinable, Combinable]:
    """Return a stretch as seconds after a moment: as moments, thousands of them take longer to read than all else."""
    zero = Seconds(Value(since, DateTimeField()))
    return Seconds(begins) - zero, Seconds(ends) - zero


def _days_lately(*, since: datetime, at: datetime, zone: ZoneInfo) -> Callable[[float, float], list[date]]:
    """Return what gives the department's days between two moments, in seconds after `since`, a thousandth rounded."""
    first = since.astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range((at.astimezone(zone).date() - first).days + 1)]
    begins = [(datetime.combine(day, time(), zone).astimezone(UTC) - since).total_seconds() - 0.0005 for day in days]

    def between(one: float, other: float) -> list[date]:
        return days[max(0, bisect_right(begins, one) - 1) : bisect_right(begins, other)]

    return between
