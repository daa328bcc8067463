"""`platekeeper backup`: run, list, verify, restore; the recovery key, and drills."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.back_up import NotBackedUp, back_up, back_up_everywhere, is_under_way
from platekeeper.server.procedures.backup_folders import is_within_reach
from platekeeper.server.procedures.drill_backups import drill_restore, facts, remove_unencrypted, unencrypted_backups
from platekeeper.server.procedures.keep_recovery_key import make_recovery_key, prove
from platekeeper.server.procedures.stores import backup_folders, recovery_lock
from platekeeper.server.retention.lookups import backups as runs
from platekeeper.server.retention.models import Backup
from platekeeper.server.storage import backups
from platekeeper.server.storage.backups import BackupDamaged, RecoveryKey, WrongShares
from platekeeper.server.storage.files import file_trouble

_OLD = (
    "An unencrypted backup of an earlier version lies in {folder}. Once an encrypted one is there, remove it with "
    "`platekeeper backup remove-unencrypted`."
)


def register(commands: Any) -> None:
    """Add the commands to the command line."""
    parser = commands.add_parser("backup", help="back up, list, verify, restore, drill; keep the recovery key")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, run, text in (
        ("run", _run, "bring the backups up to date while the server runs"),
        ("list", _list, "list the runs"),
        ("verify", _verify, "check every file of the backup; needs no recovery key"),
        ("restore", _restore, "fill an empty PLATEKEEPER_HOME from a backup; needs shares of the recovery key"),
        ("facts", _facts, "say what this department holds: reads, and the ledger's leaves and root"),
        ("make-keys", _make_keys, "make the recovery key and show each holder their share, once"),
        ("drill-keys", _drill_keys, "show that shares give the recovery key; nothing is restored"),
        ("remove-unencrypted", _remove_unencrypted, "remove backups of earlier versions, which were not encrypted"),
    ):
        action = actions.add_parser(name, help=text)
        action.set_defaults(run=run)
        if run in {_run, _list, _verify, _restore}:
            action.add_argument("--target", type=Path, help="the backup folder (default: as the schedule)")
        if run in {_restore, _drill_keys}:
            action.add_argument("--shares", type=Path, help="a file with a share a line, or - (else: asked)")
        if run is _restore:
            action.add_argument(
                "--drill", action="store_true", help="restore a part aside, compare, and remove it again"
            )
        if run is _facts:
            action.add_argument(
                "--leaves", type=int, help="the root of the first so many leaves, as a checkpoint has it"
            )
        if run is _make_keys:
            action.add_argument("--needed", type=int, required=True, help="so many shares give the key")
            action.add_argument("--holder", action="append", required=True, help="who gets a share; once for each")


def _run(chosen: argparse.Namespace) -> int:
    at, failure = timezone.now(), None
    if is_under_way():
        print("Another backup is under way; this one waits until it has ended.", flush=True)
    try:
        done = [back_up(at=at, target=chosen.target)] if chosen.target else back_up_everywhere(at=at)
    except NotBackedUp as some:
        done, failure = some.made, some
    except (RefusedAction, BackupDamaged, OSError) as error:
        return _failed(error)
    for made in done:
        print(f"{made.files} files, {made.bytes} bytes in {made.target}.")
    for folder in unencrypted_backups():
        print(_OLD.format(folder=folder))
    for folder in backup_folders() if not chosen.target else ():
        if not is_within_reach(folder):
            _failed(f"{folder} is not within reach: plug its disk in, or make the folder.")
    return _failed(failure) if failure else 0 if done else 1


def _list(chosen: argparse.Namespace) -> int:
    found = runs().filter(target=str(chosen.target)) if chosen.target else runs()
    for made in found[:50]:
        print(f"{made.begun_at:%Y-%m-%d %H:%M:%S}Z  {_became(made)}  {made.target}")
    return 0


def _became(made: Backup) -> str:
    return made.failure or (f"{made.files} files" if made.completed_at else "not finished")


def _verify(chosen: argparse.Namespace) -> int:
    problems = []
    for folder in [chosen.target] if chosen.target else backup_folders():
        if chosen.target or is_within_reach(folder):  # of an empty machine no records say what a folder took
            problems += [f"{folder}: {problem}" for problem in backups.verify(folder, recovery_lock())]
        else:
            problems.append(f"{folder} is not within reach.")
    print("\n".join(problems) or "Every file is there and unchanged.")
    return 1 if problems else 0


def _restore(chosen: argparse.Namespace) -> int:
    if chosen.target is None and not chosen.drill:
        print("Name the backup folder with --target.", file=sys.stderr)
        return 2
    target = chosen.target or backup_folders()[0]
    try:
        key = RecoveryKey.joined(_shares(chosen))
        if chosen.drill:
            drill = drill_restore(key, at=timezone.now(), target=target)
            print(drill.said)
            return 0 if drill.passed else 1
        backups.restore(target, settings.HOME.folder, key)
    except (OSError, BackupDamaged, WrongShares) as error:
        return _failed(error)
    print(f"Restored into {settings.HOME.folder}.")
    return 0


def _facts(chosen: argparse.Namespace) -> int:
    print("\n".join(facts(leaves=chosen.leaves)))
    return 0


def _make_keys(chosen: argparse.Namespace) -> int:
    try:
        shares = make_recovery_key(at=timezone.now(), needed=chosen.needed, holders=chosen.holder)
    except RefusedAction as refused:
        return _failed(refused)
    for number, (holder, share) in enumerate(zip(chosen.holder, shares, strict=True), 1):
        input(f"Share {number} of {len(shares)} is for {holder}. With nobody else at the screen, press Enter.")
        words = share.split()
        lines = [
            " ".join(f"{at + 1:2} {words[at]:<10}" for at in range(row, min(row + 4, len(words))))
            for row in range(0, 33, 4)
        ]
        print(f"\nPlatekeeper, recovery key of the backups, share of {holder}; {chosen.needed} give the key.\n")
        print("\n".join(lines))
        input("\nWrite it down or print it, keep it apart from the others. Press Enter: it is not shown again.")
        _wipe()
    print(f"Now prove it with {chosen.needed} shares, then it is in use: platekeeper backup drill-keys")
    return 0


def _drill_keys(chosen: argparse.Namespace) -> int:
    try:
        drill = prove(_shares(chosen), at=timezone.now())
    except OSError as error:
        return _failed(error)
    print(f"{drill.said}.")
    return 0 if drill.passed else 1


def _remove_unencrypted(_chosen: argparse.Namespace) -> int:
    print(f"{remove_unencrypted(at=timezone.now())} files removed.")
    for folder in unencrypted_backups():
        print(_OLD.format(folder=folder))
    return 0


def _shares(chosen: argparse.Namespace) -> list[str]:
    """Return the shares, a line each, up to an empty line."""
    if chosen.shares:
        told = sys.stdin.read() if str(chosen.shares) == "-" else chosen.shares.read_text()
        return [line.strip() for line in told.splitlines() if line.strip()]
    shares: list[str] = []
    while share := input(f"Share {len(shares) + 1} (Enter when there are no more): ").strip():
        shares.append(share)
        _wipe()
    return shares


def _wipe() -> None:
    """Clear the screen and what could be scrolled back to."""
    if sys.stdout.isatty():
        print("\033[2J\033[3J\033[H", end="")


def _failed(why: object) -> int:
    if isinstance(why, OSError) and why.filename:
        why = file_trouble(why)
    print(why, file=sys.stderr)
    return 1
