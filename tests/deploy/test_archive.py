"""The real archive, on a machine without network where the records are files: installed, served, upgraded, taken back."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.build import ROOT
from platekeeper.server.storage.backups.recovery import keep_lock
from tests.e2e.serving import serving
from tests.postgres import cluster
from tests.recovery import KEY, SHARES
from tests.roles.making import WORD, in_home, urls_in

ALONE = ["unshare", "--net", "--map-root-user"]
"""Before a command: it has no network, where the machine lets us take it away."""
MIGRATION = """from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("reads", "{last}")]
    operations = [migrations.RunSQL("CREATE TABLE of_tomorrow (x integer)")]
"""
ANSWERS = {
    "name": "Mill Creek", "kind": "sheriff_office", "zone": "America/New_York", "person": "Sam Sheriff", "login": "sam"
}  # fmt: skip
Ran = subprocess.CompletedProcess[str]


class Machine:
    """A machine with nothing on it but archives, in a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        """Nothing is installed."""
        self.folder, self.home, self.prefix = folder, folder / "home", folder / "opt"
        self.environment = in_home(self.home)
        for ours in ("PYTHONPATH", "DJANGO_SETTINGS_MODULE"):
            self.environment.pop(ours, None)
        may = subprocess.run([*ALONE, "true"], check=False, capture_output=True).returncode == 0
        self.alone = ALONE if may else []

    def run(self, *command: str | Path, said: str = "") -> Ran:
        """Run a command without network."""
        return subprocess.run(
            [*self.alone, *command], env=self.environment, cwd=self.folder, input=said, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    def found(self) -> None:
        """Found a department with what is in use."""
        words = [word for name, value in ANSWERS.items() for word in (f"--{name}", value)]
        founded = self.platekeeper("current", "init", "--password-stdin", *words, said=WORD + "\n")
        assert founded.returncode == 0, founded.stderr

    def install(self, archive: Path, *words: str | Path) -> Ran:
        """Run an archive's installer."""
        return self.run(sys.executable, archive / "install", "--prefix", self.prefix, "--service", "", *words)

    def platekeeper(self, version: str, *words: str, said: str = "") -> Ran:
        """Run a version's command."""
        return self.run(self.prefix / version / "bin" / "platekeeper", *words, said=said)

    def serves(self) -> str:
        """Serve with what is in use; return its version where people can sign in."""
        command = str(self.prefix / "current" / "bin" / "platekeeper")
        with (
            serving(self.environment, lambda host, port: [command, "serve", "--host", host, "--port", str(port)]) as on,
            closing(http.client.HTTPConnection("127.0.0.1", on[1], timeout=60)) as connection,
        ):
            connection.request("GET", "/accounts/login/")
            answer = connection.getresponse()
            assert (answer.status, b"<h1>Sign in" in answer.read()) == (200, True)
        return str((self.prefix / "current").readlink())


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """Build the archive of this version and of a next one."""
    folder = tmp_path_factory.mktemp("archives")
    yield _unpacked(folder), _unpacked(folder, following=True)
    shutil.rmtree(folder)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    yield Machine(tmp_path)
    shutil.rmtree(tmp_path)  # a gigabyte


def _unpacked(folder: Path, *, following: bool = False) -> Path:
    """Build the archive of what is committed, or of a next version with one more migration, and unpack it."""
    checkout = folder / ("next" if following else "this")
    subprocess.run(["git", "clone", "--quiet", ROOT, checkout], check=True)
    if following:
        _go_on(checkout)
    subprocess.run([sys.executable, "deploy/build.py"], cwd=checkout, check=True)
    [archive] = (checkout / "dist").glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
        return folder / packed.getnames()[0].partition("/")[0]


def _go_on(checkout: Path) -> None:
    project, migrations = checkout / "pyproject.toml", checkout / "src/platekeeper/server/reads/migrations"
    project.write_text(project.read_text().replace('\nversion = "', '\nversion = "9.'))
    last = sorted(migrations.glob("0*.py"))[-1].stem
    (migrations / "0999_of_tomorrow.py").write_text(MIGRATION.format(last=last))
    git = ["git", "-c", "user.name=tests", "-c", "user.email=tests@example.org"]
    subprocess.run([*git, "add", "."], cwd=checkout, check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "tomorrow"], cwd=checkout, check=True)


