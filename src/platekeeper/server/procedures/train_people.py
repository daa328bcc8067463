"""Training (IV.i, VII.b): courses, what was taken, bulletins and their receipts, and the changes that ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import Standing, has_duty, may_act
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.changes import ensure_position
from platekeeper.server.personnel.changes import training as changes
from platekeeper.server.personnel.lookups.training import bulletins_at, open_for, taken_on
from platekeeper.server.personnel.models import Bulletin, ChangeNotice, Course, Person, Training
from platekeeper.server.procedures.authority import Footing

TRAINERS, IN_SERVICE = "IV.i.trainers", "IV.i.in_service"


def may_teach(by: Footing) -> Decision:
    """Decide whether somebody keeps courses and their record: who trains, or sees to in-service training."""
    return Allowed() if _sees_to_it(by) else has_duty(by.authority, by.policy, TRAINERS)


def may_read(by: Footing) -> Decision:
    """Decide whether somebody reads bulletins: everybody of the department."""
    outside = Refused(Clause.IV_i, "Bulletins are for the department's own people.")
    return outside if by.authority.standing is Standing.OUTSIDE else may_act(by.authority)


def to_do(by: Footing) -> list[Bulletin]:
    """Return what somebody has still to read, or whose course they have still to take, the nearest first."""
    return open_for(by.person, by.authority.positions, at=by.at) if may_read(by) else []


def add_course(by: Footing, *, title: str, kind: Course.Kind, outline: str = "") -> Course:
    """Add a course. Raises ValidationError when there is one of that title."""
    by.demand(may_teach(by), attempted=Action.COURSE_ADDED)
    try:
        with transaction.atomic():
            course = changes.add_course(title=title, kind=kind, outline=outline, at=by.at)
            _log(by, Action.COURSE_ADDED, f"course:{course.pk}", {"title": title, "kind": kind.value})
    except IntegrityError as taken:
        raise ValidationError("There is a course of this title already.") from taken
    return course


def retire_course(by: Footing, *, course: Course) -> None:
    """Give a course no longer; what was taken counts on. Not while a bulletin asks for it: nobody could do it any more."""
    subject = f"course:{course.pk}"
    asked = bulletins_at(by.at).filter(course=course).first()
    wanted = Refused(Clause.IV_i, f"The bulletin “{asked}” still asks for this course. Withdraw the bulletin first.")
    by.demand(may_teach(by), wanted if asked else Allowed(), attempted=Action.COURSE_RETIRED, subject=subject)
    with transaction.atomic():
        if changes.retire_course(course, at=by.at):
            _log(by, Action.COURSE_RETIRED, subject, {"title": course.title})


def record_training(by: Footing, *, people: Sequence[Person], course: Course, on: date) -> int:
    """Record that people took a course, given by the recorder: a whole class at once (IV.i).

    Return how many records were made: what stands already for that course and day is not recorded twice.
    """
    future = Refused(Clause.IV_i, "A training is recorded once it was taken.")
    nobody = Refused(Clause.IV_i, "Choose who took the course.")
    retired = Refused(Clause.IV_i, "This course is no longer given.")
    by.demand(
        has_duty(by.authority, by.policy, TRAINERS),
        Allowed() if people else nobody,
        future if on > by.today else Allowed(),
        retired if course.retired_at else Allowed(),
        attempted=Action.TRAINING_RECORDED,
        subject=f"course:{course.pk}",
    )
    with transaction.atomic():
        already = taken_on(on, course=course, people=[person.pk for person in people], at=by.at)
        new = [person for person in dict.fromkeys(people) if person.pk not in already]
        for person in new:
            changes.record_training(
                person, course=course, on=on, given_by=by.person.name, at=by.at, by=by.person, policy=by.policy.stamp
            )
            details = {"on": on.isoformat(), "course": course.title}
            _log(by, Action.TRAINING_RECORDED, f"person:{person.pk}", details, person=person.name)
    return len(new)


def withdraw_training(by: Footing, *, training: Training, why: str) -> None:
    """Withdraw a record that was made in error, with the reason; it counted until now."""
    subject = f"person:{training.person_id}"
    by.demand(
        has_duty(by.authority, by.policy, TRAINERS),
        Allowed() if why.strip() else Refused(Clause.IV_i, "Say why this record is wrong."),
        attempted=Action.TRAINING_WITHDRAWN,
        subject=subject,
    )
    with transaction.atomic():
        if changes.withdraw_training(training, at=by.at, why=why.strip()[:240]):
            details = {"on": training.on.isoformat(), "course": training.course.title, "why": why.strip()[:240]}
            _log(by, Action.TRAINING_WITHDRAWN, subject, details, person=training.person.name)


def issue_bulletin(
    by: Footing,
    *,
    title: str,
    text: str,
    cause: str,
    due_on: date,
    must: bool = True,
    course: Course | None = None,
    positions: Sequence[str] = (),
    answers: Sequence[ChangeNotice] = (),
) -> Bulletin:
    """Issue a bulletin to be read, or a course to be taken, by `due_on`; it may answer changes that were noted."""
    past = Refused(Clause.IV_i, "Give people until today at least.")
    retired = Refused(Clause.IV_i, "This course is no longer given; nobody could take it.")
    by.demand(
        has_duty(by.authority, by.policy, IN_SERVICE),
        past if due_on < by.today else Allowed(),
        retired if course is not None and course.retired_at else Allowed(),
        attempted=Action.BULLETIN_ISSUED,
    )
    with transaction.atomic():
        for each in positions:
            ensure_position(each)
        bulletin = changes.issue_bulletin(
            title=title, text=text, cause=cause, course=course, positions=positions, due_on=due_on, must=must,
            at=by.at, by=by.person, policy=by.policy.stamp,
        )  # fmt: skip
        subject = f"bulletin:{bulletin.pk}"
        for notice in answers:
            if changes.answer_change(notice, at=by.at, bulletin=bulletin):
                _log(by, Action.CHANGE_ANSWERED, f"change:{notice.pk}", {"bulletin": bulletin.pk})
        details = {"title": title, "text": text, "due_on": due_on.isoformat(), "must": must, "cause": cause}
        details |= {"positions": list(positions), "course": course.title if course else ""}
        _log(by, Action.BULLETIN_ISSUED, subject, details)
    return bulletin


def withdraw_bulletin(by: Footing, *, bulletin: Bulletin) -> None:
    """Withdraw a bulletin: it is asked of nobody any more; its receipts are kept."""
    subject = f"bulletin:{bulletin.pk}"
    by.demand(has_duty(by.authority, by.policy, IN_SERVICE), attempted=Action.BULLETIN_WITHDRAWN, subject=subject)
    with transaction.atomic():
        if changes.withdraw_bulletin(bulletin, at=by.at):
            _log(by, Action.BULLETIN_WITHDRAWN, subject, {"title": bulletin.title})


def read_bulletin(by: Footing, *, bulletin: Bulletin) -> None:
    """Keep the reader's receipt: they say that they have read it."""
    subject = f"bulletin:{bulletin.pk}"
    over = Refused(Clause.IV_i, "This bulletin was withdrawn; nobody needs to read it.")
    course = Refused(Clause.IV_i, "This bulletin asks for its course to be taken; reading it is not enough.")
    by.demand(
        may_read(by),
        over if bulletin.withdrawn_at else Allowed(),
        course if bulletin.course_id else Allowed(),
        attempted=Action.BULLETIN_READ,
        subject=subject,
    )
    with transaction.atomic():
        if changes.receive(bulletin, by.person, at=by.at):
            _log(by, Action.BULLETIN_READ, subject, {"title": bulletin.title})


