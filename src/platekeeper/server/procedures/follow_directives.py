"""What command directs to be kept is copied into its case (VI.k.4): what is stored, what arrives, and hits before they end.

So a disposal spares nothing: what is to stay is no longer there to be spared. It waits until every directive is followed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import count

from django.db import transaction
from django.db.models import Q

from platekeeper.core.actor import SYSTEM
from platekeeper.core.categories import HitAction
from platekeeper.core.clauses import Clause
from platekeeper.core.moments import microseconds
from platekeeper.core.plates import fold
from platekeeper.core.policy import Policy
from platekeeper.core.rules.directives import Named
from platekeeper.core.search.drawn import drawn
from platekeeper.server.casefiles import changes as casefiles
from platekeeper.server.casefiles.lookups import preserved, subject_of
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures import copies
from platekeeper.server.procedures.copies import Copy
from platekeeper.server.procedures.preserve import image_of_stored
from platekeeper.server.procedures.prove_reads import Batch, proof_of_stored
from platekeeper.server.procedures.raise_hits import ImageOf, with_type
from platekeeper.server.procedures.rows_of_reads import moment_of
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.retention import changes, lookups
from platekeeper.server.retention.models import Directive
from platekeeper.server.storage.days import day_of
from platekeeper.server.storage.holding import hold
from platekeeper.server.storage.rows import Incoming, StoredRead, image_hash
from platekeeper.server.storage.terms import LARGEST, Cursor, SearchTerms

_A_PAGE = 200


def named_by(directive: Directive) -> Named:
    """Return what a directive names, as the rules take it."""
    return Named(
        plates=tuple(directive.plates), lprs=tuple(directive.lprs), since=directive.since, until=directive.until,
        area=drawn(directive.area) if directive.area else None,
    )  # fmt: skip


def standing(policy: Policy, *, at: datetime) -> list[tuple[Directive, Named]]:
    """Return the directives that stand, with what each names."""
    today = at.astimezone(policy.zone).date()
    return [(each, named_by(each)) for each in lookups.standing_directives(today=today)]


def follow_directives(*, at: datetime, pages: int | None = None) -> int:
    """Copy what is stored and named by a directive that is not followed yet, and its hits; return how many copies.

    Stops after so many pages of a directive, if given; a later call goes on.

    A page of reads is a transaction with its place in the store, so what a crash cut off goes on where it was. What
    arrives meanwhile is copied by the intake.
    """
    open_ones = [each for each in standing(in_force(at=at), at=at) if each[0].followed_at is None]
    return sum(_follow(directive, named, at=at, pages=pages) for directive, named in open_ones)


def copy_arriving(
    arrived: Sequence[Incoming],
    *,
    batch: Batch,
    directives: Iterable[tuple[Directive, Named]],
    at: datetime,
    image_of: ImageOf,
) -> int:
    """Copy the arriving reads that a directive names, inside the caller's transaction; return how many copies."""
    return _copy(
        [
            (directive, [_of_arrived(directive, each, batch, image_of) for each in arrived if _covers(named, each)])
            for directive, named in directives
        ],
        at=at,
    )


def copy_hits(hits: Collection[Hit], *, policy: Policy, at: datetime) -> int:
    """Copy those of the hits that a standing directive names, inside the caller's transaction; return how many copies."""
    return _copy(
        [
            (directive, [_of_hit(each) for each in hits if _names(named, each)])
            for directive, named in standing(policy, at=at)
        ],
        at=at,
    )


def _follow(directive: Directive, named: Named, *, at: datetime, pages: int | None) -> int:
    terms = SearchTerms(
        since=max(0, microseconds(named.since)) if named.since else 0,
        until=microseconds(named.until) if named.until else LARGEST,
        plates=named.plates, lprs=named.lprs, area=named.area,
    )  # fmt: skip
    names = dict(lprs().values_list("pk", "name"))
    copied = 0
    for _ in count() if pages is None else range(pages):
        before = Cursor.parse(directive.cursor) if directive.cursor else None
        page = read_store().search(terms, before=before, limit=_A_PAGE)
        wanted = [] if page.next else [_of_hit(each) for each in _hits(named)]
        wanted += [_of_stored(directive, each, names) for each in page.reads]  # proven before anybody waits for it
        with transaction.atomic():
            hold(directive.case)
            if not changes.note_followed(directive, cursor=str(page.next or ""), at=None if page.next else at):
                break  # it was ended meanwhile
            copied += _copy([(directive, wanted)], at=at)
        if page.next is None:
            break
    return copied


