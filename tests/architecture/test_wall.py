"""Row-level security: every table with two clinics, over the raw connection of the pages' own role."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from alerts.models import DeliveryAction, Epoch
from patients import scoping
from patients.models import AccessEvent, MedicalLead, Patient, Staff, User
from patients.wall.policies import (
    OPEN,
    PEOPLE,
    READ_BY_ALL,
    READING_DOORS,
    RULES,
    SIGN_IN_DOORS,
    WORKING_DOORS,
)
from patients.wall.roles import APP, OWNER, READ, SWEEPS
from patients.wall.scope import Scope, entered
from recovery.models import Milestone
from tests import database
from tests.architecture import rows
from tests.people import Cast, cast, make_helper, make_patient, make_procedure, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
Ids = dict[str, set[int]]


def one_of_each(people: Cast, name: str, epoch: Epoch) -> None:
    """A row in every table that belongs to a clinic, about this cast's clinic and patient."""
    alert = rows.alert(people)
    rows.sign(people, alert)
    alert.events.create(at=rows.NOW, what="opened")
    delivery = rows.delivery(people, key=name, alert=alert, clinic=people.clinic)
    DeliveryAction.objects.create(delivery=delivery, at=rows.NOW, what="retry", staff=people.manager)
    named = {"staff": people.physician, "named_by": people.manager, "named_at": rows.NOW}
    MedicalLead.objects.create(clinic=people.clinic, **named)
    AccessEvent.objects.create(at=rows.NOW, actor=people.nurse.user, patient=people.patient, action="chart")
    Milestone.objects.create(procedure=people.procedure, key="M", due_at=rows.NOW, updated_at=rows.NOW)
    rows.set_aside(people.patient.pk, clinic=people.clinic, patient=people.patient)
    rows.reply(name, alert=alert, staff=people.nurse)
    rows.epoch_check(people, epoch)
    rows.policy_change(people)
    rows.step(people, policy=rows.policy(people, tier="watch"))
    for make in (
        *(rows.digest, rows.setting, rows.webhook, rows.swap, rows.hand_over_note, rows.oncall_change),
        *(rows.log, rows.envelope, rows.phone_count, rows.assessment, rows.override, rows.stay, rows.call_back),
        *(rows.patient_contact, rows.note, rows.rescue),
    ):
        make(people)


def there(cursor: Any) -> Ids:
    """The rows of every such table that this connection is shown."""
    found = {}
    for table in RULES:
        cursor.execute(f"SELECT id FROM {table}")
        found[table] = {pk for (pk,) in cursor.fetchall()}
    return found


def all_rows() -> Ids:
    with connection.cursor() as cursor:
        return there(cursor)


@contextmanager
def pages(user: User | None, door: str = "") -> Iterator[Any]:
    """A raw connection as the pages have it, in a transaction on behalf of somebody; undone at the end."""
    with database.line(APP) as raw, raw.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT kypho_enter(%s, %s)", [user.pk if user else 0, door])
        yield cursor
        cursor.execute("ROLLBACK")


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def both(people: Cast) -> tuple[Ids, Ids]:
    """The rows of the one clinic, and those of the other, in every table."""
    epoch = rows.epoch()
    one_of_each(people, "ours", epoch)
    before = all_rows()
    before["patients_clinic"].remove(people.other_clinic.pk)
    before["patients_patient"].remove(people.other_patient.pk)
    before["patients_staff"].remove(people.other_nurse.pk)
    before["patients_consent"] -= set(people.other_patient.consents.values_list("pk", flat=True))
    one_of_each(elsewhere(people), "theirs", epoch)
    theirs = {table: pks - before[table] for table, pks in all_rows().items()}
    assert [table for table in RULES if not before[table] or not theirs[table]] == []
    return before, theirs


def elsewhere(people: Cast) -> Cast:
    """The same cast, played by the other clinic."""
    clinic = people.other_clinic
    return replace(
        people,
        clinic=clinic,
        nurse=people.other_nurse,
        nurse2=make_staff(clinic),
        physician=make_staff(clinic, Staff.Role.PHYSICIAN),
        manager=make_staff(clinic, Staff.Role.MANAGER),
        patient=people.other_patient,
        procedure=make_procedure(people.other_patient),
        helper=make_helper(people.other_patient),
    )


def test_every_table_of_the_database_is_behind_the_wall_or_said_to_be_open() -> None:
    """A new table fails here until patients/wall/policies.py says whose its rows are."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = {name for (name,) in cursor.fetchall()}
        assert tables == RULES.keys() | OPEN.keys()
        assert not RULES.keys() & OPEN.keys()
        cursor.execute(f"{TABLES} AND c.relrowsecurity AND c.relforcerowsecurity")
        assert {name for (name,) in cursor.fetchall()} == RULES.keys()


@pytest.mark.parametrize("role", ["nurse", "physician", "manager"])
def test_staff_see_every_row_of_their_clinic_and_none_of_another(people: Cast, both: Any, role: str) -> None:
    ours, theirs = both
    with pages(getattr(people, role).user) as cursor:
        found = there(cursor)
    assert {table: pks for table, pks in found.items() if table not in READ_BY_ALL and pks != ours[table]} == {}
    with pages(people.other_nurse.user) as cursor:
        found = there(cursor)
    assert {table: pks for table, pks in found.items() if table not in READ_BY_ALL and pks != theirs[table]} == {}


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


def stored(table: str, pk: int) -> tuple[str, str]:
    """The columns that can be written, and one row as JSON."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'",
            [table],
        )
        (columns,) = cursor.fetchone()
        cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t WHERE id = %s", [pk])
        (row,) = cursor.fetchone()
    return columns, json.dumps(json.loads(row))


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


@pytest.mark.parametrize("door", [*SIGN_IN_DOORS, *WORKING_DOORS, *READING_DOORS])
def test_a_door_opens_onto_what_it_is_for(both: Any, door: str) -> None:
    """Who signs in finds people and nothing about them; whoever only reads changes nothing."""
    ours, theirs = both
    with pages(None, door) as cursor:
        found = there(cursor)
        cursor.execute("UPDATE patients_patient SET first_name = 'x' RETURNING id")
        assert len(cursor.fetchall()) == (0 if door in READING_DOORS else 2)
    shown = {table for table, pks in found.items() if pks}
    assert shown == (PEOPLE if door in SIGN_IN_DOORS else RULES.keys())
    assert all(found[table] == ours[table] | theirs[table] for table in shown)


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
        cursor.execute("SELECT current_user::text, COALESCE(current_setting('kypho.user', true), '')")
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
