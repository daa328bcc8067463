"""Encrypted copies of everything a department owns (VI.m), taken while it runs, and never outliving what was disposed of.

    <target>/backup.lock                              held while keyring and catalogues change
    <target>/<recovery key>/CATALOGUE                 the run's time, and the rooms of the backup with their digests
    <target>/<recovery key>/UNFINISHED                what a run under way, or cut off, has filled so far
    <target>/<recovery key>/KEYRING                   every data key, each sealed to the recovery key; never kept twice
    <target>/<recovery key>/<room>/catalogue-<digest> the room's files under keyed names, with their digests
    <target>/<recovery key>/<room>/<random name>      a file, encrypted (`chunks`)

A *room* is a UTC day of reads, images and all, or `records`, or `rest`. What a run puts into a room it encrypts with a
fresh data key; so a day has a key of its own, or a few, and nothing else has them. Disposing of a day is taking its lines
out of the keyring: `forget_day`.

A *recovery key* (`recovery`) is 32 bytes that no machine keeps. People hold shares of it. The server has what follows from
it: a public key, to seal data keys, and a mark, to know its own lines again and to keep others from slipping any in.
So the server writes and checks a backup, and cannot read it.

Order matters: reads, then records, then the rest. A read in the backup is then always one that the records beside it
account for, or that start-up completes; and every hot list file that the records name is there. Files come under new
names, then their keys, then the catalogue is swapped, then the old goes. So whenever a run is cut short, the backup before
it is still whole. The rooms that it had filled by then are named in `UNFINISHED`, and their keys are in the keyring: the next
run takes them over, and removes at its start whatever is named nowhere. A disposal does not wait for a run: it takes the day
from under it.
"""

from platekeeper.server.storage.backups.errors import BackupDamaged
from platekeeper.server.storage.backups.pieces import Piece, PieceGone, ReadsToCopy
from platekeeper.server.storage.backups.recovery import Lock, RecoveryKey, WrongShares
from platekeeper.server.storage.backups.restoring import days_of, restore, rooms_of, stamp_of, verify
from platekeeper.server.storage.backups.running import (
    BackupReport,
    backup,
    copies_in,
    days_in,
    forget_day,
    make_ready,
    took_one,
)

__all__ = [
    "BackupDamaged",
    "BackupReport",
    "Lock",
    "Piece",
    "PieceGone",
    "ReadsToCopy",
    "RecoveryKey",
    "WrongShares",
    "backup",
    "copies_in",
    "days_in",
    "days_of",
    "forget_day",
    "make_ready",
    "restore",
    "rooms_of",
    "stamp_of",
    "took_one",
    "verify",
]
