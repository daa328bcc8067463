"""`platekeeper-field make FOLDER`: labeled pictures of made-up plates and a video of made-up cars, to try a unit out."""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random
from typing import Any


def register(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("make", help="make pictures of plates that nobody has, to try a unit out")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--count", type=int, default=20, help="plates (20)")
    parser.add_argument("--video", action="store_true", help="a video in which they drive by, instead of pictures")
    parser.add_argument("--seed", type=int, default=1, help="another number gives other plates (1)")
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    import cv2

    from platekeeper.field.making import drive_by, plates, scene, write_video

    random = Random(chosen.seed)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    texts = plates(chosen.count, random)
    if chosen.video:
        write_video(chosen.folder / "drive-by.avi", drive_by(texts, random))
        (chosen.folder / "drive-by.txt").write_text("\n".join(texts) + "\n")
        return 0
    for number, text in enumerate(texts, 1):
        made = scene(text, random)
        cv2.imwrite(str(chosen.folder / f"{number:03}.jpg"), made.picture)
        (chosen.folder / f"{number:03}.txt").write_text(made.label(f"{number:03}.jpg"))
    return 0
