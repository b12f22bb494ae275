"""Row-level security: every table with two clinics, over the raw connection of the pages' own role."""

from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from patients import scoping
from patients.models import FactorRescue, Patient, Staff, User
from patients.services import rescue
from patients.wall.policies import (
    DOORS,
    OPEN,
    READ_BY_ALL,
    READING_DOORS,
    RULES,
)
from patients.wall.roles import APP, OWNER, READ, SWEEPS
from patients.wall.scope import Scope, entered
from tests import database
from tests.architecture.walls import changed, pages, stored, there, two_clinics
from tests.people import Cast, cast, make_helper, make_patient, make_procedure, make_staff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def both(people: Cast) -> Any:
    return two_clinics(people)


TABLES = "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"


def test_every_table_of_the_database_is_behind_the_wall_or_said_to_be_open() -> None:
    """A new table fails here until patients/wall/policies.py says whose its rows are."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = {name for (name,) in cursor.fetchall()}
        assert tables == RULES.keys() | OPEN.keys()
        assert not RULES.keys() & OPEN.keys()
        cursor.execute(f"{TABLES} AND c.relrowsecurity AND c.relforcerowsecurity")
        assert {name for (name,) in cursor.fetchall()} == RULES.keys()


# A second factor is no clinic's.
OF_ONE_PERSON = {"mfa_authenticator"}


@pytest.mark.parametrize("role", ["nurse", "physician", "manager"])
def test_staff_see_every_row_of_their_clinic_and_none_of_another(people: Cast, both: Any, role: str) -> None:
    ours, theirs = both
    not_theirs = READ_BY_ALL | OF_ONE_PERSON
    with pages(getattr(people, role).user) as cursor:
        found = there(cursor)
    assert {table: pks for table, pks in found.items() if table not in not_theirs and pks != ours[table]} == {}
    with pages(people.other_nurse.user) as cursor:
        found = there(cursor)
    assert {table: pks for table, pks in found.items() if table not in not_theirs and pks != theirs[table]} == {}


def test_a_second_factor_is_seen_and_changed_by_its_person_alone(people: Cast, both: Any) -> None:
    ours, every = both[0]["mfa_authenticator"], sorted(both[0]["mfa_authenticator"] | both[1]["mfa_authenticator"])
    for user, own in ((people.nurse.user, ours), (people.manager.user, set()), (people.patient.user, set())):
        for words in (
            "SELECT id FROM mfa_authenticator WHERE id = ANY(%s)",
            "UPDATE mfa_authenticator SET data = '{}' WHERE id = ANY(%s) RETURNING id",
            "DELETE FROM mfa_authenticator WHERE id = ANY(%s) RETURNING id",
        ):
            with pages(user) as cursor:
                cursor.execute(words, [every])
                assert {pk for (pk,) in cursor.fetchall()} == own, words
        with pages(user) as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(
                "INSERT INTO mfa_authenticator (user_id, type, data, created_at) VALUES (%s, 'totp', '{}', now())",
                [people.physician.user.pk],
            )


def test_whoever_confirms_a_way_back_takes_that_persons_factors_away_and_for_a_minute(people: Cast) -> None:
    Authenticator.objects.create(user=people.nurse.user, type=Authenticator.Type.TOTP, data={})
    asked = rescue.ask(manager=people.manager, person=people.nurse, sure="video", now=timezone.now())

    def removed_by(user: User) -> bool:
        with pages(user) as cursor:
            cursor.execute("DELETE FROM mfa_authenticator RETURNING id")
            return bool(cursor.fetchall())

    assert not removed_by(people.physician.user)
    done = {"confirmed_by_id": people.physician.pk, "confirmed_sure": "video", "ended_at": timezone.now()}
    FactorRescue.objects.filter(pk=asked.pk).update(**done)
    assert removed_by(people.physician.user)
    assert not removed_by(people.manager.user)
    FactorRescue.objects.filter(pk=asked.pk).update(ended_at=timezone.now() - timedelta(minutes=2))
    assert not removed_by(people.physician.user)


def test_nobody_changes_removes_or_adds_a_row_of_another_clinic(people: Cast, both: Any) -> None:
    theirs = both[1]
    could = []
    for table in RULES:
        columns, copied = stored(table, min(theirs[table]))
        for words, values in (
            (f"UPDATE {table} SET id = id WHERE id = ANY(%s) RETURNING id", [sorted(theirs[table])]),
            (f"DELETE FROM {table} WHERE id = ANY(%s) RETURNING id", [sorted(theirs[table])]),
            (f"INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::{table}, %s)"
             " RETURNING id", [copied]),
        ):  # fmt: skip
            with pages(people.nurse.user) as cursor:
                try:
                    cursor.execute(words, values)
                except psycopg2.errors.InsufficientPrivilege:
                    continue
                could += [words] if cursor.fetchall() else []
    assert could == []


def test_without_anybody_signed_in_there_is_nothing(both: Any) -> None:
    for user, door in ((None, ""), (User(pk=2**40), ""), (None, "no such door")):
        with pages(user, door) as cursor:
            found = there(cursor)
        assert {table for table, pks in found.items() if pks} == READ_BY_ALL


def test_a_patient_and_a_helper_see_that_patient_alone(people: Cast, both: Any) -> None:
    neighbour = make_patient(people.clinic, "Nina")
    make_procedure(neighbour)
    for user in (people.patient.user, people.helper.user):
        with pages(user) as cursor:
            cursor.execute("SELECT id FROM patients_patient")
            assert cursor.fetchall() == [(people.patient.pk,)]
            cursor.execute("SELECT patient_id FROM patients_procedure")
            assert cursor.fetchall() == [(people.patient.pk,)]
            cursor.execute("SELECT DISTINCT patient_id FROM recovery_dailylog")
            assert cursor.fetchall() == [(people.patient.pk,)]


def test_the_database_and_the_pages_agree_on_whom_somebody_reaches(people: Cast) -> None:
    now, patient = timezone.now(), people.patient
    nurse_is_patient = make_patient(people.other_clinic, "Nora", user=people.nurse.user)
    make_helper(people.other_patient, user=people.helper.user)
    make_helper(nurse_is_patient, user=people.nurse2.user, expires_at=now - timedelta(minutes=1))
    make_helper(nurse_is_patient, user=people.physician.user, removed_at=now - timedelta(minutes=1))
    make_helper(nurse_is_patient, user=people.manager.user, expires_at=now + timedelta(days=1))
    left = make_staff(people.clinic)
    Staff.objects.filter(pk=left.pk).update(active=False)
    shut = make_staff(people.clinic)
    User.objects.filter(pk=shut.user.pk).update(is_active=False)
    for user in User.objects.all():
        staff = scoping.staff_of(user)
        reached = {*scoping.for_user(user, now).values_list("pk", flat=True)}
        reached |= {*scoping.for_staff(staff).values_list("pk", flat=True)} if staff else set()
        with pages(user) as cursor:
            cursor.execute("SELECT id FROM patients_patient")
            assert {pk for (pk,) in cursor.fetchall()} == reached, user.get_full_name()
    assert patient.pk in {*Patient.all_clinics.values_list("pk", flat=True)}


@pytest.mark.parametrize("door", [*DOORS, *READING_DOORS])
def test_a_door_opens_onto_what_it_is_for_and_changes_no_more(both: Any, door: str) -> None:
    """Table by table: those that the list in policies.py does not name stay shut."""
    ours, theirs = both
    may = DOORS[door][1] if door in DOORS else dict.fromkeys(RULES, "SELECT")
    for table in RULES:
        every = sorted(ours[table] | theirs[table])
        commands = may.get(table, "").split()
        with pages(None, door) as cursor:
            cursor.execute(f"SELECT id FROM {table}")
            shown = {pk for (pk,) in cursor.fetchall()}
            assert shown == ({*every} if commands or table in READ_BY_ALL else set()), table
        for command, words in (("UPDATE", f"UPDATE {table} SET id = id"), ("DELETE", f"DELETE FROM {table}")):
            if command not in commands:
                assert changed(door, f"{words} WHERE id = ANY(%s) RETURNING id", [every]) == [], table
        if "INSERT" not in commands:
            columns, copied = stored(table, every[0])
            new = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::{table}, %s)"
            assert changed(door, f"{new} ON CONFLICT DO NOTHING RETURNING id", [copied]) == [], table


def test_the_sweeps_reach_every_clinic_and_figures_read_all_and_change_nothing(both: Any) -> None:
    for role in (SWEEPS, READ):
        with database.line(role) as raw, raw.cursor() as cursor:
            for table in ("patients_patient", "recovery_dailylog", "alerts_alert"):
                cursor.execute(f"SELECT count(*) FROM {table}")
                assert cursor.fetchone() == (2,)


def test_the_wall_stands_for_the_owner_too() -> None:
    """Who owns the tables and may not pass rows by sees none: only that right, which migrations have, opens it."""
    cast()
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(f"ALTER ROLE {OWNER.name} NOBYPASSRLS")
        cursor.execute(f"SET LOCAL ROLE {OWNER.name}")
        cursor.execute("SELECT count(*) FROM patients_patient")
        assert cursor.fetchone() == (0,)
        transaction.set_rollback(True)


# --- What our own engine says to it ---


def said() -> tuple[str, str]:
    """Who works, and for whom."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user::text, COALESCE(public.kypho_user()::text, '')")
        return cursor.fetchone()


