"""The only writer of courses, training, bulletins and their receipts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from platekeeper.server.personnel.models import Bulletin, BulletinReceipt, ChangeNotice, Course, Person, Training


def add_course(*, title: str, kind: Course.Kind, at: datetime, outline: str = "") -> Course:
    """Add a course. Raises IntegrityError when there is one of that title."""
    return Course.objects.create(title=title, kind=kind, outline=outline, added_at=at)


def retire_course(course: Course, *, at: datetime) -> bool:
    """Give a course no longer; what was taken counts on. Return whether it was given until now."""
    return bool(Course.objects.filter(pk=course.pk, retired_at=None).update(retired_at=at))


def record_training(
    person: Person, *, course: Course, on: date, given_by: str, at: datetime, by: Person, policy: tuple[int, str]
) -> Training:
    """Record a course taken."""
    return Training.objects.create(
        person=person,
        course=course,
        on=on,
        given_by=given_by,
        recorded_at=at,
        recorded_by=by,
        policy_number=policy[0],
        policy_digest=policy[1],
    )


def withdraw_training(training: Training, *, at: datetime, why: str) -> bool:
    """Withdraw a record made in error; it counted until now. Return whether it stood."""
    standing = Training.objects.filter(pk=training.pk, withdrawn_at=None)
    return bool(standing.update(withdrawn_at=at, withdrawn_why=why))


def issue_bulletin(
    *,
    title: str,
    text: str,
    cause: str,
    course: Course | None,
    positions: Sequence[str],
    due_on: date,
    must: bool,
    at: datetime,
    by: Person,
    policy: tuple[int, str],
) -> Bulletin:
    """Issue a bulletin."""
    return Bulletin.objects.create(
        title=title,
        text=text,
        cause=cause,
        course=course,
        positions=list(positions),
        due_on=due_on,
        must=must,
        issued_at=at,
        issued_by=by,
        policy_number=policy[0],
        policy_digest=policy[1],
    )


def withdraw_bulletin(bulletin: Bulletin, *, at: datetime) -> bool:
    """Withdraw a bulletin; return whether it stood."""
    return bool(Bulletin.objects.filter(pk=bulletin.pk, withdrawn_at=None).update(withdrawn_at=at))


def receive(bulletin: Bulletin, person: Person, *, at: datetime) -> bool:
    """Keep a person's receipt; return whether it is their first."""
    return BulletinReceipt.objects.get_or_create(bulletin=bulletin, person=person, defaults={"read_at": at})[1]


def note_change(*, cause: str, what: str, subject: str, at: datetime, by: int) -> ChangeNotice:
    """Note that something changed of which people may have to learn."""
    return ChangeNotice.objects.create(cause=cause, what=what[:240], subject=subject, arose_at=at, arose_by=by)


def answer_change(notice: ChangeNotice, *, at: datetime, bulletin: Bulletin | None = None, no_need: str = "") -> bool:
    """Answer a change with a bulletin, or say why none is needed; return whether it was open."""
    still = ChangeNotice.objects.filter(pk=notice.pk, answered_at=None)
    return bool(still.update(answered_at=at, bulletin=bulletin, no_need=no_need))
