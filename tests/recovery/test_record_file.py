"""One patient's whole record as JSON: every table about a patient is in it or left out with a reason."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.models import Alert
from ops.up import ROOT
from patients.models import AccessEvent, Patient, TrailEvent, User
from patients.sign_in import limits
from recovery.desk.records.record_file import FORMAT, as_json, whole_record
from recovery.desk.records.record_tables import FIELDS_LEFT_OUT, LEFT_OUT, TABLES
from tests.architecture import rows
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_patient, make_procedure
from tests.recovery.conftest import NUMB, Send

PAGE = (ROOT / "docs" / "howto" / "record-file.md").read_text(encoding="utf-8")
CODE = "731902"


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


def address(patient: Patient) -> str:
    return f"/desk/patients/{patient.code}/record.json"


def leads_to(model: type[Model], targets: set[type[Model]]) -> bool:
    return any(field.related_model in targets for field in model._meta.concrete_fields)


def about_a_patient() -> set[type[Model]]:
    """Every table that leads to a patient, by however many others, and every one that leads to a sign-in."""
    found: set[type[Model]] = {Patient}
    while more := {model for model in apps.get_models() if model not in found and leads_to(model, found)}:
        found |= more
    return found - {Patient} | {model for model in apps.get_models() if leads_to(model, {User})} - {Patient}


def one_of_each(people: Cast) -> None:
    """A row of what the usual day does not write."""
    patient = people.patient
    alert = Alert.objects.get(patient=patient)
    Alert.objects.filter(pk=alert.pk).update(ack_code=CODE)
    rows.delivery(people, alert=alert, clinic=people.clinic, context={"code": CODE})
    rows.envelope(people)
    rows.phone_count(people)
    rows.override(people)
    rows.stay(people)
    rows.travel(people)
    rows.calendar_feed(people)
    rows.calendar_entry(people)
    rows.helper_turn(people)
    rows.call_back(people)
    rows.patient_contact(people)
    rows.care_message_read(people)
    rows.note(people)
    rows.sheet_row(people, patient=patient)
    rows.set_aside(1, patient=patient, clinic=people.clinic)


def test_every_table_about_a_patient_is_in_the_record_or_left_out_with_a_reason() -> None:
    there = {model for model, _ in TABLES.values()}
    left_out = {apps.get_model(label) for label in LEFT_OUT}
    assert {model._meta.label for model in about_a_patient()} == {one._meta.label for one in there | left_out}
    assert there.isdisjoint(left_out)
    assert all(len(reason) > 20 for reason in (*LEFT_OUT.values(), *FIELDS_LEFT_OUT.values()))


def test_every_field_left_out_is_one() -> None:
    for name in FIELDS_LEFT_OUT:
        label, field = name.rsplit(".", 1)
        assert apps.get_model(label)._meta.get_field(field)


def test_the_format_page_names_every_table_and_key(people: Cast) -> None:
    record = whole_record(people.patient, timezone.now())
    assert [name for name in (*record, *TABLES) if f"`{name}`" not in PAGE] == []


def test_what_is_stored_of_a_patient_comes_back_row_by_row(people: Cast, send: Send) -> None:
    send({**NUMB, "notes": "Ünder the ❤ it hurts"})
    one_of_each(people)
    record = json.loads(as_json(people.patient, timezone.now()))
    assert (record["format"], record["version"]) == (FORMAT, 1)
    assert record["patient"]["first_name"] == "Rosa"
    assert record["tables"]["logs"][0]["answers"]["notes"] == "Ünder the ❤ it hurts"
    assert record["tables"]["alerts"][0]["tier"] == "call_doctor_now"
    assert record["tables"]["procedures"][0]["patient_id"] == people.patient.pk
    filled = {name for name, found in record["tables"].items() if found}
    empty = {"replies_of_staff", "messages_sent_again", "letters_about_the_sign_in", "trail_of_the_sign_in"}
    assert set(TABLES) - filled <= empty | {"looks_and_changes", "milestones"}
    assert {"name": "Hilda Helps"}.items() <= next(
        one for one in record["people"] if one["id"] == people.helper.user_id
    ).items()


def test_nothing_of_anybody_else_is_in_it(people: Cast, send: Send) -> None:
    secret = "Only Ann knows this"
    ann = make_patient(people.clinic, "Ann", last_name="Abel")
    send({**NUMB, "notes": secret}, patient=ann, procedure=make_procedure(ann), entered_by=ann.user)
    send(NUMB)
    one_of_each(people)
    written = as_json(people.patient, timezone.now())
    assert secret not in written
    assert "Abel" not in written
    assert str(ann.code) not in written
    assert secret in as_json(ann, timezone.now())


def strings(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for value in found.values():
            yield from strings(value)
    elif isinstance(found, list):
        for value in found:
            yield from strings(value)
    else:
        yield str(found)


def test_no_secret_is_in_it(people: Cast, send: Send) -> None:
    send(NUMB)
    one_of_each(people)
    feed = rows.calendar_feed(people, user=people.helper.user)
    assert people.patient.user
    User.objects.filter(pk=people.patient.user_id).update(password="pbkdf2$a-hash")
    patient = Patient.all_clinics.select_related("clinic", "user").get(pk=people.patient.pk)
    said = set(strings(json.loads(as_json(patient, timezone.now()))))
    assert not said & {str(patient.card_token), "pbkdf2$a-hash", feed.secret_hash, CODE}


def test_a_patient_without_a_sign_in_has_a_record_too(people: Cast) -> None:
    Patient.all_clinics.filter(pk=people.patient.pk).update(user=None)
    record = whole_record(Patient.all_clinics.get(pk=people.patient.pk), timezone.now())
    assert record["sign_in"] is None
    assert record["tables"]["keys_of_phones"] == []


def test_the_export_is_in_the_record_s_own_log_and_in_the_trail(people: Cast) -> None:
    answer = signed_in(people.manager).get(address(people.patient))
    assert answer["Content-Disposition"] == f'attachment; filename="record-{people.patient.code}.json"'
    assert "no-store" in answer["Cache-Control"]
    [look] = answer.json()["tables"]["looks_and_changes"]
    assert (look["action"], look["actor_id"]) == ("exported the whole record", people.manager.user_id)
    assert AccessEvent.objects.filter(patient=people.patient, action="exported the whole record").count() == 1
    event = TrailEvent.objects.get(what="export")
    assert (event.user, event.detail) == (people.manager.user, f"whole record {people.patient.code}")


def test_only_a_manager_of_the_clinic_gets_it_and_it_counts_as_an_export(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.LIMITS, "export", "1/m")
    for who in (people.nurse, people.physician, people.patient, people.helper, people.other_nurse):
        assert signed_in(who).get(address(people.patient)).status_code == 404
    manager = signed_in(people.manager)
    assert manager.get(address(people.other_patient)).status_code == 404
    assert manager.get(address(people.patient)).status_code == 429
    assert Client().get(address(people.patient)).status_code == 302


def test_the_link_stands_on_the_record_for_managers_alone(people: Cast) -> None:
    page = f"/desk/patients/{people.patient.code}/record/"
    assert address(people.patient) in text(signed_in(people.manager).get(page))
    assert address(people.patient) not in text(signed_in(people.nurse).get(page))


def test_more_rows_take_no_more_statements(people: Cast, send: Send) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as spent:
            whole_record(people.patient, timezone.now())
        return len(spent)

    send(NUMB)
    first = statements()
    for _ in range(3):
        send(NUMB)
    assert statements() == first <= len(TABLES) + 2
