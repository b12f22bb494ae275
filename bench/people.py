"""The people of a bench: phones that send logs, and a clinic with fifty rows on its list, each with ten logs."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.test import Client

from patients.models import Patient, Procedure, User
from recovery.logs.read import read_log
from recovery.logs.submit import submit_log
from tests.people import make_clinic, make_patient, make_procedure, make_staff
from tests.recovery.conftest import CALM, NUMB

ROWS, DAYS = 50, 10
Cookies = dict[str, str]


def signed_in(user: User) -> Cookies:
    """The cookies of a browser in which this person is signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return {name: morsel.value for name, morsel in client.cookies.items()}


def phones(count: int, now: datetime) -> list[tuple[Patient, Cookies]]:
    """Patients of one clinic, each signed in on a phone, two days after the procedure."""
    clinic = make_clinic("Aspen Spine Clinic")
    with transaction.atomic():
        patients = [make_patient(clinic, f"Phone{n}") for n in range(count)]
        for patient in patients:
            make_procedure(patient, now - timedelta(hours=50))
    return [(patient, signed_in(patient.user)) for patient in patients]


def desk(others: int, now: datetime) -> tuple[Cookies, Patient]:
    """A nurse's browser, and one patient of hers; beside the rows the clinic has `others` who wait for nobody."""
    clinic = make_clinic("Willow Spine Clinic")
    nurse = make_staff(clinic)
    with transaction.atomic():
        rows = [make_patient(clinic, f"Row{n}") for n in range(ROWS)]
        for patient in rows:
            _ten_days(patient, make_procedure(patient, now - timedelta(days=DAYS + 1)), now)
        for n in range(others):
            make_procedure(make_patient(clinic, f"Calm{n}"), now - timedelta(hours=30))
    return signed_in(nurse.user), rows[0]


def _ten_days(patient: Patient, procedure: Procedure, now: datetime) -> None:
    for day in range(DAYS, -1, -1):
        last = {} if day else NUMB
        at = now - timedelta(days=day, minutes=1)
        submit_log(
            read_log(
                patient=patient,
                procedure=procedure,
                entered_by=patient.user,
                answers={**CALM, "pain_move": 2 + day // 3, **last},
                client_id=uuid.uuid4(),
                answered_at=at,
                now=at,
            )
        )
