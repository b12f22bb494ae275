"""What each role of the database can not do, tried on a raw connection; no process serves as a stronger one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.apps import apps
from django.db import connection

from ops import prepare
from ops import roles as making
from ops.child import Failure
from ops.datadir import DataDir
from ops.embedded import running
from ops.roles import as_role
from ops.up import ROOT
from patients.wall.check import too_strong
from patients.wall.functions import SPOKEN
from patients.wall.roles import APP, BACKUP, OWNER, READ, ROLES, SECRET, SERVING, SWEEPS, Role
from tests import database

pytestmark = pytest.mark.django_db
NARROW = (APP, SWEEPS, READ, BACKUP)
TABLES = sorted(
    model._meta.db_table for model in apps.get_models(include_auto_created=True) if not model._meta.proxy
)
BY_NOBODY = [
    "SET session_replication_role = replica",
    "SET ROLE kypho_owner",
    "SET SESSION AUTHORIZATION kypho_owner",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "CREATE ROLE another SUPERUSER",
    "CREATE TABLE public.mine (id int)",
    "CREATE TEMPORARY TABLE mine (id int)",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    "DROP TABLE recovery_dailylog CASCADE",
    "ALTER TABLE recovery_dailylog DISABLE TRIGGER ALL",
    "ALTER TABLE recovery_dailylog OWNER TO CURRENT_USER",
    "DROP TRIGGER recovery_dailylog_append_only ON recovery_dailylog",
    "CREATE OR REPLACE FUNCTION kypho_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "COPY patients_user TO PROGRAM 'cat'",
    "COPY patients_user FROM '/etc/passwd'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT rolpassword FROM pg_authid",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'x', now())",
]


def only_added() -> list[str]:
    """The tables whose rows are only ever added, by their triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_append_only'")
        return [name for (name,) in cursor.fetchall()]


def refused(role: Role, statements: list[str]) -> Iterator[str]:
    """Those that this role could run."""
    with database.line(role) as raw, raw.cursor() as cursor:
        for statement in statements:
            try:
                cursor.execute(statement)
            except (psycopg2.errors.InsufficientPrivilege, psycopg2.errors.ReadOnlySqlTransaction):
                continue
            yield statement


@pytest.mark.parametrize("role", NARROW, ids=lambda role: role.name)
def test_no_role_but_the_owner_can_change_what_the_database_is(role: Role) -> None:
    assert list(refused(role, BY_NOBODY)) == []


@pytest.mark.parametrize("role", NARROW, ids=lambda role: role.name)
def test_no_role_but_the_owner_can_empty_a_table(role: Role) -> None:
    assert list(refused(role, [f"TRUNCATE {table} CASCADE" for table in TABLES])) == []


@pytest.mark.parametrize("role", NARROW, ids=lambda role: role.name)
def test_no_role_but_the_owner_can_change_what_is_only_ever_added(role: Role) -> None:
    tables = only_added()
    assert len(tables) > 9
    tries = [f"UPDATE {table} SET id = id WHERE false" for table in tables]
    tries += [f"DELETE FROM {table} WHERE false" for table in tables]
    assert list(refused(role, tries)) == []


@pytest.mark.parametrize("role", [READ, BACKUP], ids=lambda role: role.name)
def test_whoever_reads_writes_nothing(role: Role) -> None:
    tries = [f"INSERT INTO {table} DEFAULT VALUES" for table in TABLES]
    tries += [f"DELETE FROM {table} WHERE false" for table in TABLES]
    assert list(refused(role, tries)) == []


def test_figures_see_no_way_in_and_no_key() -> None:
    tries = [f"SELECT * FROM {table} LIMIT 1" for table in (*SECRET, "patients_user")]
    assert list(refused(READ, [*tries, "SELECT password FROM patients_user"])) == []
    assert set(SECRET) - set(TABLES) <= {"config_cache"}


def test_no_serving_role_signs_seals_or_begins_an_epoch() -> None:
    tries = ["DELETE FROM alerts_seal", "UPDATE alerts_seal SET hash = ''"]
    tries += ["INSERT INTO alerts_epoch DEFAULT VALUES"]
    assert list(refused(APP, [*tries, "INSERT INTO alerts_seal DEFAULT VALUES"])) == []
    assert list(refused(SWEEPS, tries[:1])) == []


