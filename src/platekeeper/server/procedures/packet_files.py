"""The files of an evidence packet: what a case preserves, made to be read, and what proves it."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from platekeeper import verify
from platekeeper.core import printed
from platekeeper.core.document import Document, Paragraph, Run, Section, Signature
from platekeeper.core.exhibits import QUERY_COLUMNS, READ_COLUMNS, ExhibitList, exhibit, query_row, read_row
from platekeeper.core.ledger import canonical
from platekeeper.core.rules.cases import kept_until
from platekeeper.core.tables import csv_of
from platekeeper.server.casefiles.lookups import facts_of, preserved_of, subject_of
from platekeeper.server.casefiles.models import CaseFile, Preserved, PreservedImage
from platekeeper.server.ledger import lookups as ledger
from platekeeper.server.ledger.chain import key_chain
from platekeeper.server.ledger.models import LedgerCheckpoint, LedgerEntry
from platekeeper.server.policy.lookups import as_policy, version_in_force
from platekeeper.server.printing.pdf import demo_mark, exhibits_pdf, policy_pdf
from platekeeper.server.printing.pictures import as_printed
from platekeeper.server.procedures.authority import Footing

_HELD = 50
"""So many of the newest checkpoints that witnesses hold can be compared with a packet; an export compares with any."""
_PICTURED = 300
"""So many exhibits of the report are shown with their pictures."""
_AT_ONCE = 100
_SUFFIX = {"image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True, slots=True)
class _Filed:
    """A preserved copy, where it and its picture lie in the packet, and the picture as the report shows it."""

    number: int
    kind: str
    title: str
    sha256: str
    content: dict[str, Any]
    picture: str
    shown: bytes | None

    @property
    def path(self) -> str:
        return f"preserved/{self.number:03d}-{self.kind}.json"


Files = Iterator[tuple[str, bytes]]
"""Files with their paths, one by one: together they may be larger than the memory."""


def payload(by: Footing, case: CaseFile) -> Files:
    """Give everything that a case's packet holds but the ledger's part."""
    yield "case.json", canonical(_case(by, case))
    yield "verify.py", Path(str(verify.__file__)).read_bytes()
    filed: list[_Filed] = []
    for number, kept in enumerate(preserved_of(case).iterator(chunk_size=_AT_ONCE), start=1):
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
    yield "report.pdf", _report(by, case, filed)
    yield "certification-draft.pdf", _certification(by, case, filed)
    yield from policy_files(of=by.at, today=by.today, at=by.at).items()
    leaves = [entry.pk for entry in (*ledger.of_subject(subject_of(case)), *_batches(filed))]
    yield "leaves.json", canonical({"leaves": leaves})


def ledger_files(leaves: Collection[int], *, under: LedgerCheckpoint) -> Files:
    """Give the ledger's part: these leaves with their proofs under a checkpoint, the keys that signed, and what compares
    the checkpoint with those that witnesses hold."""
    first, handed_over = key_chain()
    yield "ledger/key.json", canonical(ledger.key_record(first))
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


def _filed(number: int, kept: Preserved, picture: PreservedImage | None) -> _Filed:
    content, name, shown = json.loads(bytes(kept.content)), "", None
    if picture is not None:
        name = f"preserved/{number:03d}-{kept.kind}.{_SUFFIX.get(picture.media_type, 'bin')}"
        shown = as_printed(bytes(picture.content)) if number <= _PICTURED else None
    # as the copy says; what was copied by an earlier version says none
    return _Filed(number, kept.kind, str(content.get("title", kept.title)), kept.sha256, content, name, shown)


def _batches(filed: Sequence[_Filed]) -> list[LedgerEntry]:
    proofs = (each.content.get("proof") for each in filed)
    names = sorted({proof["batch"] for proof in proofs if proof})
    return [entry for name in names for entry in ledger.of_subject(f"batch:{name}")]


def _case(by: Footing, case: CaseFile) -> dict[str, object]:
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
    }


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


def _report(by: Footing, case: CaseFile, filed: Sequence[_Filed]) -> bytes:
    pictures, exhibits, lost = {}, [], []
    for each in filed:
        name = f"picture-{each.number}.jpg" if each.shown else ""
        if each.shown:
            pictures[name] = each.shown
        elif each.picture and each.number <= _PICTURED:
            lost.append(each.picture)
        exhibits.append(exhibit(each.number, each.kind, each.title, each.content, sha256=each.sha256, picture=name))
    notes = [
        "Made from the copies in this packet, which are the evidence; each is named here by its SHA-256. Times are UTC."
    ]
    notes += [f"The picture {path} could not be drawn here; it is in the packet as it came." for path in lost]
    if len(filed) > _PICTURED:
        notes.append(f"Of the first {_PICTURED} exhibits the pictures are shown here; all of them are in the packet.")
    report = ExhibitList(
        title=f"Case {case.number}: what is preserved",
        department=by.actor.agency,
        facts=(("About", case.title), ("Prepared on", f"{by.today}"), ("Class of offense", case.offense_class),
               ("Prepared by", by.person.name), ("Arrest on", str(case.arrested_on or "")), ("Exhibits", str(len(filed)))),
        exhibits=tuple(exhibits),
        notes=tuple(notes),
        footer=f"{by.actor.agency}, case {case.number}",
        watermark=demo_mark(),
    )  # fmt: skip
    return exhibits_pdf(report, pictures=pictures, at=by.at)


def _certification(by: Footing, case: CaseFile, filed: Sequence[_Filed]) -> bytes:
    """Draft the certification of records made by an electronic process (FRE 902(13) and (14)), for a person to sign."""

    def said(number: str, text: str) -> Paragraph:
        return Paragraph((Run(text),), number, 1)

    listed = tuple(said(f"{each.number}.", f"{each.title}. SHA-256 {each.sha256}.") for each in filed)
    body = (
        said("a.", f"I am employed by {by.actor.agency} and am qualified to speak of how its license plate reader records "
                   "are made and kept."),
        said("b.", f"The records listed below are those of case {case.number}. They were made by an electronic process that "
                   "copies what an LPR delivered and what members entered, at the time shown in each."),
        said("c.", "Each was hashed with SHA-256 when it was preserved. The hash stands in a leaf of the department's "
                   "ledger, a Merkle tree whose head was signed; the files in this packet were compared with it before "
                   "it was handed out."),
        said("d.", "To my knowledge the process yields an accurate result, and the copies are true copies."),
    )  # fmt: skip
    document = Document(
        title="Certification of electronic records (draft)",
        department=by.actor.agency,
        facts=(("Case", case.number), ("Prepared on", f"{by.today}"), ("For", "a qualified person to read, correct and sign"),
               ("Rules", "FRE 902(13), 902(14)")),
        sections=(Section("1.", "Statement", body), Section("2.", "Records", listed)),
        signature=Signature("Qualified person"),
        footer=f"{by.actor.agency}, case {case.number}",
        watermark="DRAFT",
    )  # fmt: skip
    return policy_pdf(document, at=by.at)
