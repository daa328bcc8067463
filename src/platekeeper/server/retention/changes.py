"""The only writer of disposals, directives, backups, recovery keys and drills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.personnel.models import Person
from platekeeper.server.retention.models import Backup, Directive, Disposal, Drill, Proposal, RecoveryKey


def draw_up(
    proposal: Proposal | None,
    *,
    at: datetime,
    until: datetime | None,
    hits_until: datetime | None,
    reads: dict[str, dict[str, int]],
    hits: int,
    letters: int,
    policy: tuple[int, str],
) -> Proposal:
    """Draw up what would be disposed of, in place of what was drawn up before."""
    drawn = proposal or Proposal()
    drawn.drawn_at, drawn.until, drawn.hits_until, drawn.reads, drawn.hits = at, until, hits_until, reads, hits
    drawn.letters = letters
    drawn.policy_number, drawn.policy_digest = policy
    drawn.save()
    return drawn


def decide(proposal: Proposal, **what: Any) -> None:
    """Record a step on a proposal: `proposed_`, `approved_` or `refused_` `at` and `by`, or `completed_at`."""
    for name, value in what.items():
        setattr(proposal, name, value)
    proposal.save(update_fields=list(what))


def begin_disposal(
    *,
    day: date,
    at: datetime,
    policy: tuple[int, str],
    kind: Disposal.Kind = Disposal.Kind.READS,
    until: datetime | None = None,
    proposal: Proposal | None = None,
) -> Disposal:
    """Record the intent to dispose of a day, of what was captured on it before a moment, or of hits."""
    return Disposal.objects.create(
        day=day,
        begun_at=at,
        kind=kind,
        until=until,
        proposal=proposal,
        policy_number=policy[0],
        policy_digest=policy[1],
    )


def complete_disposal(
    disposal: Disposal, *, at: datetime, counts: dict[int, int], digest: str, bytes_freed: int, certificate: str = ""
) -> None:
    """Record what a disposal removed."""
    disposal.completed_at, disposal.digest, disposal.bytes_freed = at, digest, bytes_freed
    disposal.counts = {str(lpr): count for lpr, count in counts.items()}
    disposal.certificate = certificate
    disposal.save(update_fields=["completed_at", "digest", "bytes_freed", "counts", "certificate"])


def sign_disposal(disposal: Disposal, *, leaf: int, note: str) -> None:
    """Keep the leaf that names a certificate, and the certificate as it was signed."""
    disposal.leaf, disposal.note = leaf, note
    disposal.save(update_fields=["leaf", "note"])


def give_directive(*, case: CaseFile, at: datetime, by: Person, policy: tuple[int, str], **what: Any) -> Directive:
    """Keep a directive."""
    return Directive.objects.create(
        case=case, given_at=at, given_by=by, policy_number=policy[0], policy_digest=policy[1], **what
    )


def note_followed(directive: Directive, *, cursor: str, at: datetime | None) -> bool:
    """Note how far what was stored is copied, `at` once all of it is; say whether it stands still."""
    directive.cursor, directive.followed_at = cursor, at
    return bool(Directive.objects.filter(pk=directive.pk, ended_at=None).update(cursor=cursor, followed_at=at))


def end_directive(directive: Directive, *, at: datetime, by: Person) -> bool:
    """End a directive; return whether it stood still."""
    return bool(Directive.objects.filter(pk=directive.pk, ended_at=None).update(ended_at=at, ended_by=by))


def forget_named(case: CaseFile) -> None:
    """Take out of the directives of a case whatever says something of anybody."""
    Directive.objects.filter(case=case).update(plates=[], area="", why="")


def begin_backup(*, at: datetime, by: int, target: str, reached: bool, policy: tuple[int, str]) -> Backup:
    """Record that a backup begins, and whether its folder could be written."""
    number, digest = policy
    return Backup.objects.create(
        begun_at=at, by=by, target=target, reached=reached, policy_number=number, policy_digest=digest
    )


def end_backup(backup: Backup, *, at: datetime | None, files: int = 0, bytes: int = 0, failure: str = "") -> None:
    """Record how a backup ended; a failed one has no end time."""
    backup.completed_at, backup.files, backup.bytes, backup.failure = at, files, bytes, failure[:240]
    backup.save(update_fields=["completed_at", "files", "bytes", "failure"])


def end_folder(folder: str, *, how: str, at: datetime) -> None:
    """Record that all that was ever backed up into a folder is destroyed."""
    Backup.objects.filter(target=folder, destroyed="").update(destroyed=how, destroyed_at=at)


def add_recovery_key(
    *, fingerprint: str, at: datetime, by: int, needed: int, holders: Sequence[str], policy: tuple[int, str]
) -> RecoveryKey:
    """Record that a recovery key was made, and who holds its shares."""
    return RecoveryKey.objects.create(
        fingerprint=fingerprint, made_at=at, by=by, needed=needed, holders=list(holders),
        policy_number=policy[0], policy_digest=policy[1],
    )  # fmt: skip


def add_drill(
    kind: Drill.Kind, *, at: datetime, by: int, target: str = "", passed: bool, said: str, policy: tuple[int, str]
) -> Drill:
    """Record how a drill ended."""
    return Drill.objects.create(
        kind=kind, at=at, by=by, target=target[:240], passed=passed, said=said[:240],
        policy_number=policy[0], policy_digest=policy[1],
    )  # fmt: skip