def test_a_password_opens_one_role_alone(tmp_path: Path) -> None:
    secret = database.passwords()[APP.name]
    psycopg2.connect(as_role(database.administrator(), APP, secret)).close()
    for other in (role for role in ROLES if role is not APP):
        for tried in (secret, ""):
            with pytest.raises(psycopg2.OperationalError):
                psycopg2.connect(as_role(database.administrator(), other, tried))


def test_only_the_owner_and_backups_pass_rows_by() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'kypho%' AND (rolbypassrls OR rolsuper)")
        assert {name for (name,) in cursor.fetchall()} == {OWNER.name, BACKUP.name}
    assert not {OWNER, BACKUP} & set(SERVING.values())


@pytest.fixture
def as_app() -> Iterator[None]:
    """What the check asks, asked as the role of the pages; the grants of a test end with it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE kypho_app")
        yield
        cursor.execute("RESET ROLE")


def test_the_roles_of_the_processes_are_just_strong_enough(as_app: None) -> None:
    assert too_strong(APP) == ""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET LOCAL ROLE kypho_sweeps")
    assert too_strong(SWEEPS) == ""


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("GRANT TRUNCATE ON recovery_milestone TO kypho_app", "may empty tables"),
        ("GRANT UPDATE (answers) ON recovery_dailylog TO kypho_app", "may change what is only ever added"),
        ("GRANT SET ON PARAMETER session_replication_role TO kypho_app", "may turn triggers off"),
        ("GRANT kypho_sweeps TO kypho_app", "may become another role"),
        ("GRANT kypho_owner TO kypho_app", "owns tables"),
        ("ALTER ROLE kypho_app BYPASSRLS", "sees every row, whosever it is"),
        ("ALTER ROLE kypho_app CREATEROLE", "may make roles or databases"),
        ("ALTER ROLE kypho_app SUPERUSER", "is a superuser"),
    ],
)
def test_whoever_can_do_more_is_told_so_in_one_sentence(more: str, words: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(more)
        cursor.execute("SET LOCAL ROLE kypho_app")
    told = too_strong(APP)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    assert told.startswith(f"DATABASE_URL signs in as kypho_app, who {words}: ")


PROCESSES = {
    "web": "import config.wsgi",
    "urgent": "import config.urgent",
    "events": "import config.asgi",
    "worker": "from config.celery import app; app.Worker(concurrency=1, pool='solo')",
    "watchdog": "from django.core.management import execute_from_command_line as e; e(['manage.py', 'watchdog'])",
}


@pytest.mark.programs
@pytest.mark.parametrize("process", PROCESSES)
def test_no_process_serves_as_somebody_who_can_do_more(process: str) -> None:
    environment = {**os.environ, "DATABASE_URL": database.administrator()}
    argv = [sys.executable, "-c", PROCESSES[process]]
    done = subprocess.run(argv, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    [told] = [line for line in done.stderr.splitlines() if line.startswith("DATABASE_URL signs in as ")]
    assert f"sign in as {SERVING[process].name}" in told


def as_it_was_before(url: str) -> None:
    """Everything belongs to the administrator, there is no role of ours, and the password is another machine's."""
    with closing(psycopg2.connect(url)) as raw, raw, raw.cursor() as cursor:
        cursor.execute("CREATE TABLE old_diary (id int); DROP OWNED BY kypho_app, kypho_sweeps, kypho_read")
        cursor.execute("ALTER SCHEMA public OWNER TO postgres; ALTER DATABASE kypho OWNER TO postgres")
        cursor.execute("DROP ROLE kypho_app; ALTER ROLE postgres PASSWORD 'of another machine'")


