"""What we stand on, as far as it can be seen without network: locked by hash, in step with pyproject.toml, permissive.

Known faults in it are asked for where there is network: `make audit`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = {
    "requirements.lock": ("build",),
    "requirements-field.lock": ("build", "field"),
    "requirements-dev.lock": ("build", "dev", "field"),
}
"""Lock -> the extras it is for."""
_LINE = re.compile(r"([a-z0-9-]+)==(\S+)((?: --hash=sha256:[0-9a-f]{64})+)(?: #.*)?")
PERMISSIVE = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Zlib",
}  # fmt: skip
IN_OTHER_WORDS = {
    "Apache 2.0": "Apache-2.0", "Apache Software License": "Apache-2.0", "BSD": "BSD-3-Clause",
    "BSD 2-Clause License": "BSD-2-Clause", "BSD License": "BSD-3-Clause", "3-Clause BSD License": "BSD-3-Clause",
    "MIT License": "MIT", "PSFL": "PSF-2.0", "Python Software Foundation License": "PSF-2.0",
}  # fmt: skip
EXCEPTIONS = {
    "axe-playwright-python": "says none in its metadata; its file says MIT, and axe-core inside it MPL-2.0; tests alone",
    "certifi": "MPL-2.0: a list of certificates, passed on unchanged",
    "fido2": "BSD-2-Clause; MPL-2.0 is a list of domain names inside it, passed on unchanged",
    "hypothesis": "MPL-2.0; tests alone",
    "pathspec": "MPL-2.0; mypy alone",
    "psycopg": "LGPL-3.0: a library of its own that anybody can replace, passed on unchanged",
    "psycopg-binary": "as psycopg",
    "tqdm": "MPL-2.0 and MIT: comes with rapidocr, passed on unchanged",
    "xstatic-leaflet": "says `same as Leaflet`, which is BSD-2-Clause",
}
"""What is not on the list -> why it is used all the same."""


def _locked(name: str) -> dict[str, str]:
    """Return package -> version. Every line is one package in one version with its hashes."""
    text = re.sub(r" *\\\n *", " ", (ROOT / name).read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found = [_LINE.fullmatch(line) for line in lines]
    assert all(found), f"{name}: {lines[found.index(None)]} is not one version with its hashes"
    return {each[1]: each[2] for each in found if each}


def _wanted(extras: Iterable[str]) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(each for extra in extras for each in project["optional-dependencies"][extra])]
    return [Requirement(each) for each in lines]


def _reached(wanted: list[Requirement], locked: dict[str, str]) -> set[str]:
    """Return every package that is needed, with what it needs; each is locked in a version that is asked for."""
    seen: set[tuple[str, str]] = set()
    for each in wanted:  # which grows
        name = canonicalize_name(each.name)
        assert name in locked, f"{each} is not locked: make lock"
        assert each.specifier.contains(locked[name], prereleases=True), (
            f"{name} {locked[name]} is not {each}: make lock"
        )
        for extra in ["", *each.extras]:
            if (name, extra) not in seen:
                seen.add((name, extra))
                needs = [Requirement(need) for need in distribution(name).requires or ()]
                wanted.extend(need for need in needs if not need.marker or need.marker.evaluate({"extra": extra}))
    return {name for name, _ in seen}


def _license(name: str) -> str:
    """Return the license as an expression, out of the words that the package uses."""
    told = distribution(name).metadata
    if "License-Expression" in told:
        return told["License-Expression"]
    first = str(told.json.get("license", "")).strip().partition("\n")[0]
    if (said := IN_OTHER_WORDS.get(first, first)) in PERMISSIVE:
        return str(said)
    classes = [each.rpartition(" :: ")[2] for each in told.get_all("Classifier") or () if each.startswith("License ::")]
    return " AND ".join(IN_OTHER_WORDS.get(each, each) for each in classes)


def _is_permissive(license: str) -> bool:
    return any(set(each.split(" AND ")) <= PERMISSIVE for each in license.split(" OR "))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_what_the_project_asks_for_and_what_is_installed(lock: str) -> None:
    locked = _locked(lock)
    assert _reached(_wanted(LOCKS[lock]), locked) == set(locked), "make lock"
    assert {name: distribution(name).version for name in locked} == locked


@pytest.mark.parametrize("lock", LOCKS)
def test_what_is_locked_may_be_passed_on(lock: str) -> None:
    not_permissive = {name: said for name in _locked(lock) if not _is_permissive(said := _license(name))}
    unknown = {name: said for name, said in not_permissive.items() if name not in EXCEPTIONS}
    assert not unknown, "look at its license, and choose another one or give the reason in EXCEPTIONS"


def test_every_lock_names_versions_with_their_hashes() -> None:
    assert {path.name for path in ROOT.glob("requirements*.lock") if _locked(path.name)} >= {
        *LOCKS,
        "requirements-audit.lock",
    }


def test_every_exception_is_needed() -> None:
    assert {name for name in EXCEPTIONS if _is_permissive(_license(name))} == set()
    assert set(EXCEPTIONS) <= set(_locked("requirements-dev.lock"))


@pytest.mark.parametrize(
    ("license", "permissive"),
    [
        ("MIT", True),
        ("EPL-2.0 OR BSD-3-Clause", True),
        ("MIT AND PSF-2.0", True),
        ("MIT AND GPL-3.0", False),
        ("", False),
    ],
)
def test_a_license_is_read(license: str, permissive: bool) -> None:
    assert _is_permissive(license) == permissive
