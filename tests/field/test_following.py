"""One vehicle in many frames is one read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np

from platekeeper.field.engines import Box, Picture, Reading
from platekeeper.field.frames import Frame
from platekeeper.field.making import plates
from platekeeper.field.reading import Reader
from platekeeper.field.sighting import Sighting

BEGUN = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
EMPTY = np.zeros((72, 1280, 3), np.uint8)


class Scripted:
    """An engine that says what it was told to say, frame by frame."""

    def __init__(self, script: list[list[Reading]]) -> None:
        self.script = iter(script)
        self.looks = 0

    def read(self, picture: Picture, *, alone: bool = True) -> list[Reading]:
        """Return the next lines of the script."""
        self.looks += 1
        return next(self.script)


def _read(script: list[list[Reading]], *, every: timedelta = timedelta(milliseconds=150)) -> list[Sighting]:
    found: list[Sighting] = []
    reader = Reader(Scripted(script), "pole", lambda: (40.5, -74.5), found.append)
    reader.run(Frame(EMPTY, BEGUN + number * every, stream=True) for number in range(len(script)))
    return found


def _reading(text: str, left: int, sure: float = 0.9, *others: str) -> Reading:
    rest = tuple((other, (1 - sure) / len(others)) for other in others)
    return Reading(Box(left, 20, left + 150, 60), text, sure, ((text, sure), *rest))


def test_a_hundred_vehicles_are_a_hundred_reads() -> None:
    random = Random(3)
    script = []
    cars = plates(100, random)
    for text in cars:
        wrong = text[:-1] + ("8" if text[-1] != "8" else "3")
        for look in range(6):
            said = wrong if look in {1, 4} else text
            other = text if said == wrong else wrong
            script.append([_reading(said, 1050 - look * 200, random.uniform(0.75, 0.95), other)])
        script.extend([[]] * 2)
    assert [sighting.plate for sighting in _read(script)] == cars


def test_two_side_by_side_are_two() -> None:
    script = [[_reading("ABC1234", 600 - 50 * look), _reading("XYZ9876", 900 - 50 * look)] for look in range(5)]
    assert {sighting.plate for sighting in _read(script)} == {"ABC1234", "XYZ9876"}


def test_what_most_frames_say_counts_and_the_others_are_candidates() -> None:
    script = [
        [_reading("ABC1234", 500, 0.7, "A8C1234")],
        [_reading("A8C1234", 500, 0.6, "ABC1234")],
        [_reading("ABC1234", 500, 0.7, "A8C1234")],
    ]
    (sighting,) = _read(script)
    assert sighting.plate == "ABC1234"
    assert [text for text, _ in sighting.candidates] == ["ABC1234", "A8C1234"]
    best, other = (share or 0.0 for _, share in sighting.candidates)
    assert sighting.confidence == best >= other


def test_a_vehicle_lost_and_found_is_the_same_and_one_that_returns_later_is_not() -> None:
    car = [[_reading("ABC1234", 600)]] * 3
    assert len(_read([*car, *[[]] * 8, *car])) == 1
    assert len(_read([*car, *[[]] * 200, *car])) == 2


def test_a_plate_that_the_side_of_the_picture_cuts_is_not_read() -> None:
    assert _read([[_reading("BC1234", 0)]] * 3) == []


def test_what_is_not_sure_enough_is_dropped() -> None:
    assert _read([[_reading("ABC1234", 500, 0.2)]] * 3) == []


def test_a_stream_is_looked_at_now_and_then_and_pictures_always() -> None:
    engine = Scripted([[_reading("ABC1234", 500)]] * 30)
    found: list[Sighting] = []
    reader = Reader(engine, "pole", lambda: None, found.append)
    reader.run(Frame(EMPTY, BEGUN + number * timedelta(milliseconds=33), stream=True) for number in range(30))
    assert engine.looks == 6
    reader.run(Frame(EMPTY, BEGUN) for _ in range(3))
    assert len(found) == 1 + 3
    assert found[0].latitude is None
    assert found[0].uid != found[1].uid
    assert found[0].picture[:2] == found[0].crop[:2] == b"\xff\xd8"