@pytest.mark.processes
def test_whoever_fills_the_server_leaves_room_for_pages_and_sweeps(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    data = DataDir(tmp_path / "data")
    data.create()
    with running(data, {"REDIS_URL": "redis://not-needed"}, throwaway=True) as addresses, ExitStack() as lines:
        secrets = data.database_passwords(role.name for role in ROLES)

        def enter(role: Role) -> None:
            raw = psycopg2.connect(as_role(addresses["DATABASE_URL"], role, secrets[role.name]))
            lines.callback(raw.close)

        def enter_till_refused() -> None:
            while True:
                enter(READ)

        with pytest.raises(psycopg2.OperationalError, match="reserved"):
            enter_till_refused()
        for role in (APP, SWEEPS):
            enter(role)
        with pytest.raises(psycopg2.OperationalError, match="reserved"):
            enter(BACKUP)


@pytest.mark.processes
def test_files_from_before_the_roles_are_handed_over_at_the_next_start(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    data = DataDir(tmp_path / "data")
    data.create()
    no_broker = {"REDIS_URL": "redis://not-needed"}
    with running(data, no_broker, throwaway=True) as addresses:
        as_it_was_before(addresses["DATABASE_URL"])
    (data.path / "database_passwords").unlink()
    with running(data, no_broker, throwaway=True) as addresses:
        secrets = data.database_passwords(role.name for role in ROLES)
        with psycopg2.connect(as_role(addresses["DATABASE_URL"], APP, secrets[APP.name])) as raw:
            cursor = raw.cursor()
            cursor.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'old_diary'")
            assert cursor.fetchone() == (OWNER.name,)
            cursor.execute("INSERT INTO old_diary VALUES (1)")
        with pytest.raises(psycopg2.OperationalError, match="password"):
            psycopg2.connect(addresses["DATABASE_URL"].replace(":" + secrets["postgres"], ":wrong"))


def test_where_all_is_as_it_should_be_nothing_is_written() -> None:
    """Else a copy that was put back would seem to have gone on (alerts.integrity.epoch_marker)."""
    # The other workers of a run write to the same server meanwhile: in one quiet moment of many it shows.
    assert any(_written_by_preparing() < 8192 for _ in range(40))


def _written_by_preparing() -> int:
    with database.line() as raw, raw.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()")
        (before,) = cursor.fetchone()
        making.prepare(database.administrator(), database.passwords())
        cursor.execute("SELECT pg_current_wal_insert_lsn() - %s::pg_lsn", [before])
        (written,) = cursor.fetchone()
    return int(written)


def test_roles_are_made_by_hand_where_nobody_of_ours_may_make_them() -> None:
    """An owner whom an administrator made hands out the grants, and changes no role."""
    secrets = database.passwords()
    url = as_role(database.administrator(), OWNER, secrets[OWNER.name])
    making.prepare(url, dict.fromkeys(secrets, "another one"))
    psycopg2.connect(as_role(url, APP, secrets[APP.name])).close()


@pytest.mark.django_db(transaction=True)
def test_an_update_that_changes_the_wall_waits_until_older_processes_are_gone() -> None:
    """They would see no row, and nothing would say so: a log of theirs would find no patient."""
    before = SPOKEN.replace("kypho_enter", "kypho_before")
    with database.line() as administrator, administrator.cursor() as cursor:
        connection.close()
        with database.line(APP):
            making.refuse_old_processes(database.administrator())
        cursor.execute(f"SET application_name = 'psql'; ALTER FUNCTION {SPOKEN} RENAME TO kypho_before")
        try:
            with database.line(APP), database.line(SWEEPS), pytest.raises(Failure) as refused:
                making.refuse_old_processes(database.administrator())
            assert "1 as kypho_app, 1 as kypho_sweeps" in str(refused.value)
            assert "“An update that cannot roll”" in str(refused.value)
            assert "## An update that cannot roll" in (ROOT / "docs/runbook.md").read_text()
            making.refuse_old_processes(database.administrator())
        finally:
            cursor.execute(f"ALTER FUNCTION {before} RENAME TO kypho_enter")


def test_the_release_step_asks_before_it_changes_anything(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    did: list[str] = []

    def refuse(url: str) -> None:
        raise Failure("older processes")

    monkeypatch.setattr(making, "refuse_old_processes", refuse)
    monkeypatch.setattr(making, "prepare", lambda *given: did.append("prepared"))
    monkeypatch.setattr(prepare, "call_command", lambda name, **options: did.append(name))
    assert prepare.main([]) == 1
    assert capsys.readouterr().out == "older processes\n"
    assert did == []
