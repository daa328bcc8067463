"""Camera formats: one module each with a pure `parse(payload)`. A new one is written and gets its row here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from platekeeper.core.formats.cameras import (
    axis,
    blue_iris,
    bof2_compact,
    dahua,
    frigate,
    genetec,
    hikvision,
    openalpr,
    plate_recognizer,
    verkada,
)
from platekeeper.core.formats.cameras.payload import Item, Payload


@dataclass(frozen=True, slots=True)
class CameraFormat:
    """A format under `/ingest/<name>/`.

    `answer` is what its sender wants to hear back instead of a receipt, `below` the paths that devices append to the
    address they are given, `digest` whether they log in by HTTP digest, and `fields` our names of what users may rename,
    with the usual ones.
    """

    title: str
    parse: Callable[[Payload], list[Item]]
    answer: Mapping[str, Any] = field(default_factory=dict)
    below: tuple[str, ...] = ()
    digest: bool = False
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


CAMERA_FORMATS: dict[str, CameraFormat] = {
    "axis": CameraFormat("Axis License Plate Verifier", axis.parse, digest=True),
    "blueiris": CameraFormat("Blue Iris with CodeProject.AI", blue_iris.parse),
    "bof2": CameraFormat("UK BOF2 compact capture", bof2_compact.parse),
    "dahua": CameraFormat(
        "Dahua ITSAPI",
        dahua.parse,
        answer={"Result": True, "Message": "Success"},
        below=(dahua.TOLLGATE, dahua.KEEP_ALIVE),
        digest=True,
    ),
    "frigate": CameraFormat("Frigate", frigate.parse),
    "genetec": CameraFormat("Genetec AutoVu", genetec.parse, fields=genetec.DEFAULTS),
    "hikvision": CameraFormat("Hikvision ISAPI", hikvision.parse, digest=True),
    "openalpr": CameraFormat("OpenALPR and Rekor Scout", openalpr.parse),
    "platerecognizer": CameraFormat("Plate Recognizer Stream", plate_recognizer.parse),
    "verkada": CameraFormat("Verkada", verkada.parse),
}
"""Camera formats by the name in their address."""
