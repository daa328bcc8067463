"""Reads and hits as rows that leave, cut down as an MOU's terms say (VI.l).

They are taken some at a time, with what belongs to them, so that neither memory nor the number of questions grows with them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

import msgspec
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When

from platekeeper.core.formats.outgoing import WITH_IMAGES, Row
from platekeeper.core.rules.minimizing import Seen, leaves
from platekeeper.core.rules.sharing import Terms
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits.lookups import told_of
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.procedures.rows_of_reads import moment_of
from platekeeper.server.storage.images import ImageDamaged, ImageMissing
from platekeeper.server.storage.reads import ReadStore
from platekeeper.server.storage.rows import StoredRead

_MISREAD = HitStep.Outcome.MISREAD.value
_MISSED = {_MISREAD, HitStep.Outcome.WRONG_STATE.value}
_AT_ONCE = 200
"""Rows in memory: hits come with their images."""


@dataclass(slots=True)
class Cut:
    """Rows under an MOU's terms; `withheld` counts what they leave out, once the rows were taken."""

    terms: Terms
    withheld: int = field(default=0, init=False)

    def reads(self, found: Iterable[StoredRead], *, store: ReadStore) -> Iterator[Row]:
        """Give the reads that leave, corrected ones left out, with the hit that each was."""
        area, names = self.terms.place, dict(LPR.objects.values_list("pk", "name"))
        for read, (hit, outcome) in _with_hits(found):
            row = read.row
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
                direction=row.direction, color=vehicle.get("color", ""), make=vehicle.get("make", ""), hit=hit,
                outcome=outcome, image=image,
            )  # fmt: skip

    def hits(self, found: QuerySet[Hit]) -> Iterator[Row]:
        """Give the hits that leave."""
        area, with_it = self.terms.place, ("lpr", "image") if self.terms.images else ("lpr",)
        for hit in found.select_related(*with_it).annotate(ended_as=_OUTCOME).iterator(chunk_size=_AT_ONCE):
            outcome = hit.ended_as or ""
            latitude, longitude = (
                hit.read.get("latitude", hit.lpr.latitude),
                hit.read.get("longitude", hit.lpr.longitude),
            )
            if not leaves(Seen(latitude, longitude, is_hit=True, missed=outcome in _MISSED), self.terms, area):
                self.withheld += 1
                continue
            image = getattr(hit, "image", None) if self.terms.images else None
            vehicle = hit.read.get("vehicle") or {}
            yield Row(
                id=hit.read_id, captured_at=hit.seen_at, lpr=hit.lpr.name, latitude=latitude, longitude=longitude,
                plate=hit.plate, state=hit.read_state, confidence=hit.read.get("confidence"),
                direction=hit.read.get("direction") or "", color=vehicle.get("color", ""), make=vehicle.get("make", ""),
                hit=hit.category, outcome=outcome, image=bytes(image.content) if image else None,
            )  # fmt: skip


def fit_for(terms: Terms, form: str) -> Terms:
    """Return terms as rows of a format need them: no image is fetched for one that has none."""
    return terms if form in WITH_IMAGES else msgspec.structs.replace(terms, images=False)


def _with_hits(found: Iterable[StoredRead]) -> Iterator[tuple[StoredRead, tuple[str, str]]]:
    """Give reads with category and outcome of the hit that each was, empty for none."""
    rest = iter(found)
    while some := list(islice(rest, _AT_ONCE)):
        hits = _hits_of({read.row.id.hex() for read in some})
        yield from ((read, hits.get(read.row.id.hex(), ("", ""))) for read in some)


def _hits_of(reads: Collection[str]) -> dict[str, tuple[str, str]]:
    found = told_of(reads).annotate(ended_as=_OUTCOME)
    rows = found.values_list("read_id", "category", "ended_as")
    return {read: (category, outcome or "") for read, category, outcome in rows}


_SAYING = (HitStep.Kind.OUTCOME, HitStep.Kind.REOPENED, HitStep.Kind.READ_CORRECTED)
_OUTCOME = Subquery(
    HitStep.objects.filter(hit=OuterRef("pk"), kind__in=_SAYING)
    .annotate(ended_as=Case(When(kind=HitStep.Kind.READ_CORRECTED, then=Value(_MISREAD)), default=F("outcome")))
    .order_by("-pk")
    .values("ended_as")[:1]
)
"""The outcome of a hit; the latest stands, and none once it was opened again. What the LPR corrected it had misread."""
