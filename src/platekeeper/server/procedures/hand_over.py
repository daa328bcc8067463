"""The ledger's checkpoints are handed to somebody outside: what they hold, whoever has the key cannot rewrite (VI.e)."""

from __future__ import annotations

import socket
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from platekeeper.core.actor import SYSTEM, Actor
from platekeeper.core.clauses import Clause
from platekeeper.core.document import Slip
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.ledger import changes, lookups
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import HandOver, LedgerCheckpoint, Witness
from platekeeper.server.personnel.lookups import department
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.printing.pdf import demo_mark, slip_pdf
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.sign_ledger import KEEPS_KEY, checkpoint, first_fingerprint
from platekeeper.server.procedures.view_logs import may_view_ledger
from platekeeper.verify import read_checkpoint

_UNREACHED: dict[type[OSError], str] = {
    ConnectionRefusedError: _("The mail server could not be reached: it refused the connection."),
    TimeoutError: _("The mail server could not be reached: it did not answer in time."),
    socket.gaierror: _("The mail server could not be reached: its name is not known."),
}


def may_keep_witnesses(by: Footing) -> Decision:
    """Let those who keep the key say who witnesses."""
    return has_duty(by.authority, by.policy, KEEPS_KEY)


def can_mail() -> Decision:
    """Say whether the department's mail is set up, and if not, what to set."""
    if settings.EMAIL_HOST and settings.DEFAULT_FROM_EMAIL:
        return Allowed()
    return Refused(
        Clause.VI_e, "Mail is not set up: set PLATEKEEPER_MAIL_HOST and PLATEKEEPER_MAIL_FROM where the server starts."
    )


def add_witness(by: Footing, *, name: str, email: str) -> Witness:
    """Add somebody who is mailed a checkpoint each day. Raises ValidationError when a witness has the address already."""
    by.demand(may_keep_witnesses(by), can_mail(), attempted=Action.WITNESS_ADDED)
    try:
        with transaction.atomic():
            witness = changes.add_witness(name=name, email=email, at=by.at)
            _log(by, Action.WITNESS_ADDED, witness)
    except IntegrityError as taken:
        raise ValidationError("A witness has this address already.") from taken
    return witness


def end_witness(by: Footing, witness: Witness) -> None:
    """Mail a witness nothing more; what they hold they keep."""
    by.demand(may_keep_witnesses(by), attempted=Action.WITNESS_ENDED, subject=_subject(witness))
    with transaction.atomic():
        if changes.end_witness(witness, at=by.at):
            _log(by, Action.WITNESS_ENDED, witness)


def hand_out(by: Footing, *, how: HandOver.How, to: str) -> tuple[str, bytes]:
    """Sign the ledger as it stands; return the checkpoint's file name and content, a note or a page to print.

    Logged before it leaves, with who takes it. Raises `signing.KeyMissing`.
    """
    unsaid = Refused(Clause.VI_e, "Say who takes the checkpoint.")
    by.demand(may_view_ledger(by), Allowed() if to.strip() else unsaid, attempted=Action.CHECKPOINT_HANDED_OVER)
    signed, taker = checkpoint(at=by.at), to.strip()[:120]
    on_paper = how is HandOver.How.PRINT
    content = slip_pdf(_slip(by, signed, taker), at=by.at) if on_paper else signed.note.encode()
    with transaction.atomic():
        handed = changes.hand_over(signed, to=taker, how=how, at=by.at, outcome=Outcome.DONE)
        _log_hand_over(handed, by=by.actor, policy=by.policy.stamp)
    return f"checkpoint-{signed.size}.{'pdf' if on_paper else 'txt'}", content


def mail_checkpoint(*, at: datetime) -> list[HandOver]:
    """Mail the newest checkpoint to every witness who is due; one that fails does not stop the others."""
    newest = lookups.last_checkpoint()
    return [_mail(newest, witness, at=at) for witness in lookups.due(newest, at=at)] if newest else []


