"""`PLATEKEEPER_HOME`: the folder that holds everything a department owns, its secrets included."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from platekeeper.server.storage.files import write_durably


@dataclass(frozen=True, slots=True)
class Home:
    """The places inside a department's data folder, which several machines may share.

    `own` is a folder of this machine alone, for what is made again from the rest; without one it lies with the rest.
    """

    folder: Path
    own: Path | None = None

    @property
    def records(self) -> Path:
        """The SQLite records database, where PostgreSQL is not used."""
        return self.folder / "records.sqlite3"

    @property
    def lpr_data(self) -> Path:
        """Reads and their images, by UTC day."""
        return self.folder / "lpr-data"

    @property
    def hot_lists(self) -> Path:
        """Delivered hot list files, under the names of their digests."""
        return self.folder / "hot-lists"

    @property
    def hot_list_indexes(self) -> Path:
        """Hot lists ready for matching, made from the delivered files and made again if they are gone."""
        return (self.own or self.folder) / "hot-list-indexes"

    @property
    def hot_lists_waiting(self) -> Path:
        """Files handed in on the page, until they are loaded or refused."""
        return self.folder / "hot-lists-waiting"

    @property
    def hot_list_lock(self) -> Path:
        """Held while a hot list file is loaded."""
        return self.folder / "hot-lists.lock"

    @property
    def partner_list_lock(self) -> Path:
        """Held while a partner's list is compared with what is in force, loaded and noted."""
        return self.folder / "partner-lists.lock"

    @property
    def inbox(self) -> Path:
        """The watched folder: hot list files laid here are delivered."""
        return self.folder / "hot-list-inbox"

    @property
    def alert_inbox(self) -> Path:
        """The watched folder of alert bulletins (CAP 1.2): files laid here are taken in, to be looked at."""
        return self.folder / "alert-inbox"

    @property
    def backups(self) -> Path:
        """Where backups go unless `PLATEKEEPER_BACKUPS` or the command names another place."""
        return self.folder / "backups"

    @property
    def running_lock(self) -> Path:
        """Held together by everything that works here, alone by a move to another database."""
        return self.folder / "running.lock"

    @property
    def log_to_cut(self) -> Path:
        """Is there from a disposal on until the records' write-ahead log is cut."""
        return self.folder / "log-to-cut"

    @property
    def disposal_lock(self) -> Path:
        """Held by whoever disposes: what goes is counted and certified by one alone."""
        return self.folder / "disposal.lock"

    @property
    def moved(self) -> Path:
        """Says that the department's records are in PostgreSQL, so that nobody goes on in SQLite by mistake."""
        return self.folder / "moved.json"

    @property
    def dump(self) -> Path:
        """PostgreSQL's records in a backup, and where a restore lays them."""
        return self.folder / "records.dump"

    @property
    def recovery_lock(self) -> Path:
        """What the server keeps of the recovery key in use: it seals and marks backups, and reads none."""
        return self.folder / "recovery.json"

    @property
    def recovery_lock_waiting(self) -> Path:
        """The same of a recovery key whose holders have not shown yet that their shares give it."""
        return self.folder / "recovery-waiting.json"

    @property
    def backup_scratch(self) -> Path:
        """Where a run puts what it has not encrypted yet."""
        return self.folder / "backup-scratch"

    @property
    def drill(self) -> Path:
        """Where a drill restores to; removed when it is over."""
        return self.folder / "backup-drill"

    @property
    def ledger_keys(self) -> Path:
        """The private keys that sign the ledger's checkpoints."""
        return self.folder / "ledger-keys"

    @property
    def outgoing(self) -> Path:
        """Files of routine transfers, from when they are made until their receipt is here."""
        return self.folder / "outgoing"

    @property
    def destination_tokens(self) -> Path:
        """What servers that take routine transfers want to be shown: `<routine's number>.token`, laid there by IT."""
        return self.folder / "destination-tokens"

    @property
    def field_keys(self) -> Path:
        """The private keys towards the units in the field."""
        return self.folder / "field-keys.json"

    @property
    def witnessed(self) -> Path:
        """Where each new checkpoint is laid for a witness to fetch: a folder that somebody else keeps a copy of."""
        return self.folder / "checkpoints"

    @property
    def identity(self) -> Path:
        """Says who the department's identity provider is, where it has one."""
        return self.folder / "sign-in.json"

    @property
    def is_demo(self) -> bool:
        """Whether this is the fictional demo department."""
        return (self.folder / "DEMO").exists()

    @property
    def is_founded(self) -> bool:
        """Whether a department lives here; its records may be in PostgreSQL."""
        return self.records.exists() or self._secrets.exists()

    def found(self) -> None:
        """Create the folder and its secrets; what is there already is kept."""
        for place in (self.folder, self.lpr_data, self.hot_lists, self.hot_lists_waiting, self.inbox, self.alert_inbox):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._secrets.exists():
            fresh = {name: secrets.token_hex(32) for name in ("django", "reads")}
            write_durably(self._secrets, json.dumps(fresh).encode(), mode=0o600)

    def secret(self, name: str) -> str:
        """Return a secret by name. Without a founded home a passing one, good for checks and migrations only."""
        if not self._secrets.exists():
            return secrets.token_hex(32)
        return str(json.loads(self._secrets.read_text())[name])

    @property
    def _secrets(self) -> Path:
        return self.folder / "secrets.json"


def home() -> Home:
    """Return the home that the environment names, or the usual place in the user's own folder."""
    named, own = os.environ.get("PLATEKEEPER_HOME"), os.environ.get("PLATEKEEPER_OWN")
    return Home(Path(named) if named else Path.home() / ".local" / "share" / "platekeeper", Path(own) if own else None)
