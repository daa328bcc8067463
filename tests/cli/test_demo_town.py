"""The demo's town: what its hot list says of a car is what its cameras show."""

from __future__ import annotations

import io

from PIL import Image, ImageColor

from platekeeper.core.formats.hotlists import new_york
from platekeeper.core.formats.hotlists.rows import HotListLine
from platekeeper.server.cli.demo.pictures import draw_car
from platekeeper.server.cli.demo.town import COLORS, hot_list_file, wanted

_ON_THE_BODY = (130, 170)  # wherever the car stands in its picture


def test_a_wanted_car_is_shown_in_the_color_that_the_hot_list_says() -> None:
    rows = hot_list_file(day=1).decode().splitlines()[1:]
    lines = [line for row in rows if isinstance(line := new_york.FORMAT.line_of(1, row), HotListLine)]
    listed = {(line.plate.text, line.state): line.color for line in lines}
    shown = set()
    for plate, state in wanted():
        color = listed[plate, state]
        picture = Image.open(io.BytesIO(draw_car(plate, state, seed=7, night=False))).convert("RGB")
        painted = ImageColor.getrgb(COLORS[color][0])
        seen = picture.getpixel(_ON_THE_BODY)
        assert isinstance(seen, tuple)
        assert all(abs(one - other) < 25 for one, other in zip(seen, painted, strict=True)), (plate, color, seen)
        shown.add(color)
    assert len(shown) > 3, "the cars are of several colors"
    assert {line.color for line in lines} == set(COLORS)
