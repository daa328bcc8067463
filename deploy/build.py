"""Build the one file that a machine without network is installed from: `make archive`.

    platekeeper-<version>/
        install                 the installer (install.py)
        RELEASE.json            version, commit, and the Python and platform that the wheels are for
        SHA256SUMS              of every other file, as `sha256sum --check` reads it
        wheels.lock             requirements.lock and our own wheel: what is installed, by hash
        wheels/  docs/  deploy/  the locks, LICENSE, CHANGELOG.md

What is built is what is committed. The same commit and wheels give the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-field.lock", "requirements-dev.lock")
SUMS, RELEASE, WHEELS_LOCK = "SHA256SUMS", "RELEASE.json", "wheels.lock"


def build(into: Path) -> Path:
    """Build the archive of the commit that is checked out. Raises `CalledProcessError` for what a tool could not do."""
    commit, at = _git("rev-parse", "HEAD"), int(_git("log", "-1", "--format=%ct"))
    with tempfile.TemporaryDirectory() as scratch:
        source = _committed(Path(scratch) / "source")
        version = tomllib.loads((source / "pyproject.toml").read_text())["project"]["version"]
        folder = Path(scratch) / f"platekeeper-{version}"
        folder.mkdir()
        _wheels(source, folder, at=at)
        for name in (*LOCKS, "LICENSE", "CHANGELOG.md"):
            shutil.copy(source / name, folder)
        for name in ("docs", "deploy"):
            shutil.copytree(source / name, folder / name)
        (folder / "deploy" / "install.py").rename(folder / "install")
        (folder / "deploy" / "build.py").unlink()
        release = {"version": version, "commit": commit, "python": sysconfig.get_python_version()}
        release["platform"] = sysconfig.get_platform()
        (folder / RELEASE).write_text(json.dumps(release, indent=1) + "\n")
        (folder / SUMS).write_text(sums(folder))
        into.mkdir(exist_ok=True)
        return _packed(folder, into / f"{folder.name}-{release['platform']}-py{release['python']}.tar.gz", at=at)


def sums(folder: Path) -> str:
    """Return a line a file below a folder: its SHA-256, and its path."""
    return "".join(f"{_sha256(each)}  {each.relative_to(folder).as_posix()}\n" for each in _files(folder))


def _committed(source: Path) -> Path:
    """Lay what is committed into a folder of its own: what else lies in the checkout goes into no wheel."""
    source.mkdir()
    packed = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "--extract", "--directory", source], input=packed, check=True)
    return source


def _wheels(source: Path, folder: Path, *, at: int) -> None:
    """Make our own wheel, fetch the locked ones, and lock them all by hash."""
    wheels, lock = folder / "wheels", source / "requirements.lock"

    def pip(*words: str | Path) -> None:
        command = [sys.executable, "-m", "pip", "--quiet", *words]
        subprocess.run(command, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": str(at)})

    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, source)
    [wheel] = wheels.glob("platekeeper-*.whl")
    pip("download", "--only-binary", ":all:", "--require-hashes", "--dest", wheels, "--requirement", lock)
    ours = f"platekeeper=={wheel.name.split('-')[1]} --hash=sha256:{_sha256(wheel)}\n"
    (folder / WHEELS_LOCK).write_text(lock.read_text() + ours)


def _packed(folder: Path, archive: Path, *, at: int) -> Path:
    """Pack a folder, files sorted, nobody's, and of the commit's time."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime, member.mode = at, 0o755 if member.name.endswith("/install") else 0o644
        return member

    with (
        archive.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=at, compresslevel=6) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for each in _files(folder):
            tar.add(each, each.relative_to(folder.parent).as_posix(), filter=plain)
    archive.with_name(archive.name + ".sha256").write_text(f"{_sha256(archive)}  {archive.name}\n")
    return archive


def _files(folder: Path) -> Iterator[Path]:
    return iter(sorted(each for each in folder.rglob("*") if each.is_file()))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    made = build(ROOT / "dist")
    print(f"{made}  ({made.stat().st_size / 1_000_000:.0f} MB)\nSHA-256 {_sha256(made)}")