def note_change(by: Footing, *, cause: str, what: str) -> ChangeNotice:
    """Note a change of hardware, software or law of which people may have to learn."""
    empty = Refused(Clause.IV_i, "Say what changed.")
    by.demand(may_teach(by), Allowed() if what.strip() else empty, attempted=Action.CHANGE_NOTED)
    with transaction.atomic():
        notice = changes.note_change(cause=cause, what=what.strip(), subject="", at=by.at, by=by.person.pk)
        _log(by, Action.CHANGE_NOTED, f"change:{notice.pk}", {"cause": cause, "what": notice.what})
    return notice


def needs_no_bulletin(by: Footing, *, notice: ChangeNotice, why: str) -> None:
    """Answer a change without a bulletin, with the reason."""
    by.demand(
        has_duty(by.authority, by.policy, IN_SERVICE),
        Allowed() if why.strip() else Refused(Clause.IV_i, "Say why nobody needs to learn of this change."),
        attempted=Action.CHANGE_ANSWERED,
        subject=f"change:{notice.pk}",
    )
    with transaction.atomic():
        if changes.answer_change(notice, at=by.at, no_need=why.strip()[:240]):
            _log(by, Action.CHANGE_ANSWERED, f"change:{notice.pk}", {"no_need": why.strip()[:240]})


def _sees_to_it(by: Footing) -> bool:
    return bool(has_duty(by.authority, by.policy, IN_SERVICE))


def _log(by: Footing, action: Action, subject: str, details: dict[str, Any], *, person: str = "") -> None:
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=Clause.IV_i,
        subject=subject,
        details=details,
        sealed={"person": person} if person else {},
        policy=by.policy.stamp,
    )
