"""Pictures on paper: whatever a camera sent is decoded, set upright and written anew: a broken one spoils no document."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

_LARGEST = 1600  # pixels a side: more than a page shows


def as_printed(content: bytes) -> bytes | None:
    """Return a picture as a JPEG of bounded size; None for what is no whole JPEG or PNG, or too large to be one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as opened:
                # First: large ones are hundreds of megabytes, and so is each copy.
                opened.thumbnail((_LARGEST, _LARGEST))
                picture = ImageOps.exif_transpose(opened).convert("RGB")
        written = io.BytesIO()
        picture.save(written, "JPEG", quality=88)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        return None
    return written.getvalue()
