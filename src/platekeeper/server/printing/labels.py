"""Labels with a QR code."""

from __future__ import annotations

import segno


def label_svg(address: str) -> str:
    """Return an address as a QR code: SVG for a page, dark on white whatever the page's colors, and nothing inline."""
    return segno.make_qr(address, error="q").svg_inline(
        dark="#000", light="#fff", border=4, omitsize=True, svgclass="label-code", lineclass=None
    )
