"""Group commit: one sync for all who wait, and nobody left waiting."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from platekeeper.server.storage.group import GroupClosed, GroupCommit


class Handler:
    """Doubles numbers, refuses negative ones; holds the first group until told to go on."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.begun = threading.Event()
        self.may_go = threading.Event()

    def __call__(self, items: list[int]) -> list[int | BaseException]:
        self.groups.append(items)
        self.begun.set()
        assert self.may_go.wait(10)
        if 13 in items:
            raise OSError("the disk")
        return [ValueError(f"{item} is negative") if item < 0 else 2 * item for item in items]


def _while_one_is_being_done(handler: Handler, group: GroupCommit[int, int], items: list[int]) -> list[object]:
    with ThreadPoolExecutor(len(items) + 1) as pool:
        first = pool.submit(group.submit, 0)
        assert handler.begun.wait(10)
        waiting = [pool.submit(group.submit, item) for item in items]
        while len(group._queue) < len(items):
            time.sleep(0.001)
        handler.may_go.set()
        first.result(10)
        return [each.exception(10) or each.result(10) for each in waiting]


def test_all_that_wait_go_as_one_group() -> None:
    handler = Handler()
    with GroupCommit(handler) as group:
        results = _while_one_is_being_done(handler, group, list(range(1, 9)))
    assert results == [2 * item for item in range(1, 9)]
    assert [len(each) for each in handler.groups] == [1, 8]


def test_a_group_has_a_cap() -> None:
    handler = Handler()
    with GroupCommit(handler, most=3) as group:
        _while_one_is_being_done(handler, group, list(range(1, 9)))
    assert [len(each) for each in handler.groups] == [1, 3, 3, 2]


@pytest.mark.parametrize(("items", "lengths"), [([4] * 5, [1, 3, 2]), ([25] * 2, [1, 1, 1])])
def test_a_group_is_full_by_the_size_of_its_items_and_has_one_at_least(items: list[int], lengths: list[int]) -> None:
    handler = Handler()
    with GroupCommit(handler, most=10, size=lambda item: item) as group:
        _while_one_is_being_done(handler, group, items)
    assert [len(each) for each in handler.groups] == lengths


def test_one_items_error_is_its_own() -> None:
    handler = Handler()
    with GroupCommit(handler) as group:
        good, bad = _while_one_is_being_done(handler, group, [4, -4])
    assert {str(good), str(bad)} == {"8", "-4 is negative"}


def test_the_handlers_error_goes_to_all_and_the_next_group_is_tried() -> None:
    handler = Handler()
    with GroupCommit(handler) as group:
        assert all(isinstance(each, OSError) for each in _while_one_is_being_done(handler, group, [1, 13, 2]))
        assert group.submit(5) == 10


def test_a_handler_that_loses_count_is_an_error() -> None:
    with GroupCommit[int, int](lambda items: []) as group, pytest.raises(RuntimeError, match="0 results"):
        group.submit(1)


def test_closing_finishes_what_waits_and_takes_no_more() -> None:
    handler = Handler()
    group = GroupCommit(handler, most=2)
    assert 10 in _while_one_is_being_done(handler, group, [5, 6, 7, 8])
    group.close()
    group.close()
    with pytest.raises(GroupClosed):
        group.submit(1)


def test_many_threads_each_get_their_own() -> None:
    handler = Handler()
    handler.may_go.set()
    with GroupCommit(handler) as group, ThreadPoolExecutor(16) as pool:
        assert list(pool.map(group.submit, range(100, 1100))) == [2 * item for item in range(100, 1100)]
