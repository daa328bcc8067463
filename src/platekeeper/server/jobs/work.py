"""What the clock does: each function calls one procedure and says in words what came of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from platekeeper.server.jobs.deployment import clock_synchronised
from platekeeper.server.ledger.actions import Outcome
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures import care_for_lprs, keep_user_logs, see_to_uploads
from platekeeper.server.procedures import watch_lprs as watch
from platekeeper.server.procedures.ask_partners import forget_answers as forget_answers_of_partners
from platekeeper.server.procedures.audit_queries import draw_when_due
from platekeeper.server.procedures.authority import Footing, footing
from platekeeper.server.procedures.back_up import back_up_everywhere
from platekeeper.server.procedures.dispose_lpr_data import days_over, dispose_lpr_data
from platekeeper.server.procedures.drill_backups import check_backups as check_every_file
from platekeeper.server.procedures.end_accounts import end_accounts, unused
from platekeeper.server.procedures.fetch_lists import fetch_due
from platekeeper.server.procedures.hand_in_hot_list import load_waiting
from platekeeper.server.procedures.hand_over import mail_checkpoint as mail_to_witnesses
from platekeeper.server.procedures.review_policy import remind as remind_of_review
from platekeeper.server.procedures.seal_reads import seal_reads as seal
from platekeeper.server.procedures.sealed_account import tell_of_broken_seals as tell
from platekeeper.server.procedures.send_transfers import send_transfers as send_what_is_due
from platekeeper.server.procedures.sign_in import forget_sessions
from platekeeper.server.procedures.sign_ledger import checkpoint as sign_the_ledger
from platekeeper.server.procedures.stake_out import evaluate
from platekeeper.server.procedures.stores import backup_folders, recovery_lock
from platekeeper.server.procedures.view_logs import check_ledger as check_every_leaf
from platekeeper.server.procedures.watch_alerts import take_alerts as take_bulletins
from platekeeper.server.procedures.watch_hot_lists import take_inbox
from platekeeper.server.retention.lookups import backups_due
from platekeeper.server.sharing.lookups import late_transfers
from platekeeper.server.storage.checkpoint import checkpoint, cut_log

# A clock that is wrong for a minute must not end what it took months to gather. Day by day nothing comes near this; more
# goes at once after a pause, or where a policy lets it, and then somebody, or a time service, says that the clock is right.
_DAYS_AT_ONCE, _ACCOUNTS_AT_ONCE = 2, 5


def dispose(asked_by: int | None = None) -> str:
    """Dispose of what is past its time (VI.k); once nobody reads it, the records' log loses what was deleted, too.

    Who asks for it says with that that the clock is right.
    """
    now, waits = timezone.now(), settings.HOME.log_to_cut
    by = _asked(asked_by, at=now)
    over = 0 if by else days_over(at=now)
    in_doubt = over > _DAYS_AT_ONCE and not clock_synchronised()
    done = len(dispose_lpr_data(at=now, by=by, clock_in_doubt=in_doubt))
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        if done:
            waits.touch()
        if waits.exists() and cut_log(Path(settings.DATABASES["default"]["NAME"])):
            waits.unlink()
    if in_doubt:
        return f"WAITS: {over} days would go at once, and no time service vouches for the clock"
    return f"{done} disposals"


def seal_reads() -> str:
    """Seal the hours of days that are over."""
    return f"{sum(seal(at=timezone.now()).values())} hours sealed"


def back_up_when_due(asked_by: int | None = None) -> str:
    """Back up when the policy's interval has passed (VI.m), or somebody asks for it."""
    now = timezone.now()
    by, folders = _asked(asked_by, at=now), backup_folders()
    if by is None:
        folders = backups_due(in_force(at=now), at=now, folders=folders)
    if not folders:
        return "not due"
    if recovery_lock() is None:
        return "NOT MADE: there is no recovery key yet"
    made = back_up_everywhere(at=now, by=by, folders=folders)
    away = len(folders) - len(made)
    files = sum(each.files for each in made)
    return f"{files} files backed up, {away} folders NOT WITHIN REACH" if away else f"{files} files backed up"


def check_backups() -> str:
    """Check the files of every backup, in a week all of them (VI.m)."""
    drills = check_every_file(at=timezone.now())
    failed = [drill.said for drill in drills if not drill.passed]
    return "; ".join(failed) or f"{len(drills)} backups are whole"


def take_hot_lists() -> str:
    """Take files out of the watched folder (V.a)."""
    return f"{len(take_inbox(at=timezone.now()))} files taken"


def take_alerts() -> str:
    """Take alert bulletins out of the watched folder (VII.g)."""
    return f"{len(take_bulletins(at=timezone.now()))} bulletins taken in"


