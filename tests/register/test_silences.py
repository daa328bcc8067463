"""The silences that the database finds are those that a look at every stretch would find (V.b, VI.i)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from platekeeper.core.rules.uploads import Stretch
from platekeeper.server.equipment.changes import add_lpr
from platekeeper.server.equipment.models import LPR
from platekeeper.server.reads.models import Contact
from platekeeper.server.register.evidence.heard import heard
from tests.register.judging import NOW, until

pytestmark = [pytest.mark.django_db, pytest.mark.records]
SINCE = NOW - timedelta(days=10)


def lpr(number: int, *, in_service: bool = True) -> LPR:
    made = add_lpr(name=f"Post {number}", kind=LPR.Kind.FIXED, zone="UTC", at=NOW - timedelta(days=90))
    LPR.objects.filter(pk=made.pk).update(in_service=in_service)
    return made


def drawn(chance: Random, of: LPR, *, ends_out: bool) -> list[Contact]:
    """Return stretches that overlap, touch, lie before the period or go beyond its end; one may be without an end."""
    found = []
    for _ in range(chance.randrange(9)):
        begins = NOW - timedelta(minutes=chance.randrange(-2_000, 25_000), microseconds=chance.choice((0, 1, 500_000)))
        lasts = timedelta(minutes=chance.choice((0, 0, 1, 59, 300, 4_000)))
        kind = chance.choice(("upload", "alive", "nothing", "out"))
        found.append(Contact(lpr=of, kind=kind, since=begins, until=begins + lasts))
    if ends_out:
        begins = NOW - timedelta(minutes=chance.randrange(20_000))
        found.append(Contact(lpr=of, kind="out", since=begins, until=begins))
    return found


def gaps(heard: Iterable[Stretch], *, at: datetime) -> Iterable[Stretch]:
    """Give every gap in what was heard, and the one up to now."""
    until = None
    for stretch in sorted(heard, key=lambda each: each.since):
        if until is not None and stretch.since > until:
            yield Stretch(until, stretch.since)
        until = stretch.until if until is None else max(until, stretch.until)
    if until is not None and until < at:
        yield Stretch(until, at)


def looked_at(of: LPR, contacts: list[Contact]) -> list[Stretch]:
    """Return the stretches that count: those up to now that end in the period, and the last one that ends before it."""
    begun = [each for each in contacts if each.since <= NOW]
    before = sorted((each for each in begun if each.until < SINCE), key=lambda each: each.until)[-1:]
    return [
        Stretch(
            each.since,
            NOW if each.kind == "out" and each.since == each.until and not of.in_service else min(each.until, NOW),
        )
        for each in begun
        if each.until >= SINCE or each in before
    ]


@pytest.mark.parametrize("longer", [timedelta(hours=12), timedelta(minutes=300), timedelta()])
def test_silences_are_found_as_by_a_look_at_every_stretch(longer: timedelta) -> None:
    chance, contacts = Random(11), {}
    for number in range(120):
        of = lpr(number, in_service=number % 3 > 0)
        of.refresh_from_db()
        contacts[of] = Contact.objects.bulk_create(drawn(chance, of, ends_out=number % 4 == 0))
    found = heard(until(days=10), longer=longer)
    silent = 0
    for of, each in contacts.items():
        known = looked_at(of, each)
        assert (of.pk in found) == bool(known)
        if known:
            wanted = [gap for gap in gaps(known, at=NOW) if gap.length > longer]
            silent += len(wanted)
            assert list(found[of.pk].silences) == wanted
            assert found[of.pk].until == max(stretch.until for stretch in known)
            within = [one for one in each if one.until > SINCE and one.since <= NOW and one.kind != "out"]
            assert found[of.pk].within == bool(within)
    assert silent > 100


def test_without_a_length_no_silence_is_looked_for() -> None:
    of = lpr(1)
    begins = NOW - timedelta(days=3)
    Contact.objects.create(lpr=of, kind="upload", since=begins, until=begins)
    assert not heard(until(days=10), longer=None)[of.pk].silences


def test_gaps_are_the_time_in_which_nothing_was_heard() -> None:
    chance, hour = Random(3), timedelta(hours=1)
    for _ in range(200):
        spans = [(chance.randrange(40), chance.randrange(9)) for _ in range(chance.randrange(1, 12))]
        stretches = [Stretch(SINCE + start * hour, SINCE + (start + length) * hour) for start, length in spans]
        first = min(start for start, _ in spans)
        silent = set(range(first, 50)) - {start + step for start, length in spans for step in range(length)}
        found = list(gaps(stretches, at=SINCE + 50 * hour))
        assert sum((gap.length for gap in found), timedelta()) == len(silent) * hour
        assert all(earlier.until <= later.since for earlier, later in pairwise(found))
