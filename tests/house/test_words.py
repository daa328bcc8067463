"""What no file of the project names: package indexes, and folders of the machine it was written on."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FORBIDDEN = (
    "--index-url",
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "/wo" + "rk/main",
    "/tmp/bash" + "_jobs",
)


def test_no_tracked_file_names_an_index_or_a_folder_of_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.suffix in {".png", ".ico"} or not path.is_file():
            continue
        text = path.read_text(errors="replace")
        found = [word for word in FORBIDDEN if word in text and path.name not in {"test_words.py", "Makefile"}]
        assert not found, f"{name} names {found}"
