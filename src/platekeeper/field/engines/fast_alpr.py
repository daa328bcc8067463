"""The engine of `fast-alpr`, for whoever has it and its model files: nothing is downloaded, none of it comes with the unit.

The folder of `--models` holds the detector (`detector.onnx`, a YOLO v9 of open-image-models), the reader (`reader.onnx`) and
the reader's `reader.yaml`, as fast-plate-ocr publishes them.
"""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

from platekeeper.core.plates import plate_text
from platekeeper.field.engines import Box, Picture, Reading, Settings

FILES = ("detector.onnx", "reader.onnx", "reader.yaml")


class FastAlpr:
    """fast-alpr behind our protocol. It gives one text a plate, so there is one candidate, and its own confidence."""

    def __init__(self, alpr: Any) -> None:
        self._alpr = alpr

    def read(self, picture: Picture, *, alone: bool = True) -> list[Reading]:
        """Return the plates in the picture, the surest first."""
        found = [reading for each in self._alpr.predict(picture) if (reading := _reading(each))]
        return sorted(found, key=lambda reading: -reading.confidence)


def make(settings: Settings) -> FastAlpr:
    """Return the engine. Raises `ValueError` if model files are missing, `ImportError` if `fast-alpr` is."""
    folder = Path(settings.models)
    missing = [name for name in FILES if not settings.models or not (folder / name).is_file()]
    if missing:
        wanted = ", ".join(FILES)
        raise ValueError(f"fast-alpr needs --models FOLDER with {wanted}; {', '.join(missing)} missing.")
    from fast_alpr import ALPR
    from open_image_models.detection.core.yolo_v9.inference import YoloV9Detector

    detector = YoloV9Detector(folder / "detector.onnx", ["License Plate"], conf_thresh=0.25)
    return FastAlpr(
        ALPR(
            detector=detector,
            ocr_model=None,
            ocr_model_path=folder / "reader.onnx",
            ocr_config_path=folder / "reader.yaml",
        )
    )


def _reading(found: Any) -> Reading | None:
    text = plate_text(found.ocr.text) if found.ocr else None
    if text is None:
        return None
    told = found.ocr.confidence
    read = prod(told) if isinstance(told, list) else float(told)
    sure = min(1.0, max(0.0, read * float(found.detection.confidence)))
    box = found.detection.bounding_box
    return Reading(Box(int(box.x1), int(box.y1), int(box.x2), int(box.y2)), text, sure, ((text, sure),))
