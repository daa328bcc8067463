"""An evidence packet of a case (V.c): what it preserves, and what proves it to somebody who trusts nobody here."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from io import BufferedRandom

from django.conf import settings
from django.db import transaction

from platekeeper import verify
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.cases import may_work
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.casefiles.lookups import facts_of, preserved, subject_of
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.chain import key_chain
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.lookups import of_subject
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Agency
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.keep_cases import demand_now, may_work_cases
from platekeeper.server.procedures.packet_files import info, ledger_files, payload
from platekeeper.server.procedures.packets_that_leave import grounds_of, held_in, record_packet
from platekeeper.server.procedures.sign_ledger import checkpoint
from platekeeper.server.sharing.models import Order
from platekeeper.server.storage.file_by_file import FileByFile, unnamed, zipped


@dataclass(frozen=True, slots=True)
class Exported:
    """A packet as a ZIP file without a name on disk, gone once it is closed, and the SHA-256 by which the ledger knows it."""

    file: BufferedRandom = field(repr=False)
    sha256: str


def export_packet(
    by: Footing, case: CaseFile, *, to: str, why: str, agency: Agency | None = None, order: Order | None = None
) -> Exported:
    """Return the packet of a case for whoever works cases; `agency` is the other one to which it goes, if to one (VI.l).

    Before it is handed out the ledger says to whom it goes, and names its payload; after, the ZIP file itself. Raises
    `signing.KeyMissing`: without a signature there is nothing to hand over.
    """
    by.demand(may_work_cases(by), attempted=Action.PACKET_EXPORTED, subject=subject_of(case))
    by.demand(*_fit(case, to=to, why=why), attempted=Action.PACKET_EXPORTED, subject=subject_of(case))
    granted = grounds_of(by, case, agency=agency, order=order)
    if isinstance(granted, Refused):
        by.log_refusal(granted, attempted=Action.PACKET_EXPORTED, subject=subject_of(case))
        raise RefusedAction(granted)
    named = {"to": to.strip()[:160], "why": why.strip()[:240], "agency": agency.name if agency else ""}
    with FileByFile(settings.HOME.outgoing) as files:
        for path, content in payload(by, case):
            files.add(f"data/{path}", content)
        files.add("bag-info.txt", verify.info_file(info(by, case)))
        held = held_in(files)
        with by.act(Action.PACKET_EXPORTED, subject=subject_of(case)):
            demand_now(case, may_work)
            # what was copied into the case since stands among the files, or might
            grounds = grounds_of(by, case, agency=agency, order=order)
            if isinstance(grounds, Refused):
                raise RefusedAction(grounds)
            if of_subject(subject_of(case)).filter(action=Action.SET_ASIDE, pk__gt=max(_leaves(files))).exists():
                raise RefusedAction(
                    Refused(Clause.V_c, "Something was set aside while the packet was put together. Ask for it again.")
                )
            begun = _log(by, case, Outcome.BEGUN, {"payload": verify.exported(files)}, sealed=named)
        try:
            packed = _packed(case, files, begun)
        except BaseException as error:
            _log(by, case, Outcome.FAILED, {"begun": begun.pk}, sealed={})
            if isinstance(error, RefusedAction):
                by.log_refusal(error.refusal, attempted=Action.PACKET_EXPORTED, subject=subject_of(case))
            raise
    try:
        digest, size = hashlib.file_digest(packed, "sha256").hexdigest(), packed.tell()
        with transaction.atomic():
            record_packet(by, case, grounds, held=held, to=to, why=why, sha256=digest, size=size)
            _log(by, case, Outcome.DONE, {"begun": begun.pk, "sha256": digest}, sealed={})
        packed.seek(0)
    except BaseException:
        packed.close()
        raise
    return Exported(packed, digest)


def _packed(case: CaseFile, files: FileByFile, begun: LedgerEntry) -> BufferedRandom:
    """Sign the ledger, which names the files by now, pack them with what proves them, and check that as others will."""
    signed = checkpoint(at=begun.at)
    for path, content in ledger_files([*_leaves(files), begun.pk], under=signed):
        files.add(f"data/{path}", content)
    files.update(verify.tag_files(files))
    try:
        verify.check_packet(files, trusted=verify.fingerprint(bytes(key_chain()[0].public_key)))
    except verify.UNFIT as fault:
        raise RefusedAction(
            Refused(Clause.V_c, f"Nothing was handed out: what is preserved is not what the ledger names ({fault}).")
        ) from fault
    return zipped(files, unnamed(settings.HOME.outgoing), folder=f"packet-{case.pk}")


def _leaves(files: FileByFile) -> list[int]:
    found: list[int] = json.loads(files["data/leaves.json"])["leaves"]
    return found


def _fit(case: CaseFile, *, to: str, why: str) -> list[Decision]:
    unsaid = Refused(Clause.V_c, "Say to whom the packet goes, and why.")
    empty = Refused(Clause.V_c, "The case preserves nothing yet.")
    return [
        may_work(facts_of(case)),
        Allowed() if to.strip() and why.strip() else unsaid,
        Allowed() if preserved().filter(case=case).exists() else empty,
    ]


def _log(
    by: Footing, case: CaseFile, outcome: Outcome, details: dict[str, object], *, sealed: dict[str, str]
) -> LedgerEntry:
    with transaction.atomic():
        return append(
            at=by.at, by=by.actor, action=Action.PACKET_EXPORTED, outcome=outcome, clause=Clause.V_c,
            subject=subject_of(case), details=details, sealed=sealed, case=case.number, policy=by.policy.stamp,
        )  # fmt: skip
