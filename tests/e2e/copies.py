"""A department as it was founded, kept aside: home and database are made anew of it, in the place where it was founded.

The place is the same each time, as the records name folders.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection, connections

from platekeeper.server.storage.postgres.connections import close_idle


def put_aside() -> None:
    """Keep a copy of home and database, just founded."""
    connections.close_all()
    close_idle()
    shutil.copytree(settings.HOME.folder, _aside())
    if connection.vendor == "postgresql":
        _administer('CREATE DATABASE "{name}_aside" TEMPLATE "{name}"')


def begin_anew() -> Path:
    """Make home and database what they were when they were founded, whatever became of them; return the home's folder."""
    shutil.rmtree(settings.HOME.folder, ignore_errors=True)
    shutil.copytree(_aside(), settings.HOME.folder)
    if connection.vendor == "postgresql":
        _administer('DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', 'CREATE DATABASE "{name}" TEMPLATE "{name}_aside"')
    return Path(settings.HOME.folder)


def _aside() -> Path:
    place: Path = settings.HOME.folder
    return place.with_name(f"{place.name}-aside")


def _administer(*statements: str) -> None:
    where = settings.DATABASES["default"]
    with psycopg.connect(
        host=where["HOST"], port=where["PORT"], user=where["USER"], dbname="postgres", autocommit=True
    ) as administrator:
        for statement in statements:
            administrator.execute(statement.format(name=where["NAME"]).encode())
