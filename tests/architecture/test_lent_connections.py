"""A pooler lends one connection to many, for a transaction each: nobody finds there what another one said.

PgBouncer itself runs here where it is installed (docs/howto/pgbouncer.md). The first tests need none: two of our
connections are one of PostgreSQL, and each believes that it is alone on it.
"""

import os
import shutil
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client, override_settings
from django.urls import reverse

from config.database.base import DatabaseWrapper
from patients.models import Patient, User
from patients.wall.roles import APP
from patients.wall.scope import Scope, entered
from recovery.models import Assessment
from tests import database
from tests.people import Cast, cast, make_procedure
from tests.recovery.conftest import CALM

pytestmark = pytest.mark.django_db(transaction=True)
PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
LEFT = """
    SELECT COALESCE(current_setting('kypho.scope', true), '') <> '', EXISTS (SELECT FROM pg_prepared_statements),
      EXISTS (SELECT FROM pg_cursors WHERE is_holdable),
      EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
      EXISTS (SELECT FROM pg_listening_channels())
"""


@pytest.fixture
def people() -> Cast:
    return cast()


def line(port: int = 0) -> DatabaseWrapper:
    """A connection of the product's engine, signed in as the pages are. port: of a pooler on this machine."""
    options = {name: value for name, value in connection.settings_dict["OPTIONS"].items() if name != "host"}
    place = {"HOST": "127.0.0.1", "PORT": port, "OPTIONS": options} if port else {}
    role = {"USER": APP.name, "PASSWORD": database.passwords()[APP.name], "REQUESTS_AS": ""}
    return DatabaseWrapper({**connection.settings_dict, **place, **role})


@contextmanager
def through(made: DatabaseWrapper) -> Iterator[None]:
    """What this thread asks goes that way."""
    kept, connections["default"] = connections["default"], made
    try:
        yield
    finally:
        connections["default"] = kept


@pytest.fixture
def two() -> Iterator[tuple[DatabaseWrapper, DatabaseWrapper]]:
    """Two of ours, one of PostgreSQL's."""
    one, other = line(), line()
    one.connect()
    other.connect()
    other.connection.close()
    other.connection = one.connection
    yield one, other
    other.connection = None
    one.close()


def seen() -> set[int]:
    return {row.pk for row in Patient.all_clinics.all()}


def in_a_transaction() -> set[int]:
    with transaction.atomic():
        return seen()


def in_parts() -> set[int]:
    with transaction.atomic():
        return {row.pk for row in Patient.all_clinics.iterator(chunk_size=1)}


def all_at_once() -> set[int]:
    return {row.pk for row in Patient.all_clinics.iterator(chunk_size=1)}


def after_a_mistake() -> set[int]:
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    with suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    return seen()


def after_a_value_that_fits_nowhere() -> set[int]:
    with suppress(ValueError):
        Patient.all_clinics.filter(first_name="\0").exists()
    return seen()


def after_a_write() -> set[int]:
    seen()
    Patient.all_clinics.filter(pk__lt=0).update(first_name="")
    return seen()


WAYS = (
    *(seen, in_a_transaction, in_parts, all_at_once),
    *(after_a_mistake, after_a_value_that_fits_nowhere, after_a_write),
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("together", [True, False], ids=["reads together", "one by one"])
def test_two_people_in_turn_on_one_connection_each_see_their_own(
    people: Cast, two: Any, way: Callable[[], set[int]], together: bool
) -> None:
    nurse, other = people.nurse.user.pk, people.other_nurse.user.pk
    own: dict[int, set[int]] = {nurse: {people.patient.pk}, other: {people.other_patient.pk}, 0: set()}
    for _ in range(2):
        for made, user in zip((*two, two[0]), own, strict=True):
            with through(made), entered(Scope(user=user)):
                if together:
                    with made.reads_together():
                        assert way() == own[user]
                else:
                    assert way() == own[user]
            raw = two[0].connection
            assert raw.info.transaction_status == psycopg2.extensions.TRANSACTION_STATUS_IDLE
            with raw.cursor(cursor_factory=psycopg2.extensions.cursor) as cursor:
                cursor.execute(LEFT)
                assert cursor.fetchone() == (False,) * 5


# --- PgBouncer ---

CONFIG = """
[databases]
{name} = host={host} connect_query='SET statement_timeout = 15000; SET lock_timeout = 5000; SET idle_in_transaction_session_timeout = 10000'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = 1
ignore_startup_parameters = options
{user}
"""  # noqa: E501 - PgBouncer knows no broken lines


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def pooler(tmp_path: Path) -> Iterator[int]:
    """PgBouncer before this test's database, with a single connection to lend; its port."""
    if PGBOUNCER is None:
        pytest.skip("PgBouncer is not installed here (`apt-get install pgbouncer`)")
    at = connection.settings_dict
    host, port = Path(at["OPTIONS"]["host"]), free_port()
    users, config = tmp_path / "users.txt", tmp_path / "pgbouncer.ini"
    users.write_text(f'"{APP.name}" "{database.passwords()[APP.name]}"\n')
    # It will not be root: then it is whoever runs PostgreSQL.
    user = f"user = {host.owner()}" if os.geteuid() == 0 else ""
    config.write_text(CONFIG.format(name=at["NAME"], host=host, port=port, users=users, user=user))
    for part in (tmp_path, *tmp_path.parents[:2]):
        part.chmod(0o755)
    process = subprocess.Popen([PGBOUNCER, str(config)], stderr=subprocess.DEVNULL)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
    assert process.poll() is None, "PgBouncer did not start"
    yield port
    process.terminate()
    process.wait(10)


@override_settings(STAFF_SECOND_FACTOR=False)
def test_behind_pgbouncer_two_clinics_work_at_the_same_time_and_see_their_own(people: Cast, pooler: int) -> None:
    """One connection for all: each transaction finds it as another person left it."""
    make_procedure(people.other_patient)
    wrong: list[object] = []

    def works(user: User, own: Patient, others: Patient) -> None:
        made = line(pooler)
        connections["default"] = made
        try:
            desk = Client()
            desk.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            phone = Client()
            assert own.user
            phone.force_login(own.user, backend="django.contrib.auth.backends.ModelBackend")
            for _ in range(8):
                page = desk.get(reverse("recovery:worklist"))
                wrong.extend([page.status_code] if page.status_code != 200 else [])
                for patient, status in ((own, 200), (others, 404)):
                    page = desk.get(reverse("recovery:chart", args=[patient.code]))
                    wrong.extend([(patient.pk, page.status_code)] if page.status_code != status else [])
                phone.post("/log/", {**CALM, "client_id": str(uuid.uuid4())})
        except Exception as error:  # told by the thread that waits
            wrong.append(error)
        finally:
            made.close()

    pairs = (
        (people.nurse, people.patient, people.other_patient),
        (people.other_nurse, people.other_patient, people.patient),
    )
    threads = [threading.Thread(target=works, args=(one.user, own, others)) for one, own, others in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert wrong == []
    judged = Assessment.objects.values_list("patient_id", flat=True)
    assert sorted(judged) == sorted([people.patient.pk, people.other_patient.pk] * 8)
