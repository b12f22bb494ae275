"""Whoever can run any statement as the pages' own role: what they still cannot do. All over raw connections."""

from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection, transaction

from patients.models import Patient
from patients.wall import signing
from patients.wall.functions import KINDS, WORKS
from patients.wall.policies import RULES
from patients.wall.roles import APP, READ, SWEEPS, Role
from patients.wall.scope import Scope, entered
from tests import database
from tests.architecture.walls import pages, stored, two_clinics
from tests.people import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def both(people: Cast) -> Any:
    return two_clinics(people)


def sign(who: int, here: str, door: str = "", patient: int = 0) -> str:
    return signing.signature(settings.WALL_SECRET, here, who, door, patient)


def here(cursor: Any) -> str:
    """The name of the transaction this connection is in."""
    cursor.execute(signing.HERE)
    (name,) = cursor.fetchone()
    return str(name)


def everybody(cursor: Any) -> set[int]:
    """The patients this connection is shown."""
    cursor.execute("SELECT id FROM patients_patient")
    return {pk for (pk,) in cursor.fetchall()}


def refused(cursor: Any, words: str, values: Any = None) -> bool:
    """Inside a savepoint, so that the transaction goes on."""
    cursor.execute("SAVEPOINT tried")
    try:
        cursor.execute(words, values)
    except (psycopg2.errors.InsufficientPrivilege, psycopg2.errors.UndefinedFunction):
        cursor.execute("ROLLBACK TO SAVEPOINT tried")
        return True
    return False


def test_nobody_says_they_are_somebody_else_without_the_key(people: Cast) -> None:
    """A second call, a guessed signature, one for another person, and the call of an older release."""
    nurse, other = people.nurse.user.pk, people.other_nurse.user.pk
    with pages(people.nurse.user) as cursor:
        ours = sign(nurse, here(cursor))
        call = "SELECT kypho_enter(%s, %s, %s, %s)"
        for who, door, patient, signature in (
            (other, "", 0, ours),
            (nurse, "status", 0, ours),
            (nurse, "", people.other_patient.pk, ours),
            (other, "", 0, "0" * 64),
            (other, "", 0, None),
            (None, "", 0, ours),
            (other, "", 0, signing.signature("another key", here(cursor), other, "", 0)),
        ):
            assert refused(cursor, call, [who, door, patient, signature])
        assert refused(cursor, "SELECT kypho_enter(%s, '')", [other])
        assert everybody(cursor) == {people.patient.pk}


@pytest.mark.parametrize("begin", ["BEGIN", "BEGIN READ ONLY"])
def test_a_signature_counts_in_its_own_transaction_alone(people: Cast, begin: str) -> None:
    """Whoever reads one, in pg_stat_activity for instance, can do nothing with it: not even on that connection."""
    nurse = people.nurse.user.pk
    with database.line(APP) as one, database.line(APP) as two, one.cursor() as first, two.cursor() as second:
        for cursor in (first, second):
            cursor.execute(begin)
        name = here(first)
        call = first.mogrify("SELECT kypho_enter(%s, '', 0, %s)", [nurse, sign(nurse, name)]).decode()
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            second.execute(call)
        first.execute(call)
        assert everybody(first) == {people.patient.pk}
        for cursor in (first, second):
            cursor.execute(f"ROLLBACK; {begin}")
            assert here(cursor) != name
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(call)
            cursor.execute(f"ROLLBACK; {begin}")
            assert everybody(cursor) == set()
            cursor.execute("ROLLBACK")


def test_what_the_database_worked_out_cannot_be_written_by_hand(people: Cast) -> None:
    """Neither made up, nor kept for a later transaction or another connection."""
    with pages(people.other_nurse.user) as cursor:
        cursor.execute("SELECT current_setting('kypho.scope')")
        (theirs,) = cursor.fetchone()
    with pages(people.nurse.user) as cursor:
        cursor.execute("SELECT current_setting('kypho.scope')")
        (ours,) = cursor.fetchone()
        wider = f"{ours[:64]}{ours[64:].replace('{', '{' + str(people.other_clinic.pk * KINDS + WORKS) + ',', 1)}"
        for words in (theirs, wider, wider[64:], theirs[64:], "0" * 64 + theirs[64:]):
            cursor.execute("SELECT set_config('kypho.scope', %s, true)", [words])
            assert everybody(cursor) == set()
        cursor.execute("SELECT set_config('kypho.scope', %s, true)", [ours])
        assert everybody(cursor) == {people.patient.pk}
        cursor.execute("SELECT pg_sleep(0.001)")
        cursor.execute("COMMIT")
        cursor.execute("BEGIN")
        cursor.execute("SELECT set_config('kypho.scope', %s, true)", [ours])
        assert everybody(cursor) == set()


@pytest.mark.parametrize("role", [APP, SWEEPS, READ], ids=lambda role: role.name)
def test_no_serving_role_reads_the_key(role: Role) -> None:
    with database.line(role) as raw, raw.cursor() as cursor:
        for words in (
            "SELECT * FROM kypho_wall_key",
            "INSERT INTO kypho_wall_key VALUES ('', '')",
            "SELECT kypho_wall_keys()",
        ):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(words)


@pytest.mark.slow
def test_a_patient_and_a_helper_add_what_a_log_makes_and_change_nothing_a_clinic_settled(
    people: Cast, both: Any
) -> None:
    """Each table, each command: what a log needs stands in policies.py, and nothing else goes through."""
    ours = both[0]
    could = set()
    for user in (people.patient.user, people.helper.user):
        assert user
        for table, rule in RULES.items():
            may = rule.may.split()
            every = sorted(ours[table])
            columns, copied = stored(table, every[0])
            for command, words, values in (
                ("UPDATE", f"UPDATE {table} SET id = id WHERE id = ANY(%s) RETURNING id", [every]),
                ("DELETE", f"DELETE FROM {table} WHERE id = ANY(%s) RETURNING id", [every]),
                ("INSERT", f"INSERT INTO {table} ({columns}) SELECT {columns} FROM"
                 f" jsonb_populate_record(NULL::{table}, %s) ON CONFLICT DO NOTHING RETURNING id", [copied]),
            ):  # fmt: skip
                with pages(user) as cursor:
                    try:
                        cursor.execute(words, values)
                    except psycopg2.errors.InsufficientPrivilege:
                        continue
                    if command not in may and (cursor.fetchall() or command == "INSERT"):
                        could.add((table, command))
    assert could == set()


def test_a_patient_can_make_nobody_staff_and_move_to_no_other_clinic(people: Cast) -> None:
    assert people.patient.user
    with pages(people.patient.user) as cursor:
        for words, values in (
            ("INSERT INTO patients_staff (user_id, clinic_id, role, active) VALUES (%s, %s, 'manager', true)",
             [people.patient.user.pk, people.clinic.pk]),
            ("UPDATE patients_patient SET clinic_id = %s WHERE id = %s",
             [people.other_clinic.pk, people.patient.pk]),
        ):  # fmt: skip
            assert refused(cursor, words, values)
        cursor.execute("UPDATE patients_clinic SET name = 'x' RETURNING id")
        assert cursor.fetchall() == []


def test_a_transaction_that_may_not_write_is_told_all_the_same(people: Cast) -> None:
    with entered(Scope(user=people.nurse.user.pk)), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        assert {row.pk for row in Patient.all_clinics.all()} == {people.patient.pk}
