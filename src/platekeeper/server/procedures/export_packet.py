"""An evidence packet of a case (V.c): what it preserves, and what proves it to somebody who trusts nobody here."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

from django.conf import settings
from django.db import transaction

from platekeeper import verify
from platekeeper.core import printed
from platekeeper.core.clauses import Clause
from platekeeper.core.document import Document, Paragraph, Run, Section, Signature
from platekeeper.core.ledger import canonical
from platekeeper.core.rules.cases import kept_until
from platekeeper.core.rules.decision import Allowed, Refused
from platekeeper.server.casefiles.lookups import facts_of, preserved_of
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.ledger import lookups as ledger
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import as_policy, version_in_force
from platekeeper.server.printing.pdf import policy_pdf
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.keep_cases import may_work_cases, subject_of
from platekeeper.server.procedures.sign_ledger import checkpoint

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""What a ZIP file says of every file in it: the packet's own time is in the ledger."""
_SUFFIX = {"image/jpeg": "jpg", "image/png": "png"}


def export_packet(by: Footing, case: CaseFile, *, to: str, why: str) -> bytes:
    """Return the packet as a ZIP file: logged before it is made, with to whom it goes, and its digest after.

    Raises `signing.KeyMissing`: without a signature there is nothing to hand over.
    """
    unsaid = Refused(Clause.V_c, "Say to whom the packet goes, and why.")
    empty = Refused(Clause.V_c, "The case preserves nothing yet.")
    by.demand(
        may_work_cases(by),
        Allowed() if to.strip() and why.strip() else unsaid,
        Allowed() if case.preserved.exists() else empty,
        attempted=Action.PACKET_EXPORTED,
        subject=subject_of(case),
    )
    _log(by, case, Outcome.BEGUN, {}, sealed={"to": to.strip()[:160], "why": why.strip()[:240]})
    checkpoint(at=by.at)
    files = verify.bagged(_payload(by, case), _info(by, case))
    packed = _zipped(files, folder=f"packet-{case.pk}")
    _log(by, case, Outcome.DONE, {"sha256": hashlib.sha256(packed).hexdigest(), "files": len(files)}, sealed={})
    return packed


def _payload(by: Footing, case: CaseFile) -> dict[str, bytes]:
    copies = list(preserved_of(case))
    payload = {"case.json": canonical(_case(by, case)), "verify.py": Path(str(verify.__file__)).read_bytes()}
    for number, kept in enumerate(copies, start=1):
        payload[f"preserved/{number:03d}-{kept.kind}.json"] = bytes(kept.content)
        picture = getattr(kept, "image", None)
        if picture is not None:
            suffix = _SUFFIX.get(picture.media_type, "bin")
            payload[f"preserved/{number:03d}-{kept.kind}.{suffix}"] = bytes(picture.content)
    version = version_in_force(at=by.at)
    if version is not None:
        body = {"number": version.number, "digest": version.digest, "values": version.values}
        payload["policy.json"] = canonical({**body, "amendments": version.amendments})
        standing = printed.Standing(f"{by.today}", version.adopted_by_name, f"{version.adopted_at:%Y-%m-%d}")
        payload["policy.pdf"] = policy_pdf(printed.document(as_policy(version), standing), at=by.at)
    payload["certification-draft.pdf"] = policy_pdf(_certification(by, case, copies), at=by.at)
    return payload | _ledger(case)


def _ledger(case: CaseFile) -> dict[str, bytes]:
    covering, key = ledger.last_checkpoint(), ledger.key()
    if covering is None or key is None:
        raise ValueError("a checkpoint was signed just before")
    files = {
        "ledger/key.json": canonical(ledger.key_record(key)),
        "ledger/checkpoint.txt": covering.note.encode(),
    }
    for entry in ledger.of_subject(subject_of(case)).filter(pk__lt=covering.size):
        files[f"ledger/{entry.pk:09d}.leaf.json"] = canonical(ledger.leaf_record(entry))
        files[f"ledger/{entry.pk:09d}.tlog-proof"] = ledger.proof_of(entry.pk).encode()
    return files


def _case(by: Footing, case: CaseFile) -> dict[str, object]:
    keeping = kept_until(facts_of(case), by.policy)
    return {
        "number": case.number,
        "title": case.title,
        "offence_class": case.offence_class,
        "is_felony": case.is_felony,
        "opened_on": case.opened_on.isoformat(),
        "arrested_on": case.arrested_on.isoformat() if case.arrested_on else "",
        "charges": case.charges,
        "disposed_on": case.disposed_on.isoformat() if case.disposed_on else "",
        "disposition": case.disposition,
        "kept_until": keeping.until.isoformat() if keeping.until else "",
        "kept_because": [f"{reason.clause.number}: {reason.words}" for reason in keeping.reasons],
    }


def _certification(by: Footing, case: CaseFile, copies: list[Preserved]) -> Document:
    """Draft the certification of records made by an electronic process (FRE 902(13) and (14)), for a person to sign."""

    def said(number: str, text: str) -> Paragraph:
        return Paragraph((Run(text),), number, 1)

    listed = tuple(said(f"{n}.", f"{kept.title}. SHA-256 {kept.sha256}.") for n, kept in enumerate(copies, start=1))
    body = (
        said("a.", f"I am employed by {by.actor.agency} and am qualified to speak of how its license plate reader records "
                   "are made and kept."),
        said("b.", f"The records listed below are those of case {case.number}. They were made by an electronic process that "
                   "copies what an LPR delivered and what members entered, at the time shown in each."),
        said("c.", "Each was hashed with SHA-256 when it was preserved. The hash stands in a leaf of the department's "
                   "ledger, a Merkle tree whose head was signed; the files in this packet were compared with it."),
        said("d.", "To my knowledge the process yields an accurate result, and the copies are true copies."),
    )  # fmt: skip
    return Document(
        title="Certification of electronic records (draft)",
        department=by.actor.agency,
        facts=(("Case", case.number), ("Prepared on", f"{by.today}"), ("For", "a qualified person to read, correct and sign"),
               ("Rules", "FRE 902(13), 902(14)")),
        sections=(Section("1.", "Statement", body), Section("2.", "Records", listed)),
        signature=Signature("Qualified person"),
        footer=f"{by.actor.agency}, case {case.number}",
        watermark="DRAFT",
    )  # fmt: skip


def _info(by: Footing, case: CaseFile) -> dict[str, str]:
    return {
        "Source-Organization": by.actor.agency,
        "External-Identifier": case.number,
        "Bagging-Date": f"{by.today}",
        "Contact-Name": by.person.name,
        "Bag-Software-Agent": "Platekeeper" + (" (DEMO, fictional)" if settings.DEMO else ""),
    }


def _zipped(files: dict[str, bytes], *, folder: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(f"{folder}/{path}", _EPOCH), files[path], zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _log(by: Footing, case: CaseFile, outcome: Outcome, details: dict[str, object], *, sealed: dict[str, str]) -> None:
    with transaction.atomic():
        append(
            at=by.at, by=by.actor, action=Action.PACKET_EXPORTED, outcome=outcome, clause=Clause.V_c,
            subject=subject_of(case), details=details, sealed=sealed, case=case.number, policy=by.policy.stamp,
        )  # fmt: skip
