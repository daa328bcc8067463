"""Before everything: a home of the tests' own, and the database that this run is on."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, expect, sync_playwright
from pytest_django.plugin import blocking_manager_key

# Tests run side by side, so an example may wait its turn; what must be quick is measured in benchmarks. Each run draws anew.
hypothesis_settings.register_profile("house", deadline=None, max_examples=30)
hypothesis_settings.load_profile("house")
expect.set_options(timeout=20_000)  # likewise: a page is waited for as long as a busy machine may take

_stack = ExitStack()
atexit.register(_stack.close)


_home = Path(tempfile.mkdtemp(prefix="platekeeper-tests-"))
_stack.callback(shutil.rmtree, _home, ignore_errors=True)
os.environ["PLATEKEEPER_HOME"] = str(_home)
os.environ.setdefault("TESTS_SHARE", str(_home))  # of the process that starts the others
os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"  # after the home: Django reads it next
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
    "true"  # Playwright keeps an event loop in this thread; no test awaits anything
)
os.environ.pop("PLATEKEEPER_DATABASE_URL", None)
if os.environ.get("PLATEKEEPER_TEST_DATABASE") == "postgresql":
    from tests.postgres import cluster

    os.environ["PLATEKEEPER_DATABASE_URL"] = _stack.enter_context(cluster())


import django  # noqa: E402 - the environment above comes first

django.setup()
if "PYTEST_XDIST_WORKER" not in os.environ:
    # Inherited, it would set Django up in a worker before that has a home and a database of its own.
    del os.environ["DJANGO_SETTINGS_MODULE"]

from django.conf import settings  # noqa: E402 - Django is set up
from django.contrib.auth.hashers import PBKDF2PasswordHasher  # noqa: E402
from django.contrib.contenttypes.management import create_contenttypes  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import transaction  # noqa: E402
from django.db.models.signals import post_migrate  # noqa: E402
from pytest_django import DjangoDbBlocker, Settings  # noqa: E402

from platekeeper.server.procedures.receive_reads import close_intakes  # noqa: E402
from platekeeper.server.storage.home import Home  # noqa: E402
from tests.browser import CHROMIUM  # noqa: E402
from tests.cast import Cast, assemble  # noqa: E402
from tests.tables import begin_from_kept, keep_tables, let_others_begin  # noqa: E402

settings.WHITENOISE_AUTOREFRESH = True  # static files are looked up when asked for, not listed for every test client
# A million rounds, half a second, in the product. What a server started by a test stores has them all.
PBKDF2PasswordHasher.iterations = 20_000

# Nobody has Django's permissions here, and they would be made anew whenever a test has emptied the tables.
post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
post_migrate.disconnect(create_contenttypes)


_CHROMIUM = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def _has_real_transactions(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    marked = marker is not None and bool(marker.kwargs.get("transaction"))
    return marked or bool({"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """Begin from the tables that another process of this run has migrated; the first one migrates while the others wait."""
    return begin_from_kept()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Keep the tables of the test database for the processes that tests start, and for those of this run."""
    with django_db_blocker.unblock():
        keep_tables()
    let_others_begin()


@pytest.fixture
def own_home(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Found a home that is the test's own."""
    settings.HOME = Home(tmp_path_factory.mktemp("home"))
    settings.HOME.found()
    yield settings.HOME
    close_intakes()


@pytest.fixture
def cast(own_home: Home) -> Cast:
    """Assemble the cast in a home of its own; the test is marked `django_db`."""
    with transaction.atomic():
        return assemble()


@pytest.fixture(autouse=True)
def _ledger_may_be_emptied_after_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test with real transactions Django empties the tables, which the ledger's triggers rightly refuse."""
    if not _has_real_transactions(request.node):
        yield
        return
    request.getfixturevalue("transactional_db")
    from tests.ledger_guard import lift

    yield
    lift()


@pytest.fixture(autouse=True)
def _as_the_web_role(request: pytest.FixtureRequest) -> None:
    """Let a test on PostgreSQL do everything as the server's own role, which can do less than the owner of the tables."""
    if "PLATEKEEPER_DATABASE_URL" not in os.environ or request.node.get_closest_marker("django_db") is None:
        return
    if not _has_real_transactions(request.node):  # those empty all tables themselves, which that role cannot
        request.getfixturevalue("db")
        from tests.roles.making import become_web

        become_web()


@pytest.fixture(autouse=True)
def _rows_before_the_ledger(request: pytest.FixtureRequest, _as_the_web_role: None) -> Iterator[None]:
    """Let a test on PostgreSQL fail where something holds rows in an order in which two may wait for each other."""
    if "PLATEKEEPER_DATABASE_URL" not in os.environ or request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("transactional_db" if _has_real_transactions(request.node) else "db")
    from tests.holding import rows_before_the_ledger

    with rows_before_the_ledger():
        yield


@pytest.fixture(scope="session", autouse=True)
def _reads_let_go_of(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close what asked for reads before the database of the tests is removed."""
    if "PLATEKEEPER_DATABASE_URL" in os.environ:
        request.getfixturevalue("django_db_setup")
    yield
    from platekeeper.server.storage.postgres.connections import close_idle

    close_idle()


@pytest.fixture(autouse=True)
def _patience_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test wait for the wrong keys of another, nor for what another's unit asked."""
    from platekeeper.server.api import first
    from platekeeper.server.api.patience import ACTS, ASKS, ENTRIES, Patience

    monkeypatch.setattr(first, "patience", Patience())
    for budget in (ASKS, ACTS, ENTRIES):
        budget.forget()


@pytest.fixture(autouse=True)
def _reads_of_its_own(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a test on PostgreSQL a schema of reads of its own: reads are committed, whatever is rolled back."""
    if "PLATEKEEPER_DATABASE_URL" in os.environ:
        from tests.storage.making import schema_of

        monkeypatch.setattr(django.conf.settings, "LPR_SCHEMA", schema_of(request.node.nodeid))


def pytest_runtest_setup() -> None:
    """Forget who signed in how often within this minute: the library counts it for all tests of a process together."""
    cache.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Put the triggers back once the tables were emptied, whatever test comes next; after the last one they are gone."""
    yield
    if nextitem is not None and _has_real_transactions(item):
        from tests.ledger_guard import stand

        with item.config.stash[blocking_manager_key].unblock():
            stand()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one: a test that did not run has shown nothing."""
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium, once in a process: there cannot be two of its drivers."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_CHROMIUM))
        yield browser
        browser.close()
