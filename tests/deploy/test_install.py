"""The installer, on tiny archives whose versions are built already; `make archive-test` runs it on the real one."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.build import RELEASE, ROOT, SUMS, sums
from deploy.install import Refused, settings_in

VERSION = """#!/bin/sh
here=${0%/bin/*}; here=${here##*/}
echo "$here $*" >> $PLATEKEEPER_HOME.asked
test "$here $1 $2" = "$(cat $PLATEKEEPER_HOME.fails 2>/dev/null)" && { echo half > $PLATEKEEPER_HOME/records; exit 2; }
cut=$(cat ${PLATEKEEPER_HOME%.restored}.cut 2>/dev/null)
test "$here $1 $2" = "${cut#* }" && kill -s ${cut%% *} $PPID && exec sleep 60
case "$*" in
    "migrate --check") grep -qx "$(cat ${0%/*}/../records)" $PLATEKEEPER_HOME/records ;;
    migrate) cp ${0%/*}/../records $PLATEKEEPER_HOME/records ;;
    "backup run"*) cp $PLATEKEEPER_HOME/records $4/ ;;
    "backup restore"*) cp $4/records $PLATEKEEPER_HOME/ ;;
    "doctor --set-up --json")
        test -e ${0%/*}/../raises && exit 1
        echo '{"lines": []}'
        exit $(cat ${0%/*}/../found 2>/dev/null || echo 0) ;;
esac
"""
"""Stands for a version's command: it notes what it was asked, and its records are a word in a file."""


class Town:
    """A machine with a department in a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        """Lay two archives; version 1 is in use."""
        self.folder, self.home, self.prefix = folder, folder / "home", folder / "opt"
        self.home.mkdir()
        (self.home / "records").write_text("first\n")
        (self.folder / "env").write_text(f"# where it lies\nPLATEKEEPER_HOME='{self.home}'\n")
        for version, records in (("1", "first"), ("2", "second")):
            self.lay(version, records)
        (self.prefix / "current").symlink_to("1")

    def lay(self, version: str, records: str) -> None:
        """Lay an archive, and the version that was built from it."""
        archive, built = self.folder / version, self.prefix / version
        (archive / "wheels").mkdir(parents=True)
        (archive / "wheels" / "some.whl").write_bytes(b"a wheel")
        (archive / "install").write_text((ROOT / "deploy" / "install.py").read_text())
        release = {"version": version, "python": sysconfig.get_python_version(), "platform": sysconfig.get_platform()}
        (archive / RELEASE).write_text(json.dumps(release))
        (archive / SUMS).write_text(sums(archive))
        (built / "bin").mkdir(parents=True)
        (built / RELEASE).write_text("{}")
        (built / "records").write_text(f"{records}\n")
        (built / "deploy").mkdir()
        (built / "deploy" / "platekeeper.service").write_text(f"[Service]\nType={records}\nUser=platekeeper\n")
        (built / "bin" / "platekeeper").write_text(VERSION)
        (built / "bin" / "platekeeper").chmod(0o755)

    def run(self, archive: str, *words: str, service: str = "") -> subprocess.CompletedProcess[str]:
        """Run an archive's installer."""
        (self.folder / "home.asked").unlink(missing_ok=True)
        command: list[str | Path] = [
            sys.executable,
            "-S",
            self.folder / archive / "install",
            "--prefix",
            self.prefix,
            *words,
        ]
        command += ["--env-file", self.folder / "env", "--service", service]
        path = f"{self.folder}:{os.environ['PATH']}"
        return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PATH": path})

    def fail(self, step: str) -> None:
        """Let a version's command fail, with the records half done."""
        (self.folder / "home.fails").write_text(step)

    def cut(self, step: str, *, by: str) -> None:
        """Let a signal meet the installer while a version's command works."""
        (self.folder / "home.cut").write_text(f"{by} {step}")

    def has_systemd(self, *, state: str = "active", starts: bool = True) -> None:
        """Give it a systemctl that notes what it was asked."""
        fails = "" if starts else 'test "$1" != start\n'
        (self.folder / "systemctl").write_text(
            f'#!/bin/sh\necho "systemctl $1" >> {self.home}.asked\n'
            f"if test $1 = cat; then cat {self.folder}/unit; else echo {state}; fi\n{fails}"
        )
        (self.folder / "systemctl").chmod(0o755)
        (self.folder / "unit").write_text("User=platekeeper\nReadWritePaths=/mnt/backups\nType=second\n")

    @property
    def asked(self) -> list[str]:
        """What the versions' commands were asked, but whether the records are theirs."""
        asked = (self.folder / "home.asked").read_text().splitlines()
        return [each.partition(" --")[0] for each in asked if "--check" not in each]

    @property
    def stands(self) -> tuple[str, str]:
        """The version in use, and the records."""
        return str((self.prefix / "current").readlink()), (self.home / "records").read_text().strip()


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def test_what_is_not_as_it_was_packed_is_not_installed(town: Town) -> None:
    wheel, release = town.folder / "2" / "wheels" / "some.whl", town.folder / "2" / RELEASE
    wheel.write_bytes(b"a wheeL")
    (wheel.parent / "more.whl").touch()
    refused = town.run("2", "upgrade")
    assert refused.returncode == 1 and "Not as it was packed: wheels/some.whl, wheels/more.whl." in refused.stderr
    wheel.unlink()
    assert "wheels/some.whl" in town.run("2", "upgrade").stderr
    wheel.write_bytes(b"a wheel")
    (wheel.parent / "more.whl").unlink()
    release.write_text(release.read_text().replace(sysconfig.get_python_version(), "3.1"))
    (release.parent / SUMS).unlink()
    (release.parent / SUMS).write_text(sums(release.parent))
    assert "This archive is for python 3.1" in town.run("2", "upgrade").stderr
    assert town.stands == ("1", "first")


def test_an_upgrade_backs_up_migrates_and_points(town: Town) -> None:
    (town.prefix / "current").unlink()
    assert town.run("1").returncode == 0
    assert "To go on to 2: ./install upgrade" in town.run("2").stderr
    assert town.run("2", "upgrade").returncode == 0
    assert town.asked == ["1 doctor", "1 backup run", "2 migrate", "2 doctor"]
    assert town.stands == ("2", "second")
    assert (town.folder / "home-before-upgrade" / "records").read_text() == "first\n"
    assert "in use already" in town.run("2", "upgrade").stderr


def test_while_somebody_works_there_nothing_is_done(town: Town) -> None:
    with (town.home / "running.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        assert "A server still works" in town.run("2", "upgrade").stderr
    assert town.stands == ("1", "first")


def test_the_service_is_stopped_meanwhile_and_runs_again(town: Town) -> None:
    town.has_systemd()
    stop, start = ["systemctl is-active", "systemctl stop"], ["systemctl start"]
    assert town.run("2", "upgrade", "--backup", "/none/here", service="platekeeper").returncode == 1
    assert town.asked == stop[:1]
    assert town.run("2", "upgrade", service="platekeeper").returncode == 0
    before = [stop[0], "1 backup run"]  # the whole of it, and once it has stopped what changed meanwhile
    assert town.asked == [*before, *stop, "1 doctor", "1 backup run", "2 migrate", "2 doctor", *start, "systemctl cat"]
    assert town.run("2", "rollback", service="platekeeper").returncode == 1
    assert town.asked == []
    assert town.run("2", "rollback", "--restore", service="platekeeper").returncode == 0
    assert town.asked == [*stop, *start]


@pytest.mark.parametrize("step", ["1 backup run", "2 migrate ", "2 doctor --set-up"])
def test_an_upgrade_that_failed_goes_on_or_back(step: str, town: Town) -> None:
    town.fail(step)
    refused = town.run("2", "upgrade")
    assert refused.returncode == 1 and "rollback --restore" in refused.stderr
    assert town.stands == ("1", "half")
    (town.folder / "home.fails").unlink()
    if step[0] == "1":  # this backup broke the records that it was to copy
        assert "The records are not of 1" in town.run("2", "upgrade").stderr
        return
    assert town.run("2", "upgrade").returncode == 0
    assert "1 backup run" not in town.asked  # of records between the versions
    assert town.stands == ("2", "second")
    assert town.run("2", "rollback", "--restore").returncode == 0
    assert town.stands == ("1", "first")


@pytest.fixture
def terminal() -> Iterator[None]:
    """What is run hears Ctrl-C and that the connection was lost, also where the tests were told to survive both."""
    before = {each: signal.signal(each, signal.SIG_DFL) for each in (signal.SIGINT, signal.SIGHUP)}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("by", ["INT", "TERM", "HUP"])
def test_what_is_cut_off_leaves_the_server_running(by: str, town: Town) -> None:
    town.has_systemd()
    town.cut("1 backup run", by=by)
    cut = town.run("2", "upgrade", service="platekeeper")
    assert cut.returncode == 1 and town.asked == ["systemctl is-active", "1 backup run"]  # it was never stopped
    town.cut("1 doctor --set-up", by=by)
    cut = town.run("2", "upgrade", service="platekeeper")
    assert cut.returncode == 1 and town.asked[-1] == "systemctl start"
    assert ("Interrupted. 1 stays in use." in cut.stderr) == (by != "HUP")  # nobody is there to hear it
    assert town.stands == ("1", "first")

    (town.folder / "home.cut").unlink()
    assert town.run("2", "upgrade").returncode == 0
    town.cut("1 backup restore", by=by)
    cut = town.run("2", "rollback", "--restore", service="platekeeper")
    assert cut.returncode == 1 and town.asked[-1] == "systemctl start"
    assert ("Nothing was changed; 2 stays in use." in cut.stderr) == (by != "HUP")
    assert town.stands == ("2", "second") and not (town.folder / "home.restored").exists()


def test_a_service_that_does_not_start_is_no_success(town: Town) -> None:
    town.has_systemd(starts=False)
    upgraded = town.run("2", "upgrade", service="platekeeper")
    assert upgraded.returncode == 1 and "2 is in use." in upgraded.stdout
    assert "journalctl -u platekeeper" in upgraded.stderr and "does not run" in upgraded.stderr
    back = town.run("2", "rollback", "--restore", service="platekeeper")
    assert back.returncode == 1 and "does not run" in back.stderr
    assert town.stands == ("1", "first")


def test_a_service_that_is_started_again_and_again_is_stopped_too(town: Town) -> None:
    town.has_systemd(state="activating")
    assert town.run("2", "upgrade", service="platekeeper").returncode == 0
    assert [each for each in town.asked if "systemctl" in each][2:] == [
        "systemctl stop",
        "systemctl start",
        "systemctl cat",
    ]
    town.has_systemd(state="failed")
    assert "systemctl start platekeeper" in town.run("2", "rollback", "--restore", service="platekeeper").stdout
    assert town.asked == ["systemctl is-active"]


def test_what_the_unit_in_use_lacks_is_said(town: Town) -> None:
    town.has_systemd()
    assert "unit in use" not in town.run("2", "upgrade", service="platekeeper").stdout
    assert town.run("2", "rollback", "--restore", service="platekeeper").returncode == 0
    (town.folder / "home.of-2" / "records").unlink()
    (town.folder / "home.of-2").rmdir()
    (town.folder / "unit").write_text("User=platekeeper\nType=simple\n")
    assert "The unit in use lacks: Type=second. Bring" in town.run("2", "upgrade", service="platekeeper").stdout


def test_without_systemd_it_says_what_to_add(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    (tools := town.folder / "tools").mkdir()
    for tool in ("sh", "cat", "grep"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    monkeypatch.setenv("PATH", str(tools))
    refused = town.run("2", "upgrade", service="platekeeper")
    assert refused.returncode == 1 and "add: --service ''" in refused.stderr
    assert town.stands == ("1", "first")


def test_what_is_older_takes_the_place_of_no_backup(town: Town) -> None:
    assert town.run("2", "upgrade").returncode == 0
    for words in ([], ["upgrade"]):
        refused = town.run("1", *words)
        assert refused.returncode == 1 and "1 is older than 2" in refused.stderr and "rollback" in refused.stderr
    assert (town.folder / "home-before-upgrade" / "records").read_text() == "first\n"
    assert town.run("2", "rollback", "--restore").returncode == 0
    assert town.stands == ("1", "first")


def test_what_doctor_finds_worse_stands_in_the_way_the_second_time_too(town: Town) -> None:
    (town.prefix / "2" / "found").write_text("1")
    for _ in range(2):
        assert "finds worse" in town.run("2", "upgrade").stderr
        assert town.stands == ("1", "second")
    (town.prefix / "2" / "found").unlink()
    assert town.run("2", "upgrade").returncode == 0
    assert town.stands == ("2", "second")


def test_a_doctor_that_does_not_get_to_its_end_has_found_the_worst(town: Town) -> None:
    (town.prefix / "1" / "found").write_text("2")
    (town.prefix / "2" / "raises").touch()
    assert "finds worse" in town.run("2", "upgrade").stderr
    assert town.stands == ("1", "second")


def test_another_version_does_not_go_on_with_what_one_began(town: Town) -> None:
    town.lay("3", "third")
    town.fail("2 migrate ")
    assert town.run("2", "upgrade").returncode == 1
    refused = town.run("3", "upgrade")
    assert refused.returncode == 1 and "Run `upgrade` of 2 again" in refused.stderr
    assert town.stands == ("1", "half")


def test_a_backup_of_another_version_is_not_put_back(town: Town) -> None:
    assert town.run("2", "upgrade").returncode == 0
    (town.folder / "home-before-upgrade" / "records").write_text("second\n")
    refused = town.run("2", "rollback", "--restore")
    assert refused.returncode == 1 and "is not of 1. Nothing was changed" in refused.stderr
    assert town.stands == ("2", "second") and not (town.folder / "home.of-2").exists()


def test_a_backup_that_cannot_be_made_leaves_everything_as_it_was(town: Town) -> None:
    refused = town.run("2", "upgrade", "--backup", str(town.folder / "none" / "here"))
    assert refused.returncode == 1 and "1 stays in use." in refused.stderr
    assert town.stands == ("1", "first")


def test_without_the_owner_of_what_it_changes_nothing_is_stopped(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.has_systemd()
    (town.folder / "env").write_text(f"PLATEKEEPER_HOME={town.home}\nPLATEKEEPER_DATABASE_URL=postgresql://db/x\n")
    refused = town.run("2", "upgrade", service="platekeeper")
    assert refused.returncode == 1 and "Set PLATEKEEPER_OWNER_URL" in refused.stderr
    assert (town.asked, town.stands) == ([], ("1", "first"))
    monkeypatch.setenv("PLATEKEEPER_OWNER_URL", "postgresql://owner@db/x")
    assert town.run("2", "upgrade", service="platekeeper").returncode == 0


def test_back_without_a_migration_is_the_link_alone(town: Town) -> None:
    assert "no version to go back to" in town.run("1", "rollback").stderr
    (town.prefix / "2" / "records").write_text("first\n")
    assert town.run("2", "upgrade").returncode == 0
    assert town.run("2", "rollback").returncode == 0
    assert town.stands == ("1", "first") and town.asked == []


def test_back_after_a_migration_is_the_backup_from_before(town: Town) -> None:
    assert town.run("2", "upgrade").returncode == 0
    refused = town.run("2", "rollback")
    assert refused.returncode == 1 and "type in their shares" in refused.stderr
    assert re.search(r"made before the upgrade \(\d{4}-\d\d-\d\d \d\d:\d\d\)", refused.stderr)
    assert town.stands == ("2", "second")
    (town.folder / "env").write_text(f"PLATEKEEPER_HOME={town.home}\nPLATEKEEPER_DATABASE_URL=postgresql://db/x\n")
    assert "Restore by hand" in town.run("2", "rollback", "--restore").stderr
    (town.folder / "env").write_text(f"PLATEKEEPER_HOME={town.home}\n")
    assert town.run("2", "rollback", "--restore").returncode == 0
    assert town.stands == ("1", "first")
    aside = town.folder / "home.of-2"
    assert (aside / "records").read_text() == "second\n"
    assert town.run("2", "upgrade").returncode == 0
    assert f"{aside} is in the way" in town.run("2", "rollback", "--restore").stderr
    assert town.stands == ("2", "second")


def test_a_restore_that_was_cut_off_is_brought_to_its_end(town: Town) -> None:
    assert town.run("2", "upgrade").returncode == 0
    (town.folder / "home.restored").mkdir()
    (town.folder / "home.restored" / "records").write_text("first\n")
    town.home.rename(town.folder / "home.of-2")
    assert town.run("2", "rollback", "--restore").returncode == 0
    assert town.stands == ("1", "first")


def test_settings_are_read_as_systemd_reads_them(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("# A=1\n; B=2\n\nC=a#b=c\nD='x y'\n E = \"z\" \nno setting\n")
    assert settings_in(tmp_path / "env") == {"C": "a#b=c", "D": "x y", "E": "z"}
    assert settings_in(tmp_path / "none") == {}
    (tmp_path / "env").write_text("D=it's\n")
    with pytest.raises(Refused, match="the value of D has a quote"):
        settings_in(tmp_path / "env")
