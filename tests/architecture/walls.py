"""Two clinics with a row in every table that belongs to one, and raw connections behind the wall."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg2
from allauth.mfa.models import Authenticator
from django.db import connection

from alerts.models import DeliveryAction, Epoch
from patients.models import AccessEvent, MedicalLead, Staff, User
from patients.wall.policies import RULES
from patients.wall.roles import APP
from recovery.models import Milestone
from tests import database
from tests.architecture import rows
from tests.people import Cast, make_helper, make_procedure, make_staff

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
    Authenticator.objects.create(user=people.nurse.user, type=Authenticator.Type.TOTP, data={})
    AccessEvent.objects.create(at=rows.NOW, actor=people.nurse.user, patient=people.patient, action="chart")
    Milestone.objects.create(procedure=people.procedure, key="M", due_at=rows.NOW, updated_at=rows.NOW)
    rows.set_aside(people.patient.pk, clinic=people.clinic, patient=people.patient)
    rows.reply(name, alert=alert, staff=people.nurse)
    rows.epoch_check(people, epoch)
    rows.policy_change(people)
    rows.step(people, policy=rows.policy(people, tier="watch"))
    for make in (
        *(rows.digest, rows.setting, rows.webhook, rows.swap, rows.hand_over_note, rows.oncall_change),
        *(
            rows.log,
            rows.envelope,
            rows.phone_count,
            rows.assessment,
            rows.override,
            rows.stay,
            rows.call_back,
            rows.travel,
            rows.helper_turn,
            rows.job,
            rows.sheet_row,
            rows.sheet_columns,
            rows.calendar_feed,
            rows.calendar_entry,
        ),
        *(rows.patient_contact, rows.care_message_read, rows.note, rows.rescue),
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
    with database.kept_line(APP) as raw, raw.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            database.enter(cursor, user.pk if user else 0, door)
            yield cursor
        finally:
            cursor.execute("ROLLBACK")


def two_clinics(people: Cast) -> tuple[Ids, Ids]:
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


def changed(door: str, words: str, values: list[Any]) -> list[Any]:
    with pages(None, door) as cursor:
        try:
            cursor.execute(words, values)
        except psycopg2.errors.InsufficientPrivilege:
            return []
        return list(cursor.fetchall())
