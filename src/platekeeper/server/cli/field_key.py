"""`platekeeper field-key`: how a unit in the field knows that it speaks with this department."""

from __future__ import annotations

import argparse
from typing import Any

from django.conf import settings

from platekeeper.core.transfer import fingerprint
from platekeeper.server.storage.field_keys import field_keys


def register(commands: Any) -> None:
    """Add the command to the command line."""
    commands.add_parser("field-key", help="print the fingerprint that units are enrolled with").set_defaults(run=_print)


def _print(_chosen: argparse.Namespace) -> int:
    print(fingerprint(field_keys(settings.HOME.field_keys).public[0]))
    return 0
