"""Files that were refused: handed in on the page, laid in the watched folder, or loaded by the command (V.a)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from platekeeper.server.hotlist.models import HotList, HotListLoading
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry

_LOOKED_AT = 200
"""Refusals looked at, the newest: of one list they are picked out here, since a leaf does not say it in a column."""


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file, and why it was refused. `loading` is that of a file handed in on the page: there it can be seen to."""

    at: datetime
    hot_list: str
    file_name: str
    reason: str
    loading: int | None


def refused_files(*, most: int, of: HotList | None = None) -> list[RefusedFile]:
    """Return the files refused last, the newest first, of every list or of one."""
    names = dict(HotList.objects.values_list("slug", "name"))
    logged = LedgerEntry.objects.filter(action=Action.HOTLIST_REFUSED).order_by("-index")
    handed_in = HotListLoading.objects.filter(state=HotListLoading.State.REFUSED).select_related("hot_list")
    loadings = {
        (each.hot_list.slug, each.file_name, each.reason): each
        for each in reversed(handed_in.order_by("-pk")[:_LOOKED_AT])
    }
    found, seen = [], set()
    for entry in logged.prefetch_related("openings")[:_LOOKED_AT]:
        key = _key(entry)
        loading = loadings.get(key)
        found.append((key, entry.at, loading.pk if loading else None))
        seen.add(key)
    # What its loader refused for another reason than the file itself, such as a duty that ended, is no leaf of this kind.
    found += [(key, each.asked_at, each.pk) for key, each in loadings.items() if key not in seen]
    found.sort(key=lambda each: each[1], reverse=True)
    wanted = [each for each in found if of is None or each[0][0] == of.slug]
    return [
        RefusedFile(at, names.get(slug, slug), file_name, reason, loading)
        for (slug, file_name, reason), at, loading in wanted[:most]
    ]


def refused_since(moment: datetime) -> dict[tuple[str, str, str], datetime]:
    """Return when files were refused last since a moment, by the slug of their list, their name and the reason."""
    logged = LedgerEntry.objects.filter(action=Action.HOTLIST_REFUSED, at__gt=moment).order_by("index")
    return {_key(entry): entry.at for entry in logged.prefetch_related("openings")}


def _key(entry: LedgerEntry) -> tuple[str, str, str]:
    sealed = {opening.field: opening.value for opening in entry.openings.all()}
    return entry.content()["details"]["list"], sealed.get("file_name", ""), sealed.get("reason", "")
