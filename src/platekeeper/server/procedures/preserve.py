"""What a case needs is copied into it, whole or not at all (V.c, VI.d, VI.h, VII.h.3): no disposal can take it then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.cases import may_work
from platekeeper.core.rules.decision import Allowed, Refused
from platekeeper.server.casefiles import changes
from platekeeper.server.casefiles.lookups import LATER, cases_of, copies_of, facts_of, keys_in, subject_of, thing_of
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import copies
from platekeeper.server.procedures.answer_hit import may_see_hit
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.inquire import PAGES_OPEN_FOR
from platekeeper.server.procedures.keep_cases import demand_now, log_case, may_work_cases
from platekeeper.server.procedures.prove_reads import proof_of_stored
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.procedures.view_logs import may_view_query_log
from platekeeper.server.querylog.lookups import unpreserved_in
from platekeeper.server.querylog.models import QueryLogEntry, SearchRequest
from platekeeper.server.querylog.requests import is_concerned
from platekeeper.server.storage.holding import hold
from platekeeper.server.storage.images import ImageDamaged, ImageMissing
from platekeeper.server.storage.rows import StoredRead
from platekeeper.server.userlog.lookups import accepted_revision, arrests_of, hits_of, tours, tours_of_hits
from platekeeper.server.userlog.models import DailyUserLog, LogArrest, Tour

State = QueryLogEntry.State


def preserve_hit(by: Footing, hit: Hit, *, case: CaseFile) -> Preserved:
    """Copy a hit into a case as it is now (V.c), for whoever may see it where it is; once more when it went on since."""
    by.demand(may_see_hit(by, hit), attempted=Action.PRESERVED, subject=subject_of(case))
    [kept] = _preserve(by, case, [copies.of_hit(hit, image=copies.picture_of(hit), proof=hit.proof)])
    return kept


def kept_in(copied: copies.Copy) -> list[tuple[CaseFile, bool]]:
    """Return the cases that preserve a thing, each with whether the thing went on since; sealed ones are left out."""
    return [(case, went_on(case, copied)) for case in cases_of(copied.key)]


def went_on(case: CaseFile, copied: copies.Copy) -> bool:
    """Say whether a thing went on since a case copied it and is as no copy there tells: who was shown it aside."""
    there = [bytes(copy.content) for copy in copies_of(case, copied.key) if copy.content]
    return bool(there) and all(_told(text) != _told(copied.text) for text in there)


def _told(text: bytes) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(text)
    steps = [{"led_on": False, **step} for step in content.get("steps", ()) if step["kind"] != HitStep.Kind.SHOWN]
    return content | {"steps": steps}


def preserve_query(by: Footing, entry: QueryLogEntry, *, case: CaseFile) -> Preserved:
    """Copy a Query Log entry into a case once it has ended (VI.d, VI.h): one's own, one that answers a request that one ran
    as well, or for whoever reads the log."""
    allowed = Allowed() if is_concerned(entry, by.person) else may_view_query_log(by)
    unended = Refused(Clause.VI_d, "This query waits or runs still. It is preserved once it has ended.")
    by.demand(
        allowed,
        unended if goes_on(entry, at=by.at) else Allowed(),
        attempted=Action.PRESERVED,
        subject=subject_of(case),
    )
    [kept] = _preserve(by, case, [copies.of_query(entry)])
    return kept


def goes_on(entry: QueryLogEntry, *, at: datetime) -> bool:
    """Say whether a query waits or runs; one that began longer ago than its pages stay open was cut off."""
    runs = entry.state == State.BEGUN and at - entry.begun_at <= PAGES_OPEN_FOR
    return runs or entry.state in {State.WAITING, State.APPROVED}


def preserve_search_request(by: Footing, request: SearchRequest, *, case: CaseFile) -> Preserved:
    """Copy a request for a search into a case, with every step taken on it so far (VI.h)."""
    [kept] = _preserve(by, case, [copies.of_search_request(request)])
    return kept


def preserve_queries(by: Footing, case: CaseFile) -> list[Preserved]:
    """Copy every query made under a case's number into it that it does not preserve yet (VI.d, VI.h): all of them for
    whoever reads the log, one's own for others."""
    return _preserve(by, case, [copies.of_query(entry) for entry in unpreserved_queries(by, case)])


