"""Reads and hits as rows that leave, cut down as an MOU's terms say (VI.l)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from platekeeper.core.formats.outgoing import Row
from platekeeper.core.rules.minimising import Seen, leaves
from platekeeper.core.rules.sharing import Terms
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits.models import Hit, HitImage, HitStep
from platekeeper.server.procedures.rows_of_reads import moment_of
from platekeeper.server.storage.images import ImageDamaged, ImageMissing
from platekeeper.server.storage.reads import ReadStore
from platekeeper.server.storage.rows import StoredRead

_MISSED = {HitStep.Outcome.MISREAD, HitStep.Outcome.WRONG_STATE}


@dataclass(slots=True)
class Cut:
    """Rows under an MOU's terms; `withheld` counts what they leave out, once the rows were taken."""

    terms: Terms
    withheld: int = field(default=0, init=False)

    def reads(
        self, found: Iterable[StoredRead], *, store: ReadStore, hits: Mapping[str, tuple[str, str]]
    ) -> Iterator[Row]:
        """Give the reads that leave, corrected ones left out; `hits`: read id -> category and outcome, of those that hit."""
        area, names = self.terms.place, dict(LPR.objects.values_list("pk", "name"))
        for read in found:
            row = read.row
            hit, outcome = hits.get(row.id.hex(), ("", ""))
            seen = Seen(row.latitude, row.longitude, bool(hit), outcome in _MISSED)
            if read.corrected or not leaves(seen, self.terms, area):
                self.withheld += 1
                continue
            vehicle, image = json.loads(row.vehicle), None
            if self.terms.images:
                with suppress(ImageMissing, ImageDamaged):
                    image = store.image(read)
            yield Row(
                id=row.id.hex(), captured_at=moment_of(row), lpr=names.get(row.lpr, str(row.lpr)), latitude=row.latitude,
                longitude=row.longitude, plate=row.plate or row.raw, state=row.state or "", confidence=row.confidence,
                direction=row.direction, colour=vehicle.get("colour", ""), make=vehicle.get("make", ""), hit=hit,
                outcome=outcome, image=image,
            )  # fmt: skip

    def hits(self, found: QuerySet[Hit]) -> Iterator[Row]:
        """Give the hits that leave."""
        area, outcomes = self.terms.place, outcomes_of(found)
        for hit in found.select_related("lpr").iterator():
            outcome = outcomes.get(hit.pk, "")
            latitude, longitude = (
                hit.read.get("latitude", hit.lpr.latitude),
                hit.read.get("longitude", hit.lpr.longitude),
            )
            if not leaves(Seen(latitude, longitude, is_hit=True, missed=outcome in _MISSED), self.terms, area):
                self.withheld += 1
                continue
            image = HitImage.objects.filter(hit=hit).first() if self.terms.images else None
            vehicle = hit.read.get("vehicle") or {}
            yield Row(
                id=hit.read_id, captured_at=hit.seen_at, lpr=hit.lpr.name, latitude=latitude, longitude=longitude,
                plate=hit.plate, state=hit.read_state, confidence=hit.read.get("confidence"),
                direction=hit.read.get("direction") or "", colour=vehicle.get("colour", ""), make=vehicle.get("make", ""),
                hit=hit.category, outcome=outcome, image=bytes(image.content) if image else None,
            )  # fmt: skip


def hits_between(since: datetime, until: datetime) -> QuerySet[Hit]:
    """Return the hits of a time by capture, each alarm and repeat, the earliest first; silent ones are nobody's yet."""
    return Hit.objects.filter(seen_at__gte=since, seen_at__lt=until).exclude(action="silent").order_by("seen_at", "pk")


def by_read(found: QuerySet[Hit]) -> dict[str, tuple[str, str]]:
    """Return category and outcome of hits by the read they were."""
    outcomes = outcomes_of(found)
    return {
        read: (category, outcomes.get(pk, "")) for pk, read, category in found.values_list("pk", "read_id", "category")
    }


def outcomes_of(found: QuerySet[Hit]) -> dict[int, str]:
    """Return the outcome of each hit that has one; the latest stands."""
    steps = HitStep.objects.filter(hit__in=found.values("pk"), kind=HitStep.Kind.OUTCOME).order_by("at", "pk")
    return dict(steps.values_list("hit", "outcome"))
