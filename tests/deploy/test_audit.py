"""What `make audit` says of known faults; asking for them needs a network."""

from __future__ import annotations

from typing import Any

from deploy.audit import faults


def test_a_fault_is_named_with_what_mends_it() -> None:
    some = [{"id": "PYSEC-2099-1", "fix_versions": ["2.1", "3.0"]}, {"id": "PYSEC-2099-2", "fix_versions": []}]
    told: list[dict[str, Any]] = [
        {"name": "some", "version": "2.0", "vulns": some},
        {"name": "other", "version": "1", "vulns": []},
    ]
    assert faults(told) == [
        "some 2.0: PYSEC-2099-1, mended in 2.1, 3.0",
        "some 2.0: PYSEC-2099-2, mended in none yet",
    ]
