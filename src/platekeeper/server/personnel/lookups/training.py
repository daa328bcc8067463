"""Read training: what somebody was taught by a moment, and what is overdue (IV.i)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from platekeeper.server.personnel.models.people import Person
from platekeeper.server.personnel.models.training import Bulletin, BulletinReceipt, ChangeNotice, Course, Training

_COUNTS = (Course.Kind.INITIAL, Course.Kind.REFRESHER)


def courses(*, retired: bool = False) -> QuerySet[Course]:
    """Return the courses that are given, or all of them."""
    return Course.objects.all() if retired else Course.objects.filter(retired_at=None)


def trained_of(people: Collection[int], *, at: datetime, today: date) -> dict[int, date]:
    """Return by account number the last day of training that counts: an initial course, and refreshers after it."""
    taken = _recorded(at).filter(person__in=people, on__lte=today, course__kind__in=_COUNTS)
    found: dict[int, date] = {}
    for person, kind, on in taken.order_by("on", "pk").values_list("person", "course__kind", "on"):
        if person in found or kind == Course.Kind.INITIAL:
            found[person] = on
    return found


def bulletins_at(at: datetime) -> QuerySet[Bulletin]:
    """Return the bulletins that stood at a moment, newest first."""
    standing = Q(withdrawn_at=None) | Q(withdrawn_at__gt=at)
    return Bulletin.objects.select_related("course", "issued_by").filter(standing, issued_at__lte=at)


def overdue_of(titles: Mapping[int, frozenset[str]], *, at: datetime, today: date) -> dict[int, list[str]]:
    """Return by account number the titles of bulletins past their day that were neither read nor taken."""
    due = list(bulletins_at(at).filter(must=True, due_on__lt=today).order_by("due_on", "pk").select_related(None))
    done = done_of(due, list(titles), at=at)
    found: dict[int, list[str]] = {}
    for bulletin in due:
        for person, held in titles.items():
            if concerns(bulletin, held) and person not in done[bulletin.pk]:
                found.setdefault(person, []).append(bulletin.title)
    return found


def open_for(person: Person, titles: frozenset[str], *, at: datetime) -> list[Bulletin]:
    """Return the bulletins that a person has still to read, or whose course they have still to take, the nearest first."""
    standing = [each for each in bulletins_at(at).order_by("due_on", "pk") if concerns(each, titles)]
    done = done_of(standing, [person.pk], at=at)
    return [each for each in standing if person.pk not in done[each.pk]]


def concerns(bulletin: Bulletin, titles: frozenset[str]) -> bool:
    """Say whether a bulletin concerns somebody who holds these positions."""
    return not bulletin.positions or bool(titles & set(bulletin.positions))


def done_of(bulletins: Sequence[Bulletin], people: Collection[int], *, at: datetime) -> dict[int, set[int]]:
    """Return by bulletin who of these people has read it, or taken its course since it was issued.

    Out of two queries at most, however many bulletins there are: every page asks this.
    """
    done: dict[int, set[int]] = {each.pk: set() for each in bulletins}
    to_read = [each.pk for each in bulletins if each.course_id is None]
    to_take = [each for each in bulletins if each.course_id is not None]
    if to_read:
        read = BulletinReceipt.objects.filter(bulletin__in=to_read, person__in=people, read_at__lte=at)
        for number, person in read.values_list("bulletin", "person"):
            done[number].add(person)
    if to_take:
        taken = _recorded(at).filter(course__in={each.course_id for each in to_take}, person__in=people)
        for training in taken:
            for each in to_take:
                if answers(training, each):
                    done[each.pk].add(training.person_id)
    return done


def answers(training: Training, bulletin: Bulletin) -> bool:
    """Say whether a course taken does what a bulletin asks: recorded since it was issued, and taken that day or later.

    A bulletin keeps its moment, a training its day in the department's calendar; west of Greenwich the same evening can be
    a day earlier there, so a day's difference is let pass.
    """
    is_since = training.recorded_at >= bulletin.issued_at and training.on >= bulletin.issued_at.date() - timedelta(
        days=1
    )
    return training.course_id == bulletin.course_id and is_since


def taken_on(on: date, *, course: Course, people: Collection[int], at: datetime) -> set[int]:
    """Return for whom of these people a record of this course and day stands."""
    standing = _recorded(at).filter(course=course, on=on, person__in=people)
    return set(standing.values_list("person", flat=True))


def receipts_of(person: Person, *, at: datetime) -> QuerySet[BulletinReceipt]:
    """Return what somebody has read, newest first."""
    return (
        BulletinReceipt.objects.select_related("bulletin").filter(person=person, read_at__lte=at).order_by("-read_at")
    )


def notices(*, open_only: bool = True) -> QuerySet[ChangeNotice]:
    """Return the changes that ask for in-service training, newest first; those not answered yet, or all."""
    found = ChangeNotice.objects.select_related("bulletin")
    return found.filter(answered_at=None) if open_only else found


def _recorded(at: datetime) -> QuerySet[Training]:
    standing = Q(withdrawn_at=None) | Q(withdrawn_at__gt=at)
    return Training.objects.filter(standing, recorded_at__lte=at)
