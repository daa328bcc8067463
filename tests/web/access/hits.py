"""Who may open the pages about hits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from platekeeper.core.matching import HowMatched, StateAgreement
from platekeeper.server.hits.changes import record_departure
from tests.cast import Cast
from tests.web.making import STAMP, make_hit

SEEING = {"officer", "sergeant", "dispatcher", "custodian", "auditor"}
WORKING = {"officer", "sergeant"}


def _hit(cast: Cast) -> list[Any]:
    return [make_hit(cast).pk]


def _many(cast: Cast) -> list[Any]:
    for agreement in StateAgreement:
        make_hit(cast, agreement=agreement)
    make_hit(cast, plate="JFK1963", steps=("shown", "image_verified", "confirmation_asked", "confirmed", "stopped"))
    return []


def _unlike(cast: Cast) -> list[Any]:
    return [make_hit(cast, agreement=StateAgreement.DIFFERS).pk]


def _asked(cast: Cast) -> list[Any]:
    return [make_hit(cast, steps=("image_verified", "confirmation_asked")).pk]


def _look_alike(cast: Cast) -> list[Any]:
    return [make_hit(cast, how=HowMatched.LOOK_ALIKE).pk]


def _departure(cast: Cast) -> list[Any]:
    hit = make_hit(cast, steps=("stopped",))
    made = record_departure(
        hit, clause="VII.e.1", reason="Compare first.", at=datetime.now(UTC), member=cast.officer, policy=STAMP
    )
    return [made.pk]


ROWS: dict[str, dict[str, Any]] = {
    "hits_board": {"args": _many, "allowed": SEEING},
    "hits_live": {"allowed": SEEING},
    "hit": {"args": _unlike, "allowed": SEEING},
    "hit_live": {"args": _unlike, "allowed": SEEING},
    "hit_image": {"args": _hit, "allowed": SEEING},
    "hit_step": {"args": lambda cast: [*_hit(cast), "image-agrees"], "method": "post", "allowed": WORKING},
    "hits_dispatch": {"allowed": {"dispatcher"}},
    "hit_answer": {"args": _asked, "method": "post", "data": {"answer": "confirmed"}, "allowed": {"dispatcher"}},
    "hits_open": {"args": _many, "allowed": {"sergeant"}},
    "hit_not_worked": {"args": _hit, "method": "post", "data": {"reason": "an old alarm"}, "allowed": {"sergeant"}},
    "hits_departures": {"allowed": {"sergeant"}},
    "departure_review": {"args": _departure, "method": "post", "data": {"remark": "talked"}, "allowed": {"sergeant"}},
    "hits_silent": {"allowed": {"custodian"}},
    "hit_silent_close": {
        "args": _look_alike,
        "method": "post",
        "data": {"outcome": "misread"},
        "allowed": {"custodian"},
    },
}
