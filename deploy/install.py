#!/usr/bin/env python3
"""Install Platekeeper from its unpacked archive, upgrade to it, or go back. Needs no network; leaves nothing half done.

    ./install              check the archive, build <prefix>/<version>, point <prefix>/current at it
    ./install upgrade      build it beside the version in use; back up, stop that, copy what changed, migrate, ask doctor,
                           point, start
    ./install rollback     point at the version before; with --restore, put the backup back that was made before

A version whose RELEASE.json is there is whole. <prefix>/upgrade.json says what the last upgrade came from, and where
the backup lies. Python's standard library alone, so that nothing must be installed to install it.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypedDict

HERE = Path(__file__).resolve().parent
RELEASE, SUMS = "RELEASE.json", "SHA256SUMS"
RESTORED = ".restored"
OWNER_URL, URL = "PLATEKEEPER_OWNER_URL", "PLATEKEEPER_DATABASE_URL"


class Refused(Exception):
    """Why it is not done; the message says what is left as it was, and what to do."""


@dataclass(frozen=True)
class Upgrade:
    """What the last upgrade came from and went to, the folder of the backup made before it, and what doctor said then."""

    before: str
    after: str
    backup: str
    found: int


class _User(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


class Place:
    """Where the versions lie, the department's home, and how its server is stopped and started."""

    def __init__(self, *, prefix: Path, home: Path | None, env_file: Path, service: str) -> None:
        """Take the settings that the service has: those of the environment, then those of its file."""
        self.prefix, self.service = prefix, service
        self.settings = {**os.environ, **settings_in(env_file)}
        told = self.settings.get("PLATEKEEPER_HOME")
        self.home = home or (_path(told) if told else None)

    @property
    def current(self) -> str | None:
        """The version in use."""
        link = self.prefix / "current"
        return str(link.readlink()) if link.is_symlink() else None

    @property
    def upgrade(self) -> Upgrade | None:
        """The last upgrade that was begun here."""
        journal = self.prefix / "upgrade.json"
        return Upgrade(**json.loads(journal.read_text())) if journal.exists() else None

    @property
    def begun(self) -> str:
        """When the last upgrade was begun, by this machine's clock."""
        return time.strftime("%Y-%m-%d %H:%M", time.localtime((self.prefix / "upgrade.json").stat().st_mtime))

    def is_whole(self, version: str) -> bool:
        """Say whether a version was built to its end."""
        return (self.prefix / version / RELEASE).exists()

    def point(self, version: str) -> None:
        """Point `current` at a version: at once, or not at all."""
        fresh = self.prefix / "current.new"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(version)
        fresh.replace(self.prefix / "current")
        os.sync()

    def remember(self, upgrade: Upgrade) -> None:
        """Write down the upgrade, whole or not at all."""
        fresh = self.prefix / "upgrade.json.new"
        fresh.write_text(json.dumps(asdict(upgrade)))
        fresh.replace(self.prefix / "upgrade.json")
        os.sync()

    def department(self) -> Path:
        """Return the home. Raises `Refused` where none is named or there."""
        if self.home is None or not self.home.is_dir():
            raise Refused(f"There is no department in {self.home or 'PLATEKEEPER_HOME'}. Name its home with --home.")
        return self.home

    def ask(self, version: str, *words: str, home: Path | None = None, as_owner: bool = False) -> int:
        """Run a version's `platekeeper` as the home's own user; return its exit status."""
        return self._run(version, *words, home=home, as_owner=as_owner).returncode

    def doctor(self, version: str) -> tuple[int, list[str]]:
        """Return the worst that a version's doctor finds in the set-up, 0 to 2, or 3 where it does not get to its end, and
        its findings."""
        ran = self._run(version, "doctor", "--set-up", "--json", stdout=subprocess.PIPE)
        try:
            lines = json.loads(ran.stdout)["lines"]
            return ran.returncode, [f"{each['name']}: {each['found']}. {each['do']}" for each in lines if each["do"]]
        except (ValueError, KeyError, TypeError):
            return 3, []

    def _run(
        self, version: str, *words: str, home: Path | None = None, as_owner: bool = False, stdout: int | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        home = home or self.department()
        environment = {**self.settings, "PLATEKEEPER_HOME": str(home)}
        if not as_owner:
            environment.pop(OWNER_URL, None)
        print(f"  platekeeper {' '.join(words)}  ({version})", flush=True)
        command = [str(self.prefix / version / "bin" / "platekeeper"), *words]
        return subprocess.run(
            command, check=False, env=environment, cwd="/", umask=0o077, stdout=stdout, **_user_of(home)
        )

    @property
    def runs(self) -> bool:
        """Say whether the service runs."""
        return bool(self.service) and _is_up(self.service)

    def fits(self, version: str) -> bool:
        """Say whether the records are of a version; it says itself why not."""
        return self.ask(version, "migrate", "--check") == 0

    @contextlib.contextmanager
    def stopped(self) -> Iterator[Callable[[], bool]]:
        """Stop the service, and give what starts it again if it was running, and says whether it stands as before; without
        one, see that nobody works there."""
        ran = self.runs

        def start() -> bool:
            if not ran:
                how = f" To start it: systemctl start {self.service}" if self.service else ""
                print(f"The server was not running, and was not started.{how}")
            elif not _systemctl("start", self.service):
                print(f"{self.service} did not start: journalctl -u {self.service}", file=sys.stderr)
                return False
            return True

        try:
            if ran and not _systemctl("stop", self.service):
                raise Refused(f"{self.service} could not be stopped. Nothing was changed.")
        except KeyboardInterrupt:  # it takes a while to stop
            start()
            raise
        lock = self.department() / "running.lock"
        if lock.exists():
            with lock.open() as held:
                try:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if ran:
                        start()
                    raise Refused(f"A server still works in {self.home}. Stop it, then run this again.") from None
        yield start


def install(place: Place) -> None:
    """Build this version; it is in use from then on where there was none."""
    version = checked_archive()["version"]
    if place.current not in (None, version):
        _demand_newer(version, place)
        raise Refused(f"{place.current} is in use here. To go on to {version}: ./install upgrade")
    _build(place, version)
    place.point(version)
    print(f"Installed: {place.prefix / 'current'}. What comes next: {place.prefix / 'current' / 'docs' / 'install.md'}")


def upgrade(place: Place, *, backup: Path | None) -> None:
    """Go on to this version. What fails before the records are touched leaves the version before running."""
    after, before, home = checked_archive()["version"], place.current, place.department()
    if before is None:
        raise Refused(f"Nothing is installed in {place.prefix}. Run: ./install")
    if before == after:
        raise Refused(f"{after} is in use already.")
    _demand_newer(after, place)
    _build(place, after)
    known, fits = place.upgrade, place.fits(before)
    begun = known if known and known.before == before and not fits else None
    if begun and begun.after != after:
        raise Refused(
            f"An upgrade from {before} to {begun.after} was begun here and not ended. Nothing was changed. Run `upgrade` of "
            f"{begun.after} again, or go back: `rollback --restore`, from the backup in {begun.backup}. Then come again."
        )
    if not fits and not begun:
        raise Refused(f"The records are not of {before}, which is in use: see above. Nothing was changed.")
    if place.settings.get(URL) and not place.settings.get(OWNER_URL) and not place.fits(after):
        raise Refused(
            f"{after} changes the records, which only their owner may. Nothing was changed. Set {OWNER_URL} (sudo keeps it "
            f"with --preserve-env={OWNER_URL}), then run this again."
        )
    folder = Path(begun.backup) if begun else backup or _beside(home, "-before-upgrade")
    if not begun and place.runs:
        _copy(
            place, before, folder
        )  # the whole of it, while the server goes on; once it has stopped, what changed meanwhile
    with place.stopped() as start:
        try:
            _go_on(place, begun or _back_up(place, before, after, folder))
        except (Refused, OSError, KeyboardInterrupt) as error:
            _hear_no_more()
            why = str(error) or "Interrupted."
            if not place.fits(before):
                raise Refused(
                    f"{why} The records are no longer of {before} and the server stays stopped. Mend it and run `upgrade` "
                    f"again, or go back: `rollback --restore`, from the backup in {folder}."
                ) from None
            start()
            raise Refused(f"{why} {before} stays in use.") from None
        started = start()
    print(f"{after} is in use. Look: platekeeper health. Back to {before}: {place.prefix / after / 'install'} rollback")
    _compare_unit(place, after)
    _demand_running(started)


def rollback(place: Place, *, restore: bool, shares: Path | None) -> None:
    """Point at the version before; restore the backup where the records have gone on and it is asked for."""
    last = place.upgrade
    if last is None or not place.is_whole(last.before):
        raise Refused("There is no version to go back to: none was upgraded here, or it was removed.")
    if place.home and not place.home.exists() and (fresh := _beside(place.home, RESTORED)).is_dir():
        fresh.rename(place.home)  # a restore was cut off after the home was set aside, so it was whole
    if place.fits(last.before):
        with place.stopped() as start:
            _hear_no_more()
            place.point(last.before)
            started = start()
        print(f"{last.before} is in use again, on the records as they are.")
        _demand_running(started)
        return
    if place.settings.get(URL):
        raise Refused(
            f"The records in PostgreSQL are of {last.after}. Nothing was changed. Restore by hand, with "
            f"{place.prefix / last.before}/bin/platekeeper and the backup in {last.backup}: docs/restore.md, Restoring. "
            "Then run `rollback` again."
        )
    if not restore:
        raise Refused(
            f"The records were brought up to {last.after}, and {last.before} cannot work on them. Nothing was changed. "
            f"`rollback --restore` puts back the backup in {last.backup}, made before the upgrade ({place.begun}): the "
            "holders of the recovery key type in their shares; what came in since the upgrade stays in a folder beside, and "
            "no page shows it."
        )
    _restore(place, last, shares=shares)


def checked_archive() -> dict[str, str]:
    """Return what this archive is, once every file is as it was packed and the machine is one it is for. Raises `Refused`."""
    if not (HERE / SUMS).exists():
        raise Refused("There are no wheels here. Run the `install` of an unpacked archive.")
    lines = (line.partition("  ") for line in (HERE / SUMS).read_text().splitlines())
    told = {name: digest for digest, _, name in lines}
    wrong = [name for name, digest in told.items() if not (HERE / name).is_file() or _sha256(HERE / name) != digest]
    wrong += [str(each.relative_to(HERE)) for each in (HERE / "wheels").iterdir() if f"wheels/{each.name}" not in told]
    if wrong:
        raise Refused(f"Not as it was packed: {', '.join(wrong)}. Unpack the archive again, or fetch it again.")
    release: dict[str, str] = json.loads((HERE / RELEASE).read_text())
    here = {"python": sysconfig.get_python_version(), "platform": sysconfig.get_platform()}
    for name, has in here.items():
        if release[name] != has:
            raise Refused(f"This archive is for {name} {release[name]}; here is {has}. Run it with a Python that fits.")
    return release


def settings_in(file: Path) -> dict[str, str]:
    """Return the settings in an environment file of systemd's, plain ones: a NAME=value a line. Raises `Refused`."""
    lines = file.read_text().splitlines() if file.is_file() else []
    pairs = [line.partition("=") for line in lines if "=" in line and line.lstrip()[:1] not in ("#", ";")]
    try:
        return {(at := name.strip()): " ".join(shlex.split(value)) for name, _, value in pairs}
    except ValueError:
        raise Refused(f"In {file} the value of {at} has a quote that does not end. Nothing was changed.") from None


def _build(place: Place, version: str) -> None:
    """Build a version beside the others, RELEASE.json last; what does not get there is removed."""
    folder = place.prefix / version
    if place.is_whole(version):
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise Refused("Python lacks venv here. On Debian that is the package python3-venv. Nothing was changed.")
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was cut off
    print(f"Building {folder}", flush=True)
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    sources = ["--no-index", "--find-links", str(HERE / "wheels"), "--only-binary", ":all:", "--no-cache-dir"]
    try:
        for command in (
            [sys.executable, "-m", "venv", str(folder)],
            [*pip, *sources, "--require-hashes", "--requirement", str(HERE / "wheels.lock")],
            [str(folder / "bin" / "platekeeper"), "--help"],  # loads all of it, on this machine
        ):
            subprocess.run(
                command, check=True, stdout=subprocess.DEVNULL,
                env={**quiet, "PIP_CONFIG_FILE": os.devnull, "PLATEKEEPER_HOME": str(folder / "none")},
            )  # fmt: skip
        for name in ("docs", "deploy"):
            shutil.copytree(HERE / name, folder / name)
        shutil.copy(HERE / "install", folder)
        os.sync()
        shutil.copy(HERE / RELEASE, folder / "RELEASE.new")
        (folder / "RELEASE.new").replace(folder / RELEASE)
        os.sync()
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if not isinstance(error, (subprocess.CalledProcessError, OSError)):
            raise
        raise Refused(f"{version} could not be built: {error}. Nothing was changed.") from None


def _back_up(place: Place, before: str, after: str, folder: Path) -> Upgrade:
    """Back up with the version in use, and write down that an upgrade was begun. Raises `Refused`."""
    found = min(place.doctor(before)[0], 2)
    _copy(place, before, folder)
    plan = Upgrade(before, after, str(folder), found)
    place.remember(plan)
    return plan


def _copy(place: Place, version: str, folder: Path) -> None:
    """Bring the backup in a folder up to date. Raises `Refused`."""
    _make_folder(folder, like=place.department())
    if place.ask(version, "backup", "run", "--target", str(folder)):
        raise Refused("The backup could not be made: see above. Nothing was changed.")


def _go_on(place: Place, plan: Upgrade) -> None:
    """Migrate, and point at the new version. Raises `Refused`."""
    if place.ask(plan.after, "migrate", as_owner=True) or not place.fits(plan.after):
        raise Refused("The records could not be brought up.")
    found, findings = place.doctor(plan.after)
    for each in findings:
        print(f"    {each}")
    if not 0 <= found <= plan.found:
        raise Refused(f"The doctor of {plan.after} finds worse than that of {plan.before} did.")
    _hear_no_more()
    place.point(plan.after)


def _restore(place: Place, last: Upgrade, *, shares: Path | None) -> None:
    """Restore beside the home, set the home aside, and put the restored one in its place. Raises `Refused`."""
    home = place.department()
    fresh, aside = _beside(home, RESTORED), _beside(home, f".of-{last.after}")
    if home.is_symlink() or home.is_mount():
        raise Refused(f"{home} is a mount or a link and cannot be set aside. Restore by hand: docs/restore.md.")
    if aside.exists():
        raise Refused(f"{aside} is in the way. Nothing was changed. Move it away, then run this again.")
    with place.stopped() as start:
        shutil.rmtree(fresh, ignore_errors=True)  # of a run that was cut off
        words = ["--shares", str(shares)] if shares else []
        try:
            _make_folder(fresh, like=home)
            if place.ask(last.before, "backup", "restore", "--target", last.backup, *words, home=fresh):
                raise Refused("The backup was not restored.")
            if place.ask(last.before, "migrate", "--check", home=fresh):
                raise Refused(f"The backup in {last.backup} is not of {last.before}.")
        except (Refused, OSError, KeyboardInterrupt) as error:
            _hear_no_more()
            shutil.rmtree(fresh, ignore_errors=True)
            start()
            why = str(error) or "Interrupted."
            raise Refused(f"{why} Nothing was changed; {place.current} stays in use.") from None
        _hear_no_more()
        home.rename(aside)
        fresh.rename(home)
        place.point(last.before)
        started = start()
    print(f"{last.before} is in use again, on the backup from before the upgrade. What came in since: {aside}.")
    print("Next, as docs/restore.md says: compare the ledger's root, change its key, back up.")
    _demand_running(started)


def _demand_running(started: bool) -> None:
    """Let who ran it unseen hear of a server that does not run."""
    if not started:
        raise Refused("All that is done, but the server does not run.")


def _compare_unit(place: Place, version: str) -> None:
    """Say what a version's unit has and the one in use does not: nobody else would."""
    ours = place.prefix / version / "deploy" / "platekeeper.service"
    if not place.service:
        return
    shown = subprocess.run(["systemctl", "cat", place.service], check=False, stdout=subprocess.PIPE, text=True).stdout
    has = {*shown.splitlines()}
    lacking = [line for line in ours.read_text().splitlines() if line[:1] not in ("", "#", "[") and line not in has]
    if lacking:
        print(
            f"The unit in use lacks: {'; '.join(lacking)}. Bring it up to {ours}, then: systemctl daemon-reload; "
            f"systemctl restart {place.service}"
        )


def _demand_newer(version: str, place: Place) -> None:
    """Refuse to go on to what is older: its backup would take the place of the one that leads back."""
    if _numbers(version) < _numbers(str(place.current)):
        raise Refused(
            f"{version} is older than {place.current}, which is in use. Nothing was changed. To go back to the version "
            f"before: {place.prefix / 'current' / 'install'} rollback"
        )


def _numbers(version: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", re.split(r"[^\d.]", version)[0])]


def _hear_no_more() -> None:
    """Let nothing interrupt what is done from here on, nor what it runs."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)


def _hung_up(*_: object) -> None:
    """A lost connection is an interruption after which nothing can be said."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    raise KeyboardInterrupt


def _beside(home: Path, ending: str) -> Path:
    return home.with_name(home.name + ending)


def _make_folder(folder: Path, *, like: Path) -> None:
    """Make a folder that belongs to whom another belongs to, and is closed to everybody else."""
    if not folder.exists():
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(folder, like.stat().st_uid, like.stat().st_gid)


def _user_of(home: Path) -> _User:
    """Return what lets root run a process as the user whose home it is."""
    owner = home.stat()
    if os.geteuid() or not owner.st_uid:
        return {}
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}


def _path(told: str) -> Path:
    return Path(told).absolute()  # what runs elsewhere is told, too


def _is_up(service: str) -> bool:
    """Say whether systemd runs a service, or is about to: one that fails is started again every few seconds."""
    try:
        asked = subprocess.run(["systemctl", "is-active", service], check=False, stdout=subprocess.PIPE, text=True)
    except FileNotFoundError:
        raise Refused("There is no systemd here. Stop the server yourself, and add: --service ''") from None
    return asked.stdout.strip() in ("active", "activating", "reloading")


def _systemctl(*words: str) -> bool:
    return subprocess.run(["systemctl", *words], check=False).returncode == 0


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked for, alone; return the exit status."""
    parser = argparse.ArgumentParser(description="Install Platekeeper, upgrade it, or go back. No network is needed.")
    parser.add_argument("action", nargs="?", choices=("install", "upgrade", "rollback"), default="install")
    parser.add_argument(
        "--prefix", type=_path, default=Path("/opt/platekeeper"), help="where versions lie (%(default)s)"
    )
    parser.add_argument(
        "--env-file", type=_path, default=Path("/etc/platekeeper.env"), help="its settings (%(default)s)"
    )
    parser.add_argument("--home", type=_path, help="the department's home (else PLATEKEEPER_HOME, of that file)")
    parser.add_argument("--service", default="platekeeper", help="systemd's unit; '' if you stop and start it yourself")
    parser.add_argument("--backup", type=_path, help="upgrade: where the backup goes (else beside the home)")
    parser.add_argument("--restore", action="store_true", help="rollback: put back the backup made before the upgrade")
    parser.add_argument(
        "--shares", type=_path, help="rollback: a file with the shares of the recovery key (else asked)"
    )
    given = parser.parse_args(arguments)
    os.umask(0o022)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup leaves it
        signal.signal(signal.SIGHUP, _hung_up)
    try:
        place = Place(prefix=given.prefix, home=given.home, env_file=given.env_file, service=given.service)
        place.prefix.mkdir(parents=True, exist_ok=True)
        with (place.prefix / "install.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if given.action == "install":
                install(place)
            elif given.action == "upgrade":
                upgrade(place, backup=given.backup)
            else:
                rollback(place, restore=given.restore, shares=given.shares)
    except BlockingIOError:
        print("Another run of this is under way.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. Nothing was changed.", file=sys.stderr)
        return 1
    except (Refused, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
