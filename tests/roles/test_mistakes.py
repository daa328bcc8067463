"""What whoever runs a server with PostgreSQL does wrong, or finds broken, is answered with what to do, and harms nothing."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from platekeeper.server.storage.databases import records_database
from platekeeper.server.storage.home import Home
from tests.e2e.serving import ask, headers, post, serving
from tests.ports import free_port
from tests.postgres import cluster
from tests.roles.making import Urls, found, in_home, run, urls_in


@pytest.fixture(scope="module")
def administrator() -> Iterator[str]:
    with cluster() as url:
        yield url


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mistakes") / "home"


@pytest.fixture(scope="module")
def urls(administrator: str, home: Path) -> Urls:
    """Make roles and database, and found a department in it."""
    made = urls_in(administrator, "department")
    assert run(made.environment(home), "postgres", "roles", "--as", administrator).returncode == 0
    found(made.environment(home))
    return made


def _told(environment: dict[str, str], *words: str) -> str:
    """Run what must fail; return what it said, which is no traceback."""
    ran = run(environment, *words)
    assert ran.returncode in {1, 2}, ran
    assert "Traceback" not in ran.stderr, ran.stderr
    return ran.stdout + ran.stderr


_AWAY, _NAMELESS = "postgresql://web:x@127.0.0.1:1/department", "postgresql://web:x@127.0.0.1:1/"


@pytest.mark.parametrize(
    ("url", "command", "words"),
    [
        (_AWAY, ["serve"], "cannot be reached"),
        (_AWAY, ["migrate"], "cannot be reached"),
        (_AWAY, ["backup", "list"], "cannot be reached"),
        (_AWAY, ["backup", "run"], "recovery key"),  # that is asked first
        (_AWAY, ["manage", "check", "--database", "default"], "cannot be reached"),
        (_NAMELESS, ["serve"], "must be written as"),
        (_NAMELESS, ["manage", "check", "--database", "default"], "must be written as"),
        ("postgresql://web:a/b@127.0.0.1:1/department", ["backup", "run"], "must be written as"),
        ("mysql://web:x@127.0.0.1/department", ["migrate"], "must be written as"),
    ],
)
def test_a_database_that_is_not_there_is_named(
    home: Path, urls: Urls, url: str, command: list[str], words: str
) -> None:
    assert words in _told(in_home(home) | {"PLATEKEEPER_DATABASE_URL": url}, *command)


def test_what_a_url_says_besides_is_done(urls: Urls, home: Path) -> None:
    given = records_database(Home(home), f"{urls.web}?sslmode=verify-full")
    assert (given["PASSWORD"], given["OPTIONS"]["sslmode"]) == ("its word", "verify-full")
    told = _told(urls.serving(home) | {"PLATEKEEPER_DATABASE_URL": f"{urls.web}?sslmode=require"}, "serve")
    assert "SSL" in told


def test_who_is_gone_without_a_word_is_noticed_on_both_sides(urls: Urls, home: Path) -> None:
    given = records_database(Home(home), f"{urls.owner}?connect_timeout=3")["OPTIONS"]
    assert given["connect_timeout"] == "3"  # what the URL says counts
    theirs = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout")
    ours = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
    with psycopg.connect(urls.administrator, **given) as connection:
        with socket.socket(fileno=os.dup(connection.fileno())) as our_end:
            assert [our_end.getsockopt(socket.IPPROTO_TCP, option) for option in ours] == [10, 5, 3, 20_000]
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in theirs]
        assert shown == [("10",), ("5",), ("3",), ("20000",)]


def test_roles_are_not_made_without_their_names(administrator: str, home: Path) -> None:
    assert "Set PLATEKEEPER_OWNER_URL" in _told(in_home(home), "postgres", "roles", "--as", administrator)


def test_another_database_of_the_owners_is_left_as_it_is(urls: Urls, home: Path) -> None:
    wrong = urls.environment(home) | {"PLATEKEEPER_OWNER_URL": urls.administrator}
    assert "the same database" in _told(wrong, "migrate")
    with psycopg.connect(urls.administrator) as administrator:
        assert administrator.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_the_web_role_need_not_migrate_what_is_of_this_version(urls: Urls, home: Path) -> None:
    ran = run(urls.serving(home), "migrate")
    assert (ran.returncode, ran.stdout) == (0, "The records database is of this version.\n"), ran.stderr


def test_who_serves_as_the_owner_is_told_which_role_to_name(urls: Urls, home: Path, administrator: str) -> None:
    fresh = urls_in(administrator, "fresh")
    assert run(fresh.environment(home), "postgres", "roles", "--as", administrator).returncode == 0
    assert "PLATEKEEPER_DATABASE_URL" in _told(fresh.serving(home) | {"PLATEKEEPER_DATABASE_URL": fresh.owner}, "serve")


def test_a_database_whose_roles_were_not_made_is_told_from_one_without_migration(
    administrator: str, urls: Urls, home: Path
) -> None:
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute("CREATE DATABASE bare")
    assert "postgres roles --as" in _told(urls_in(administrator, "bare").environment(home), "migrate")


def test_a_database_that_could_not_write_every_name_is_refused(administrator: str, urls: Urls, home: Path) -> None:
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    latin = urls_in(administrator, "latin")
    assert run(latin.environment(home), "postgres", "roles", "--as", administrator).returncode == 0
    for command in ("migrate", "serve"):
        assert "LATIN1" in _told(latin.environment(home), command)


def test_nobody_begins_in_sqlite_beside_the_records(urls: Urls, home: Path, tmp_path: Path) -> None:
    for command in (["serve"], ["health"], ["backup", "run"]):
        assert "are in PostgreSQL. Set PLATEKEEPER_DATABASE_URL" in _told(in_home(home), *command)
    only_the_owner = in_home(tmp_path) | {"PLATEKEEPER_OWNER_URL": urls.owner}
    assert "PLATEKEEPER_DATABASE_URL is not" in _told(only_the_owner, "serve")
    (tmp_path / "records.dump").touch()  # as a restore leaves it
    assert "docs/restore.md" in _told(in_home(tmp_path), "serve")
    assert not Home(home).records.exists()
    assert not Home(tmp_path).records.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gets into another's home")
def test_root_leaves_nothing_in_a_home_of_the_servers_user(tmp_path: Path) -> None:
    found(in_home(tmp_path / "home"))
    os.chown(tmp_path / "home", pwd.getpwnam("nobody").pw_uid, -1)
    for command in (["health"], ["backup", "run"], ["serve"]):
        assert "runuser -u nobody" in _told(in_home(tmp_path / "home"), *command)


def test_only_the_owner_moves_a_department(urls: Urls, administrator: str, tmp_path: Path) -> None:
    found(in_home(tmp_path / "home"))
    target = urls_in(administrator, "target")
    assert run(target.environment(tmp_path / "home"), "postgres", "roles", "--as", administrator).returncode == 0
    assert "PLATEKEEPER_OWNER_URL" in _told(target.serving(tmp_path / "home"), "move")


def test_a_port_that_is_taken_is_told_before_anything_starts(urls: Urls, home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for port in (str(taken.getsockname()[1]), "70000"):
            assert f"port {port}" in _told(urls.serving(home), "serve", "--port", port)


def test_whoever_starts_it_hears_of_it_once_it_answers(urls: Urls, home: Path, tmp_path: Path) -> None:
    """As systemd does, whose unit is started no sooner; what the server runs has nothing to say to it."""
    port = free_port()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(90)
        served = subprocess.Popen(
            [sys.executable, "-m", "platekeeper.server.cli.main", "serve", "--port", str(port)],
            env=urls.serving(home) | {"NOTIFY_SOCKET": str(tmp_path / "notify")},
            stdout=subprocess.DEVNULL,
        )
        try:
            assert systemd.recv(100) == b"READY=1"
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
                connection.request("GET", "/healthz")
                assert connection.getresponse().status == 200
            for child in _children(served.pid):
                assert b"NOTIFY_SOCKET" not in Path(f"/proc/{child}/environ").read_bytes()
        finally:
            served.terminate()
            assert served.wait(timeout=60) == 0


def test_told_to_stop_while_it_loads_no_process_is_left(urls: Urls, home: Path) -> None:
    """The pages' worker is told before it can hear."""
    command = [sys.executable, "-m", "platekeeper.server.cli.main", "serve", "--port", str(free_port())]
    started: list[int] = []
    with subprocess.Popen(
        command, env=urls.serving(home), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as served:
        assert served.stdout is not None
        try:
            assert b"Platekeeper: http" in served.stdout.readline()
            while not any(_children(each) for each in started):
                started = _children(served.pid)
                time.sleep(0.01)
            os.killpg(served.pid, signal.SIGINT)  # as Ctrl-C does it
            served.communicate(timeout=60)  # its end comes when the last process is gone that writes there
            assert served.returncode == 0
        finally:
            for group in (served.pid, *started):
                with suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGKILL)


