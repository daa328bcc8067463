"""Lists with rules of their own (III, IV.e, VI.a): added and changed by whoever maintains hot lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from platekeeper.core.categories import Category, HitAction, Source
from platekeeper.core.clauses import Clause
from platekeeper.core.hotlists.loaded import format_of
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.lists import USUAL_ALARMS, MatchKind, counts
from platekeeper.server.hits.lookups import open_alarms
from platekeeper.server.hotlist import changes, lookups
from platekeeper.server.hotlist.models import HotList
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.recall import recall_open_hits

DUTY = "IV.e.custodian"
_RESERVED = {"own", "done", "refused", lookups.PORTAL}


@dataclass(frozen=True, slots=True)
class ListSettings:
    """What a list is set to: see `HotList`."""

    name: str
    source: Source
    format: str
    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    categories: Collection[Category] = ()
    alarms: Collection[MatchKind] = USUAL_ALARMS
    actions: Mapping[Category, HitAction] = field(default_factory=dict)
    stale_after: int | None = None
    in_use: bool = True

    def fields(self) -> dict[str, object]:
        """Return them as the record keeps them: plain data in a settled order."""
        return {
            "name": self.name,
            "source": self.source.value,
            "format": self.format,
            "columns": dict(self.columns),
            "words": dict(self.words),
            "categories": sorted(category.value for category in self.categories),
            "alarms": sorted(kind.value for kind in self.alarms),
            "actions": {category.value: action.value for category, action in sorted(self.actions.items())},
            "stale_after": self.stale_after,
            "in_use": self.in_use,
        }


def add_list(by: Footing, settings: ListSettings) -> HotList:
    """Add a list. Raises `RefusedAction`, or ValidationError for a name that is taken or a template without sense."""
    by.demand(has_duty(by.authority, by.policy, DUTY), attempted=Action.HOTLIST_ADDED)
    slug = slugify(settings.name)[:20].strip("-")
    if not slug or slug in _RESERVED or lookups.hot_lists().filter(slug=slug).exists():
        raise ValidationError({"name": "A list of this name is there already; give it another."})
    _demand_sense(settings, other_than=None)
    with transaction.atomic():
        hot_list = changes.add_list(slug=slug, at=by.at, **settings.fields())
        _log(by, hot_list, Action.HOTLIST_ADDED, settings)
    return hot_list


def change_list(by: Footing, hot_list: HotList, settings: ListSettings) -> None:
    """Change a list; its rules are in force at once, its template from the next delivery on.

    Open alarms of what no longer counts, or of a list out of use, are recalled. Raises as `add_list` does.
    """
    by.demand(
        has_duty(by.authority, by.policy, DUTY), attempted=Action.HOTLIST_CHANGED, subject=f"list:{hot_list.slug}"
    )
    _demand_sense(settings, other_than=hot_list)
    with transaction.atomic():
        changes.move_version(at=by.at)
        changes.change_list(hot_list, **settings.fields())
        recalled = _recall(hot_list, by=by)
        _log(by, hot_list, Action.HOTLIST_CHANGED, settings, recalled=recalled)


def _demand_sense(settings: ListSettings, *, other_than: HotList | None) -> None:
    named = lookups.hot_lists().filter(name=settings.name)
    if (named if other_than is None else named.exclude(pk=other_than.pk)).exists():
        raise ValidationError({"name": "A list of this name is there already; give it another."})
    try:
        format_of(settings.format, {"columns": settings.columns, "words": settings.words})
    except (KeyError, ValueError) as error:
        raise ValidationError({"columns": str(error)}) from error


def _recall(hot_list: HotList, *, by: Footing) -> int:
    rules = hot_list.rules
    gone = {
        hit.entry_key
        for hit in open_alarms(prefix=hot_list.prefix)
        if not hot_list.in_use or not counts(rules, Category(hit.category))
    }
    if not gone:
        return 0
    return recall_open_hits(
        prefix=hot_list.prefix, still_wanted=lambda key: key not in gone,
        reason="The list's rules no longer count this entry.", at=by.at, by=by.actor, policy=by.policy,
    )  # fmt: skip


def _log(by: Footing, hot_list: HotList, action: Action, settings: ListSettings, **details: int) -> None:
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=Clause.IV_e,
        subject=f"list:{hot_list.slug}",
        details={**settings.fields(), **details},
        policy=by.policy.stamp,
    )