def _mail(covering: LedgerCheckpoint, witness: Witness, *, at: datetime) -> HandOver:
    policy = in_force(at=at)
    with transaction.atomic():
        mailed = changes.hand_over(
            covering, to=witness.name, how=HandOver.How.MAIL, at=at, outcome=Outcome.BEGUN, witness=witness
        )
        _log_hand_over(mailed, by=SYSTEM, policy=policy.stamp)
    failure = _send(
        _message(covering, witness, signed=f"{covering.signed_at.astimezone(policy.zone):%Y-%m-%d %H:%M %Z}")
    )
    with transaction.atomic():
        changes.end_hand_over(mailed, failure=failure)
        _log_hand_over(mailed, by=SYSTEM, policy=policy.stamp)
    return mailed


def _send(message: EmailMessage) -> str:
    """Return why it was not sent, or nothing."""
    if isinstance(unset := can_mail(), Refused):
        return unset.reason
    try:
        message.send()
    except (OSError, ValueError) as error:  # smtplib's and TLS's errors are OSErrors; an address may not be encodable
        return unsent(error)
    return ""


def unsent(error: OSError | ValueError) -> str:
    """Say why a mail was not sent; where the mail server was not reached, in words of ours."""
    told = next((words for kind, words in _UNREACHED.items() if isinstance(error, kind)), "")
    return told or str(error) or type(error).__name__


def _message(covering: LedgerCheckpoint, witness: Witness, *, signed: str) -> EmailMessage:
    name = f"{_department()}{' (DEMO, fictional)' if settings.DEMO else ''}"
    body = (
        f"{name} keeps a ledger of every act in its License Plate Reader system.\n"
        f"This is its checkpoint of {covering.size} leaves, signed {signed}.\n\n"
        "Keep this mail, or the file attached to it, where nobody of the department can reach it. There is nothing\n"
        "else to do. Should anything before the checkpoint be rewritten later, what you keep shows it.\n\n"
        f"The checkpoint:\n\n{covering.note}"
    )
    message = EmailMessage(
        f"Checkpoint of {covering.size} leaves, {name}", body, to=[witness.email],
        headers={"Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    # As bytes: a text would come with the line ends of mail, which the note does not have.
    message.attach(f"checkpoint-{covering.size}.txt", covering.note.encode(), "application/octet-stream")
    return message


def _slip(by: Footing, covering: LedgerCheckpoint, to: str) -> Slip:
    zone, name = by.policy.zone, _department()
    return Slip(
        title="Checkpoint of the ledger",
        department=name,
        facts=(
            ("Ledger", read_checkpoint(covering.note).origin),
            ("Leaves", f"{covering.size}"),
            ("Signed", f"{covering.signed_at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"),
            ("Handed to", to),
            ("Fingerprint", first_fingerprint()),
        ),
        words=(
            f"{name} keeps a ledger of every act in its License Plate Reader system. Keep this page where nobody of the "
            "department can reach it. Should anything before the checkpoint be rewritten later, this page shows it.",
            "The code holds exactly the text below it, for the option --held of verify.py.",
        ),
        note=covering.note,
        footer=f"{name}, checkpoint of {covering.size} leaves",
        watermark=demo_mark(),
    )


def _department() -> str:
    agency = department()
    return agency.name if agency else ""


def _subject(witness: Witness) -> str:
    return f"witness:{witness.pk}"


def _log(by: Footing, action: Action, witness: Witness) -> None:
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=Clause.VI_e,
        subject=_subject(witness),
        sealed={"witness": witness.name, "email": witness.email},
        policy=by.policy.stamp,
    )


def _log_hand_over(handed: HandOver, *, by: Actor, policy: tuple[int, str]) -> None:
    size, email = handed.checkpoint.size, handed.witness.email if handed.witness else ""
    append(
        at=handed.at,
        by=by,
        action=Action.CHECKPOINT_HANDED_OVER,
        outcome=Outcome(handed.outcome),
        clause=Clause.VI_e,
        subject=_subject(handed.witness) if handed.witness else f"checkpoint:{size}",
        details={"size": size, "how": str(handed.how)},
        sealed={"to": handed.to, "email": email, "failure": handed.failure},
        policy=policy,
    )