def test_who_works_on_postgresql_holds_the_homes_lock_too(urls: Urls, home: Path) -> None:
    with Home(home).running_lock.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as an upgrade or a move does that finds nobody at work
        assert "moving to another database" in _told(urls.serving(home), "health")


def test_where_the_homes_disk_is_not_mounted_no_department_begins(urls: Urls, tmp_path: Path) -> None:
    for environment in (urls.serving(tmp_path), in_home(tmp_path)):
        for command in (["serve"], ["serve", "--pages-only"], ["health"]):
            assert "no department" in _told(environment, *command)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_home_stays_empty_for_a_restore(urls: Urls, tmp_path: Path) -> None:
    _told(urls.serving(tmp_path), "backup", "restore", "--target", str(tmp_path / "nowhere"), "--shares", "/dev/null")
    assert not Home(tmp_path).running_lock.exists()


def test_while_the_database_is_away_lprs_send_again_and_pages_say_so(administrator: str, tmp_path: Path) -> None:
    both = urls_in(administrator, "away")
    assert run(both.environment(tmp_path / "home"), "postgres", "roles", "--as", administrator).returncode == 0
    assert run(both.environment(tmp_path / "home"), "migrate").returncode == 0
    environment = both.serving(tmp_path / "home")
    key, body = ask(environment, "found", "10")["key"], b'[{"plate": "HVK0001W", "captured_at": "%s"}]'

    def asked(method: str, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request(method, path, body % datetime.now(UTC).isoformat().encode(), headers(key))
        answer = connection.getresponse()
        told = answer.status, answer.read().decode()
        connection.close()
        return told

    with serving(environment) as (_process, port), psycopg.connect(administrator, autocommit=True) as other:
        assert post(port, key, body % datetime.now(UTC).isoformat().encode())["stored"] == 1
        other.execute("ALTER DATABASE away ALLOW_CONNECTIONS false")
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'away'")
        away = [asked("POST", "/api/reads"), asked("GET", "/accounts/login/"), asked("POST", "/api/reads")]
        assert [status for status, _ in away] == [503, 503, 503], away
        assert "The database cannot be reached." in away[1][1]
        other.execute("ALTER DATABASE away ALLOW_CONNECTIONS true")
        back = [asked("POST", "/api/reads") for _ in range(3)]
        assert {status for status, _ in back[:2]} <= {200, 503}, (
            back
        )  # the writer's connection was lost, and is made anew
        assert json.loads(back[2][1])["stored"] == 1


def _children(process: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []
