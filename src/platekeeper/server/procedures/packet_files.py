"""The files of an evidence packet: what a case preserves, made to be read, and what proves it."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from platekeeper import verify
from platekeeper.core import printed
from platekeeper.core.exhibits import QUERY_COLUMNS, READ_COLUMNS, query_row, read_row
from platekeeper.core.ledger import canonical
from platekeeper.core.rules.cases import kept_until
from platekeeper.core.tables import csv_of
from platekeeper.server.casefiles.lookups import facts_of, listed_of, preserved, preserved_of, subject_of
from platekeeper.server.casefiles.models import CaseFile, Preserved, PreservedImage
from platekeeper.server.ledger import lookups as ledger
from platekeeper.server.ledger.chain import key_chain, key_record
from platekeeper.server.ledger.models import LedgerCheckpoint, LedgerEntry
from platekeeper.server.policy.lookups import as_policy, version_in_force
from platekeeper.server.printing.pdf import policy_pdf
from platekeeper.server.printing.pictures import as_printed
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.packet_documents import PICTURED, Filed, certification, report
from platekeeper.server.storage.holding import hold

_HELD = 50
"""So many of the newest checkpoints that witnesses hold can be compared with a packet; an export compares with any."""
_AT_ONCE = 100
_SUFFIX = {"image/jpeg": "jpg", "image/png": "png"}


Files = Iterator[tuple[str, bytes]]
"""Files with their paths, one by one: together they may be larger than the memory."""


def payload(by: Footing, case: CaseFile) -> Files:
    """Give everything that a case's packet holds but the ledger's part: the case as it is when the first file is made."""
    with transaction.atomic():
        hold(case)  # as whoever copies into it does: every copy has its leaf, and every leaf its copy
        last = case.preserved.aggregate(last=Max("pk", default=0))["last"]
        gone = listed_of(case).exclude(set_aside_at=None)
        # what was taken in again since is there, and none of these
        aside = list(gone.exclude(sha256__in=preserved().filter(case=case).values("sha256")))
        copied = preserved_of(case).filter(pk__lte=last).exclude(pk__in=list(gone.values_list("pk", flat=True)))
        leaves = list(ledger.of_subject(subject_of(case)).values_list("pk", flat=True))
    yield "case.json", canonical(_case(by, case, aside))
    yield "verify.py", Path(str(verify.__file__)).read_bytes()
    filed: list[Filed] = []
    for number, kept in enumerate(copied.iterator(chunk_size=_AT_ONCE), start=1):
        picture = getattr(kept, "image", None)
        filed.append(_filed(number, kept, picture))
        yield filed[-1].path, bytes(kept.content)
        if picture is not None:
            yield filed[-1].picture, bytes(picture.content)
    reads = [read_row(each.path, each.content) for each in filed if "read" in each.content]
    queries = [query_row(each.path, each.content) for each in filed if each.kind == Preserved.Kind.QUERY]
    yield "reads.csv", csv_of(READ_COLUMNS, reads)
    yield "reads.json", canonical(reads)
    yield "query-log.csv", csv_of(QUERY_COLUMNS, queries)
    yield "query-log.json", canonical(queries)
    yield "report.pdf", report(by, case, filed, aside)
    yield "certification-draft.pdf", certification(by, case, filed)
    yield from policy_files(of=by.at, today=by.today, at=by.at).items()
    yield "leaves.json", canonical({"leaves": [*leaves, *(entry.pk for entry in _batches(filed))]})


def ledger_files(leaves: Collection[int], *, under: LedgerCheckpoint) -> Files:
    """Give the ledger's part: these leaves with their proofs under a checkpoint, the keys that signed, and what compares
    the checkpoint with those that witnesses hold."""
    first, handed_over = key_chain()
    yield "ledger/key.json", canonical(key_record(first))
    yield "ledger/checkpoint.txt", under.note.encode()
    named = sorted(set(leaves))
    for start in range(0, len(named), _AT_ONCE):
        some = named[start : start + _AT_ONCE]
        for entry in LedgerEntry.objects.filter(pk__in=some).prefetch_related("openings"):
            yield f"ledger/{entry.pk:09d}.leaf.json", canonical(ledger.leaf_record(entry))
            yield f"ledger/{entry.pk:09d}.tlog-proof", ledger.proof_of(entry.pk, under=under).encode()
    for size in ledger.sizes_held(below=under.size)[:_HELD]:
        proof = [base64.b64encode(step).decode() for step in ledger.consistency_of(size, under=under)]
        yield f"ledger/consistency/{size:09d}.json", canonical({"proof": proof})
    for entry, signed in handed_over:
        yield f"ledger/keys/{entry.pk:09d}.leaf.json", canonical(ledger.leaf_record(entry))
        yield f"ledger/keys/{entry.pk:09d}.tlog-proof", ledger.proof_of(entry.pk, under=signed).encode()


def info(by: Footing, case: CaseFile) -> dict[str, str]:
    """Return what the bag says of itself (RFC 8493, section 2.2.2)."""
    return {
        "Source-Organization": by.actor.agency,
        "External-Identifier": case.number,
        "Bagging-Date": f"{by.today}",
        "Contact-Name": by.person.name,
        "Bag-Software-Agent": agent(),
    }


def agent() -> str:
    """Return what made a bag."""
    return "Platekeeper" + (" (DEMO, fictional)" if settings.DEMO else "")


def _filed(number: int, kept: Preserved, picture: PreservedImage | None) -> Filed:
    content, name, shown = json.loads(bytes(kept.content)), "", None
    if picture is not None:
        name = f"preserved/{number:03d}-{kept.kind}.{_SUFFIX.get(picture.media_type, 'bin')}"
        shown = as_printed(bytes(picture.content)) if number <= PICTURED else None
    # as the copy says; what was copied by an earlier version says none
    return Filed(number, kept.kind, str(content.get("title", kept.title)), kept.sha256, content, name, shown)


def _batches(filed: Sequence[Filed]) -> list[LedgerEntry]:
    proofs = (each.content.get("proof") for each in filed)
    names = sorted({proof["batch"] for proof in proofs if proof})
    return [entry for name in names for entry in ledger.of_subject(f"batch:{name}")]


def _case(by: Footing, case: CaseFile, aside: Sequence[Preserved]) -> dict[str, object]:
    keeping = kept_until(facts_of(case), by.policy)
    return {
        "number": case.number,
        "title": case.title,
        "offense_class": case.offense_class,
        "is_felony": case.is_felony,
        "opened_on": case.opened_on.isoformat(),
        "arrested_on": case.arrested_on.isoformat() if case.arrested_on else "",
        "charges": case.charges,
        "disposed_on": case.disposed_on.isoformat() if case.disposed_on else "",
        "disposition": case.disposition,
        "kept_until": keeping.until.isoformat() if keeping.until else "",
        "kept_because": [f"{reason.clause.number}: {reason.words}" for reason in keeping.reasons],
        "set_aside": [_set_aside(each) for each in aside],
    }


def _set_aside(copy: Preserved) -> dict[str, str]:
    """Return what a packet says of a copy that is not of its case: all but what it is a copy of, which is not there."""
    assert copy.set_aside_at is not None and copy.set_aside_by is not None
    return {
        "kind": copy.kind, "key": copy.key, "sha256": copy.sha256, "preserved_at": copy.preserved_at.isoformat(),
        "set_aside_at": copy.set_aside_at.isoformat(), "set_aside_by": copy.set_aside_by.name, "why": copy.set_aside_why,
    }  # fmt: skip


def policy_files(*, of: datetime, today: date, at: datetime) -> dict[str, bytes]:
    """Return the policy in force at the moment `of`, as data and as printed at `at`; none where none was."""
    version = version_in_force(at=of)
    if version is None:
        return {}
    body = {"number": version.number, "digest": version.digest, "values": version.values}
    standing = printed.Standing(f"{today}", version.adopted_by_name, f"{version.adopted_at:%Y-%m-%d}")
    return {
        "policy.json": canonical({**body, "amendments": version.amendments}),
        "policy.pdf": policy_pdf(printed.document(as_policy(version), standing), at=at),
    }
