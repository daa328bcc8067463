"""Pictures of plates that nobody has, and videos of cars that were never there: for trying a unit out, and for tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from platekeeper.field.engines import Box, Picture
from platekeeper.field.syntaxes.north_america import UNITED_STATES

SIZE = (1280, 720)
_PLATE = (480, 240)
_COLORS = (("#f4f4ee", "#1c2a5c"), ("#fbf6dc", "#202020"), ("#e8f0f6", "#7a1020"), ("#f2c230", "#10204a"))
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # most issuers leave out I, O and Q


@dataclass(frozen=True, slots=True)
class Made:
    """A picture, and the plate in it."""

    picture: Picture
    plate: str
    box: Box

    def label(self, name: str) -> str:
        """Return the line that `platekeeper-field evaluate` reads."""
        return f"{name}\t{self.box.left}\t{self.box.top}\t{self.box.width}\t{self.box.height}\t{self.plate}\n"


def plates(count: int, random: Random) -> list[str]:
    """Return so many different plates, as issuers of the United States number them."""
    found: dict[str, None] = {}
    while len(found) < count:
        shape = random.choice(UNITED_STATES[random.choice(list(UNITED_STATES))][1].split()[:1])
        if len(shape) >= 6 and "A" in shape:
            found[
                "".join(random.choice(_LETTERS) if each == "A" else random.choice("0123456789") for each in shape)
            ] = None
    return list(found)


def plate(text: str, random: Random) -> Picture:
    """Return a plate seen from the front: a state's name above, the text, a motto below."""
    paper, ink = random.choice(_COLORS)
    width, height = _PLATE
    image = Image.new("RGB", _PLATE, paper)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((3, 3, width - 4, height - 4), 18, outline=ink, width=4)
    draw.text((width // 2, 30), "COLUMBIA", ink, ImageFont.load_default(36), anchor="mm")
    draw.text((width // 2, height - 24), "made for trying out", ink, ImageFont.load_default(22), anchor="mm")
    font = ImageFont.load_default(120)
    written = Image.new("L", (round(font.getlength(text)) + 16, 130), 0)
    ImageDraw.Draw(written).text((8, 65), text, 255, font, anchor="lm", stroke_width=3)
    letters = written.resize((width - 60, 130))
    image.paste(Image.new("RGB", letters.size, ink), (30, 54), letters)
    return np.asarray(image, np.uint8)[:, :, ::-1].copy()


def scene(text: str, random: Random, *, wide: int = 150) -> Made:
    """Return the back of a car, its plate about `wide` pixels wide, a little turned, with the noise of a camera."""
    width, height = SIZE
    left = random.randint(wide, width - 2 * wide)
    top = random.randint(height // 3, height - wide)
    picture, box = _car(_road(random), plate(text, random), (left, top), wide, random)
    noisy = cv2.GaussianBlur(picture, (3, 3), random.uniform(0.3, 0.9)).astype(np.int16)
    noise = np.random.default_rng(random.randrange(2**32)).normal(0, 5, noisy.shape)
    return Made(np.clip(noisy + noise, 0, 255).astype(np.uint8), text, box)


def drive_by(texts: Sequence[str], random: Random, *, frames: int = 24, apart: int = 30) -> Iterator[Picture]:
    """Yield the frames of a video in which cars pass one after the other, each seen for `frames`, one every `apart`."""
    road = _road(random)
    cars = [(plate(text, random), random.randint(-60, 60), random.randint(110, 160)) for text in texts]
    for number in range(len(cars) * apart):
        picture = road
        for place, (made, offset, wide) in enumerate(cars):
            seen = number - place * apart
            if 0 <= seen < frames:
                way = seen / frames
                left = round(SIZE[0] * (0.9 - way) + 40)
                size = round(wide * (1.3 - 0.5 * way))
                picture, _ = _car(picture, made, (left, 420 + offset - round(120 * way)), size, Random(place))
        yield picture


def write_video(path: Path, pictures: Iterable[Picture], *, rate: float = 30.0) -> None:
    """Write a video (Motion JPEG, `.avi`)."""
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, SIZE)
    for picture in pictures:
        video.write(picture)
    video.release()


def _road(random: Random) -> Picture:
    width, height = SIZE
    shade = np.linspace(150, 70, height)[:, None, None] * np.ones((1, width, 3))
    grain = np.random.default_rng(random.randrange(2**32)).normal(0, 4, (height, width, 1))
    return np.clip(shade + grain, 0, 255).astype(np.uint8)


def _car(road: Picture, made: Picture, at: tuple[int, int], wide: int, random: Random) -> tuple[Picture, Box]:
    """Return the road with a car on it whose plate is at a place, and where that is."""
    picture, (left, top), high = road.copy(), at, wide // 2
    body = tuple(random.randint(20, 120) for _ in range(3))
    cv2.rectangle(picture, (left - wide, top - 2 * high), (left + 2 * wide, top + 3 * high), body, -1)
    cv2.rectangle(picture, (left - 8, top - 8), (left + wide + 8, top + high + 8), (25, 25, 25), -1)
    lean = random.uniform(-0.06, 0.06) * wide
    corners = np.array(
        [[left, top], [left + wide, top + lean], [left + wide, top + high + lean], [left, top + high]], np.float32
    )
    width, height = _PLATE
    turn = cv2.getPerspectiveTransform(
        np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32), corners
    )
    small = cv2.GaussianBlur(made, (0, 0), max(0.1, width / wide / 3))
    flat = cv2.warpPerspective(small, turn, SIZE)
    there = cv2.warpPerspective(np.full(made.shape[:2], 255, np.uint8), turn, SIZE) > 127
    picture[there] = flat[there]
    return picture, Box(left, round(top + min(0, lean)), left + wide, round(top + high + max(0, lean)))
