"""Fictional traffic: which car passes which LPR, and how the LPR reads it."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zlib import crc32

from platekeeper.server.cli.demo.pictures import draw_car
from platekeeper.server.cli.demo.town import plates, wanted

_DIRECTIONS = ("north", "south", "east", "west")


class Traffic:
    """An endless stream of payloads for `POST /api/reads`, a wanted car among every `one_in`."""

    def __init__(self, *, seed: int, one_in: int) -> None:
        self._chance = random.Random(seed)
        self._one_in = one_in
        source = plates(seed=99)
        self._regulars = [next(source) for _ in range(900)]
        self._wanted = wanted()
        self._number = 0
        self._seed = seed

    def read(self, at: datetime, *, hour: int, sure_hit: bool = False) -> dict[str, Any]:
        """Return one read captured at `at`; `hour` is the hour on the town's clocks, for the light."""
        self._number += 1
        hot = sure_hit or self._chance.randrange(self._one_in) == 0
        plate, state = self._chance.choice(self._wanted if hot else self._regulars)
        shown_state = state if self._chance.random() > 0.15 else ""
        picture = draw_car(plate, state, seed=crc32(f"{state}{plate}".encode()), night=not 7 <= hour < 18)
        return {
            "plate": plate,
            "captured_at": at.isoformat(),
            "event_id": f"demo-{self._seed}-{self._number}",
            "confidence": round(self._chance.uniform(0.82, 0.995), 3),
            "state": shown_state or None,
            "state_confidence": round(self._chance.uniform(0.6, 0.98), 3) if shown_state else None,
            "direction": self._chance.choice(_DIRECTIONS),
            "image": base64.b64encode(picture).decode(),
        }

    def pauses(self) -> Iterator[float]:
        """Yield seconds between cars."""
        while True:
            yield self._chance.uniform(0.6, 2.4)
