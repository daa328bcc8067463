"""From pictures to sightings, with the engine that comes with the unit."""

from __future__ import annotations

import json
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import cv2
import pytest

from platekeeper.core.plates import fold
from platekeeper.field.cli.main import main
from platekeeper.field.engines import Engine, Settings, engine
from platekeeper.field.evaluating import look, report
from platekeeper.field.frames import decoded, encoded
from platekeeper.field.making import drive_by, plates, scene, write_video
from platekeeper.field.reading import Reader
from platekeeper.field.sighting import Sighting
from platekeeper.field.sources import frames_from, push, video
from platekeeper.field.syntaxes import prior_for

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
DRIVING = int(os.environ.get("PLATEKEEPER_DRIVE_BY", "3"))
"""Vehicles in the video; `make field` has a hundred."""
PHOTOGRAPHS = Path(os.environ.get("PLATEKEEPER_PHOTOGRAPHS", Path(__file__).parents[3] / "shared" / "ocr-dev"))


@pytest.fixture(scope="module")
def ppocr() -> Engine:
    return engine("ppocr", Settings(prior_for("US"), threads=1))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("made")
    assert main(["make", str(folder), "--count", "2"]) == 0
    return folder


def test_pictures_are_read_and_each_keeps_its_picture_and_crop(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["read", str(made), "--keep", str(tmp_path), "--place", "40.5,-74.5", "--threads", "1"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["plate"] for line in lines] == [path.read_text().split()[-1] for path in sorted(made.glob("*.txt"))]
    for line in lines:
        assert line["latitude"] == 40.5
        assert line["candidates"][0] == [line["plate"], line["confidence"]]
        assert len(line["candidates"]) <= 10
        assert sum(share for _, share in line["candidates"]) <= 1.001
        picture, crop = (decoded((tmp_path / f"{line['uid']}{which}.jpg").read_bytes()) for which in ("", "-plate"))
        assert picture is not None
        assert crop is not None
        assert crop.shape < picture.shape


def test_an_engine_is_measured_on_a_labeled_folder(made: Path, ppocr: Engine) -> None:
    ticks = iter(range(100))
    looked = list(look(made, ppocr, clock=lambda: float(next(ticks))))
    lines = report(looked)
    assert lines[0] == "pictures               2, labeled plates 2"
    assert "100.0% (2 of 2; 34.2% to 100.0%)" in lines[1]
    assert lines[-1].endswith("1.000 s, median 1.000 s")


def test_vehicles_that_drive_by_are_read_once_each(tmp_path: Path, ppocr: Engine) -> None:
    random = Random(7)
    cars, found = plates(DRIVING, random), list[Sighting]()
    write_video(tmp_path / "drive.avi", drive_by(cars, random))
    Reader(ppocr, "pole", lambda: None, found.append).run(video.recorded(tmp_path / "drive.avi", begun=NOW))
    assert [fold(sighting.plate) for sighting in found] == [fold(car) for car in cars]
    assert [sighting.at for sighting in found] == sorted(sighting.at for sighting in found)


def test_a_camera_pushes_its_pictures() -> None:
    picture = encoded(scene("ABC1234", Random(1)).picture)
    vendor = b"--frame\r\nContent-Type: application/json\r\n\r\n{}\r\n--frame\r\n\r\n" + picture + b"\r\n--frame--\r\n"
    statuses: list[int] = []

    def send() -> None:
        for body in (b"no picture", vendor):
            request = urllib.request.Request("http://127.0.0.1:18231/", body, method="POST")
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    statuses.append(answer.status)
            except urllib.error.HTTPError as error:
                with error:
                    statuses.append(error.code)

    frames = push.frames(("127.0.0.1", 18231), clock=lambda: NOW)
    sender = threading.Timer(0.3, send)
    sender.start()
    frame = next(iter(frames))
    sender.join(10)
    close(frames)
    assert frame.jpeg == picture
    assert statuses == [400, 200]


def close(frames: Iterator[object]) -> None:
    """End a generator, and what it serves."""
    frames.close()  # type: ignore[attr-defined]  # a generator is one


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["read", "nowhere"], "neither a folder"),
        (["read", ".", "--engine", "eyes"], "no such engine"),
        (["read", ".", "--jurisdiction", "US-XX"], "no such jurisdiction"),
        (["read", ".", "--place", "here"], "latitude,longitude"),
        (
            ["read", ".", "--engine", "fast-alpr", "--models", "nowhere"],
            "detector.onnx, reader.onnx, reader.yaml missing",
        ),
        (["evaluate", "tests/field"], "no picture with a label"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    assert told in capsys.readouterr().err


def test_a_label_that_makes_no_sense_names_its_line(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jpg").write_bytes((made / "001.jpg").read_bytes())
    (tmp_path / "a.txt").write_text("a.jpg 1 2 3 4 ABC123\na.jpg one two ABC\n")
    assert main(["evaluate", str(tmp_path), "--threads", "1"]) == 1
    assert "a.txt, line 2" in capsys.readouterr().err


def test_a_file_that_is_no_picture_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    cv2.imwrite(str(tmp_path / "b.png"), scene("ABC1234", Random(1)).picture)
    frames = list(frames_from(str(tmp_path), clock=lambda: NOW))
    assert [(frame.name, frame.stream, frame.jpeg) for frame in frames] == [("b.png", False, b"")]


def test_photographs_of_the_road_are_read(ppocr: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """On six of the photographs we develop on, where they are at hand; `make field` measures all."""
    folder = PHOTOGRAPHS / "us"
    chosen = ("car8", "us2", "us6", "wts-lg-000016", "wts-lg-000074", "wts-lg-000193")
    if not folder.is_dir():
        with capsys.disabled():
            print(
                f"\n{PHOTOGRAPHS} is not here: no photographs were read. PLATEKEEPER_PHOTOGRAPHS says where they are."
            )
        return
    for name in chosen:
        picture = decoded((folder / f"{name}.jpg").read_bytes())
        assert picture is not None
        assert ppocr.read(picture)[0].plate == (folder / f"{name}.txt").read_text().split()[-1]
