"""A file handed in on the page is kept and loaded beside the server, so that neither the page nor matching waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import OperationalError

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.hotlist import changes, lookups
from platekeeper.server.hotlist.models import HotListDelivery, HotListLoading
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.load_hot_list import HotListRefused, HotListShrunk, load_hot_list
from platekeeper.server.storage.files import write_pieces_durably

MOST_TRIES = 3
"""A file that ended its loader so often is refused: it would end the next one, too."""
_DUTY = "IV.e.custodian"
_LOADED_SINCE = Refused(Clause.V_a, "Another file was loaded since: hand this one in again.")
State = HotListLoading.State


def hand_in(by: Footing, *, slug: str, file_name: str, pieces: Iterable[bytes], format: str = "") -> HotListLoading:
    """Keep a file, given in pieces, of the list of that slug until it is loaded.

    Raises `RefusedAction`, `HotList.DoesNotExist`.
    """
    by.demand(has_duty(by.authority, by.policy, _DUTY), attempted=Action.HOTLIST_DELIVERED)
    portal = slug == lookups.PORTAL
    hot_list = changes.ensure_portal_list(at=by.at) if portal else lookups.hot_lists().get(slug=slug)
    loading = changes.prepare_loading(
        hot_list, format=format or hot_list.format, file_name=file_name[:160], at=by.at, by=by.person
    )
    settings.HOME.hot_lists_waiting.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_pieces_durably(_place(loading), pieces, mode=0o600)
    changes.move_loading(loading, state=State.WAITING)
    return loading


def load_waiting(*, at: datetime) -> int:
    """Load every file that waits, the first handed in first; return how many. Only one process may run this at a time.

    A loading that its process did not survive is tried again: loading the same file twice changes nothing. What disk or
    database had no room or time for waits, without a try less: it is not the file's. A refused one that nobody may accept any
    more goes.
    """
    count = 0
    while (loading := lookups.open_loadings().first()) is not None:
        _load(loading, at=at)
        count += 1
    for loading in lookups.refused_for_being_shorter():
        if not may_accept_shorter(loading):
            _place(loading).unlink(missing_ok=True)
            changes.move_loading(loading, shorter_than=None, reason=_LOADED_SINCE.reason)
    return count


def _load(loading: HotListLoading, *, at: datetime) -> None:
    if loading.tries >= MOST_TRIES:
        _refuse(loading, "The server stopped each time it loaded this file. Tell the department's IT.")
        return
    before, percent = loading.tries, 0
    changes.move_loading(loading, state=State.LOADING, tries=before + 1, percent=0)

    def progress(done: int, of: int) -> None:
        nonlocal percent
        reached = done * 100 // max(of, 1)
        if reached > percent:
            percent = reached
            changes.move_loading(loading, percent=percent)

    try:
        content = _place(loading).read_bytes()
    except FileNotFoundError:
        _refuse(loading, "The file that was handed in is no longer there. Hand it in again.")
        return
    except OSError:  # it holds up no other, and stays for who looks into it
        _refuse(
            loading,
            "The server cannot read the file that was handed in. Tell the department's IT, and hand it in again.",
            keeps=True,
        )
        return
    try:
        delivery = load_hot_list(
            footing(loading.asked_by, at=at), file_name=loading.file_name, content=content, at=at,
            hot_list=loading.hot_list, format=loading.format, progress=progress,
            in_place_of=loading.shorter_than if loading.accept_shorter else None,
        )  # fmt: skip
    except HotListRefused as refused:
        _refuse(loading, str(refused), shorter_than=refused.before if isinstance(refused, HotListShrunk) else None)
    except RefusedAction as refused:
        _refuse(loading, f"{refused.refusal.clause}: {refused.refusal.reason}")
    except (OSError, OperationalError):
        changes.move_loading(loading, state=State.WAITING, tries=before)
        raise
    else:
        changes.move_loading(loading, state=State.ACCEPTED, percent=100, delivery=delivery)
        _place(loading).unlink(missing_ok=True)


def _refuse(
    loading: HotListLoading, reason: str, *, shorter_than: HotListDelivery | None = None, keeps: bool = False
) -> None:
    changes.move_loading(loading, state=State.REFUSED, reason=reason, shorter_than=shorter_than)
    if not (shorter_than or keeps):
        _place(loading).unlink(missing_ok=True)


def may_accept_shorter(loading: HotListLoading) -> Decision:
    """Decide whether a file that was refused for being much shorter may still take the place of what it was compared with."""
    newest = lookups.deliveries_of(loading.hot_list).first()
    return Allowed() if newest is not None and loading.shorter_than == newest else _LOADED_SINCE


def accept_shorter(by: Footing, loading: HotListLoading) -> None:
    """Load a file though it is much shorter than the list in force. Raises `RefusedAction`."""
    by.demand(has_duty(by.authority, by.policy, _DUTY), attempted=Action.HOTLIST_DELIVERED)
    if loading.state == State.REFUSED:
        by.demand(may_accept_shorter(loading), attempted=Action.HOTLIST_DELIVERED)
        changes.move_loading(
            loading, state=State.WAITING, accept_shorter=True, reason="", tries=0, percent=0,
            asked_by=by.person, asked_at=by.at,
        )  # fmt: skip


def _place(loading: HotListLoading) -> Path:
    folder: Path = settings.HOME.hot_lists_waiting
    return folder / str(loading.pk)
