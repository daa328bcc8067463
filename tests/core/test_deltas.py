"""What changed from one file of lines to the next."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.formats.deltas import DeltaError, applied, delta

FILES = st.lists(st.binary(max_size=6), max_size=30).map(b"\n".join)


@given(old=FILES, new=FILES)
def test_a_delta_makes_the_new_file_of_the_old_one(old: bytes, new: bytes) -> None:
    assert applied(old, delta(old, new)) == new


def test_a_day_with_few_changes_is_small() -> None:
    old = [b"LINE%06d NY V" % number for number in range(20_000)]
    new = [*old[:700], b"NEW0001 NY V", *old[900:15_000], *old[15_001:]]
    change = delta(b"\r\n".join(old), b"\r\n".join(new))
    assert applied(b"\r\n".join(old), change) == b"\r\n".join(new)
    assert len(change) < 200


@given(change=st.binary(max_size=60))
def test_what_is_no_delta_is_refused(change: bytes) -> None:
    with pytest.raises(DeltaError):
        applied(b"old", change)


@pytest.mark.parametrize(
    "steps", [[[0, 4, ""]], [[-1, 1, ""]], [[2, -1, ""]], [["a", 1, ""]], [[0, 1, "%%"]], [[1]], 7]
)
def test_a_delta_of_another_file_is_refused(steps: object) -> None:
    with pytest.raises(DeltaError):
        applied(b"old", zlib.compress(json.dumps(steps).encode()))