def _copy(named: Iterable[tuple[Directive, Sequence[Copy]]], *, at: datetime) -> int:
    """Copy into the directives' cases what they do not preserve yet, each with its leaf."""
    wanted = sorted((each for each in named if each[1]), key=lambda each: each[0].case.number)
    for directive, _ in wanted:
        hold(directive.case)
    return sum(_copy_into_case(directive, found, at=at) for directive, found in wanted)


def _copy_into_case(directive: Directive, wanted: Sequence[Copy], *, at: datetime) -> int:
    if directive.case.ended_at is not None:
        return 0
    by_key = {each.key: each for each in wanted}
    there = set(preserved().filter(case=directive.case, key__in=list(by_key)).values_list("key", flat=True))
    policy = (directive.policy_number, directive.policy_digest)
    for each in (each for key, each in by_key.items() if key not in there):
        kept = casefiles.preserve(
            directive.case, kind=each.kind, key=each.key, title=each.title[:160], content=each.text, image=each.image,
            at=at, by=directive.given_by, policy=policy, seen_at=each.content["seen_at"],
        )  # fmt: skip
        details = {"kind": each.kind.value, "key": each.key, "sha256": kept.sha256, "directive": directive.pk}
        if each.image is not None:
            details["image_sha256"] = hashlib.sha256(each.image[0]).hexdigest()
        append(
            at=at, by=SYSTEM, action=Action.PRESERVED, clause=Clause.VI_k_4, subject=subject_of(directive.case),
            details=details, sealed={"title": directive.case.title}, case=directive.case.number, policy=policy,
        )  # fmt: skip
    return len(by_key) - len(there)


def _covers(named: Named, arrived: Incoming) -> bool:
    row = arrived.row
    return named.covers(row.folded, lpr=row.lpr, at=moment_of(row), latitude=row.latitude, longitude=row.longitude)


def _names(named: Named, hit: Hit) -> bool:
    """Say whether a hit is copied: of one that raises no alarm the read alone, since the case opens its copies to many."""
    if hit.action == HitAction.SILENT:
        return False
    latitude, longitude = hit.read.get("latitude"), hit.read.get("longitude")
    return named.covers(fold(hit.plate), lpr=hit.lpr_id, at=hit.seen_at, latitude=latitude, longitude=longitude)


def _hits(named: Named) -> list[Hit]:
    of_time = Q(seen_at__gte=named.since) if named.since else Q()
    of_time &= Q(seen_at__lt=named.until) if named.until else Q()
    of_lpr = Q(lpr__in=named.lprs) if named.lprs else Q()
    found = Hit.objects.filter(of_time, of_lpr).select_related("lpr", "image").order_by("pk")
    return [hit for hit in found.iterator(chunk_size=500) if _names(named, hit)]


def _of_hit(hit: Hit) -> Copy:
    return copies.of_hit(hit, image=copies.picture_of(hit), proof=hit.proof)


def _of_stored(directive: Directive, read: StoredRead, names: dict[int, str]) -> Copy:
    proof = proof_of_stored(read.row, image_sha256=read.image.sha256 if read.image else None)
    lpr = names.get(read.row.lpr, str(read.row.lpr))
    return copies.of_read(read, lpr=lpr, directive=directive.pk, image=image_of_stored(read), proof=proof)


def _of_arrived(directive: Directive, arrived: Incoming, batch: Batch, image_of: ImageOf) -> Copy:
    row, image = arrived.row._replace(batch=batch.name), image_of(arrived)
    proof = batch.proof_of(arrived.row, image_sha256=arrived.image_sha256 or image_hash(image))
    read = StoredRead(row, day_of(row.at), 0, revision=1, corrected=False, image=None)
    name = lprs().filter(pk=row.lpr).values_list("name", flat=True).first() or str(row.lpr)
    return copies.of_read(read, lpr=name, directive=directive.pk, image=with_type(image), proof=proof)
