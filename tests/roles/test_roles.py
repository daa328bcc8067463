"""The server can add to the ledger and nothing else, even with its password in the wrong hands (decision 18)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import InsufficientPrivilege

from platekeeper.server.storage.home import Home
from platekeeper.server.storage.postgres.store import PostgresReads
from platekeeper.server.storage.roles.excess import excess
from platekeeper.server.storage.roles.grants import READS, Roles
from platekeeper.server.storage.roles.making import make_roles
from platekeeper.server.storage.terms import LARGEST, SearchTerms
from tests.e2e.serving import ask, post, serving
from tests.postgres import cluster
from tests.roles.making import Urls, found, run, urls_in
from tests.storage.making import DAY, put

LEDGER = "ledger_ledgerentry"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("roles") / "home"


@pytest.fixture(scope="module")
def urls(home: Path) -> Iterator[Urls]:
    """Make roles and database, and found a department in it."""
    with cluster() as administrator:
        made = urls_in(administrator, "department")
        applied = run(made.environment(home), "postgres", "roles", "--as", administrator)
        assert (applied.returncode, applied.stderr) == (0, ""), applied.stderr
        assert "its%20word" not in applied.stdout
        found(made.environment(home))
        yield made


@pytest.mark.parametrize(
    "forbidden",
    [
        f"UPDATE {LEDGER} SET outcome = 'done'",
        f"DELETE FROM {LEDGER}",
        f"TRUNCATE {LEDGER} CASCADE",
        f"ALTER TABLE {LEDGER} DISABLE TRIGGER USER",
        f"DROP TRIGGER ledger_no_change ON {LEDGER}",
        f"DROP TABLE {LEDGER} CASCADE",
        "DROP FUNCTION ledger_append_only CASCADE",
        "CREATE OR REPLACE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        f"CREATE TRIGGER swallow BEFORE INSERT ON {LEDGER} FOR EACH ROW EXECUTE FUNCTION ledger_append_only()",
        f"CREATE RULE swallow AS ON INSERT TO {LEDGER} DO INSTEAD NOTHING",
        "SET session_replication_role = replica",
        "SET ROLE keeper",
        "DROP SCHEMA public CASCADE",
        "CREATE TABLE public.beside (id int)",
        "CREATE ROLE another",
        "UPDATE ledger_ledgernode SET level = 1",
        "UPDATE ledger_ledgercheckpoint SET note = ''",
        "DELETE FROM personnel_person",
        "DELETE FROM django_migrations",
        "INSERT INTO auth_group (name) VALUES ('x')",
    ],
)
def test_the_web_role_cannot(urls: Urls, forbidden: str) -> None:
    with psycopg.connect(urls.web) as web:
        with pytest.raises(InsufficientPrivilege):
            web.execute(forbidden)
        web.rollback()
        assert web.execute(f"SELECT count(*) > 0 FROM {LEDGER}").fetchone() == (True,)
        assert excess(web.cursor()) == []


def test_even_the_owner_meets_the_triggers_and_a_superuser_is_told_off(urls: Urls, home: Path) -> None:
    with psycopg.connect(urls.owner) as owner:
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            owner.execute(f"DELETE FROM {LEDGER}")
        owner.rollback()
        told = excess(owner.cursor())
        assert any("connects as the owner" in words for words in told)
        owner.execute(f"ALTER TABLE {LEDGER} DISABLE TRIGGER USER")
        assert "triggers are off" in excess(owner.cursor())[-1]
        owner.rollback()
    checked = run(
        urls.serving(home) | {"PLATEKEEPER_DATABASE_URL": urls.owner}, "manage", "check", "--database", "default"
    )
    assert "ledger.W001" in checked.stderr
    assert "ledger.W001" not in run(urls.serving(home), "manage", "check", "--database", "default").stderr


def test_the_web_role_makes_and_drops_days_of_reads(urls: Urls, tmp_path: Path) -> None:
    store = PostgresReads(conninfo_to_dict(urls.web), tmp_path, schema=READS)
    with store.writer() as writer:
        put(writer, {"raw": "ABC1230"})
    assert store.seal(before=date.max, settled=set) == {DAY: 1}
    assert len(store.search(SearchTerms(since=0, until=LARGEST, plates=("*C12*",)), limit=5).reads) == 1
    assert store.dispose(DAY).counts == {1: 1}


def test_made_again_nothing_changes(urls: Urls, home: Path) -> None:
    query = f"SELECT relacl::text, relowner::regrole::text FROM pg_class WHERE relname = '{LEDGER}'"
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        before = owner.execute(query).fetchone()
        assert run(urls.environment(home), "postgres", "roles", "--as", urls.administrator).returncode == 0
        assert run(urls.environment(home), "migrate").returncode == 0
        assert owner.execute(query).fetchone() == before


def test_a_department_of_one_role_gets_two(tmp_path: Path, urls: Urls) -> None:
    alone = f"{urls.administrator.rpartition('/')[0]}/alone"
    with psycopg.connect(urls.administrator, autocommit=True) as administrator:
        administrator.execute("CREATE DATABASE alone")
    home, both = tmp_path / "home", urls_in(urls.administrator, "alone")
    found(both.serving(home) | {"PLATEKEEPER_DATABASE_URL": alone})
    assert run(both.environment(home), "postgres", "roles", "--as", urls.administrator).returncode == 0
    with psycopg.connect(both.web) as web, pytest.raises(InsufficientPrivilege):
        assert excess(web.cursor()) == []
        web.execute(f"DELETE FROM {LEDGER}")


def test_the_server_does_all_its_work_as_the_web_role(urls: Urls, tmp_path: Path) -> None:
    both = urls_in(urls.administrator, "served")
    applied = run(both.environment(tmp_path / "home"), "postgres", "roles", "--as", urls.administrator)
    assert applied.returncode == 0
    assert run(both.environment(tmp_path / "home"), "migrate").returncode == 0
    environment = both.serving(tmp_path / "home")
    key = ask(environment, "found", "10")["key"]
    body = b'[{"plate": "HVK0001W", "captured_at": "%s"}]'
    with serving(environment) as (_process, port):
        assert post(port, key, body % datetime.now(UTC).isoformat().encode())["stored"] == 1
    backed_up = run(environment, "backup", "run")
    assert backed_up.returncode == 0, backed_up.stderr
    assert ask(environment, "count") == {"reads": 1, "batched": 1, "hits": ["HVK0001W"], "faults": []}


def test_what_the_server_may_not_do_it_says(urls: Urls, tmp_path: Path) -> None:
    Home(tmp_path).found()
    empty = urls_in(urls.administrator, "empty")
    assert run(empty.environment(tmp_path), "postgres", "roles", "--as", urls.administrator).returncode == 0
    with psycopg.connect(urls.owner) as owner:  # as a migration that was cut off before the grants leaves a table
        owner.execute("REVOKE ALL ON oversight_notice FROM web")
    for command, of in (("serve", empty), ("migrate", empty), ("serve", urls)):
        ran = run(of.serving(tmp_path), command)
        assert (ran.returncode, "PLATEKEEPER_OWNER_URL" in ran.stderr, "Traceback" in ran.stderr) == (1, True, False)
    assert run(urls.environment(tmp_path), "migrate").returncode == 0
    with psycopg.connect(urls.web) as web:
        web.execute("SELECT FROM oversight_notice")


def test_printed_it_is_a_script_for_psql_and_two_roles_are_two(tmp_path: Path, urls: Urls) -> None:
    printed = run(urls.environment(tmp_path), "postgres", "roles")
    assert "\\connect" in printed.stdout
    assert "its word" not in printed.stdout
    with pytest.raises(ValueError, match="two roles"):
        make_roles(Roles(owner="one", web="one", database="d"))