def test_each_transaction_says_for_whom_it_works_and_leaves_nothing_to_the_next(people: Cast) -> None:
    owner = said()[0]
    with entered(Scope(user=7)):
        assert said() == (APP.name, "7")
        with transaction.atomic():
            assert said() == (APP.name, "7")
            with transaction.atomic(), entered(Scope(user=8)):
                assert said() == (APP.name, "8")
                transaction.set_rollback(True)
            assert said() == (APP.name, "7")
    assert said() == (owner, "")
    with transaction.atomic():
        with entered(Scope(user=7)):
            assert said() == (APP.name, "7")
        assert said() == (owner, "")


def test_rows_that_come_in_parts_are_behind_the_wall_too(people: Cast) -> None:
    with entered(Scope(user=people.nurse.user.pk)):
        assert {row.pk for row in Patient.all_clinics.iterator()} == {people.patient.pk}
        with transaction.atomic():
            assert {row.pk for row in Patient.all_clinics.iterator(chunk_size=1)} == {people.patient.pk}
    with entered(Scope()):
        assert not Patient.all_clinics.exists()


@override_settings(STAFF_SECOND_FACTOR=False)
def test_a_forgotten_filter_shows_no_other_clinic(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page asks for everybody's patients, as a mistake would; the database answers with its own."""
    monkeypatch.setattr(scoping, "for_staff", lambda staff: Patient.all_clinics.all())
    make_procedure(people.other_patient)
    desk = Client()
    desk.force_login(people.nurse.user, backend="django.contrib.auth.backends.ModelBackend")
    for patient, status in ((people.patient, 200), (people.other_patient, 404)):
        assert desk.get(reverse("recovery:chart", args=[patient.code])).status_code == status
