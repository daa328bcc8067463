"""Drawn pictures for the fictional traffic: a car's rear in the light of the hour, its plate readable. No photographs."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageDraw, ImageFont

from platekeeper.server.cli.demo.town import COLORS, color_of

_PLATES = {"NY": ("#f3efe2", "#12284c"), "NJ": ("#f4e6a1", "#20242b"), "PA": ("#dfe8f4", "#1d3d7a")}
SIZE = (480, 270)


def draw_car(plate: str, state: str, *, seed: int, night: bool) -> bytes:
    """Return a JPEG of a car with that plate; the same seed draws the same car."""
    chance = random.Random(seed)
    width, height = SIZE
    image = Image.new("RGB", SIZE, "#14181f" if night else "#aeb9c4")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, int(height * 0.62), width, height), fill="#0d0f13" if night else "#6c7077")
    left, top = 90 + chance.randint(-20, 20), 62 + chance.randint(-8, 8)
    right, bottom = left + 300, top + 150
    paint, roof = COLORS[color_of(plate, state)]
    draw.rounded_rectangle((left + 40, top - 26, right - 40, top + 60), 26, fill="#20262e", outline=roof, width=8)
    draw.rounded_rectangle((left, top + 30, right, bottom), 24, fill=paint)
    for side in (left + 10, right - 62):
        draw.rounded_rectangle((side, top + 48, side + 52, top + 74), 8, fill="#e0352b" if night else "#9c2a24")
    for wheel in (left + 18, right - 74):
        draw.rectangle((wheel, bottom - 6, wheel + 56, bottom + 22), fill="#08090b")
    ground, ink = _PLATES.get(state, ("#f2f2f2", "#222222"))
    x, y = left + 85, top + 84
    draw.rounded_rectangle((x, y, x + 130, y + 50), 6, fill=ground, outline=ink, width=2)
    draw.text((x + 65, y + 9), state or "USA", fill=ink, font=ImageFont.load_default(11), anchor="mm")
    draw.text((x + 65, y + 31), plate, fill=ink, font=ImageFont.load_default(27), anchor="mm")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=72)
    return buffer.getvalue()