def load_handed_in() -> str:
    """Load files that were handed in on the page (IV.e)."""
    return f"{load_waiting(at=timezone.now())} files loaded or refused"


def evaluate_stake_outs() -> str:
    """Try stake-outs on the reads newly stored (VIII)."""
    return f"{evaluate(at=timezone.now())} reads found"


def fetch_lists() -> str:
    """Fetch the hot lists of partners that are due (VI.l)."""
    return f"{fetch_due(at=timezone.now())} lists tried"


def forget_answers() -> str:
    """Forget what partners found in queries whose results are closed (VI.l)."""
    return f"{forget_answers_of_partners(at=timezone.now())} answers forgotten"


def tell_of_broken_seals() -> str:
    """Mail those who govern that the sealed account was used (IV.h)."""
    return f"{tell(at=timezone.now())} broken seals told of"


def end_temporary_accounts() -> str:
    """End temporary accounts whose time is over and accounts that nobody uses; forget sessions whose time is over."""
    now = timezone.now()
    forget_sessions(at=now)
    count = unused(at=now)
    in_doubt = count > _ACCOUNTS_AT_ONCE and not clock_synchronised()
    ended = end_accounts(at=now, clock_in_doubt=in_doubt)
    if in_doubt:
        return f"WAITS: {count} unused accounts would end at once, and no time service vouches for the clock"
    return f"{ended} accounts ended"


def remind() -> str:
    """Remind the reviewers of the policy's yearly review (IV.g)."""
    return "the reviewers are reminded" if remind_of_review(at=timezone.now()) else "nothing is due"


def remind_of_uploads() -> str:
    """Remind whoever is responsible of LPRs that were not heard from in time (V.b, VI.i)."""
    return f"reminded of {late} LPRs" if (late := see_to_uploads.remind(at=timezone.now())) else "nothing is due"


def remind_of_user_logs() -> str:
    """Remind members, and who checks, of Daily User Logs that wait too long (VII.h.1-2)."""
    late = keep_user_logs.remind(at=timezone.now())
    return f"reminded of {late} logs" if late else "nothing is due"


def remind_of_upkeep() -> str:
    """Remind whoever hears of defects and keeps the inventory of what is due (IV.d, IV.f, IX)."""
    due = care_for_lprs.remind(at=timezone.now())
    return f"reminded of {due} matters" if due else "nothing is due"


def watch_lprs() -> str:
    """Watch by its reads whether an LPR went blind, drifts, misreads or has the wrong time (IV.d)."""
    return f"{len(watch.watch_lprs(at=timezone.now()))} troubles found"


def send_transfers() -> str:
    """Send the routine transfers that are due, and take their receipts (VI.i)."""
    done, late = send_what_is_due(clock=timezone.now), late_transfers(at=timezone.now())
    gone = len(done)
    return f"{gone} sent or received, {len(late)} LATE: see Sharing" if late else f"{gone} sent or received"


def draw_queries() -> str:
    """Draw the week's queries for review (VI.e)."""
    drawn = draw_when_due(at=timezone.now())
    return f"{drawn.items.count()} of {drawn.entries} queries to review" if drawn else "nothing is due"


def sign_ledger() -> str:
    """Sign the ledger as it stands (VI.e)."""
    return f"{sign_the_ledger(at=timezone.now()).size} leaves are signed"


def check_ledger(asked_by: int) -> str:
    """Check every leaf of the ledger for who asked (VI.e)."""
    checked = check_every_leaf(footing(Person.objects.get(pk=asked_by), at=timezone.now()))
    return f"{checked.leaves} leaves checked, {len(checked.faults)} faults found"


def mail_checkpoint() -> str:
    """Mail the ledger's newest checkpoint to the witnesses who are due (VI.e)."""
    mailed = mail_to_witnesses(at=timezone.now())
    failed = sum(each.outcome == Outcome.FAILED for each in mailed)
    sent = len(mailed) - failed
    return f"{sent} mailed, {failed} FAILED: see the Ledger" if failed else f"{sent} mailed"


def checkpoint_records() -> str:
    """Move the records' write-ahead log into its file; on PostgreSQL there is nothing to do."""
    if connection.vendor != "sqlite":
        return "not on SQLite"
    done = checkpoint(Path(settings.DATABASES["default"]["NAME"]))
    return "the whole log is in the file" if done else "a part of the log is in the file"


def _asked(number: int | None, *, at: datetime) -> Footing | None:
    """Return on what footing a person asked; None where the clock did."""
    return None if number is None else footing(Person.objects.get(pk=number), at=at)
