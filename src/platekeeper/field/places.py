"""Where the unit is: from a fixed place, a file that something else writes, or gpsd."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Place = tuple[float, float] | None
"""Latitude and longitude in degrees, None while they are not known."""
Locate = Callable[[], Place]

_GPSD = ("127.0.0.1", 2947)
_WATCH = b'?WATCH={"enable":true,"json":true};\n'
_FRESH = 15.0
"""Seconds for which the last place counts: a car that lost its fix is soon elsewhere."""


def locator(given: str, *, clock: Callable[[], float]) -> Locate:
    """Return what says where we are: `40.7,-74.0`, `file:PATH`, `gpsd`, `gpsd:HOST:PORT`, or nothing.

    A file holds `latitude,longitude`, or a line of NMEA (`GGA` or `RMC`); its last line counts. Raises `ValueError`.
    """
    if not given:
        return lambda: None
    kind, _, rest = given.partition(":")
    if kind == "file":
        return lambda: _in_file(Path(rest))
    if kind == "gpsd":
        host, _, port = rest.rpartition(":")
        return Gpsd((host, int(port)) if host else _GPSD, clock=clock)
    if (place := place_of(given)) is None:
        raise ValueError(
            f"{given}: a place is latitude,longitude (as 40.7128,-74.0060), file:PATH, gpsd or gpsd:HOST:PORT."
        )
    return lambda: place


def place_of(line: str) -> Place:
    """Return the place that a line tells: two numbers, or NMEA. None if it tells none."""
    words = line.strip().split(",")
    try:
        if line.startswith("$") and _checked(line):
            at = {"GGA": 2, "RMC": 3}.get(words[0][3:], 0)
            fixed = words[6] not in {"", "0"} if at == 2 else words[2] == "A"
            return (_degrees(*words[at : at + 2]), _degrees(*words[at + 2 : at + 4])) if at and fixed else None
        latitude, longitude = map(float, words)
    except (ValueError, IndexError):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _checked(line: str) -> bool:
    body, _, told = line.strip()[1:].partition("*")
    sum_ = 0
    for character in body.encode():
        sum_ ^= character
    return not told or int(told[:2], 16) == sum_


def _degrees(number: str, side: str) -> float:
    """Return degrees of NMEA's degrees and minutes (`4042.768`, `N`)."""
    whole = float(number)
    degrees = whole // 100 + whole % 100 / 60
    return round(-degrees if side.startswith(("S", "W")) else degrees, 7)


def _in_file(path: Path) -> Place:
    try:
        written = path.stat()
        if time.time() - written.st_mtime > _FRESH:
            return None
        with path.open("rb") as file:
            file.seek(max(0, written.st_size - 4096))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return None
    return next((place for line in reversed(lines) if (place := place_of(line))), None)


class Gpsd:
    """The last place that gpsd told, asked for in a thread of its own; it is tried again for as long as we run."""

    def __init__(self, server: tuple[str, int], *, clock: Callable[[], float]) -> None:
        self._server, self._clock = server, clock
        self._told: tuple[float, Place] = (0.0, None)
        self._end = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def __call__(self) -> Place:
        """Return where we are, None if that was not said for a while."""
        at, place = self._told
        return place if place and self._clock() - at <= _FRESH else None

    def close(self) -> None:
        """Ask no more."""
        self._end.set()

    def _listen(self) -> None:
        while not self._end.is_set():
            try:
                with socket.create_connection(self._server, timeout=10) as link, link.makefile("rwb") as lines:
                    lines.write(_WATCH)
                    lines.flush()
                    for line in lines:
                        self._hear(line)
                        if self._end.is_set():
                            return
            except OSError:
                pass
            self._end.wait(2)

    def _hear(self, line: bytes) -> None:
        try:
            said: Any = json.loads(line)
            if said.get("class") == "TPV":
                fixed = said.get("mode", 0) >= 2
                self._told = (self._clock(), (float(said["lat"]), float(said["lon"])) if fixed else None)
        except (ValueError, KeyError, TypeError, AttributeError):
            return
