"""Who may open the pages about training: everybody their own, those who teach the department's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from platekeeper.server.personnel.changes import training
from platekeeper.server.personnel.models import Bulletin, ChangeNotice, Course, Training
from tests.cast import ROLES, Cast
from tests.days import today as department_day

TEACHING = {"trainer"}
DEPARTMENT = set(ROLES) - {"outsider"}
NOW = datetime.now(UTC)
STAMP = (1, "0" * 64)


def issued(cast: Cast, *, due: int = 5, course: Course | None = None, **given: Any) -> Bulletin:
    """Issue a bulletin due in so many days."""
    day = department_day(due)
    values: dict[str, Any] = {"title": "New lens", "text": "It sees better.", "cause": "hardware", "must": True}
    values |= {"positions": [], **given}
    return training.issue_bulletin(course=course, due_on=day, at=NOW, by=cast.trainer, policy=STAMP, **values)


def noted(cast: Cast) -> ChangeNotice:
    """Note a change of the law."""
    return training.note_change(cause="law", what="a new statute", subject="", at=NOW, by=cast.trainer.pk)


def _course(cast: Cast) -> list[Any]:
    return [Course.objects.get().pk]


def _record(cast: Cast) -> list[Any]:
    return [Training.objects.filter(person=cast.officer).first().pk]  # type: ignore[union-attr]


ROWS: dict[str, dict[str, Any]] = {
    "training": {"allowed": "all"},
    "bulletin_read": {"args": lambda cast: [issued(cast).pk], "method": "post", "allowed": DEPARTMENT},
    "training_keeping": {"allowed": TEACHING},
    "course_add": {"allowed": TEACHING},
    "course_retire": {"args": _course, "method": "post", "allowed": TEACHING},
    "class_record": {"allowed": TEACHING},
    "training_records": {"args": lambda cast: [cast.officer.pk], "allowed": TEACHING},
    "training_withdraw": {"args": _record, "method": "post", "data": {"why": "wrong"}, "allowed": TEACHING},
    "bulletin_issue": {"allowed": TEACHING},
    "bulletin": {"args": lambda cast: [issued(cast).pk], "allowed": DEPARTMENT},
    "bulletin_withdraw": {"args": lambda cast: [issued(cast).pk], "method": "post", "allowed": TEACHING},
    "change_note": {"allowed": TEACHING},
    "change_no_need": {
        "args": lambda cast: [noted(cast).pk],
        "method": "post",
        "data": {"why": "nothing to learn"},
        "allowed": TEACHING,
    },
}
