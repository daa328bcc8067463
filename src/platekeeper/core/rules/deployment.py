"""Whether a server is set up so that the department's data is safe on it: facts in, a verdict a line out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from platekeeper.core.rules.health import Level, Verdict, few_of

_LOOPBACK = {"127.0.0.1", "localhost", "::1", "[::1]"}

_few = partial(few_of, between="; ")  # among them are paths and sentences


@dataclass(frozen=True, slots=True)
class Deployment:
    """What was found. `None`: it could not be found out."""

    is_demo: bool
    as_root: bool
    open_paths: Sequence[str]  # of the home, which others than its owner may read or write
    hosts: Sequence[str]
    behind_tls: bool
    debug: bool
    django: Sequence[str]  # what Django's own check for deployment says
    clock_synchronised: bool | None
    encrypted: bool | None  # the disk below the home
    backups_beside: Sequence[str]  # folders of backups on the home's own disk
    copies_missing: int
    has_recovery_key: bool
    restore_due: bool
    mail: bool
    weaknesses: Sequence[str]  # what the database's role may do that it should not
    owner_named: bool  # whoever serves could become the owner of the records
    witnesses: int
    held_ago: timedelta | None  # since when somebody outside holds the ledger's newest checkpoint
    without_factor: int  # active accounts that have signed in and have no second factor
    sealed: bool  # an account for emergencies is sealed, and its seal stands
    map_trouble: str = ""  # what is wrong with the archive of map tiles, where one is named
    on_map: tuple[int, int] | None = (
        None  # LPRs inside it, of those whose place is known; None where no archive is named
    )


def findings(found: Deployment) -> list[Verdict]:
    """Return a verdict of everything that is looked at."""
    return [rule(found) for rule in _RULES]


def _verdict(name: str, found: str, wanted: str, do: str, *, bad: bool, level: Level = Level.WARN) -> Verdict:
    return Verdict(name, found, wanted, level if bad else Level.GOOD, do if bad else "")


def _folder(found: Deployment) -> Verdict:
    said = f"others may read or write: {_few(found.open_paths)}" if found.open_paths else "its owner's alone"
    do = "Whoever reads the home has every key and every plate. As its owner: chmod -R go= on the folder."
    return _verdict(
        "Home folder", said, "nobody but the server's user gets at it", do, bad=bool(found.open_paths), level=Level.BAD
    )


def _user(found: Deployment) -> Verdict:
    do = "A fault in the server would be one of the whole machine. Make a user for it, as deploy/platekeeper.service does."
    return _verdict("User", "root" if found.as_root else "not root", "a user of its own", do, bad=found.as_root)


def _names(found: Deployment) -> Verdict:
    said = ", ".join(found.hosts) or "none"
    if "*" in found.hosts:
        do = "Any name is believed, so links can be forged. Set PLATEKEEPER_HOSTS to the names that people type."
        return Verdict("Names", said, "the names that people type", Level.BAD, do)
    local = set(found.hosts) <= _LOOPBACK
    do = "Nobody reaches it under another machine's name. Set PLATEKEEPER_HOSTS to the names that people type."
    return _verdict("Names", said, "the names that people type", do, bad=local and not found.is_demo)


def _tls(found: Deployment) -> Verdict:
    said = "on: secure cookies, HSTS" if found.behind_tls else "off: passwords and plates cross the network readable"
    do = "Put a proxy with a certificate in front (docs/install.md), then set PLATEKEEPER_TLS=1."
    local = set(found.hosts) <= _LOOPBACK
    level = Level.WARN if local else Level.BAD
    return _verdict("TLS", said, "on", do, bad=not found.behind_tls and not found.is_demo, level=level)


def _debug(found: Deployment) -> Verdict:
    do = "Errors would show secrets to whoever meets one. Take it out of the settings."
    return _verdict("Debug", "on" if found.debug else "off", "off", do, bad=found.debug, level=Level.BAD)


def _django(found: Deployment) -> Verdict:
    said = _few(found.django) or "nothing to see to"
    return _verdict(
        "Django's check",
        said,
        "nothing to see to",
        "platekeeper manage check --deploy says more.",
        bad=bool(found.django),
    )


def _clock(found: Deployment) -> Verdict:
    said = {True: "set by a time service", False: "not set by a time service", None: "cannot be found out here"}
    do = "Reads, hits and the ledger stand on the clock. Switch a time service on: timedatectl set-ntp true."
    return _verdict(
        "Time service",
        said[found.clock_synchronised],
        "the clock is set by one",
        do,
        bad=found.clock_synchronised is not True,
    )


def _encryption(found: Deployment) -> Verdict:
    said = {
        True: "the disk below the home is encrypted",
        False: "no encryption below the home is seen",
        None: "unknown",
    }
    do = (
        "A disk that is stolen or sent in for repair would be read. Put the home on an encrypted disk (LUKS); a disk or a "
        "storage system that encrypts by itself does as well and cannot be seen from here."
    )
    return _verdict("Disk encryption", said[found.encrypted], "encrypted at rest (SC-28)", do, bad=not found.encrypted)


def _backups(found: Deployment) -> Verdict:
    lacking = [
        "there is no recovery key" if not found.has_recovery_key else "",
        f"on the home's own disk: {_few(found.backups_beside)}" if found.backups_beside else "",
        f"{found.copies_missing} copies fewer than the policy asks for" if found.copies_missing else "",
        "no restore was tried for a long time" if found.restore_due else "",
    ]
    said = "; ".join(filter(None, lacking))
    do = "docs/restore.md: make the recovery key, name folders elsewhere in PLATEKEEPER_BACKUPS, and restore one as a drill."
    level = Level.WARN if found.has_recovery_key else Level.BAD
    wanted = "a key, copies elsewhere, a restore tried (VI.m)"
    return _verdict("Backups", said or "as they should be", wanted, do, bad=bool(said), level=level)


def _mail(found: Deployment) -> Verdict:
    do = "Witnesses and alarms are mailed. Set PLATEKEEPER_MAIL_HOST and PLATEKEEPER_MAIL_FROM."
    return _verdict("Mail", "set up" if found.mail else "not set up", "set up", do, bad=not found.mail)


def _roles(found: Deployment) -> Verdict:
    said = [*found.weaknesses, *(["PLATEKEEPER_OWNER_URL is set here."] if found.owner_named else [])]
    do = "The server should add to the ledger and no more: platekeeper postgres roles; serve without the owner's URL."
    return _verdict(
        "Database roles", _few(said) or "no more than it needs", "no more than it needs", do, bad=bool(said)
    )


def _witness(found: Deployment) -> Verdict:
    held = (
        "nobody outside holds a checkpoint"
        if found.held_ago is None
        else f"held outside {found.held_ago.days} days ago"
    )
    bad = found.held_ago is None or found.held_ago > timedelta(days=7)
    do = "What no witness holds, whoever has this machine can rewrite. Name one (docs/ledger.md), or hand a page out."
    return _verdict(
        "Witnesses",
        f"{found.witnesses} witnesses named; {held}",
        "the ledger is held outside, within a week",
        do,
        bad=bad,
    )


def _accounts(found: Deployment) -> Verdict:
    lacking = [
        f"{found.without_factor} accounts in use without a second factor" if found.without_factor else "",
        "" if found.sealed else "no account is sealed for emergencies",
    ]
    said = "; ".join(filter(None, lacking))
    do = "People who sign in are asked for a second factor. Seal an account under People, Sealed account (docs/people.md)."
    wanted = "second factors, and a sealed account"
    return _verdict("Accounts", said or "as they should be", wanted, do, bad=bool(said) and not found.is_demo)


def _map(found: Deployment) -> Verdict:
    wanted = "an archive of pictures of the department's area, or none"
    if found.map_trouble:
        do = "Maps show the LPRs alone. Mend it, or take PLATEKEEPER_MAP_FILE out (docs/install.md)."
        return Verdict("Map file", found.map_trouble, wanted, Level.WARN, do)
    if found.on_map is None:
        return Verdict("Map file", "none is named", wanted, Level.GOOD)
    inside, placed = found.on_map
    do = "It is of another area than the LPRs are in. Name one of the department's own area."
    return _verdict("Map file", f"{inside} of {placed} LPRs are on it", wanted, do, bad=placed > 0 and not inside)


_RULES: tuple[Callable[[Deployment], Verdict], ...] = (
    _folder, _user, _names, _tls, _debug, _django, _clock, _encryption, _backups, _mail, _roles, _witness,
    _accounts, _map,
)  # fmt: skip
