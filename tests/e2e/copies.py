"""A department as it was founded, its home and its database, copied for whatever is done to it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection

from platekeeper.server.storage.home import Home


def live_in(place: Path) -> None:
    """Make `place` this process's home, and the database of its name, on PostgreSQL, this process's records."""
    settings.HOME = Home(place)
    connection.settings_dict["NAME"] = place.name if _is_on_postgresql() else str(settings.HOME.records)


@contextmanager
def copied(name: str) -> Iterator[Path]:
    """Give a copy of this process's home under another name for a block, and on PostgreSQL one of its database.

    Nobody may be connected to that database any more. This process does not live in the copy.
    """
    founded = settings.HOME.folder
    place = founded.with_name(name)
    shutil.copytree(founded, place)
    if _is_on_postgresql():
        _administer(f'CREATE DATABASE "{name}" TEMPLATE "{settings.DATABASES["default"]["NAME"]}"')
    yield place
    if _is_on_postgresql():
        _administer(f'DROP DATABASE "{name}" WITH (FORCE)')
    shutil.rmtree(place)


def _is_on_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _administer(statement: str) -> None:
    where = settings.DATABASES["default"]
    with psycopg.connect(
        host=where["HOST"], port=where["PORT"], user=where["USER"], dbname="postgres", autocommit=True
    ) as administrator:
        administrator.execute(statement.encode())
