"""`platekeeper-field evaluate DIR`: measure an engine on labeled photographs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from platekeeper.field.cli.choosing import add_engine, chosen_engine
from platekeeper.field.cli.main import Trouble
from platekeeper.field.evaluating import LabelError, Looked, look, report, right


def register(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("evaluate", help="measure how well plates are read on your own labeled photographs")
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="pictures, and beside each a .txt: file left top width height PLATE"
    )
    parser.add_argument("--wrong", action="store_true", help="also list what was read wrongly")
    add_engine(parser)
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    engine = chosen_engine(chosen)
    try:
        looked = []
        for each in look(chosen.folder, engine, clock=perf_counter):
            looked.append(each)
            print(f"\r{len(looked)} pictures", end="", file=sys.stderr)
    except LabelError as error:
        raise Trouble(str(error)) from error
    print(file=sys.stderr)
    if not looked:
        raise Trouble(f"{chosen.folder} holds no picture with a label beside it (a.jpg and a.txt).")
    print("\n".join([*(_wrong(looked) if chosen.wrong else []), *report(looked)]))
    return 0


def _wrong(looked: list[Looked]) -> list[str]:
    pairs = [(each.name, each.of(label), label.plate) for each in looked for label in each.labels]
    return [
        f"{name}: {plate} was read as {reading.plate if reading else 'nothing'}"
        + (f" ({reading.confidence:.2f}; {', '.join(text for text, _ in reading.candidates[1:5])})" if reading else "")
        for name, reading, plate in pairs
        if reading is None or not right(reading, plate)
    ]
