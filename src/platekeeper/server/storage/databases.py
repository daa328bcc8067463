"""Where the records live: SQLite in the home by default, PostgreSQL where a URL names it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from platekeeper.server.storage.home import Home

# SQLite before 3.51.3 can lose a commit when a checkpoint meets a write from another connection, so no connection
# checkpoints by itself: `storage.checkpoint` does it from one place while it holds the write lock. Every connection of
# the server, the jobs, the command line and migrations begins so. Whoever closes last checkpoints, too; SQLite does that
# only under an exclusive lock on the whole file, so nobody writes meanwhile.
#
# What is deleted is overwritten (secure_delete), so no plate lingers in a free page; `storage.checkpoint.cut_log` sees to
# the log. Free pages are used again, so there is no auto_vacuum: it would make commits dearer for a file that only grows.
_SQLITE_START = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA foreign_keys=ON; "
    "PRAGMA secure_delete=ON;"
)
URL = "PLATEKEEPER_DATABASE_URL"
"""The variable that names the database as the server works on it."""
OWNER_URL = "PLATEKEEPER_OWNER_URL"
"""The variable that names the same database as its owner, who migrates it; the server itself never sees it."""

KEYWORDS = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
"""What libpq and Django call the same."""

# Where the database runs on another machine, and the power of either goes, neither tells the other. We hear of it within
# half a minute, and so does PostgreSQL of us: until then it keeps the locks of who is gone, that of the store's one writer
# among them, which by themselves both would do for hours.
_NOTICES_THE_DEAD = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",  # milliseconds
    "options": "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=20000",
}


def records_database(home: Home, url: str) -> dict[str, Any]:
    """Return Django's settings of the records database. Raises ValueError."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(home.records),
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": _SQLITE_START, "timeout": 20},
            "ATOMIC_REQUESTS": False,
            "CONN_MAX_AGE": 60,  # opening is dear: settings, functions, and a checkpoint if it was the last to close
            "TEST": {"NAME": str(home.folder / "records-test.sqlite3")},  # a file: tests write from several threads
        }
    named = _named(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{key: named.pop(keyword, "") for keyword, key in KEYWORDS.items()},
        "OPTIONS": {**_NOTICES_THE_DEAD, **named},  # the rest of what libpq understands, such as sslmode
        "ATOMIC_REQUESTS": False,
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 60,
    }


def _named(url: str) -> dict[str, str]:
    """Return what a URL names, by libpq's keywords. Raises ValueError."""
    form = "postgresql://role:password@host:port/database, where a password's other characters than letters and digits"
    try:
        named = {keyword: str(value) for keyword, value in conninfo_to_dict(url).items()} if is_postgresql(url) else {}
    except psycopg.ProgrammingError:
        named = {}
    if not named.get("dbname") or not named.get("port", "5432").isdigit():
        raise ValueError(f"{URL} (or {OWNER_URL}) must be written as {form} are written as %40 for @, %2F for /.")
    return named


def left_behind(home: Home) -> dict[str, Any]:
    """Return Django's settings of the SQLite records that a department moves away from: they can only be read."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"{home.records.absolute().as_uri()}?mode=ro",
        "OPTIONS": {"uri": True, "init_command": "PRAGMA query_only=ON", "timeout": 20},
    }


def is_postgresql(url: str) -> bool:
    """Say whether a URL names a PostgreSQL database."""
    return urlsplit(url).scheme in {"postgresql", "postgres"}


def without_password(url: str) -> str:
    """Return a URL that can be printed."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":...@")).geturl()
