"""Plots as SVG without style or script, so that a page of ours may hold them and paper, too."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_WIDTH, _ROW, _LABEL, _VALUE = 640, 26, 210, 80
_INK, _SOFT, _BAR = "#17202b", "#4d5866", "#2f6f9f"


def bars(rows: Sequence[tuple[str, int | str]]) -> str:
    """Return horizontal bars: each a label and a number, or a sign in a number's place, which has a dotted outline alone."""
    most = max((value for _, value in rows if isinstance(value, int)), default=0) or 1
    drawn = "".join(_bar(place, label, value, most) for place, (label, value) in enumerate(rows))
    height = _ROW * len(rows) + 4
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'font-family="Libertinus Serif, sans-serif" font-size="13">{drawn}</svg>'
    )


def _bar(place: int, label: str, value: int | str, most: int) -> str:
    y, room = place * _ROW + 4, _WIDTH - _LABEL - _VALUE
    said = f"{value:,}" if isinstance(value, int) else value
    length = max(1.0, room * value / most) if isinstance(value, int) and value else 0.0
    solid = f'<rect x="{_LABEL}" y="{y}" width="{length:.1f}" height="18" fill="{_BAR}"/>'
    dotted = (
        f'<rect x="{_LABEL}" y="{y + 0.5}" width="24" height="17" fill="none" stroke="{_SOFT}" stroke-dasharray="2 2"/>'
    )
    right = _LABEL + (length if isinstance(value, int) else 24) + 8
    return (
        f'<text x="{_LABEL - 10}" y="{y + 14}" text-anchor="end" fill="{_SOFT}">{escape(_cut(label))}</text>'
        f"{solid if isinstance(value, int) else dotted}"
        f'<text x="{right:.1f}" y="{y + 14}" fill="{_INK}">{escape(said)}</text>'
    )


def _cut(label: str) -> str:
    return label if len(label) <= 32 else f"{label[:31]}…"