def unpreserved_queries(by: Footing, case: CaseFile) -> list[QueryLogEntry]:
    """Return what `preserve_queries` would copy, the oldest first."""
    found = unpreserved_in(case)
    theirs = found if may_view_query_log(by) else found.filter(by=by.person)
    return [entry for entry in theirs if not goes_on(entry, at=by.at)]


def preserve_investigation(by: Footing, entry: QueryLogEntry, found: Sequence[Any], *, case: CaseFile) -> Preserved:
    """Copy what an investigation found, plain rows, into a case, with its Query Log entry (VI.h)."""
    names = dict(lprs().values_list("pk", "name"))
    [kept] = _preserve(by, case, [copies.of_investigation(entry, found, names=names)])
    return kept


def preserve_reads(
    by: Footing, entry: QueryLogEntry, reads: Sequence[StoredRead], *, case: CaseFile
) -> list[Preserved]:
    """Copy reads that a query found into a case, with the entry of that query unless the case has it; all or none (VI.h).

    Reads that the case preserves already are passed over.
    """
    names = dict(lprs().values_list("pk", "name"))
    wanted = [copies.of_query(entry)]
    for read in reads:
        proof = proof_of_stored(read.row, image_sha256=read.image.sha256 if read.image else None)
        lpr = names.get(read.row.lpr, str(read.row.lpr))
        wanted.append(copies.of_read(read, lpr=lpr, query=entry.pk, image=image_of_stored(read), proof=proof))
    there = keys_in(case)
    return _preserve(by, case, [copy for copy in wanted if copy.key not in there])


def preserve_tour(by: Footing, tour: Tour, *, case: CaseFile) -> Preserved:
    """Copy the user log of a tour into a case, once it was accepted (VII.h.3): one's own, or one that the case needs."""
    running = Refused(Clause.VII_h_3, "This tour has not ended. Its log is preserved once it is whole.")
    unchecked = Refused(
        Clause.VII_h_3, "Its Daily User Log has not been accepted yet. It is preserved once it is complete."
    )
    another = Refused(
        Clause.VII_h_3, "This tour is another member's, and no hit or arrest of this case came out of it."
    )
    concerned = tour.member_id == by.person.pk or tour in unpreserved_tours(case)
    by.demand(
        running if tour.ended_at is None else Allowed(),
        Allowed() if accepted_revision(tour.log) else unchecked,
        Allowed() if concerned else another,
        attempted=Action.PRESERVED,
        subject=subject_of(case),
    )
    [kept] = _preserve(by, case, [_of_tour(tour)])
    return kept


def preserve_copy(by: Footing, copy: Preserved, *, case: CaseFile) -> Preserved:
    """Copy what was set aside in one case into the case to which it belongs, or into its own again, as it was copied: the
    thing itself may be gone by now."""
    by.demand(may_work(facts_of(copy.case)), attempted=Action.PRESERVED, subject=subject_of(case))
    kind, content, image = Preserved.Kind(copy.kind), json.loads(bytes(copy.content)), copies.picture_of(copy)
    [kept] = _preserve(by, case, [copies.Copy(kind, thing_of(copy.key), copy.title, Clause.VI_h, content, image)])
    return kept


