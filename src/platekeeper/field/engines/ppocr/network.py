"""The two networks of PP-OCR that `rapidocr` brings in its wheel: where there is text, and what it says.

`rapidocr` loads and runs them; the order of the steps, the sizes and the decoding are ours, so that a frame costs little.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidocr import RapidOCR
from rapidocr.ch_ppocr_det.utils import DBPostProcess, DetPreProcess

from platekeeper.field.engines import Picture
from platekeeper.field.engines.ppocr.ctc import ALPHABET, Frames

Corners = NDArray[np.float32]
"""Four points (x, y), from the upper left clockwise."""

_HEIGHT, _NARROWEST, _WIDEST = 48, 96, 480


class Networks:
    """Both networks, loaded."""

    def __init__(self, *, threads: int = 0) -> None:
        made: Any = RapidOCR(
            params={"Global.log_level": "error", "EngineConfig.onnxruntime.intra_op_num_threads": threads or -1}
        )
        self._find, self._read = made._load_det_model(), made._load_rec_model()
        spelled: list[str] = self._read.postprocess_op.character
        self._places = np.array([[spelled.index(c), spelled.index(c.lower())] for c in ALPHABET])
        self._places[:10, 1] = len(spelled)  # digits have no second form: a column of nothing is added

    def find(self, picture: Picture, *, side: int, coarse: bool) -> list[Corners]:
        """Return where there is text, the shorter side made at least `side` pixels.

        `coarse`: also what is faint, and what is written apart as one.
        """
        return self._boxes(self._find.session(DetPreProcess(side, "min")(picture)), picture.shape[:2], coarse=coarse)

    def find_in(self, part: Picture, width: int) -> list[Corners]:
        """Return where there is text in a part of a picture that is looked at `width` pixels wide, whatever its size."""
        scale = width / part.shape[1]
        height = max(32, round(part.shape[0] * scale / 32) * 32)
        seen = cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)
        maps = self._find.session(((seen / 255 - 0.5) / 0.5).transpose(2, 0, 1)[None])
        return [
            np.asarray(corners / np.array([scale, height / part.shape[0]]), np.float32)
            for corners in self._boxes(maps, (height, width), coarse=False)
        ]

    def spell(self, crop: Picture) -> Frames:
        """Return what a crop says, as frames over the blank and `ALPHABET`; what is neither letter nor digit is blank.

        One at a time: together they would all be as wide as the widest, and time goes by width.
        """
        return self._masked(self._read.session(_prepared(crop))[0])

    def _masked(self, said: NDArray[np.float32]) -> Frames:
        with_nothing = np.pad(said, ((0, 0), (0, 1)))
        characters = with_nothing[:, self._places].sum(axis=2)
        blank = np.clip(1 - characters.sum(axis=1, keepdims=True), 0, 1)
        return np.concatenate([blank, characters], axis=1, dtype=np.float32)

    def _boxes(self, maps: Any, shape: tuple[int, ...], *, coarse: bool) -> list[Corners]:
        found: list[Corners] = []
        for least in (0.3, 0.15) if coarse else (0.3,):
            cut = DBPostProcess(thresh=least, box_thresh=least, unclip_ratio=1.6, use_dilation=True)
            for box in cut(np.asarray(maps), (shape[0], shape[1]))[0]:
                if not any(np.abs(box - other).max() < 5 for other in found):
                    found.append(np.asarray(box, np.float32))
        return found


def straightened(picture: Picture, corners: Corners) -> Picture:
    """Return what lies between four corners, as if looked at from the front."""
    width = max(4, round(float(max(np.linalg.norm(corners[0] - corners[1]), np.linalg.norm(corners[2] - corners[3])))))
    height = max(4, round(float(max(np.linalg.norm(corners[0] - corners[3]), np.linalg.norm(corners[1] - corners[2])))))
    onto = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    turn = cv2.getPerspectiveTransform(corners, onto)
    flat = cv2.warpPerspective(picture, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat, np.uint8)


def _prepared(crop: Picture) -> NDArray[np.float32]:
    width = int(min(max(_HEIGHT * crop.shape[1] / crop.shape[0], _NARROWEST), _WIDEST))
    seen = cv2.resize(crop, (width, _HEIGHT)).astype(np.float32).transpose(2, 0, 1) / 127.5 - 1
    return np.asarray(np.pad(seen, ((0, 0), (0, 0), (0, -width % 8)))[None], np.float32)
