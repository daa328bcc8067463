"""Every disposal is certified: what it removed, what was preserved where, signed with the ledger's key (VI.k).

The certificate's SHA-256 stands in the ledger's leaf, so nobody makes one up later, or puts another in its place.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count

from platekeeper.core.clauses import Clause
from platekeeper.core.document import Slip
from platekeeper.core.ledger import canonical
from platekeeper.core.ledger.notes import certificate as signed_note
from platekeeper.server.casefiles.models import Preserved
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger import lookups as ledger
from platekeeper.server.ledger import signing
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import stand_in_line
from platekeeper.server.ledger.models import LedgerEntry, LedgerKey
from platekeeper.server.personnel.lookups import department
from platekeeper.server.printing.pdf import slip_pdf
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.retention import changes, lookups
from platekeeper.server.retention.models import Disposal
from platekeeper.verify import Fault, opened_certificate

VERSION = 1


def certificate_of(
    disposal: Disposal, *, at: datetime, counts: dict[int, int], digest: str, besides: dict[str, int]
) -> str:
    """Return what is certified, as one line of canonical JSON; `besides` counts what went with it, by kind."""
    names = dict(LPR.objects.filter(pk__in=list(counts)).values_list("pk", "name"))
    kept = _preserved(disposal)
    said = {
        "v": VERSION, "disposal": disposal.pk, "kind": disposal.kind, "since": _moment(_since(disposal)),
        "until": _moment(_until(disposal)), "begun_at": _moment(disposal.begun_at), "completed_at": _moment(at),
        "reads" if disposal.kind == Disposal.Kind.READS else "hits": {
            str(lpr): {"lpr": names.get(lpr, ""), "count": count} for lpr, count in sorted(counts.items())
        },
        "digest": digest, "besides": besides, "preserved": kept, "proposal": disposal.proposal_id,
        "policy": [disposal.policy_number, disposal.policy_digest],
    }  # fmt: skip
    return canonical(said).decode()


def subject_of(disposal: Disposal) -> str:
    """Return what the ledger calls a disposal."""
    return f"disposal:{disposal.pk}"


def digest_of(certificate: str) -> str:
    """Return the SHA-256 that the leaf names."""
    return hashlib.sha256(certificate.encode()).hexdigest()


def sign_certificates() -> int:
    """Sign what is certified and not signed yet; return how much. Where the ledger's key is missing it waits for it."""
    signed = 0
    if not lookups.unsigned_disposals().exists():
        return signed
    with suppress(signing.KeyMissing), transaction.atomic():
        waiting = list(lookups.unsigned_disposals())
        stand_in_line()  # the key must not change between being looked up and signing
        key = ledger.key()
        if key is None:
            return 0
        private = signing.load(bytes(key.public_key), settings.HOME.ledger_keys)
        leaves = LedgerEntry.objects.filter(action=Action.DISPOSAL_COMPLETED)
        for each in waiting:
            leaf = leaves.filter(subject=subject_of(each)).values_list("index", flat=True).get()
            note = signed_note(
                origin=key.origin, said=each.certificate, leaf=leaf, public=bytes(key.public_key), sign=private.sign
            )
            changes.sign_disposal(each, leaf=leaf, note=note)
            signed += 1
    return signed


def faults_of(disposal: Disposal) -> list[str]:
    """Return what is wrong with a certificate: that its leaf does not name it, that it is not signed by the ledger's key."""
    leaf = None if disposal.leaf is None else LedgerEntry.objects.filter(pk=disposal.leaf).first()
    if leaf is None:
        return ["no leaf of the ledger names this certificate"]
    faults = []
    if not leaf.is_whole():
        faults.append("its leaf is not what it was")
    if leaf.content()["details"].get("certificate") != digest_of(disposal.certificate):
        faults.append("its leaf names another certificate")
    if not disposal.note:
        return [*faults, "it is not signed yet"]
    keys: dict[str, list[bytes]] = {}
    for key in LedgerKey.objects.all():
        keys.setdefault(key.origin, []).append(bytes(key.public_key))
    try:
        said, index = opened_certificate(disposal.note, keys)
    except Fault as fault:
        return [*faults, str(fault)]
    if (said, index) != (disposal.certificate, disposal.leaf):
        faults.append("what is signed is another certificate")
    return faults


def certificate_pdf(by: Footing, disposal: Disposal) -> bytes:
    """Return a certificate as a page to print, the signed text on it whole."""
    zone, agency, told = by.policy.zone, department(), json.loads(disposal.certificate)
    counts = told.get("reads") or told.get("hits") or {}
    lines = [f"{each['lpr'] or 'LPR ' + number}: {each['count']:,}" for number, each in counts.items()]
    kept = [f"case {number}: {count:,}" for number, count in told["preserved"].items()]
    words = (
        f"Removed ({told['kind']}): {'; '.join(lines) or 'none'}.",
        f"Preserved of this time, in case files: {'; '.join(kept) or 'nothing'}.",
        f"The text below is signed with the key of the ledger. Leaf {disposal.leaf} names its second line by its SHA-256, "
        f"{digest_of(disposal.certificate)}.",
    )
    return slip_pdf(
        Slip(
            title="Certificate of disposal",
            department=agency.name if agency else "",
            facts=(
                ("From", _shown(_since(disposal), zone)), ("Until", _shown(_until(disposal), zone)),
                ("Completed", _shown(disposal.completed_at, zone)), ("Policy", f"version {disposal.policy_number}"),
            ),
            words=words,
            note=disposal.note,
            footer=f"Certificate of disposal {disposal.pk} ({Clause.VI_k.number})",
        ),
        at=by.at,
    )  # fmt: skip


def _preserved(disposal: Disposal) -> dict[str, int]:
    """Count, by case, the hits and reads of the disposal's time that are preserved in a case file."""
    kept = Preserved.objects.filter(seen_at__lt=_until(disposal)).exclude(content=b"")
    since = _since(disposal)
    if since is not None:
        kept = kept.filter(seen_at__gte=since)
    return dict(kept.order_by("case__number").values_list("case__number").annotate(Count("pk")))


def _since(disposal: Disposal) -> datetime | None:
    return None if disposal.kind == Disposal.Kind.HITS else datetime.combine(disposal.day, time(), UTC)


def _until(disposal: Disposal) -> datetime:
    return disposal.until or datetime.combine(disposal.day + timedelta(days=1), time(), UTC)


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None


def _shown(moment: datetime | None, zone: Any) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}" if moment else "—"
