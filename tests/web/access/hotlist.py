"""Who may open which page of hot lists: one row a URL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from platekeeper.core.categories import Category, HitAction
from platekeeper.server.hotlist import changes
from tests.cast import Cast

SEEING = {"officer", "clerk", "custodian", "dispatcher", "sergeant", "detective", "chief", "auditor"}
ASKING = {"officer", "custodian", "sergeant", "detective", "chief"}


def _waiting(cast: Cast) -> tuple[int]:
    return (_entry(cast, by="officer"),)


def _on_the_list(cast: Cast) -> tuple[int]:
    return (_entry(cast, by="officer", decided=True),)


def _entry(cast: Cast, *, by: str, decided: bool = False) -> int:
    at = datetime.now(UTC)
    entry = changes.add_entry(
        plate="ABC1234", is_partial=False, jurisdiction="NY", category=Category.CRIME_SUSPECT, reason="left the scene",
        authority="desk officer", case_number="26-1182", hit_action=HitAction.STOP, effective_at=at,
        expires_at=at + timedelta(days=7), at=at, by=getattr(cast, by), policy=(1, "0" * 64),
    )  # fmt: skip
    if decided:
        changes.move_version(at=at)
        changes.decide_entry(entry, approve=True, remark="", at=at, by=cast.custodian)
    return entry.pk


def _list(cast: Cast) -> tuple[int]:
    return (changes.ensure_portal_list(at=datetime.now(UTC)).pk,)


def _loading(cast: Cast, **values: Any) -> tuple[int]:
    at = datetime.now(UTC)
    loading = changes.prepare_loading(
        changes.ensure_portal_list(at=at), format="new_york", file_name="LPRinfo.txt", at=at,
        by=cast.custodian,
    )  # fmt: skip
    changes.move_loading(loading, **{"state": "loading", "percent": 42, **values})
    return (loading.pk,)


def _shorter(cast: Cast) -> tuple[int]:
    return _loading(cast, state="refused", shorter_than=_delivery(cast)[0], reason="The file may be cut off.")


def _delivery(cast: Cast) -> tuple[int]:
    at = datetime.now(UTC)
    delivery = changes.record_delivery(
        hot_list=changes.ensure_portal_list(at=at), at=at, by=cast.custodian.pk, policy=(1, "0" * 64), format="new_york",
        file_name="LPRinfo.txt", digest="0" * 64, lines=0, counts={}, skipped=[], added=0, removed=0,
        changes={"added": [], "removed": []},
    )  # fmt: skip
    return (delivery.pk,)


ROWS: dict[str, dict[str, Any]] = {
    "hot_lists": {"allowed": SEEING},
    "hot_list_load": {"allowed": {"custodian"}},
    "hot_list_loading": {"args": _loading, "allowed": {"custodian"}},
    "hot_list_accept_shorter": {"args": _shorter, "method": "post", "allowed": {"custodian"}},
    "hot_list_add": {"allowed": {"custodian"}},
    "hot_list": {"args": _list, "allowed": SEEING},
    "hot_list_change": {"args": _list, "allowed": {"custodian"}},
    "hot_list_delivery": {"args": _delivery, "allowed": SEEING},
    "entries": {"allowed": SEEING},
    "entry_request": {"allowed": ASKING},
    "entry": {"args": _waiting, "allowed": SEEING},
    "entry_decide": {"args": _waiting, "allowed": {"custodian"}},
    "entry_cancel": {"args": _waiting, "allowed": {"custodian", "officer"}},
    "entry_prior_reads": {
        "args": _on_the_list,
        "method": "post",
        "status": 200,
        "allowed": {"custodian", "detective", "clerk", "sergeant"},
    },
}
"""URL name -> who may open it, and how it is opened."""
