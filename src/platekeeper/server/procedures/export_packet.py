"""An evidence packet of a case (V.c): what it preserves, and what proves it to somebody who trusts nobody here."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from platekeeper import verify
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.cases import may_work
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.casefiles.lookups import facts_of
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.ledger import lookups as ledger
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.keep_cases import may_work_cases, subject_of
from platekeeper.server.procedures.packet_files import info, ledger_files, payload
from platekeeper.server.procedures.sign_ledger import checkpoint

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""What a ZIP file says of every file in it: the packet's own time is in the ledger."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A packet as a ZIP file, and the SHA-256 by which the ledger knows it."""

    content: bytes = field(repr=False)
    sha256: str


def export_packet(by: Footing, case: CaseFile, *, to: str, why: str) -> Exported:
    """Return the packet of a case for whoever works cases.

    Before it is handed out the ledger says to whom it goes, and names its payload; after, the ZIP file itself. Raises
    `signing.KeyMissing`: without a signature there is nothing to hand over.
    """
    by.demand(may_work_cases(by), attempted=Action.PACKET_EXPORTED, subject=subject_of(case))
    by.demand(*_fit(case, to=to, why=why), attempted=Action.PACKET_EXPORTED, subject=subject_of(case))
    data = {f"data/{path}": content for path, content in payload(by, case).items()}
    named = {"to": to.strip()[:160], "why": why.strip()[:240]}
    begun = _log(by, case, Outcome.BEGUN, {"payload": verify.exported(data)}, sealed=named)
    try:
        packed = _packed(by, case, data, begun)
    except BaseException:
        _log(by, case, Outcome.FAILED, {"begun": begun.pk}, sealed={})
        raise
    digest = hashlib.sha256(packed).hexdigest()
    _log(by, case, Outcome.DONE, {"begun": begun.pk, "sha256": digest}, sealed={})
    return Exported(packed, digest)


def _packed(by: Footing, case: CaseFile, data: dict[str, bytes], begun: LedgerEntry) -> bytes:
    """Sign the ledger, which names the payload by now, and pack it with what proves it."""
    checkpoint(at=by.at)
    so_far = ledger.of_subject(subject_of(case)).filter(pk__lte=begun.pk)
    proven = {f"data/{path}": content for path, content in ledger_files(case, list(so_far)).items()}
    return _zipped(verify.bagged(data | proven, info(by, case)), folder=f"packet-{case.pk}")


@dataclass(frozen=True, slots=True)
class Sent:
    """A packet that was handed out: when, to whom and why, as far as that is still known."""

    at: datetime
    to: str
    why: str


def packets_of(case: CaseFile) -> list[Sent]:
    """Return the packets of a case that may have been handed out, the newest first; the ledger knows."""
    exports = ledger.of_subject(subject_of(case)).filter(action=Action.PACKET_EXPORTED)
    failed = {entry.content()["details"]["begun"] for entry in exports.filter(outcome=Outcome.FAILED)}
    begun = exports.filter(outcome=Outcome.BEGUN).exclude(pk__in=failed).order_by("-pk")
    sealed = ((entry.at, {each.field: each.value for each in entry.openings.all()}) for entry in begun)
    return [Sent(at, fields.get("to", ""), fields.get("why", "")) for at, fields in sealed]


def _fit(case: CaseFile, *, to: str, why: str) -> list[Decision]:
    unsaid = Refused(Clause.V_c, "Say to whom the packet goes, and why.")
    empty = Refused(Clause.V_c, "The case preserves nothing yet.")
    return [
        may_work(facts_of(case)),
        Allowed() if to.strip() and why.strip() else unsaid,
        Allowed() if case.preserved.exists() else empty,
    ]


def _zipped(files: dict[str, bytes], *, folder: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(f"{folder}/{path}", _EPOCH), files[path], zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _log(
    by: Footing, case: CaseFile, outcome: Outcome, details: dict[str, object], *, sealed: dict[str, str]
) -> LedgerEntry:
    with transaction.atomic():
        return append(
            at=by.at, by=by.actor, action=Action.PACKET_EXPORTED, outcome=outcome, clause=Clause.V_c,
            subject=subject_of(case), details=details, sealed=sealed, case=case.number, policy=by.policy.stamp,
        )  # fmt: skip
