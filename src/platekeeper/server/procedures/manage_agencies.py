"""The agencies outside, whose people ask the department for LPR data or hold accounts of their own (VI.l)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from platekeeper.core.clauses import Clause
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel import changes
from platekeeper.server.personnel.models import Agency
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.draft_policy import may_govern


def add_agency(by: Footing, *, name: str, ori: str = "", contact: str = "") -> Agency:
    """Add another agency. Raises ValidationError when there is one of that name."""
    by.demand(may_govern(by), attempted=Action.AGENCY_ADDED)
    with _named_once(name):
        agency = changes.add_agency(name=name, ori=ori, contact=contact)
        _log(by, Action.AGENCY_ADDED, agency)
    return agency


def change_agency(by: Footing, *, agency: Agency, name: str, ori: str, contact: str) -> None:
    """Change what is known of another agency. Raises ValidationError when the name is another's."""
    by.demand(may_govern(by), attempted=Action.AGENCY_CHANGED, subject=f"agency:{agency.pk}")
    with _named_once(name, but=agency):
        changes.change_agency(agency, name=name, ori=ori, contact=contact)
        _log(by, Action.AGENCY_CHANGED, agency)


def _log(by: Footing, action: Action, agency: Agency) -> None:
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=Clause.VI_l,
        subject=f"agency:{agency.pk}",
        details={"name": agency.name, "ori": agency.ori},
        policy=by.policy.stamp,
    )


@contextmanager
def _named_once(name: str, *, but: Agency | None = None) -> Iterator[None]:
    """Refuse a name that is another's, in whatever case: the policy names destinations so, and people type them."""
    taken = "There is an agency of this name already."
    others = Agency.objects.filter(name__iexact=name.strip())
    if others.exclude(pk=but.pk if but else 0).exists():
        raise ValidationError(taken)
    try:
        with transaction.atomic():
            yield
    except IntegrityError as twice:
        raise ValidationError(taken) from twice