def _version(archive: Path) -> str:
    return str(json.loads((archive / "RELEASE.json").read_text())["version"])


@pytest.mark.archive
def test_a_department_is_installed_upgraded_and_taken_back(machine: Machine, archives: tuple[Path, Path]) -> None:
    (archive, following), (before, after) = archives, map(_version, archives)

    wheel = sorted((archive / "wheels").iterdir())[0]
    good = wheel.read_bytes()
    wheel.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    assert f"Not as it was packed: wheels/{wheel.name}" in machine.install(archive).stderr
    wheel.write_bytes(good)
    installed = machine.install(archive)
    assert installed.returncode == 0, installed.stderr

    machine.found()
    assert machine.serves() == before
    unready = machine.install(following, "upgrade")  # there is no recovery key, so no backup
    assert f"{before} stays in use." in unready.stderr and machine.serves() == before

    keep_lock(machine.home / "recovery.json", KEY.lock)
    upgraded = machine.install(following, "upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    assert machine.serves() == after
    refused = machine.platekeeper(before, "serve")
    assert refused.returncode == 1 and "does not know reads.0999_of_tomorrow" in refused.stderr
    assert "type in their shares" in machine.install(following, "rollback").stderr
    assert machine.serves() == after

    (machine.folder / "shares").write_text("\n".join(SHARES[:2]))
    back = machine.install(following, "rollback", "--restore", "--shares", machine.folder / "shares")
    assert back.returncode == 0, back.stderr
    assert machine.serves() == before
    assert machine.platekeeper("current", "migrate", "--check").returncode == 0


@pytest.mark.archive
def test_a_department_in_postgresql_is_upgraded_and_restored_by_hand(
    machine: Machine, archives: tuple[Path, Path]
) -> None:
    (archive, following), (before, after) = archives, map(_version, archives)
    machine.alone = []  # the database is on the machine's own network
    with cluster() as administrator:
        installed = machine.install(archive)
        assert installed.returncode == 0, installed.stderr
        _database(machine, administrator, "department")
        machine.found()
        keep_lock(machine.home / "recovery.json", KEY.lock)
        assert machine.serves() == before
        upgraded = machine.install(following, "upgrade")
        assert upgraded.returncode == 0, upgraded.stderr
        assert machine.serves() == after
        refused = machine.install(following, "rollback")
        assert "Restore by hand" in refused.stderr and machine.serves() == after

        (machine.folder / "shares").write_text("\n".join(SHARES[:2]))
        backup = machine.home.with_name("home-before-upgrade")
        machine.environment["PLATEKEEPER_HOME"] = str(machine.folder / "again")
        _database(machine, administrator, "again")
        restored = machine.platekeeper(
            before, "backup", "restore", "--target", str(backup), "--shares", str(machine.folder / "shares")
        )
        assert restored.returncode == 0, restored.stderr
        owner = machine.environment["PLATEKEEPER_OWNER_URL"]
        dumped = machine.run("pg_restore", "--no-owner", f"--dbname={owner}", machine.folder / "again" / "records.dump")
        assert dumped.returncode == 0, dumped.stderr
        for words in (["migrate"], ["reads", "take-over"]):
            done = machine.platekeeper(before, *words)
            assert done.returncode == 0, done.stderr
        back = machine.install(following, "rollback")
        assert back.returncode == 0, back.stderr
        assert machine.serves() == before


def _database(machine: Machine, administrator: str, name: str) -> None:
    """Make an empty database with its two roles; what is run from here on works in it."""
    urls = urls_in(administrator, name)
    machine.environment |= {"PLATEKEEPER_DATABASE_URL": urls.web, "PLATEKEEPER_OWNER_URL": urls.owner}
    made = machine.platekeeper("current", "postgres", "roles", "--as", administrator)
    assert made.returncode == 0, made.stderr
