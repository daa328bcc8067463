"""Read training: what somebody was taught by a moment, and what is overdue (IV.i)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

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
    due = bulletins_at(at).filter(must=True, due_on__lt=today).order_by("due_on", "pk")
    found: dict[int, list[str]] = {}
    for bulletin in due:
        concerned = [person for person, held in titles.items() if concerns(bulletin, held)]
        done = done_by(bulletin, concerned, at=at) if concerned else set()
        for person in concerned:
            if person not in done:
                found.setdefault(person, []).append(bulletin.title)
    return found


def open_for(person: Person, titles: frozenset[str], *, at: datetime) -> list[Bulletin]:
    """Return the bulletins that a person has still to read, or whose course they have still to take, the nearest first."""
    standing = bulletins_at(at).order_by("due_on", "pk")
    return [each for each in standing if concerns(each, titles) and not done_by(each, [person.pk], at=at)]


def concerns(bulletin: Bulletin, titles: frozenset[str]) -> bool:
    """Say whether a bulletin concerns somebody who holds these positions."""
    return not bulletin.positions or bool(titles & set(bulletin.positions))


def done_by(bulletin: Bulletin, people: Collection[int], *, at: datetime) -> set[int]:
    """Return who of these people has read the bulletin, or taken its course since it was issued."""
    if bulletin.course_id is None:
        read = BulletinReceipt.objects.filter(bulletin=bulletin, person__in=people, read_at__lte=at)
        return set(read.values_list("person", flat=True))
    since = bulletin.issued_at.date()
    taken = _recorded(at).filter(course=bulletin.course_id, person__in=people, on__gte=since)
    return set(taken.values_list("person", flat=True))


def notices(*, open_only: bool = True) -> QuerySet[ChangeNotice]:
    """Return the changes that ask for in-service training, newest first; those not answered yet, or all."""
    found = ChangeNotice.objects.select_related("bulletin")
    return found.filter(answered_at=None) if open_only else found


def _recorded(at: datetime) -> QuerySet[Training]:
    standing = Q(withdrawn_at=None) | Q(withdrawn_at__gt=at)
    return Training.objects.filter(standing, recorded_at__lte=at)