def keep_with_cases(by: Footing, log: DailyUserLog) -> None:
    """Copy an accepted log into the cases of its arrests that do not have it, within the caller's transaction (VII.h.3).

    A case that is sealed or emptied is passed over; the clause register tells. Nobody's access to cases matters: the log
    belongs there.
    """
    if accepted_revision(log) is None:
        return
    cases = arrests_of(log, at=by.at)
    for case in cases:
        hold(case)
    for case in cases:
        there = keys_in(case)
        wanted = [copy for tour in log.tours.all() if (copy := _of_tour(tour)).key not in there]
        if may_work(facts_of(case)):
            for each in wanted:
                _log_copy(by, case, each, _copy(by, case, each))


def unpreserved_tours(case: CaseFile) -> list[Tour]:
    """Return the tours out of which the hits or an arrest of a case came, whose accepted user logs it does not preserve
    yet (VII.h.3)."""
    keys = keys_in(case)
    return [tour for tour in tours_to(case) if f"tour:{tour.pk}" not in keys and accepted_revision(tour.log)]


def tours_to(case: CaseFile) -> QuerySet[Tour]:
    """Return the tours whose logs belong to a case: its hits or an arrest came out of them."""
    keys = keys_in(case)
    hits = Hit.objects.filter(pk__in=[key.removeprefix("hit:") for key in keys if key.startswith("hit:")])
    came, named = {tour for _hit, tour in tours_of_hits(hits)}, LogArrest.objects.filter(case=case, withdrawn_at=None)
    return tours().filter(Q(pk__in=came) | Q(log__in=named.values("log")))


def _of_tour(tour: Tour) -> copies.Copy:
    assert tour.ended_at is not None
    return copies.of_tour(tour, hits=list(hits_of(tour, at=tour.ended_at)), revision=accepted_revision(tour.log))


def _preserve(by: Footing, case: CaseFile, wanted: Sequence[copies.Copy]) -> list[Preserved]:
    """Copy things into a case in one transaction. Raises `RefusedAction`, when the case has one of them already, too, and
    it did not go on since."""
    by.demand(
        may_work_cases(by),
        may_work(facts_of(case)),
        Allowed() if wanted else Refused(Clause.VI_h, "The case preserves all of it already."),
        attempted=Action.PRESERVED,
        subject=subject_of(case),
    )
    there = Refused(wanted[0].clause, "This case preserves it already.")
    with by.act(Action.PRESERVED, subject=subject_of(case), twice=there):
        demand_now(case, may_work)
        taken = [_beside(case, each) for each in wanted]
        kept = [_copy(by, case, each) for each in taken]
        for each, copy in zip(taken, kept, strict=True):
            _log_copy(by, case, each, copy)
    return kept


def _beside(case: CaseFile, copied: copies.Copy) -> copies.Copy:
    """Return a copy under a key of its own if the thing went on since the case copied it; of a read each revision has one."""
    if copied.kind == Preserved.Kind.READ or not went_on(case, copied):
        return copied
    return replace(copied, key=f"{LATER}{copied.key}.{hashlib.sha256(copied.text).hexdigest()[:10]}")


def _log_copy(by: Footing, case: CaseFile, copied: copies.Copy, kept: Preserved) -> None:
    details = {"kind": copied.kind.value, "key": copied.key, "sha256": kept.sha256}
    if copied.image is not None:
        details["image_sha256"] = hashlib.sha256(copied.image[0]).hexdigest()
    log_case(by, Action.PRESERVED, case, copied.clause, details)


def _copy(by: Footing, case: CaseFile, copied: copies.Copy) -> Preserved:
    return changes.preserve(
        case, kind=copied.kind, key=copied.key, title=copied.title[:160], content=copied.text,
        image=copied.image, at=by.at, by=by.person, policy=by.policy.stamp, seen_at=copied.content.get("seen_at"),
    )  # fmt: skip


def image_of_stored(read: StoredRead) -> copies.Image | None:
    """Return the image of a stored read as a copy takes it; None without one, and where it is gone or damaged."""
    try:
        return (read_store().image(read), read.image.media_type) if read.image else None
    except (ImageMissing, ImageDamaged):  # the read is evidence without it, too; what is missing shows on the page
        return None
