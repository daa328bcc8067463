"""How long a 720p picture takes us, beside plain `rapidocr`; and a second of video, followed, beside frame by frame.

    python benchmarks/reading.py DIR [THREADS]

Both read the same pictures in turn, in one process. Processor time is told beside the clock's, since a busy machine lies.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from rapidocr import RapidOCR

from platekeeper.field.engines import Picture, Settings, engine
from platekeeper.field.evaluating import pictures
from platekeeper.field.frames import Frame
from platekeeper.field.making import drive_by, plates
from platekeeper.field.reading import Reader
from platekeeper.field.sighting import Sighting
from platekeeper.field.syntaxes import prior_for

PICTURES, CARS = 12, 4


def main(folder: Path, threads: int) -> None:
    """Measure and print."""
    prior = prior_for("US")
    ours = engine("ppocr", Settings(prior, threads=threads))
    quick = engine("ppocr", Settings(prior, threads=threads, quick=True))
    params = {"Global.log_level": "error", "EngineConfig.onnxruntime.intra_op_num_threads": threads or -1}
    readers: dict[str, Callable[[Picture], object]] = {
        "rapidocr": RapidOCR(params=params),
        "ours": ours.read,
        "--quick": quick.read,
    }
    spent = dict.fromkeys(readers, (0.0, 0.0))
    seen = list(islice((each for each in pictures(folder) if each.shape[:2] == (720, 1280)), PICTURES))
    for read in readers.values():
        read(seen[0])
    for picture in seen:
        for name, read in readers.items():
            wall, processor = _timed(read, picture)
            spent[name] = spent[name][0] + wall, spent[name][1] + processor
    for name, (wall, processor) in spent.items():
        times = f"{wall / len(seen):.2f} s, {processor / len(seen):.2f} s of processor"
        print(
            f"{name:10} {times}; {wall / spent['rapidocr'][0]:.2f} and {processor / spent['rapidocr'][1]:.2f} of rapidocr"
        )

    random = Random(7)
    video = list(_frames(drive_by(plates(CARS, random), random)))
    found: list[Sighting] = []
    _, followed = _timed(Reader(ours, "pole", lambda: None, found.append).run, video)
    _, one_by_one = _timed(lambda frames: [ours.read(frame.picture, alone=False) for frame in frames], video)
    print(f"video      {len(found)} of {CARS} vehicles; {one_by_one / followed:.1f} times as fast as frame by frame")


def _frames(made: Iterable[Picture]) -> Iterable[Frame]:
    begun = datetime(2026, 5, 4, tzinfo=UTC)
    return (
        Frame(picture, begun + number * timedelta(seconds=1 / 30), stream=True) for number, picture in enumerate(made)
    )


def _timed(work: Callable[[Any], object], what: Any) -> tuple[float, float]:
    wall, processor = perf_counter(), _processor()
    work(what)
    return perf_counter() - wall, _processor() - processor


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
